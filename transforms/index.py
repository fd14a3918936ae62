"""The index of a split: one small row for each document, with all that the later steps ask of it but its text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import apache_beam as beam
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from transforms import storage
from transforms.kernels.dedup import DedupSettings
from transforms.kernels.document_keys import document_keys
from transforms.kernels.keep import KeepPolicy, priorities
from transforms.schema import KEPT
from transforms.stage import StagedFile, StagedSplit, Totals, read_staged

INDEX = "index"
"""Folder of the index files under the state folder."""


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
    Guarantees: a file that stands is complete and is not computed again; its bytes follow from the staged files and
        the settings alone.
    """

    state: str
    settings: DedupSettings

    def expand(self, staged: beam.PCollection[tuple[int, StagedSplit]]) -> beam.PCollection[tuple[int, IndexedSplit]]:
        """Wire the transform."""
        return staged | "Index" >> beam.ParDo(_IndexFn(self.state, self.settings))


class _IndexFn(beam.DoFn):
    def __init__(self, state: str, settings: DedupSettings) -> None:
        self._state = state
        self._settings = settings

    def process(self, element: tuple[int, StagedSplit]) -> Iterator[tuple[int, IndexedSplit]]:
        split, staged = element
        files = staged.files
        where = read_staged(self._state, files, ["source", "offset"])
        starts = _source_starts(where["source"])
        path = index_path(self._state, split)
        if not storage.exists(path):
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

    def _write(self, files: tuple[StagedFile, ...], starts: npt.NDArray[np.int64], path: str) -> None:
        settings = self._settings
        pieces = []
        for staged in files:  # file by file: the keys of a batch need several times its memory
            wanted = sorted({"id", "text", "decision", _column_of(settings.keep_policy)})
            table = read_staged(self._state, [staged], wanted).combine_chunks()
            if not len(table):
                continue
            active = pc.equal(table["decision"], KEPT).combine_chunks()
            text = pc.if_else(active, table["text"].combine_chunks(), None)
            columns = {
                "id": table["id"],
                "bytes": pc.fill_null(pc.cast(pc.binary_length(text), pa.int64()), 0),
                "active": active,
            }
            if settings.enabled:
                columns |= _key_columns(text, table, settings)
            pieces.append(pa.table(columns))
        if pieces:
            index = pa.concat_tables(pieces)
            rows = np.arange(len(index), dtype=np.int64)
            local = rows - starts[np.searchsorted(starts, rows, side="right") - 1]
            index = index.append_column("source_row", pa.array(local))
        else:
            index = pa.table({"id": pa.array([], pa.string())})
        with storage.open_atomic(path, self._state) as stream:
            pq.write_table(index, stream, compression="none", use_dictionary=False, write_statistics=False)


def _key_columns(text: pa.StringArray, table: pa.Table, settings: DedupSettings) -> dict[str, pa.Array]:
    keys = document_keys(text, settings)
    bands = keys.band_keys
    return {
        "text_hash_0": pa.array(keys.text_hash[:, 0]),
        "text_hash_1": pa.array(keys.text_hash[:, 1]),
        "group_0": pa.array(keys.group_key[:, 0]),
        "group_1": pa.array(keys.group_key[:, 1]),
        "near": pa.array(keys.near),
        "priority": pa.array(priorities(settings.keep_policy, table[_column_of(settings.keep_policy)])),
        "bands": pa.FixedSizeListArray.from_arrays(pa.array(bands.reshape(-1)), bands.shape[1]),
    }


def _column_of(policy: KeepPolicy) -> str:
    """The staged column that a keep policy looks at."""
    return {"longest": "text", "newest": policy.column, "highest": policy.column, "sources": "source"}.get(
        policy.rule, "id"
    )


def _source_starts(sources: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Rows at which another source begins, row 0 included; shape (runs,)."""
    if len(sources) == 0:
        return np.zeros(0, np.int64)
    column = sources.combine_chunks()
    changes = pc.not_equal(column.slice(1), column.slice(0, len(column) - 1))
    return np.concatenate([[0], np.flatnonzero(changes.to_numpy(zero_copy_only=False)) + 1]).astype(np.int64)


def index_path(state: str, split: int) -> str:
    """Path of the index file of a split."""
    return storage.join(state, INDEX, f"{split:05d}.parquet")


def read_index(state: str, split: int, columns: list[str]) -> pa.Table:
    """Read columns of the index of a split, rows in order."""
    return storage.read_parquet(index_path(state, split), columns).combine_chunks()
