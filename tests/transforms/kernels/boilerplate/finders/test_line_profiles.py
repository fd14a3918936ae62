"""Lines by the rules of C4 and RefinedWeb: each goes under its own rule, and what goes can be replayed."""

from __future__ import annotations

import itertools
import random

import pyarrow as pa
import pytest

from corpusmill.config import ConfigError, load_config
from corpusmill.transforms.kernels.boilerplate import BoilerplateSettings, strip_column, strip_text
from corpusmill.transforms.kernels.boilerplate.finders.line_profiles import RULES, find_lines
from corpusmill.transforms.kernels.boilerplate.profile_settings import LineProfileSettings
from corpusmill.transforms.kernels.quality.line_rules import c4_lines, refinedweb_lines, refinedweb_scores
from corpusmill.transforms.kernels.quality.lines import Lines
from corpusmill.transforms.kernels.quality.settings import C4Settings
from tests.quality_texts import SENTENCES, texts

SENTENCE = "The keeper of the lighthouse painted the door, and it took him all of the short summer."


def _settings(*profiles: str, **more: object) -> BoilerplateSettings:
    return BoilerplateSettings.model_validate({"lines": {"profiles": profiles, **more}})


C4 = [
    ("Home and garden and more", "boilerplate.c4-end-mark"),
    ("Nobody knows what came then...", "boilerplate.c4-end-mark"),
    ("Read on.", "boilerplate.c4-few-words"),
    ("Please switch JavaScript on to read this.", "boilerplate.c4-javascript"),
    ("This page uses cookies to know you again.", "boilerplate.c4-policy"),
    ("It is said in our Privacy Policy, in part nine.", "boilerplate.c4-policy"),
    ("a" * 1001 + " is a long word indeed.", "boilerplate.c4-long-word"),
    ('"Is that so?" asked the boy.', None),
]
REFINEDWEB = [
    ("OUR SHOP IS OPEN", "boilerplate.refinedweb-capitals"),
    ("2024", "boilerplate.refinedweb-digits"),
    ("1.5K likes", "boilerplate.refinedweb-counter"),
    ("Home", "boilerplate.refinedweb-one-word"),
    ("Our shop is open", None),
    ("Nobody likes 12 of them", None),
]


@pytest.mark.parametrize(
    ("profile", "line", "rule"),
    [*(("c4", *case) for case in C4), *(("refinedweb", *case) for case in REFINEDWEB)],
)
def test_each_line_goes_under_its_own_rule(profile: str, line: str, rule: str | None) -> None:
    text = f"{SENTENCE}\n{line}\n{SENTENCE}"
    after, removed, _ = strip_text(text, _settings(profile, max_removed_words=None))
    assert [(found.line, found.rule, found.text) for found in removed] == ([] if rule is None else [(1, rule, line)])
    assert after == (text if rule is None else f"{SENTENCE}\n{SENTENCE}")
    if rule is not None:
        off = _settings(profile, max_removed_words=None).model_copy(update={"disabled_rules": (rule,)})
        assert rule not in {found.rule for found in strip_text(text, off)[1]}


CUTS = [
    ("c4", "The tower is old.[12] It leans.[edit]", "The tower is old. It leans.", "boilerplate.c4-citation-mark"),
    ("refinedweb", "Sign-in to comment on it", "to comment on it", "boilerplate.refinedweb-sign-in"),
    ("refinedweb", "You have 2 items in cart today", "You have 2 today", "boilerplate.refinedweb-cart"),
    ("refinedweb", "The lighthouse door Read more...", "The lighthouse door", "boilerplate.refinedweb-read-more"),
]


@pytest.mark.parametrize(("profile", "line", "after", "rule"), CUTS)
def test_parts_of_lines_are_cut_out_and_told(profile: str, line: str, after: str, rule: str) -> None:
    text = f"{SENTENCE}\n\nHome\n\n{line}\n\n{SENTENCE}"
    settings = _settings(profile, max_removed_words=None)
    result, removed, steps = strip_text(text, settings)
    assert result == f"{SENTENCE}\n\n{after}\n\n{SENTENCE}"
    assert [found.text for found in removed] == ["Home"]
    assert [step.rule for step in steps][-1] == rule
    assert (steps[0].before, steps[-1].after) == (text, result)
    assert all(one.after == other.before for one, other in itertools.pairwise(steps))
    assert (
        strip_text(text, settings.model_copy(update={"disabled_rules": (rule,)}))[0]
        == f"{SENTENCE}\n\n{line}\n\n{SENTENCE}"
    )


