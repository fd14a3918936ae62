"""Where tokens start and end in UTF-8 bytes: non-ASCII characters looked up in one go, separators overwritten."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from corpusmill.transforms.kernels.arrays import Bools, Int64s, UInt8s
from corpusmill.transforms.kernels.unicode.token_classes import (
    KIND_BITS,
    MARK,
    REORDERS,
    SEPARATOR,
    SINGLE,
    UNSTABLE,
    WORD,
    character_properties,
)

PAD = 8
"""Zero bytes that must follow the text, so that several bytes can be read at any place of it."""

MAX_MARKS = 30
"""Marks in a row that are looked at, the limit of Unicode's stream-safe text (UAX 15): sorting them is quadratic."""

_FINAL_SIGMA, _SIGMA_TAIL = ord("\N{GREEK SMALL LETTER FINAL SIGMA}"), "\N{GREEK SMALL LETTER SIGMA}".encode()[1]


class FoundTokens(NamedTuple):
    """What a scan found.

    Attributes:
        starts: int64[t], where tokens start, ascending.
        ends: int64[t], where they end.
        unstable_starts: int64[u], where stretches between separators start that must be decomposed before their
            tokens can be told; they are not among the tokens.
        unstable_ends: int64[u], where they end.
        crowded: Whether one of these may hold more than `MAX_MARKS` marks in a row.
    """

    starts: Int64s
    ends: Int64s
    unstable_starts: Int64s
    unstable_ends: Int64s
    crowded: bool


def find_tokens(data: UInt8s, bounds: Int64s, *, decomposed: bool) -> FoundTokens:
    """Find the tokens of consecutive rows.

    Args:
        data: The rows in lower case with ASCII separators already zero, then `PAD` zeros; non-ASCII separators are
            overwritten with zeros too, and the final sigma with the usual one.
        bounds: int64[n + 1], where each row starts, from 0, and where the last one ends.
        decomposed: Whether the text is in its compatibility decomposition already.
    """
    size = int(bounds[-1])
    none = np.empty(0, dtype=np.int64)
    suspects, splits, crowded = none, none, False
    lead = np.flatnonzero(data[:size] >= 0xC0)
    if lead.size:
        characters = _Characters.at(data, lead, bounds)
        if not decomposed:
            suspects, crowded = _suspects(characters)
        splits = _settle(data, bounds, characters, keep_unstable=not decomposed)
    starts, ends = _stretches(data, bounds)
    dirty = np.zeros(len(starts), dtype=bool)
    suspects = suspects[data[suspects] != 0]
    if suspects.size:
        dirty[np.searchsorted(starts, suspects, side="right") - 1] = True
    if splits.size:
        splits = splits[(data[splits - 1] != 0) & (data[splits] != 0)]
        stretch = np.searchsorted(starts, splits, side="right") - 1
        splits = splits[~dirty[stretch] & (starts[stretch] != splits)]
    unstable_starts, unstable_ends = starts[dirty], ends[dirty]
    if suspects.size:
        starts, ends = starts[~dirty], ends[~dirty]
    if splits.size:
        starts, ends = _with_splits(starts, splits, size), _with_splits(ends, splits, size)
    return FoundTokens(starts, ends, unstable_starts, unstable_ends, crowded)


def _stretches(data: UInt8s, bounds: Int64s) -> tuple[Int64s, Int64s]:
    """Where stretches of bytes that are not zero start and end; none extends beyond its row."""
    inside = data[: bounds[-1] + 1] != 0
    flips = np.flatnonzero(inside[1:] != inside[:-1])
    flips += 1
    if inside[0]:
        flips = np.concatenate((np.zeros(1, np.int64), flips))
    between = bounds[1:-1]
    between = between[(between > 0) & (between < bounds[-1])]
    between = between[inside[between - 1] & inside[between]]
    if between.size:
        # Here one stretch ends and the next starts: two edges more at one place.
        twice = np.repeat(np.unique(between), 2)
        flips = np.insert(flips, np.searchsorted(flips, twice), twice)
    return flips[0::2], flips[1::2]


