"""The index of a split: one small row for each document, with all that the later steps ask of it but its text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms import sealed, storage
from corpusmill.transforms.kernels.arrays import Int64s
from corpusmill.transforms.kernels.columns import one_array
from corpusmill.transforms.kernels.duplicates.document_keys import document_keys
from corpusmill.transforms.kernels.duplicates.keep_order import STAYS, KeepPolicy, is_listed, priorities
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.duplicates.within import value_keys
from corpusmill.transforms.kernels.reading.repeated_ids import id_hashes
from corpusmill.transforms.kernels.schema import KEPT
from corpusmill.transforms.keyed import to_binary
from corpusmill.transforms.layout import State
from corpusmill.transforms.staging.split_files import EarlierShard, files_metadata
from corpusmill.transforms.staging.stage import StagedFile, StagedSplit, Totals, read_staged

INDEX_FORMAT = "2"
"""Version of the columns of `PUBLISHED_COLUMNS` and of how keys are made from a text."""

PUBLISHED_COLUMNS = ("id", "text_hash", "group_key", "near", "band_keys")
"""Columns of the index of a finished corpus, beside each of its shards."""


@dataclass(frozen=True)
class IndexedSplit:
    """A split that is staged and indexed.

    Attributes:
        split: Number of the split.
        rows: Documents, whatever their decision.
        files: Its staged files in order.
        totals: What they hold.
        first_source: Source of the first row; "" for an empty split.
        continues: Whether the first row is not the first of its source: an earlier split holds those before it.
        last_source: Source of the last row.
        last_source_rows: Rows of that source at the end of this split.
    """

    split: int
    rows: int
    files: tuple[StagedFile, ...]
    totals: Totals
    first_source: str
    continues: bool
    last_source: str
    last_source_rows: int


@dataclass
class IndexDocuments(beam.PTransform):
    """Write one index file for each split under `state`/index: ids, sizes, hashes, band keys, priorities.

    Input: (split, `StagedSplit`), from `StageDocuments`.
    Output: (split, `IndexedSplit`).
    Guarantees: a file that exists is complete and is not computed again, unless it is damaged; its bytes follow from
        the staged files, the scores beside them and the settings alone.

    Attributes:
        state: The state folder.
        settings: Which keys are computed.
        scored: Whether the column of `dedup.within` is one of the scores.
    """

    state: str
    settings: DedupSettings
    scored: bool = False

    def expand(self, staged: beam.PCollection[tuple[int, StagedSplit]]) -> beam.PCollection[tuple[int, IndexedSplit]]:
        """Wire the transform."""
        return staged | "Index" >> beam.ParDo(_IndexFn(self.state, self.settings, self.scored))


class _IndexFn(beam.DoFn):
    def __init__(self, state: str, settings: DedupSettings, scored: bool) -> None:
        self._state = state
        self._settings = settings
        self._scored = scored

    def process(self, element: tuple[int, StagedSplit]) -> Iterator[tuple[int, IndexedSplit]]:
        split, staged = element
        files = staged.files
        where = read_staged(self._state, files, ["source", "offset"])
        starts = _source_starts(where["source"])
        path = State(self._state).index(split)
        if not sealed.is_intact(path):
            self._write(files, starts, path)
        rows = len(where)
        yield (
            split,
            IndexedSplit(
                split=split,
                rows=rows,
                files=files,
                totals=staged.totals,
                first_source=where["source"][0].as_py() if rows else "",
                continues=bool(rows and where["offset"][0].as_py() > 0),
                last_source=where["source"][rows - 1].as_py() if rows else "",
                last_source_rows=rows - int(starts[-1]) if rows else 0,
            ),
        )

    def _values_of(self, column: str, staged: StagedFile) -> pa.ChunkedArray:
        path = State(self._state).scores(staged.name) if self._scored else staged.path(self._state)
        return sealed.read_parquet(path, [column])[column]

    def _write(self, files: tuple[StagedFile, ...], starts: Int64s, path: str) -> None:
        settings = self._settings
        pieces = []
        first = 0
        removed = np.zeros(0, np.int64)
        if settings.enabled and settings.by_url is not None:
            removed = sealed.read_parquet(State(self._state).of_one_address(files[0].split))["row"].to_numpy()
        for staged in files:  # file by file: the keys of a batch need several times its memory
            wanted = {"id", "text", "decision", "source", column_of(settings.keep_policy)}
            table = read_staged(self._state, [staged], sorted(wanted)).combine_chunks()
            stays = pc.equal(table["decision"], KEPT).to_numpy().copy()
            low, high = np.searchsorted(removed, [first, first + len(table)])
            stays[removed[low:high] - first] = False
            first += len(table)
            active = pa.array(stays)
            text = pc.if_else(active, table["text"].combine_chunks(), None)
            columns = {
                "id": table["id"],
                "id_hash": id_hashes(table["id"]),
                "bytes": pc.fill_null(pc.cast(pc.binary_length(text), pa.int64()), 0),
                "active": active,
            }
            if settings.enabled:
                columns |= key_columns(text, settings)
                columns["priority"] = pa.array(document_priorities(table, settings))
                if settings.within is not None:
                    columns["within"] = to_binary(value_keys(self._values_of(settings.within, staged)))
            pieces.append(pa.table(columns))
        index = pa.concat_tables(pieces)
        rows = np.arange(len(index), dtype=np.int64)
        local = rows - starts[np.searchsorted(starts, rows, side="right") - 1]
        index = index.append_column("source_row", pa.array(local))
        index = index.replace_schema_metadata(files_metadata(files))
        sealed.write_table(index, path, self._state, compression="none")


def key_columns(text: pa.StringArray, settings: DedupSettings) -> dict[str, pa.Array]:
    """Return the columns of the index that follow from the texts alone.

    Args:
        text: Texts; null for documents that take no part.
        settings: Settings of the duplicate stage.

    Returns:
        `text_hash` and `group_key` (16 bytes each), `near`, `capped` (bool) and `band_keys` (8 bytes a band); see
        `corpusmill.transforms.kernels.duplicates.document_keys.DocumentKeys`. Numbers are little-endian.
    """
    keys = document_keys(text, settings)
    return {
        "text_hash": to_binary(keys.text_hash),
        "group_key": to_binary(keys.group_key),
        "near": pa.array(keys.near),
        "capped": pa.array(keys.capped),
        "band_keys": to_binary(keys.band_keys),
    }


@dataclass
class IndexEarlier(beam.PTransform):
    """Bring the shards of earlier corpora in, and compute the index of those that have none to use.

    Input: the shards (`EarlierShard`).
    Output: (split, `IndexedSplit`), split numbers negative.
    Guarantees: nothing is written but under `state`.
    """

    state: str
    settings: DedupSettings

    def expand(self, shards: beam.PCollection[EarlierShard]) -> beam.PCollection[tuple[int, IndexedSplit]]:
        """Wire the transform."""
        return (
            shards
            | "KeyByNumber" >> beam.Map(_key_by_number).with_output_types(tuple[int, EarlierShard])
            | "Spread" >> beam.GroupByKey()
            | "IndexShard" >> beam.ParDo(_IndexEarlierFn(self.state, self.settings))
        )


def _key_by_number(shard: EarlierShard) -> tuple[int, EarlierShard]:
    return shard.split, shard


class _IndexEarlierFn(beam.DoFn):
    def __init__(self, state: str, settings: DedupSettings) -> None:
        self._state = state
        self._settings = settings

    def process(self, element: tuple[int, Iterable[EarlierShard]]) -> Iterator[tuple[int, IndexedSplit]]:
        shard = next(iter(element[1]))
        if shard.computed and not sealed.is_intact(shard.index):
            self._write(shard)
        yield shard.split, IndexedSplit(shard.split, shard.rows, (), Totals(), "", False, "", 0)

    def _write(self, shard: EarlierShard) -> None:
        pieces = []
        with storage.open_parquet(shard.corpus) as parquet:
            for group in range(parquet.num_row_groups):
                table = parquet.read_row_group(group, columns=["id", "text"], use_threads=False).combine_chunks()
                text = table["text"].combine_chunks()
                for start in range(0, len(table), _ROWS_AT_ONCE):  # keys need several times the memory of the texts
                    columns = key_columns(text.slice(start, _ROWS_AT_ONCE), self._settings)
                    pieces.append(pa.table({"id": table["id"].slice(start, _ROWS_AT_ONCE), **columns}))
            if not pieces:
                columns = key_columns(pa.array([], pa.string()), self._settings)
                pieces.append(pa.table({"id": pa.array([], pa.string()), **columns}))
        index = pa.concat_tables(pieces).select(list(PUBLISHED_COLUMNS))
        sealed.write_table(index, shard.index, self._state, compression="none")


_ROWS_AT_ONCE = 1 << 12


def document_priorities(table: pa.Table, settings: DedupSettings) -> Int64s:
    """Return int64[n], the priority of each document, least first.

    Args:
        table: Documents, with `source` and the column that the keep policy looks at (`column_of`).
        settings: Settings of the duplicate stage.
    """
    policy = settings.keep_policy
    order = priorities(policy, table[column_of(policy)])
    if settings.exempt:
        order = np.where(is_listed(one_array(table["source"]), settings.exempt), STAYS, order)
    return order


def column_of(policy: KeepPolicy) -> str:
    """Return the staged column that a keep policy looks at."""
    return {"longest": "text", "newest": policy.column, "highest": policy.column, "sources": "source"}.get(
        policy.rule, "id"
    )


def _source_starts(sources: pa.ChunkedArray) -> Int64s:
    """Rows at which another source begins, row 0 included; shape (runs,)."""
    if len(sources) == 0:
        return np.zeros(0, np.int64)
    column = sources.combine_chunks()
    changes = pc.not_equal(column.slice(1), column.slice(0, len(column) - 1))
    return np.concatenate([[0], np.flatnonzero(changes.to_numpy(zero_copy_only=False)) + 1]).astype(np.int64)
