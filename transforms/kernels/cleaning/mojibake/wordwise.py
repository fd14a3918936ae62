"""Reading damaged words: a letter is written only where a word makes it sure.

A lost byte leaves several letters possible, and pairs of characters prefer a usual letter in a word that does not exist. So
the readings of each word compete as words: those of the language's list, those that stand intact elsewhere in the text, and,
at a price, any other. What wins by far is written; the rest stays a visible gap.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from corpusmill.transforms.kernels.cleaning.mojibake.model import MODEL, UNITS
from corpusmill.transforms.kernels.cleaning.mojibake.words import UNSEGMENTED, WORD, Lists, lists_of, script_of

LOST = "\N{REPLACEMENT CHARACTER}"
LISTED_SHARE, INTACT_SHARE, OTHER_SHARE = 0.6, 0.3, 0.08
"""How often a word of a text is one of its language's list, stands elsewhere in it, or is any other."""
LISTED_SURE, OTHER_SURE = 0.9, 0.999
"""Posterior asked of a reading whose damaged words are all known, and of any other."""
TRUSTED = 0.55
"""Share of a text's intact words that its languages' lists must hold to be trusted about the others."""
FEW = 3
"""Intact words that are too few to tell."""
MOST_READINGS = 60
"""Readings of one piece that are kept while it is read."""
LONGEST_PIECE = 80
"""Characters of a piece; longer ones are not words."""


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


class Read(NamedTuple):
    """A piece of a line read: with gaps where nothing is sure, and as the best reading has it."""

    text: str
    best: str


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


class _Path(NamedTuple):
    """A reading of a piece so far: its text, where its guessed letters are, and its price."""

    text: str
    guessed: tuple[int, ...]
    price: int


class Vocabulary:
    """What a text's own words say: their languages, how far to trust the lists, and which words it holds.

    Args:
        intact: Words of the text that no loss touches.
    """

    def __init__(self, intact: Iterable[str]) -> None:
        words = [w.lower() for w in intact]
        self._own = Counter(words)
        self._total = max(1, len(words))
        self._scripts: dict[str, tuple[Lists | None, np.ndarray, bool]] = {}
        by_script: dict[str, list[str]] = {}
        for word in words:
            if not word.isascii():
                by_script.setdefault(script_of(word), []).append(word)
        self._by_script = by_script
        self._known: dict[str, tuple[float, bool]] = {}

    def _script(self, script: str) -> tuple[Lists | None, np.ndarray, bool]:
        found = self._scripts.get(script)
        if found is None:
            lists = lists_of(script)
            if lists is None:
                found = None, np.zeros(0), False
            else:
                words = self._by_script.get(script, [])
                rows = [lists.place(w) for w in words]
                weights = lists.weights(rows)
                held = sum(row >= 0 and lists.share(row, weights) > 0 for row in rows)
                found = lists, weights, len(rows) < FEW or held >= TRUSTED * len(rows)
            self._scripts[script] = found
        return found

    def trusts(self, script: str) -> bool:
        """Whether the lists of a script describe this text."""
        return self._script(script)[2]

    def judge(self, word: str) -> tuple[float, bool]:
        """Bits that a word costs, and whether it is known: listed, or intact elsewhere."""
        word = word.lower()
        found = self._known.get(word)
        if found is None:
            lists, weights, trusted = self._script(script_of(word))
            row = lists.place(word) if lists is not None else -1
            listed = lists.share(row, weights) if lists is not None and row >= 0 and trusted else 0.0
            own = self._own[word] / self._total
            other = 2.0 ** (-MODEL.price(word) / UNITS)
            share = LISTED_SHARE * listed + INTACT_SHARE * own + OTHER_SHARE * other
            found = -math.log2(max(share, 1e-300)), listed > 0 or own > 0
            self._known[word] = found
        return found


