"""Masking personal data in the text of documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import apache_beam as beam
import pyarrow as pa
import pyarrow.compute as pc
from apache_beam.metrics import Metrics

import corpusmill.transforms.coders  # noqa: F401  (registers the coder of record batches)
from corpusmill.transforms.counting import count_findings, merge_repairs
from corpusmill.transforms.kernels.cleaning.personal_data import PersonalDataSettings, mask_column, masking_rules
from corpusmill.transforms.kernels.columns import replace_column
from corpusmill.transforms.kernels.schema import FILTERED, KEPT


@dataclass
class MaskPersonalData(beam.PTransform):
    """Replace e-mail and IP addresses, telephone, card and account numbers in texts, or drop the documents with them.

    Input: batches of documents (`corpusmill.transforms.kernels.schema`).
    Output: the same batches, with `text` masked and what was found added to `repairs`; `decision` = `filtered` and
        `reason` = the rule's id where a document holds what is to be dropped.
    Guarantees: rows and their order do not change; rows that are not `kept` stay as they are; a second masking changes
        nothing; the values themselves are in no column that this changes.
    Counters: `MaskPersonalData/<rule id>`, values found.
    """

    settings: PersonalDataSettings = field(default_factory=PersonalDataSettings)

    def expand(self, batches: beam.PCollection[pa.RecordBatch]) -> beam.PCollection[pa.RecordBatch]:
        """Wire the transform."""
        return batches | "Mask" >> beam.ParDo(_MaskFn(self.settings))


class _MaskFn(beam.DoFn):
    def __init__(self, settings: PersonalDataSettings) -> None:
        self._settings = settings

    def setup(self) -> None:
        masking_rules(self._settings)

    def process(self, element: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        yield mask_batch(element, self._settings)


def mask_batch(batch: pa.RecordBatch, settings: PersonalDataSettings) -> pa.RecordBatch:
    """Apply `mask_column` to the rows of a batch that are still kept."""
    kept = pc.equal(batch["decision"], KEPT)
    masked = mask_column(pc.if_else(kept, batch["text"], None), settings)
    if not len(masked.findings):
        return batch
    count_findings(MaskPersonalData, masked.findings)
    batch = replace_column(batch, "text", pc.if_else(kept, masked.text, batch["text"]))
    batch = replace_column(batch, "repairs", merge_repairs(batch["repairs"], masked.findings))
    if not masked.dropped:
        return batch
    Metrics.counter(MaskPersonalData, "documents dropped").inc(len(masked.dropped))
    reason = pa.array([masked.dropped.get(row) for row in range(len(batch))], pa.string())
    batch = replace_column(batch, "decision", pc.if_else(reason.is_valid(), FILTERED, batch["decision"]))
    return replace_column(batch, "reason", pc.coalesce(reason, batch["reason"]))
