"""Words of whole columns of text as 64-bit hashes.

A token is a maximal run of letters, digits, underscores and the marks on them, after compatibility decomposition and
lower-casing; in scripts written without spaces each letter with its marks is a token. All rows are scanned together on
their UTF-8 bytes: separators become zero bytes, the edges between zero and non-zero are the tokens, and a token's
bytes are hashed eight at a time. Only stretches between separators that hold a character whose decomposition tokens
could see are decomposed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import regex

from corpusmill.transforms.kernels.arrays import Int64s, UInt8s, UInt64s
from corpusmill.transforms.kernels.duplicates.token_scan import MAX_MARKS, PAD, FoundTokens, find_tokens
from corpusmill.transforms.kernels.hashing import GOLDEN, mix64
from corpusmill.transforms.kernels.unicode.token_classes import KIND_BITS, SEPARATOR, SINGLE, character_properties

WINDOW_BYTES = 1 << 19
"""Rows are scanned together in windows of about this size, so that the working arrays stay in the processor's cache."""

MAX_TOKEN_WINDOWS = 8
"""A token longer than this many windows is cut, so that memory stays bounded on text without separators."""

_TAIL_BYTES = 4096
_WORD_BYTES = 8
MAX_STEPS = 16
"""Tokens of up to this many eight-byte words are hashed together, longer ones one by one."""

_LOW_64 = (1 << 64) - 1
_PLACE_SALTS = np.arange(1, MAX_STEPS, dtype=np.uint64) * GOLDEN
_MASKS = np.array([(1 << 8 * n) - 1 for n in range(9)], dtype=np.uint64)
# UInt8s of ASCII: lower case for letters, themselves for digits and the underscore, 0 for the rest. Others stay.
_FOLD = bytes(
    ord(chr(byte).lower()) if byte >= 0x80 or chr(byte).isalnum() or chr(byte) == "_" else 0 for byte in range(128)
) + bytes(range(128, 256))


class TokenHashes(NamedTuple):
    """The tokens of n rows in order.

    Attributes:
        hashes: uint64[t], one hash a token, row after row.
        offsets: int64[n + 1], the tokens of row i are `hashes[offsets[i]:offsets[i + 1]]`.
    """

    hashes: UInt64s
    offsets: Int64s


class SpelledTokens(NamedTuple):
    """The tokens of n rows in order, with their bytes.

    Attributes:
        hashes: uint64[t], as in `TokenHashes`.
        offsets: int64[n + 1], as in `TokenHashes`.
        data: uint8, a buffer that the bytes of all tokens are in, with `scan.PAD` zeros at its end.
        starts: int64[t], where each token starts in it.
        ends: int64[t], where it ends.
    """

    hashes: UInt64s
    offsets: Int64s
    data: UInt8s
    starts: Int64s
    ends: Int64s

    def words_of(self, row: int) -> list[bytes]:
        """Return the tokens of a row."""
        return self.run_of(row, 0, int(self.offsets[row + 1] - self.offsets[row]))

    def run_of(self, row: int, first: int, count: int) -> list[bytes]:
        """Return some tokens of a row, as many of `count` as it has."""
        data = self.data.data
        begin, end = int(self.offsets[row]) + first, int(self.offsets[row + 1])
        own = slice(begin, min(begin + count, end))
        return [bytes(data[a:b]) for a, b in zip(self.starts[own].tolist(), self.ends[own].tolist(), strict=True)]


class _Window(NamedTuple):
    rows: slice
    bounds: Int64s  # byte positions in the data: start of each row in the window, and the end


class Scanned(NamedTuple):
    """The tokens of a window; `counts` by row, the others as in `SpelledTokens`."""

    hashes: UInt64s
    counts: Int64s
    data: UInt8s
    starts: Int64s
    ends: Int64s


