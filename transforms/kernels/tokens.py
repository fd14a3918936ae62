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
_FEW_SPLITS = 100  # with less than one split in so many bytes, inserting them beats two more passes
_PAD = 8
_WORD_BYTES = 8
MAX_STEPS = 16
"""Tokens of up to this many eight-byte words are hashed together, longer ones one by one."""

_LOW_64 = (1 << 64) - 1
_PLACE_SALTS = np.arange(1, MAX_STEPS, dtype=np.uint64) * GOLDEN
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
    other_hashes, other_counts, _ = _scan(*text_buffers(texts), decomposed=True)
    counts[rows] = other_counts  # the first scan left these rows empty
    replaced = np.repeat(found.unstable, counts)
    merged = np.empty(len(replaced), dtype=np.uint64)
    merged[replaced] = other_hashes
    merged[~replaced] = hashes
    return merged, counts


def _decomposed(data: Bytes, bounds: Index, rows: Index, crowded: npt.NDArray[np.bool_]) -> pa.Array:
    """Compatibility decomposition of some rows of a window, in lower case."""
    texts = []
    for row, many_marks in zip(rows.tolist(), crowded.tolist(), strict=True):
        text = data[bounds[row] : bounds[row + 1]].tobytes()
        texts.append(_CROWD.sub(r"\1", text.decode("utf-8")).encode("utf-8") if many_marks else text)
    return pc.utf8_lower(pc.utf8_normalize(pa.array(texts, pa.large_binary()).cast(pa.large_string()), "NFKD"))


_CROWD = regex.compile(rf"(\p{{M}}{{{MAX_MARKS}}})\p{{M}}+")


def _scan(data: Bytes, bounds: Index, decomposed: bool = False) -> tuple[UInt64, Index, _Bounds]:
    """Hash the tokens of consecutive rows as they stand; rows that need decomposition first are left empty."""
    first, end = int(bounds[0]), int(bounds[-1])
    # A copy that may be written to; the zero bytes at the end let eight bytes be read at any token.
    folded = np.frombuffer(bytearray(data[first:end]).translate(_FOLD) + bytes(_PAD), np.uint8)
    found = _token_bounds(folded, end - first, bounds - first, decomposed)
    counts = np.diff(np.searchsorted(found.starts, bounds - first))
    return _hash_tokens(folded, found.starts, found.ends), counts, found


def _token_bounds(data: Bytes, size: int, bounds: Index, decomposed: bool) -> _Bounds:
    """Find where tokens start and end; non-ASCII separators in `data` are overwritten with zeros."""
    unstable, crowded = np.zeros((2, len(bounds) - 1), dtype=bool)
    splits: Index = bounds[1:-1]
    splits = splits[(splits > 0) & (splits < size)]
    lead = np.flatnonzero(data[:size] >= 0xC0)
    if lead.size:
        characters = _Characters.at(data, lead, bounds)
        if not decomposed:
            unstable, crowded = _unstable_rows(characters, bounds)
            for row in np.flatnonzero(unstable):
                data[bounds[row] : bounds[row + 1]] = 0
            if unstable.any():
                characters = characters.where(data[lead] != 0)
        splits = np.concatenate((splits, _settle(data, bounds, characters)))
    splits = splits[(data[splits - 1] != 0) & (data[splits] != 0)]
    inside = data[: size + 1] != 0
    if splits.size * _FEW_SPLITS <= size:
        flips = np.flatnonzero(inside[1:] != inside[:-1])
        flips += 1
        if inside[0]:
            flips = np.concatenate((np.zeros(1, np.int64), flips))
        if splits.size:
            # At a split one token ends and the next starts: two edges more at one place.
            twice = np.repeat(np.unique(splits), 2)
            flips = np.insert(flips, np.searchsorted(flips, twice), twice)
        return _Bounds(flips[0::2], flips[1::2], unstable, crowded)
    begins, ends = np.empty((2, size + 1), dtype=bool)
    begins[0], ends[0] = inside[0], False
    np.greater(inside[1:], inside[:-1], out=begins[1:])
    np.less(inside[1:], inside[:-1], out=ends[1:])
    begins[splits] = ends[splits] = True
    return _Bounds(np.flatnonzero(begins), np.flatnonzero(ends), unstable, crowded)


class _Characters(NamedTuple):
    """The non-ASCII characters of a window, in order."""

    lead: Index  # where their bytes start
    after: Index  # where they end
    code_points: npt.NDArray[np.uint32]
    properties: Bytes
    touches: npt.NDArray[np.bool_]  # the character before is one of these and in the same row

    @classmethod
    def at(cls, data: Bytes, lead: Index, bounds: Index) -> _Characters:
        code_points, length = _decode(data, lead)
        after = lead + length
        touches = np.zeros(len(lead), dtype=bool)
        np.equal(lead[1:], after[:-1], out=touches[1:])
        starts = np.searchsorted(lead, bounds[1:-1])
        starts = starts[starts < len(lead)]
        touches[starts] = False
        return cls(lead, after, code_points, character_properties()[code_points], touches)

    def where(self, chosen: npt.NDArray[np.bool_]) -> _Characters:
        """The characters of some rows."""
        lead, after, code_points, properties, touches = self
        return _Characters(lead[chosen], after[chosen], code_points[chosen], properties[chosen], touches[chosen])


