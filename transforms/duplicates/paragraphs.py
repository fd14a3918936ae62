"""Taking out paragraphs that several of the kept documents share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from apache_beam.metrics import Metrics

from corpusmill.transforms import sealed
from corpusmill.transforms.kernels.arrays import Int64s
from corpusmill.transforms.kernels.columns import one_array, replace_column
from corpusmill.transforms.kernels.duplicates.paragraphs import (
    PARAGRAPH,
    cut_paragraphs,
    find_paragraphs,
    repeated_paragraphs,
)
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.duplicates.within import group_keys_within
from corpusmill.transforms.kernels.schema import KEPT, REMOVED_LINES_TYPE
from corpusmill.transforms.keyed import (
    KeyedBatch,
    by_group_bounded,
    from_binary,
    join_columns,
    keys_of,
    make_batch,
    row_of,
    split_of,
)
from corpusmill.transforms.layout import FINAL_INDEX, PARAGRAPHS, State
from corpusmill.transforms.staging.index import IndexedSplit, key_columns
from corpusmill.transforms.staging.split_files import SplitFiles, files_metadata
from corpusmill.transforms.staging.stage import (
    StagedFile,
    Totals,
    add_totals,
    read_staged,
    read_totals,
    restage,
)

_PARTITIONS = 16


class RemoveParagraphsInput(NamedTuple):
    """The inputs of `RemoveParagraphs`.

    Attributes:
        indexed: (split, `IndexedSplit`).
        duplicates: (split, batch of `DUPLICATES_SCHEMA`).
    """

    indexed: beam.PCollection[tuple[int, IndexedSplit]]
    duplicates: beam.PCollection[KeyedBatch]


@dataclass
class RemoveParagraphs(beam.PTransform):
    """Take paragraphs out of kept documents that other kept documents have too.

    Input: `RemoveParagraphsInput`.
    Output: (split, `IndexedSplit`), its files replaced where a paragraph was removed, and an index of the new texts
        under `state`/final_index.
    Guarantees: it comes after the decisions on documents and changes none of them: a document of which nothing would be
        left stays as it is. The result depends on the documents and their order alone.
    Counters: `RemoveParagraphs/dedup.paragraph`, lines removed.
    """

    state: str
    settings: DedupSettings

    def expand(self, inputs: RemoveParagraphsInput) -> beam.PCollection[tuple[int, IndexedSplit]]:
        """Wire the transform."""
        repeated = (
            {"indexed": inputs.indexed, "duplicates": inputs.duplicates}
            | "JoinDuplicates" >> beam.CoGroupByKey()
            | "EmitParagraphs" >> beam.ParDo(_EmitFn(self.state, self.settings)).with_output_types(KeyedBatch)
            | "ByParagraph" >> beam.GroupByKey()
            | "FindRepeated" >> beam.ParDo(_RepeatedFn(self.settings)).with_output_types(KeyedBatch)
        )
        return (
            {"indexed": inputs.indexed, "repeated": repeated}
            | "JoinRepeated" >> beam.CoGroupByKey()
            | "Remove" >> beam.ParDo(_RemoveFn(self.state, self.settings))
        )


class _EmitFn(beam.DoFn):
    def __init__(self, state: str, settings: DedupSettings) -> None:
        self._state = state
        self._settings = settings.paragraphs
        self._within = settings.within is not None

    def process(self, element: tuple[int, dict[str, Iterable[Any]]]) -> Iterator[KeyedBatch]:
        split, groups = element
        (indexed,) = groups["indexed"]
        values = None
        if self._within and indexed.rows:
            values = from_binary(SplitFiles(self._state).index(split, ["within"])["within"])
        gone = [batch["row"].to_numpy() for batch in groups["duplicates"]]
        duplicates = np.concatenate(gone) if gone else np.zeros(0, np.int64)
        start = 0
        for staged in indexed.files:
            table = read_staged(self._state, [staged], ["text", "decision"]).combine_chunks()
            kept = pc.equal(table["decision"], KEPT).to_numpy().copy()
            kept[duplicates[(duplicates >= start) & (duplicates < start + staged.rows)] - start] = False
            text = pc.if_else(pa.array(kept), table["text"], None)
            if len(table):
                found = find_paragraphs(one_array(text), self._settings)
                document = keys_of(split, found.row + start)
                key = found.key if values is None else group_keys_within(found.key, values[found.row + start])
                shift = np.uint64(64 - (_PARTITIONS - 1).bit_length())
                for partition, at in by_group_bounded((key[:, 0] >> shift).astype(np.int64)):
                    yield (
                        partition,
                        make_batch(
                            document=document[at],
                            first_line=found.first_line[at],
                            end_line=found.end_line[at],
                            key_0=key[at, 0],
                            key_1=key[at, 1],
                        ),
                    )
            start += staged.rows


class _RepeatedFn(beam.DoFn):
    def __init__(self, settings: DedupSettings) -> None:
        self._settings = settings.paragraphs

    def process(self, element: tuple[int, Iterable[pa.RecordBatch]]) -> Iterator[KeyedBatch]:
        document, first, end, key_0, key_1 = join_columns(
            element[1], "document", "first_line", "end_line", "key_0", "key_1"
        )
        goes = np.flatnonzero(repeated_paragraphs(np.stack([key_0, key_1], axis=1), document, self._settings))
        document, first, end = document[goes], first[goes], end[goes]
        for split, at in by_group_bounded(split_of(document)):
            yield split, make_batch(row=row_of(document[at]), first_line=first[at], end_line=end[at])


class _RemoveFn(beam.DoFn):
    def __init__(self, state: str, settings: DedupSettings) -> None:
        self._state = state
        self._settings = settings

    def process(self, element: tuple[int, dict[str, Iterable[Any]]]) -> Iterator[tuple[int, IndexedSplit]]:
        split, groups = element
        (indexed,) = groups["indexed"]
        repeated = list(groups["repeated"])
        row, first, end = (
            join_columns(repeated, "row", "first_line", "end_line") if repeated else [np.zeros(0, np.int64)] * 3
        )
        order = np.lexsort((first, row))
        row, first, end = row[order], first[order], end[order]
        index = SplitFiles(self._state).index_of(split)
        files: list[StagedFile] = []
        totals: list[Totals] = []
        start = 0
        for staged in indexed.files:
            low, high = np.searchsorted(row, [start, start + staged.rows])
            spans = row[low:high] - start, first[low:high], end[low:high]
            changed, counted, texts = self._remove(staged, *spans)
            files.append(changed)
            totals.append(counted)
            if texts is not None:
                index = self._with_texts(index, start, *texts)
            start += staged.rows
        index = index.replace_schema_metadata(files_metadata(tuple(files)))
        sealed.write_table(index, State(self._state).index(split, FINAL_INDEX), self._state, compression="none")
        counted_before = {"scores": indexed.totals.scores, "languages": indexed.totals.languages}
        yield split, replace(indexed, files=tuple(files), totals=replace(add_totals(totals), **counted_before))

    def _remove(
        self, staged: StagedFile, row: Int64s, first: Int64s, end: Int64s
    ) -> tuple[StagedFile, Totals, tuple[Int64s, pa.Array] | None]:
        """Write the batch without some paragraphs; return its file, its totals, and the rows and texts that changed."""
        if not len(row):
            return staged, read_totals(self._state, staged), None
        table = read_staged(self._state, [staged]).combine_chunks()
        texts: list[str | None] = table["text"].to_pylist()
        lines: list[list[dict[str, object]] | None] = table["removed_lines"].to_pylist()
        changed_rows = []
        for own in np.split(np.arange(len(row)), np.flatnonzero(np.diff(row)) + 1):
            place = int(row[own[0]])
            spans = list(zip(first[own].tolist(), end[own].tolist(), strict=True))
            cut = cut_paragraphs(texts[place] or "", spans)
            if cut is None:
                continue
            changed_rows.append(place)
            texts[place] = cut.text
            removed = [{"line": number, "rule": PARAGRAPH, "text": line} for number, line in cut.removed]
            lines[place] = [*(lines[place] or ()), *removed]
            Metrics.counter(RemoveParagraphs, PARAGRAPH).inc(len(removed))
        if not changed_rows:
            return staged, read_totals(self._state, staged), None
        for name, values in (
            ("text", pa.array(texts, pa.string())),
            ("removed_lines", pa.array(lines, REMOVED_LINES_TYPE)),
        ):
            table = replace_column(table, name, values)
        (batch,) = table.combine_chunks().to_batches()
        changed, totals = restage(batch, staged, PARAGRAPHS, self._state)
        rows = np.array(changed_rows)
        return changed, totals, (rows, pa.array([texts[place] for place in changed_rows], pa.string()))

    def _with_texts(self, index: pa.Table, start: int, rows: Int64s, texts: pa.Array) -> pa.Table:
        """The index with the sizes and keys of texts that changed."""
        columns = key_columns(texts, self._settings)
        columns["bytes"] = pc.cast(pc.binary_length(texts), pa.int64())
        at = np.arange(len(index))
        at[start + rows] = len(index) + np.arange(len(rows))
        take = pa.array(at)
        for name, values in columns.items():
            place = index.schema.get_field_index(name)
            joined = pa.concat_arrays([*index[name].chunks, values])
            index = index.set_column(place, name, joined.take(take))
        return index
