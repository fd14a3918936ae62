"""Reading damaged words: a letter is written only where a word makes it sure.

A lost byte leaves several letters possible, and pairs of characters prefer a usual letter in a word that does not
exist. So the readings of each word compete as words: those of the language's list, those that stand intact elsewhere in
the text, and, at a price, any other. What wins by far is written; the rest stays a visible gap.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from corpusmill.transforms.kernels.cleaning.mojibake.model import MODEL, UNITS
from corpusmill.transforms.kernels.cleaning.mojibake.spelling import spelling_of
from corpusmill.transforms.kernels.cleaning.mojibake.words import (
    COST_UNITS,
    LEAST_SHARE,
    UNSEGMENTED,
    WORD,
    Lists,
    bare,
    lists_of,
    script_of,
    weights,
)

LOST = "\N{REPLACEMENT CHARACTER}"
LISTED_SHARE, INTACT_SHARE, OTHER_SHARE = 0.6, 0.3, 0.08
"""How often a word of a text is one of its language's list, stands elsewhere in it, or is any other."""
LISTED_SURE, OTHER_SURE = 0.9, 0.9999
"""Posterior asked of a reading whose damaged words are all known, and of any other."""
MOST_GUESSED = 0.4
"""Share of a word's letters that may be guessed: more of them fit a dozen other words."""
SIGN_SURE = 0.8
"""Posterior asked of a sign."""
TRUSTED = 0.55
"""Share of a text's intact words that its languages' lists must hold to be trusted about the others."""
ASCII_BITS = 8.0
"""What a word of ASCII letters costs."""
VOWEL_BITS = 1.5
"""What a vowel mark of Arabic costs that is guessed or written."""
LONG_WORD = 4
"""Letters of a damaged word that may vote for its language's list: short ones are in every list."""
FEW = 3
"""Intact words that are too few to tell."""
ENOUGH = 20
"""Intact words with which a text's language is known."""
MOST_READINGS = 80
"""Readings of one piece that are kept while it is read."""
PATH_BITS = 30
"""Readings that are so much dearer than the cheapest by pairs of characters are dropped on the way."""
MOST_WORDS = 96
"""Readings of one word with ambiguous letters that are compared."""
CLEARER_BITS = 6.0
"""A word must be so much cheaper than the one that pairs of characters chose."""
LIKELY = 8
"""Readings whose letters tell the script of a piece."""
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


class _Script(NamedTuple):
    """The lists of a script, how likely each language is, whether to trust them, and about words that they lack."""

    lists: Lists | None
    weight: np.ndarray
    trusted: bool
    spelled: bool


class Vocabulary:
    """What a text's own words say: their languages, how far to trust the lists, and which words it holds.

    Args:
        intact: Words of the text that no loss touches.
    """

    def __init__(self, intact: Iterable[str]) -> None:
        words = [w.lower() for w in intact if not w.isascii()]
        self._own = Counter(words)
        self._total = max(1, len(words))
        self._scripts: dict[str, _Script] = {}
        self._by_script: dict[str, list[str]] = {}
        for word in words:
            self._by_script.setdefault(script_of(word), []).append(word)
        self._votes: dict[str, np.ndarray] = {}
        self._damaged: dict[str, list[list[str]]] = {}
        self._bits: dict[str, float] = {}
        self._known: set[str] = set()

    def wants_votes(self, script: str) -> bool:
        """Whether so few words are intact that the damaged ones must help to tell the language."""
        return len(self._by_script.get(script, ())) < ENOUGH and lists_of(script) is not None

    def vote(self, script: str, readings: Sequence[tuple[float, Sequence[str]]]) -> None:
        """Let a damaged piece vote for languages.

        Args:
            script: Its script.
            readings: What each reading's losses cost in bits, and its words.
        """
        lists = lists_of(script)
        if lists is not None:
            self._damaged.setdefault(script, []).append(
                [w for _, words in readings for w in words if len(w) >= LONG_WORD]
            )
            costs = [lists.costs(words) + round(bits * COST_UNITS) for bits, words in readings]
            vote = np.min(costs, axis=0)
            self._votes[script] = self._votes.get(script, np.zeros(len(vote), dtype=np.int64)) + vote - vote.min()

    def _script(self, script: str) -> _Script:
        found = self._scripts.get(script)
        if found is None:
            lists = lists_of(script)
            if lists is None:
                found = _Script(None, np.zeros(0), False, False)
            else:
                words = self._by_script.get(script, [])
                weight = weights(lists.costs(words) + self._votes.get(script, 0))

                def held(word: str) -> bool:
                    row = lists.place(word)
                    return row >= 0 and lists.share(row, weight) > LEAST_SHARE

                damaged = [some for some in self._damaged.get(script, []) if some]
                total = len(words) + len(damaged)
                count = sum(map(held, words)) + sum(any(map(held, some)) for some in damaged)
                found = _Script(lists, weight, total < FEW or count >= TRUSTED * total, total >= FEW)
            self._scripts[script] = found
        return found

    def trusts(self, script: str) -> bool:
        """Whether the lists of a script describe this text."""
        return self._script(script).trusted

    def spells(self, script: str) -> bool:
        """Whether so much is known of the text's language that words which are in no list can be judged."""
        return self._script(script).spelled

    def judge(self, words: Iterable[str]) -> None:
        """Work out what some words cost; `bits` and `knows` then tell of each."""
        new: dict[str, list[str]] = {}
        for word in dict.fromkeys(w.lower() for w in words):
            if word not in self._bits:
                new.setdefault(script_of(word), []).append(word)
        for script, some in new.items():
            lists, weight, trusted, _ = self._script(script)
            spelling = spelling_of(script, int(weight.argmax())) if lists is not None and trusted else None
            spelled = (
                spelling.bits([bare(w) for w in some]) if spelling else np.array([MODEL.price(w) / UNITS for w in some])
            )
            for word, bits in zip(some, spelled.tolist(), strict=True):
                row = lists.place(word) if lists is not None and trusted else -1
                listed = lists.share(row, weight) if lists is not None and row >= 0 else 0.0
                own = self._own[word] / self._total
                share = LISTED_SHARE * listed + INTACT_SHARE * own + OTHER_SHARE * 2.0**-bits
                # the lists leave vowel marks out, as most writers do; no word begins with one
                begins_badly = bare(word[:1]) != word[:1]
                vowels = VOWEL_BITS * (len(word) - len(bare(word)) + 12 * begins_badly) if own == 0 else 0.0
                self._bits[word] = vowels - math.log2(max(share, 1e-300))
                if (listed > LEAST_SHARE and not begins_badly) or own > 0:
                    self._known.add(word)

    def bits(self, word: str) -> float:
        """Bits that a judged word costs; the lists hold no words of ASCII letters, which cost alike."""
        return ASCII_BITS if word.isascii() else self._bits[word.lower()]

    def knows(self, word: str) -> bool:
        """Whether a judged word is listed, or stands intact elsewhere in the text."""
        return word.lower() in self._known


