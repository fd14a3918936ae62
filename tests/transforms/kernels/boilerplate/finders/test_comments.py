"""What is under every comment goes; refrains, responses and headings stay."""

import pytest

from corpusmill.transforms.kernels.boilerplate.finders.comments import find_repeated
from tests.transforms.kernels.boilerplate.sequences import sequence_of, texts_of
from tests.transforms.kernels.boilerplate.test_strip import ARTICLE, PROSE, strip_lines


def test_lines_under_every_comment_go_and_the_comments_stay() -> None:
    comments = ["Ann wrote this much and no more.", "Bert did not agree with any of it.", "Cay had been there."]
    thread = [part for comment in comments for part in (comment, "[Reply]", "Flag as inappropriate")]
    assert strip_lines([*ARTICLE, *thread]) == ARTICLE + comments


def repeated(lines: list[str]) -> list[str]:
    seq = sequence_of(lines)
    return texts_of(seq, find_repeated(seq, seq.bits).tolist())


@pytest.mark.parametrize(
    "date", ["12 May 2014 at 9:15", "3 hours ago", "vor 3 Stunden", "3時間前", "Ann says:", "@bert_77"]
)
def test_a_word_beside_the_date_of_every_comment_is_found(date: str) -> None:
    comments = [part for text in ("Well said.", "Not at all.", "He was there.") for part in (date, text, "Reply")]
    assert repeated([PROSE, *comments]) == ["Reply"] * 3
    assert repeated([PROSE, *comments[:6]]) == []


@pytest.mark.parametrize(
    "lines",
    [
        [part for line in ("The tide came in", "The tide went out", "And no one saw") for part in (line, "Share")],
        [part for _ in range(4) for part in ("Reply", PROSE)],  # headings
        [part for name in ("Anna", "Bert", "Anna", "Bert") for part in (name, "Facebook")],
        ["Reply"] * 2,
        [],
    ],
    ids=["refrain", "headings", "names of sites", "two", "nothing"],
)
def test_a_word_that_the_text_says_again_is_not(lines: list[str]) -> None:
    assert repeated(lines) == []
