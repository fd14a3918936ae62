"""Sentences of lines, counted by their ends."""

from __future__ import annotations

import numpy as np

from corpusmill.transforms.kernels.arrays import Bools, Int64s, UInt8s
from corpusmill.transforms.kernels.quality.lines import places_of

_ENDS = np.zeros(256, bool)
_ENDS[[ord("."), ord("?"), ord("!")]] = True
_CLOSES = np.zeros(256, bool)
_CLOSES[[ord(character) for character in "\"')]"]] = True
_WIDE = tuple(
    np.frombuffer(mark.encode(), np.uint8)
    for mark in "\N{IDEOGRAPHIC FULL STOP}\N{FULLWIDTH EXCLAMATION MARK}\N{FULLWIDTH QUESTION MARK}"
)
_MAX_CLOSES = 3
"""Closing quotation marks and brackets that are looked at behind a mark."""


def count_sentences(data: UInt8s, bounds: Int64s) -> Int64s:
    """Count the sentences of lines.

    A sentence ends at a run of `. ? !`, with closing quotation marks and brackets, before white space or the line's
    end, and at each ideographic full stop or full-width mark. What comes after the last end is one more.

    Args:
        data: UInt8s of the lines, a line feed behind each.
        bounds: int64[m + 1], where each begins.

    Returns:
        int64[m].
    """
    size = len(data)
    blank = data <= ord(" ")
    marks = np.flatnonzero(_ENDS[data])
    marks = marks[~_ENDS[data[np.minimum(marks + 1, size - 1)]]]
    after = marks + 1
    for _ in range(_MAX_CLOSES):
        after = after + _CLOSES[data[np.minimum(after, size - 1)]]
    after = np.minimum(after, size - 1)
    ends = after[blank[after]]
    wide = [places_of(data, mark) + len(mark) for mark in _WIDE]
    ends = np.unique(np.concatenate([ends, *wide])) if any(map(len, wide)) else ends
    line = np.searchsorted(bounds, ends - 1, side="right") - 1
    found = np.bincount(line, minlength=len(bounds) - 1)
    # What is left behind the last end of a line: letters, not only white space.
    last = bounds[:-1].copy()
    last[line] = ends  # ascending, so that the last one of each line stays
    return found + (_last_visible(data, bounds, blank) >= last)


def _last_visible(data: UInt8s, bounds: Int64s, blank: Bools) -> Int64s:
    """Return int64[m], the last byte of each line beyond white space; the place before the line if there is none."""
    place = bounds[1:] - 1
    left = np.arange(len(place))
    for _ in range(_MAX_STEPS):
        left = left[blank[place[left]] & (place[left] >= bounds[left])]
        if not left.size:
            return place
        place[left] -= 1
    for line in left.tolist():
        place[line] = bounds[line] + len(data[bounds[line] : place[line] + 1].tobytes().rstrip()) - 1
    return place


_MAX_STEPS = 32
"""White space at the ends of lines that is passed over in all lines together."""
