"""What lines spell when they are folded, as hashes, computed for blocks of lines at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Int64s, UInt8s, UInt64s
from corpusmill.transforms.kernels.boilerplate.lines.folding import fold_bytes
from corpusmill.transforms.kernels.boilerplate.lines.links import linked_lines, visible_text
from corpusmill.transforms.kernels.hashing import mix64

MAX_KEY_BYTES = 256
"""Longer lines get no key: nothing that a site puts around a text is one line of this length."""

AFFIX_LETTERS = 4
"""Folded letters of a line that its `head` and its `tail` stand for."""

LONG_AFFIX_LETTERS = 8
"""The same for `long_head` and `long_tail`."""

_BLOCK_BYTES = 1 << 16  # of lines hashed at a time, so that the working arrays stay in the cache
_PLACES = (1 << 19) + MAX_KEY_BYTES  # letters of a block at most; part of the keys
_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, so that its powers do not vanish modulo 2**64
_CHAR_MIX = np.uint64(0xD6E8FEB86659FD93)
_SIZE_MIX = np.uint64(0xA24BAED4963EE407)
_NEWLINE = 10
_HASHES = 5  # of a line: key, head, tail, long head, long tail

_POWERS = np.multiply.accumulate(np.concatenate([np.ones(1, np.uint64), np.full(_PLACES, _BASE, np.uint64)]))


def _values(folded: npt.NDArray[np.uint32] | UInt8s) -> UInt64s:
    """Return what each folded code point counts in a key."""
    values = folded * _CHAR_MIX
    values ^= values >> np.uint64(29)
    return values


_VALUES = _values(np.arange(0x100, dtype=np.uint32))


class FoldedLines(NamedTuple):
    """What n lines spell; see `corpusmill.transforms.kernels.boilerplate.lines.lines.Lines`.

    Attributes:
        key: uint64[n].
        head: uint64[n].
        tail: uint64[n].
        long_head: uint64[n].
        long_tail: uint64[n].
        size: int32[n].
        linked: int64, lines with links.
        seen: large_string, what a reader sees of them.
        link_kind: int8, their kind.
    """

    key: UInt64s
    head: UInt64s
    tail: UInt64s
    long_head: UInt64s
    long_tail: UInt64s
    size: npt.NDArray[np.int32]
    linked: Int64s
    seen: pa.Array
    link_kind: npt.NDArray[np.int8]


def fold_lines(data: UInt8s, start: Int64s, end: Int64s) -> FoldedLines:
    """Fold lines.

    Args:
        data: uint8, their bytes, each with a newline after it.
        start: int64[n], where each begins.
        end: int64[n], where it ends, without its newline.
    """
    hashes = np.zeros((_HASHES, len(start)), np.uint64)
    size = np.zeros(len(start), np.int32)
    length = end - start
    size[length > MAX_KEY_BYTES] = -1
    usable = (length > 0) & (length <= MAX_KEY_BYTES)
    column = as_array(data, start)
    ascii_only = pc.string_is_ascii(column).to_numpy(zero_copy_only=False)
    # By themselves, since a single curly quote makes the whole block that it is in take the long way.
    for kind in (usable & ascii_only, usable & ~ascii_only):
        for block in _blocks(np.flatnonzero(kind), length):
            hashes[:, block], size[block] = _keys(bytes_of(column.take(pa.array(block))))
    linked, seen, kinds = _as_seen(column, data, start, end, hashes, size)
    return FoldedLines(hashes[0], hashes[1], hashes[2], hashes[3], hashes[4], size, linked, seen, kinds)


def _as_seen(  # noqa: PLR0913, PLR0917 (the arrays of one set of lines)
    column: pa.Array,
    data: UInt8s,
    start: Int64s,
    end: Int64s,
    hashes: UInt64s,
    size: npt.NDArray[np.int32],
) -> tuple[Int64s, pa.Array, npt.NDArray[np.int8]]:
    """Give lines with links the hashes and the size of what a reader sees; return them, their text and their kind."""
    linked = linked_lines(data, start, end)
    if not len(linked):
        return linked, pa.nulls(0, pa.large_string()), np.zeros(0, np.int8)
    seen, kinds = visible_text(pc.utf8_rtrim(column.take(pa.array(linked)), "\n"))
    real = np.flatnonzero(kinds)
    linked, seen, kinds = linked[real], seen.take(pa.array(real)), kinds[real]
    length = pc.binary_length(seen).to_numpy(zero_copy_only=False).astype(np.int64)
    hashes[:, linked], size[linked] = 0, np.where(length > MAX_KEY_BYTES, -1, 0)
    usable = np.flatnonzero((length > 0) & (length <= MAX_KEY_BYTES))
    newline = pa.scalar("\n", pa.large_string())
    with_newlines = pc.binary_join_element_wise(seen, newline, pa.scalar("", pa.large_string()))
    for block in _blocks(usable, length):
        hashes[:, linked[block]], size[linked[block]] = _keys(bytes_of(with_newlines.take(pa.array(block))))
    return linked, seen, kinds


def _blocks(lines: Int64s, length: Int64s) -> Iterator[Int64s]:
    """Cut lines into runs of about `_BLOCK_BYTES`."""
    reach = np.cumsum(length[lines])
    low = 0
    while low < len(lines):
        base = reach[low - 1] if low else 0
        high = max(low + 1, int(np.searchsorted(reach, base + _BLOCK_BYTES, side="right")))
        yield lines[low:high]
        low = high


def as_array(data: UInt8s, start: Int64s) -> pa.Array:
    """Return lines as a large_string array over the same bytes, each with its newline."""
    offsets = np.append(start, len(data))
    return pa.LargeStringArray.from_buffers(len(start), pa.py_buffer(offsets), pa.py_buffer(data))


def bytes_of(column: pa.Array) -> bytes:
    """Return the bytes of a large_string array that is not a slice."""
    _, offsets, data = column.buffers()
    size = np.frombuffer(offsets, np.int64)[len(column)] if len(column) else 0
    return data.slice(0, size).to_pybytes() if size else b""


def keys_of(raw: bytes) -> UInt64s:
    """Return the keys of lines, each with a newline after it, none longer than `MAX_KEY_BYTES`; links are text."""
    keys: UInt64s = _keys(raw)[0][0]
    return keys


def _keys(raw: bytes) -> tuple[UInt64s, npt.NDArray[np.int32]]:
    """Return key, head, tail, long head, long tail, and folded size of lines, each with a newline after it."""
    folded = fold_bytes(raw)
    ends = np.flatnonzero(folded == _NEWLINE)
    if len(folded) >= len(_POWERS):  # more than the table of powers has (lines of ligatures): hash them in halves
        half = raw.index(b"\n", len(raw) // 2) + 1
        parts = [_keys(part) for part in (raw[:half], raw[half:])]
        return np.concatenate([part[0] for part in parts], axis=1), np.concatenate([part[1] for part in parts])
    values = _VALUES.take(folded) if folded.dtype == np.uint8 else _values(folded)
    values *= _POWERS[: len(values)]
    sums = np.empty(len(values) + 1, np.uint64)
    sums[0] = 0
    np.cumsum(values, out=sums[1:])
    begins = np.zeros(len(ends), np.int64)
    begins[1:] = ends[:-1] + 1
    sizes = ends - begins
    before, upto = sums[begins], sums[ends]
    # Times a power that brings every line to the same place, so that the key does not tell where the line stood.
    place = _POWERS[len(_POWERS) - 1 - begins]
    hashes = np.empty((_HASHES, len(ends)), np.uint64)
    hashes[0] = (upto - before) * place + sizes.astype(np.uint64) * _SIZE_MIX
    for k, letters in ((1, AFFIX_LETTERS), (3, LONG_AFFIX_LETTERS)):
        hashes[k] = (sums[np.minimum(begins + letters, ends)] - before) * place
        inner = np.maximum(ends - letters, begins)
        hashes[k + 1] = (upto - sums[inner]) * _POWERS[len(_POWERS) - 1 - inner]
    mix64(hashes)
    hashes[0, hashes[0] == 0] = 1
    hashes[0, sizes == 0] = 0
    hashes[1:3, sizes < AFFIX_LETTERS] = 0
    hashes[3:5, sizes < LONG_AFFIX_LETTERS] = 0
    return hashes, sizes.astype(np.int32)
