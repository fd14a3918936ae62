"""Lines of a text column as arrays: where they are, and a key that equal lines share.

Two lines are equal here if they spell the same letters and numbers: case, accents, width, punctuation, emoji and white
space do not count, and a run of digits counts as one zero ("12 comments" and "3 comments" are one line). The key is a
64-bit polynomial hash of that folded form, computed for all lines of a block at once from prefix sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Bools, Int64s, UInt8s, UInt64s
from corpusmill.transforms.kernels.boilerplate.lines.folded_lines import (
    FoldedLines,
    as_array,
    bytes_of,
    fold_lines,
)
from corpusmill.transforms.kernels.hashing import GOLDEN, mix64

MARK_BYTES = frozenset(b"(:>|\xc2\xe2\xef")
"""First bytes of the marks that part the entries of menus, are before slots, and in copyright notices."""

_MARK_BYTES = bytes(int(code in MARK_BYTES) for code in range(0x100))
_NEWLINE = 10


@dataclass(frozen=True)
class Lines:
    r"""The lines of a text column, in order; a text of n newlines has n + 1 lines.

    Attributes:
        data: uint8, the bytes of all texts, each with a newline after it.
        first: int64, for each row its first line, and at the end the number of lines.
        row: int32, the row of each line.
        start: int64, where each line begins in `data`.
        end: int64, where it ends, without its newline.
        key: uint64, equal for lines that are equal when folded; 0 for a line without letters and numbers, and for one
            of more than `MAX_KEY_BYTES`.
        head: uint64, equal for lines whose first `AFFIX_LETTERS` folded letters are equal; 0 where the key is 0, and
            for shorter lines.
        tail: uint64, the same for the last ones.
        long_head: uint64, the same for the first `LONG_AFFIX_LETTERS`.
        long_tail: uint64, the same for the last ones.
        size: int32, number of folded letters and numbers; -1 if the line was too long to look at.
        linked: int64, lines with links of Markdown; key, head, tail and size of these are of what a reader sees.
        seen: large_string, what a reader sees of them.
        link_kind: int8, what kind of line each of them is, see `links`.

    Where lines begin and end is known from the start; all else is computed for all lines at once when it is asked for.
    """

    data: UInt8s
    first: Int64s
    row: npt.NDArray[np.int32]
    start: Int64s
    end: Int64s

    def __len__(self) -> int:
        return len(self.start)

    @cached_property
    def marks(self) -> Int64s:
        """Where in `data` the bytes are that the marks of menus, slots and notices begin with."""
        return np.flatnonzero(np.frombuffer(self.data.tobytes().translate(_MARK_BYTES), np.uint8).view(bool))

    @property
    def key(self) -> UInt64s:
        """uint64, the key of each line."""
        return self._folded.key

    @property
    def head(self) -> UInt64s:
        """uint64, the head of each line."""
        return self._folded.head

    @property
    def tail(self) -> UInt64s:
        """uint64, the tail of each line."""
        return self._folded.tail

    @property
    def long_head(self) -> UInt64s:
        """uint64, the long head of each line."""
        return self._folded.long_head

    @property
    def long_tail(self) -> UInt64s:
        """uint64, the long tail of each line."""
        return self._folded.long_tail

    @property
    def size(self) -> npt.NDArray[np.int32]:
        """int32, folded letters of each line."""
        return self._folded.size

    @property
    def linked(self) -> Int64s:
        """int64, the lines with links."""
        return self._folded.linked

    @property
    def seen(self) -> pa.Array:
        """large_string, what a reader sees of lines with links."""
        return self._folded.seen

    @property
    def link_kind(self) -> npt.NDArray[np.int8]:
        """int8, the kind of each line with links."""
        return self._folded.link_kind

    @cached_property
    def _folded(self) -> FoldedLines:
        return fold_lines(self.data, self.start, self.end)

    def text(self, line: int) -> str:
        """Return one line as it is."""
        return str(self.data.data[self.start[line] : self.end[line]], "utf-8")

    def raw(self, lines: Int64s) -> bytes:
        """Return the bytes of some lines, each with its newline."""
        return bytes_of(as_array(self.data, self.start).take(pa.array(lines)))

    def visible(self, line: int) -> str:
        """Return one line as a reader sees it, without the addresses of links."""
        at = self._linked_at.get(line)
        return self.text(line) if at is None else str(self.seen[at].as_py())

    @cached_property
    def _linked_at(self) -> dict[int, int]:
        return {line: at for at, line in enumerate(self.linked.tolist())}

    def links(self) -> npt.NDArray[np.int8]:
        """Return for every line what kind of link line it is, 0 where it holds no link."""
        kinds = np.zeros(len(self), np.int8)
        kinds[self.linked] = self.link_kind
        return kinds

    def texts(self, lines: Int64s) -> pa.Array:
        """Return some lines as a large_string array."""
        offsets = np.zeros(len(lines) + 1, np.int64)
        np.cumsum((self.end - self.start)[lines], out=offsets[1:])
        data = self.raw(lines).translate(None, b"\n")
        return pa.LargeStringArray.from_buffers(len(lines), pa.py_buffer(offsets), pa.py_buffer(data))


def split_lines(text: pa.Array) -> Lines:
    """Split every text of a string or large_string column into lines.

    Args:
        text: Column of n texts; a null counts as an empty text.

    Returns:
        The lines. Time and memory are linear in the bytes, whatever they hold.
    """
    data, offsets = _buffers(text)
    end = np.flatnonzero(data == _NEWLINE)
    count = len(end)
    start = np.zeros(count, np.int64)
    start[1:] = end[:-1] + 1
    first = np.searchsorted(end, offsets)
    row = np.repeat(np.arange(len(offsets) - 1, dtype=np.int32), np.diff(first))
    return Lines(data, first, row, start, end)


def line_keys(lines: Sequence[str]) -> UInt64s:
    """Return the keys of single lines; 0 for those that have none."""
    return _single_lines(lines).key


def line_affixes(lines: Sequence[str], *, long: bool = False) -> tuple[UInt64s, UInt64s]:
    """Return the heads and the tails of single lines, or the long ones; 0 for those that have none."""
    split = _single_lines(lines)
    return (split.long_head, split.long_tail) if long else (split.head, split.tail)


def _single_lines(lines: Sequence[str]) -> Lines:
    split = split_lines(pa.array(list(lines), pa.large_string()))
    if len(split) != len(lines):
        raise ValueError("expected single lines, but one of them holds a newline")
    return split


def pair_keys(number: npt.NDArray[np.integer], key: UInt64s) -> UInt64s:
    """Return a key for each pair of a number and a line key."""
    mixed: UInt64s = mix64(key + mix64(number.astype(np.uint64) + GOLDEN))
    return mixed


class KeySet:
    """A set of line keys, heads or tails, to look columns of them up in; 0 is never in it."""

    def __init__(self, keys: UInt64s) -> None:
        self.keys = np.unique(keys[keys != 0])
        self._likely = np.zeros(1 << 16, bool)  # by their first 16 bits, so that few others need a search
        self._likely[self.keys >> np.uint64(48)] = True

    def find(self, keys: UInt64s) -> tuple[Int64s, Int64s]:
        """Return the places of those keys that are in the set, in order, and the place of each in `self.keys`."""
        candidates = np.flatnonzero(self._likely[keys >> np.uint64(48)])
        at = np.searchsorted(self.keys, keys[candidates])
        at[at == len(self.keys)] = 0
        equal = self.keys[at] == keys[candidates]
        return candidates[equal], at[equal]

    def holds(self, keys: UInt64s) -> Bools:
        """Return which keys are in the set."""
        held = np.zeros(len(keys), bool)
        held[self.find(keys)[0]] = True
        return held


def _buffers(text: pa.Array) -> tuple[UInt8s, Int64s]:
    """Return the bytes of a string column with a newline after each row, and where each begins, with the end."""
    if isinstance(text, pa.ChunkedArray):
        text = text.combine_chunks()
    if not len(text):
        return np.zeros(0, np.uint8), np.zeros(1, np.int64)
    kind = pa.large_string()
    filled = pc.fill_null(pc.cast(text, kind), "")
    joined = pc.binary_join_element_wise(filled, pa.scalar("", kind), pa.scalar("\n", kind))
    _, offset_buffer, data_buffer = joined.buffers()
    offsets = np.frombuffer(offset_buffer, np.int64, len(joined) + 1, 8 * joined.offset)
    return np.frombuffer(data_buffer, np.uint8)[offsets[0] : offsets[-1]], offsets - offsets[0]
