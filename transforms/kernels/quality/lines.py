"""Lines of whole columns of text, with what the quality rules ask of each."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Bools, Int64s, UInt8s
from corpusmill.transforms.kernels.duplicates.token_scan import PAD, decode_characters
from corpusmill.transforms.kernels.duplicates.tokens import text_buffers

_OTHER_ENDS = r"\r\n|[\r\x0b\x0c\x1c-\x1e\x{85}\x{2028}\x{2029}]"
"""What ends a line for Python's `splitlines` beside the line feed."""
_WIDE_ENDS = tuple(np.frombuffer(end.encode(), np.uint8) for end in ("\x85", "\u2028", "\u2029"))
_BLANKS = np.zeros(0x3002, bool)
"""By code point: white space beyond ASCII. The last entry stands for all that follow."""
_BLANKS[[0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000]] = True


class Lines:
    """The lines of n texts, cut at line feeds alone.

    Attributes:
        text: The texts, string, no nulls.
        lines: Their lines, text after text; m of them.
        bounds: int64[n + 1], the lines of text i are `lines[bounds[i]:bounds[i + 1]]`.
    """

    def __init__(self, text: pa.Array) -> None:
        self.text = pc.fill_null(text, "") if text.null_count else text
        cut = pc.split_pattern(self.text, "\n")
        self.lines: pa.Array = cut.flatten()
        self.bounds: Int64s = cut.offsets.to_numpy().astype(np.int64) - cut.offsets[0].as_py()

    @cached_property
    def text_of(self) -> Int64s:
        """int64[m], the text of each line."""
        found: Int64s = np.repeat(np.arange(len(self.bounds) - 1), np.diff(self.bounds))
        return found

    @cached_property
    def counts(self) -> Int64s:
        """int64[n], lines of each text."""
        return np.diff(self.bounds)

    @cached_property
    def stripped(self) -> pa.Array:
        """The lines without white space around."""
        return pc.utf8_trim_whitespace(self.lines)

    @cached_property
    def filled(self) -> Bools:
        """bool[m], whether more than white space is in it."""
        found: Bools = pc.binary_length(self.stripped).to_numpy() > 0
        return found

    @cached_property
    def characters(self) -> Int64s:
        """int64[m], characters of each."""
        found: Int64s = pc.utf8_length(self.lines).to_numpy().astype(np.int64)
        return found

    @cached_property
    def repeats(self) -> Bools:
        """bool[m], whether an earlier line of its text is the same."""
        return repeated_within(self.lines, self.text_of)

    @cached_property
    def words(self) -> Int64s:
        """int64[m], words of each between white space."""
        data, _ = self.flat
        blank = _blanks(data)
        begins = np.empty(len(data), bool)
        begins[:1] = ~blank[:1]
        np.greater(blank[:-1], blank[1:], out=begins[1:])
        return self.count_bytes(begins)

    @cached_property
    def flat(self) -> tuple[UInt8s, Int64s]:
        """Bytes of all lines, a line feed behind each and white space beyond ASCII as spaces; where each begins."""
        data, offsets = text_buffers(pc.binary_join_element_wise(self.lines, "", "\n"))
        first, end = int(offsets[0]), int(offsets[-1])
        flat = np.zeros(end - first + PAD, np.uint8)
        flat[:-PAD] = data[first:end]
        lead, code_points = self.wide(flat)
        blank = lead[_BLANKS[np.minimum(code_points, len(_BLANKS) - 1)]]
        size = 2 + (flat[blank] >= 0xE0)
        for place in range(3):
            flat[blank[size > place] + place] = ord(" ")
        return flat[:-PAD], offsets - offsets[0]

    @staticmethod
    def wide(padded: UInt8s) -> tuple[Int64s, npt.NDArray[np.uint32]]:
        """Return where characters beyond ASCII begin in bytes that end in `PAD` zeros, and their code points."""
        lead = np.flatnonzero(padded >= 0xC0)
        return lead, decode_characters(padded, lead)[0] if lead.size else np.empty(0, np.uint32)

    def count_bytes(self, mask: Bools) -> Int64s:
        """Return int64[m], how many bytes of each line a mask over `flat` marks."""
        _, bounds = self.flat
        if len(bounds) < 2:
            return np.empty(0, np.int64)
        # No line is empty here: each has its line feed.
        return np.add.reduceat(mask.view(np.uint8), bounds[:-1], dtype=np.int64)

    def sum(self, values: npt.NDArray[np.generic]) -> Int64s:
        """Return int64[n], the sum over the lines of each text of a value of each line."""
        sums = np.zeros(len(values) + 1, np.int64)
        np.cumsum(values, out=sums[1:])
        found: Int64s = sums[self.bounds[1:]] - sums[self.bounds[:-1]]
        return found

    def matching(self, pattern: str, *, ignore_case: bool = False) -> Bools:
        """Return bool[m], whether a regular expression is found in a line; texts in which it is not are passed over."""
        found = np.zeros(len(self.lines), bool)
        texts = pc.match_substring_regex(self.text, pattern, ignore_case=ignore_case).to_numpy(zero_copy_only=False)
        if texts.any():
            own = np.flatnonzero(texts[self.text_of])
            hit = pc.match_substring_regex(self.lines.take(pa.array(own)), pattern, ignore_case=ignore_case)
            found[own] = hit.to_numpy(zero_copy_only=False)
        return found


