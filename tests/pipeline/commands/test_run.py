from pathlib import Path

import pytest
from typer.testing import CliRunner

from corpusmill.cli import app
from corpusmill.commands.run import _benchmarks
from tests.support import DEMO, rows


def invoke(*arguments: object, code: int = 0) -> str:
    done = CliRunner().invoke(app, list(map(str, arguments)))
    assert done.exit_code == code, done.output
    return done.output


def test_the_option_of_benchmarks_is_a_setting() -> None:
    assert _benchmarks(None) == []
    assert _benchmarks(["a.jsonl", "b c.csv"]) == ['decontaminate.files=["a.jsonl", "b c.csv"]']


@pytest.mark.parametrize("command", [("run", "--dry-run"), ("plan",), ("dedup", "--dry-run")])
def test_a_plan_writes_nothing(command: tuple[str, ...], tmp_path: Path) -> None:
    shown = invoke(*command, DEMO, "-o", tmp_path / "out")
    assert "in 7 files, 1 split" in shown
    assert not (tmp_path / "out").exists()


def test_a_plan_tells_of_limits_that_nothing_is_judged_by() -> None:
    shown = invoke("plan", DEMO, "--set=filter.gopher.min_words=9")
    assert "filter.gopher.min_words: nothing is judged by this" in shown


@pytest.mark.beam
def test_a_higher_threshold_is_made_from_an_output(demo_output: Path, tmp_path: Path) -> None:
    invoke("rethreshold", demo_output, "--threshold", "0.95", "-o", tmp_path / "out")
    assert len(rows(tmp_path / "out", "corpus")) > len(rows(demo_output, "corpus"))
    assert "is not between 0.8" in invoke("rethreshold", demo_output, "--threshold", "0.5", "-o", "x", code=2)
    quiet = invoke("rethreshold", demo_output, "--threshold", "0.95", "-o", tmp_path / "quiet", "--quiet")
    assert quiet.strip() == ""


@pytest.mark.beam
def test_other_limits_are_made_without_a_word_if_asked(tmp_path: Path) -> None:
    invoke("run", DEMO, "-o", tmp_path / "out", "--set", "filter.presets=[gopher]", "--quiet")
    limit = ("--set", "filter.gopher.min_words=40")
    assert invoke("refilter", tmp_path / "out", *limit, "-o", tmp_path / "quiet", "-q").strip() == ""
    assert "documents in" in invoke("refilter", tmp_path / "out", *limit, "-o", tmp_path / "told")
