"""Repeated n-grams of words inside each text, for whole columns of texts.

N-grams of two words are looked at first, and longer ones only where the shorter ones that they begin with repeat.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corpusmill.transforms.kernels.arrays import Bools, Int64s, UInt64s
from corpusmill.transforms.kernels.hashing import GOLDEN, mix64
from corpusmill.transforms.kernels.quality.words import Words

_STEP = np.uint64(0xD6E8FEB86659FD93)
"""Odd, so that multiplying by it loses nothing."""


class Repeated(NamedTuple):
    """The n-grams of one length that occur at least twice in their text.

    Attributes:
        n: Words in an n-gram.
        places: int64[p], words where they begin, group by group, ascending within a group.
        starts: int64[g], where each group of equal n-grams begins in `places`.
    """

    n: int
    places: Int64s
    starts: Int64s

    @property
    def sizes(self) -> Int64s:
        """int64[g], how often each occurs in its text."""
        return np.diff(np.append(self.starts, len(self.places)))


class RepeatScan:
    """Looks for repeated n-grams of growing length.

    Attributes:
        words: The words of the texts.
        ends: int64[t + 1], characters of all words before each.
    """

    def __init__(self, words: Words) -> None:
        self.words = words
        self.ends = words.running_lengths
        sizes = np.diff(words.offsets)
        self._stops = np.repeat(words.offsets[1:], sizes)
        # The number of the text in the hash: n-grams of different texts are never equal.
        salts = mix64(np.arange(1, len(sizes) + 1, dtype=np.uint64) * GOLDEN)
        self._hashes = words.hashes + np.repeat(salts, sizes)
        self._places = np.arange(len(words.hashes))
        self._n = 1

    def next(self) -> Repeated:
        """Return the repeated n-grams of the next length; the first call looks at n = 2."""
        self._n += 1
        n = self._n
        fits = self._places + (n - 1) < self._stops[self._places]
        places = self._places[fits]
        hashes = self._hashes[fits]
        hashes *= _STEP
        hashes += self.words.hashes[places + (n - 1)]
        mix64(hashes)
        chosen, starts = equal_groups(hashes)
        self._hashes, self._places = hashes[chosen], places[chosen]
        return Repeated(n, self._places, starts)


def equal_groups(hashes: UInt64s) -> tuple[Int64s, Int64s]:
    """Group equal hashes.

    Args:
        hashes: uint64[p], well mixed.

    Returns:
        Positions of those that are not alone, group by group and ascending within a group; where each group begins.
    """
    count = len(hashes)
    if count < 2:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    low = np.uint64((1 << (count - 1).bit_length()) - 1)
    # The place in the low bits: one sort of plain numbers, which is vectorised, orders by hash, then by place.
    packed = hashes & ~low
    packed |= np.arange(count, dtype=np.uint64)
    packed.sort()
    same = (packed[1:] ^ packed[:-1]) <= low
    chosen, starts = _runs((packed & low).astype(np.int64), same)
    inner = np.ones(len(chosen), bool)
    inner[starts] = False
    inner = np.flatnonzero(inner)
    if (hashes[chosen[inner]] != hashes[chosen[inner - 1]]).any():
        # Different hashes share their high bits: a sort by all bits tells them apart.
        order = np.argsort(hashes, kind="stable")
        chosen, starts = _runs(order, hashes[order[1:]] == hashes[order[:-1]])
    return chosen, starts


def _runs(order: Int64s, same: Bools) -> tuple[Int64s, Int64s]:
    """Return the members of runs of at least two, and where the runs begin among them."""
    member = np.zeros(len(order), bool)
    member[1:] = same
    member[:-1] |= same
    chosen = np.flatnonzero(member)
    begins = np.ones(len(chosen), bool)
    begins[1:] = ~same[chosen[1:] - 1]
    return order[chosen], np.flatnonzero(begins)


def top_characters(scan: RepeatScan, found: Repeated) -> Int64s:
    """Return int64[n], characters of the most frequent n-gram of each text times its number; -1 where there is none.

    The n-gram counts with single spaces between its words; of equally frequent ones the first counts.
    """
    n, words, ends = found.n, scan.words, scan.ends
    sizes = np.diff(words.offsets)
    first = words.offsets[:-1].copy()
    count = np.ones(len(sizes), np.int64)
    if len(found.starts):
        begin = found.places[found.starts]
        text = np.searchsorted(words.offsets, begin, side="right") - 1
        often = found.sizes
        # One number orders by text, then the most frequent, then the first.
        most, width = int(often.max()), len(words.hashes)
        order = np.argsort((text * (most + 1) + (most - often)) * width + begin)
        leads = np.ones(len(order), bool)
        leads[1:] = np.diff(text[order]) != 0
        best = order[leads]
        first[text[best]] = begin[best]
        count[text[best]] = often[best]
    has = sizes >= n
    first = np.where(has, first, 0)
    length = np.zeros(len(sizes), np.int64)
    length[has] = ends[first[has] + n] - ends[first[has]] + (n - 1)
    return np.where(has, length * count, -1)


def duplicate_characters(scan: RepeatScan, found: Repeated) -> Int64s:
    """Return int64[n], characters of the words of repeated n-grams behind the first of each.

    A text is read from its start: an n-gram that was met before counts, and reading goes on behind it; one that was not
    is remembered, and reading goes on at the next word. What is skipped is not remembered.
    """
    n, words, ends = found.n, scan.words, scan.ends
    total = np.zeros(len(words.offsets) - 1, np.int64)
    if not len(found.places):
        return total
    group = np.repeat(np.arange(len(found.starts)), found.sizes)
    order = np.argsort(found.places)
    places = found.places[order]
    characters = ends[places + n] - ends[places]
    text = np.searchsorted(words.offsets, places, side="right") - 1
    met = bytearray(len(found.starts))
    counted: list[int] = []
    behind = 0
    # What is met depends on what was skipped, so this goes place by place; only repeated n-grams are looked at.
    for number, (place, own) in enumerate(zip(places.tolist(), group[order].tolist(), strict=True)):
        if place < behind:
            continue
        if met[own]:
            counted.append(number)
            behind = place + n
        else:
            met[own] = 1
    return np.bincount(text[counted], characters[counted], len(total)).astype(np.int64)
