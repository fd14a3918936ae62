"""The readings of a damaged piece of a line: the cheapest ones by pairs of characters, and the words that they make."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from corpusmill.transforms.kernels.cleaning.mojibake.language_model.model import MODEL, UNITS, step
from corpusmill.transforms.kernels.cleaning.mojibake.language_model.words import WORD, script_of

MAX_READINGS = 80
"""Readings of one piece that are kept while it is read."""
PATH_BITS = 30
"""Readings that are so much dearer than the cheapest by pairs of characters are dropped on the way."""
LIKELY = 8
"""Readings whose letters tell the script of a piece."""
LONGEST_PIECE = 80
"""Characters of a piece; longer ones are not words."""
COUNTERS = frozenset("년월일시분초주개명원권쪽장편회번판쇄호층평살대채통병잔곡점절조항차배세인등급박위도")
"""Korean words of one syllable that follow figures: years, days, pieces, editions ..."""
COUNTER_BITS = 6
"""A word behind a figure is one of these so much more often than elsewhere."""
_FEW = 128
"""Continuations that are looked at one by one; more are priced together first."""


class Option(NamedTuple):
    """One reading of what starts at a place of a line.

    Attributes:
        char: Its code point.
        size: Characters of the line that it stands for.
        price: What the loss costs, in units of the model.
        lost: Whether a byte was guessed.
    """

    char: int
    size: int
    price: int
    lost: bool


class Piece(NamedTuple):
    """A part of a line between characters that every reading leaves as they are, and whether a loss touches it."""

    start: int
    stop: int
    damaged: bool


def pieces(line: str, options: Sequence[Sequence[Option]]) -> list[Piece]:
    """Cut a line where every reading of it meets a character that is no letter or mark."""
    found: list[Piece] = []
    reachable = [False] * (len(line) + 1)
    reachable[0] = True
    start = reach = 0
    begun, damaged, open_ = 0, False, False
    for at in range(len(line)):
        if not reachable[at]:
            continue
        if at == reach:
            start = at
        for option in options[at]:
            reachable[at + option.size] = True
            reach = max(reach, at + option.size)
        here = options[at]
        if at == start and len(here) == 1 and not WORD.match(chr(here[0].char)):
            if open_:
                found.append(Piece(begun, at, damaged))
            open_ = False
            continue
        if not open_:
            begun, damaged, open_ = at, False, True
        damaged |= len(here) > 1
    if open_:
        found.append(Piece(begun, len(line), damaged))
    return found


class PieceReading(NamedTuple):
    """A reading of a piece: its text, and where in it its guessed letters are."""

    text: str
    guessed: tuple[int, ...]


_State = tuple[int, tuple[int, ...], int, int]
"""What is known of a reading so far, in units of the model: what it costs; where in it its guessed letters are; what of
the cost is that of its losses; and what is that of its characters that are no letters, each after the one before it."""
_Known = tuple[str, _State]


@functools.lru_cache(maxsize=1 << 12)
def _is_letter(char: str) -> bool:
    return WORD.match(char) is not None


def _paths(before: int, options: Sequence[Sequence[Option]], most: int) -> list[_Known]:
    """Return the cheapest readings of a piece by pairs of characters.

    Args:
        before: The code point before the piece.
        options: For each position of the piece the readings of what starts there.
        most: Readings that are kept at each position.
    """
    states: list[dict[str, _State]] = [{} for _ in range(len(options) + 1)]
    states[0][""] = 0, (), 0, 0
    for at, some in enumerate(options):
        if not states[at]:
            continue
        kept = _cheapest(states[at], most)
        states[at] = {}
        here = [(chr(o.char), o.price, o.lost, _is_letter(chr(o.char)), states[at + o.size]) for o in some]
        last = [ord(text[-1]) if text else before for text, _ in kept]
        few = len(kept) * len(some) <= _FEW
        for reading, option, total in (_all_pairs if few else _pairs_worth)(kept, last, some, most):
            text, (price, guessed, loss, signs) = kept[reading]
            char, extra, lost, letter, there = here[option]
            longer = text + char
            known = there.get(longer)
            if known is None or total < known[0]:
                there[longer] = (
                    total,
                    (*guessed, len(text)) if lost else guessed,
                    loss + extra,
                    signs if letter else signs + total - price - extra,
                )
    return _cheapest(states[-1], most)


_Pairs = Iterable[tuple[int, int, int]]
"""Of readings and options: which reading to continue with which option, at what price."""


def _all_pairs(kept: list[_Known], last: list[int], some: Sequence[Option], _: int) -> _Pairs:
    return [
        (reading, option, state[0] + price + step(end, char))
        for reading, ((_, state), end) in enumerate(zip(kept, last, strict=True))
        for option, (char, _, price, _) in enumerate(some)
    ]


def _pairs_worth(kept: list[_Known], last: list[int], some: Sequence[Option], most: int) -> _Pairs:
    """Leave out what `_cheapest` would drop: of those of one size, which end at one place, what is much dearer."""
    chars, sizes, prices = (np.array(column) for column in list(zip(*some, strict=True))[:3])
    distinct, of = np.unique(np.array(last), return_inverse=True)
    shape = len(distinct), len(some)
    costs = MODEL.steps(np.broadcast_to(distinct[:, None], shape), np.broadcast_to(chars, shape)) + prices
    totals = np.array([state[0] for _, state in kept])[:, None] + costs[of]
    worth = np.zeros(totals.shape, dtype=bool)
    for size in set(sizes.tolist()):
        column = np.flatnonzero(sizes == size)
        ends = totals[:, column]
        bound = ends.min() + PATH_BITS * UNITS
        if ends.size > most:
            bound = min(bound, np.partition(ends, most - 1, axis=None)[most - 1])
        worth[:, column] = ends <= bound
    readings, chosen = np.nonzero(worth)
    return zip(readings.tolist(), chosen.tolist(), totals[readings, chosen].tolist(), strict=True)


def _cheapest(states: dict[str, _State], most: int) -> list[_Known]:
    """Return the readings that are kept: not much dearer than the cheapest, and not too many."""
    if len(states) == 1:
        return list(states.items())
    bound = min(states.values())[0] + PATH_BITS * UNITS
    near = [item for item in states.items() if item[1][0] <= bound]
    return sorted(near, key=_price)[:most]


def _price(item: _Known) -> int:
    return item[1][0]


class Candidates(NamedTuple):
    """The readings of a damaged piece: paths, their words, what their losses cost in bits, and their script."""

    paths: list[PieceReading]
    words: list[list[str]]
    losses: list[float]
    script: str


def candidates(before: str, options: Sequence[Sequence[Option]]) -> Candidates:
    """List the readings of a piece of a line.

    Args:
        before: The character before the piece.
        options: For each position of the piece the readings of what starts there.

    Returns:
        The readings, the cheapest by pairs of characters first.
    """
    paths = _paths(ord(before), options, MAX_READINGS)
    texts = [text for text, _ in paths]
    return Candidates(
        [PieceReading(text, state[1]) for text, state in paths],
        [WORD.findall(text) for text in texts],
        [(state[2] + state[3]) / UNITS - _counter_bits(before, text) for text, state in paths],
        _script(texts[:LIKELY]),
    )


def _counter_bits(before: str, text: str) -> int:
    """Return what the place behind a figure takes off the price of a reading."""
    counts = before.isdigit() and text[:1] in COUNTERS and WORD.match(text[1:]) is None
    return COUNTER_BITS if counts else 0


def likely_script(before: str, options: Sequence[Sequence[Option]]) -> str:
    """Return the script of a piece by its few likeliest readings alone; see `candidates` for the arguments."""
    return _script([text for text, _ in _paths(ord(before), options, LIKELY)])


def _script(texts: list[str]) -> str:
    """Return the script of most words of some readings; empty where they hold none."""
    scripts = Counter(script_of(w) for text in texts for w in WORD.findall(text))
    return max(sorted(scripts), key=lambda s: scripts[s]) if scripts else ""
