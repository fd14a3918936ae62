"""What crosses the shuffles of a run, as the run itself counts it."""

import base64
import random
from dataclasses import asdict
from pathlib import Path
from typing import Any

import apache_beam as beam
import pyarrow as pa
import pytest
from apache_beam.pipeline import PipelineVisitor
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from corpusmill.config import Config, load_config
from corpusmill.inputs.plan import plan_splits
from corpusmill.runs.assemble import assemble
from corpusmill.runs.manifest import gather_outcome
from corpusmill.runs.run_folder import Job, open_output
from corpusmill.runs.shuffles import Shuffle, measure_shuffles, shuffles_of
from corpusmill.transforms import keyed
from corpusmill.transforms.duplicates import cover, packs
from corpusmill.transforms.keyed import MAX_BYTES, bounded
from tests.support import DEMO, digests, run_corpus, write_jsonl

pytestmark = pytest.mark.beam

LARGEST_ELEMENT_BYTES = 16_000_000
"""What no element of a shuffle is larger than. (Dataflow refuses some from 80 MB on.)"""


def _run_as_on_a_cluster(inputs: Path, out: Path, *sets: str) -> dict[str, Shuffle]:
    """Run the pipeline of an engine of many machines, where keys and texts are shuffled, in this process."""
    config = load_config(None, sets)
    plan = plan_splits([str(inputs)], config.input)
    job = Job(str(out), config, plan.fingerprint, plan.splits)
    open_output(job, overwrite=False)
    pipeline = beam.Pipeline(runner=FnApiRunner())
    assemble(pipeline, job, local=False)
    measure_shuffles(pipeline, job.state)
    result = pipeline.run()
    result.wait_until_finish()
    gather_outcome(job)  # checks the accounts
    return shuffles_of(result)


class _Groupings(PipelineVisitor):
    def __init__(self) -> None:
        self.labels: set[str] = set()

    def enter_composite_transform(self, transform_node: Any) -> None:
        if isinstance(transform_node.transform, beam.GroupByKey):
            self.labels.add(transform_node.full_label.removesuffix("/CoGroupByKeyImpl/GroupByKey"))

    def visit_transform(self, transform_node: Any) -> None:
        self.enter_composite_transform(transform_node)


def test_a_run_tells_of_each_shuffle_what_crossed_it(tmp_path: Path) -> None:
    manifest = run_corpus(DEMO, tmp_path / "out")
    pipeline = beam.Pipeline()
    assemble(pipeline, Job("out", Config(), "fingerprint", ()))
    groupings = _Groupings()
    pipeline.visit(groupings)
    figures = manifest["shuffles"]
    # Nothing was staged by an earlier attempt.
    assert set(figures) == groupings.labels - {"Resume/SpreadEarlier"}
    for label, shuffle in figures.items():
        assert 0 < shuffle["keys"] <= shuffle["elements"], label
        assert 0 < shuffle["largest"] <= shuffle["bytes"] <= shuffle["elements"] * shuffle["largest"], label


def test_the_sizes_are_those_of_the_encoded_elements(tmp_path: Path) -> None:
    pipeline = beam.Pipeline(runner=FnApiRunner())
    elements = [(1, b"a" * 10), (1, b"b" * 1000), (2, b"")]
    _ = pipeline | beam.Create(elements).with_output_types(tuple[int, bytes]) | "Group" >> beam.GroupByKey()
    measure_shuffles(pipeline, str(tmp_path))
    result = pipeline.run()
    result.wait_until_finish()
    # A number of one byte, and the bytes.
    assert asdict(shuffles_of(result)["Group"]) == {"elements": 3, "bytes": 11 + 1001 + 1, "largest": 1001, "keys": 2}


_SCALE = 16
"""Limits and documents are so many times smaller here than those of a run, in the same proportion."""


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """Lower all limits on what crosses a shuffle; settings that do the same with splits and batches."""
    for module in (keyed, packs, cover):
        for name in {"MAX_BYTES", "MAX_ROWS", "_PACK_PAIRS"} & set(vars(module)):
            monkeypatch.setattr(module, name, getattr(module, name) // _SCALE)
    return ("input.split_bytes=80000", f"input.batch_bytes={Config().input.batch_bytes // _SCALE}")


def _incompressible(chance: random.Random, size: int) -> list[str]:
    letters = base64.b64encode(chance.randbytes(size * 7 // 10 // _SCALE), b"xy").decode()
    return [letters[k : k + 9] for k in range(0, len(letters), 9)]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Near-copies larger than an element, ids of a hundredth of one, a template with many copies, many splits."""
    chance = random.Random(5)
    records = []
    words = _incompressible(chance, 24_000_000)
    for name in ("large", "large-again"):
        records.append(
            {"id": name, "text": " ".join(words), "url": f"https://{'h' * (100_000 // _SCALE)}.example/{name}"}
        )
        words[1000] = "edited"
    for number in range(280):
        text = " ".join(_incompressible(chance, 8_000)) if number % 2 == 0 else f"{records[-1]['text']} more"
        records.append({"id": f"{number}-{''.join(_incompressible(chance, 200_000))}", "text": text})
    template = (
        "The ferry to island number {} leaves the pier at noon, and again at six, on all days but the second of May."
    )
    # The same words with another number at a place that few shingles cover.
    copies = 6000 // _SCALE
    records += [
        {"id": f"t{n}", "text": f"{template.format('one')} {template.format('two')} {n}"} for n in range(copies)
    ]
    return write_jsonl(tmp_path_factory.mktemp("hostile") / "in.jsonl", records)


def test_no_element_is_too_large_for_an_engine_whatever_the_input(
    hostile: Path, tmp_path: Path, small_limits: tuple[str, ...]
) -> None:
    limit = LARGEST_ELEMENT_BYTES // _SCALE
    figures = _run_as_on_a_cluster(hostile, tmp_path / "cluster", *small_limits)
    assert figures["SpreadSplits/ReshufflePerKey/GroupByKey"].elements > 50
    largest = {label: shuffle.largest for label, shuffle in figures.items() if shuffle.largest > limit}
    assert not largest
    # Of several splits each; else the ids would not have met.
    assert figures["FindDuplicates/KeepPairs/ByRight"].bytes > limit
    run_corpus(hostile, tmp_path / "local", *small_limits)
    assert digests(tmp_path / "cluster", "corpus", "audit") == digests(tmp_path / "local", "corpus", "audit")


def test_a_batch_is_cut_where_it_is_too_large() -> None:
    batch = pa.record_batch({"id": ["x" * 5_000_000, "y" * 5_000_000, "z" * 5_000_000, "", "w" * 20_000_000]})
    parts = list(bounded(batch))
    assert pa.Table.from_batches(parts).equals(pa.Table.from_batches([batch]))
    assert all(part.nbytes <= MAX_BYTES or len(part) == 1 for part in parts)
    assert len(parts) > 2
    assert list(bounded(batch.slice(3, 1))) == [batch.slice(3, 1)]
