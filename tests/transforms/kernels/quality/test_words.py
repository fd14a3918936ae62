"""Words are found as a plain scan character by character finds them."""

import numpy as np
import pyarrow as pa
import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.quality.characters import sentence_ends
from corpusmill.transforms.kernels.quality.words import find_words
from corpusmill.transforms.kernels.unicode.token_classes import SCRIPTS_WITHOUT_SPACES
from tests.quality_texts import texts
from tests.transforms.kernels.quality.given_words import given_words

_SINGLE = "".join(rf"\p{{scx={script}}}" for script in SCRIPTS_WITHOUT_SPACES)
_ASCII_MARK = r"[!-/:-@\[-`{-~]"
_LETTER = rf"[[\p{{L}}\p{{N}}]--[[{_SINGLE}]&&\p{{L}}]]"
_INNER = (
    rf"(?:(?<![a-z])\.(?={_LETTER})|(?<=[a-z])\.(?=(?![A-Z]){_LETTER})|[&@_](?={_LETTER})"
    rf"|(?<=[0-9])[,:/](?=[0-9])|(?<=[0-9])-(?=(?![0-9]){_LETTER})|(?<![0-9])-(?=[0-9]))"
)
# One letter without spaces, with marks; a word; a run of one ASCII mark; another visible character.
_WORD = regex.compile(
    rf"[[{_SINGLE}]&&\p{{L}}]\p{{M}}*"
    rf"|(?:(?<={_LETTER}\p{{M}}*)['’](?=[{_LETTER}&&\p{{L}}]))?(?:{_LETTER}\p{{M}}*{_INNER}?)+"
    rf"|({_ASCII_MARK})\1*"
    rf"|[^\s\p{{Z}}\p{{C}}\p{{M}}]",
    regex.V1,
)


def plain(text: str) -> list[str]:
    return [match[0] for match in _WORD.finditer(text)]


CASES = [
    ("It isn't far.", ["It", "isn", "'t", "far", "."]),
    ("L’été d'hier", ["L", "’été", "d", "'hier"]),
    ("3.14 and 1,000.", ["3.14", "and", "1,000", "."]),
    ("well-known... --- ?!", ["well", "-", "known", "...", "---", "?", "!"]),
    ("你好，world", ["你", "好", "，", "world"]),
    ("हिन्दी में", ["हिन्दी", "में"]),
    ("น้ำ", ["น้", "ำ"]),
    ("snake_case #tag", ["snake_case", "#", "tag"]),
    ("e.g. example.com, me@example.org", ["e.g", ".", "example.com", ",", "me@example.org"]),
    ("at the end.Then AT&T", ["at", "the", "end", ".", "Then", "AT&T"]),
    ("12:30 1/2 and/or a:b", ["12:30", "1/2", "and", "/", "or", "a", ":", "b"]),
    ("20-year 10-20 F-16 a--b", ["20-year", "10", "-", "20", "F-16", "a", "--", "b"]),
    ("a\u00a0b\u3000c", ["a", "b", "c"]),
    ("5'o", ["5", "'o"]),
    ("'quoted'", ["'", "quoted", "'"]),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_words_are_cut_as_documented(text: str, expected: list[str]) -> None:
    assert plain(text) == expected
    _same_words(text)


def test_words_of_the_test_texts_are_those_of_the_plain_scan() -> None:
    for text in texts():
        _same_words(text)


@given(st.text(alphabet=st.sampled_from("abZ'’.,:&1 9\n-_#é你の́ЖП\u00a0…"), max_size=40))
def test_words_of_any_text_are_those_of_the_plain_scan(text: str) -> None:
    _same_words(text)


def _same_words(text: str) -> None:
    found, expected = find_words(pa.array([text])), given_words([plain(text)])
    assert found.hashes.tolist() == expected.hashes.tolist(), (text, plain(text))
    assert found.lengths.tolist() == expected.lengths.tolist()
    # A full-width 1, which datatrove takes for punctuation, is a number here.
    sure = np.array(["\N{FULLWIDTH DIGIT ONE}" not in word for word in plain(text)], bool)
    assert found.is_word[sure].tolist() == expected.is_word[sure].tolist()
    assert found.has_letter.tolist() == expected.has_letter.tolist()
    assert found.is_single.tolist() == expected.is_single.tolist()


def test_words_of_a_text_do_not_depend_on_its_neighbours() -> None:
    column = pa.array([*texts(), None, "", "it", "'s", "3", ".5"])
    together = find_words(column)
    for row, text in enumerate(column.to_pylist()):
        alone = find_words(pa.array([text], pa.string()))
        own = slice(together.offsets[row], together.offsets[row + 1])
        for name in ("hashes", "lengths", "is_word", "has_letter", "is_single"):
            assert getattr(together, name)[own].tolist() == getattr(alone, name).tolist()


def test_a_sliced_column_gives_the_words_of_its_rows() -> None:
    column = pa.array(["one two", "three", "four five six"]).slice(1)
    assert find_words(column).offsets.tolist() == [0, 1, 4]


def test_long_numbers_hold_no_letter_and_long_words_with_a_late_letter_do() -> None:
    found = find_words(pa.array(["1" * 100 + " " + "1" * 100 + "x"]))
    assert found.has_letter.tolist() == [False, True]


def test_sentence_ends_are_of_many_scripts() -> None:
    assert {".", "?", "!", "。", "।", "؟", "។"} <= set(sentence_ends())
    assert not {",", ";", ":", '"', "…"} & set(sentence_ends())
