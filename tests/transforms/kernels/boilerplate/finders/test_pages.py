"""Pages that are nothing but what a server says."""

import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.boilerplate.finders.pages import find_pages
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import rule_table
from corpusmill.transforms.kernels.boilerplate.strip import strip_column
from tests.transforms.kernels.boilerplate.sequences import sequence_of
from tests.transforms.kernels.boilerplate.test_strip import ARTICLE, DEFAULT


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Get link\nFacebook\nX\nPinterest\nEmail", "filter.boilerplate-only"),
        ("404 Not Found\n\nThe requested URL /a.html was not found on this server.", "filter.error-page"),
        ("Please enable JavaScript to continue.", "filter.error-page"),
        ("Seite nicht gefunden\n\nDie angeforderte Seite gibt es nicht.", "filter.error-page"),
        ("This website uses cookies.\nAccept all\nReject all\nCookie settings", "filter.error-page"),
    ],
)
def test_pages_without_text_are_filtered_with_a_reason(text: str, reason: str) -> None:
    result = strip_column(pa.array([text, "\n".join(ARTICLE)]), DEFAULT)
    assert result.filtered == {0: reason}
    assert result.text[0].as_py() == text
    off = strip_column(pa.array([text]), DEFAULT.model_copy(update={"drop_pages": False}))
    assert set(off.filtered.values()) <= {"filter.boilerplate-only"}


def pages_of(*documents: list[str]) -> list[int]:
    seq = sequence_of(*documents)
    found: list[int] = find_pages(seq.lines, seq, rule_table()).tolist()
    return found


def test_a_page_is_one_whose_lines_all_say_that_it_is_none() -> None:
    missing = ["404 Not Found", "The requested URL /a.html was not found on this server."]
    assert pages_of(missing, ARTICLE, missing[:1], [], ["", " "]) == [0, 2]
    assert pages_of([*missing, "Home", "Contact"]) == [0]


@pytest.mark.parametrize(
    "lines",
    [
        ["Page not found", "So it said when we looked for the minutes of the meeting, and again the week after."],
        ["Home", "Contact", "Get link"],
        ["404 Not Found\N{SPACE}"] * 1000,
        ["404"],
        [],
    ],
    ids=["told of", "menu", "longer than a page can be", "number", "empty"],
)
def test_other_texts_are_no_such_page(lines: list[str]) -> None:
    assert pages_of(lines) == []
