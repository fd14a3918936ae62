"""Finding what may be UTF-8 read through a single-byte codec, for many texts at once.

Texts are laid out as one array of code points (`Batch`). A look-up gives each position a 64-bit mask of the codecs in
which a well-formed UTF-8 sequence starts there; `read` turns those of one codec into characters, and `resolve` chooses
among the readings of ambiguous ones by the model: an exact search along each stretch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from corpusmill.transforms.kernels.cleaning.mojibake.codecs import CP1252, LAST, TABLES
from corpusmill.transforms.kernels.cleaning.mojibake.language_model.model import MODEL

PADDING = 8
"""Spaces before, between and after the texts of a batch, so that no sequence reaches across."""
LONGEST = 4
"""Characters of the longest sequence."""
STRETCH = 64
"""Longest stretch of ambiguous characters resolved together."""
APPLE = 0xF8FF
"""The one private character that a codec has: mac-roman shows byte F0, the first of every emoji, as Apple's logo."""
IMPOSSIBLE = 1 << 24
READINGS = 8
"""Three continuation characters with two readings each."""
_SHOWN = np.array([b for b in range(0x80, 0xA0) if CP1252[b] != "\N{REPLACEMENT CHARACTER}"], dtype=np.uint32)
"""Controls that would not be there if the decoder had shown windows-1252's characters for them."""


LENGTH = np.array([2 if b < 0xE0 else 3 if b < 0xF0 else 4 for b in range(256)], dtype=np.int64)
"""First byte -> bytes of its UTF-8 sequence."""
LEAD_BITS = np.array([b & (0x1F if b < 0xE0 else 0x0F if b < 0xF0 else 0x07) for b in range(256)], dtype=np.int64)
"""First byte -> the bits of the character in it."""
HAS_ALIAS: np.ndarray = (TABLES.alias != 0).max(axis=1)


class Batch(NamedTuple):
    """Some texts as one array.

    Attributes:
        codes: uint32 code points, PADDING spaces between texts and at both ends.
        starts: int64, where each text starts.
        ends: int64, where it ends (exclusive).
        numbers: uint16 character numbers of `TABLES`.
        costs: int64 prefix sums of model costs: `costs[j] - costs[i]` is the price of `codes[i:j]` in its context.
            Pairs of ASCII characters are free: no repair changes them, so they cannot tell readings apart.
    """

    codes: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    numbers: np.ndarray
    costs: np.ndarray

    def text(self, row: int) -> str:
        """One of the texts."""
        return as_text(self.codes[self.starts[row] : self.ends[row]])

    def price(self, row: int) -> int:
        """What a whole text costs, end included."""
        return int(self.costs[self.ends[row] + 1] - self.costs[self.starts[row]])


def as_codes(text: str) -> np.ndarray:
    """Code points of a text; lone surrogates are kept."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def as_text(codes: np.ndarray) -> str:
    """The text of some code points."""
    return codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


def join(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Put texts one after the other, `PADDING` spaces between and at both ends: code points, and where each starts."""
    lengths = np.array([len(t) for t in texts], dtype=np.int64)
    starts = PADDING + np.cumsum(lengths + PADDING) - (lengths + PADDING)
    return as_codes((" " * PADDING).join(["", *texts, ""])), starts


def lay_out(texts: Sequence[np.ndarray]) -> Batch:
    """Put texts (arrays of code points) into one batch."""
    lengths = np.array([len(t) for t in texts], dtype=np.int64)
    starts = PADDING + np.cumsum(lengths + PADDING) - (lengths + PADDING)
    gap = np.full(PADDING, 32, dtype=np.uint32)
    pieces = [gap]
    for text in texts:
        pieces += [text, gap]
    codes = np.concatenate(pieces)
    high = codes > 0x7F
    at = np.flatnonzero(high[:-1] | high[1:])
    costs = np.zeros(len(codes) + 1, dtype=np.int64)
    costs[at + 2] = MODEL.steps(codes[at], codes[at + 1])
    np.cumsum(costs, out=costs)
    return Batch(codes, starts, starts + lengths, number(codes), costs)


def has_controls(batch: Batch) -> np.ndarray:
    """Which texts hold C1 controls whose bytes windows-1252 defines: their decoder did not use it to fill gaps."""
    at = np.flatnonzero(batch.codes - np.uint32(0x80) < 0x20)  # wraps round below 0x80
    at = at[np.isin(batch.codes[at], _SHOWN)]
    shown = np.zeros(len(batch.starts), dtype=bool)
    shown[np.searchsorted(batch.starts, at, side="right") - 1] = True
    return shown


