"""Normalizing the text of documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import apache_beam as beam
import pyarrow as pa
import pyarrow.compute as pc

import corpusmill.transforms.coders  # noqa: F401  (registers the coder of record batches)
from corpusmill.transforms.counting import count_findings, merge_repairs
from corpusmill.transforms.kernels.cleaning.normalize import NormalizeSettings, normalize_column, rules_of
from corpusmill.transforms.kernels.columns import replace_column
from corpusmill.transforms.kernels.schema import KEPT


@dataclass
class NormalizeText(beam.PTransform):
    """Repair the encoding of texts, take symbol noise out, bring white space and Unicode into one form.

    Input: batches of documents (`corpusmill.transforms.kernels.schema`).
    Output: the same batches, with `text` normalized and what was done added to `repairs`.
    Guarantees: rows and their order do not change; rows that are not `kept` stay as they are; a second normalization
        changes nothing.
    Counters: `NormalizeText/<rule id>`, places changed.
    """

    settings: NormalizeSettings = field(default_factory=NormalizeSettings)

    def expand(self, batches: beam.PCollection[pa.RecordBatch]) -> beam.PCollection[pa.RecordBatch]:
        """Wire the transform."""
        return batches | "Normalize" >> beam.ParDo(_NormalizeFn(self.settings))


class _NormalizeFn(beam.DoFn):
    def __init__(self, settings: NormalizeSettings) -> None:
        self._settings = settings

    def setup(self) -> None:
        rules_of(self._settings)

    def process(self, element: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        yield normalize_batch(element, self._settings)


def normalize_batch(batch: pa.RecordBatch, settings: NormalizeSettings) -> pa.RecordBatch:
    """Apply `normalize_column` to the rows of a batch that are still kept."""
    kept = pc.equal(batch["decision"], KEPT)
    text, findings = normalize_column(pc.if_else(kept, batch["text"], None), settings)
    count_findings(NormalizeText, findings)
    batch = replace_column(batch, "text", pc.if_else(kept, text, batch["text"]))
    return replace_column(batch, "repairs", merge_repairs(batch["repairs"], findings))
