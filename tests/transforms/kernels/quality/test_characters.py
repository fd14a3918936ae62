import pytest

from corpusmill.transforms.kernels.quality.characters import (
    BLANK,
    IS_CAPITAL,
    IS_LETTER,
    IS_PUNCTUATION,
    KIND_BITS,
    MARK,
    SINGLE,
    SYMBOL,
    WORD,
    character_table,
    sentence_ends,
)


@pytest.mark.parametrize(
    ("character", "kind", "flags"),
    [
        (" ", BLANK, 0),
        ("\N{NO-BREAK SPACE}", BLANK, 0),
        ("a", WORD, IS_LETTER),
        ("Ä", WORD, IS_LETTER | IS_CAPITAL),
        ("7", WORD, 0),
        ("語", SINGLE, IS_LETTER),
        ("\N{COMBINING ACUTE ACCENT}", MARK, 0),
        ("!", SYMBOL, IS_PUNCTUATION),
        ("\N{IDEOGRAPHIC FULL STOP}", SYMBOL, IS_PUNCTUATION),
        ("\N{SNOWMAN}", SYMBOL, 0),
    ],
)
def test_a_character_has_one_kind_and_its_flags(character: str, kind: int, flags: int) -> None:
    found = int(character_table()[ord(character)])
    assert found & KIND_BITS == kind
    assert found & ~KIND_BITS == flags


def test_nobody_can_change_the_shared_table() -> None:
    with pytest.raises(ValueError, match="read-only"):
        character_table()[0] = 1


def test_sentences_end_in_every_script() -> None:
    ends = sentence_ends()
    assert {".", "?", "!", "\N{IDEOGRAPHIC FULL STOP}", "\N{DEVANAGARI DANDA}", "\N{KHMER SIGN KOOMUUT}"} <= set(ends)
    assert not {",", ";", "a"} & set(ends)
    assert list(ends) == sorted(set(ends))
