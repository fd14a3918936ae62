"""`corpusmill plan`: what is counted is exact, what is estimated is near."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from corpusmill.cli import app
from corpusmill.config import load_config
from corpusmill.inputs.estimate import Estimate, describe_output, estimate
from corpusmill.inputs.plan import plan_splits
from corpusmill.transforms.kernels.duplicates.bands import expected_recall
from tests.families import WORDS
from tests.support import DEFAULTS, run_corpus, write_jsonl

LENGTH = 80


def _documents(n: int) -> list[dict[str, Any]]:
    return [
        {"id": str(k), "text": " ".join(WORDS[(k * 31 + j * j * (k % 7 + 3)) % len(WORDS)] for j in range(LENGTH))}
        for k in range(n)
    ]


def _estimate(inputs: Path, *sets: str) -> Estimate:
    config = load_config(None, sets)
    return estimate(plan_splits([str(inputs)], config.input), config)


def test_small_inputs_are_counted_to_the_last_document(tmp_path: Path) -> None:
    inputs = write_jsonl(tmp_path / "in.jsonl", _documents(300))
    found = _estimate(inputs)
    assert (found.documents, found.sampled, found.near) == (300, 300, 300)
    assert found.text_bytes == sum(len(document["text"]) for document in _documents(300))
    assert found.input_bytes == inputs.stat().st_size
    assert found.shards == 1


def test_large_inputs_are_estimated_from_a_sample(tmp_path: Path) -> None:
    inputs = write_jsonl(tmp_path / "in.jsonl", _documents(30_000))
    found = _estimate(inputs, "input.split_bytes=4000000", "output.shard_size=1000000")
    assert found.splits > 2
    assert found.sampled < 29_000
    assert found.documents == pytest.approx(30_000, rel=0.02)
    assert found.shards == pytest.approx(found.text_bytes / 1e6, abs=1)


def test_compressed_inputs_are_estimated_in_the_right_order_of_magnitude(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl.gz"
    path.write_bytes(gzip.compress("".join(json.dumps(d) + "\n" for d in _documents(20_000)).encode(), mtime=0))
    found = _estimate(path)
    assert 2_000 < found.documents < 200_000


def test_the_curve_is_that_of_the_bands_and_says_the_threshold() -> None:
    found = _estimate(DEFAULTS.parent / "demo", "dedup.threshold=0.7")
    curve = dict(found.curve)
    assert curve[0.7] >= 0.9999
    assert found.banding is not None
    assert curve[0.6] == pytest.approx(expected_recall(0.6, found.banding))
    assert sorted(curve.values()) == list(curve.values())


def test_less_memory_means_more_passes(tmp_path: Path) -> None:
    inputs = write_jsonl(tmp_path / "in.jsonl", [{"id": str(k), "text": f"a{k} b c d e f"} for k in range(60_000)])
    found = [_estimate(inputs, f"run.memory={memory}") for memory in (1_000_000, 2_000_000, 100_000_000)]
    assert found[0].ranges > found[1].ranges > found[2].ranges == 1
    assert found[0].worker_bytes < found[2].worker_bytes


def test_candidates_lie_between_those_of_alike_neighbours_and_of_alike_everywhere(tmp_path: Path) -> None:
    documents = _documents(40)
    near = [{"id": f"near-{d['id']}", "text": f"{d['text']} again"} for d in documents]
    copies = [{**d, "id": f"copy-{d['id']}"} for d in documents]
    least, most = _estimate(write_jsonl(tmp_path / "in.jsonl", [*documents, *near, *copies])).candidates
    assert 40 <= least <= most
    assert _estimate(write_jsonl(tmp_path / "copies.jsonl", [*documents, *copies])).candidates == (0, 0)


def test_families_that_stand_anywhere_in_one_large_file_are_seen(tmp_path: Path) -> None:
    """One part in eight of a file that is one split holds a template of a thousand versions."""
    documents = _documents(40_000)
    for k in range(26_000, 31_000):
        documents[k]["text"] = f"{' '.join(WORDS[:40])} number {k}"
    inputs = write_jsonl(tmp_path / "in.jsonl", documents)
    assert inputs.stat().st_size > 12_000_000  # more than is read
    found = _estimate(inputs)
    assert found.splits == 1
    assert found.documents == pytest.approx(40_000, rel=0.1)
    assert found.candidates[1] > 5000 * 8


def test_without_the_duplicate_stage_there_is_nothing_about_it(tmp_path: Path) -> None:
    inputs = write_jsonl(tmp_path / "in.jsonl", _documents(3))
    found = _estimate(inputs, "dedup.enabled=false")
    assert (found.banding, found.curve, found.key_bytes) == (None, (), 0)


@pytest.mark.beam
def test_the_command_shows_the_plan_and_what_stands_in_the_output(tmp_path: Path) -> None:
    inputs = write_jsonl(tmp_path / "in.jsonl", _documents(50))
    run_corpus(inputs, tmp_path / "out")
    arguments = ["plan", str(DEFAULTS), "--input", str(inputs), "--output", str(tmp_path / "out")]
    result = CliRunner().invoke(app, [*arguments, "--set", "dedup.threshold=0.9"])
    assert result.exit_code == 0, result.output
    for words in ("about 50", "bands x rows", "<- threshold", "passes", "holds a finished run", "99.99"):
        assert words in result.output
    assert "is free" in describe_output(str(tmp_path / "new"), 1)
    missing = CliRunner().invoke(app, ["plan", str(DEFAULTS)])
    assert missing.exit_code == 2


@pytest.mark.parametrize(
    ("addresses", "sets", "says"),
    [
        (0, (), "from none: no document has an address (input.url_column: url)"),
        (4, (), "from documents with an address"),
        (1, (), "from documents with an address (25.0 % of all)"),
        (0, ("boilerplate.learned.one_host=true",), "from all documents; those without an address count as one site"),
        (4, ("boilerplate.learned.enabled=false",), None),
        (4, ("boilerplate.learned.table=lines.parquet",), "from lines.parquet"),
    ],
)
def test_the_plan_says_what_lines_can_be_learned_from(
    tmp_path: Path, addresses: int, sets: tuple[str, ...], says: str | None
) -> None:
    documents = _documents(4)
    for document in documents[:addresses]:
        document["url"] = f"https://mill.example/{document['id']}"
    assert _estimate(write_jsonl(tmp_path / "in.jsonl", documents), *sets).learning == says


def test_candidates_are_counted_within_equal_values_only(tmp_path: Path) -> None:
    """Each text is there in both languages, once a copy and once a little longer: across values nothing counts."""
    documents = [{**d, "lang": "de"} for d in _documents(40)]
    copies = [{**d, "id": f"copy-{d['id']}", "lang": "en"} for d in documents]
    near = [{**d, "id": f"near-{d['id']}", "text": f"{d['text']} again", "lang": "en"} for d in documents]
    inputs = write_jsonl(tmp_path / "in.jsonl", [*documents, *near, *copies])
    kept = "input.keep_columns={lang: string}"
    everywhere, within = _estimate(inputs, kept), _estimate(inputs, kept, "dedup.within=lang")
    alone = _estimate(write_jsonl(tmp_path / "english.jsonl", [*near, *copies]), kept)
    of_the_german = _estimate(write_jsonl(tmp_path / "german.jsonl", documents), kept).candidates[0]
    assert within.candidates[0] == alone.candidates[0] + of_the_german
    assert within.near == everywhere.near
    one_value = _estimate(inputs, kept, "dedup.within=source")
    assert one_value.candidates == everywhere.candidates


@pytest.mark.parametrize(("column", "pairs"), [("script", 0), ("language", 0), (None, 1)])
def test_languages_and_scripts_of_the_sample_are_found_out(tmp_path: Path, column: str | None, pairs: int) -> None:
    """Two texts that hold the same words but for most of their letters, which are Greek in one of them."""
    shared = " ".join(f"{number}" for number in range(1000, 1060))
    texts = [
        f"{shared} the tide came in at noon and the boats were late",
        f"{shared} το πλοίο έφυγε το πρωί από το λιμάνι",
    ]
    inputs = write_jsonl(tmp_path / "in.jsonl", [{"id": str(k), "text": text} for k, text in enumerate(texts)])
    sets = ("dedup.threshold=0.5", "language.enabled=true", f"dedup.within={column or 'null'}")
    assert _estimate(inputs, *sets).candidates[0] == pairs
