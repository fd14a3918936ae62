"""Lines of a text column as arrays: where they stand, and a key that equal lines share.

Two lines are equal here if they spell the same letters and numbers: case, accents, width, punctuation, emoji and white
space do not count, and a run of digits counts as one zero ("12 comments" and "3 comments" are one line). The key is a
64-bit polynomial hash of that folded form, computed for all lines of a block at once from prefix sums.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import regex

MAX_KEY_BYTES = 256
"""Longer lines get no key: nothing that a site puts around a text is one line of this length."""

AFFIX_LETTERS = 4
"""Folded letters of a line that its `head` and its `tail` stand for."""

_BLOCK_BYTES = 1 << 16  # of lines hashed at a time, so that the working arrays stay in the cache
_PLACES = (1 << 19) + MAX_KEY_BYTES  # letters of a block at most; part of the keys
_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, so that its powers do not vanish modulo 2**64
_CHAR_MIX = np.uint64(0xD6E8FEB86659FD93)
_SIZE_MIX = np.uint64(0xA24BAED4963EE407)
_NEWLINE = 10
_WORD = regex.compile(r"[\p{L}\p{N}\p{Mn}\p{Mc}]")
_DIGITS = regex.compile(r"[0-9]+")
_ACCENT = regex.compile(r"[\u0300-\u036F\uFE00-\uFE0F]")


@dataclass(frozen=True)
class Lines:
    r"""The lines of a text column, in order; a text of n newlines has n + 1 lines.

    Attributes:
        data: uint8, the bytes of all texts.
        first: int64, for each row its first line, and at the end the number of lines.
        row: int32, the row of each line.
        start: int64, where each line begins in `data`.
        end: int64, where it ends, without its newline.
        key: uint64, equal for lines that are equal when folded; 0 for a line without letters and numbers, and for one
            of more than `MAX_KEY_BYTES`.
        head: uint64, equal for lines whose first `AFFIX_LETTERS` folded letters are equal; 0 where the key is 0, and
            for shorter lines.
        tail: uint64, the same for the last ones.
        size: int32, number of folded letters and numbers; -1 if the line was too long to look at.
    """

    data: npt.NDArray[np.uint8]
    first: npt.NDArray[np.int64]
    row: npt.NDArray[np.int32]
    start: npt.NDArray[np.int64]
    end: npt.NDArray[np.int64]
    key: npt.NDArray[np.uint64]
    head: npt.NDArray[np.uint64]
    tail: npt.NDArray[np.uint64]
    size: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.start)

    def text(self, line: int) -> str:
        """Return one line as it stands."""
        return self.data[self.start[line] : self.end[line]].tobytes().decode()

    def texts(self, lines: npt.NDArray[np.int64]) -> pa.Array:
        """Return some lines as a large_string array; they must be in order, each once."""
        length = self.end[lines] - self.start[lines]
        offsets = np.zeros(len(lines) + 1, np.int64)
        np.cumsum(length, out=offsets[1:])
        data = pick(self.data, self.start[lines], length)
        return pa.LargeStringArray.from_buffers(len(lines), pa.py_buffer(offsets), pa.py_buffer(data))


class _FoldTable:
    """What each code point folds to, filled in a page of 256 code points at a time as texts ask for them."""

    def __init__(self) -> None:
        self._done = np.zeros(0x1100, bool)
        self.first = np.zeros(0x110000, np.uint32)  # first code point of the folded form; 0 where there is none
        self.several = np.zeros(0x110000, bool)
        self.several_forms: dict[int, str] = {}  # folded forms of several code points

    def ensure(self, codes: npt.NDArray[np.uint32]) -> None:
        """Fill in the pages of these code points."""
        for page in np.flatnonzero(np.bincount(codes >> 8, minlength=1)):
            if not self._done[page]:
                for code in range(page << 8, (page + 1) << 8):
                    folded = "" if 0xD800 <= code < 0xE000 else fold_char(chr(code))
                    if folded:
                        self.first[code] = ord(folded[0])
                    if len(folded) > 1:
                        self.several_forms[code] = folded
                        self.several[code] = True
                self._done[page] = True


def fold_char(char: str) -> str:
    """Return the letters and numbers that a character counts as: none, one or several."""
    spread = _ACCENT.sub("", unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold()))
    kept = _WORD.findall(unicodedata.normalize("NFKC", spread))
    return "".join(str(unicodedata.digit(c)) if unicodedata.digit(c, -1) >= 0 else c for c in kept)


def fold_line(line: str) -> str:
    """Return a line as its folded letters and numbers, each run of digits as one 0.

    The plain statement of what the keys of `split_lines` stand for.

    Example:
        >>> fold_line("12 Comments: Ça va ?")
        '0commentscava'
    """
    folded: str = _DIGITS.sub("0", line.translate(_FOLDED))
    return folded


class _Folded(dict[int, str]):
    """Folded form of code points, for `str.translate`."""

    def __missing__(self, code: int) -> str:
        self[code] = fold_char(chr(code))
        return self[code]


_FOLDED = _Folded()
_FOLD = _FoldTable()
_ASCII = np.array([ord(fold_char(chr(code)) or "\0") for code in range(0x80)], np.uint8)
_POWERS = np.multiply.accumulate(np.concatenate([np.ones(1, np.uint64), np.full(_PLACES, _BASE, np.uint64)]))


def _values(folded: npt.NDArray[np.uint32] | npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
    """Return what each folded code point counts in a key."""
    values = folded * _CHAR_MIX
    values ^= values >> np.uint64(29)
    return values


_VALUES = _values(np.arange(0x100, dtype=np.uint32))


def split_lines(text: pa.Array) -> Lines:
    """Split every text of a string or large_string column into lines and give each line its key.

    Args:
        text: Column of n texts; a null counts as an empty text.

    Returns:
        The lines. Time and memory are linear in the bytes, whatever they hold.
    """
    data, offsets = _buffers(text)
    newlines = np.flatnonzero(data == _NEWLINE)
    rows = len(offsets) - 1
    first = np.searchsorted(newlines, offsets) + np.arange(rows + 1)
    count = len(newlines) + rows
    first[-1] = count
    start, end = np.empty(count, np.int64), np.empty(count, np.int64)
    opening = np.zeros(count, bool)
    opening[first[:-1]] = True
    start[opening], start[~opening] = offsets[:-1], newlines + 1
    closing = np.zeros(count, bool)
    closing[first[1:] - 1] = True
    end[closing], end[~closing] = offsets[1:], newlines
    row = np.repeat(np.arange(rows, dtype=np.int32), np.diff(first))
    key, head, tail = (np.zeros(count, np.uint64) for _ in range(3))
    size = np.zeros(count, np.int32)
    length = end - start
    size[length > MAX_KEY_BYTES] = -1
    usable = (length > 0) & (length <= MAX_KEY_BYTES)
    ascii_only = np.ones(count, bool)
    ascii_only[np.searchsorted(start, np.flatnonzero(data >= 0x80), side="right") - 1] = False
    # By themselves, since a single curly quote makes the whole block that it stands in take the long way.
    for kind in (usable & ascii_only, usable & ~ascii_only):
        for block in _blocks(np.flatnonzero(kind), length):
            key[block], head[block], tail[block], size[block] = _keys(data, start[block], length[block])
    return Lines(data, first, row, start, end, key, head, tail, size)


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


def line_affixes(lines: Sequence[str]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Return the heads and the tails of single lines; 0 for those that have none."""
    split = _single_lines(lines)
    return split.head, split.tail


