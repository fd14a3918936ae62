"""The line rules of C4 and RefinedWeb."""

import re

import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.quality.line_rules import c4_lines, refinedweb_lines, refinedweb_scores
from corpusmill.transforms.kernels.quality.lines import Lines
from corpusmill.transforms.kernels.quality.settings import C4Settings
from tests.quality_texts import texts

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
