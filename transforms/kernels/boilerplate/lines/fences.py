"""Fenced blocks of code, as Markdown has them: which lines are in one.

Source: CommonMark 0.31, 4.5 Fenced code blocks.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from corpusmill.transforms.kernels.arrays import Bools, Int64s
from corpusmill.transforms.kernels.boilerplate.lines.lines import Lines

_MARKS: Final = (0x60, 0x7E)  # ``` and ~~~
_LENGTH: Final = 3  # marks of the shortest fence
_INDENT: Final = 3  # spaces before it at most
_SPACE: Final = 0x20


def fences(lines: Lines) -> Int64s:
    """Return the lines that are fences."""
    if not len(lines):
        return np.zeros(0, np.int64)
    data = np.append(lines.data, np.zeros(_INDENT + _LENGTH, np.uint8))
    begin = data[lines.start]
    likely = np.flatnonzero((begin == _MARKS[0]) | (begin == _MARKS[1]) | (begin == _SPACE))
    at = lines.start[likely]
    for _ in range(_INDENT):
        at = at + (data[at] == _SPACE)
    mark = data[at]
    fence = (mark == _MARKS[0]) | (mark == _MARKS[1])
    for k in range(1, _LENGTH):
        fence &= data[at + k] == mark
    found: Int64s = likely[fence]
    return found


def in_fences(lines: Lines, *, to_end: bool) -> Bools:
    """Return which lines are in a fenced block of code, or are its fences.

    Args:
        lines: The lines of a batch.
        to_end: A fence that is not closed holds all that follows it in its text, as in CommonMark; else it is none.

    Returns:
        bool, shape (len(lines),).
    """
    found = fences(lines)
    if not len(found):
        return np.zeros(len(lines), bool)
    row = lines.row[found]
    opens = np.flatnonzero((np.arange(len(found)) - np.searchsorted(row, row)) % 2 == 0)
    closed = np.append(row, -1)[opens + 1] == row[opens]
    first, last = found[opens], np.where(closed, np.append(found, 0)[opens + 1], lines.first[row[opens] + 1] - 1)
    if not to_end:
        first, last = first[closed], last[closed]
    depth = np.zeros(len(lines) + 1, np.int64)
    depth[first] += 1
    depth[last + 1] -= 1
    inside: Bools = np.cumsum(depth[:-1]) > 0
    return inside