def _single_lines(lines: Sequence[str]) -> Lines:
    split = split_lines(pa.array(list(lines), pa.large_string()))
    if len(split) != len(lines):
        raise ValueError("expected single lines, but one of them holds a newline")
    return split


def _buffers(text: pa.Array) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Return the bytes of a string column, and where each row begins in them, with the end."""
    if isinstance(text, pa.ChunkedArray):
        text = text.combine_chunks()
    if text.null_count:
        text = pc.fill_null(text, "")
    kind = np.int64 if pa.types.is_large_string(text.type) else np.int32
    if not len(text):
        return np.zeros(0, np.uint8), np.zeros(1, np.int64)
    _, offset_buffer, data_buffer = text.buffers()
    offsets = np.frombuffer(offset_buffer, kind, len(text) + 1, text.offset * np.dtype(kind).itemsize).astype(np.int64)
    if data_buffer is None:
        return np.zeros(0, np.uint8), np.zeros(len(text) + 1, np.int64)
    data = np.frombuffer(data_buffer, np.uint8)[offsets[0] : offsets[-1]]
    return data, offsets - offsets[0]


def _keys(
    data: npt.NDArray[np.uint8], start: npt.NDArray[np.int64], length: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64], npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
    """Return key, head, tail and folded size of the lines at these places, which are in order and do not overlap."""
    bounds = np.zeros(len(start) + 1, np.int64)
    np.cumsum(length, out=bounds[1:])
    picked = pick(data, start, length)
    if picked.max() < 0x80:
        folded: npt.NDArray[np.uint32] | npt.NDArray[np.uint8] = _ASCII[picked]
    else:
        codes = np.frombuffer(picked.tobytes().decode().encode("utf-32-le"), np.uint32)
        bounds = _after((picked & 0xC0) == 0x80, bounds)
        _FOLD.ensure(codes)
        folded, bounds = _expand(codes, bounds)
    bounds = _after(folded == 0, bounds)
    folded = folded[folded != 0]
    digit = (folded >= 48) & (folded <= 57)
    if digit.any():
        folded[digit] = 48
        repeated = np.zeros(len(folded) + 1, bool)
        repeated[1:-1] = digit[1:] & digit[:-1]
        repeated[bounds] = False  # a line's first digit stays
        repeated = repeated[:-1]
        bounds = _after(repeated, bounds)
        folded = folded[~repeated]
    if len(folded) >= len(_POWERS):  # more than the table of powers has (lines of ligatures): hash them in halves
        half = len(start) // 2
        parts = [_keys(data, start[a:b], length[a:b]) for a, b in ((0, half), (half, len(start)))]
        keys, heads, tails, sizes = (np.concatenate(part) for part in zip(*parts, strict=True))
        return keys, heads, tails, sizes
    values = _VALUES[folded] if folded.dtype == np.uint8 else _values(folded)
    values *= _POWERS[: len(values)]
    sums = np.empty(len(values) + 1, np.uint64)
    sums[0] = 0
    np.cumsum(values, out=sums[1:])
    sizes = np.diff(bounds)
    # Times a power that brings every line to the same place, so that the key does not tell where the line stood.
    place = _POWERS[len(_POWERS) - 1 - bounds[:-1]]
    keys = _mix((sums[bounds[1:]] - sums[bounds[:-1]]) * place + sizes.astype(np.uint64) * _SIZE_MIX)
    keys[keys == 0] = 1
    keys[sizes == 0] = 0
    inner = np.minimum(bounds[:-1] + AFFIX_LETTERS, bounds[1:])
    heads = _mix((sums[inner] - sums[bounds[:-1]]) * place)
    inner = np.maximum(bounds[1:] - AFFIX_LETTERS, bounds[:-1])
    tails = _mix((sums[bounds[1:]] - sums[inner]) * _POWERS[len(_POWERS) - 1 - inner])
    short = sizes < AFFIX_LETTERS
    heads[short] = tails[short] = 0
    return keys, heads, tails, sizes.astype(np.int32)


def pick(
    data: npt.NDArray[np.uint8], start: npt.NDArray[np.int64], length: npt.NDArray[np.int64]
) -> npt.NDArray[np.uint8]:
    """Return the bytes of spans that are in order and do not overlap."""
    if not len(start):
        return data[:0]
    low, high = start[0], start[-1] + length[-1]
    cuts = np.empty(2 * len(start) + 1, np.int64)
    cuts[0], cuts[1::2], cuts[2::2] = low, start, start + length
    inside = np.zeros(2 * len(start), bool)
    inside[1::2] = True
    picked: npt.NDArray[np.uint8] = data[low:high][np.repeat(inside, np.diff(cuts))]
    return picked


def _after(dropped: npt.NDArray[np.bool_], bounds: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return where bounds come to stand when the marked places are dropped."""
    moved: npt.NDArray[np.int64] = bounds - np.searchsorted(np.flatnonzero(dropped), bounds)
    return moved


def _expand(
    codes: npt.NDArray[np.uint32], bounds: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """Return the folded code points, 0 where one does not count, and where each line begins among them."""
    folded = _FOLD.first[codes]
    several = np.flatnonzero(_FOLD.several[codes])
    if not len(several):
        return folded, bounds
    counts = np.ones(len(codes), np.int64)
    kinds, which = np.unique(codes[several], return_inverse=True)
    forms = [_FOLD.several_forms[int(code)] for code in kinds]
    counts[several] = np.array([len(form) for form in forms])[which]
    places = np.zeros(len(codes) + 1, np.int64)
    np.cumsum(counts, out=places[1:])
    out = np.repeat(folded, counts)
    for k, form in enumerate(forms):
        at = places[several[which == k]]
        for n, char in enumerate(form):
            out[at + n] = ord(char)
    return out, places[bounds]


def _mix(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return 64-bit values scrambled, one to one.

    Source: the finaliser of SplitMix64 (Steele, Lea, Flood 2014).
    """
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
