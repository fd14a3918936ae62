"""The title at the end of its own text."""

import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.boilerplate.finders.title import find_repeated_titles
from corpusmill.transforms.kernels.boilerplate.lines.lines import split_lines
from corpusmill.transforms.kernels.boilerplate.strip import strip_text
from tests.transforms.kernels.boilerplate.sequences import sequence_of, texts_of
from tests.transforms.kernels.boilerplate.test_strip import ARTICLE, DEFAULT, OTHER, PROSE, TITLE, strip_lines


def test_the_title_may_come_from_elsewhere() -> None:
    lines = [*ARTICLE[1:], OTHER + " " + PROSE, TITLE]
    assert strip_lines(lines) == lines
    assert strip_text("\n".join(lines), DEFAULT, title=TITLE.lower())[0] == "\n".join(lines[:-1])


@pytest.mark.parametrize(
    ("line", "title", "gone"),
    [
        ("A day at the harbour with my brother", "A day at the harbour with my brother - The Quay Letters", True),
        ("A day at the harbour with my brother πŸ’₯", None, True),
        ("A day at the harbour with my mother", None, False),
        ("A day at the", "A day at the harbour with my brother", False),
    ],
)
def test_a_title_is_known_with_the_name_of_the_site_or_unrepaired_letters(
    line: str, title: str | None, gone: bool
) -> None:
    text = "\n".join([*ARTICLE, line])
    after = strip_text(text, DEFAULT, title=title)[0]
    assert after == ("\n".join(ARTICLE) if gone else text)


def repeated(lines: list[str], title: str | None = None, taken: tuple[int, ...] = ()) -> list[str]:
    seq = sequence_of(lines)
    titles = None if title is None else split_lines(pa.array([title]))
    return texts_of(seq, find_repeated_titles(seq, titles, dict.fromkeys(taken, "boilerplate.site-line")))


def test_a_repeated_title_is_found_after_everything_that_stays() -> None:
    assert repeated([*ARTICLE, TITLE]) == [TITLE]
    assert repeated([*ARTICLE, TITLE, "Get link"], taken=(len(ARTICLE) + 1,)) == [TITLE]
    assert repeated([*ARTICLE, TITLE, "She rowed on."]) == []
    assert repeated([*ARTICLE, TITLE.upper()]) == [TITLE.upper()]


@pytest.mark.parametrize(
    "lines",
    [
        ["Far away", "Tom was a piper's son,", "He played when he was young,", "And all he played", "Far away"],
        [TITLE, PROSE, TITLE, OTHER, PROSE, TITLE],  # a refrain
        [TITLE, PROSE, OTHER, TITLE],  # a text of a few lines
        ["Harbour", PROSE, OTHER, PROSE, OTHER, "Harbour"],  # one word
        ["We will not sell the boat", PROSE, OTHER, PROSE, OTHER, "We will not sell the boat."],  # a last sentence
        [],
    ],
)
def test_a_title_that_the_text_says_again_stays(lines: list[str]) -> None:
    assert repeated(lines) == []