def token_hashes(text: pa.Array) -> TokenHashes:
    """Hash the tokens of each row of `text`.

    Args:
        text: string or large_string; null rows have no tokens.

    Returns:
        Hashes that depend on the row's text only, never on the other rows.
    """
    return join_hashes(len(text), ((rows, found.hashes, found.counts) for rows, found in scan_windows(text)))


def join_hashes(rows: int, windows: Iterable[tuple[slice, UInt64s, Int64s]]) -> TokenHashes:
    """Join the hashes of the tokens of windows: rows, hashes, and counts by row of each."""
    parts = [np.empty(0, np.uint64)]
    counts = np.zeros(rows, dtype=np.int64)
    for own, hashes, tokens_per_row in windows:
        parts.append(hashes)
        counts[own] += tokens_per_row
    return TokenHashes(np.concatenate(parts), _offsets(counts))


def spelled_tokens(text: pa.Array) -> SpelledTokens:
    """Return the tokens of each row of `text` with their hashes and bytes: see `token_hashes`."""
    found: list[Scanned] = []
    counts = np.zeros(len(text), dtype=np.int64)
    for rows, scanned in scan_windows(text):
        found.append(scanned)
        counts[rows] += scanned.counts
    if not found:
        none = np.empty(0, np.int64)
        return SpelledTokens(np.empty(0, np.uint64), _offsets(counts), np.zeros(PAD, np.uint8), none, none)
    bases = np.cumsum([0, *(len(scanned.data) for scanned in found)])
    return SpelledTokens(
        np.concatenate([scanned.hashes for scanned in found]),
        _offsets(counts),
        np.concatenate([scanned.data for scanned in found]),
        np.concatenate([scanned.starts + base for scanned, base in zip(found, bases[:-1], strict=True)]),
        np.concatenate([scanned.ends + base for scanned, base in zip(found, bases[:-1], strict=True)]),
    )


def scan_windows(text: pa.Array) -> Iterator[tuple[slice, Scanned]]:
    """Yield the rows of each window of a column, and its tokens; a long row may be in several."""
    data, offsets = text_buffers(text)
    if data[offsets[0] : offsets[-1]].max(initial=0) >= 0x80:
        data, offsets = text_buffers(pc.utf8_lower(pc.fill_null(text, "")))
    for window in _windows(data, offsets):
        yield window.rows, _window_tokens(data, window)


def _offsets(counts: Int64s) -> Int64s:
    offsets = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=offsets[1:])
    return offsets


def text_buffers(text: pa.Array) -> tuple[UInt8s, Int64s]:
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


def _windows(data: UInt8s, offsets: Int64s) -> Iterator[_Window]:
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


def _cut(data: UInt8s, position: int, stop: int) -> int:
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


def _window_tokens(data: UInt8s, window: _Window) -> Scanned:
    """Find and hash the tokens of one window and count them by row."""
    first, end = int(window.bounds[0]), int(window.bounds[-1])
    bounds = window.bounds - first
    folded = _fold(data[first:end])
    found = find_tokens(folded, bounds, decomposed=False)
    hashes = hash_spans(folded, found.starts, found.ends)
    counts = np.diff(np.searchsorted(found.starts, bounds))
    if found.unstable_starts.size == 0:
        return Scanned(hashes, counts, folded, found.starts, found.ends)
    text, pieces = _decomposed(folded, found)
    other = _fold(text)
    inner = find_tokens(other, pieces, decomposed=True)
    upto = np.searchsorted(inner.starts, pieces)
    counts += np.diff(upto[np.searchsorted(found.unstable_starts, bounds)])
    # The tokens of a stretch come before the first token that starts after it.
    place = np.arange(len(inner.starts))
    place += np.repeat(np.searchsorted(found.starts, found.unstable_starts), np.diff(upto))
    merged = np.empty(len(hashes) + len(inner.starts), dtype=np.uint64)
    others = np.ones(len(merged), dtype=bool)
    others[place] = False
    merged[place] = hash_spans(other, inner.starts, inner.ends)
    merged[others] = hashes
    starts, ends = np.empty(len(merged), np.int64), np.empty(len(merged), np.int64)
    starts[place], starts[others] = inner.starts + len(folded), found.starts
    ends[place], ends[others] = inner.ends + len(folded), found.ends
    return Scanned(merged, counts, np.concatenate((folded, other)), starts, ends)


