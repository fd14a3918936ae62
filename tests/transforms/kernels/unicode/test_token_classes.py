import unicodedata

import pytest

from corpusmill.transforms.kernels.unicode.token_classes import (
    KIND_BITS,
    MARK,
    SEPARATOR,
    SINGLE,
    UNSTABLE,
    WORD,
    character_properties,
)


@pytest.mark.parametrize(
    ("character", "kind"),
    [
        ("a", WORD),
        ("9", WORD),
        ("Ж", WORD),
        (" ", SEPARATOR),
        ("!", SEPARATOR),
        ("語", SINGLE),
        ("\N{COMBINING ACUTE ACCENT}", MARK),
        ("\U000e0041", SEPARATOR),
    ],
)
def test_a_character_is_of_one_kind(character: str, kind: int) -> None:
    assert character_properties()[ord(character)] & KIND_BITS == kind


def test_what_normalization_changes_is_unstable() -> None:
    table = character_properties()
    assert table[ord("é")] & UNSTABLE
    assert not table[ord("e")] & UNSTABLE
    plain = [code for code in range(0x250) if unicodedata.normalize("NFKC", chr(code)) == chr(code)]
    assert sum(bool(table[code] & UNSTABLE) for code in plain) < len(plain)


def test_nobody_can_change_the_shared_table() -> None:
    with pytest.raises(ValueError, match="read-only"):
        character_properties()[0] = 1
