"""What a damaged sequence may stand for: the bytes that a codec's characters, and the gaps that a loss left, may be.

Later steps of a page's life lose bytes of mojibake: no-break spaces become spaces, curly quotes straight ones, bytes
without a character become U+FFFD, a question mark or nothing. With the codec known, few bytes can have stood there.
"""

from __future__ import annotations

import functools
import itertools
import math
import sys
from collections.abc import Sequence

import numpy as np

from corpusmill.transforms.kernels.cleaning.mojibake.codecs import CP1252, LAST, TABLES, own_characters
from corpusmill.transforms.kernels.cleaning.mojibake.codecs import NAMES as CODEC_NAMES
from corpusmill.transforms.kernels.cleaning.mojibake.language_model.model import MODEL, UNITS, step
from corpusmill.transforms.kernels.cleaning.mojibake.language_model.words import WORD
from corpusmill.transforms.kernels.cleaning.mojibake.lossy.losses import (
    ANY_LOSS,
    DASHES,
    DROP_BITS,
    GAP_BITS,
    KEPT_BITS,
    LOST,
    MARK_BITS,
    OFTEN_BITS,
    QUOTE_BITS,
    QUOTES,
    SPACE_BITS,
    TRIMMED_BITS,
    Losses,
    before_space,
    dash_price,
)
from corpusmill.transforms.kernels.cleaning.mojibake.lossy.readings import Candidates, Option, candidates, likely_script
from corpusmill.transforms.kernels.cleaning.mojibake.lossy.wordwise import Read
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search import lattice

PATHS = 4
"""Paths kept open at each position of a line."""
MAX_CHOICES = 36
"""Readings kept of one damaged sequence."""
CLEAR_BITS = 8
"""A lost byte's reading must beat the next one by this much."""
CLEAR_QUOTE_BITS, CLEAR_SIGN_BITS = 4, 2
"""The same for a straightened quote, which was one of two bytes, and for a sign (see `wordwise.SIGN_SURE`)."""
SIGNS_FROM, SIGNS_TO = 0x2000, 0x2E80
"""Signs; those of East Asia, further up, are among letters without spaces, where any may be meant."""
SURE, ONE_OF_TWO, GUESSED = range(3)
"""How far a byte is a guess. Of two signs that a straightened quote leaves the more usual one is meant."""
_UNCURLED = frozenset("'\"")
IMPOSSIBLE = 1 << 40
WINDOW = 8
"""Characters that decide the readings of a sequence."""
SOUND_BITS = 8
"""Price of a character left as it is that may have begun a sequence: damaged text hardly holds sound ones."""
_FEW_TRAILS = 16
_LEAST = (0, 0, 0x80, 0x800, 0x10000)  # code point of a sequence of so many bytes


def _gaps(name: str) -> tuple[tuple[int, int], ...]:
    """Bytes without a character of their own, with a price: windows-1252 would have had one for the dearer ones."""
    return tuple(
        (byte, 0 if CP1252[byte] == LOST else 2 * UNITS)
        for byte, char in enumerate(own_characters(name), 0x80)
        if char is None and byte < 0xC0
    )


def decode_sequences(first: int, trails: Sequence[tuple[int, ...]]) -> list[int]:
    """Code points of sequences with one first byte; 0 for what is no character."""
    count, size = len(trails), len(trails[0]) + 1
    if count <= _FEW_TRAILS:
        return [_character((first, *trail)) for trail in trails]
    columns = [np.array([t[k] if k < size - 1 else 0 for t in trails], dtype=np.uint8) for k in range(3)]
    chars = lattice.characters(np.full(count, first, dtype=np.uint8), columns, np.full(count, size))
    return [int(c) for c in chars]


@functools.lru_cache(maxsize=1 << 15)
def _character(data: tuple[int, ...]) -> int:
    """The code point of one sequence, or 0: `lattice.characters`, faster for a single one."""
    code = data[0] & (0xFF >> len(data) + 1)
    for byte in data[1:]:
        code = code << 6 | byte & 0x3F
    if not _LEAST[len(data)] <= code <= sys.maxunicode:
        return 0
    return code if MODEL.kind(code) > 1 or code == lattice.APPLE else 0