def test_a_line_of_which_nothing_is_left_goes() -> None:
    _, removed, _ = strip_text(
        f"{SENTENCE}\n items in cart\n{SENTENCE}", _settings("refinedweb", max_removed_words=None)
    )
    assert [(found.line, found.rule) for found in removed] == [(1, "boilerplate.refinedweb-cart")]


def test_a_document_that_loses_more_than_a_twentieth_of_its_words_is_dropped() -> None:
    column = pa.array(
        [f"{SENTENCE}\nHome", f"{SENTENCE}\nHome alone\nHOME\nNEWS", "\n".join([SENTENCE] * 3 + ["HOME"]), None]
    )
    settings = _settings("refinedweb")
    result = strip_column(column, settings)
    assert result.filtered == {0: "filter.refinedweb-removed-words", 1: "filter.refinedweb-removed-words"}
    assert result.text[0].as_py() == column[0].as_py()
    assert result.text[2].as_py() == "\n".join([SENTENCE] * 3)
    assert strip_column(column, _settings("refinedweb", max_removed_words=None)).filtered == {}
    only = strip_column(pa.array(["Home\nNews"]), _settings("c4"))
    assert only.filtered == {0: "filter.boilerplate-only"}


def test_lines_are_counted_from_the_text_before_any_rule() -> None:
    text = "\n\n".join(["Get link", "Facebook", "X", "Pinterest", "Email", SENTENCE, "Home", SENTENCE * 3, "Old boats"])
    _, removed, _ = strip_text(text, _settings("c4"))
    lines = text.split("\n")
    assert all(lines[found.line] == found.text for found in removed)
    assert {"boilerplate.c4-end-mark"} < {found.rule for found in removed}
    assert [found.line for found in removed] == sorted(found.line for found in removed)


@pytest.mark.parametrize("profiles", [("c4",), ("refinedweb",), ("c4", "refinedweb")])
def test_what_goes_is_what_the_scores_count(profiles: tuple[str, ...]) -> None:
    column = pa.array([*texts(), *texts()[:9]])
    settings = LineProfileSettings.model_validate({"profiles": profiles, "min_words": 3})
    found = find_lines(column, settings)
    lines = Lines(column)
    expected = {}
    for row in range(len(column)):
        own = slice(int(lines.bounds[row]), int(lines.bounds[row + 1]))
        expected[row] = int(lines.filled[own].sum())
    assert {row: expected[row] for row in found.filled} == found.filled
    if profiles == ("refinedweb",):
        share = refinedweb_scores(lines)["refinedweb_removed_words"].to_pylist()
        over = {row for row, value in enumerate(share) if value is not None and value > 0.05}
        assert found.dropped <= over
        assert {row for row in over if column[row].as_py().isascii()} <= found.dropped
        gone = refinedweb_lines(lines) & lines.filled
    elif profiles == ("c4",):
        rules = c4_lines(lines, C4Settings(min_words_per_line=3))
        gone = lines.filled & ~rules.kept & ~rules.lorem_ipsum & ~rules.bracket
    else:
        return
    ascii_rows = [row for row in range(len(column)) if column[row].as_py().isascii()]
    counts = lines.sum(gone)
    assert {row: len(found.gone.get(row, {})) for row in ascii_rows} == {row: int(counts[row]) for row in ascii_rows}
    assert sum(counts) > 20


def test_scripts_without_blanks_are_not_judged_by_words() -> None:
    text = "\n".join(SENTENCES["zho"][:4])
    assert strip_text(text, _settings("refinedweb"))[0] == text
    assert strip_column(pa.array([text]), _settings("refinedweb")).filtered == {}


def test_any_cut_of_a_column_gives_the_same_and_twice_is_once() -> None:
    rng = random.Random(3)
    rows = [
        "\n".join(rng.choices([SENTENCE, "HOME", "Home", "", " ", *(case[1] for case in CUTS)], k=9)) for _ in range(40)
    ]
    settings = _settings("c4", "refinedweb", max_removed_words=None, end_mark=False, min_words=0)
    whole = strip_column(pa.array(rows), settings)
    assert whole.text.to_pylist() == [strip_text(row, settings)[0] for row in rows]
    kept = [text for row, text in enumerate(whole.text.to_pylist()) if row not in whole.filtered]
    assert [strip_text(text, settings)[0] for text in kept] == kept


def test_long_texts_stay_and_settings_are_checked() -> None:
    long = f"{SENTENCE}\n" * 100_000 + "Home"
    assert find_lines(pa.array([long, "Home"]), LineProfileSettings(profiles=("c4",))).gone.keys() == {1}
    with pytest.raises(ConfigError, match=r"boilerplate\.lines\.profiles"):
        load_config(None, ["boilerplate.lines.profiles=[c5]"])
    assert len(RULES) == len(set(RULES))
