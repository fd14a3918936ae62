"""Finding parts of benchmarks in documents, and dropping the documents or cutting the paragraphs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from weakref import WeakValueDictionary

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from apache_beam.metrics import Metrics

import corpusmill.transforms.coders  # noqa: F401  (registers the coder of record batches)
from corpusmill.transforms import sealed
from corpusmill.transforms.kernels.columns import replace_column
from corpusmill.transforms.kernels.decontamination.benchmark_index import BenchmarkIndex
from corpusmill.transforms.kernels.decontamination.overlaps import OVERLAP, decontaminate_column
from corpusmill.transforms.kernels.decontamination.settings import DecontaminateSettings
from corpusmill.transforms.kernels.schema import FILTERED, KEPT, OVERLAPS_TYPE, REMOVED_LINES_TYPE
from corpusmill.transforms.layout import State

_IN_THIS_PROCESS: WeakValueDictionary[tuple[str, str], BenchmarkIndex] = WeakValueDictionary()
"""Indexes that this process has made and still holds: a run in one process need not read what it has written."""


def write_benchmarks(index: BenchmarkIndex, state: str, digest: str) -> None:
    """Write the index of the benchmarks to the state folder, for the workers to load: see `load_benchmarks`."""
    _IN_THIS_PROCESS[state, digest] = index
    grams = pa.table({"gram": index.grams, "number": index.number})
    anchors = pa.table({"bits": index.anchors.view(np.uint64)})
    known = {"anchor_words": index.anchor_words, "lengths": list(index.lengths)}
    items = index.items.append_column("first", pa.array(index.first))
    for name, table in (("grams", grams), ("anchors", anchors), ("items", items)):
        compression = "lz4" if name == "items" else "none"  # hashes cannot be compressed
        sealed.write_table(table, State(state).benchmarks(f"{name}.parquet"), state, compression=compression)
    sealed.write_json(State(state).benchmarks("lengths.json"), known, state)


def load_benchmarks(state: str, digest: str) -> BenchmarkIndex:
    """Load what `write_benchmarks` wrote; once in a process, whatever the number of its threads.

    Args:
        state: The state folder.
        digest: Tells the index of one run, by benchmarks and settings, from that of another with the same folder.
    """
    return _IN_THIS_PROCESS.get((state, digest)) or _read_benchmarks(state, digest)


@lru_cache(maxsize=1)
def _read_benchmarks(state: str, digest: str) -> BenchmarkIndex:
    del digest
    tables = {
        name: sealed.read_parquet(State(state).benchmarks(f"{name}.parquet")).combine_chunks()
        for name in ("grams", "anchors", "items")
    }
    known = sealed.read_json(State(state).benchmarks("lengths.json"))
    grams = tables["grams"]
    return BenchmarkIndex(
        anchor_words=known["anchor_words"],
        lengths=tuple(known["lengths"]),
        grams=grams["gram"].to_numpy(),
        number=grams["number"].to_numpy(),
        first=tables["items"]["first"].to_numpy(),
        anchors=tables["anchors"]["bits"].to_numpy().view(np.uint16),
        items=tables["items"].drop_columns("first"),
    )


@dataclass
class Decontaminate(beam.PTransform):
    """Find parts of benchmark items in texts; drop these documents, or cut the paragraphs.

    Input: batches of documents (`corpusmill.transforms.kernels.schema`).
    Output: the same batches with `overlaps` of rows still kept. `action: drop`: their `decision` = `filtered` and
        `reason` = `decontaminate.overlap`. `action: cut`: `text` without the paragraphs, which are in `removed_lines`;
        a document of which nothing would be left is dropped. `unstripped` is null then, since it holds what was cut.
    Guarantees: what is found has the same words in the same order, not only the same hashes; the result depends on the
        document and the benchmarks alone.
    Counters: `Decontaminate/decontaminate.overlap`, documents.

    Attributes:
        state: The state folder, in which the index is (`write_benchmarks`).
        digest: Tells this index from others that stood in the same folder, see `load_benchmarks`.
        settings: What to do.
    """

    state: str
    digest: str
    settings: DecontaminateSettings

    def expand(self, batches: beam.PCollection[pa.RecordBatch]) -> beam.PCollection[pa.RecordBatch]:
        """Wire the transform."""
        return batches | "Find" >> beam.ParDo(_DecontaminateFn(self.state, self.digest, self.settings))


class _DecontaminateFn(beam.DoFn):
    def __init__(self, state: str, digest: str, settings: DecontaminateSettings) -> None:
        self._state = state
        self._digest = digest
        self._settings = settings

    def process(self, element: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        yield decontaminate_batch(element, load_benchmarks(self._state, self._digest), self._settings)


def decontaminate_batch(
    batch: pa.RecordBatch, index: BenchmarkIndex, settings: DecontaminateSettings
) -> pa.RecordBatch:
    """Apply `decontaminate_column` to the rows of a batch that are still kept."""
    kept = pc.equal(batch["decision"], KEPT)
    found = decontaminate_column(pc.if_else(kept, batch["text"], None), index, settings)
    if not found.overlaps:
        return batch
    Metrics.counter(Decontaminate, OVERLAP).inc(len(found.overlaps))
    overlaps = [[asdict(overlap) for overlap in found.overlaps.get(row, ())] or None for row in range(len(batch))]
    batch = replace_column(batch, "overlaps", pa.array(overlaps, OVERLAPS_TYPE))
    if found.removed:
        batch = replace_column(batch, "text", pc.if_else(kept, found.text, batch["text"]))
        lines: list[list[dict[str, object]] | None] = batch["removed_lines"].to_pylist()
        for row, number, text in found.removed:
            lines[row] = [*(lines[row] or ()), {"line": number, "rule": OVERLAP, "text": text}]
        batch = replace_column(batch, "removed_lines", pa.array(lines, REMOVED_LINES_TYPE))
        # Learned lines are taken out of the text that rules saw, if it is there: it holds what was cut.
        cut = np.zeros(len(batch), bool)
        cut[[row for row, _, _ in found.removed]] = True
        batch = replace_column(batch, "unstripped", pc.if_else(pa.array(cut), None, batch["unstripped"]))
    dropped = np.zeros(len(batch), bool)
    dropped[list(found.dropped)] = True
    batch = replace_column(batch, "decision", pc.if_else(pa.array(dropped), FILTERED, batch["decision"]))
    return replace_column(batch, "reason", pc.if_else(pa.array(dropped), OVERLAP, batch["reason"]))
