"""Whole runs with benchmarks: what is dropped or cut, and what the audit, the manifest and the commands tell."""

import json
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from corpusmill.cli import app
from corpusmill.config import load_config
from corpusmill.inputs.resources import Resources
from corpusmill.reports.document_history import render_foretold
from corpusmill.reports.preview import Foretold, foretell
from corpusmill.runs.rethreshold import rethreshold
from corpusmill.runs.run_folder import OutputError
from tests.support import check_accounts, digests, rows, run_corpus, write_jsonl

QUESTION = (
    "A ferry leaves the pier at nine and needs forty minutes for the crossing; when does it reach the other bank of "
    "the river if it waits ten minutes for the post?"
)
ANSWER = "It reaches the other bank at ten minutes to ten."
ARTICLE = (
    "The pilots of the estuary keep a book of every ship they bring in, and in winter the pages are wet more often "
    "than they are dry."
)


def _benchmark(tmp_path: Path) -> Path:
    items = [{"id": "ferry", "question": QUESTION, "answer": ANSWER}, {"id": "tiny", "question": "Why?"}]
    return write_jsonl(tmp_path / "evals" / "river.jsonl", items)


def _inputs(tmp_path: Path) -> Path:
    return write_jsonl(
        tmp_path / "in.jsonl",
        [
            {"id": "clean", "text": ARTICLE},
            {"id": "leak", "text": f"{ARTICLE.upper()}\n\nQuiz: {QUESTION}\n\nSend answers by post, please."},
            {"id": "near", "text": "A ferry leaves the pier at nine, says the board."},
        ],
    )


@pytest.fixture(scope="module")
def dropped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of a run by the command's own option; its input and benchmark are beside it."""
    folder = tmp_path_factory.mktemp("dropped")
    pattern = str(_benchmark(folder).parent / "*.jsonl")
    command = ["run", str(_inputs(folder)), "-o", str(folder / "out"), "--decontaminate", pattern]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    return folder / "out"


def _sets(out: Path) -> tuple[str]:
    """The setting that the option of the command stands for."""
    return (f"decontaminate.files=['{out.parent}/evals/*.jsonl']",)


@pytest.mark.beam
def test_a_document_with_a_part_of_an_item_is_dropped_and_everything_is_told(dropped: Path) -> None:
    out = dropped
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["documents"]["filtered"] == 1
    check_accounts(out, 3)
    audit = {row["id"]: row for row in rows(out, "audit")}
    assert audit["clean"]["overlaps"] is None
    leak = audit["leak"]
    assert (leak["decision"], leak["reason"]) == ("filtered", "decontaminate.overlap")
    (overlap,) = leak["overlaps"]
    assert (overlap["benchmark"], overlap["item"], overlap["line"]) == ("river", "ferry", 2)
    assert overlap["ngram"].startswith("a ferry leaves the pier at nine")
    assert 0.5 < overlap["share"] < 1
    (report,) = manifest["decontamination"]
    assert {name: report[name] for name in ("benchmark", "items", "short", "found", "documents", "dropped")} == {
        "benchmark": "river",
        "items": 2,
        "short": 1,
        "found": 1,
        "documents": 1,
        "dropped": 1,
    }
    assert report["top_items"] == [{"item": "ferry", "documents": 1}]
    shown = CliRunner().invoke(app, ["explain", str(out), "leak"])
    assert re.search(r"holds [\d.]+ % of river ferry, from line 3: a ferry leaves", shown.output)


@pytest.mark.beam
def test_paragraphs_are_cut_and_stand_in_the_audit(tmp_path: Path) -> None:
    source, benchmark = _inputs(tmp_path), _benchmark(tmp_path)
    sets = (f"decontaminate.files=['{benchmark}']", "decontaminate.action=cut", "dedup.enabled=false")
    manifest = run_corpus(source, tmp_path / "out", *sets)
    texts = {row["id"]: row["text"] for row in rows(tmp_path / "out", "corpus")}
    assert texts["leak"] == f"{ARTICLE.upper()}\n\nSend answers by post, please."
    (line,) = next(row for row in rows(tmp_path / "out", "audit") if row["id"] == "leak")["removed_lines"]
    assert (line["line"], line["rule"]) == (2, "decontaminate.overlap")
    assert manifest["lines_removed"] == {"decontaminate.overlap": 1}
    assert (manifest["decontamination"][0]["documents"], manifest["decontamination"][0]["dropped"]) == (1, 0)


