"""Lines learned from the staged corpus, and taking them out of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import dataclass, replace
from typing import NamedTuple

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import corpusmill.transforms.coders  # noqa: F401  (registers the coder of record batches)
from corpusmill.transforms import sealed, storage
from corpusmill.transforms.cleaning.boilerplate import record
from corpusmill.transforms.kernels.boilerplate import BoilerplateSettings, LineRule
from corpusmill.transforms.kernels.boilerplate.learning.apply import Before, apply_learned
from corpusmill.transforms.kernels.boilerplate.learning.learn import TABLE_SCHEMA, learn_table, sort_table, titles_of
from corpusmill.transforms.kernels.boilerplate.learning.learned_table import LearnedTable
from corpusmill.transforms.kernels.boilerplate.learning.line_statistics import (
    documents_of,
    host_of,
    line_statistics,
    merge_statistics,
    partition_statistics,
)
from corpusmill.transforms.kernels.boilerplate.learning.sampling import (
    HOSTS_SCHEMA,
    SamplePlan,
    count_hosts,
    in_sample,
    plan_sample,
)
from corpusmill.transforms.kernels.boilerplate.learning.second_look import look_again
from corpusmill.transforms.kernels.columns import replace_column
from corpusmill.transforms.kernels.schema import KEPT, BatchPosition, mark_batch
from corpusmill.transforms.keyed import bounded
from corpusmill.transforms.layout import LEARNED
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

_Counting = Callable[[pa.Array, pa.Array, pa.Array, pa.Array], pa.RecordBatch]
"""Texts, addresses, titles and packed lines to statistics."""

_NOTHING = pa.RecordBatch.from_pylist([], TABLE_SCHEMA)
_PARTITIONS = 4
_COUNT_BYTES = 1 << 20
"""Text whose lines are counted at a time: counting takes many times its memory."""


@dataclass
class LearnBoilerplate(beam.PTransform):
    """Learn which lines many independent documents of a host, or of many hosts, share.

    Input: (split, `StagedSplit`), from `StageDocuments`.
    Output: one table of learned lines (`TABLE_SCHEMA` of `corpusmill.transforms.kernels.boilerplate.learning.learn`),
        as a batch.
    Guarantees: exact on the sample that the settings ask for; the result depends on the documents alone, not on their
        order or grouping. What is shuffled are counts, one small row for each distinct short line of a split, and
        their number is bounded by the size of the sample.
    """

    state: str
    settings: BoilerplateSettings
    extra_rules: tuple[LineRule, ...] = ()

    def expand(self, staged: beam.PCollection[tuple[int, StagedSplit]]) -> beam.PCollection[pa.RecordBatch]:
        """Wire the transform."""
        plan = beam.pvalue.AsList(
            staged
            | "CountHosts" >> beam.ParDo(_HostsFn(self.state, self.settings))
            | "GatherHosts" >> beam.GroupByKey()
            | "PlanSample" >> beam.ParDo(_PlanSampleFn(self.settings))
        )
        spread = staged | "BySplit" >> beam.Reshuffle()
        counted = spread | "CountLines" >> beam.ParDo(_CountFn(self.state, self.settings, self.extra_rules), plan)
        first = (
            counted | "ByLine" >> beam.GroupByKey() | "LearnFirst" >> beam.ParDo(_LearnFn(self.settings, titles=True))
        )
        look = _LookFn(self.state, self.settings, self.extra_rules)
        found = spread | "LookAgain" >> beam.ParDo(look, plan, beam.pvalue.AsList(first))
        documents = counted | "Documents" >> beam.MapTuple(_documents_of).with_output_types(tuple[int, pa.RecordBatch])
        learned = (
            (found, documents)
            | "WithDocuments" >> beam.Flatten()
            | "ByLineAgain" >> beam.GroupByKey()
            | "Learn" >> beam.ParDo(_LearnFn(self.settings))
        )
        # There is a table where nothing was learned, too.
        nothing = staged.pipeline | "Nothing" >> beam.Create([(0, _NOTHING)], reshuffle=False)
        return (
            (learned, nothing) | "Flatten" >> beam.Flatten() | "Gather" >> beam.GroupByKey() | "Join" >> beam.Map(_join)
        )


class ApplyLearnedInput(NamedTuple):
    """The inputs of `ApplyLearned`.

    Attributes:
        staged: (split, `StagedSplit`).
        table: One table of learned lines.
    """

    staged: beam.PCollection[tuple[int, StagedSplit]]
    table: beam.PCollection[pa.RecordBatch]


@dataclass
class ApplyLearned(beam.PTransform):
    """Take learned lines out of the staged documents.

    Input: `ApplyLearnedInput`.
    Output: (split, `StagedSplit`), its files replaced where a line was removed.
    Guarantees: as for `StageDocuments`; a batch in which nothing is found is not written again.
    """

    state: str
    settings: BoilerplateSettings
    extra_rules: tuple[LineRule, ...] = ()

    def expand(self, inputs: ApplyLearnedInput) -> beam.PCollection[tuple[int, StagedSplit]]:
        """Wire the transform."""
        apply = _ApplyFn(self.state, self.settings, self.extra_rules)
        return inputs.staged | "Apply" >> beam.ParDo(apply, beam.pvalue.AsList(inputs.table))


class _HostsFn(beam.DoFn):
    def __init__(self, state: str, settings: BoilerplateSettings) -> None:
        self._state = state
        self._nameless = settings.learned.one_host

    def process(self, element: tuple[int, StagedSplit]) -> Iterator[tuple[int, pa.RecordBatch]]:
        table = read_staged(self._state, element[1].files, ["url", "decision"])
        hosts = host_of(table.filter(pc.equal(table["decision"], KEPT))["url"].combine_chunks())
        for part in bounded(count_hosts(hosts, nameless=self._nameless)):
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


class _SampleFn(beam.DoFn):
    """Reads the documents in the sample, and counts in them what a subclass counts."""

    def __init__(self, state: str, settings: BoilerplateSettings, extra_rules: tuple[LineRule, ...]) -> None:
        self._state = state
        self._settings = settings
        self._extra_rules = extra_rules

    def _count(self, split: StagedSplit, plan: SamplePlan, count: _Counting) -> Iterator[tuple[int, pa.RecordBatch]]:
        counted: list[pa.RecordBatch | pa.Table] = []
        for staged in split.files:
            names = read_staged(self._state, [staged], ["id", "url", "title", "decision"]).combine_chunks()
            url, title = names["url"].combine_chunks(), names["title"].combine_chunks()
            chosen = in_sample(host_of(url), names["id"].combine_chunks(), plan)
            rows = np.flatnonzero(chosen & pc.equal(names["decision"], KEPT).to_numpy())
            if not len(rows):
                continue
            table = read_staged(self._state, [staged], ["text", "unstripped", "packed_lines"])
            text, packed = _unstripped(table), table["packed_lines"]
            sizes = np.cumsum(pc.binary_length(take_rows(text, rows)).to_numpy())
            parts = np.split(rows, np.flatnonzero(np.diff(sizes // _COUNT_BYTES)) + 1)
            counted += [count(*(take_rows(column, part) for column in (text, url, title, packed))) for part in parts]
            counted = [merge_statistics(counted)]
        for partition, statistics in enumerate(partition_statistics(merge_statistics(counted), _PARTITIONS)):
            for part in bounded(statistics):
                yield partition, part


def _require_one(found: Sized, what: str) -> None:
    if len(found) != 1:
        raise RuntimeError(f"the engine handed over {len(found)} instead of one {what}")


class _CountFn(_SampleFn):
    def process(
        self, element: tuple[int, StagedSplit], plans: list[SamplePlan]
    ) -> Iterator[tuple[int, pa.RecordBatch]]:
        def count(text: pa.Array, urls: pa.Array, titles: pa.Array, packed: pa.Array) -> pa.RecordBatch:
            return line_statistics(
                text, urls, self._settings, titles=titles, extra_rules=self._extra_rules, packed=packed
            )

        _require_one(plans, "plan of the sample")
        yield from self._count(element[1], plans[0], count)


class _LookFn(_SampleFn):
    def process(
        self, element: tuple[int, StagedSplit], plans: list[SamplePlan], tables: list[tuple[int, pa.RecordBatch]]
    ) -> Iterator[tuple[int, pa.RecordBatch]]:
        table = self._prepared(tables)

        def count(text: pa.Array, urls: pa.Array, titles: pa.Array, packed: pa.Array) -> pa.RecordBatch:
            return look_again(
                text, urls, table, self._settings, titles=titles, extra_rules=self._extra_rules, packed=packed
            )

        _require_one(plans, "plan of the sample")
        yield from self._count(element[1], plans[0], count)

    def _prepared(self, tables: list[tuple[int, pa.RecordBatch]]) -> LearnedTable:
        """Prepare the table once; it is the same for every element."""
        if not hasattr(self, "_table"):
            self._table = LearnedTable(pa.Table.from_batches([batch for _, batch in tables], TABLE_SCHEMA))
        return self._table


def _unstripped(table: pa.Table) -> pa.ChunkedArray:
    """The texts as they were before rules took lines out."""
    return pc.coalesce(table["unstripped"], table["text"])


class _LearnFn(beam.DoFn):
    def __init__(self, settings: BoilerplateSettings, *, titles: bool = False) -> None:
        self._settings = settings
        self._titles = titles

    def process(self, element: tuple[int, Iterable[pa.RecordBatch]]) -> Iterator[tuple[int, pa.RecordBatch]]:
        statistics = merge_statistics(list(element[1]))
        table = learn_table(statistics, self._settings, part=element[0])
        if self._titles:
            table = pa.concat_tables([table, titles_of(statistics)]).combine_chunks()
        for batch in table.to_batches():
            for part in bounded(batch):
                yield 0, part


def _documents_of(partition: int, statistics: pa.RecordBatch) -> tuple[int, pa.RecordBatch]:
    return partition, documents_of(statistics)


def _join(element: tuple[int, Iterable[pa.RecordBatch]]) -> pa.RecordBatch:
    table = sort_table(pa.Table.from_batches(list(element[1]), TABLE_SCHEMA))
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
        if not hasattr(self, "_table"):  # the same for every element
            self._table = LearnedTable(pa.Table.from_batches(tables, TABLE_SCHEMA))
        if not self._table.rows:
            yield element
            return
        results = [self._apply(file, self._table) for file in staged.files]
        totals = add_totals(totals for _, totals in results)
        yield split, replace(staged, files=tuple(file for file, _ in results), totals=totals)

    def _apply(self, staged: StagedFile, learned: LearnedTable) -> tuple[StagedFile, Totals]:
        changed = replace(staged, folder=LEARNED)
        if sealed.is_intact(changed.path(self._state)):
            return changed, read_totals(self._state, changed)
        columns = ["text", "unstripped", "removed_lines", "url", "title", "decision", "packed_lines"]
        (read,) = read_staged(self._state, [staged], columns).combine_chunks().to_batches()
        stripped = apply_learned(
            pc.if_else(pc.equal(read["decision"], KEPT), read["text"], None),
            read["url"],
            learned,
            self._settings,
            titles=read["title"],
            extra_rules=self._extra_rules,
            before=Before(read["unstripped"], read["removed_lines"]),
            packed=read["packed_lines"],
        )
        if not stripped.removed and not stripped.filtered:
            return staged, read_totals(self._state, staged)
        (batch,) = read_staged(self._state, [staged]).combine_chunks().to_batches()
        batch = record(batch, stripped, pc.equal(batch["decision"], KEPT))
        for name in ("unstripped", "packed_lines"):  # they are not needed any more
            batch = replace_column(batch, name, pa.nulls(len(batch), batch[name].type))
        batch = mark_batch(batch, BatchPosition(staged.split, staged.batch, staged.last))
        totals = count_batch(batch)
        write_staged(batch, changed, totals, self._state)
        return changed, totals


def write_table(table: pa.RecordBatch | pa.Table, path: str, state: str) -> None:
    """Write learned lines to a Parquet file that a person can review, edit and give back."""
    rows = table if isinstance(table, pa.Table) else pa.Table.from_batches([table])
    with (
        storage.open_atomic(path, state) as stream,
        pq.ParquetWriter(stream, rows.schema, compression="zstd") as writer,
    ):
        if len(rows):  # a row group without rows is more than some readers can take
            writer.write_table(rows)
