"""What the summary and the manifest say of giant families and of documents that are too long."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from corpusmill.reports.figures import percent
from corpusmill.reports.summary import print_summary
from corpusmill.runs.rethreshold import rethreshold
from tests.families import WORDS
from tests.support import check_accounts, repairs, rows, run_corpus, write_jsonl

pytestmark = pytest.mark.beam


def _shown(manifest: dict[str, Any]) -> str:
    stream = io.StringIO()
    print_summary(Console(file=stream, width=400), manifest, "out")
    return stream.getvalue()


def test_a_giant_family_is_told_with_its_size_its_similarities_and_some_members(tmp_path: Path) -> None:
    """1,200 error reports that differ in one word, and 50 documents of their own."""
    template = " ".join(WORDS[k % len(WORDS)] for k in range(0, 300, 3))
    documents = [{"id": f"report-{k}", "text": f"{template} number{k}"} for k in range(1200)]
    documents += [{"id": f"own-{k}", "text": " ".join(f"{word}{k}" for word in WORDS[:30])} for k in range(50)]
    inputs = write_jsonl(tmp_path / "in.jsonl", documents)
    manifest = run_corpus(inputs, tmp_path / "out", "boilerplate.enabled=false", "input.split_bytes=200000")
    check_accounts(tmp_path / "out", 1250)
    assert manifest["documents"]["kept"] == 51
    family = manifest["families"][0]
    assert (family["giant"], family["removed"], family["id"]) == (True, 1199, "report-0")
    assert family["samples"] == ["report-1", "report-2", "report-3"]
    assert 0.9 < family["lowest"] <= family["median"] <= family["highest"] < 1
    shown = _shown(manifest)
    assert "Giant family: 1,200 documents (96.0 % of all) are like report-0" in shown
    assert "report-1, report-2, report-3" in shown


def test_a_giant_family_of_copies_is_not_told_to_raise_the_threshold(tmp_path: Path) -> None:
    documents = [{"id": str(k), "text": "the very same words in each of them"} for k in range(1200)]
    manifest = run_corpus(write_jsonl(tmp_path / "in.jsonl", documents), tmp_path / "out", "boilerplate.enabled=false")
    shown = _shown(manifest)
    assert "1,200 documents (100.0 % of all) are like 0: all are copies of it" in shown
    assert "higher dedup.threshold" not in shown


def test_a_family_that_is_large_but_no_giant_is_not_told(tmp_path: Path) -> None:
    documents = [{"id": str(k), "text": "the very same words in each of them"} for k in range(1000)]
    manifest = run_corpus(write_jsonl(tmp_path / "in.jsonl", documents), tmp_path / "out", "boilerplate.enabled=false")
    assert manifest["families"][0]["removed"] == 999
    assert "Giant" not in _shown(manifest)


@pytest.mark.parametrize(("field", "unranked"), [("date", 1), ("day", 3)])
def test_documents_without_the_column_of_the_keep_policy_are_told(tmp_path: Path, field: str, unranked: int) -> None:
    words = "the same words as in all of the others"
    documents = [{"id": "a", "text": words}, {"id": "b", "text": words, field: "2024-05-06"}]
    documents.append({"id": "c", "text": words, field: "2025-01-02"})
    sets = ("boilerplate.enabled=false", "input.keep_columns={date: timestamp}", "dedup.keep=newest date")
    manifest = run_corpus(write_jsonl(tmp_path / "in.jsonl", documents), tmp_path / "out", *sets)
    assert manifest["unranked"] == unranked
    assert f"In {unranked} of 3 documents dedup.keep (newest date) found nothing to compare" in _shown(manifest)
    (kept,) = rows(tmp_path / "out", "corpus")
    assert kept["id"] == ("c" if field == "date" else "a")


def test_documents_whose_signature_is_capped_are_counted_and_marked(tmp_path: Path) -> None:
    long = " ".join(f"{word}{k}" for k in range(40) for word in WORDS)
    inputs = write_jsonl(tmp_path / "in.jsonl", [{"id": "long", "text": long}, {"id": "short", "text": "a b c d e f"}])
    manifest = run_corpus(inputs, tmp_path / "out", "boilerplate.enabled=false", "dedup.max_shingles=1000")
    assert manifest["capped"] == 1
    audit = {row["id"]: repairs(row) for row in rows(tmp_path / "out", "audit")}
    assert audit["long"]["dedup.capped"] == 1
    assert "dedup.capped" not in audit["short"]
    assert "1 document was too long" in _shown(manifest)


LICENCE = [f"{k}. The keeper of the {WORDS[k]} grants the {WORDS[k + 20]} to whoever asks for it." for k in range(20)]


def _in_one_frame(*frame: str, n: int) -> list[dict[str, Any]]:
    own = [" ".join(WORDS[(k * 11 + j * 7) % len(WORDS)] + str(k) for j in range(9)) for k in range(n)]
    return [{"id": f"page-{k}", "text": "\n".join([*frame[:10], text, *frame[10:]])} for k, text in enumerate(own)]


def test_a_family_of_different_texts_in_one_frame_is_told_with_the_frame(tmp_path: Path) -> None:
    """Six pages, nine tenths of each the same: five of them go."""
    frame = [*LICENCE[:-1], "The \x1b[31m red line of the harbour office"]
    inputs = write_jsonl(tmp_path / "in.jsonl", _in_one_frame(*frame, n=6))
    sets = ("boilerplate.enabled=false", "normalize.enabled=false", "input.split_bytes=3000")
    manifest = run_corpus(inputs, tmp_path / "out", *sets)
    assert manifest["documents"]["duplicate"] == 5
    (family,) = manifest["families"]
    assert not family["giant"]
    assert family["samples"] == ["page-1", "page-2", "page-3"]
    assert (family["shared"]["count"], family["shared"]["frame"]) == (20, True)
    assert family["shared"]["share"] > 0.9
    assert family["shared"]["lines"] == frame[:12]
    shown = _shown(manifest)
    assert "Family in one frame: 6 documents (100.0 % of all) are like page-0" in shown
    share = percent(family["shared"]["share"])
    assert f"Texts of it share 20 lines, {share} of their characters, and differ in all others:" in shown
    assert f"\n  {frame[0]}\n" in shown
    assert "  ... and 8 more" in shown
    assert "boilerplate.rule_files" in shown
    assert "\x1b" not in shown
    page = (tmp_path / "out" / "report.html").read_text()
    assert "in one frame" in page
    assert frame[0] in page
    assert "\x1b" not in page


def test_versions_of_one_text_raise_no_alarm(tmp_path: Path) -> None:
    documents = [{"id": f"v{k}", "text": "\n".join([*LICENCE, f"version {k} of the rules"])} for k in range(6)]
    manifest = run_corpus(write_jsonl(tmp_path / "in.jsonl", documents), tmp_path / "out", "boilerplate.enabled=false")
    assert manifest["documents"]["duplicate"] == 5
    assert not manifest["families"][0]["shared"]["frame"]
    assert "Family in" not in _shown(manifest)


def test_another_threshold_tells_of_the_frame_too(tmp_path: Path) -> None:
    inputs = write_jsonl(tmp_path / "in.jsonl", _in_one_frame(*LICENCE, n=6))
    low = run_corpus(inputs, tmp_path / "low", "boilerplate.enabled=false", "dedup.threshold=0.6")
    made = rethreshold(str(tmp_path / "low"), 0.7, str(tmp_path / "made"))
    assert made["documents"]["duplicate"] == 5
    assert made["families"][0]["shared"] == low["families"][0]["shared"]
    assert "Family in one frame" in _shown(made)


def test_a_rule_for_the_frame_lets_the_rest_be_compared(tmp_path: Path) -> None:
    inputs = write_jsonl(tmp_path / "in.jsonl", _in_one_frame(*LICENCE, n=6))
    strings = {"licence": {"role": "credit", "strength": "strong", "position": "any", "anchoring": "line"}}
    rule = {"platform": "harbour", "source": "seen", "strings": strings, "languages": {"en": {"licence": LICENCE}}}
    (tmp_path / "rule.json").write_text(json.dumps(rule))
    sets = (f"boilerplate.rule_files=[{tmp_path}/rule.json]", "boilerplate.max_removed_share=1")
    manifest = run_corpus(inputs, tmp_path / "out", *sets)
    assert manifest["documents"]["kept"] == 6
    assert manifest["families"] == []
