"""How much of a site's interface is between each line and the text.

Form lies next to the text: "Ingredients", "Article 4", "Side effects". Furniture lies behind an interface line, seen
from the text: a menu, a share bar, a footer. So a walk goes outward from the text and adds up what is known of the
lines that it passes; where the sum reaches that of one line with no other use, a line is enclosed.

All sums are whole numbers, so that they do not depend on which other texts are in the batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from corpusmill.transforms.kernels.arrays import Bools, Int64s, UInt64s
from corpusmill.transforms.kernels.boilerplate.lines.lines import pair_keys
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import (
    FREE,
    INNER,
    LETTER,
    STRONG,
    UNSURE,
    WEAK,
    is_advertisement,
)
from corpusmill.transforms.kernels.boilerplate.matching.sequence import PROSE, SHORT, Sequence

FULL: Final = 4000
"""Weight of a line with no other use; a line behind so much is enclosed."""
HALF: Final = FULL // 2
"""Weight of a line that has other uses."""
_MOSTLY: Final = FULL * 3 // 4  # of a line of a role that no text has, which its words alone do not prove
_INNER: Final = (15, 100)  # part of their weight that lines count which are inside texts, too
_INNER_MOST: Final = FULL * 45 // 100  # that such lines count together: a share bar says no more if it is long
_TAIL: Final = (4, 10)  # part of their weight that unsure lines count after the text, until a sure one has been passed
_MIDDLE: Final = (5, 10)  # the same between two long lines
_LONGEST: Final = 2000  # letters that a line counts, to find the middle of a text

_SHORT_RUN: Final = 2  # a run of own lines is of the text if it has this part of the letters of the longest one
_REFRAIN: Final = 2  # lines of the text that a run repeats which goes on with it; lists repeat the title
_OWN_PART: Final = 4  # a run goes on with the text if its own lines have this part of the bytes of the paragraphs

HEAD, MIDDLE, TAIL, TEXT, NOWHERE = 0, 1, 2, 3, 4
"""Zones: before the first long line, between two, after the last; a long line; on a page without text."""


@dataclass(frozen=True)
class Evidence:
    """What lines say of an interface.

    Attributes:
        weight: int64, shape (n,), of each entry of a sequence.
        sure: bool, shape (n,), has no other use, or is of a role that no text has.
        inner: bool, shape (n,), is inside texts as well.
        borrowed: int64, shape (n,), part of the weight that is known from other sites only: it says something of the
            lines behind it, nothing of itself.
    """

    weight: Int64s
    sure: Bools
    inner: Bools
    borrowed: Int64s

    def also(self, learned: Bools, borrowed: Bools) -> Evidence:
        """Return the evidence with lines as sure as rules are, unless they are inside texts as well.

        Args:
            learned: bool, shape (n,), what the site itself teaches.
            borrowed: bool, shape (n,), what others teach.
        """
        fresh = (learned | borrowed) & (self.weight < FULL) & ~self.inner
        return Evidence(
            np.where(fresh, FULL, self.weight),
            self.sure | fresh,
            self.inner,
            np.where(fresh & ~learned, FULL - self.weight, self.borrowed),
        )


@dataclass(frozen=True)
class Enclosure:
    """Where lines are, seen from the text.

    Attributes:
        passed: int64, shape (n,), weight of the interface from the text to this line, itself included.
        zone: int8, shape (n,), `HEAD`, `MIDDLE`, `TAIL`, `TEXT` or `NOWHERE`.
    """

    passed: Int64s
    zone: npt.NDArray[np.int8]

    @property
    def enclosed(self) -> Bools:
        """bool, shape (n,): which lines have as much interface before them as proves it."""
        enclosed: Bools = self.passed >= FULL
        return enclosed


def weigh(bits: npt.NDArray[np.uint16]) -> Evidence:
    """Return what the rules that lines match say of an interface.

    Args:
        bits: uint16, shape (n,), see `Sequence`.
    """
    strong = (bits & STRONG) != 0
    weight = np.where(strong, FULL, np.where((bits & (WEAK | UNSURE)) != 0, HALF, 0)).astype(np.int64)
    free, inner = (bits & FREE) != 0, (bits & (INNER | LETTER)) != 0
    weight[free] = np.maximum(weight[free], _MOSTLY)
    weight[inner] = weight[inner] * _INNER[0] // _INNER[1]
    return Evidence(weight, (strong | free) & ~inner, inner, np.zeros(len(bits), np.int64))


def shows_interface(seq: Sequence) -> Bools:
    """bool, for each row: whether a line of the page says that a site's interface is around its text."""
    shown = is_advertisement(seq.bits) | ((seq.bits & (STRONG | FREE)) != 0)
    found = np.zeros(len(seq.first) - 1, bool)
    found[seq.row[shown]] = True
    return found


