"""Control characters and line ends."""

import pytest

from corpusmill.transforms.kernels.cleaning.controls import decode_c1
from corpusmill.transforms.kernels.cleaning.mojibake import c1
from corpusmill.transforms.kernels.cleaning.normalize import NormalizeSettings, normalize_text


def _clean(text: str, **controls: object) -> str:
    return normalize_text(text, NormalizeSettings.model_validate({"controls": controls}))[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one\r\ntwo\rthree\vfour\ffive\u2028six\u2029seven", "one\ntwo\nthree\nfour\nfive\nsix\nseven"),
        ("tab\tand\nline stay", "tab\tand\nline stay"),
        ("nul\x00 bell\x07 delete\x7f", "nul bell delete"),
        ("\x1b[1;31mred\x1b[0m \x1b]0;title\x07text \x1b(B.", "red text ."),
        ("lone \x1b escape", "lone  escape"),
        ("N\bNA\bAM\bME\bE and _\bu_\bn_\bd", "NAME and und"),
        ("back\bspace", "backspace"),
        ("a\ufff9b\ufffac\ufffb \ufffcd\u206ae\ufdd0f\uffff", "abc def"),
        ("wait\x85 it\x92s \x93so\x94 \x80 5", "wait… it’s “so” € 5"),
        ("und\x81ef\x9dined", "undefined"),
    ],
)
def test_controls_become_what_they_stood_for_or_go(text: str, expected: str) -> None:
    assert _clean(text) == expected


@pytest.mark.parametrize(
    ("key", "value", "text", "expected"),
    [
        ("strip", False, "a\x07b \x1b[0mc", "a\x07b \x1b[0mc"),
        ("line_ends", False, "a\r\nb\vc", "a\r\nb\vc"),
        ("c1", "keep", "it\x92s", "it\x92s"),
        ("next_line", "line-end", "a\x85b", "a\nb"),
    ],
)
def test_each_setting_has_its_effect(key: str, value: bool | str, text: str, expected: str) -> None:
    assert _clean(text, **{key: value}) == expected


def test_surrogates_are_joined_or_marked() -> None:
    # Chosen apart, so that no source file holds a surrogate.
    high, low = chr(0xD83D), chr(0xDCA5)
    text, steps = normalize_text(f"{high}{low} and {high} or {low}.", NormalizeSettings())
    assert text == "💥 and \N{REPLACEMENT CHARACTER} or \N{REPLACEMENT CHARACTER}."
    assert [(step.rule, step.count) for step in steps] == [("encoding.replace-surrogates", 4)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the speci\x00cation vari\x00es", "the speci\N{REPLACEMENT CHARACTER}cation vari\N{REPLACEMENT CHARACTER}es"),
        ("end\x00 and \x00begin", "end and begin"),
        ("H\x00e\x00l\x00l\x00o", "Hello"),
        ("id 12\x0034", "id 1234"),
    ],
)
def test_a_nul_inside_of_a_word_marks_a_gap(text: str, expected: str) -> None:
    assert _clean(text) == expected


def test_a_line_end_of_ebcdic_inside_of_a_table_of_controls_is_part_of_the_table() -> None:
    text = "\x85 a \x85\x85\x81\x82\x83\x85\x85 b"
    assert c1.tables(text) == [(0, 1), (4, 11)]
    assert decode_c1(text, "line-end")[0].text == "\n a \x85\x85\x81\x82\x83\x85\x85 b"
