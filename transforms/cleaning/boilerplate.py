"""Taking out what sites put around their texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from apache_beam.metrics import Metrics

import corpusmill.transforms.coders  # noqa: F401  (registers the coder of record batches)
from corpusmill.transforms.counting import merge_repairs
from corpusmill.transforms.kernels.boilerplate import BoilerplateSettings, LineRule, RemovedLine, Stripped, strip_column
from corpusmill.transforms.kernels.columns import replace_column
from corpusmill.transforms.kernels.findings import Findings
from corpusmill.transforms.kernels.schema import FILTERED, KEPT, REMOVED_LINES_TYPE


@dataclass
class StripBoilerplate(beam.PTransform):
    """Take boilerplate lines out of texts, and mark the documents that are nothing else.

    Input: batches of documents (`corpusmill.transforms.kernels.schema`).
    Output: the same batches. For rows still kept, `text` without the lines and `removed_lines` with them added; where
        nothing but boilerplate is left, `decision` = `filtered` and `reason` = the rule's id. Where lines were removed
        and lines are to be learned, `unstripped` is the text before, since what rules find is evidence of what they do
        not, and `packed_lines` holds what was found of its lines.
    Guarantees: rows and their order do not change; a text in which nothing is found stays the same bytes.
    Counters: `StripBoilerplate/<rule id>`, lines removed and documents filtered.

    Attributes:
        settings: Which rules are on.
        extra_rules: Lines of the user's own files, see `corpusmill.transforms.kernels.boilerplate.parse_rule_file`.
    """

    settings: BoilerplateSettings = field(default_factory=BoilerplateSettings)
    extra_rules: tuple[LineRule, ...] = ()

    def expand(self, batches: beam.PCollection[pa.RecordBatch]) -> beam.PCollection[pa.RecordBatch]:
        """Wire the transform."""
        return batches | "Strip" >> beam.ParDo(_StripFn(self.settings, self.extra_rules))


class _StripFn(beam.DoFn):
    def __init__(self, settings: BoilerplateSettings, extra_rules: tuple[LineRule, ...]) -> None:
        self._settings = settings
        self._extra_rules = extra_rules

    def process(self, element: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        yield strip_batch(element, self._settings, self._extra_rules)


def strip_batch(
    batch: pa.RecordBatch, settings: BoilerplateSettings, extra_rules: tuple[LineRule, ...] = ()
) -> pa.RecordBatch:
    """Apply `strip_column` to the rows of a batch that are still kept."""
    if not settings.enabled:
        return batch
    kept = pc.equal(batch["decision"], KEPT)
    text = pc.if_else(kept, batch["text"], None)
    stripped = strip_column(
        text,
        settings,
        titles=batch["title"],
        urls=batch["url"],
        extra_rules=extra_rules,
        pack=settings.learned.enabled,
    )
    if stripped.packed is not None:
        batch = replace_column(batch, "packed_lines", stripped.packed)
    if settings.learned.enabled and stripped.removed:
        changed = np.zeros(len(batch), bool)
        changed[[removed.row for removed in stripped.removed]] = True
        # Learned lines are taken out of the text that rules saw, if it is there: it holds what was cut out of lines.
        changed[[*stripped.marks, *(edit.row for edit in stripped.edits)]] = False
        batch = replace_column(batch, "unstripped", pc.if_else(pa.array(changed), text, None))
    return record(batch, stripped, kept)


def record(batch: pa.RecordBatch, stripped: Stripped, kept: pa.Array) -> pa.RecordBatch:
    """Write into a batch what boilerplate removal did to its rows.

    Args:
        batch: Documents.
        stripped: What was found in their texts, where the rows that are not `kept` were null.
        kept: bool column, the rows it was applied to.
    """
    for _, rule, count in stripped.findings:
        Metrics.counter(StripBoilerplate, rule).inc(count)
    for reason in stripped.filtered.values():
        Metrics.counter(StripBoilerplate, reason).inc()
    batch = replace_column(batch, "text", pc.if_else(kept, stripped.text, batch["text"]))
    if stripped.removed:
        batch = replace_column(batch, "removed_lines", _with_lines(batch["removed_lines"], stripped.removed))
    if stripped.edits:
        edits = Findings()
        for edit in stripped.edits:
            edits.add(edit.row, edit.rule, edit.pieces)
        batch = replace_column(batch, "repairs", merge_repairs(batch["repairs"], edits))
    if stripped.filtered:
        reason = pa.array([stripped.filtered.get(row) for row in range(len(batch))], pa.string())
        batch = replace_column(batch, "decision", pc.if_else(reason.is_valid(), FILTERED, batch["decision"]))
        batch = replace_column(batch, "reason", pc.coalesce(reason, batch["reason"]))
    return batch


def _with_lines(column: pa.Array, removed: Iterable[RemovedLine]) -> pa.Array:
    lists: list[list[dict[str, object]] | None] = column.to_pylist()
    for row, line, rule, text in removed:
        known = lists[row]
        if known is None:
            known = lists[row] = []
        known.append({"line": line, "rule": rule, "text": text})
    return pa.array(lists, REMOVED_LINES_TYPE)