def enclose(seq: Sequence, evidence: Evidence, known: Bools | None = None, title: Int64s | None = None) -> Enclosure:
    """Add up the interface between each line and the text of its page.

    Args:
        seq: Lines that hold text.
        evidence: What each of them says of an interface.
        known: bool, shape (n,), lines that many pages have: no text, where a page has no long line.
        title: int64, one for each row, the entry of the page's own title, -1 where it is not known. What precedes
            it is enclosed by all of it.
    """
    count, rows = len(seq.row), len(seq.first) - 1
    text = _text(seq, evidence, known)
    if not text.any():
        return Enclosure(np.zeros(count, np.int64), np.full(count, NOWHERE, np.int8))
    zone, upward, segment = _segments(seq, text)
    above, below = (_walk(evidence, seq.key, zone, segment, up=up) for up in (True, False))
    passed = np.where(upward, above, below)
    # Without a long line nobody knows which of the own lines are the text.
    either = (zone == MIDDLE) & ~_has_prose(seq)[seq.row]
    passed[either] = np.minimum(above[either], below[either])
    passed[(zone == TEXT) | (zone == NOWHERE)] = 0
    if title is not None:
        before = np.flatnonzero(np.arange(count) < title[seq.row])
        whole = np.zeros(rows, np.int64)
        pair = pair_keys(seq.row[before].astype(np.int64), seq.key[before])
        _, once = np.unique(pair, return_index=True)
        np.add.at(whole, seq.row[before[once]], evidence.weight[before[once]])
        passed[before] = np.maximum(passed[before], whole[seq.row[before]])
    return Enclosure(passed, zone)


def _text(seq: Sequence, evidence: Evidence, known: Bools | None) -> Bools:
    """Return which lines are the text: the long ones; where a page has none, its own ones.

    Own lines are of the text where they are in one of the longest runs that no line of an interface parts: titles of
    other pages are own lines as well. A run that repeats some lines of these goes on with the text, as a refrain does.
    In each run those of some length are, if there are any.
    """
    text: Bools = (seq.size >= PROSE) & (seq.bits == 0)
    lacking = ~_has_prose(seq)
    if not lacking.any() or not len(text):
        return text
    quiet = evidence.weight == 0
    own = quiet if known is None else quiet & ~known
    run = np.cumsum(np.concatenate([[False], (seq.row[1:] != seq.row[:-1]) | (quiet[1:] != quiet[:-1])]))
    count = int(run[-1]) + 1
    letters = np.bincount(run, np.where(quiet, seq.size, 0), count)
    letters[np.bincount(run[own], minlength=count) == 0] = 0
    longest = np.zeros(len(lacking))
    np.maximum.at(longest, seq.row, letters[run])
    main = quiet & lacking[seq.row] & (letters[run] * _SHORT_RUN >= longest[seq.row])
    pair = pair_keys(seq.row.astype(np.int64), seq.key)
    again = np.flatnonzero(quiet & np.isin(pair, pair[main]))
    _, once = np.unique(pair_keys(run[again], seq.key[again]), return_index=True)
    repeated = np.bincount(run[again[once]], minlength=count)
    of_text = (repeated >= _REFRAIN) | (np.bincount(run[main], minlength=count) > 0)
    own = own & lacking[seq.row] & of_text[run]
    some = own & (seq.size >= SHORT)
    text |= some | (own & (np.bincount(run[some], minlength=count) == 0)[run])
    return text


