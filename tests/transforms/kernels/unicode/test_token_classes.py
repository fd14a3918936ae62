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
    ("char", "kind", "unstable"),
    [
        ("a", WORD, False),
        ("_", WORD, False),
        ("٣", WORD, False),
        ("\N{THAI DIGIT ONE}", WORD, False),
        ("\N{RIGHT SINGLE QUOTATION MARK}", SEPARATOR, False),
        ("\N{HORIZONTAL ELLIPSIS}", SEPARATOR, False),
        ("\N{NO-BREAK SPACE}", SEPARATOR, False),
        ("\N{TRADE MARK SIGN}", SEPARATOR, True),
        ("\N{LATIN SMALL LETTER E WITH ACUTE}", WORD, True),
        ("\N{COMBINING ACUTE ACCENT}", MARK, False),
        ("\N{THAI CHARACTER SARA AM}", SINGLE, True),
        ("\N{KATAKANA-HIRAGANA PROLONGED SOUND MARK}", SINGLE, False),
        ("\N{IDEOGRAPHIC ITERATION MARK}", SINGLE, False),
        ("\N{CJK UNIFIED IDEOGRAPH-4E16}", SINGLE, False),
        ("\N{IDEOGRAPHIC FULL STOP}", SEPARATOR, False),
        ("\N{HANGUL SYLLABLE HAN}", WORD, True),
    ],
)
def test_kinds_of_characters(char: str, kind: int, unstable: bool) -> None:
    properties = int(character_properties()[ord(char)])
    assert (properties & KIND_BITS, bool(properties & UNSTABLE)) == (kind, unstable)


def test_nobody_can_change_the_shared_table() -> None:
    with pytest.raises(ValueError, match="read-only"):
        character_properties()[0] = 1
