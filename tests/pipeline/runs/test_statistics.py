"""Statistics of whole runs: exact, whatever the shards, and the same after other limits."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from corpusmill.config import ConfigError
from corpusmill.reports.page import render_page
from corpusmill.runs.refilter import refilter
from corpusmill.runs.rethreshold import rethreshold
from corpusmill.runs.statistics import COLUMNS, gather_statistics
from corpusmill.transforms.layout import RESULTS
from tests.families import corpus
from tests.support import digests, rows, run_corpus, write_jsonl
from tests.tokenizers_made import write_tokenizer

pytestmark = pytest.mark.beam

SETS = (
    "boilerplate.enabled=false",
    "dedup.threshold=0.6",
    "language.enabled=true",
    "filter.presets=[gopher]",
    "filter.gopher={min_words: 30, min_mean_word_length: null, max_mean_word_length: null, min_stop_words: null}",
)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("in")
    records = corpus(5, 240)
    for number, record in enumerate(records):
        if number % 3:
            record["url"] = f"https://www.Site{number % 11}.example/{number}"
    first = write_jsonl(folder / "a.jsonl", records[:150])
    second = write_jsonl(folder / "b.jsonl", records[150:])
    with second.open("a") as stream:
        stream.write("no record\n")
    return [first, second]


def _expected(out: Path, column: str) -> dict[Any, Counter[str]]:
    scores = iter(rows(out, "scores"))
    tokens = {row["id"]: row.get("tokens") for row in rows(out, "corpus")}
    found: dict[Any, Counter[str]] = {}
    for row in rows(out, "audit"):
        language = None if row["decision"] == "rejected" else next(scores)["language"]
        own = found.setdefault({**row, "language": language}[column], Counter())
        own["in"] += 1
        own[row["decision"]] += 1
        own["chars_in"] += row["chars_in"]
        own["chars_out"] += row["chars_out"]
        own["tokens"] += (tokens.get(row["id"]) or 0) if row["decision"] == "kept" else 0
    return found


def _flat(row: dict[str, Any]) -> Counter[str]:
    chars = {f"chars_{name}": count for name, count in row["chars"].items()}
    return +Counter({**row["documents"], **chars, "tokens": row.get("tokens", 0)})


def _added(counters: Any) -> Counter[str]:
    total: Counter[str] = Counter()
    for counter in counters:
        total.update(counter)
    return +total


def test_the_manifest_sums_by_rule_language_source_and_host(inputs: list[Path], tmp_path: Path) -> None:
    pytest.importorskip("tokenizers")
    tokenizer = write_tokenizer(tmp_path / "tokenizer.json")
    out = tmp_path / "out"
    sets = (*SETS, f"output.tokenizer={tokenizer}", "output.shard_size=4000")
    manifest = run_corpus(inputs, out, *sets)
    assert len(manifest["files"]["statistics"]) > 2
    for name, column in COLUMNS.items():
        expected = _expected(out, column)
        found = manifest["statistics"][name]
        assert {row["value"]: _flat(row) for row in found["top"]} == {
            value: +own for value, own in expected.items() if value is not None
        }
        assert _flat(found["without"]) == +expected.get(None, Counter())
        assert found["others"]["values"] == 0
    assert [row["tokens"] for row in rows(out, "corpus")] == [len(row["text"].split()) for row in rows(out, "corpus")]
    assert all(row["tokens"] is None for row in rows(out, "removed"))
    assert "By rule, language, source and host" in render_page(str(out))
    whole = run_corpus(inputs, tmp_path / "whole", *sets[:-1])
    assert whole["statistics"] == manifest["statistics"]


def test_few_values_are_named_and_the_others_are_one_exact_sum(inputs: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    manifest = run_corpus(inputs, out, *SETS, "output.shard_size=4000")
    names = manifest["files"]["statistics"]
    few = gather_statistics(str(out), names, top=3)
    assert few == gather_statistics(str(out), names, top=3, most=8)  # several passes over the files
    assert few["host"]["top"] == manifest["statistics"]["host"]["top"][:3]
    rest = manifest["statistics"]["host"]["top"][3:]
    assert few["host"]["others"]["values"] == len(rest)
    others = {key: value for key, value in few["host"]["others"].items() if key != "values"}
    assert _flat(others) == _added(map(_flat, rest))


def test_other_limits_and_thresholds_give_the_statistics_of_a_fresh_run(inputs: list[Path], tmp_path: Path) -> None:
    pytest.importorskip("tokenizers")
    tokenizer = f"output.tokenizer={write_tokenizer(tmp_path / 'tokenizer.json')}"
    run_corpus(inputs, tmp_path / "out", *SETS, tokenizer)
    for limit in (10, 45):
        other = f"filter.gopher.min_words={limit}"
        fresh = run_corpus(inputs, tmp_path / f"fresh{limit}", *SETS, tokenizer, other)
        made = refilter(str(tmp_path / "out"), [other], str(tmp_path / f"made{limit}"))
        assert made["statistics"] == fresh["statistics"]
        assert digests(tmp_path / f"made{limit}", *RESULTS) == digests(tmp_path / f"fresh{limit}", *RESULTS)
    fresh = run_corpus(inputs, tmp_path / "fresh", *SETS, tokenizer, "dedup.threshold=0.9")
    made = rethreshold(str(tmp_path / "out"), 0.9, str(tmp_path / "made"))
    assert made["statistics"] == fresh["statistics"]
    (tmp_path / "tokenizer.json").write_text(json.dumps({"version": "1.0"}))
    with pytest.raises(ConfigError, match="put the file back"):
        refilter(str(tmp_path / "out"), ["filter.gopher.min_words=12"], str(tmp_path / "other"))


def test_statistics_can_be_left_out(inputs: list[Path], tmp_path: Path) -> None:
    manifest = run_corpus(inputs, tmp_path / "out", "output.statistics=false")
    assert "statistics" not in manifest["files"]
    assert manifest["statistics"]["source"]["top"] == []


def test_a_tokenizer_that_is_not_there_ends_a_run_before_it_begins(inputs: list[Path], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"output\.tokenizer: cannot read"):
        run_corpus(inputs, tmp_path / "out", f"output.tokenizer={tmp_path}/none.json")
    assert not (tmp_path / "out").exists()