@functools.lru_cache(maxsize=1 << 12)
def itself(char: str) -> tuple[Option, ...]:
    """Return the one reading of a character that stands for itself."""
    return (Option(ord(char), 1, 0, False),)


class Reader:
    """Reads lines damaged by one codec and then by a loss of bytes."""

    def __init__(self, codec: int, *, guess: bool, losses: Losses = ANY_LOSS) -> None:
        self._codec = codec
        self._losses = losses
        self._drop_bits = OFTEN_BITS if losses.mostly else DROP_BITS
        self.guess = guess
        self._gaps = _gaps(CODEC_NAMES[codec])
        self._lost_firsts = tuple(
            byte
            for byte, char in enumerate(own_characters(CODEC_NAMES[codec]), 0x80)
            if char is None and 0xC2 <= byte <= 0xF4
        )
        self._first: dict[str, int] = {}
        self._strict_bytes: dict[str, list[int]] = {}
        self._intact = functools.lru_cache(maxsize=1 << 16)(self._find_intact)
        self._damaged = functools.lru_cache(maxsize=1 << 14)(self._find_damaged)
        self.read_window = functools.lru_cache(maxsize=1 << 14)(self._read_window)
        self.candidates = functools.lru_cache(maxsize=1 << 13)(self._candidates)
        self.likely_script = functools.lru_cache(maxsize=1 << 13)(self._likely_script)
        self._headless = functools.lru_cache(maxsize=1 << 14)(self._find_headless)

    def first(self, char: str) -> int:
        """The first byte of a sequence that a character may stand for, or 0."""
        found = self._first.get(char)
        if found is None:
            found = self._first[char] = int(TABLES.first[self._codec][TABLES.number[min(ord(char), LAST)]])
        return found

    def _strict(self, char: str) -> list[int]:
        found = self._strict_bytes.get(char)
        if found is None:
            number = TABLES.number[min(ord(char), LAST)]
            both = (TABLES.own[self._codec][number], TABLES.alias[self._codec][number])
            found = self._strict_bytes[char] = [int(b) for b in both if b]
        return found

    def _later(self, char: str) -> list[tuple[int, int, int]]:
        """Bytes, their prices, and how far they are guesses, that a later character of a sequence may stand for."""
        found = [(b, 0, SURE) for b in self._strict(char)]
        if char == " " and not self._losses.only_dropped:
            kept = 0 if self._losses.blanks else KEPT_BITS
            found.append((0xA0, (SPACE_BITS + kept) * UNITS, GUESSED if kept or self._losses.traceless else SURE))
        curly = [b for quote in QUOTES.get(char, "") for b in self._strict(quote)]
        kept = 0 if char in self._losses.quotes else KEPT_BITS
        found += [
            (b, (QUOTE_BITS + kept) * UNITS, GUESSED if kept else ONE_OF_TWO if len(curly) > 1 else SURE) for b in curly
        ]
        if char in (LOST, "?"):
            price = (GAP_BITS if char == LOST else MARK_BITS) * UNITS
            found += [(b, price + extra, GUESSED) for b, extra in self._gaps]
        return found

    def _find_intact(self, sequence: str) -> tuple[Option, ...]:
        """Readings of a sequence with nothing lost; none if it is not whole."""
        first = self.first(sequence[0])
        trails = list(itertools.product(*map(self._strict, sequence[1:])))
        if not trails or len(sequence) < lattice.sequence_length(first):
            return ()
        chars = decode_sequences(first, trails)
        return tuple(Option(c, len(sequence), 0, False) for c in dict.fromkeys(chars) if c)

    def options(self, line: str, at: int) -> tuple[Option, ...]:
        """Readings of what starts at a position of a line, the character itself included where that may be."""
        char = line[at]
        own = itself(char)
        first = self.first(char) if char > "\x7f" else 0
        if char == LOST and self._lost_firsts:
            return own + self._headless(line[at + 1 : at + lattice.LONGEST], 1)
        if not first:
            if char > "\x7f" and self._lost_firsts and (orphan := self._headless(char, 0)):
                return (own[0]._replace(price=SOUND_BITS * UNITS), *orphan)
            return own
        size = lattice.sequence_length(first)
        intact = self._intact(line[at : at + size])
        if intact:
            return intact
        if size == 2 and first > 0xC2 and line[at + 1 : at + 2] == " ":
            dropped = tuple(o for o in self._damaged(line[at] + "\n")[0] if o.size == 1)
            spaced = before_space(first, line[at : at + WINDOW], self._losses)
            return own + spaced + dropped
        damaged, dashes = self._damaged(line[at : at + size])
        if dashes:
            damaged = tuple(
                option._replace(price=option.price + dash_price(option.char, line[at + option.size : at + WINDOW]))
                for option in damaged
            )
        return (own[0]._replace(price=SOUND_BITS * UNITS, lost=False), *damaged) if damaged else own

    def _find_headless(self, later: str, gap: int) -> tuple[Option, ...]:
        """Readings of a sequence whose first byte has no character in the codec.

        Args:
            later: What follows the place of that byte.
            gap: Characters that stand for it, 1 or 0.
        """
        found = []
        price = (GAP_BITS if gap else DROP_BITS) * UNITS
        for first in self._lost_firsts:
            size = lattice.sequence_length(first)
            trails = list(itertools.product(*map(self._strict, later[: size - 1]))) if len(later) >= size - 1 else []
            if trails and size > 1:
                found += [
                    Option(c, size - 1 + gap, price, True) for c in dict.fromkeys(decode_sequences(first, trails)) if c
                ]
        return tuple(found)

    def _cut(self, window: str, size: int) -> tuple[int, ...]:
        """Later bytes of a sequence cut at the end of a line: a no-break space at the end of lines is trimmed."""
        later = [self._strict(char)[:1] for char in window[1:]]
        if len(window) != size - 1 or not all(later) or self._strict("\u00a0") != [0xA0]:
            return ()
        return (*(b[0] for b in later), 0xA0)

    def _find_damaged(self, window: str) -> tuple[tuple[Option, ...], bool]:
        """Readings of a sequence that lost something, and whether a dash is one of them.

        They need not use all characters of `window`.
        """
        first = self.first(window[0])
        size = lattice.sequence_length(first)
        # partial readings: (later bytes, characters used, price, guessed, dropped)
        partial: list[tuple[tuple[int, ...], int, int, int, int]] = [((), 1, 0, SURE, 0)]
        for _ in range(size - 1):
            grown = []
            for later, used, price, guessed, dropped in partial:
                if used < len(window):
                    grown += [
                        ((*later, b), used + 1, price + p, max(guessed, g), dropped)
                        for b, p, g in self._later(window[used])
                    ]
                if self._losses.dropped and not dropped:
                    price += self._drop_bits * UNITS  # noqa: PLW2901
                    grown += [((*later, b), used, price + p, GUESSED, 1) for b, p in self._gaps]
            partial = grown
        if self._losses.blanks and len(window) < size and (cut := self._cut(window, size)):
            partial.append((cut, len(window), TRIMMED_BITS * UNITS, SURE, 1))
        if not partial:
            return (), False
        chars = np.array(decode_sequences(first, [p[0] for p in partial]))
        rank = MODEL.steps(np.full(len(chars), ord("a")), chars) + np.array([p[2] for p in partial])
        best: dict[tuple[int, int], Option] = {}
        for i in np.argsort(rank, kind="stable").tolist():
            char, (_, used, price, guessed, _) = int(chars[i]), partial[i]
            if char and (char, used) not in best:
                lost = guessed == GUESSED or (guessed == ONE_OF_TWO and WORD.match(chr(char)) is not None)
                best[char, used] = Option(char, used, price, lost)
            if len(best) == MAX_CHOICES:
                break
        return tuple(best.values()), any(option.char in DASHES for option in best.values())

    def _options_of(self, piece: str, following: str) -> list[tuple[Option, ...]]:
        line = piece + following
        return [self.options(line, at) for at in range(len(piece))]

    def _candidates(self, before: str, piece: str, following: str) -> Candidates:
        """Readings of a piece of a line as words."""
        return candidates(before, self._options_of(piece, following))

    def _likely_script(self, before: str, piece: str, following: str) -> str:
        """The script that a piece of a line is in."""
        return likely_script(before, self._options_of(piece, following))

    def _read_window(self, start: str, window: str, following: str) -> Read:
        """Read a part of a line by pairs of characters alone.

        Args:
            start: The character before it.
            window: The part; every reading of the line leaves its ends as they are.
            following: What follows.
        """
        line = window + following
        # at each position: character before it -> (price, position before, character before that, option taken)
        known: list[dict[int, tuple[int, int, int, Option]]] = [{} for _ in range(len(line) + 1)]
        options: list[tuple[Option, ...]] = [()] * len(window)
        first = ord(start)
        known[0][first] = (0, -1, first, Option(0, 0, 0, False))
        for at in range(len(window)):
            here = known[at]
            if not here:
                continue
            if len(here) > PATHS:
                here = dict(sorted(here.items(), key=lambda item: (item[1][0], item[0]))[:PATHS])
                known[at] = here
            options[at] = self.options(line, at)
            paths = [(before, state[0]) for before, state in here.items()]
            for option in options[at]:
                char, size, extra, _ = option
                there = known[at + size]
                best = there[char][0] if char in there else IMPOSSIBLE
                for before, price in paths:
                    total = price + extra + step(before, char)
                    if total < best:
                        best = total
                        there[char] = (total, at, before, option)
        after = ord(following[0]) if following else ord(" ")
        _, last = min((s[0] + step(c, after), c) for c, s in known[len(window)].items())
        return self._trace(line, options, known, last, after)

    def _trace(
        self,
        line: str,
        options: list[tuple[Option, ...]],
        known: list[dict[int, tuple[int, int, int, Option]]],
        last: int,
        following: int,
    ) -> Read:
        taken: list[tuple[int, int, int, Option]] = []
        at = len(options)
        while at > 0:
            _, before_at, before, option = known[at][last]
            taken.append((before_at, before, following, option))
            following, at, last = last, before_at, before
        sure, best, careful = [], [], []
        doubt = 0.0
        for at, before, after, option in reversed(taken):
            straight = not _UNCURLED.isdisjoint(line[at : at + option.size])
            sign = option.char > LAST or SIGNS_FROM <= option.char < SIGNS_TO
            bar = CLEAR_QUOTE_BITS if straight else CLEAR_SIGN_BITS if sign else CLEAR_BITS
            best.append(chr(option.char))
            ahead = _bits_ahead(options[at], before, after, option) if option.lost and (self.guess or straight) else 0.0
            clear = not option.lost or ahead >= bar
            sure.append(best[-1] if clear else LOST)
            doubtful = option.lost and clear and WORD.match(chr(option.char)) is not None
            doubt += 2.0**-ahead if doubtful else 0.0
            careful.append(LOST if doubtful else sure[-1])
        return Read("".join(sure), "".join(best), doubt, "".join(careful))


def _bits_ahead(options: tuple[Option, ...], before: int, after: int, chosen: Option) -> float:
    """Return by how many bits the guessed byte's reading beats all others of the same extent."""
    price = chosen.price + step(before, chosen.char) + step(chosen.char, after)
    others = [
        o.price + step(before, o.char) + step(o.char, after)
        for o in options
        if o.size == chosen.size and o.char != chosen.char
    ]
    return (min(others) - price) / UNITS if others else math.inf


@functools.lru_cache(maxsize=64)
def reader(codec: int, guess: bool, losses: Losses) -> Reader:
    """The reader of a codec; it keeps what it worked out."""
    return Reader(codec, guess=guess, losses=losses)
