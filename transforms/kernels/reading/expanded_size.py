"""The size of Arrow data once each value is written out, where a dictionary holds it once for many rows.

A Parquet file of some kilobytes can hold terabytes: a long string in a dictionary and millions of references to
it. Batches are cut by what they would be, before anything is written out.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc


def expanded_bytes(array: pa.Array) -> int:
    """Return the bytes of all values of an array, each counted as often as it occurs there.

    Args:
        array: Of any type; a slice counts for its own values only.

    Example:
        >>> expanded_bytes(pa.array(["ab", "ab", None]).dictionary_encode())
        4
        >>> expanded_bytes(pa.array([["ab", "c"], [], ["ab"]]).slice(0, 2))
        3
    """
    kind = array.type
    types = pa.types
    if types.is_dictionary(kind):
        return _referenced_bytes(array)
    if types.is_struct(kind):
        return sum(map(expanded_bytes, array.flatten()))
    if types.is_map(kind):
        entries = pa.struct([pa.field("key", kind.key_type), pa.field("value", kind.item_type)])
        return expanded_bytes(array.cast(pa.list_(entries)))
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return expanded_bytes(array.flatten())
    if _has_lengths(kind):
        return int(pc.sum(pc.binary_length(array)).as_py() or 0)
    return int(array.nbytes)


def cut_by_expanded_bytes(batch: pa.RecordBatch, limit: int) -> Iterator[tuple[pa.RecordBatch, int]]:
    """Cut a batch so that no piece of several rows is larger than `limit` when it is written out.

    Args:
        batch: Rows of any columns.
        limit: Bytes.

    Yields:
        Slices of one row or more, in order, each with its `expanded_bytes`.
    """
    size = sum(map(expanded_bytes, batch.columns))
    rows = batch.num_rows
    if size <= limit or rows <= 1:
        yield batch, size
        return
    yield from cut_by_expanded_bytes(batch.slice(0, rows // 2), limit)
    yield from cut_by_expanded_bytes(batch.slice(rows // 2), limit)


def _referenced_bytes(array: pa.DictionaryArray) -> int:
    values = array.dictionary
    counts = pc.value_counts(array.indices.drop_null())
    used = values.take(counts.field("values"))
    if not _has_lengths(used.type):
        return int(used.nbytes) // max(len(used), 1) * len(array)
    sizes = pc.cast(pc.binary_length(used), pa.int64())
    return int(pc.sum(pc.multiply(pc.fill_null(sizes, 0), counts.field("counts"))).as_py() or 0)


def _has_lengths(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(
        types.is_string(kind) or types.is_large_string(kind) or types.is_binary(kind) or types.is_large_binary(kind)
    )
