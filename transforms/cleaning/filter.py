"""Dropping documents by rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import apache_beam as beam
import pyarrow as pa
import pyarrow.compute as pc
from apache_beam.metrics import Metrics

import corpusmill.transforms.coders  # noqa: F401  (registers the coder of record batches)
from corpusmill.transforms.kernels.cleaning.filter import LengthSettings, filter_column
from corpusmill.transforms.kernels.columns import replace_column
from corpusmill.transforms.kernels.schema import FILTERED, KEPT


@dataclass
class FilterDocuments(beam.PTransform):
    """Mark documents that a rule drops; the rows stay, so that the audit has them.

    Input: batches of documents (`corpusmill.transforms.kernels.schema`).
    Output: the same batches, with `decision` = `filtered` and `reason` = the rule's id where a rule applies.
    Guarantees: rows, their order and their text do not change. The lists that the settings name are not looked at:
        see `corpusmill.transforms.cleaning.block_lists.DropListed`.
    Counters: `FilterDocuments/<rule id>`.
    """

    settings: LengthSettings = field(default_factory=LengthSettings)

    def expand(self, batches: beam.PCollection[pa.RecordBatch]) -> beam.PCollection[pa.RecordBatch]:
        """Wire the transform."""
        return batches | "Filter" >> beam.ParDo(_FilterFn(self.settings))


class _FilterFn(beam.DoFn):
    def __init__(self, settings: LengthSettings) -> None:
        self._settings = settings

    def process(self, element: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        yield filter_batch(element, self._settings)


def filter_batch(batch: pa.RecordBatch, settings: LengthSettings) -> pa.RecordBatch:
    """Apply `filter_column` to the rows of a batch that are still kept."""
    reason = filter_column(batch["text"], settings)
    reason = pc.if_else(pc.equal(batch["decision"], KEPT), reason, None)
    for count in pc.value_counts(reason.drop_null()).to_pylist():
        Metrics.counter(FilterDocuments, count["values"]).inc(count["counts"])
    dropped = reason.is_valid()
    batch = replace_column(batch, "decision", pc.if_else(dropped, FILTERED, batch["decision"]))
    return replace_column(batch, "reason", pc.coalesce(reason, batch["reason"]))
