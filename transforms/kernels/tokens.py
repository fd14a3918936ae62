"""Words of whole columns of text as 64-bit hashes.

A token is a maximal run of letters, digits, underscores and the marks on them, after compatibility decomposition and
lower-casing; in scripts written without spaces each letter with its marks is a token. All rows are scanned together on
their UTF-8 bytes: separators become zero bytes, the edges between zero and non-zero are the tokens, and a token's
bytes are hashed eight at a time. Only rows that hold characters whose decomposition tokens could see are decomposed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import regex

from transforms.kernels.characters import (
    KIND_BITS,
    MARK,
    REORDERS,
    SEPARATOR,
    SINGLE,
    UNSTABLE,
    WORD,
    character_properties,
)
from transforms.kernels.hashing import GOLDEN, UInt64, mix64

Bytes = npt.NDArray[np.uint8]
Index = npt.NDArray[np.int64]

WINDOW_BYTES = 1 << 19
"""Rows are scanned together in windows of about this size, so that the working arrays stay in the processor's cache."""

MAX_TOKEN_WINDOWS = 8
"""A token longer than this many windows is cut, so that memory stays bounded on text without separators."""

MAX_MARKS = 30
"""Marks in a row that are looked at, the limit of Unicode's stream-safe text (UAX 15): sorting them is quadratic."""

_TAIL_BYTES = 4096
_PAD = 8
_WORD_BYTES = 8
_MASKS = np.array([(1 << 8 * n) - 1 for n in range(9)], dtype=np.uint64)
# Bytes of ASCII: lower case for letters, themselves for digits and the underscore, 0 for the rest. Others stay.
_FOLD = bytes(
    ord(chr(byte).lower()) if byte >= 0x80 or chr(byte).isalnum() or chr(byte) == "_" else 0 for byte in range(128)
) + bytes(range(128, 256))
_FINAL_SIGMA, _SIGMA_TAIL = ord("\N{GREEK SMALL LETTER FINAL SIGMA}"), "\N{GREEK SMALL LETTER SIGMA}".encode()[1]


class TokenHashes(NamedTuple):
    """The tokens of n rows in order.

    Attributes:
        hashes: uint64[t], one hash a token, row after row.
        offsets: int64[n + 1], the tokens of row i are `hashes[offsets[i]:offsets[i + 1]]`.
    """

    hashes: UInt64
    offsets: Index


class _Bounds(NamedTuple):
    starts: Index
    ends: Index
    unstable: npt.NDArray[np.bool_]
    crowded: npt.NDArray[np.bool_]


class _Window(NamedTuple):
    rows: slice
    bounds: Index  # byte positions in the data: start of each row in the window, and the end


def token_hashes(text: pa.Array) -> TokenHashes:
    """Hash the tokens of each row of `text`.

    Args:
        text: string or large_string; null rows have no tokens.

    Returns:
        Hashes that depend on the row's text only, never on the other rows.
    """
    data, offsets = text_buffers(text)
    if data[offsets[0] : offsets[-1]].max(initial=0) >= 0x80:
        data, offsets = text_buffers(pc.utf8_lower(pc.fill_null(text, "")))
    counts = np.zeros(len(text), dtype=np.int64)
    parts = []
    for window in _windows(data, offsets):
        hashes, tokens_per_row = _window_tokens(data, window)
        parts.append(hashes)
        counts[window.rows] += tokens_per_row
    token_offsets = np.zeros(len(text) + 1, dtype=np.int64)
    np.cumsum(counts, out=token_offsets[1:])
    return TokenHashes(np.concatenate(parts) if parts else np.empty(0, np.uint64), token_offsets)


def text_buffers(text: pa.Array) -> tuple[Bytes, Index]:
    """Return the UTF-8 bytes of a string array and its n + 1 row offsets into them; null rows are empty."""
    if not (pa.types.is_string(text.type) or pa.types.is_large_string(text.type)):
        raise TypeError(f"text must be a string or large_string array, not {text.type}: cast it first")
    if text.null_count:
        text = pc.fill_null(text, "")
    kind = np.int32 if pa.types.is_string(text.type) else np.int64
    _, offset_buffer, data_buffer = text.buffers()
    if len(text) == 0 or data_buffer is None:
        return np.empty(0, np.uint8), np.zeros(len(text) + 1, np.int64)
    offsets = np.frombuffer(offset_buffer, kind)[text.offset : text.offset + len(text) + 1]
    return np.frombuffer(data_buffer, np.uint8), offsets.astype(np.int64)


def _windows(data: Bytes, offsets: Index) -> Iterator[_Window]:
    """Cut the rows into windows: whole rows together, long rows alone and cut between tokens."""
    row, last = 0, len(offsets) - 1
    while row < last:
        end = int(np.searchsorted(offsets, offsets[row] + WINDOW_BYTES, side="right")) - 1
        if end > row:
            yield _Window(slice(row, end), offsets[row : end + 1])
            row = end
            continue
        position, stop = int(offsets[row]), int(offsets[row + 1])
        while position < stop:
            cut = _cut(data, position, stop)
            yield _Window(slice(row, row + 1), np.array([position, cut], dtype=np.int64))
            position = cut
        row += 1


