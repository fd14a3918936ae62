from pathlib import Path

import pytest

from corpusmill.config import load_config
from corpusmill.inputs.resources import Resources
from corpusmill.reports.corpus import read_manifest
from corpusmill.reports.document_history import gather_story, render_foretold, render_steps, render_story
from corpusmill.reports.explain import clean_text
from corpusmill.reports.preview import foretell
from tests.support import rows

pytestmark = pytest.mark.beam


def told(out: Path, identifier: str) -> str:
    (row,) = [row for row in rows(out, "audit") if row["id"] == identifier]
    return render_story(gather_story(str(out), read_manifest(str(out)), row), None).plain


def test_each_decision_is_told_with_its_evidence(demo_output: Path) -> None:
    assert "kept: it is in the corpus" in told(demo_output, "blog/kites")
    duplicate = told(demo_output, "blog/kites-rewritten")
    assert "removed as a duplicate (dedup.near) of blog/kites" in duplicate
    assert "the kept document blog/kites begins: Forty kites" in duplicate
    assert "filter.error-page" in told(demo_output, "site/cookie-wall")
    assert "could not be read" in told(demo_output, "broken/no-text")


def test_steps_are_numbered_and_shown_as_a_diff() -> None:
    text, steps = clean_text("Fish &amp; chips", load_config(None))
    assert text == "Fish & chips"
    shown = render_steps(steps, None).plain.split("\n")
    assert shown[0].startswith("1. encoding.decode-entities  1 place")
    assert [line.strip() for line in shown[1:3]] == ["1 - Fish &amp; chips", "1 + Fish & chips"]


def test_what_a_run_would_do_is_told() -> None:
    config = load_config(None, ["filter.min_chars=1000"])
    shown = render_foretold(foretell("A short text.", config, Resources()), 13).plain
    assert "filter.too-short" in shown