def _decode(data: Bytes, lead: Index) -> tuple[npt.NDArray[np.uint32], Bytes]:
    """Code points and lengths in bytes of the UTF-8 sequences that start at `lead`."""
    four_bytes = np.ndarray((len(data) - 3,), dtype=">u4", buffer=data, strides=(1,))
    v: npt.NDArray[np.uint32] = four_bytes[lead].astype(np.uint32)
    two_bytes = v < 0xE0000000
    length = np.uint8(3) - two_bytes.view(np.uint8)
    # Three bytes 1110aaaa 10bbbbbb 10cccccc; in two bytes 110bbbbb 10cccccc all stands six bits further left.
    v >>= two_bytes.view(np.uint8) * np.uint8(8)
    high = v >> np.uint32(12)
    high &= np.uint32(0xF000)
    code_points = v >> np.uint32(8)
    code_points &= np.uint32(0x3F)
    v >>= np.uint32(10)
    v &= np.uint32(0xFC0)
    code_points |= v
    code_points |= high
    four = np.flatnonzero(data[lead] >= 0xF0)
    if four.size:
        w = four_bytes[lead[four]].astype(np.uint32)
        code_points[four] = ((w >> 6) & 0x1C0000) | ((w >> 4) & 0x3F000) | ((w >> 2) & 0xFC0) | (w & 0x3F)
        length[four] = 4
    return code_points, length


def _unstable_rows(characters: _Characters, bounds: Index) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which rows decomposition could change, and which of them have more than `MAX_MARKS` marks in a row."""
    properties = characters.properties
    suspect = (properties & np.uint8(UNSTABLE)) != 0
    reorders = (properties & np.uint8(REORDERS)) != 0
    pairs = reorders[1:] & characters.touches[1:]
    pairs &= reorders[:-1]
    suspect[1:] |= pairs
    unstable = _rows_with(characters.lead[suspect], bounds)
    is_mark = (properties & np.uint8(KIND_BITS)) == MARK
    # So many marks can only be where this many characters on from a mark there is another and all between touch.
    crowded = np.zeros(len(unstable), dtype=bool)
    if np.count_nonzero(is_mark) > MAX_MARKS:
        breaks = np.flatnonzero(~(is_mark[1:] & is_mark[:-1] & characters.touches[1:]))
        edges = np.concatenate((np.array([-1]), breaks, np.array([len(is_mark) - 1])))
        long = np.flatnonzero(np.diff(edges) > MAX_MARKS)
        crowded = _rows_with(characters.lead[edges[long] + 1], bounds)
    return unstable | crowded, crowded


def _rows_with(positions: Index, bounds: Index) -> npt.NDArray[np.bool_]:
    """Which rows hold one of the ascending positions."""
    return np.diff(np.searchsorted(positions, bounds)) > 0


def _settle(data: Bytes, bounds: Index, characters: _Characters) -> Index:
    """Zero the non-ASCII separators in `data` and return the places where tokens of one letter begin and end."""
    lead, after, code_points, properties, touches = characters
    kind: Bytes = properties & np.uint8(KIND_BITS)
    data[lead[code_points == _FINAL_SIGMA] + 1] = _SIGMA_TAIL
    is_mark = kind == MARK
    _attach_marks(data, characters, bounds, kind)
    gone = kind == SEPARATOR
    first, end = lead[gone], after[gone]
    for byte in (first, first + 1, end - 2, end - 1):
        data[byte] = 0
    single = kind == SINGLE
    if not single.any():
        return np.empty(0, np.int64)
    # Split before each letter of a script without spaces, and after it and its marks.
    begins = single & ~is_mark
    begins[1:] |= single[:-1] & touches[1:] & ~is_mark[1:]
    single[:-1] &= ~touches[1:]
    splits: Index = np.concatenate((lead[begins], after[single]))
    inner: Index = splits[(splits > 0) & (splits < bounds[-1])]
    return inner


def _attach_marks(data: Bytes, characters: _Characters, bounds: Index, kind: Bytes) -> None:
    """Give each mark the kind of the character it stands on, in place; a mark on nothing is a separator."""
    marks = np.flatnonzero(kind == MARK)
    if marks.size == 0:
        return
    touches = characters.touches[marks]
    heads = np.flatnonzero(~(touches & (kind[marks - 1] == MARK)))
    first = marks[heads]
    position = characters.lead[first]
    starts_row = bounds[np.searchsorted(bounds, position)] == position
    on_ascii = np.where((data[position - 1] != 0) & ~starts_row, np.uint8(WORD), np.uint8(SEPARATOR))
    base = np.where(touches[heads], kind[first - 1], on_ascii)
    kind[marks] = np.repeat(base, np.diff(np.append(heads, len(marks))))


def _hash_tokens(data: Bytes, starts: Index, ends: Index) -> UInt64:
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


def _hash_tail(words: UInt64, start: int, length: int) -> int:
    """The summands of a token's hash from word `MAX_STEPS` on."""
    total = 0
    for begin in range(MAX_STEPS * _WORD_BYTES, length, WINDOW_BYTES):
        offsets = np.arange(begin, min(length, begin + WINDOW_BYTES), _WORD_BYTES)
        values = words[start + offsets]
        values &= _MASKS[np.minimum(length - offsets, _WORD_BYTES)]
        values ^= (offsets // _WORD_BYTES).astype(np.uint64) * GOLDEN
        total += int(mix64(values).sum(dtype=np.uint64))
    return total


def _words(data: Bytes) -> UInt64:
    """The eight bytes from each position on, as little-endian integers: a view, no copy."""
    return np.ndarray((len(data) - 7,), dtype="<u8", buffer=data, strides=(1,))
