"""Lines of a text column as arrays: where they stand, and a key that equal lines share.

Two lines are equal here if they spell the same letters and numbers: case, accents, width, punctuation, emoji and white
space do not count, and a run of digits counts as one zero ("12 comments" and "3 comments" are one line). The key is a
64-bit polynomial hash of that folded form, computed for all lines of a block at once from prefix sums.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.boilerplate.folding import fold_bytes
from corpusmill.transforms.kernels.boilerplate.links import linked_lines, visible_text
from corpusmill.transforms.kernels.hashing import GOLDEN, mix64

MAX_KEY_BYTES = 256
"""Longer lines get no key: nothing that a site puts around a text is one line of this length."""

AFFIX_LETTERS = 4
"""Folded letters of a line that its `head` and its `tail` stand for."""

LONG_AFFIX_LETTERS = 8
"""The same for `long_head` and `long_tail`."""

MARK_BYTES = frozenset(b"(:>|\xc2\xe2\xef")
"""First bytes of the marks that part the entries of menus, stand before slots, and in copyright notices."""

_MARK_BYTES = bytes(int(code in MARK_BYTES) for code in range(0x100))
_BLOCK_BYTES = 1 << 16  # of lines hashed at a time, so that the working arrays stay in the cache
_PLACES = (1 << 19) + MAX_KEY_BYTES  # letters of a block at most; part of the keys
_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, so that its powers do not vanish modulo 2**64
_CHAR_MIX = np.uint64(0xD6E8FEB86659FD93)
_SIZE_MIX = np.uint64(0xA24BAED4963EE407)
_NEWLINE = 10
_HASHES = 5  # of a line: key, head, tail, long head, long tail


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

    data: npt.NDArray[np.uint8]
    first: npt.NDArray[np.int64]
    row: npt.NDArray[np.int32]
    start: npt.NDArray[np.int64]
    end: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.start)

    @cached_property
    def marks(self) -> npt.NDArray[np.int64]:
        """Where in `data` one of the bytes stands that the marks of menus, slots and notices begin with."""
        return np.flatnonzero(np.frombuffer(self.data.tobytes().translate(_MARK_BYTES), np.uint8).view(bool))

    @property
    def key(self) -> npt.NDArray[np.uint64]:
        return self._folded.hashes[0]

    @property
    def head(self) -> npt.NDArray[np.uint64]:
        return self._folded.hashes[1]

    @property
    def tail(self) -> npt.NDArray[np.uint64]:
        return self._folded.hashes[2]

    @property
    def long_head(self) -> npt.NDArray[np.uint64]:
        return self._folded.hashes[3]

    @property
    def long_tail(self) -> npt.NDArray[np.uint64]:
        return self._folded.hashes[4]

    @property
    def size(self) -> npt.NDArray[np.int32]:
        return self._folded.size

    @property
    def linked(self) -> npt.NDArray[np.int64]:
        return self._folded.linked

    @property
    def seen(self) -> pa.Array:
        return self._folded.seen

    @property
    def link_kind(self) -> npt.NDArray[np.int8]:
        return self._folded.link_kind

    @cached_property
    def _folded(self) -> _Folded:
        return _fold(self.data, self.start, self.end)

    def text(self, line: int) -> str:
        """Return one line as it stands."""
        return str(self.data.data[self.start[line] : self.end[line]], "utf-8")

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

    def texts(self, lines: npt.NDArray[np.int64]) -> pa.Array:
        """Return some lines as a large_string array."""
        whole = _as_array(self.data, self.start).take(pa.array(lines))
        offsets = np.zeros(len(lines) + 1, np.int64)
        np.cumsum((self.end - self.start)[lines], out=offsets[1:])
        data = _bytes_of(whole).translate(None, b"\n")
        return pa.LargeStringArray.from_buffers(len(lines), pa.py_buffer(offsets), pa.py_buffer(data))


_POWERS = np.multiply.accumulate(np.concatenate([np.ones(1, np.uint64), np.full(_PLACES, _BASE, np.uint64)]))


def _values(folded: npt.NDArray[np.uint32] | npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
    """Return what each folded code point counts in a key."""
    values = folded * _CHAR_MIX
    values ^= values >> np.uint64(29)
    return values


_VALUES = _values(np.arange(0x100, dtype=np.uint32))


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


class _Folded(NamedTuple):
    """What lines spell; see `Lines`, `hashes` are uint64[5, n]: key, head, tail, long head, long tail."""

    hashes: npt.NDArray[np.uint64]
    size: npt.NDArray[np.int32]
    linked: npt.NDArray[np.int64]
    seen: pa.Array
    link_kind: npt.NDArray[np.int8]


def _fold(data: npt.NDArray[np.uint8], start: npt.NDArray[np.int64], end: npt.NDArray[np.int64]) -> _Folded:
    hashes = np.zeros((_HASHES, len(start)), np.uint64)
    size = np.zeros(len(start), np.int32)
    length = end - start
    size[length > MAX_KEY_BYTES] = -1
    usable = (length > 0) & (length <= MAX_KEY_BYTES)
    column = _as_array(data, start)
    ascii_only = pc.string_is_ascii(column).to_numpy(zero_copy_only=False)
    # By themselves, since a single curly quote makes the whole block that it stands in take the long way.
    for kind in (usable & ascii_only, usable & ~ascii_only):
        for block in _blocks(np.flatnonzero(kind), length):
            hashes[:, block], size[block] = _keys(_bytes_of(column.take(pa.array(block))))
    return _Folded(hashes, size, *_as_seen(column, data, start, end, hashes, size))


def _as_seen(  # noqa: PLR0913, PLR0917 (the arrays of one set of lines)
    column: pa.Array,
    data: npt.NDArray[np.uint8],
    start: npt.NDArray[np.int64],
    end: npt.NDArray[np.int64],
    hashes: npt.NDArray[np.uint64],
    size: npt.NDArray[np.int32],
) -> tuple[npt.NDArray[np.int64], pa.Array, npt.NDArray[np.int8]]:
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
        hashes[:, linked[block]], size[linked[block]] = _keys(_bytes_of(with_newlines.take(pa.array(block))))
    return linked, seen, kinds


def _blocks(lines: npt.NDArray[np.int64], length: npt.NDArray[np.int64]) -> Iterator[npt.NDArray[np.int64]]:
    """Cut lines into runs of about `_BLOCK_BYTES`."""
    reach = np.cumsum(length[lines])
    low = 0
    while low < len(lines):
        base = reach[low - 1] if low else 0
        high = max(low + 1, int(np.searchsorted(reach, base + _BLOCK_BYTES, side="right")))
        yield lines[low:high]
        low = high


def line_keys(lines: Sequence[str]) -> npt.NDArray[np.uint64]:
    """Return the keys of single lines; 0 for those that have none."""
    return _single_lines(lines).key


def line_affixes(lines: Sequence[str], *, long: bool = False) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Return the heads and the tails of single lines, or the long ones; 0 for those that have none."""
    split = _single_lines(lines)
    return (split.long_head, split.long_tail) if long else (split.head, split.tail)