def _cut(data: Bytes, position: int, stop: int) -> int:
    """A place after `position` where a token of the row that ends at `stop` surely begins or none goes on."""
    properties = character_properties()
    target = position
    for _ in range(MAX_TOKEN_WINDOWS):
        target += WINDOW_BYTES
        if target >= stop:
            return stop
        while data[target] & 0xC0 == 0x80:
            target -= 1
        first = target - _TAIL_BYTES
        while data[first] & 0xC0 == 0x80:
            first += 1
        tail = np.frombuffer(data[first:target].tobytes().decode("utf-8").encode("utf-32-le"), "<u4")
        kind = properties[tail] & KIND_BITS
        begins = np.flatnonzero((kind == SEPARATOR) | (kind == SINGLE))
        if begins.size:
            return first + len(tail[: begins[-1]].tobytes().decode("utf-32-le").encode("utf-8"))
    return target


def _window_tokens(data: Bytes, window: _Window) -> tuple[UInt64, Index]:
    """Hash the tokens of one window and count them by row."""
    hashes, counts, found = _scan(data, window.bounds)
    if not found.unstable.any():
        return hashes, counts
    rows = np.flatnonzero(found.unstable)
    texts = _decomposed(data, window.bounds, rows, found.crowded[rows])
    other_hashes, other_counts, _ = _scan(*text_buffers(texts))
    stable = np.repeat(~found.unstable, counts)
    counts[rows] = other_counts
    replaced = np.repeat(found.unstable, counts)
    merged = np.empty(len(replaced), dtype=np.uint64)
    merged[replaced] = other_hashes
    merged[~replaced] = hashes[stable]
    return merged, counts


def _decomposed(data: Bytes, bounds: Index, rows: Index, crowded: npt.NDArray[np.bool_]) -> pa.Array:
    """Compatibility decomposition of some rows of a window, in lower case."""
    texts = []
    for row, many_marks in zip(rows.tolist(), crowded.tolist(), strict=True):
        text = data[bounds[row] : bounds[row + 1]].tobytes()
        texts.append(_CROWD.sub(r"\1", text.decode("utf-8")).encode("utf-8") if many_marks else text)
    return pc.utf8_lower(pc.utf8_normalize(pa.array(texts, pa.large_binary()).cast(pa.large_string()), "NFKD"))


_CROWD = regex.compile(rf"(\p{{M}}{{{MAX_MARKS}}})\p{{M}}+")


def _scan(data: Bytes, bounds: Index) -> tuple[UInt64, Index, _Bounds]:
    """Hash the tokens of consecutive rows as they stand, without decomposition."""
    first, end = int(bounds[0]), int(bounds[-1])
    # A copy that may be written to; the zero bytes at the end let eight bytes be read at any token.
    folded = np.frombuffer(bytearray(data[first:end]).translate(_FOLD) + bytes(_PAD), np.uint8)
    found = _token_bounds(folded, end - first, bounds - first)
    counts = np.diff(np.searchsorted(found.starts, bounds - first))
    return _hash_tokens(folded, found.starts, found.ends), counts, found


def _token_bounds(data: Bytes, size: int, bounds: Index) -> _Bounds:
    """Find where tokens start and end; non-ASCII separators in `data` are overwritten with zeros."""
    unstable, crowded = np.zeros((2, len(bounds) - 1), dtype=bool)
    splits: Index = bounds[1:-1]
    splits = splits[(splits > 0) & (splits < size)]
    if data[:size].max(initial=0) >= 0x80:
        inner = _scan_non_ascii(data, size, bounds, unstable, crowded)
        splits = np.concatenate((splits, inner))
    splits = splits[(data[splits - 1] != 0) & (data[splits] != 0)]
    inside = data[: size + 1] != 0
    flips = np.flatnonzero(inside[1:] != inside[:-1])
    flips += 1
    if size and inside[0]:
        flips = np.concatenate((np.zeros(1, np.int64), flips))
    starts, ends = flips[0::2], flips[1::2]
    if splits.size:
        splits = np.unique(splits)
        starts, ends = np.sort(np.concatenate((starts, splits))), np.sort(np.concatenate((ends, splits)))
    return _Bounds(starts, ends, unstable, crowded)