def with_plain_ends(text: pa.Array) -> pa.Array:
    """Return texts with every line end as Python's `splitlines` knows them replaced by a line feed."""
    data, offsets = text_buffers(text)
    data = data[offsets[0] : offsets[-1]]
    if ((data - 0x0B) < 0x15).any() or any(places_of(data, end).size for end in _WIDE_ENDS):
        return pc.replace_substring_regex(text, _OTHER_ENDS, "\n")
    return text


def places_of(data: UInt8s, wanted: UInt8s) -> Int64s:
    """Return where some bytes, two or more, occur in others."""
    places = np.flatnonzero(data[: max(len(data) - len(wanted) + 1, 0)] == wanted[0])
    for step in range(1, len(wanted)):
        places = places[data[places + step] == wanted[step]]
    return places


def end_in(lines: pa.Array, marks: tuple[str, ...]) -> Bools:
    """Return bool[m], whether each line ends in one of some characters."""
    data, offsets = text_buffers(lines)
    filled = np.flatnonzero(np.diff(offsets))
    last = data[offsets[1:][filled] - 1]
    table = np.zeros(256, bool)
    table[[ord(mark) for mark in marks if mark.isascii()]] = True
    found = np.zeros(len(lines), bool)
    found[filled] = table[last]
    wide = filled[last >= 0x80]
    if wide.size:
        character = pc.utf8_slice_codeunits(lines.take(pa.array(wide)), -1)
        found[wide] = pc.is_in(character, pa.array(marks, pa.string())).to_numpy(zero_copy_only=False)
    return found


def repeated_within(values: pa.Array, text_of: Int64s) -> Bools:
    """Return bool[m], whether an equal value comes before in the same text."""
    codes = values.dictionary_encode()
    keys = text_of * max(len(codes.dictionary), 1) + codes.indices.to_numpy()
    order = np.argsort(keys, kind="stable")
    found = np.zeros(len(keys), bool)
    found[order[1:]] = np.diff(keys[order]) == 0
    return found


def longest_word_bytes(lines: Lines) -> Int64s:
    """Return int64[m], bytes of the longest word of each line; 0 where it has no word of more than 1,000 bytes."""
    data, bounds = lines.flat
    found = np.zeros(len(lines.lines), np.int64)
    long = np.flatnonzero(np.diff(bounds) > _LONG)
    for line in long.tolist():
        own = np.flatnonzero(_blanks(data[bounds[line] : bounds[line + 1]]))
        found[line] = int(np.diff(own, prepend=-1).max()) - 1
    return np.where(found > _LONG, found, 0)


_LONG = 1000


def _blanks(data: UInt8s) -> Bools:
    found: Bools = (data == ord(" ")) | ((data - ord("\t")) < 5) | ((data - 0x1C) < 4)
    return found