@pytest.mark.beam
def test_splits_and_workers_change_nothing_and_other_benchmarks_are_another_run(dropped: Path, tmp_path: Path) -> None:
    source, benchmark = dropped.parent / "in.jsonl", dropped.parent / "evals" / "river.jsonl"
    run_corpus(source, tmp_path / "two", *_sets(dropped), "run.workers=2", "run.mode=threads")
    assert digests(tmp_path / "two", "corpus", "audit") == digests(dropped, "corpus", "audit")
    before = benchmark.read_bytes()
    write_jsonl(benchmark, [{"question": QUESTION}])
    with pytest.raises(OutputError, match="other benchmarks"):
        run_corpus(source, tmp_path / "two", *_sets(dropped))
    benchmark.write_bytes(before)


@pytest.mark.beam
def test_another_run_in_the_same_folder_has_its_own_index(dropped: Path, tmp_path: Path) -> None:
    shutil.copytree(dropped, tmp_path / "out")
    shorter = (*_sets(dropped), "decontaminate.ngram_words=6", "decontaminate.min_words=6")
    manifest = run_corpus(dropped.parent / "in.jsonl", tmp_path / "out", *shorter, overwrite=True)
    assert manifest["decontamination"][0]["documents"] == 2  # "a ferry leaves the pier at nine" has seven words


@pytest.mark.beam
def test_plan_takes_the_option(dropped: Path) -> None:
    pattern = str(dropped.parent / "evals" / "*.jsonl")
    plan = CliRunner().invoke(app, ["plan", str(dropped.parent / "in.jsonl"), "--decontaminate", pattern])
    assert "2 items of 1 benchmark, 1 too short" in plan.output


@pytest.mark.beam
def test_without_benchmarks_the_audit_and_the_manifest_are_as_ever(tmp_path: Path) -> None:
    manifest = run_corpus(_inputs(tmp_path), tmp_path / "out")
    assert "overlaps" not in rows(tmp_path / "out", "audit")[0]
    assert "decontamination" not in manifest


@pytest.mark.beam
def test_a_higher_threshold_keeps_what_the_audit_says_of_benchmarks(dropped: Path, tmp_path: Path) -> None:
    rethreshold(str(dropped), 0.95, str(tmp_path / "higher"))
    assert [row["overlaps"] for row in rows(tmp_path / "higher", "audit")] == [
        row["overlaps"] for row in rows(dropped, "audit")
    ]
    assert any(row["overlaps"] for row in rows(tmp_path / "higher", "audit"))


def test_explaining_a_text_says_what_a_run_would_drop_or_cut(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("pier.example\n", encoding="utf-8")
    sets = [f"decontaminate.files=['{_benchmark(tmp_path)}']", f"filter.domain_lists=['{tmp_path / 'hosts'}']"]
    leak = f"{ARTICLE}\n\nQuiz: {QUESTION}"

    def told(text: str, *more: str, url: str | None = None) -> Foretold:
        return foretell(text, load_config(None, [*sets, *more]), Resources(), url=url)

    assert told(ARTICLE).reason is None
    assert told(leak).reason == "decontaminate.overlap"
    assert told(ARTICLE, url="https://www.pier.example/7").reason == "filter.listed-domain"
    assert told(f"{ARTICLE} ann@harbour.org", "personal_data.drop=[email]").reason == "personal-data.email"
    cut = told(leak, "decontaminate.action=cut")
    assert (cut.reason, cut.cleaned.text) == (None, ARTICLE)
    assert "1 line cut from what was left" in render_foretold(cut, len(leak)).plain
