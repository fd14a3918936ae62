"""Lines that begin with known words and a mark, and go on with something that changes: "Read more: TITLE"."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Int64s, UInt8s
from corpusmill.transforms.kernels.boilerplate.lines.lines import Lines, split_lines
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import RuleTable

_STEM_BYTES: Final = 64  # from the start of the line to the mark
_LEAD_BYTES: Final = 3  # marks at the very beginning, as in ">>> Read more: TITLE", are bullets
_SLOT_LETTERS: Final = 160  # of the whole line

# First bytes of the marks, each with the bytes that must follow it.
_MARKS: Final = (
    b":", b">", b"|", "：".encode(), "︱".encode(), "｜".encode(), "–".encode(), "—".encode(), "»".encode(),
    "›".encode(), "▶".encode(), "►".encode(), "→".encode(),
)  # fmt: skip
_BEFORE_MARK: Final = r"^([^:>|：︱｜–—»›▶►→]*).*$"
"""The line up to its first mark."""


def _codes(size: int) -> npt.NDArray[np.uint32]:
    """Return the marks of a number of bytes as numbers."""
    return np.array([int.from_bytes(mark, "big") for mark in _MARKS if len(mark) == size], np.uint32)


_SINGLE: Final = tuple(_codes(1).tolist())
_DOUBLE: Final = _codes(2)
_TRIPLE: Final = _codes(3)
_FIRST_LEAD: Final = 0xC2  # of a character of several bytes


def find_known_slots(lines: Lines, table: RuleTable) -> UInt8s:
    """Return for each line what changes in it after a known beginning, 0 where nothing does."""
    slots = np.zeros(len(lines), np.uint8)
    if not len(table.stems.keys):
        return slots
    wanted, mark = _marked_early(lines)
    short = (lines.size[wanted] > 0) & (lines.size[wanted] <= _SLOT_LETTERS)
    wanted, mark = wanted[short], mark[short]
    linked = np.isin(wanted, lines.linked)
    for chosen, stems in (
        (wanted[~linked], _slices(lines, lines.start[wanted[~linked]], mark[~linked])),
        (wanted[linked], _seen_stems(lines, wanted[linked])),
    ):
        split = split_lines(stems)
        found, at = table.stems.find(split.key)
        longer = split.size[found] < lines.size[chosen[found]]
        slots[chosen[found[longer]]] = table.slots[at[longer]]
    return slots


def _slices(lines: Lines, start: Int64s, stop: Int64s) -> pa.Array:
    """Return parts of the bytes of a batch as a large_string array."""
    offsets = np.zeros(len(start) + 1, np.int64)
    np.cumsum(stop - start, out=offsets[1:])
    where = np.arange(offsets[-1]) + np.repeat(start - offsets[:-1], stop - start)
    data = lines.data[where].tobytes()
    return pa.LargeStringArray.from_buffers(len(start), pa.py_buffer(offsets), pa.py_buffer(data))


def _seen_stems(lines: Lines, wanted: Int64s) -> pa.Array:
    """Return what a reader sees before the first mark of lines with links."""
    seen = lines.seen.take(pa.array(np.searchsorted(lines.linked, wanted)))
    return pc.replace_substring_regex(seen, _BEFORE_MARK, r"\1")


def _marked_early(lines: Lines) -> tuple[Int64s, Int64s]:
    """Return the lines that hold one of the marks near their beginning, and where in the bytes the first one is."""
    likely, data = lines.marks, np.append(lines.data, np.zeros(2, np.uint8))
    begin = data[likely]
    single = np.logical_or.reduce([begin == mark for mark in _SINGLE])
    several = likely[~single & (begin >= _FIRST_LEAD)]
    two = data[several].astype(np.uint32) << 8 | data[several + 1]
    three = two << 8 | data[several + 2]
    several = several[np.isin(two, _DOUBLE) | np.isin(three, _TRIPLE)]
    at = np.sort(np.concatenate([likely[single], several])) if len(several) else likely[single]
    line = np.searchsorted(lines.end, at)
    inner = at - lines.start[line] >= _LEAD_BYTES
    at, line = at[inner], line[inner]
    first = np.ones(len(at), bool)
    first[1:] = line[1:] != line[:-1]
    first &= at - lines.start[line] <= _STEM_BYTES
    return line[first], at[first]
