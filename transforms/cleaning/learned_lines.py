"""Lines learned from the staged corpus, and taking them out of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized
from dataclasses import dataclass, replace

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import corpusmill.transforms.coders  # noqa: F401  (registers the coder of record batches)
from corpusmill.transforms import sealed, storage
from corpusmill.transforms.cleaning.boilerplate import record
from corpusmill.transforms.kernels.boilerplate import BoilerplateSettings, LineRule
from corpusmill.transforms.kernels.boilerplate.learned import TABLE_SCHEMA, apply_learned, learn_table
from corpusmill.transforms.kernels.boilerplate.line_statistics import (
    host_of,
    line_statistics,
    merge_statistics,
    partition_statistics,
)
from corpusmill.transforms.kernels.boilerplate.sampling import (
    HOSTS_SCHEMA,
    SamplePlan,
    count_hosts,
    in_sample,
    plan_sample,
)
from corpusmill.transforms.kernels.schema import KEPT, BatchPosition, mark_batch
from corpusmill.transforms.keyed import bounded
from corpusmill.transforms.staging.stage import (
    StagedFile,
    StagedSplit,
    Totals,
    add_totals,
    count_batch,
    read_staged,
    read_totals,
    take_rows,
    write_staged,
)

LEARNED = "learned"
"""Folder under the state folder of the staged batches that learned lines were taken out of."""

_NOTHING = pa.RecordBatch.from_pylist([], TABLE_SCHEMA)
_PARTITIONS = 16
_COUNT_BYTES = 1 << 20
"""Text whose lines are counted at a time: counting takes many times its memory."""


@dataclass
class LearnBoilerplate(beam.PTransform):
    """Learn which lines many independent documents of a host, or of many hosts, share.

    Input: (split, `StagedSplit`), from `StageDocuments`.
    Output: one table of learned lines (`corpusmill.transforms.kernels.boilerplate.learned.TABLE_SCHEMA`), as a batch.
    Guarantees: exact on the sample that the settings ask for; the result depends on the documents alone, not on their
        order or grouping. What is shuffled are counts, one small row for each distinct short line of a split, and
        their number is bounded by the size of the sample.
    """

    state: str
    settings: BoilerplateSettings

    def expand(self, staged: beam.PCollection[tuple[int, StagedSplit]]) -> beam.PCollection[pa.RecordBatch]:
        """Wire the transform."""
        plan = (
            staged
            | "CountHosts" >> beam.ParDo(_HostsFn(self.state))
            | "GatherHosts" >> beam.GroupByKey()
            | "PlanSample" >> beam.ParDo(_PlanSampleFn(self.settings))
        )
        learned = (
            staged
            | "BySplit" >> beam.Reshuffle()  # engines cut here anyway, for the plan; now it is accounted for
            | "CountLines" >> beam.ParDo(_CountFn(self.state, self.settings), beam.pvalue.AsList(plan))
            | "ByLine" >> beam.GroupByKey()
            | "Learn" >> beam.ParDo(_LearnFn(self.settings))
        )
        # There is a table where nothing was learned, too.
        nothing = staged.pipeline | "Nothing" >> beam.Create([(0, _NOTHING)], reshuffle=False)
        return (
            (learned, nothing) | "Flatten" >> beam.Flatten() | "Gather" >> beam.GroupByKey() | "Join" >> beam.Map(_join)
        )


@dataclass
class ApplyLearned(beam.PTransform):
    """Take learned lines out of the staged documents.

    Input: {"staged": (split, `StagedSplit`), "table": one table of learned lines, as a batch}.
    Output: (split, `StagedSplit`), its files replaced where a line went.
    Guarantees: as for `StageDocuments`; a batch in which nothing is found is not written again.
    """

    state: str
    settings: BoilerplateSettings
    extra_rules: tuple[LineRule, ...] = ()

    def expand(self, inputs: dict[str, beam.PCollection[object]]) -> beam.PCollection[tuple[int, StagedSplit]]:
        """Wire the transform."""
        apply = _ApplyFn(self.state, self.settings, self.extra_rules)
        return inputs["staged"] | "Apply" >> beam.ParDo(apply, beam.pvalue.AsList(inputs["table"]))


class _HostsFn(beam.DoFn):
    def __init__(self, state: str) -> None:
        self._state = state

    def process(self, element: tuple[int, StagedSplit]) -> Iterator[tuple[int, pa.RecordBatch]]:
        table = read_staged(self._state, element[1].files, ["url", "decision"])
        hosts = host_of(table.filter(pc.equal(table["decision"], KEPT))["url"].combine_chunks())
        for part in bounded(count_hosts(hosts)):
            yield 0, part


class _PlanSampleFn(beam.DoFn):
    def __init__(self, settings: BoilerplateSettings) -> None:
        self._settings = settings.learned

    def process(self, element: tuple[int, Iterable[pa.RecordBatch]]) -> Iterator[SamplePlan]:
        yield plan_sample(
            pa.Table.from_batches(list(element[1]), HOSTS_SCHEMA),
            host_documents=self._settings.host_documents,
            documents=self._settings.documents,
        )


class _CountFn(beam.DoFn):
    def __init__(self, state: str, settings: BoilerplateSettings) -> None:
        self._state = state
        self._settings = settings

    def process(
        self, element: tuple[int, StagedSplit], plans: list[SamplePlan]
    ) -> Iterator[tuple[int, pa.RecordBatch]]:
        _require_one(plans, "plan of the sample")
        counted = []
        for staged in element[1].files:
            names = read_staged(self._state, [staged], ["id", "url", "decision"]).combine_chunks()
            chosen = in_sample(host_of(names["url"].combine_chunks()), names["id"].combine_chunks(), plans[0])
            rows = np.flatnonzero(chosen & pc.equal(names["decision"], KEPT).to_numpy())
            if not len(rows):
                continue
            text = read_staged(self._state, [staged], ["text"])["text"]
            sizes = np.cumsum(pc.binary_length(take_rows(text, rows)).to_numpy())
            parts = np.split(rows, np.flatnonzero(np.diff(sizes // _COUNT_BYTES)) + 1)
            counted += [
                line_statistics(take_rows(text, part), take_rows(names["url"], part), self._settings) for part in parts
            ]
            counted = [merge_statistics(counted)]
        for partition, statistics in enumerate(partition_statistics(merge_statistics(counted), _PARTITIONS)):
            for part in bounded(statistics):
                yield partition, part


def _require_one(found: Sized, what: str) -> None:
    if len(found) != 1:
        raise RuntimeError(f"the engine handed over {len(found)} instead of one {what}")


def _kept_texts(table: pa.Table) -> tuple[pa.Array, pa.Array]:
    kept = pc.equal(table["decision"], KEPT)
    return pc.if_else(kept, table["text"], None).combine_chunks(), table["url"].combine_chunks()


class _LearnFn(beam.DoFn):
    def __init__(self, settings: BoilerplateSettings) -> None:
        self._settings = settings

    def process(self, element: tuple[int, Iterable[pa.RecordBatch]]) -> Iterator[tuple[int, pa.RecordBatch]]:
        table = learn_table(merge_statistics(list(element[1])), self._settings).combine_chunks()
        for batch in table.to_batches():
            for part in bounded(batch):
                yield 0, part


def _join(element: tuple[int, Iterable[pa.RecordBatch]]) -> pa.RecordBatch:
    order = [
        (name, "descending" if name == "independent_documents" else "ascending")
        for name in ("independent_documents", "sample", "line", "host")
    ]
    table = pa.Table.from_batches(list(element[1]), TABLE_SCHEMA).sort_by(order).combine_chunks()
    return table.to_batches()[0] if len(table) else _NOTHING


class _ApplyFn(beam.DoFn):
    def __init__(self, state: str, settings: BoilerplateSettings, extra_rules: tuple[LineRule, ...]) -> None:
        self._state = state
        self._settings = settings
        self._extra_rules = extra_rules

    def process(
        self, element: tuple[int, StagedSplit], tables: list[pa.RecordBatch]
    ) -> Iterator[tuple[int, StagedSplit]]:
        split, staged = element
        _require_one(tables, "table of learned lines")
        learned = pa.Table.from_batches(tables, TABLE_SCHEMA)
        if not len(learned):
            yield element
            return
        results = [self._apply(file, learned) for file in staged.files]
        totals = add_totals(totals for _, totals in results)
        yield split, replace(staged, files=tuple(file for file, _ in results), totals=totals)

    def _apply(self, staged: StagedFile, learned: pa.Table) -> tuple[StagedFile, Totals]:
        changed = replace(staged, folder=LEARNED)
        if sealed.is_intact(changed.path(self._state)):
            return changed, read_totals(self._state, changed)
        table = read_staged(self._state, [staged], ["text", "url", "title", "decision"]).combine_chunks()
        text, url = _kept_texts(table)
        titles = table["title"].combine_chunks()
        stripped = apply_learned(text, url, learned, self._settings, titles=titles, extra_rules=self._extra_rules)
        if not stripped.removed and not stripped.filtered:
            return staged, read_totals(self._state, staged)
        (batch,) = read_staged(self._state, [staged]).combine_chunks().to_batches()
        batch = record(batch, stripped, pc.equal(batch["decision"], KEPT))
        batch = mark_batch(batch, BatchPosition(staged.split, staged.batch, staged.last))
        totals = count_batch(batch)
        write_staged(batch, changed, totals, self._state)
        return changed, totals


def write_table(table: pa.RecordBatch | pa.Table, path: str, state: str) -> None:
    """Write learned lines to a Parquet file that a person can review, edit and give back."""
    with storage.open_atomic(path, state) as stream:
        pq.write_table(
            table if isinstance(table, pa.Table) else pa.Table.from_batches([table]), stream, compression="zstd"
        )
