"""Sums of what became of documents, by source, host, language, decision and rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.columns import one_array
from corpusmill.transforms.kernels.duplicates.tokens import hash_spans, text_buffers
from corpusmill.transforms.kernels.schema import DECISIONS

KEYS = ("source", "url_host", "language", "decision", "reason")
MEASURES = ("documents", "chars_in", "chars_out", "tokens")
STATISTICS_SCHEMA = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),
        pa.field("url_host", pa.string()),
        pa.field("language", pa.string()),
        pa.field("decision", pa.string(), nullable=False),
        pa.field("reason", pa.string()),
        pa.field("documents", pa.int64(), nullable=False),
        pa.field("chars_in", pa.int64(), nullable=False),
        pa.field("chars_out", pa.int64(), nullable=False),
        pa.field("tokens", pa.int64()),
    ]
)
"""One row for each combination of the first five columns that the documents of a shard have, in their order; the others
are sums over its documents. Sums over the rows of all shards are exact. `tokens` is null where none are counted."""

_PENDING_ROWS = 1 << 18
_WORD = 8


class Sums:
    """Sums by some columns, of tables that come one after the other.

    Attributes:
        keys: The columns.
        most: Rows of sums that are held at most; None for any number.
    """

    def __init__(self, keys: Sequence[str] = KEYS, most: int | None = None) -> None:
        self._keys = list(keys)
        self._most = most
        self._pending: list[pa.Table] = []
        self._rows = 0

    def add(self, table: pa.Table) -> None:
        """Add rows with the keys and `MEASURES`.

        Raises:
            OverflowError: There are more rows of sums than may be held.
        """
        self._pending.append(_summed(table.select([*self._keys, *MEASURES]), self._keys))
        self._rows += len(self._pending[-1])
        if self._rows > max(_PENDING_ROWS, 2 * len(self._pending[0])):
            self._join()

    def _join(self) -> None:
        if len(self._pending) > 1:
            self._pending = [_summed(pa.concat_tables(self._pending), self._keys)]
        self._rows = len(self._pending[0]) if self._pending else 0
        if self._most is not None and self._rows > self._most:
            raise OverflowError

    def table(self) -> pa.Table:
        """Return the sums, in the order of their keys, nulls last.

        Raises:
            OverflowError: There are more than may be held.
        """
        self._join()
        schema = pa.schema([STATISTICS_SCHEMA.field(name) for name in (*self._keys, *MEASURES)])
        if not self._pending:
            return schema.empty_table()
        return self._pending[0].sort_by([(key, "ascending") for key in self._keys]).cast(schema)


def _summed(table: pa.Table, keys: list[str]) -> pa.Table:
    sums = pa.TableGroupBy(table, keys, use_threads=False).aggregate([(name, "sum") for name in MEASURES])
    return sums.rename_columns([name.removesuffix("_sum") for name in sums.column_names]).select([*keys, *MEASURES])


def document_sums(rows: pa.Table) -> pa.Table:
    """Return what each document adds to the sums.

    Args:
        rows: Decided documents; `language` and `tokens` are looked at if they are there.
    """
    columns = {}
    for own in STATISTICS_SCHEMA:
        if own.name == "documents":
            columns[own.name] = pa.array(np.ones(len(rows), np.int64))
        elif own.name in rows.column_names:
            columns[own.name] = rows[own.name]
        else:
            columns[own.name] = pa.nulls(len(rows), own.type)
    return pa.table(columns)


def of_part(table: pa.Table, column: str, part: int, parts: int) -> pa.Table:
    """Return the rows whose value in a column belongs to one of several parts; rows with one value are in one part."""
    if parts == 1:
        return table
    values = pc.fill_null(table[column], "").combine_chunks()
    data, offsets = text_buffers(values)
    hashes = hash_spans(np.concatenate([data, np.zeros(_WORD, np.uint8)]), offsets[:-1], offsets[1:])
    return table.filter(pa.array(hashes % np.uint64(parts) == part))


def largest(sums: pa.Table, column: str, count: int) -> tuple[pa.Table, pa.Table]:
    """Return the sums of the values of a column that most documents have, and those of all other values.

    Args:
        sums: By this column and `decision`; no value is null.
        column: The column.
        count: Values that are chosen: those of most documents, then those that come first.
    """
    by_value = pa.TableGroupBy(sums, [column], use_threads=False).aggregate([("documents", "sum")])
    ordered = by_value.sort_by([("documents_sum", "descending"), (column, "ascending")])
    chosen = pc.is_in(sums[column], one_array(ordered[column].slice(0, count)))
    return sums.filter(chosen), sums.filter(pc.invert(chosen))


def describe(sums: pa.Table) -> dict[str, Any]:
    """Return sums by `decision` as they are in the manifest: before is what came in, after what is kept.

    Returns:
        `documents`: `in`, then by decision; `chars`: `in` and `out`; `tokens` of the documents that are kept, if they
        are counted.
    """
    found = _summed(sums.select(["decision", *MEASURES]), ["decision"]).to_pylist()
    by_decision = {row["decision"]: row["documents"] for row in found}
    documents = {"in": sum(by_decision.values()), **{name: by_decision.get(name, 0) for name in DECISIONS}}
    chars = {"in": _total(row["chars_in"] for row in found), "out": _total(row["chars_out"] for row in found)}
    tokens = [row["tokens"] for row in found if row["tokens"] is not None]
    return {"documents": documents, "chars": chars, **({"tokens": sum(tokens)} if tokens else {})}


def _total(values: Iterable[int | None]) -> int:
    return sum(value or 0 for value in values)