def _with_splits(edges: Int64s, splits: Int64s, size: int) -> Int64s:
    flags = np.zeros(size + 1, dtype=bool)
    flags[edges] = True
    flags[splits] = True
    return np.flatnonzero(flags)


class _Characters(NamedTuple):
    """The non-ASCII characters of a window, in order."""

    lead: Int64s  # where their bytes start
    after: Int64s  # where they end
    code_points: npt.NDArray[np.uint32]
    properties: UInt8s
    touches: Bools  # the character before is one of these and in the same row

    @classmethod
    def at(cls, data: UInt8s, lead: Int64s, bounds: Int64s) -> _Characters:
        code_points, length = decode_characters(data, lead)
        after = lead + length
        touches = np.zeros(len(lead), dtype=bool)
        np.equal(lead[1:], after[:-1], out=touches[1:])
        starts = np.searchsorted(lead, bounds[1:-1])
        starts = starts[starts < len(lead)]
        touches[starts] = False
        return cls(lead, after, code_points, character_properties()[code_points], touches)


def decode_characters(data: UInt8s, lead: Int64s) -> tuple[npt.NDArray[np.uint32], UInt8s]:
    """Code points and lengths in bytes of the UTF-8 sequences that start at `lead`."""
    four_bytes = np.ndarray((len(data) - 3,), dtype=">u4", buffer=data, strides=(1,))
    v: npt.NDArray[np.uint32] = four_bytes[lead].astype(np.uint32)
    two_bytes = v < 0xE0000000
    length = np.uint8(3) - two_bytes.view(np.uint8)
    # Three bytes 1110aaaa 10bbbbbb 10cccccc; in two bytes 110bbbbb 10cccccc all is six bits further left.
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


def _suspects(characters: _Characters) -> tuple[Int64s, bool]:
    """Where characters are that decomposition could change, and whether there are too many marks in a row."""
    properties, touches = characters.properties, characters.touches
    suspect = (properties & np.uint8(UNSTABLE)) != 0
    reorders = (properties & np.uint8(REORDERS)) != 0
    pairs = reorders[1:] & touches[1:]
    pairs &= reorders[:-1]
    suspect[1:] |= pairs
    is_mark = (properties & np.uint8(KIND_BITS)) == MARK
    if np.count_nonzero(is_mark) <= MAX_MARKS:
        return characters.lead[suspect], False
    breaks = np.flatnonzero(~(is_mark[1:] & is_mark[:-1] & touches[1:]))
    edges = np.concatenate((np.array([-1]), breaks, np.array([len(is_mark) - 1])))
    crowds = np.flatnonzero(np.diff(edges) > MAX_MARKS)
    suspect[edges[crowds] + 1] = True
    return characters.lead[suspect], crowds.size > 0


def _settle(data: UInt8s, bounds: Int64s, characters: _Characters, *, keep_unstable: bool) -> Int64s:
    """Zero the non-ASCII separators in `data` and return the places where tokens of one letter begin and end."""
    lead, after, code_points, properties, touches = characters
    kind: UInt8s = properties & np.uint8(KIND_BITS)
    data[lead[code_points == _FINAL_SIGMA] + 1] = _SIGMA_TAIL
    is_mark = kind == MARK
    if keep_unstable:  # a trade mark sign becomes letters
        kind[(properties & np.uint8(UNSTABLE | KIND_BITS)) == (UNSTABLE | SEPARATOR)] = WORD
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
    splits: Int64s = np.concatenate((lead[begins], after[single]))
    inner: Int64s = splits[(splits > 0) & (splits < bounds[-1])]
    return inner


def _attach_marks(data: UInt8s, characters: _Characters, bounds: Int64s, kind: UInt8s) -> None:
    """Give each mark the kind of the character it is on, in place; a mark on nothing is a separator."""
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