def _single_lines(lines: Sequence[str]) -> Lines:
    split = split_lines(pa.array(list(lines), pa.large_string()))
    if len(split) != len(lines):
        raise ValueError("expected single lines, but one of them holds a newline")
    return split


def pair_keys(number: npt.NDArray[np.integer], key: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return a key for each pair of a number and a line key."""
    mixed: npt.NDArray[np.uint64] = mix64(key + mix64(number.astype(np.uint64) + GOLDEN))
    return mixed


class KeySet:
    """A set of line keys, heads or tails, to look columns of them up in; 0 is never in it."""

    def __init__(self, keys: npt.NDArray[np.uint64]) -> None:
        self.keys = np.unique(keys[keys != 0])
        self._likely = np.zeros(1 << 16, bool)  # by their first 16 bits, so that few others need a search
        self._likely[self.keys >> np.uint64(48)] = True

    def find(self, keys: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return the places of those keys that are in the set, in order, and the place of each in `self.keys`."""
        candidates = np.flatnonzero(self._likely[keys >> np.uint64(48)])
        at = np.searchsorted(self.keys, keys[candidates])
        at[at == len(self.keys)] = 0
        equal = self.keys[at] == keys[candidates]
        return candidates[equal], at[equal]

    def holds(self, keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
        """Tell which keys are in the set."""
        held = np.zeros(len(keys), bool)
        held[self.find(keys)[0]] = True
        return held


def _buffers(text: pa.Array) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
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


def _as_array(data: npt.NDArray[np.uint8], start: npt.NDArray[np.int64]) -> pa.Array:
    """Return lines as a large_string array over the same bytes, each with its newline."""
    offsets = np.append(start, len(data))
    return pa.LargeStringArray.from_buffers(len(start), pa.py_buffer(offsets), pa.py_buffer(data))


def _bytes_of(column: pa.Array) -> bytes:
    """Return the bytes of a large_string array that is not a slice."""
    _, offsets, data = column.buffers()
    size = np.frombuffer(offsets, np.int64)[len(column)] if len(column) else 0
    return data.slice(0, size).to_pybytes() if size else b""


def _keys(raw: bytes) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
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
