"""How many documents were removed for each that is kept, and where they came from."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from corpusmill.transforms.kernels.columns import one_array

COPIES_TYPE = pa.list_(pa.struct([pa.field("source", pa.string()), pa.field("count", pa.int64())]))

COPIES_FIELDS = (pa.field("copies", pa.int64(), nullable=False), pa.field("copies_by_source", COPIES_TYPE))
"""Documents removed as duplicates of this one; the same by the file that they were read from."""

COUNTS_SCHEMA = pa.schema([pa.field("row", pa.int64()), pa.field("source", pa.string()), pa.field("n", pa.int64())])
"""Removed documents by the row of their kept partner and their own source, ascending."""


def count_copies(tables: list[pa.RecordBatch]) -> pa.Table:
    """Add up counts by row and source, in the order of these.

    Args:
        tables: Of `COUNTS_SCHEMA`, in any order; a pair of row and source may be in several.
    """
    summed = pa.Table.from_batches(tables, COUNTS_SCHEMA).group_by(["row", "source"], use_threads=False)
    counted = summed.aggregate([("n", "sum")]).rename_columns(["row", "source", "n"])
    return counted.select(COUNTS_SCHEMA.names).sort_by([("row", "ascending"), ("source", "ascending")])


def copies_columns(counts: pa.Table, start: int, rows: int) -> dict[str, pa.Array]:
    """Return the columns `COPIES_FIELDS` of some rows of a split.

    Args:
        counts: Of `COUNTS_SCHEMA`, ascending by row.
        start: The first row.
        rows: How many.

    Returns:
        Columns of `rows` values; documents without a copy have 0 and an empty list.
    """
    row = counts["row"].to_numpy()
    low, high = np.searchsorted(row, [start, start + rows])
    own = counts.slice(low, high - low).combine_chunks()
    of = row[low:high] - start
    offsets = np.zeros(rows + 1, np.int32)
    np.cumsum(np.bincount(of, minlength=rows), out=offsets[1:])
    total = np.zeros(rows, np.int64)
    np.add.at(total, of, own["n"].to_numpy())
    columns = [one_array(own[name]) for name in ("source", "n")]
    items = pa.StructArray.from_arrays(columns, fields=list(COPIES_TYPE.value_type))
    return {"copies": pa.array(total), "copies_by_source": pa.ListArray.from_arrays(pa.array(offsets), items)}