def number(codes: np.ndarray) -> np.ndarray:
    """Character numbers (see `TABLES`) of code points: uint16, 0 for ASCII and whatever no codec holds."""
    high = np.flatnonzero(codes > 0x7F)
    numbers = np.zeros(len(codes), dtype=np.uint16)
    numbers[high] = TABLES.number[np.minimum(codes[high], LAST)]
    return numbers


def find(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions where a sequence starts in some codec.

    Args:
        numbers: Character numbers with padding at the end.

    Returns:
        int64 positions, and for each the uint64 mask of codecs.
    """
    at = np.flatnonzero(numbers[:-3])
    here = TABLES.trail[numbers[at + 1]]
    at, here = at[here != 0], here[here != 0]
    lead = numbers[at]
    two = here & TABLES.trail[numbers[at + 2]]
    mask = (
        (TABLES.lead2[lead] & here)
        | (TABLES.lead3[lead] & two)
        | (TABLES.lead4[lead] & two & TABLES.trail[numbers[at + 3]])
    )
    return at[mask != 0], mask[mask != 0]


class Sequences(NamedTuple):
    """Sequences of one codec before ambiguous characters are decided.

    Attributes:
        start: int64 positions.
        length: int64, characters in each.
        char: int64, the code point; of an ambiguous sequence one of the possible ones.
        doubtful: int64, which sequences are ambiguous.
        options: int64, shape (doubtful, readings): their possible code points, 0 for none.
    """

    start: np.ndarray
    length: np.ndarray
    char: np.ndarray
    doubtful: np.ndarray
    options: np.ndarray


def characters(lead: np.ndarray, trails: Sequence[np.ndarray], length: np.ndarray) -> np.ndarray:
    """Code points of byte sequences; 0 for what is overlong, a surrogate, unassigned, or private but for `APPLE`."""
    code = LEAD_BITS[lead] << 6 | trails[0] & 0x3F
    longer = np.flatnonzero(length > 2)
    code[longer] = code[longer] << 6 | trails[1][longer] & 0x3F
    longest = longer[length[longer] > 3]
    code[longest] = code[longest] << 6 | trails[2][longest] & 0x3F
    short = (code < 0x80) | ((length >= 3) & (code < 0x800)) | ((length == 4) & (code < 0x10000))
    wrong = short | (code > 0x10FFFF)
    code = np.where(wrong, 0, code)
    return np.where((MODEL.classes[code] < 2) & (code != APPLE), 0, code)


def read(numbers: np.ndarray, codec: int, at: np.ndarray, strict: np.ndarray) -> Sequences:
    """Read the sequences of a codec.

    Args:
        numbers: Character numbers of the batch.
        codec: Position in `codecs.CODECS`.
        at: Ascending positions of `find` whose mask has the codec's bit.
        strict: bool for each: read ambiguous characters as the codec's own bytes only.
    """
    lead = TABLES.first[codec][numbers[at]]
    length = LENGTH[lead]
    trails: list[np.ndarray] = []
    others: list[np.ndarray] = []
    ambiguous = np.zeros(len(at), dtype=bool)
    possible = lead != 0
    aliases = bool(HAS_ALIAS[codec]) and not strict.all()
    for k in (1, 2, 3):
        here = np.flatnonzero(length > k)
        place = numbers[at[here] + k]
        own, other = (np.zeros(len(at), dtype=np.uint8) for _ in range(2))
        own[here] = TABLES.own[codec][place]
        if aliases:
            alias = np.where(strict[here], 0, TABLES.alias[codec][place])
            other[here] = np.where(own[here] != 0, alias, 0)
            own[here] = np.where(own[here] != 0, own[here], alias)
            ambiguous |= other != 0
        possible[here] &= own[here] != 0
        trails.append(own)
        others.append(other)
    char = np.where(possible, characters(lead, trails, length), 0)
    doubtful = np.flatnonzero(ambiguous)
    options = np.zeros((len(doubtful), READINGS), dtype=np.int64)
    if len(doubtful):
        for reading in range(READINGS):
            picked, allowed = [], possible[doubtful]
            for k in range(3):
                use_other = bool(reading >> k & 1)
                picked.append((others if use_other else trails)[k][doubtful])
                if use_other:
                    allowed = allowed & (others[k][doubtful] != 0)
            options[:, reading] = np.where(allowed, characters(lead[doubtful], picked, length[doubtful]), 0)
        char[doubtful] = options.max(axis=1)
    good = _apart(at, length, char != 0)
    return Sequences(at[good], length[good], char[good], np.flatnonzero(ambiguous[good]), options[good[doubtful]])


def sequence_length(lead: int) -> int:
    """Bytes of a UTF-8 sequence that starts with this byte."""
    return int(LENGTH[lead])


def _apart(at: np.ndarray, length: np.ndarray, good: np.ndarray) -> np.ndarray:
    """Drop sequences that overlap an earlier one (a character may be a first byte or, as an alias, a later one)."""
    index = np.flatnonzero(good)
    start, end = at[index], (at + length)[index]
    if not (start[1:] < end[:-1]).any():
        return good
    good = good.copy()
    reached = 0
    for i, a, b in zip(index.tolist(), start.tolist(), end.tolist(), strict=True):
        if a < reached:
            good[i] = False
        else:
            reached = b
    return good


def resolve(codes: np.ndarray, found: Sequences, extra: np.ndarray | None = None) -> np.ndarray:
    """Choose the cheapest reading of each stretch of ambiguous sequences (Viterbi, all stretches side by side).

    Args:
        codes: The code points of the batch.
        found: The sequences.
        extra: int64, the shape of `found.options`: units to add to the price of each.

    Returns:
        int64, the code point of each sequence.
    """
    at, length, char, doubtful, options = found
    if not len(doubtful):
        return char
    readings = options.shape[1]
    end = at + length
    linked = np.zeros(len(at) + 1, dtype=bool)
    linked[1:-1] = at[1:] == end[:-1]
    follows = np.zeros(len(doubtful), dtype=bool)
    follows[1:] = (np.diff(doubtful) == 1) & linked[doubtful[1:]]
    index = np.arange(len(doubtful))
    place = (index - np.maximum.accumulate(np.where(follows, 0, index))) % STRETCH
    cost = np.full(options.shape, IMPOSSIBLE, dtype=np.int64)
    back = np.zeros(options.shape, dtype=np.int64)
    price = np.where(options == 0, IMPOSSIBLE, 0 if extra is None else extra)
    before = np.where(linked[doubtful], char[np.maximum(doubtful - 1, 0)], codes[at[doubtful] - 1])
    after = np.where(linked[doubtful + 1], char[np.minimum(doubtful + 1, len(at) - 1)], codes[end[doubtful]])
    order = np.argsort(place, kind="stable")
    bounds = np.searchsorted(place[order], np.arange(int(place.max()) + 2))
    final = np.ones(len(doubtful), dtype=bool)
    final[:-1] = place[1:] == 0
    for step in range(len(bounds) - 1):
        now = order[bounds[step] : bounds[step + 1]]
        if step == 0:
            cost[now] = MODEL.steps(np.repeat(before[now, None], readings, axis=1), options[now]) + price[now]
        else:
            steps = MODEL.steps(options[now - 1][:, :, None], np.repeat(options[now][:, None, :], readings, axis=1))
            total = cost[now - 1][:, :, None] + steps
            back[now] = total.argmin(axis=1)
            cost[now] = np.take_along_axis(total, back[now][:, None, :], axis=1)[:, 0] + price[now]
    last = np.flatnonzero(final)
    cost[last] += MODEL.steps(options[last], np.repeat(after[last, None], readings, axis=1))
    choice = cost.argmin(axis=1)
    for step in range(len(bounds) - 2, 0, -1):
        now = order[bounds[step] : bounds[step + 1]]
        choice[now - 1] = back[now, choice[now]]
    chosen = char.copy()
    chosen[doubtful] = options[index, choice]
    return chosen


def replace(codes: np.ndarray, start: np.ndarray, length: np.ndarray, char: np.ndarray) -> np.ndarray:
    """Put decoded characters in the place of their sequences.

    Args:
        codes: Code points of one text.
        start: Positions of sequences in it, ascending, not overlapping.
        length: Their lengths.
        char: Their new code points.
    """
    new = codes.copy()
    new[start] = char
    keep = np.ones(len(codes), dtype=bool)
    for k in range(1, int(length.max(initial=1))):
        keep[start[length > k] + k] = False
    return new[keep]