def _paths(line: str, start: int, stop: int, options: Sequence[Sequence[Option]]) -> list[_Path]:
    """The cheapest readings of a piece by pairs of characters."""
    # at each place: text read so far -> its price and where its guessed letters are
    states: list[dict[str, tuple[int, tuple[int, ...]]]] = [{} for _ in range(stop - start + 1)]
    before = ord(line[start - 1]) if start else ord(" ")
    states[0][""] = 0, ()
    for at in range(stop - start):
        if not states[at]:
            continue
        kept = _cheapest(states[at])
        states[at] = {}
        steps: dict[int, list[tuple[str, int, dict[str, tuple[int, tuple[int, ...]]], bool]]] = {}
        for text, (price, guessed) in kept:
            last = ord(text[-1]) if text else before
            following = steps.get(last)
            if following is None:
                following = steps[last] = [
                    (chr(o.char), o.price + MODEL.step(last, o.char), states[at + o.size], o.lost)
                    for o in options[start + at]
                ]
            for char, extra, there, lost in following:
                longer, total = text + char, price + extra
                known = there.get(longer)
                if known is None or total < known[0]:
                    there[longer] = total, ((*guessed, len(text)) if lost else guessed)
    return [_Path(text, guessed, price) for text, (price, guessed) in _cheapest(states[-1])]


def _cheapest(
    states: dict[str, tuple[int, tuple[int, ...]]],
) -> list[tuple[str, tuple[int, tuple[int, ...]]]]:
    """The readings that are kept: not much dearer than the cheapest, and not too many."""
    if len(states) == 1:
        return list(states.items())
    most = min(price for price, _ in states.values()) + PATH_BITS * UNITS
    near = [item for item in states.items() if item[1][0] <= most]
    return sorted(near, key=_price)[:MOST_READINGS]


def _price(item: tuple[str, tuple[int, tuple[int, ...]]]) -> int:
    return item[1][0]


def _loss(path: _Path, before: int) -> int:
    """What the losses of a path cost, apart from its characters."""
    codes = [before, *map(ord, path.text)]
    return path.price - sum(MODEL.step(a, b) for a, b in itertools.pairwise(codes))


def _known_where_guessed(path: _Path, vocabulary: Vocabulary) -> bool:
    """Whether all words with a guessed letter in them are known, and not known by few of their letters."""
    for match in WORD.finditer(path.text):
        a, b = match.span()
        guessed = sum(a <= at < b for at in path.guessed)
        if guessed and (not vocabulary.knows(match.group()) or (guessed > 1 and guessed > MOST_GUESSED * (b - a))):
            return False
    return True


class Candidates(NamedTuple):
    """The readings of a damaged piece: paths, their words, what their losses cost in bits, and their script."""

    paths: list[_Path]
    words: list[list[str]]
    losses: list[float]
    script: str


