"""White space: what is removed, and the layout that stays."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.cleaning.normalize import NormalizeSettings, normalize_text
from corpusmill.transforms.kernels.cleaning.whitespace import BLANKS, collapse_blank_lines, strip_line_ends, trim


def _clean(text: str, **whitespace: object) -> str:
    return normalize_text(text, NormalizeSettings.model_validate({"whitespace": whitespace}))[0]


@pytest.mark.parametrize(
    "text",
    [
        "    indented code\n\tand tabs",
        "  verse\n      steps in\n  and out",
        "a  b   c\nd\te\tf",
        "10\N{NO-BREAK SPACE}€ «\N{NARROW NO-BREAK SPACE}oui\N{NARROW NO-BREAK SPACE}»",
        "一\N{IDEOGRAPHIC SPACE}二\n\N{IDEOGRAPHIC SPACE}段落",
        "one\n\ntwo",
    ],
)
def test_layout_stays(text: str) -> None:
    assert _clean(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ends  \nin\t\nblanks\N{NO-BREAK SPACE}\N{IDEOGRAPHIC SPACE}", "ends\nin\nblanks"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("a\n \n\t\n\N{NO-BREAK SPACE}\nb", "a\n\nb"),
        ("a\r\n\r\n\r\nb\r\n", "a\n\nb"),
        ("\n \n  first\nlast\n\n", "  first\nlast"),
        (" \n\t\n ", ""),
    ],
)
def test_what_cannot_be_seen_goes(text: str, expected: str) -> None:
    assert _clean(text) == expected


@pytest.mark.parametrize(
    ("key", "value", "text", "expected"),
    [
        ("strip_line_ends", False, "a  \nb", "a  \nb"),
        ("max_blank_lines", -1, "a\n\n\n\nb", "a\n\n\n\nb"),
        ("max_blank_lines", 0, "a\n\n\n\nb", "a\nb"),
        ("max_blank_lines", 2, "a\n\n\n\nb", "a\n\n\nb"),
        ("trim", False, "\na\n", "\na\n"),
        ("inner_blanks", "collapse", "  a   b\tc \N{NO-BREAK SPACE}d", "  a b c d"),
        ("no_break_space", "space", "a\N{NO-BREAK SPACE}b", "a b"),
    ],
)
def test_each_setting_has_its_effect(key: str, value: int | str, text: str, expected: str) -> None:
    assert _clean(text, **{key: value}) == expected


spaced = st.lists(st.sampled_from(["a", "b", "\n", *BLANKS]), max_size=30).map("".join)


@settings(deadline=None, max_examples=200)
@given(text=spaced)
def test_each_step_does_what_a_plain_loop_over_the_lines_does(text: str) -> None:
    lines = text.split("\n")
    stripped = [line.rstrip(BLANKS) for line in lines]
    assert strip_line_ends(text) == (
        "\n".join(stripped),
        sum(before != after for before, after in zip(lines, stripped, strict=True)),
    )
    kept: list[str] = []
    for line in lines:
        if line or not kept or kept[-2:] != ["", ""] or len(kept) < 2:
            kept.append(line)
    collapsed, _ = collapse_blank_lines(text, 1)
    assert "\n\n\n" not in collapsed
    assert [line for line in collapsed.split("\n") if line] == [line for line in lines if line]
    while len(lines) > 1 and not lines[0].strip(BLANKS):
        del lines[0]
    while len(lines) > 1 and not lines[-1].strip(BLANKS):
        del lines[-1]
    assert trim(text)[0] == "\n".join(lines)
