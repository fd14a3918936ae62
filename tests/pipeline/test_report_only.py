"""`corpusmill dedup`, and runs that write decisions only."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from corpusmill.cli import app
from corpusmill.reports.corpus import CorpusError, read_corpus
from tests.support import DEFAULTS, DEMO, decisions, digests, rows, run_corpus, write_jsonl

pytestmark = pytest.mark.beam


def _invoke(*arguments: object) -> Result:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result


def test_dedup_leaves_texts_as_they_are_and_removes_copies(tmp_path: Path) -> None:
    text = "A line with &amp; and πŸ’₯ that nobody repairs here.\nGet link\nFacebook\n"
    inputs = write_jsonl(tmp_path / "in.jsonl", [{"id": "one", "text": text}, {"id": "two", "text": text}])
    _invoke("dedup", DEFAULTS, "--input", inputs, "--output", tmp_path / "out")
    assert [(row["id"], row["text"]) for row in rows(tmp_path / "out", "corpus")] == [("one", text)]
    assert decisions(tmp_path / "out")["two"] == ("duplicate", "dedup.exact", "one")


def test_report_only_decides_the_same_and_writes_no_text(demo_output: Path, tmp_path: Path) -> None:
    shown = _invoke("run", DEFAULTS, "--input", DEMO, "--output", tmp_path / "report", "--report-only").output
    assert decisions(tmp_path / "report") == decisions(demo_output)
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == [
        "README.md",
        "audit",
        "learned_lines.parquet",
        "manifest.json",
        "rejected",
        "report.html",
        "statistics",
    ]
    manifest = json.loads((tmp_path / "report" / "manifest.json").read_text())
    assert manifest["config"]["output"]["corpus"] is False
    assert "corpus" not in manifest["files"]
    assert "no corpus" in shown
    with pytest.raises(CorpusError, match="report only"):
        read_corpus(str(tmp_path / "report"))


def test_a_report_is_made_into_a_corpus_only_when_told_to(demo_output: Path, tmp_path: Path) -> None:
    run_corpus(DEMO, tmp_path / "out", "output.corpus=false")
    run_corpus(DEMO, tmp_path / "out", overwrite=True)
    assert digests(tmp_path / "out", "corpus", "index", "pairs") == digests(demo_output, "corpus", "index", "pairs")