def candidates(line: str, piece: Piece, options: Sequence[Sequence[Option]]) -> Candidates | None:
    """List the readings of a piece of a line.

    Args:
        line: The line.
        piece: Where the piece is.
        options: For each position of the line the readings of what starts there.

    Returns:
        The readings, the cheapest by pairs of characters first; None if the piece is too long to be a word.
    """
    start, stop, _ = piece
    if stop - start > LONGEST_PIECE:
        return None
    paths = _paths(line, start, stop, options)
    words = [WORD.findall(path.text) for path in paths]
    before = ord(line[start - 1]) if start else ord(" ")
    losses = [(_loss(path, before) / UNITS) + _sign_bits(path.text, before) for path in paths]
    scripts = Counter(script_of(w) for some in words[:LIKELY] for w in some)
    return Candidates(paths, words, losses, max(sorted(scripts), key=lambda s: scripts[s]) if scripts else "")


def decide(found: Candidates, vocabulary: Vocabulary, *, guess: bool) -> Read | None:
    """Read a piece of a line by its words.

    Args:
        found: The readings of the piece.
        vocabulary: What the rest of the text says.
        guess: The codec is so sure that words which are not known may be written too.

    Returns:
        The piece read; None where words cannot tell: the script has no list or no blanks.
    """
    paths, script = found.paths, found.script
    if script in UNSEGMENTED or (script and not vocabulary.trusts(script)):
        return None
    guess = guess and (not script or vocabulary.spells(script))
    vocabulary.judge(word for words in found.words for word in words)
    bits = [loss + sum(map(vocabulary.bits, words)) for loss, words in zip(found.losses, found.words, strict=True)]
    least = min(bits)
    weight = [2.0 ** (least - b) for b in bits]
    total = sum(weight)
    share = [w / total for w in weight]
    groups: dict[str, float] = {}
    for words, w in zip(found.words, share, strict=True):
        key = " ".join(words)
        groups[key] = groups.get(key, 0.0) + w
    at = min(range(len(paths)), key=lambda i: (bits[i], paths[i].text))
    best, posterior = paths[at], groups[" ".join(found.words[at])]
    sure = (
        not best.guessed
        or (guess and (len(groups) == 1 or posterior >= OTHER_SURE))
        or (posterior >= LISTED_SURE and _known_where_guessed(best, vocabulary))
    )
    return Read(_with_gaps(best, paths, share, letters=sure, others=guess), best.text)


def _sign_bits(text: str, before: int) -> float:
    """What the characters of a reading that are no letters cost, each after the one before it."""
    total, last = 0, before
    for char in text:
        if not WORD.match(char):
            total += MODEL.step(last, ord(char))
        last = ord(char)
    return total / UNITS


def _with_gaps(path: _Path, paths: Sequence[_Path], share: Sequence[float], *, letters: bool, others: bool) -> str:
    """A reading with gaps for its guessed characters, but for those that nearly all readings share.

    Args:
        path: The reading.
        paths: All readings.
        share: How likely each is, summing to 1.
        letters: Its letters are sure.
        others: What is not known may be written where it is sure enough.
    """
    out = list(path.text)
    for at in path.guessed:
        letter = WORD.match(out[at]) is not None
        if letter and letters:
            continue
        same = sum(
            w for p, w in zip(paths, share, strict=True) if len(p.text) == len(out) and p.text[at] == path.text[at]
        )
        if not others or same < (OTHER_SURE if letter else SIGN_SURE):
            out[at] = LOST
    return "".join(out)


def settle_words(text: str, places: Sequence[int], options: Sequence[Sequence[int]]) -> str:
    """Decide ambiguous letters of a text anew by the words that they make, where its language has a list.

    Args:
        text: The text as it was decided.
        places: Ascending positions of ambiguous characters in it.
        options: The code points that each may be.

    Returns:
        The text, of the same length.
    """
    kinds = dict(zip(places, options, strict=True))
    parts: list[tuple[int, str, list[str]]] = []
    intact = []
    for match in WORD.finditer(text):
        word, start = match.group(), match.start()
        doubtful = [at for at in range(start, match.end()) if at in kinds]
        if not doubtful:
            intact.append(word)
            continue
        script = script_of(word)
        letters = [
            [c for c in map(chr, kinds.get(at, [ord(char)])) if script_of(c) in {script, ""} and WORD.match(c)]
            for at, char in enumerate(word, start)
        ]
        if math.prod(len(some) for some in letters) <= MOST_WORDS and all(letters):
            parts.append((start, word, ["".join(some) for some in itertools.product(*letters)]))
    vocabulary = Vocabulary(intact)
    for _, word, readings in parts:
        if vocabulary.wants_votes(script_of(word)):
            vocabulary.vote(script_of(word), [(0.0, [reading]) for reading in readings])
    out = list(text)
    for start, word, readings in parts:
        if vocabulary.trusts(script_of(word)) and vocabulary.spells(script_of(word)):
            vocabulary.judge([word, *readings])
            best = min(readings, key=lambda reading: (vocabulary.bits(reading), reading))
            if vocabulary.bits(best) + CLEARER_BITS <= vocabulary.bits(word):
                out[start : start + len(word)] = best
    return "".join(out)