def _fold(data: UInt8s) -> UInt8s:
    """A copy with ASCII in lower case and its separators zero, and some zeros more at the end."""
    return np.frombuffer(bytearray(data).translate(_FOLD) + bytes(PAD), np.uint8)


def _decomposed(data: UInt8s, found: FoundTokens) -> tuple[UInt8s, Int64s]:
    """Compatibility decomposition, in lower case, of the unstable stretches, and the bounds of each in it."""
    sizes = found.unstable_ends - found.unstable_starts + 1
    ends = np.cumsum(sizes)
    text = data[np.arange(int(ends[-1])) + np.repeat(found.unstable_starts - ends + sizes, sizes)]
    text[ends - 1] = _LINE_FEED
    if found.crowded:
        lines = text.tobytes().decode("utf-8")
        text = np.frombuffer(_CROWD.sub(r"\1", lines).encode("utf-8"), np.uint8)
    # One string, because each costs a call; no decomposition holds or changes a line feed.
    column = pa.array([text.tobytes()], pa.large_binary()).cast(pa.large_string())
    result, _ = text_buffers(pc.utf8_lower(pc.utf8_normalize(column, "NFKD")))
    return result, np.concatenate((np.zeros(1, np.int64), np.flatnonzero(result == _LINE_FEED) + 1))


_CROWD = regex.compile(rf"(\p{{M}}{{{MAX_MARKS}}})\p{{M}}+")
_LINE_FEED = ord("\n")


def hash_spans(data: UInt8s, starts: Int64s, ends: Int64s) -> UInt64s:
    """Hash the bytes from each start to its end: the sum of mixed eight-byte words, each mixed with its place."""
    words = _words(data)
    lengths = ends - starts
    hashes = words[starts]
    hashes &= _MASKS[np.minimum(lengths, _WORD_BYTES)]
    mix64(hashes)
    longer = np.flatnonzero(lengths > _WORD_BYTES)
    for salt, offset in zip(_PLACE_SALTS, range(_WORD_BYTES, MAX_STEPS * _WORD_BYTES, _WORD_BYTES), strict=True):
        if longer.size == 0:
            return hashes
        remaining = lengths[longer] - offset
        values = words[starts[longer] + offset]
        values &= _MASKS[np.minimum(remaining, _WORD_BYTES)]
        values ^= salt
        hashes[longer] += mix64(values)
        longer = longer[remaining > _WORD_BYTES]
    for token in longer.tolist():  # longer than any word of a language
        hashes[token] = np.uint64((int(hashes[token]) + _hash_tail(words, starts[token], lengths[token])) & _LOW_64)
    return hashes


def _hash_tail(words: UInt64s, start: int, length: int) -> int:
    """The summands of a token's hash from word `MAX_STEPS` on."""
    total = 0
    for begin in range(MAX_STEPS * _WORD_BYTES, length, WINDOW_BYTES):
        offsets = np.arange(begin, min(length, begin + WINDOW_BYTES), _WORD_BYTES)
        values = words[start + offsets]
        values &= _MASKS[np.minimum(length - offsets, _WORD_BYTES)]
        values ^= (offsets // _WORD_BYTES).astype(np.uint64) * GOLDEN
        total += int(mix64(values).sum(dtype=np.uint64))
    return total


def _words(data: UInt8s) -> UInt64s:
    """The eight bytes from each position on, as little-endian integers: a view, no copy."""
    return np.ndarray((len(data) - 7,), dtype="<u8", buffer=data, strides=(1,))