def _scan_non_ascii(
    data: Bytes, size: int, bounds: Index, unstable: npt.NDArray[np.bool_], crowded: npt.NDArray[np.bool_]
) -> Index:
    """Zero the non-ASCII separators, mark rows that need decomposition, return where tokens of one letter split."""
    lead = np.flatnonzero(data[:size] >= 0xC0)
    code_points, length = _decode(data, lead)
    properties = character_properties()[code_points]
    kind: Bytes = properties & np.uint8(KIND_BITS)
    after = lead + length
    sigma = lead[code_points == _FINAL_SIGMA]
    data[sigma + 1] = _SIGMA_TAIL

    touches = np.zeros(len(lead), dtype=bool)  # the character before is not ASCII either
    np.equal(lead[1:], after[:-1], out=touches[1:])
    suspect = (properties & UNSTABLE) != 0
    reorders = (properties & REORDERS) != 0
    suspect[1:] |= reorders[1:] & reorders[:-1] & touches[1:]
    unstable[np.searchsorted(bounds, lead[suspect], side="right") - 1] = True

    if (kind == MARK).any():
        kind, many = _attach_marks(data, lead, kind, touches, bounds)
        unstable[many] = crowded[many] = True
    gone = kind == SEPARATOR
    for tail in range(4):
        data[lead[gone & (length > tail)] + tail] = 0
    single = kind == SINGLE
    if not single.any():
        return np.empty(0, np.int64)
    # Split before each letter of a script without spaces, and after it and its marks.
    is_mark = (properties & KIND_BITS) == MARK
    before = single & ~is_mark
    follows_single = np.zeros(len(lead), dtype=bool)
    follows_single[1:] = single[:-1] & touches[1:] & ~is_mark[1:]
    last_of_run = np.ones(len(lead), dtype=bool)
    last_of_run[:-1] = ~touches[1:]
    splits = np.concatenate((lead[before | follows_single], after[single & last_of_run]))
    return splits[(splits > 0) & (splits < size)]


def _decode(data: Bytes, lead: Index) -> tuple[npt.NDArray[np.uint32], Index]:
    """Code points and lengths in bytes of the UTF-8 sequences that start at `lead`."""
    four_bytes = np.ndarray((len(data) - 3,), dtype=">u4", buffer=data, strides=(1,))
    v = four_bytes[lead].astype(np.uint32)
    code_points = (v >> 12) & np.uint32(0xF000)
    code_points |= (v >> 10) & np.uint32(0xFC0)
    code_points |= (v >> 8) & np.uint32(0x3F)
    length = np.full(len(lead), 3, dtype=np.int64)
    two = np.flatnonzero(v < 0xE0000000)
    w = v[two]
    code_points[two] = ((w >> 18) & 0x7C0) | ((w >> 16) & 0x3F)
    length[two] = 2
    four = np.flatnonzero(v >= 0xF0000000)
    w = v[four]
    code_points[four] = ((w >> 6) & 0x1C0000) | ((w >> 4) & 0x3F000) | ((w >> 2) & 0xFC0) | (w & 0x3F)
    length[four] = 4
    return code_points, length


def _attach_marks(
    data: Bytes, lead: Index, kind: Bytes, touches: npt.NDArray[np.bool_], bounds: Index
) -> tuple[Bytes, Index]:
    """Give each mark the kind of the character it stands on; a mark on nothing is a separator.

    Returns:
        The kinds, and the rows that have more than `MAX_MARKS` marks in a row.
    """
    marks = np.flatnonzero(kind == MARK)
    positions = lead[marks]
    row = np.searchsorted(bounds, positions, side="right") - 1
    touches = touches.copy()
    touches[marks[bounds[row] == positions]] = False
    source = np.arange(len(lead))
    source[marks[touches[marks]]] = 0
    np.maximum.accumulate(source, out=source)
    run = marks - source[marks] + (kind[source[marks]] == MARK)
    many = row[run > MAX_MARKS]

    kind = kind.copy()
    alone = marks[~touches[marks]]  # an ASCII byte or the start of the row comes before
    starts_row = np.isin(lead[alone], bounds, assume_unique=False)
    kind[alone] = np.where((data[lead[alone] - 1] != 0) & ~starts_row, WORD, SEPARATOR)
    return kind[source], many


def _hash_tokens(data: Bytes, starts: Index, ends: Index) -> UInt64:
    """Hash the bytes from each start to its end: the sum of mixed eight-byte words, each mixed with its place."""
    words = _words(data)
    lengths = ends - starts
    hashes = words[starts].astype(np.uint64)
    hashes &= _MASKS[np.minimum(lengths, _WORD_BYTES)]
    mix64(hashes)
    long = np.flatnonzero(lengths > _WORD_BYTES)
    if long.size == 0:
        return hashes
    # The further words of long tokens, in blocks of bounded size.
    more = (lengths[long] - 1) // _WORD_BYTES
    upto = np.cumsum(more)
    block = 0
    while block < len(long):
        base = int(upto[block - 1]) if block else 0
        end = max(block + 1, int(np.searchsorted(upto, base + WINDOW_BYTES, side="right")))
        tokens = long[block:end]
        counts = more[block:end]
        first = upto[block:end] - counts - base
        place = np.arange(int(counts.sum()), dtype=np.int64)
        place -= np.repeat(first, counts)
        place += 1
        offset = place * _WORD_BYTES
        values = words[np.repeat(starts[tokens], counts) + offset].astype(np.uint64)
        values &= _MASKS[np.minimum(np.repeat(lengths[tokens], counts) - offset, _WORD_BYTES)]
        values ^= place.astype(np.uint64) * GOLDEN
        hashes[tokens] += np.add.reduceat(mix64(values), first)
        block = end
    return hashes


def _words(data: Bytes) -> UInt64:
    """The eight bytes from each position on, as little-endian integers: a view, no copy."""
    return np.ndarray((len(data) - 7,), dtype="<u8", buffer=data, strides=(1,))
