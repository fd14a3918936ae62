"""Counting, for each kept document, the duplicates that were removed for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import apache_beam as beam
import pyarrow as pa

from corpusmill.transforms import sealed
from corpusmill.transforms.kernels.writing.copies import COUNTS_SCHEMA, count_copies
from corpusmill.transforms.keyed import KeyedBatch, bounded, by_group_bounded, row_of, split_of
from corpusmill.transforms.layout import State
from corpusmill.transforms.staging.split_files import SplitFiles
from corpusmill.transforms.staging.stage import take_rows


@dataclass
class CountCopies(beam.PTransform):
    """Count the duplicates that were removed for each kept document, by their sources, and write the counts down.

    Input: (split, batch of `DUPLICATES_SCHEMA`), the decisions of `FindDuplicates`.
    Output: (split of the kept documents, rows of its file of counts); splits without any are absent.
    Guarantees: a document of an earlier corpus is not counted for: that corpus is only read. The bytes follow from the
        decisions alone.
    """

    state: str

    def expand(self, decisions: beam.PCollection[KeyedBatch]) -> beam.PCollection[tuple[int, int]]:
        """Wire the transform."""
        return (
            decisions
            | "BySource" >> beam.ParDo(_BySourceFn(self.state)).with_output_types(KeyedBatch)
            | "ByPartner" >> beam.GroupByKey()
            | "WriteCounts" >> beam.ParDo(_WriteCountsFn(self.state)).with_output_types(tuple[int, int])
        )


class _BySourceFn(beam.DoFn):
    def __init__(self, state: str) -> None:
        self._files = SplitFiles(state)

    def process(self, element: KeyedBatch) -> Iterator[KeyedBatch]:
        split, batch = element
        source = take_rows(self._files.places(split)["source"], batch["row"].to_numpy())
        partner = batch["partner"].to_numpy()
        for target, at in by_group_bounded(split_of(partner)):
            if target < 0:
                continue
            own = pa.array(at)
            columns = [pa.array(row_of(partner[at])), source.take(own), pa.repeat(pa.scalar(1, pa.int64()), len(at))]
            counted = count_copies([pa.RecordBatch.from_arrays(columns, schema=COUNTS_SCHEMA)])
            for part in counted.combine_chunks().to_batches():
                for piece in bounded(part):
                    yield target, piece


class _WriteCountsFn(beam.DoFn):
    def __init__(self, state: str) -> None:
        self._state = state

    def process(self, element: tuple[int, Iterable[pa.RecordBatch]]) -> Iterator[tuple[int, int]]:
        split, batches = element
        counts = count_copies(list(batches))
        sealed.write_table(counts, State(self._state).copies(split), self._state, dictionary=True)
        yield split, len(counts)
