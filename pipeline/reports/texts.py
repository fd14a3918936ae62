"""Texts of a finished output by the place of their documents in the audit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from corpusmill.transforms import storage
from corpusmill.transforms.kernels.arrays import Int64s
from corpusmill.transforms.kernels.schema import DUPLICATE, KEPT, REJECTED
from corpusmill.transforms.kernels.writing.partitions import PARTITION
from corpusmill.transforms.layout import AUDIT, Output, by_shard

FOLDERS = {KEPT: "corpus", DUPLICATE: "removed", REJECTED: "rejected"}
"""Decision -> folder with one row for each document, in the order of the audit's part of the same name; with
`output.partition_by`, the corpus has them by folder."""
_TEXT_COLUMNS = {"corpus": "text", "removed": "text", "rejected": "excerpt"}


class Key(NamedTuple):
    """What names one document.

    Attributes:
        id: Its id.
        source: Its source; None for any.
        offset: Its offset in the source; None for any.
    """

    id: str
    source: str | None
    offset: int | None

    def matches(self, row: dict[str, Any]) -> bool:
        """Return whether this is the key of a row of the audit."""
        own = (row["id"], row["source"], row["offset"])
        return all(mine is None or mine == other for mine, other in zip(self, own, strict=True))


def key_of(row: dict[str, Any]) -> Key:
    """Return the key of a row of the audit."""
    return Key(row["id"], row["source"], row["offset"])


def partner_of(row: dict[str, Any]) -> Key | None:
    """Return the key of the partner in a row of the audit; None if it has none."""
    if row["partner_id"] is None:
        return None
    return Key(row["partner_id"], row.get("partner_source"), row.get("partner_offset"))


def find_texts(output: str, files: dict[str, list[str]], keys: Iterable[Key]) -> dict[Key, str]:
    """Find the texts of documents in one pass over the audit, reading only the row groups that hold them.

    Args:
        output: Output folder of a finished run.
        files: Folder -> names of its files, as the manifest has them.
        keys: Which documents.

    Returns:
        Key -> the text of a kept document or a duplicate, or how a rejected record begins. What no file holds is not
        in it.
    """
    wanted: dict[str, list[Key]] = {}
    for key in keys:
        wanted.setdefault(key.id, []).append(key)
    found: dict[Key, str] = {}
    if not wanted:
        return found
    ids = pa.array(sorted(wanted), pa.string())
    shards = {folder: by_shard(files.get(folder, ())) for folder in FOLDERS.values()}
    for name in files.get(AUDIT, ()):
        places = _places(Output(output).file(AUDIT, name), ids)
        for place in sorted({place for _, place, _ in places}):
            own = [(row, at) for row, its_place, at in places if its_place == place]
            folder = FOLDERS.get(place.decision, "")
            file = shards.get(folder, {}).get(name, {}).get(place.folder)
            if file is None:
                continue
            texts = _take(Output(output).file(folder, file), [at for _, at in own], _TEXT_COLUMNS[folder])
            for (row, _), text in zip(own, texts, strict=True):
                for key in wanted[row["id"]]:
                    if key.matches(row):
                        found.setdefault(key, text)
    return found


class _Place(NamedTuple):
    """The file of a shard that holds a document.

    Attributes:
        decision: What was decided, which tells the folder of results.
        folder: The folder of a value in it, "" for none.
    """

    decision: str
    folder: str


def _places(path: str, ids: pa.Array) -> list[tuple[dict[str, Any], _Place, int]]:
    """Return rows of the audit, each with its file and its number among the rows of the same file."""
    found: list[tuple[dict[str, Any], _Place, int]] = []
    before: dict[_Place, int] = {}
    with storage.open_parquet(path) as parquet:
        told = [name for name in ("decision", PARTITION) if name in parquet.schema_arrow.names]
        for group in may_hold(parquet, ids):
            table = parquet.read_row_group(group.number, columns=told, use_threads=False)
            codes, names = _encode_places(table)
            if group.looked_at:
                columns = ["id", "source", "offset", "decision"]
                column = parquet.read_row_group(group.number, columns=["id"], use_threads=False)["id"]
                rows = np.flatnonzero(pc.is_in(column, ids).to_numpy())
                if len(rows):
                    table = parquet.read_row_group(group.number, columns=columns, use_threads=False)
                    ranks = _ranks(codes, len(names))
                    for row, at in zip(table.take(pa.array(rows)).to_pylist(), rows.tolist(), strict=True):
                        place = names[codes[at]]
                        found.append((row, place, before.get(place, 0) + int(ranks[at])))
            for code, count in enumerate(np.bincount(codes, minlength=len(names)).tolist()):
                before[names[code]] = before.get(names[code], 0) + count
    return found


def _encode_places(table: pa.Table) -> tuple[npt.NDArray[np.int32], list[_Place]]:
    """The file of each row, by its number in a list."""
    decision = table["decision"].combine_chunks().dictionary_encode()
    if PARTITION not in table.column_names:
        return decision.indices.to_numpy(), [_Place(name, "") for name in decision.dictionary.to_pylist()]
    folder = pc.fill_null(table[PARTITION].combine_chunks(), "").dictionary_encode()
    both = decision.indices.to_numpy() * len(folder.dictionary) + folder.indices.to_numpy()
    found, codes = np.unique(both, return_inverse=True)
    decisions, folders = decision.dictionary.to_pylist(), folder.dictionary.to_pylist()
    names = [_Place(decisions[code // len(folders)], folders[code % len(folders)]) for code in found.tolist()]
    return codes.astype(np.int32), names


def _ranks(codes: npt.NDArray[np.int32], count: int) -> Int64s:
    """Return the number of each row among the rows of its own code."""
    ranks = np.zeros(len(codes), np.int64)
    for code in range(count):
        own = codes == code
        ranks[own] = np.arange(int(own.sum()))
    return ranks


class Group(NamedTuple):
    """A row group.

    Attributes:
        number: Its number in the file.
        looked_at: Whether the statistics allow that it holds one of the ids.
    """

    number: int
    looked_at: bool


def may_hold(parquet: pq.ParquetFile, ids: pa.Array) -> Iterator[Group]:
    """Yield the row groups of a file up to the last that may hold one of the ids, by the statistics of the column `id`.

    Args:
        parquet: The file.
        ids: string column, ascending.
    """
    place = parquet.schema_arrow.get_field_index("id")
    values = ids.to_pylist()
    looked_at = []
    for group in range(parquet.num_row_groups):
        statistics = parquet.metadata.row_group(group).column(place).statistics
        known = statistics is not None and statistics.has_min_max
        looked_at.append(not known or any(statistics.min <= value <= statistics.max for value in values))
    last = max((group for group, look in enumerate(looked_at) if look), default=-1)
    yield from (Group(group, looked_at[group]) for group in range(last + 1))


def _take(path: str, rows: list[int], column: str) -> list[str]:
    """Return a column of rows of a file, ascending."""
    found: list[str] = []
    with storage.open_parquet(path) as parquet:
        first = 0
        for group in range(parquet.num_row_groups):
            count = parquet.metadata.row_group(group).num_rows
            own = [row - first for row in rows if first <= row < first + count]
            if own:
                table = parquet.read_row_group(group, columns=[column], use_threads=False)
                found += table[column].take(pa.array(own)).to_pylist()
            first += count
    return found
