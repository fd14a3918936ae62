"""The lines of a column that hold text, with what they match: what is beside what."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
import regex

from corpusmill.transforms.kernels.arrays import Bools, Int64s, UInt8s, UInt64s
from corpusmill.transforms.kernels.boilerplate.lines.fences import in_fences
from corpusmill.transforms.kernels.boilerplate.lines.lines import Lines
from corpusmill.transforms.kernels.boilerplate.lines.wrapped import wrapped_lines
from corpusmill.transforms.kernels.boilerplate.matching.manuals import is_code, told_of
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import (
    LETTER,
    PAGE,
    PATH_SLOT,
    TITLE_SLOT,
    WEAK,
    RuleTable,
)
from corpusmill.transforms.kernels.boilerplate.matching.slots import find_known_slots
from corpusmill.transforms.kernels.boilerplate.matching.turns import turns_of

SHORT = 25  # letters; an entry of a menu is rarely longer
PROSE = 80  # letters; from here on a line counts as part of the text
NEVER = 1 << 30  # letters of a line that is not to be looked at
_TAB, _SPACE = 0x09, 0x20
_CODE_INDENT = 4
_ANNOUNCES = regex.compile(
    r"(?:[:：]\s*[-–—]?|ดัง(?:ต่อไป)?นี้|如下|다음과 같(?:다|습니다)\.?"
    r"|(?:以下|次)の(?:とお|通)り(?:です|である|だ|となる|となります)?。?)\s*$"
)
"""How a line ends that says what is below it: with a colon, or as "as follows" in scripts that use none."""
_SIGN = 0x23  # of a heading of Markdown
_STOPS = np.frombuffer(b".?", np.uint8)
_IDEOGRAPHIC_STOP = "。".encode()
_QUOTE = 0x22
_BULLETS = np.array([0xA2, 0xA3, 0x93, 0x94, 0xBA], np.uint8)  # last bytes of • ‣ – — ›
_CLOSING = np.array([0x9C, 0x9D, 0x99, 0xBB, 0x8D], np.uint8)  # last bytes of “ ” ’ » 」
_SPOKEN_LETTERS = 15
_FIRST_WIDE, _LAST_WIDE = np.uint8(0xE3), np.uint8(0xED)  # first bytes of U+3000 to U+D7FF


@dataclass(frozen=True)
class Sequence:
    """The lines that hold text, without blank ones and those of symbols only: what is beside what.

    Attributes:
        lines: All lines of the batch.
        line: int64, index into them.
        row: int32, the row of each.
        size: int32, letters and digits; a very large number where the line is long.
        key: uint64, line keys.
        bits: uint16, what each matches.
        slot: uint8, what changes in it after a known beginning and a mark ("Photo: NAME"), 0 where nothing does.
        first: int64, for each row its first entry, and at the end the number of entries.
    """

    lines: Lines
    line: Int64s
    row: npt.NDArray[np.int32]
    size: npt.NDArray[np.int32]
    key: UInt64s
    bits: npt.NDArray[np.uint16]
    slot: UInt8s
    first: Int64s

    def offset(self, entries: Int64s) -> Int64s:
        """Return how many entries of the same row are before each of these."""
        return entries - self.first[self.row[entries]]

    @cached_property
    def long_lines(self) -> tuple[Int64s, Int64s]:
        """The first and the last entry of each row that is a long line and matches nothing; -1 if it has none."""
        rows = len(self.first) - 1
        first, last = np.full(rows, -1, np.int64), np.full(rows, -1, np.int64)
        prose = np.flatnonzero((self.size >= PROSE) & ((self.bits & ~np.uint16(PAGE)) == 0))
        last[self.row[prose]] = prose  # of several the last one stays
        first[self.row[prose[::-1]]] = prose[::-1]
        return first, last

    @cached_property
    def opens(self) -> Bools:
        """bool, shape (n,): which entries begin a paragraph: the first of their row, and those after a blank line."""
        blank = np.cumsum(self.lines.end == self.lines.start)[self.line]
        found = np.ones(len(self.line), bool)
        found[1:] = (blank[1:] > blank[:-1]) | (self.row[1:] != self.row[:-1])
        return found

    @cached_property
    def mixed(self) -> Bools:
        """bool, shape (n,): of which entries the paragraph holds both lines that match a rule and lines that do not."""
        paragraph = np.cumsum(self.opens)
        known, strange = (
            np.bincount(paragraph[mask], minlength=len(paragraph) + 1) for mask in (self.bits != 0, self.bits == 0)
        )
        found: Bools = ((known > 0) & (strange > 0))[paragraph]
        return found

    def parted(self, one: Int64s, other: Int64s) -> Bools:
        """Return which entries a blank line parts from others, of which one is in a paragraph of the text.

        What is in one paragraph belongs together: "Share", right above a line of a poem, is of the poem, and not of
        the share bar that a blank line parts from it. Where every line is a paragraph, blank lines say nothing.

        Args:
            one: Entries.
            other: As many entries.
        """
        paragraph = np.cumsum(self.opens)
        parted: Bools = (paragraph[one] != paragraph[other]) & (self.mixed[one] | self.mixed[other])
        return parted

    def subset(self, kept: Bools) -> Sequence:
        """Return the sequence without some of its entries."""
        row = self.row[kept]
        first = np.searchsorted(row, np.arange(len(self.first)))
        return Sequence(
            self.lines, self.line[kept], row, self.size[kept], self.key[kept], self.bits[kept], self.slot[kept], first
        )


def sequence(lines: Lines, table: RuleTable) -> Sequence:
    """Return the lines that hold text, with what they match.

    A line of a hard-wrapped paragraph counts as a long one and matches nothing: it is not the whole of what it says.
    Code, lists in texts that tell of an interface, and lines that take turns with those of the text match nothing,
    either.
    """
    line = np.flatnonzero(lines.size != 0)
    row = lines.row[line]
    size = np.where(lines.size[line] < 0, np.int32(NEVER), lines.size[line] + wide_letters(lines)[line])
    key = lines.key[line]
    rows = len(lines.first) - 1
    first = np.searchsorted(row, np.arange(rows + 1))
    bits = table.match(key) | table.match_affixes(lines, line)
    slot = find_known_slots(lines, table)[line]
    bits[(slot != 0) & (slot != PATH_SLOT)] |= np.uint16(WEAK)
    bits[slot == TITLE_SLOT] |= np.uint16(LETTER)
    hits = np.flatnonzero(bits)
    spoken = hits[_is_indented(lines, line[hits]) | _is_spoken(lines, line[hits], size[hits], table)]
    bits[spoken], slot[spoken] = 0, 0
    code = np.flatnonzero(is_code(lines, line))
    key[code], bits[code], slot[code] = 0, 0, 0
    wrapped = np.flatnonzero(wrapped_lines(lines)[line])
    size[wrapped], key[wrapped], bits[wrapped], slot[wrapped] = np.maximum(size[wrapped], PROSE), 0, 0, 0
    fenced = in_fences(lines, to_end=False)[line]
    size[fenced], bits[fenced], slot[fenced] = NEVER, 0, 0
    seq = Sequence(lines, line, row, size, key, bits, slot, first)
    told = told_of(seq)
    key[told], bits[told], slot[told] = 0, 0, 0
    turns = turns_of(seq, size >= PROSE, size <= SHORT)
    bits[turns], slot[turns] = 0, 0
    return seq


def wide_letters(lines: Lines) -> npt.NDArray[np.int32]:
    """Return how many ideographs, kana and syllables of Hangul each line holds; one says as much as two letters."""
    wide = np.flatnonzero(lines.data - _FIRST_WIDE <= _LAST_WIDE - _FIRST_WIDE)  # wraps around below the first
    if not len(wide):
        return np.zeros(len(lines), np.int32)
    return np.bincount(np.searchsorted(lines.end, wide), minlength=len(lines)).astype(np.int32)


def hidden_letters(lines: Lines) -> Int64s:
    """Return how many letters of each line a reader does not see: the addresses of links."""
    hidden = np.zeros(len(lines), np.int64)
    whole, seen = (
        pc.utf8_length(texts).to_numpy(zero_copy_only=False) for texts in (lines.texts(lines.linked), lines.seen)
    )
    hidden[lines.linked] = whole - seen
    return hidden


def _is_spoken(lines: Lines, line: Int64s, size: npt.NDArray[np.int32], table: RuleTable) -> Bools:
    """Return which short hits are sentences or speech ("Like this.", "Reply?"), and are not known with a stop."""
    data, start = lines.data, lines.start[line]
    last = np.maximum(lines.end[line] - 1, 0)
    stops = np.isin(data[last], _STOPS)
    stops |= (data[last] == _IDEOGRAPHIC_STOP[-1]) & (data[np.maximum(last - 1, 0)] == _IDEOGRAPHIC_STOP[-2])
    stops &= ~table.spoken.holds(lines.key[line])
    # Quotation marks: " and those in the General Punctuation block; the corner bracket of Japanese.
    quoted = (data[start] == _QUOTE) | ((data[start] == 0xE2) & (data[np.minimum(start + 1, len(data) - 1)] == 0x80))
    quoted &= ~np.isin(data[np.minimum(start + 2, len(data) - 1)], _BULLETS) | (data[start] == _QUOTE)
    in_quotes = quoted & ((data[last] == _QUOTE) | np.isin(data[last], _CLOSING))
    spoken: Bools = ((size <= _SPOKEN_LETTERS) & (stops | quoted)) | in_quotes
    return spoken


def _is_indented(lines: Lines, line: Int64s) -> Bools:
    """Return which lines begin with a tab or four spaces, as code does."""
    data, start = lines.data, lines.start[line]
    spaces = np.ones(len(line), bool)
    for k in range(_CODE_INDENT):
        spaces &= data[np.minimum(start + k, len(data) - 1)] == _SPACE
    indented: Bools = spaces | (data[start] == _TAB)
    return indented


def announced(seq: Sequence, entry: int) -> bool:
    """Return whether the line before an entry ends in a colon, or as "as follows" does."""
    before = entry - 1
    if before < seq.first[seq.row[entry]]:
        return False
    return _ANNOUNCES.search(seq.lines.text(int(seq.line[before]))) is not None


def is_heading(seq: Sequence, entries: Int64s | int) -> Bools:
    """Return which of some entries are headings of Markdown that match nothing."""
    found: Bools = (seq.lines.data[seq.lines.start[seq.line[entries]]] == _SIGN) & (seq.bits[entries] == 0)
    return found
