"""Repair of sequences with a lost byte, in a document whose codec is known from its intact sequences.

Later steps of a page's life lose bytes of mojibake: no-break spaces become spaces, curly quotes straight ones, bytes
without a character become U+FFFD, a question mark or nothing. With the codec known, few bytes can have stood there;
the line is read anew with these allowed as well, and the most plausible path through it wins. A lost byte that nothing
decides stays U+FFFD: better a visible gap than an invented letter.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from corpusmill.transforms.kernels.cleaning.mojibake import gates, lattice
from corpusmill.transforms.kernels.cleaning.mojibake.codecs import CP1252, LAST, TABLES, own_characters
from corpusmill.transforms.kernels.cleaning.mojibake.codecs import NAMES as CODEC_NAMES
from corpusmill.transforms.kernels.cleaning.mojibake.model import MODEL, UNITS
from corpusmill.transforms.kernels.cleaning.mojibake.words import UNSEGMENTED, WORD
from corpusmill.transforms.kernels.cleaning.mojibake.wordwise import (
    Candidates,
    Option,
    Piece,
    Read,
    Vocabulary,
    candidates,
    decide,
    pieces,
)

LINE = 2000
"""Longer lines are read in pieces of so many characters."""
MOST = 20_000
"""Characters of one document that are read anew at most."""
PATHS = 4
"""Paths kept open at each position of a line."""
KEPT = 36
"""Readings kept of one damaged sequence."""
GAIN_BITS = 3
"""A line must gain this much over what the intact sequences alone gave it."""
CLEAR_BITS = 8
"""A lost byte's reading must beat the next one by this much."""
IMPOSSIBLE = 1 << 40
WINDOW = 8
"""Characters that decide the readings of a sequence."""
LOST = "\N{REPLACEMENT CHARACTER}"
SOUND_BITS = 8
"""Price of a character left as it is that may have begun a sequence: damaged text hardly holds sound ones."""
DASHES = (0x2013, 0x2014)
DASH_BITS = 4
TRIMMED_BITS = 1
"""Price of a no-break space that was trimmed at the end of a line."""
SPACE_BITS, QUOTE_BITS, MARK_BITS, GAP_BITS, DROP_BITS, MERGED_BITS = 3, 3, 5, 1, 7, 8
"""Prior price of each kind of loss."""
_STAND_INS = tuple(map(ord, " '\"?" + LOST))
_WINDOW = re.compile(
    rf"[^\x00-\x7f](?:[\x00-\x7f]{{0,{lattice.LONGEST - 1}}}[^\x00-\x7f])*[\x00-\x7f]{{0,{lattice.LONGEST - 1}}}",
    re.DOTALL,
)
BRACKETS = {"「": "」", "『": "』", "【": "】", "《": "》", "〈": "〉"}
"""Brackets that come in pairs; the second one often is the lost one, since windows-1252 lacks its last byte."""
CLOSERS = "、。」』】》〉【〝〟"
"""What a gap reads as that may be a closing bracket."""
_JOINED = re.compile("quel[ae]|quilo|s ")
_QUOTES = {"'": "‘’", '"': "“”"}


_step = functools.lru_cache(maxsize=1 << 17)(MODEL.step)


def _gaps(name: str) -> tuple[tuple[int, int], ...]:
    """Bytes without a character of their own, with a price: windows-1252 would have had one for the dearer ones."""
    return tuple(
        (byte, 0 if CP1252[byte] == LOST else 2 * UNITS)
        for byte, char in enumerate(own_characters(name), 0x80)
        if char is None and byte < 0xC0
    )


def _decode(first: int, trails: Sequence[tuple[int, ...]]) -> list[int]:
    """Code points of sequences with one first byte; 0 for what is no character."""
    count, size = len(trails), len(trails[0]) + 1
    columns = [np.array([t[k] if k < size - 1 else 0 for t in trails], dtype=np.uint8) for k in range(3)]
    chars = lattice.characters(np.full(count, first, dtype=np.uint8), columns, np.full(count, size))
    return [int(c) for c in chars]


def _dash_price(char: int, following: str) -> int:
    """Before a number stands an en dash, before a word more often an em dash; pairs of characters cannot tell."""
    if char not in DASHES:
        return 0
    number = following.lstrip(" \u00a0")[:1].isdigit()
    return DASH_BITS * UNITS if number == (char == 0x2014) else 0


