"""Share blocks in one line, and lines that only look like one."""

import pytest

from corpusmill.transforms.kernels.boilerplate.finders.joined_blocks import JOINED, find_joined, is_joined_block
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import rule_table
from tests.transforms.kernels.boilerplate.sequences import sequence_of, texts_of
from tests.transforms.kernels.boilerplate.test_strip import PROSE, TITLE

FORMS = rule_table().share_forms


@pytest.mark.parametrize(
    "line",
    [
        "Get link Facebook X Pinterest Email Other Apps",
        "Get linkFacebookXPinterestEmailOther Apps",
        "Link abrufen · Facebook · X · Pinterest · E-Mail",
        "Email This BlogThis! Share to Facebook Share to Pinterest",
        "Zumilo Facebook X Pinterest Get link",  # a stranger among names of sites
        "Facebook Twitter Email",  # two names, though a rule has them as one line
        "Zumilo Twitter Facebook Pinterest Get link",
    ],
)
def test_known_strings_from_end_to_end_are_a_block(line: str) -> None:
    assert is_joined_block(line, FORMS)


@pytest.mark.parametrize(
    "line",
    [
        "Facebook Twitter Pinterest",  # names only
        "Facebook Twitter Facebook Twitter",
        "Twitter / X Email",  # one site
        "Facebook, Twitter, Pinterest, Email",  # a list
        "Facebook Twitter Pinterest were the names that the pupils wrote down.",
        "Get link to Facebook; then Pinterest",
        "We sold the boat to Facebook and Pinterest and went home by way of the old town and its market",
        "Get link",
        "",
        "Get link Facebook X Pinterest " * 40,  # too long to be one
    ],
)
def test_sentences_lists_and_names_are_none(line: str) -> None:
    assert not is_joined_block(line, FORMS)


def joined(lines: list[str], taken: tuple[int, ...] = ()) -> list[str]:
    seq = sequence_of(lines)
    found = find_joined(seq.lines, seq, rule_table(), dict.fromkeys(taken, "boilerplate.site-line"))
    assert set(found.values()) <= {JOINED}
    return texts_of(seq, found)


def test_blocks_are_looked_for_near_the_ends_of_what_stays() -> None:
    block, middle = "Get link Facebook X Pinterest Email", [PROSE] * 10
    assert joined([TITLE, block, *middle]) == [block]
    assert joined([*middle, block]) == [block]
    assert joined([*middle, block, *middle]) == []
    after = [f"Comment {word}" for word in "one two three four five six seven eight nine ten".split()]
    assert joined([*middle, block, *after]) == []
    assert joined([*middle, block, *after], tuple(range(11, 21))) == [block]
    assert joined([*middle, block], (10,)) == []


def test_hostile_lines_are_survived() -> None:
    for line in ("x facebook " * 28, "facebookx" * 35, "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 300):
        assert joined([PROSE, line, PROSE]) == []