def _paths(line: str, start: int, stop: int, options: Sequence[Sequence[Option]]) -> list[_Path]:
    """The cheapest readings of a piece by pairs of characters."""
    states: list[dict[str, _Path]] = [{} for _ in range(stop - start + 1)]
    before = line[start - 1] if start else " "
    states[0][""] = _Path("", (), 0)
    for at in range(stop - start):
        here = states[at]
        if not here:
            continue
        kept = here.values()
        if len(here) > MOST_READINGS:
            kept = sorted(here.values(), key=lambda p: (p.price, p.text))[:MOST_READINGS]
        for path in kept:
            last = path.text[-1] if path.text else before
            for option in options[start + at]:
                price = path.price + option.price + MODEL.step(ord(last), option.char)
                text = path.text + chr(option.char)
                there = states[at + option.size]
                known = there.get(text)
                if known is None or price < known.price:
                    guessed = (*path.guessed, len(path.text)) if option.lost else path.guessed
                    there[text] = _Path(text, guessed, price)
        states[at] = {}
    return sorted(states[-1].values(), key=lambda p: (p.price, p.text))[:MOST_READINGS]


def _loss(path: _Path, before: int) -> int:
    """What the losses of a path cost, apart from its characters."""
    codes = [before, *map(ord, path.text)]
    return path.price - sum(MODEL.step(a, b) for a, b in zip(codes, codes[1:], strict=False))


def _letters(text: str) -> str:
    return " ".join(WORD.findall(text))


def _known_where_guessed(path: _Path, vocabulary: Vocabulary) -> bool:
    """Whether all words with a guessed letter in them are known."""
    for match in WORD.finditer(path.text):
        a, b = match.span()
        if any(a <= at < b for at in path.guessed) and not vocabulary.judge(match.group())[1]:
            return False
    return True


def decide(
    line: str, piece: Piece, options: Sequence[Sequence[Option]], vocabulary: Vocabulary, *, guess: bool
) -> Read | None:
    """Read a piece of a line by its words.

    Args:
        line: The line.
        piece: Where the piece is.
        options: For each position of the line the readings of what starts there.
        vocabulary: What the rest of the text says.
        guess: The codec is so sure that words which are not known may be written too.

    Returns:
        The piece read; None where words cannot tell: the script has no list or no blanks, or the piece is no word.
    """
    start, stop, _ = piece
    if stop - start > LONGEST_PIECE:
        return None
    paths = _paths(line, start, stop, options)
    if not paths:
        return None
    scripts = Counter(script_of(w) for p in paths[:8] for w in WORD.findall(p.text))
    script = scripts.most_common(1)[0][0] if scripts else ""
    if script in UNSEGMENTED or script in ("Hiragana", "Katakana") or (script and not vocabulary.trusts(script)):
        return None
    before = ord(line[start - 1]) if start else ord(" ")
    bits = []
    for path in paths:
        words = WORD.findall(path.text)
        signs = len(path.text) - sum(map(len, words))
        cost = _loss(path, before) / UNITS + sum(vocabulary.judge(w)[0] for w in words)
        if signs:
            cost += _sign_bits(path.text, before)
        bits.append(cost)
    least = min(bits)
    weight = [2.0 ** (least - b) for b in bits]
    total = sum(weight)
    groups: dict[str, float] = {}
    for path, w in zip(paths, weight, strict=True):
        key = _letters(path.text)
        groups[key] = groups.get(key, 0.0) + w / total
    best = paths[min(range(len(paths)), key=lambda i: (bits[i], paths[i].text))]
    posterior = groups[_letters(best.text)]
    if (
        not best.guessed
        or (guess and (len(groups) == 1 or posterior >= OTHER_SURE))
        or (posterior >= LISTED_SURE and _known_where_guessed(best, vocabulary))
    ):
        return Read(best.text, best.text)
    return Read(_with_gaps(best, paths, weight, total if guess else math.inf), best.text)


def _sign_bits(text: str, before: int) -> float:
    """What the characters of a reading that are no letters cost, each after the one before it."""
    total, last = 0, before
    for char in text:
        if not WORD.match(char):
            total += MODEL.step(last, ord(char))
        last = ord(char)
    return total / UNITS


def _with_gaps(path: _Path, paths: Sequence[_Path], weight: Sequence[float], total: float) -> str:
    """A reading with gaps for its guessed letters, but for those that nearly all readings share."""
    out = list(path.text)
    for at in path.guessed:
        same = sum(w for p, w in zip(paths, weight, strict=True) if len(p.text) == len(out) and p.text[at] == out[at])
        if same < OTHER_SURE * total:
            out[at] = LOST
    return "".join(out)