def _before_space(first: int, window: str) -> tuple[Option, ...]:
    """A letter that ends in a no-break space (as `à` does) and a space: was the space there besides, or is it that?

    `à` mostly is a word of its own, but for the Portuguese `àquele`, `àquela`, `àquilo`, `às` (ftfy's rule).
    """
    letter = (first & 0x1F) << 6 | 0x20
    word_follows = window[2:3].isalpha()
    apart = letter == ord("à") and word_follows and not _JOINED.match(window, 2)
    prices = (0, MERGED_BITS) if apart else (MERGED_BITS, 0 if letter == ord("à") else SPACE_BITS)
    return tuple(Option(letter, size, price * UNITS + 1, False) for size, price in zip((1, 2), prices, strict=True))


@functools.lru_cache(maxsize=1 << 12)
def _itself(char: str) -> tuple[Option, ...]:
    return (Option(ord(char), 1, 0, False),)


def _windows(line: str) -> list[tuple[int, int]]:
    """Parts of a line outside of which every reading is the same: high characters, and what may belong to them."""
    return [match.span() for match in _WINDOW.finditer(line)]


class Reader:
    """Reads lines damaged by one codec and then by a loss of bytes."""

    def __init__(self, codec: int, *, guess: bool, trimmed: bool = False) -> None:
        self._codec = codec
        self._trimmed = trimmed
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

    def _later(self, char: str) -> list[tuple[int, int, bool]]:
        """Bytes, their prices, and whether they are guesses, that a later character of a sequence may stand for."""
        found = [(b, 0, False) for b in self._strict(char)]
        if char == " ":
            found.append((0xA0, SPACE_BITS * UNITS, False))
        for curly in _QUOTES.get(char, ""):
            found += [(b, QUOTE_BITS * UNITS, False) for b in self._strict(curly)]
        if char in (LOST, "?"):
            price = (GAP_BITS if char == LOST else MARK_BITS) * UNITS
            found += [(b, price + extra, True) for b, extra in self._gaps]
        return found

    def _find_intact(self, sequence: str) -> tuple[Option, ...]:
        """Readings of a sequence with nothing lost; none if it is not whole."""
        first = self.first(sequence[0])
        trails = list(itertools.product(*map(self._strict, sequence[1:])))
        if not trails or len(sequence) < lattice.sequence_length(first):
            return ()
        chars = _decode(first, trails)
        return tuple(Option(c, len(sequence), 0, False) for c in dict.fromkeys(chars) if c)

    def options(self, line: str, at: int) -> tuple[Option, ...]:
        """Readings of what starts at a position of a line, the character itself included where that may be."""
        char = line[at]
        itself = _itself(char)
        first = self.first(char) if char > "\x7f" else 0
        if char == LOST and self._lost_firsts:
            return itself + self._headless(line[at + 1 : at + lattice.LONGEST], 1)
        if not first:
            if char > "\x7f" and self._lost_firsts and (orphan := self._headless(char, 0)):
                return (itself[0]._replace(price=SOUND_BITS * UNITS), *orphan)
            return itself
        size = lattice.sequence_length(first)
        intact = self._intact(line[at : at + size])
        if intact:
            return intact
        if size == 2 and first > 0xC2 and line[at + 1 : at + 2] == " ":
            dropped = tuple(o for o in self._damaged(line[at] + "\n")[0] if o.size == 1)
            return itself + _before_space(first, line[at : at + WINDOW]) + dropped
        damaged, dashes = self._damaged(line[at : at + size])
        if dashes:
            damaged = tuple(
                option._replace(price=option.price + _dash_price(option.char, line[at + option.size : at + WINDOW]))
                for option in damaged
            )
        return (itself[0]._replace(price=SOUND_BITS * UNITS, lost=False), *damaged) if damaged else itself

    def _headless(self, later: str, gap: int) -> tuple[Option, ...]:
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
                found += [Option(c, size - 1 + gap, price, True) for c in dict.fromkeys(_decode(first, trails)) if c]
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
        partial: list[tuple[tuple[int, ...], int, int, bool, int]] = [((), 1, 0, False, 0)]
        for _ in range(size - 1):
            grown = []
            for later, used, price, guessed, dropped in partial:
                if used < len(window):
                    grown += [
                        ((*later, b), used + 1, price + p, guessed or g, dropped)
                        for b, p, g in self._later(window[used])
                    ]
                if not dropped:
                    grown += [((*later, b), used, price + DROP_BITS * UNITS + p, True, 1) for b, p in self._gaps]
            partial = grown
        if self._trimmed and len(window) < size and (cut := self._cut(window, size)):
            partial.append((cut, len(window), TRIMMED_BITS * UNITS, False, 1))
        if not partial:
            return (), False
        chars = np.array(_decode(first, [p[0] for p in partial]))
        rank = MODEL.steps(np.full(len(chars), ord("a")), chars) + np.array([p[2] for p in partial])
        best: dict[tuple[int, int], Option] = {}
        for i in np.argsort(rank, kind="stable").tolist():
            char, (_, used, price, guessed, _) = int(chars[i]), partial[i]
            if char and (char, used) not in best:
                best[char, used] = Option(char, used, price, guessed)
            if len(best) == KEPT:
                break
        return tuple(best.values()), any(option.char in DASHES for option in best.values())

    def _candidates(self, before: str, piece: str, following: str) -> Candidates | None:
        """Readings of a piece of a line as words."""
        line = piece + following
        options = [self.options(line, at) for at in range(len(piece))]
        return candidates(before + piece, Piece(1, len(piece) + 1, True), [(), *options])

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
                    total = price + extra + _step(before, char)
                    if total < best:
                        best = total
                        there[char] = (total, at, before, option)
        after = ord(following[0]) if following else ord(" ")
        _, last = min((s[0] + _step(c, after), c) for c, s in known[len(window)].items())
        return self._trace(options, known, last, after)

    def _trace(
        self,
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
        sure, best = [], []
        for at, before, after, option in reversed(taken):
            clear = not option.lost or (self.guess and _clear(options[at], before, after, option))
            best.append(chr(option.char))
            sure.append(best[-1] if clear else LOST)
        return Read("".join(sure), "".join(best))


def _clear(options: tuple[Option, ...], before: int, after: int, chosen: Option) -> bool:
    """Whether the guessed byte's reading beats all others of the same extent clearly."""
    bar = chosen.price + _step(before, chosen.char) + _step(chosen.char, after) + CLEAR_BITS * UNITS
    return all(
        o.price + _step(before, o.char) + _step(o.char, after) >= bar
        for o in options
        if o.size == chosen.size and o.char != chosen.char
    )


@functools.lru_cache(maxsize=64)
def reader(codec: int, guess: bool, trimmed: bool) -> Reader:
    """The reader of a codec; it keeps what it worked out."""
    return Reader(codec, guess=guess, trimmed=trimmed)


class _Line(NamedTuple):
    """A line, its readings at each position, its pieces, and the readings of the damaged ones by where they start."""

    text: str
    options: list[tuple[Option, ...]]
    pieces: list[Piece]
    candidates: dict[int, Candidates]


def _lay(line: str, one: Reader) -> _Line:
    options: list[tuple[Option, ...]] = [_itself(char) for char in line]
    for start, stop in _windows(line):
        for at in range(start, stop):
            options[at] = one.options(line, at)
    parts = pieces(line, options)
    found: dict[int, Candidates] = {}
    for start, stop, damaged in parts:
        if damaged:
            before = line[start - 1] if start else " "
            read = one.candidates(before, line[start:stop], line[stop : stop + WINDOW])
            if read is not None:
                found[start] = read
    return _Line(line, options, parts, found)


def _plain(line: _Line, start: int, stop: int) -> str:
    """A part of a line that has only one reading."""
    at, chars = start, []
    while at < stop:
        option = line.options[at][0]
        chars.append(chr(option.char))
        at += option.size
    return "".join(chars)


def _intact_words(line: _Line) -> Iterator[str]:
    """Words of a line that no loss touches."""
    for start, stop, damaged in line.pieces:
        if not damaged:
            yield from WORD.findall(_plain(line, start, stop))


def _read_line(line: _Line, one: Reader, vocabulary: Vocabulary) -> tuple[str, str, int]:
    """A line read with gaps, as the best reading has it, and how many damaged pieces were read."""
    text, best = [], []
    last, count = 0, 0
    for piece in line.pieces:
        start, stop, damaged = piece
        plain = _plain(line, last, start)
        last = stop
        if not damaged:
            plain += _plain(line, start, stop)
        text.append(plain)
        best.append(plain)
        if not damaged:
            continue
        found = line.candidates.get(start)
        read = decide(found, vocabulary, guess=one.guess) if found is not None else None
        if read is None:
            before = line.text[start - 1] if start else " "
            read = one.read_window(before, line.text[start:stop], line.text[stop : stop + WINDOW])
        text.append(read.text)
        best.append(read.best)
        count += 1
    rest = _plain(line, last, len(line.text))
    return "".join([*text, rest]), "".join([*best, rest]), count


class Recovered(NamedTuple):
    """The text with damaged lines read anew, damaged pieces read, bits gained; whether most of it made no words."""

    text: str
    losses: int
    bits: float
    odd: bool


def recover(before: str, after: str, codec: int, *, guess: bool) -> Recovered:
    """Read the lines of a document anew in which bytes were lost.

    Args:
        before: The text damaged by `codec`.
        after: The same with its intact sequences decoded.
        codec: Position in `CODECS`.
        guess: The evidence for the codec is large: bytes that are lost altogether may be guessed where the text
            leaves little doubt, else they become U+FFFD.

    Returns:
        See `Recovered`.
    """
    lines = incomplete(before, codec)
    if not lines:
        return Recovered(after, 0, 0.0, False)
    # a document that kept its no-break spaces lost something else at the ends of its lines
    one = reader(codec, guess, "\u00a0" not in before)
    old, new = before.split("\n"), after.split("\n")
    laid: dict[int, list[_Line]] = {}
    size = 0
    for i in lines:
        if size > MOST:
            break
        size += len(old[i])
        laid[i] = [_lay(old[i][k : k + LINE], one) for k in range(0, len(old[i]), LINE)]
    sound = (WORD.findall(line) for i, line in enumerate(new) if i not in laid)
    intact = [w for some in sound for w in some] + [
        w for some in laid.values() for line in some for w in _intact_words(line)
    ]
    vocabulary = Vocabulary(intact)
    damaged = [c for some in laid.values() for line in some for c in line.candidates.values()]
    for found in damaged:
        if vocabulary.wants_votes(found.script):
            vocabulary.vote(found.script, list(zip(found.losses, found.words, strict=True)))
    vocabulary.judge(w for c in damaged if c.script not in UNSEGMENTED for words in c.words for w in words)
    losses, gained, odd = 0, 0, 0
    for i, parts in laid.items():
        results = [_read_line(part, one, vocabulary) for part in parts]
        count = sum(r[2] for r in results)
        gain = MODEL.price(new[i]) - MODEL.price("".join(r[1] for r in results))
        read = close_brackets("".join(r[0] for r in results), "".join(r[1] for r in results))
        if not count or gain < GAIN_BITS * UNITS:
            continue
        if gates.makes_odd_words(old[i], read):
            odd += count
            continue
        new[i] = read
        losses += count
        gained += gain
    return Recovered("\n".join(new), losses, gained / UNITS, odd > losses)


def close_brackets(read: str, best: str) -> str:
    """Fill a gap with the closing bracket that its line lacks, where there is one gap for it only.

    Args:
        read: A line read, with gaps.
        best: The same as the best reading has it, of the same length.
    """
    if LOST not in read or len(read) != len(best):
        return read
    out = list(read)
    for opening, closing in BRACKETS.items():
        for match in re.finditer(f"{opening}[^{opening}]*", read):
            part, start = match.group(), match.start()
            gaps = [i for i, char in enumerate(part) if char == LOST]
            if closing not in part and len(gaps) == 1 and best[start + gaps[0]] in CLOSERS:
                out[start + gaps[0]] = closing
    return "".join(out)


def incomplete(text: str, codec: int) -> list[int]:
    """Lines in which some sequence has lost a byte: beside intact ones, in the line or in the document at large."""
    codes = lattice.as_codes(text + "   ")
    number = lattice.number(codes)
    first = TABLES.first[codec][number]
    trail = (TABLES.own[codec][number] | TABLES.alias[codec][number]) != 0
    at = np.flatnonzero(first)
    lead = first[at]
    whole = trail[at + 1] & ((lead < 0xE0) | trail[at + 2]) & ((lead < 0xF0) | trail[at + 3])
    if whole.all():
        return []
    # at most one byte may be missing: a sound letter that merely could begin a sequence lacks all of them
    one, two = (trail[at + k] | np.isin(codes[at + k], _STAND_INS) for k in (1, 2))
    near = (lead < 0xE0) | one & ((lead < 0xF0) | two)
    line = np.cumsum(codes == ord("\n"))
    count = int(line[-1]) + 1
    intact = np.bincount(line[at[whole]], minlength=count)
    broken = np.bincount(line[at[~whole & near]], minlength=count)
    beside = intact * 4 >= broken if 2 * int(intact.sum()) < int(broken.sum()) else np.ones(count, dtype=bool)
    return [int(i) for i in np.flatnonzero((broken > 0) & beside)]