def goes_on(seq: Sequence, known: Bools) -> Bools:
    """Return which lines are of runs in which the text goes on, behind a box, in short lines of its own.

    A recipe goes on with its ingredients behind a video or a form for a newsletter. No line of a rule parts such a run,
    and what it has of its own comes to a long line and to a part of the paragraphs. Lists of other pages are shorter.

    Args:
        seq: Lines that hold text.
        known: bool, shape (n,), lines that many pages have.
    """
    if not len(seq.row):
        return np.zeros(0, bool)
    quiet = seq.bits == 0
    run = np.cumsum(np.concatenate([[False], (seq.row[1:] != seq.row[:-1]) | (quiet[1:] != quiet[:-1])]))
    short = quiet & (seq.size < PROSE)
    size = (seq.lines.end - seq.lines.start)[seq.line]  # bytes, as long lines have no other size
    own = np.bincount(run, np.where(short & ~known, size, 0), int(run[-1]) + 1)
    paragraphs = np.bincount(seq.row, np.where(quiet & ~short, size, 0), len(seq.first) - 1)
    enough = np.maximum(PROSE, paragraphs[seq.row] / _OWN_PART)
    found: Bools = short & (own[run] >= enough) & (paragraphs[seq.row] > 0)
    return found


def _has_prose(seq: Sequence) -> Bools:
    """Return for each row whether it has a long line that no rule knows."""
    found = np.zeros(len(seq.first) - 1, bool)
    found[seq.row[(seq.size >= PROSE) & (seq.bits == 0)]] = True
    return found


def _segments(seq: Sequence, text: Bools) -> tuple[npt.NDArray[np.int8], Bools, Int64s]:
    """Return the zone of each entry, whether the walk to it goes upward, and the run between long lines it is in."""
    count, rows = len(seq.row), len(seq.first) - 1
    entry = np.arange(count)
    at = np.flatnonzero(text)
    opening, closing = np.full(rows, count), np.full(rows, -1)
    closing[seq.row[at]] = at  # of several the last one stays
    opening[seq.row[at[::-1]]] = at[::-1]
    zone = np.full(count, MIDDLE, np.int8)
    zone[entry < opening[seq.row]] = HEAD
    zone[entry > closing[seq.row]] = TAIL
    zone[closing[seq.row] < 0] = NOWHERE
    zone[text] = TEXT
    letters = np.concatenate([[0], np.cumsum(np.where(text, np.minimum(seq.size, _LONGEST), 0).astype(np.int64))])
    base, total = letters[seq.first[:-1]], np.diff(letters[seq.first])
    before_middle = (letters[1:] - base[seq.row]) * 2 < total[seq.row]
    upward = (zone == HEAD) | ((zone == MIDDLE) & before_middle)
    fresh = np.zeros(count, bool)
    fresh[1:] = text[:-1] | text[1:] | (seq.row[1:] != seq.row[:-1])
    return zone, upward, np.cumsum(fresh)


def _walk(evidence: Evidence, key: UInt64s, zone: npt.NDArray[np.int8], segment: Int64s, *, up: bool) -> Int64s:
    """Return the sum of evidence from the near end of each segment to each entry, each different line once."""
    step = -1 if up else 1
    zone, segment = zone[::step], segment[::step]
    weight, sure, inner = evidence.weight[::step], evidence.sure[::step], evidence.inner[::step]
    begins = np.flatnonzero(np.concatenate([[True], segment[1:] != segment[:-1]]))
    of = np.repeat(np.arange(len(begins)), np.diff(np.append(begins, len(segment))))
    counted = np.flatnonzero((weight > 0) & (zone != TEXT))
    _, nearest = np.unique(pair_keys(of[counted], key[::step][counted]), return_index=True)
    once = np.zeros(len(weight), np.int64)
    once[counted[nearest]] = weight[counted[nearest]]

    def sums(values: npt.NDArray[np.integer]) -> Int64s:
        total: Int64s = np.cumsum(values)
        from_near: Int64s = total - (total - values)[begins][of]
        return from_near

    unsure = (once > 0) & (once < FULL) & (sums(sure.astype(np.int64)) == 0)
    for place, (part, whole) in ((TAIL, _TAIL), (MIDDLE, _MIDDLE)):
        less = unsure & (zone == place)
        once[less] = once[less] * part // whole
    passed: Int64s = sums(np.where(inner, 0, once)) + np.minimum(sums(np.where(inner, once, 0)), _INNER_MOST)
    passed -= np.minimum(evidence.borrowed[::step], once)
    return passed[::step]
