"""Lines, their words, and what line rules take out, against plain Python."""

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.quality.line_rules import c4_lines, refinedweb_lines, refinedweb_scores
from corpusmill.transforms.kernels.quality.lines import Lines, end_in, with_plain_ends
from corpusmill.transforms.kernels.quality.sentences import count_sentences
from corpusmill.transforms.kernels.quality.settings import C4Settings
from tests.quality_texts import texts

TEXT = st.text(alphabet=st.sampled_from("ab.?! \n\t\r\x0b\u00a0\u2028\u3000\x85éЖ"), max_size=40)


@given(st.lists(TEXT, min_size=1, max_size=4))
def test_lines_and_their_words_are_those_of_python(found: list[str]) -> None:
    lines = Lines(with_plain_ends(pa.array(found)))
    for row, text in enumerate(found):
        own = lines.lines.to_pylist()[lines.bounds[row] : lines.bounds[row + 1]]
        assert (own[:-1] if own[-1] == "" else own) == text.splitlines()
    assert lines.words.tolist() == [len(line.split()) for line in lines.lines.to_pylist()]
    assert end_in(lines.lines, (".", "é")).tolist() == [line.endswith((".", "é")) for line in lines.lines.to_pylist()]


SENTENCES = [
    ("", 0),
    ("   ", 0),
    ("No end", 1),
    ("One. Two? Three!", 3),
    ('He said "no." Then he left.', 2),
    ("Wait... what?!", 2),
    ("3.5 metres.", 1),
    ("One. and a rest", 2),
    ("昨天我们等了很久。船没有来！", 2),
    ("End." + " " * 80, 1),
]


@pytest.mark.parametrize(("line", "number"), SENTENCES)
def test_sentences_are_counted_by_their_ends(line: str, number: int) -> None:
    assert count_sentences(*Lines(pa.array([line])).flat).tolist() == [number]


def test_sentences_of_many_lines_are_those_of_each() -> None:
    column = pa.array([line for line, _ in SENTENCES] * 2)
    assert count_sentences(*Lines(column).flat).tolist() == [number for _, number in SENTENCES] * 2


C4_LINES = [
    ("This line is kept.", True),
    ("This line has no end mark", False),
    ("This line trails off...", False),
    ("Two words.", False),
    ("Please switch JavaScript on here.", False),
    ("We have a Privacy Policy here.", False),
    ("w" * 1001 + " is far too long.", False),
    ("w" * 1000 + " is not too long.", True),
    ("é" * 600 + " has 1,200 bytes only.", True),
    ("The church is old.[12]", True),
    ('"Is it?" he asked, "really?"', True),
]


@pytest.mark.parametrize(("line", "kept"), C4_LINES)
def test_c4_keeps_lines_as_published(line: str, kept: bool) -> None:
    assert c4_lines(Lines(pa.array([line])), C4Settings()).kept.tolist() == [kept]


def test_without_the_end_mark_rule_c4_keeps_lines_without_one() -> None:
    settings = C4Settings(require_end_mark=False)
    assert c4_lines(Lines(pa.array(["This line has no end mark"])), settings).kept.tolist() == [True]


_COUNTER = re.compile(
    r"^\W*\d(?:,|\.|\d)*[kmb]?\s+(?:likes|shares|comments|retweets|reposts|quotes|bookmarks|upvotes|downvotes|"
    r"downloads|views|followers)\W*$"
)


def _goes(line: str) -> bool:
    if not line:
        return False
    capitals = sum(character.isupper() for character in line) / len(line) > 0.5
    digits = sum(character in "0123456789" for character in line) / len(line) > 0.999999
    return capitals or digits or bool(_COUNTER.search(line.lower())) or len(line.split()) < 2


def test_refinedweb_takes_out_the_lines_that_plain_rules_take_out() -> None:
    lines = Lines(pa.array([*texts(), "3,5K views!\n(12 likes)\n12 shares of a company\nA B C d\n1 2\n2024"]))
    expected = [_goes(line) for line in lines.lines.to_pylist()]
    assert refinedweb_lines(lines).tolist() == expected
    assert 50 < sum(expected) < len(expected) / 2


REMOVED = [
    ("Two words\nalone", 1 / 3),
    ("Sign-in to see the whole story here", 1 / 7),
    ("About the lighthouse Read more...", 2 / 5),
    ("2 items in cart", 3 / 4),
    ("A line of more than ten words may say items in cart and stays as it is", 0),
    ("Nothing goes from this line.", 0),
]


@pytest.mark.parametrize(("text", "share"), REMOVED)
def test_words_that_refinedweb_removes_are_counted(text: str, share: float) -> None:
    assert refinedweb_scores(Lines(pa.array([text])))["refinedweb_removed_words"][0].as_py() == pytest.approx(share)


def test_a_text_without_words_has_no_share_of_removed_words() -> None:
    assert refinedweb_scores(Lines(pa.array(["", " \n"])))["refinedweb_removed_words"].to_pylist() == [None, None]


def test_repetitions_count_within_a_text_only() -> None:
    lines = Lines(pa.array(["a\nb\na", "a\nb"]))
    assert lines.repeats.tolist() == [False, False, True, False, False]
    assert lines.sum(np.ones(5)).tolist() == [3, 2]
