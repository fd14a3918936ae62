"""Columns of tables and batches: put in the place of others, in one piece, or searched for a pattern."""

from __future__ import annotations

from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Bools

Rows = TypeVar("Rows", pa.RecordBatch, pa.Table)


def replace_column(rows: Rows, name: str, values: pa.Array | pa.ChunkedArray) -> Rows:
    """Return a batch or a table with other values in one of its columns; the field stays as it is."""
    place = rows.schema.get_field_index(name)
    return rows.set_column(place, rows.schema.field(place), values)


def with_columns(table: pa.Table, columns: dict[str, pa.Array | pa.ChunkedArray]) -> pa.Table:
    """Return a table with columns put in the place of those of the same name, or at the end."""
    for name, values in columns.items():
        place = table.schema.get_field_index(name)
        table = table.append_column(name, values) if place < 0 else table.set_column(place, name, values)
    return table


def one_array(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return a column in one piece, whatever number of chunks it has."""
    if isinstance(column, pa.Array):
        return column
    joined = column.combine_chunks()
    return joined if isinstance(joined, pa.Array) else pa.array([], column.type)


def matches(texts: pa.Array, pattern: str) -> Bools:
    """Return in which texts an RE2 pattern is found; a null holds none."""
    return bools(pc.fill_null(pc.match_substring_regex(texts, pattern), False))


def bools(mask: pa.Array) -> Bools:
    """Return a boolean array without nulls as an array of NumPy's."""
    values: Bools = mask.to_numpy(zero_copy_only=False).astype(bool, copy=False)
    return values
