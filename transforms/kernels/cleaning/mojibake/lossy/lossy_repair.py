"""Repair of sequences with a lost byte, in a document whose codec is known from its intact sequences.

Later steps of a page's life lose bytes of mojibake. The lines in which that happened are read anew with all that may
have stood there (`lost_bytes.py`), and the most plausible path through a line wins. A lost byte that nothing decides
stays U+FFFD: better a visible gap than an invented letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from corpusmill.transforms.kernels.cleaning.mojibake import gates
from corpusmill.transforms.kernels.cleaning.mojibake.language_model.model import MODEL, UNITS
from corpusmill.transforms.kernels.cleaning.mojibake.language_model.vocabulary import Vocabulary
from corpusmill.transforms.kernels.cleaning.mojibake.language_model.words import UNSEGMENTED, WORD
from corpusmill.transforms.kernels.cleaning.mojibake.lossy.losses import LOST, incomplete, losses_of
from corpusmill.transforms.kernels.cleaning.mojibake.lossy.lost_bytes import WINDOW, Reader, itself, reader
from corpusmill.transforms.kernels.cleaning.mojibake.lossy.readings import (
    LONGEST_PIECE,
    Candidates,
    Option,
    Piece,
    pieces,
)
from corpusmill.transforms.kernels.cleaning.mojibake.lossy.wordwise import Read, decide
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search import lattice

LINE = 2000
"""Longer lines are read in pieces of so many characters."""
MOST = 20_000
"""Characters of one document that are read anew at most."""
MAX_DOUBT = 0.1
"""How likely one of the words written into a document may be wrong: as likely as a single one (`LISTED_SURE`)."""
MAX_OPTIONS = 10_000
"""Readings of the damaged characters of one document that are looked at, each different piece counted once: hundreds of
words with a few losses each, thousands with a blank for a no-break space."""
GAIN_BITS = 3
"""A line must gain this much over what the intact sequences alone gave it."""
_WINDOW = re.compile(
    rf"[^\x00-\x7f](?:[\x00-\x7f]{{0,{lattice.LONGEST - 1}}}[^\x00-\x7f])*[\x00-\x7f]{{0,{lattice.LONGEST - 1}}}",
    re.DOTALL,
)
BRACKETS = {"「": "」", "『": "』", "【": "】", "《": "》", "〈": "〉"}
"""Brackets that come in pairs; the second one often is the lost one, since windows-1252 lacks its last byte."""
CLOSERS = "、。」』】》〉【〝〟"
"""What a gap reads as that may be a closing bracket."""

_Context = tuple[str, str, str]
"""The character before a piece, the piece, and what follows: all that its readings depend on."""


def _windows(line: str) -> list[tuple[int, int]]:
    """Parts of a line outside of which every reading is the same: high characters, and what may belong to them."""
    return [match.span() for match in _WINDOW.finditer(line)]


class _Line(NamedTuple):
    """A line, its readings at each position, and its pieces."""

    text: str
    options: list[tuple[Option, ...]]
    pieces: list[Piece]

    def context(self, piece: Piece) -> tuple[str, str, str]:
        """The character before a piece, the piece, and what follows."""
        start, stop, _ = piece
        return self.text[start - 1] if start else " ", self.text[start:stop], self.text[stop : stop + WINDOW]

    def work(self) -> Iterator[tuple[_Context, int]]:
        """How many readings the characters of each damaged piece have together."""
        for piece in self.pieces:
            if piece.damaged:
                some = self.options[piece.start : piece.stop]
                yield self.context(piece), sum(len(one) for one in some if len(one) > 1)

    def damaged_contexts(self) -> list[_Context]:
        """The contexts of the damaged pieces."""
        return [self.context(piece) for piece in self.pieces if piece.damaged]


def _lay(line: str, one: Reader) -> _Line:
    options: list[tuple[Option, ...]] = [itself(char) for char in line]
    for start, stop in _windows(line):
        for at in range(start, stop):
            options[at] = one.options(line, at)
    return _Line(line, options, pieces(line, options))


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


def _candidates(lines: Iterable[_Line], one: Reader, vocabulary: Vocabulary) -> dict[_Context, Candidates]:
    """Return the readings of all damaged pieces that words may decide."""
    found: dict[_Context, Candidates] = {}
    for line in lines:
        for context in line.damaged_contexts():
            if len(context[1]) > LONGEST_PIECE or context in found:
                continue
            if vocabulary.may_decide(one.likely_script(*context)):
                found[context] = one.candidates(*context)
    return found


def _decided(
    lines: Iterable[_Line], found: dict[_Context, Candidates], one: Reader, vocabulary: Vocabulary
) -> dict[_Context, Read]:
    """Read all damaged pieces, so that what is written is as sure together as a word alone must be.

    The surest words come first; once the doubts about them add up to `MAX_DOUBT`, the rest keep their gaps.
    """
    read: dict[_Context, Read] = {}
    for line in lines:
        for context in line.damaged_contexts():
            if context not in read:
                known = decide(found[context], vocabulary, guess=one.guess) if context in found else None
                read[context] = known if known is not None else one.read_window(*context)
    doubts: dict[str, float] = {}
    for one_read in read.values():
        doubts[one_read.best] = max(one_read.doubt, doubts.get(one_read.best, 0.0))
    total = 0.0
    unsure = set()
    for best, doubt in sorted(doubts.items(), key=lambda item: (item[1], item[0])):
        total += doubt
        if total > MAX_DOUBT:
            unsure.add(best)
    return {
        context: one_read._replace(text=one_read.careful) if one_read.best in unsure else one_read
        for context, one_read in read.items()
    }


def _read_line(line: _Line, read: dict[_Context, Read]) -> tuple[str, str, int]:
    """A line read with gaps, as the best reading has it, and how many damaged pieces were read."""
    text, best = [], []
    last, count = 0, 0
    for piece in line.pieces:
        start, stop, damaged = piece
        plain = _plain(line, last, stop if not damaged else start)
        last = stop
        text.append(plain)
        best.append(plain)
        if not damaged:
            continue
        known = read[line.context(piece)]
        text.append(known.text)
        best.append(known.best)
        count += 1
    rest = _plain(line, last, len(line.text))
    return "".join([*text, rest]), "".join([*best, rest]), count


class Recovered(NamedTuple):
    """A text with its damaged lines read anew.

    Attributes:
        text: The text.
        losses: Damaged pieces that were read.
        bits: Plausibility gained.
        odd: Most of what was read makes no words.
        left: Lines that stay damaged, since the document has too many damaged pieces.
    """

    text: str
    losses: int
    bits: float
    odd: bool
    left: int = 0


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
    one = reader(codec, guess, losses_of(before, codec))
    old, new = before.split("\n"), after.split("\n")
    laid: dict[int, list[_Line]] = {}
    size = 0
    work: dict[_Context, int] = {}
    for i in lines:
        size += len(old[i])
        if size > MOST:
            break
        parts = [_lay(old[i][k : k + LINE], one) for k in range(0, len(old[i]), LINE)]
        for part in parts:
            work.update(part.work())
        if sum(work.values()) > MAX_OPTIONS:
            break
        laid[i] = parts
    sound = (WORD.findall(line) for i, line in enumerate(new) if i not in laid)
    intact = [w for some in sound for w in some] + [
        w for some in laid.values() for line in some for w in _intact_words(line)
    ]
    vocabulary = Vocabulary(intact)
    found = _candidates((line for some in laid.values() for line in some), one, vocabulary)
    damaged = [found[c] for some in laid.values() for line in some for c in line.damaged_contexts() if c in found]
    for one_piece in damaged:
        if vocabulary.wants_votes(one_piece.script):
            vocabulary.vote(one_piece.script, list(zip(one_piece.losses, one_piece.words, strict=True)))
    vocabulary.judge(w for c in damaged if c.script not in UNSEGMENTED for words in c.words for w in words)
    read_as = _decided((line for some in laid.values() for line in some), found, one, vocabulary)
    losses, gained, odd = 0, 0, 0
    for i, parts in laid.items():
        results = [_read_line(part, read_as) for part in parts]
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
    return Recovered("\n".join(new), losses, gained / UNITS, odd > losses, len(lines) - len(laid))


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
