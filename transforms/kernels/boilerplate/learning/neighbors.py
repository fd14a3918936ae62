"""Which learned lines are removed: those that are among lines which are learned or match a rule.

How many of these there must be depends on the place. Before the first paragraph and after the last one is little
but what the site put there; between paragraphs a line may be a heading, a caption, a part of a sentence.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from corpusmill.transforms.kernels.arrays import Bools, Int64s
from corpusmill.transforms.kernels.boilerplate.lines.lines import Lines, line_keys, pair_keys
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import STRONG, WEAK
from corpusmill.transforms.kernels.boilerplate.matching.sequence import PROSE, SHORT, Sequence
from corpusmill.transforms.kernels.boilerplate.protection.fragments import between_paragraphs, in_sentences
from corpusmill.transforms.kernels.boilerplate.settings import LearnedSettings
from corpusmill.transforms.kernels.columns import matches

_FEWEST: Final = 4  # neighbours, to judge by
_DIGITS = line_keys(["0"])[0]  # what all lines without letters share
_PAGE_NUMBER = r"^[^\pL\pN%‰°$€£¥+]*\p{Nd}{1,4}[^\pL\pN%‰°$€£¥+]*$"
_FIGURES = r"\d ?[%‰]|\d[.]\d.*\D\d+[.]\d"
_MIDDLE, _HEAD, _TAIL, _LEAD = 0, 1, 2, 3
_LEAD_LINES: Final = 4  # before the first long line: title, author, date, summary


def find_learned(
    lines: Lines,
    seq: Sequence,
    known: Bools,
    of_most_pages: Bools,
    settings: LearnedSettings,
) -> Int64s:
    """Return the entries of `seq` that are learned or match a rule, and are among such lines.

    Numbers alone prove nothing and are judged by the other lines around them, and so are lines that are in the
    document so often that they look like cells of a table. What its form or place shows to be text stays.

    Args:
        lines: The lines of the batch.
        seq: Those of them that hold text.
        known: bool, which of these are in the table of learned lines.
        of_most_pages: bool, which of them most pages of the same host have.
        settings: How many of the neighbours must be learned or known.
    """
    number = seq.key == _DIGITS
    evidence = (known | ((seq.bits & (WEAK | STRONG)) != 0)) & ~number
    wanted = np.flatnonzero(evidence | (known & number))
    row = seq.row[wanted]
    low = np.maximum(wanted - settings.neighbours, seq.first[row])
    high = np.minimum(wanted + settings.neighbours + 1, seq.first[row + 1])
    around = _between(~number, low, high) - ~number[wanted]
    found = _between(evidence, low, high) - evidence[wanted]
    place = _places(seq)[wanted]
    shares = np.empty(4)
    shares[_MIDDLE] = settings.min_neighbour_share
    shares[_HEAD] = settings.min_neighbour_share_head
    shares[_TAIL] = settings.min_neighbour_share_tail
    shares[_LEAD] = settings.min_neighbour_share
    needed = shares[place]
    long = seq.size[wanted] >= SHORT
    needed[long] = np.maximum(needed[long], settings.min_neighbour_share)
    often = number[wanted] | (_often(seq, wanted) > settings.max_repeats)
    lead = place == _LEAD
    unsure = long & ((place == _MIDDLE) | lead)
    unsure[lead] |= matches(lines.texts(seq.line[wanted[lead]]), r"\d")  # as dates and bylines have
    strict = often | (unsure & ~of_most_pages[wanted])
    needed[strict] = np.maximum(needed[strict], settings.min_neighbour_share_strict)
    enough = (around >= _FEWEST) & (found >= needed * around)
    varied = np.flatnonzero(enough & often)
    enough[varied] = _variety(seq, evidence, wanted[varied], settings.neighbours) >= _FEWEST
    chosen: Int64s = wanted[enough]
    return chosen[~is_text(lines, seq, chosen)]


def _places(seq: Sequence) -> npt.NDArray[np.int8]:
    """Return where each entry is: before the first long line of its row, just before it, after the last one."""
    prose = np.flatnonzero((seq.size >= PROSE) & (seq.bits == 0))
    rows = len(seq.first) - 1
    opening, closing = np.full(rows, -1, np.int64), np.full(rows, -1, np.int64)
    closing[seq.row[prose]] = prose  # of several the last one stays
    opening[seq.row[prose[::-1]]] = prose[::-1]
    entry = np.arange(len(seq.row))
    places = np.full(len(seq.row), _MIDDLE, np.int8)  # also where there is no long line to go by
    places[entry < opening[seq.row]] = _HEAD
    places[(entry < opening[seq.row]) & (entry >= opening[seq.row] - _LEAD_LINES)] = _LEAD
    places[(entry > closing[seq.row]) & (closing[seq.row] >= 0)] = _TAIL
    return places


def is_text(lines: Lines, seq: Sequence, entries: Int64s) -> Bools:
    """Return which entries are parts of the text by their form or place, whatever is around them."""
    number = seq.key == _DIGITS
    kept: Bools = in_sentences(lines, seq.line[entries]) | between_paragraphs(seq, entries)
    kept |= matches(lines.texts(seq.line[entries]), _FIGURES)
    padded = np.concatenate([[False], number, [False]])
    row = np.concatenate([[-1], seq.row, [-1]])
    alone = np.ones(len(entries), bool)
    for side in (0, 2):
        alone &= ~(padded[entries + side] & (row[entries + side] == seq.row[entries]))
    kept |= number[entries] & ~(matches(lines.texts(seq.line[entries]), _PAGE_NUMBER) & alone)
    return kept


def _variety(seq: Sequence, evidence: Bools, entries: Int64s, reach: int) -> Int64s:
    """Return how many different lines of evidence, other than itself, are around each of some entries."""
    around = entries[:, None] + np.arange(-reach, reach + 1)
    row = seq.row[entries][:, None]
    inside = (around >= seq.first[row]) & (around < seq.first[row + 1])
    around = np.clip(around, 0, len(seq.key) - 1)
    keys = np.where(inside & evidence[around] & (seq.key[around] != seq.key[entries][:, None]), seq.key[around], 0)
    keys.sort(axis=1)
    fresh: Int64s = ((keys[:, 1:] != keys[:, :-1]) & (keys[:, 1:] != 0)).sum(axis=1) + (keys[:, 0] != 0)
    return fresh


def _between(mask: Bools, low: Int64s, high: Int64s) -> Int64s:
    sums = np.concatenate([[0], np.cumsum(mask)])
    count: Int64s = sums[high] - sums[low]
    return count


def _often(seq: Sequence, entries: Int64s) -> Int64s:
    """Return how often each of these lines occurs in its document."""
    pair = pair_keys(seq.row[entries].astype(np.int64), seq.key[entries])
    _, which, count = np.unique(pair, return_inverse=True, return_counts=True)
    often: Int64s = count[which]
    return often
