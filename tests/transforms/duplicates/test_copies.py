"""`output.copies`: what was removed for each kept document, counted from the audit by other means."""

from collections import Counter
from pathlib import Path

import pytest

from corpusmill.config import ConfigError, load_config
from corpusmill.runs.refilter import refilter
from corpusmill.runs.rethreshold import rethreshold
from corpusmill.transforms.layout import RESULTS
from tests.families import corpus
from tests.support import check_accounts, digests, rows, run_corpus, write_jsonl

SETS = ("boilerplate.enabled=false", "input.split_bytes=3000", "output.shard_size=4000", "output.copies=true")


@pytest.mark.beam
def test_copies_are_the_duplicates_of_the_audit_by_their_partners_and_sources(tmp_path: Path) -> None:
    for number in (1, 2):
        write_jsonl(tmp_path / "in" / f"{number}.jsonl", corpus(1, 60 + number))
    out = tmp_path / "out"
    run_corpus(tmp_path / "in", out, *SETS)
    check_accounts(out, 123)
    expected: Counter[tuple[tuple[str, int], str]] = Counter()
    for row in rows(out, "audit"):
        if row["decision"] == "duplicate":
            expected[(row["partner_source"], row["partner_offset"]), row["source"]] += 1
    kept = [row for row in rows(out, "audit") if row["decision"] == "kept"]
    found = rows(out, "corpus")
    assert sum(row["copies"] for row in found) == sum(expected.values()) > 40
    for row, audit in zip(found, kept, strict=True):
        place = audit["source"], audit["offset"]
        own = [(source, n) for (of, source), n in sorted(expected.items()) if of == place]
        assert [(item["source"], item["count"]) for item in row["copies_by_source"]] == own
        assert row["copies"] == sum(n for _, n in own)
    assert any(len(row["copies_by_source"]) > 1 for row in found)
    run_corpus(tmp_path / "in", tmp_path / "again", *SETS, "run.workers=2", "run.mode=threads")
    assert digests(tmp_path / "again", "corpus") == digests(out, "corpus")


@pytest.mark.beam
def test_copies_are_counted_anew_with_another_threshold_and_other_limits(tmp_path: Path) -> None:
    for number in (1, 2):
        write_jsonl(tmp_path / "in" / f"{number}.jsonl", corpus(1, 60 + number))
    limits = "filter.gopher={min_mean_word_length: null, max_mean_word_length: null, min_stop_words: null}"
    sets = ("boilerplate.enabled=false", "output.copies=true", "dedup.threshold=0.6", "filter.presets=[gopher]", limits)
    short, high = "filter.gopher.min_words=20", "dedup.threshold=0.95"
    for name, own in (("out", ()), ("short", (short,)), ("high", (high,))):
        run_corpus(tmp_path / "in", tmp_path / name, *sets, *own)
    refilter(str(tmp_path / "out"), [short], str(tmp_path / "made-short"))
    rethreshold(str(tmp_path / "out"), 0.95, str(tmp_path / "made-high"))
    for name in ("short", "high"):
        found = rows(tmp_path / f"made-{name}", "corpus")
        assert found == rows(tmp_path / name, "corpus")
        assert found != rows(tmp_path / "out", "corpus")
        assert any(row["copies"] for row in found)
    assert digests(tmp_path / "made-short", *RESULTS) == digests(tmp_path / "short", *RESULTS)


@pytest.mark.beam
def test_what_an_earlier_corpus_has_is_counted_in_the_audit_alone(tmp_path: Path) -> None:
    documents = corpus(2, 40)
    run_corpus(write_jsonl(tmp_path / "old.jsonl", documents[:20]), tmp_path / "old", *SETS)
    source = write_jsonl(tmp_path / "in.jsonl", documents)
    run_corpus(source, tmp_path / "new", *SETS, against=(tmp_path / "old",))
    audit = [row for row in rows(tmp_path / "new", "audit") if row["decision"] == "duplicate"]
    own = [row for row in audit if row["partner_corpus"] is None]
    assert len(own) < len(audit)
    assert sum(row["copies"] for row in rows(tmp_path / "new", "corpus")) == len(own)
    rethreshold(str(tmp_path / "new"), 0.8, str(tmp_path / "same"))
    assert rows(tmp_path / "same", "corpus") == rows(tmp_path / "new", "corpus")


@pytest.mark.beam
def test_without_the_key_the_corpus_has_its_usual_columns(tmp_path: Path) -> None:
    run_corpus(write_jsonl(tmp_path / "in.jsonl", corpus(3, 10)), tmp_path / "out")
    assert list(rows(tmp_path / "out", "corpus")[0]) == ["id", "text", "source", "metadata"]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("dedup.enabled=false", "counts what dedup removes"),
        ("input.keep_columns={copies: int64}", "adds a column 'copies'"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(override: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_config(None, ["output.copies=true", override])
