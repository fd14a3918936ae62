"""Document keys, and batches of columns that travel under the number of a split or a partition.

The key of a document orders documents as the input does: its high half is the number of its split, its low half its
row. Splits of earlier corpora have negative numbers, so that their documents come before all of the run's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

import corpusmill.transforms.coders  # noqa: F401  (registers the coder of record batches)
from corpusmill.transforms.kernels.arrays import Bools, Int64s, UInt64s
from corpusmill.transforms.kernels.columns import one_array

Keys = UInt64s
KeyedBatch = tuple[int, pa.RecordBatch]
"""What crosses a shuffle: a number and a batch, both with compact coders."""

MAX_ROWS = 250_000
"""Rows of a batch of numbers that crosses a shuffle, at most: 12 MB of the widest."""

MAX_BYTES = 12_000_000
"""Bytes of an element that crosses a shuffle, at most; engines take little more, or slow down."""

_ROW_BITS = np.uint64(32)
_FIRST_SPLIT = 1 << 31
"""What is added to the number of a split, so that negative ones come first."""


def keys_of(split: int, rows: npt.NDArray[np.integer]) -> Keys:
    """Return uint64[n], the keys of rows of a split."""
    return (np.uint64(split + _FIRST_SPLIT) << _ROW_BITS) | rows.astype(np.uint64)


def split_of(keys: Keys) -> Int64s:
    """Return int64[n], the split of each document."""
    return (keys >> _ROW_BITS).astype(np.int64) - _FIRST_SPLIT


def row_of(keys: Keys) -> Int64s:
    """Return int64[n], the row of each document within its split."""
    return (keys & np.uint64(0xFFFFFFFF)).astype(np.int64)


def is_earlier(keys: Keys) -> Bools:
    """Return bool[n], whether each document belongs to an earlier corpus."""
    return keys < np.uint64(_FIRST_SPLIT << 32)


def by_group(groups: Int64s) -> Iterator[tuple[int, Int64s]]:
    """Yield (group, positions that hold it), groups ascending, positions in order."""
    if not len(groups):
        return
    order = np.argsort(groups, kind="stable")
    values, starts = np.unique(groups[order], return_index=True)
    for value, positions in zip(values, np.split(order, starts[1:]), strict=True):
        yield int(value), positions


def by_group_bounded(groups: Int64s) -> Iterator[tuple[int, Int64s]]:
    """Like `by_group`, with at most `MAX_ROWS` positions at a time."""
    for group, positions in by_group(groups):
        for begin in range(0, len(positions), MAX_ROWS):
            yield group, positions[begin : begin + MAX_ROWS]


def bounded(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Yield a batch in parts of at most `MAX_BYTES`, or of one row."""
    if batch.nbytes <= MAX_BYTES or len(batch) < 2:
        yield batch
        return
    half = len(batch) // 2
    yield from bounded(batch.slice(0, half))
    yield from bounded(batch.slice(half))


def make_batch(**columns: npt.NDArray[np.generic] | pa.Array) -> pa.RecordBatch:
    """Return a batch of named columns."""
    return pa.RecordBatch.from_pydict({name: pa.array(values) for name, values in columns.items()})


def join_columns(batches: Iterable[pa.RecordBatch], *names: str) -> list[npt.NDArray[Any]]:
    """Concatenate columns of several batches; each shape (n,)."""
    found = list(batches)
    return [np.concatenate([batch[name].to_numpy(zero_copy_only=False) for batch in found]) for name in names]


def pack_words(*columns: UInt64s | Int64s) -> bytes:
    """Return columns of 64-bit words of one length as bytes, with no overhead: for elements of few rows each."""
    return b"".join([np.ascontiguousarray(column).astype("<u8").tobytes() for column in columns])


def unpack_words(packed: Iterable[bytes], columns: int) -> list[Keys]:
    """Return the columns of several values of `pack_words`, one after the other.

    Args:
        packed: Values with the same number of columns.
        columns: How many.
    """
    parts = [np.frombuffer(value, "<u8").reshape(columns, -1) for value in packed]
    return [np.concatenate([part[k] for part in parts]).astype(np.uint64, copy=False) for k in range(columns)]


def pack_pairs(left: Keys, right: Keys) -> bytes:
    """Return pairs of document keys as compressed bytes; those of a hot bucket take a byte or two each.

    Args:
        left: uint64[p].
        right: uint64[p].
    """
    order = np.lexsort((right, left))
    steps = {name: np.diff(keys[order], prepend=np.uint64(0)) for name, keys in (("left", left), ("right", right))}
    return pack(make_batch(**steps))


def unpack_pairs(packed: bytes) -> tuple[Keys, Keys]:
    """Return what `pack_pairs` was given, ascending."""
    (steps,) = unpack(packed)
    left, right = (np.cumsum(steps[name].to_numpy(), dtype=np.uint64) for name in ("left", "right"))
    return left, right


def pack(*batches: pa.RecordBatch) -> bytes:
    """Return batches as compressed bytes."""
    sink = pa.BufferOutputStream()
    for batch in batches:
        with pa.ipc.new_stream(sink, batch.schema, options=_COMPRESSED) as writer:
            writer.write_batch(batch)
    return bytes(sink.getvalue())


def unpack(packed: bytes) -> list[pa.RecordBatch]:
    """Return what `pack` was given."""
    source = pa.BufferReader(packed)
    batches = []
    while source.tell() < len(packed):
        with pa.ipc.open_stream(source) as reader:
            batches.append(reader.read_next_batch())
            reader.read_all()
    return batches


_COMPRESSED = pa.ipc.IpcWriteOptions(compression="zstd", use_threads=False)


def to_binary(values: Keys) -> pa.Array:
    """Return rows of 64-bit words as fixed-size binary values, little-endian.

    Args:
        values: uint64[n, k].

    Returns:
        fixed_size_binary[8 k], n values.
    """
    words = np.ascontiguousarray(values, dtype="<u8")
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(8 * words.shape[1]), len(words), [None, pa.py_buffer(words.tobytes())]
    )


def from_binary(column: pa.Array | pa.ChunkedArray) -> Keys:
    """Return uint64[n, k], what `to_binary` was given."""
    column = one_array(column)
    width = column.type.byte_width // 8
    data = column.buffers()[1]
    if data is None or not len(column):
        return np.zeros((0, width), np.uint64)
    words = np.frombuffer(data, dtype="<u8", count=(column.offset + len(column)) * width)
    return words.reshape(-1, width)[column.offset :].astype(np.uint64, copy=False)
