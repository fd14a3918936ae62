"""What a text has lost: which kinds of characters, in which lines, and what each kind of loss costs a reading.

A loss is the work of one program, which takes all characters of a kind or none: no-break spaces become spaces, curly
quotes straight ones, or bytes without a character become a mark or vanish. So what a text has kept it has not lost.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from corpusmill.transforms.kernels.cleaning.mojibake.codecs import TABLES
from corpusmill.transforms.kernels.cleaning.mojibake.language_model.model import UNITS
from corpusmill.transforms.kernels.cleaning.mojibake.lossy.readings import Option
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search import lattice

LOST = "\N{REPLACEMENT CHARACTER}"
DASHES = (0x2013, 0x2014)
DASH_BITS = 4
TRIMMED_BITS = 1
"""Price of a no-break space that was trimmed at the end of a line."""
SPACE_BITS, QUOTE_BITS, MARK_BITS, GAP_BITS, DROP_BITS, MERGED_BITS = 3, 3, 5, 1, 7, 8
"""Prior price of each kind of loss."""
KEPT_BITS = 5
"""Price of a loss of what the text has kept elsewhere."""
OFTEN_BITS = 2
"""Price of a byte that is gone without a trace where most losses are of that kind."""
_JOINED = re.compile("quel[ae]|quilo|s ")
QUOTES = {"'": "‘’", '"': "“”"}
_STAND_INS = tuple(map(ord, " '\"?" + LOST))
MAX_BROKEN = 4
"""Sequences that lost a byte to each intact one: more are letters that only could begin one."""
FEW = 3
"""Fewer losses do not tell of what kind losses are."""


class Losses(NamedTuple):
    """What a text has lost: a loss is the work of one program, so it took all characters of a kind or none.

    Attributes:
        blanks: No-break spaces: the text holds none, so a blank may have been one.
        quotes: The straight quotes that may have been curly ones: the text holds none of those.
        dropped: Bytes may be gone without a trace: some are, or too few are lost to tell.
        traceless: Some are.
        mostly: Most bytes that are lost are.
        doubled: Two spaces are where one was a no-break space, so that a single one is a byte.
    """

    blanks: bool = True
    quotes: str = "'\""
    dropped: bool = True
    traceless: bool = False
    mostly: bool = False
    doubled: bool = False

    @property
    def only_dropped(self) -> bool:
        """Whether a blank is a blank: no-break spaces are kept, and what is lost is gone without a trace."""
        return self.traceless and not self.blanks


ANY_LOSS = Losses()
"""What a text may have lost of which nothing is known."""


class _Sequences(NamedTuple):
    """Places of a text where a sequence of a codec may begin.

    Attributes:
        codes: The code points of the text, padded.
        at: Positions of the first characters.
        whole: bool: nothing of the sequence is lost.
        near: bool: at most one byte is; a sound letter that merely could begin a sequence lacks all of them.
        gap: Positions of the first character that is no byte of the sequence, where it is not whole.
    """

    codes: np.ndarray
    at: np.ndarray
    whole: np.ndarray
    near: np.ndarray
    gap: np.ndarray


def _sequences(text: str, codec: int) -> _Sequences:
    codes = lattice.as_codes(text + "\n\n\n")
    number = lattice.number(codes)
    first = TABLES.first[codec][number]
    trail = (TABLES.own[codec][number] | TABLES.alias[codec][number]) != 0
    at = np.flatnonzero(first)
    lead = first[at]
    whole = trail[at + 1] & ((lead < 0xE0) | trail[at + 2]) & ((lead < 0xF0) | trail[at + 3])
    one, two = (trail[at + k] | np.isin(codes[at + k], _STAND_INS) for k in (1, 2))
    near = (lead < 0xE0) | one & ((lead < 0xF0) | two)
    gap = at + np.where(~trail[at + 1], 1, np.where(~trail[at + 2], 2, 3))
    return _Sequences(codes, at, whole, near, gap)


def losses_of(text: str, codec: int) -> Losses:
    """Return what a text damaged by a codec has lost."""
    found = _sequences(text, codec)
    codes, gap = found.codes, found.gap[found.near & ~found.whole]
    there = codes[gap]
    # a blank behind three bytes of four is no byte: hardly any such character ends in A0
    traceless = ~np.isin(there, _STAND_INS) | (gap - found.at[found.near & ~found.whole] == lattice.LONGEST - 1)
    dropped = int((traceless & (there != ord("\n"))).sum())
    doubled = bool(((there == ord(" ")) & (codes[np.minimum(gap + 1, len(codes) - 1)] == ord(" "))).any())
    quotes = "".join(straight for straight, curly in QUOTES.items() if not any(quote in text for quote in curly))
    seen = bool(traceless.any())
    return Losses("\u00a0" not in text, quotes, seen or len(gap) < FEW, seen, 2 * dropped > len(gap), doubled)


def incomplete(text: str, codec: int) -> list[int]:
    """Lines in which some sequence has lost a byte: beside intact ones, in the line or in the document at large."""
    codes, at, whole, near, _ = _sequences(text, codec)
    if whole.all():
        return []
    line = np.cumsum(codes == ord("\n"))
    count = text.count("\n") + 1
    intact = np.bincount(line[at[whole]], minlength=count)
    broken = np.bincount(line[at[~whole & near]], minlength=count)
    if MAX_BROKEN * int(intact.sum()) < int(broken.sum()):
        return []
    beside = intact * 4 >= broken if 2 * int(intact.sum()) < int(broken.sum()) else np.ones(len(broken), dtype=bool)
    return [int(i) for i in np.flatnonzero((broken > 0) & beside)]


def dash_price(char: int, following: str) -> int:
    """Before a number it is an en dash, before a word more often an em dash; pairs of characters cannot tell."""
    if char not in DASHES:
        return 0
    number = following.lstrip(" \u00a0")[:1].isdigit()
    return DASH_BITS * UNITS if number == (char == 0x2014) else 0


def before_space(first: int, window: str, losses: Losses) -> tuple[Option, ...]:
    """A letter that ends in a no-break space (as `à` does) and a space: was the space there besides, or is it that?

    `à` mostly is a word of its own, but for the Portuguese `àquele`, `àquela`, `àquilo`, `às` (ftfy's rule).
    """
    letter = (first & 0x1F) << 6 | 0x20
    word_follows = window[2:3].isalpha()
    if losses.only_dropped and letter != ord("à"):
        return ()
    apart = letter == ord("à") and word_follows and not losses.doubled and not _JOINED.match(window, 2)
    prices = (0, MERGED_BITS) if apart else (MERGED_BITS, 0 if letter == ord("à") else SPACE_BITS)
    kept = 0 if losses.blanks else KEPT_BITS
    return tuple(
        Option(letter, size, (price + kept) * UNITS + 1, kept > 0 or (losses.traceless and letter != ord("à")))
        for size, price in zip((1, 2), prices, strict=True)
    )
