"""Reading damaged words: a letter is written only where a word makes it sure.

A lost byte leaves several letters possible, and pairs of characters prefer a usual letter in a word that does not
exist. So the readings of each word compete as words: those of the language's list, those that are intact elsewhere in
the text, and, at a price, any other. What wins by far is written; the rest stays a visible gap.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

from corpusmill.transforms.kernels.cleaning.mojibake.language_model.model import UNITS, step
from corpusmill.transforms.kernels.cleaning.mojibake.language_model.vocabulary import Vocabulary
from corpusmill.transforms.kernels.cleaning.mojibake.language_model.words import TEMPER, UNSEGMENTED, WORD, script_of
from corpusmill.transforms.kernels.cleaning.mojibake.lossy.readings import Candidates, PieceReading

LOST = "\N{REPLACEMENT CHARACTER}"
LISTED_SURE, OTHER_SURE = 0.9, 0.9999
"""Posterior asked of a reading whose damaged words are all known, and of any other."""
MAX_GUESSED = 0.4
"""Share of a word's letters that may be guessed: more of them fit a dozen other words."""
SIGN_SURE = 0.8
"""Posterior asked of a sign."""
MAX_WORDS = 96
"""Readings of one word with ambiguous letters that are compared."""
MAX_DOUBT = 1.5
"""How many of the letters of two readings may be expected to be the wrong one in a text that is written as it seems."""
CASE_BITS = 3.0
"""What a capital costs where no sentence begins, and a small letter where one does."""
MAX_SIGNS = 8
"""Signs before a word that are looked at to tell whether a sentence begins there."""
CLEARER_BITS = 6.0
"""A word must be so much cheaper than the one that pairs of characters chose."""


class Read(NamedTuple):
    """A piece of a line read.

    Attributes:
        text: The piece with gaps where nothing is sure.
        best: As the best reading has it, of the same length.
        doubt: How likely a letter of `text` is wrong that `careful` lacks.
        careful: The piece with gaps for all letters that are not beyond doubt.
    """

    text: str
    best: str
    doubt: float
    careful: str


def _known_where_guessed(path: PieceReading, vocabulary: Vocabulary) -> bool:
    """Return whether all words with a guessed letter in them are known, and not known by few of their letters."""
    for match in WORD.finditer(path.text):
        a, b = match.span()
        guessed = [at for at in path.guessed if a <= at < b]
        if not guessed:
            continue
        known = vocabulary.knows(match.group()) or (guessed == [a] and vocabulary.derives(match.group()))
        if not known or (len(guessed) > 1 and len(guessed) > MAX_GUESSED * (b - a)):
            return False
    return True


def decide(found: Candidates, vocabulary: Vocabulary, *, guess: bool) -> Read | None:
    """Read a piece of a line by its words.

    Args:
        found: The readings of the piece.
        vocabulary: What the rest of the text says.
        guess: The codec is so sure that words which are not known may be written too.

    Returns:
        The piece read; None where words cannot tell: the script has no list or no spaces.
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
    text, careful = (
        _with_gaps(best, paths, share, letters=letters, others=guess) for letters in (sure, not best.guessed)
    )
    return Read(text, best.text, max(0.0, 1 - posterior) if text != careful else 0.0, careful)


def _with_gaps(
    path: PieceReading, paths: Sequence[PieceReading], share: Sequence[float], *, letters: bool, others: bool
) -> str:
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


def settle_words(text: str, places: Sequence[int], options: Sequence[Sequence[int]]) -> tuple[str, list[int]]:
    """Decide ambiguous letters of a text anew by the words that they make, where its language has a list.

    Args:
        text: The text as it was decided.
        places: Ascending positions of ambiguous characters in it.
        options: The code points that each may be.

    Returns:
        The text, of the same length, and the positions of letters that neither words nor neighbours make sure.
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
        if all(letters):
            count = math.prod(len(some) for some in letters)
            readings = ["".join(some) for some in itertools.product(*letters)] if count <= MAX_WORDS else []
            parts.append((start, word, readings))
    vocabulary = Vocabulary(intact)
    for _, word, readings in parts:
        if readings and vocabulary.wants_votes(script_of(word)):
            vocabulary.vote(script_of(word), [(0.0, [reading]) for reading in readings])
    out = list(text)
    doubts: dict[tuple[str, int], tuple[float, list[int]]] = {}
    for start, word, readings in parts:
        chosen = _settled(text, start, word, readings, vocabulary)
        out[start : start + len(word)] = chosen.word
        for at in (at for at in range(start, start + len(word)) if len(kinds.get(at, ())) > 1):
            near = 0.0 if chosen.listed else _neighbours_bits(text, at, kinds[at])
            ahead = max(chosen.ahead, near) if chosen.ahead > 0 else chosen.ahead + near
            key = chosen.word.lower(), at - start
            doubt, same = doubts.get(key, (0.0, []))
            doubts[key] = max(doubt, 1 / (1 + 2.0**ahead)), [*same, at]
    return "".join(out), _unsure(list(doubts.values()))


class _Settled(NamedTuple):
    """A word decided, by how many bits it is ahead of the next one, and whether lists hold both."""

    word: str
    ahead: float
    listed: bool


def _settled(text: str, start: int, word: str, readings: list[str], vocabulary: Vocabulary) -> _Settled:
    """Decide a word with ambiguous letters, at a place of a text; it stays where no list tells."""
    script = script_of(word)
    if not readings or script in UNSEGMENTED or not vocabulary.trusts(script) or not vocabulary.spells(script):
        return _Settled(word, 0.0, False)
    vocabulary.judge([word, *readings])
    bits = {reading: vocabulary.bits(reading) + _case_bits(text, start, reading) for reading in [word, *readings]}
    best = min(readings, key=lambda reading: (bits[reading], reading))
    if bits[best] + CLEARER_BITS <= bits[word] or best.lower() == word.lower():
        word = best
    others = [reading for reading in readings if reading.lower() != word.lower()]
    if not others:
        return _Settled(word, math.inf, False)
    other = min(others, key=lambda reading: (bits[reading], reading))
    listed = vocabulary.knows(other) and vocabulary.knows(word)
    # of two words that both exist the rarer one may well be meant
    return _Settled(word, (bits[other] - bits[word]) / (TEMPER if listed else 1), listed)


def _unsure(doubts: list[tuple[float, list[int]]]) -> list[int]:
    """Return those of some doubtful places that become gaps: none in a text with few doubts, else all but the surest.

    What is written in the latter case is as sure together as a single word must be.
    """
    unsure: list[int] = []
    total = 0.0
    for doubt, places in sorted(doubts):
        total += doubt
        if total > 1 - LISTED_SURE:
            unsure += places
    return sorted(unsure) if total > MAX_DOUBT else []


def _case_bits(text: str, start: int, word: str) -> float:
    """What the case of a word costs in its place: sentences begin with a capital, and few other words do."""
    before = text[max(0, start - MAX_SIGNS) : start].rstrip(" \u00a0«“\"'(—–")
    begins = not before or before[-1] in ".!?…։\n"
    return 0.0 if word[:1].lower() == word[:1].upper() else CASE_BITS if word[:1].isupper() != begins else 0.0


def _neighbours_bits(text: str, at: int, options: Sequence[int]) -> float:
    """By how many bits the neighbours of a character prefer it to what else it may be."""
    before, after = (ord(text[i]) if 0 <= i < len(text) else ord(" ") for i in (at - 1, at + 1))
    mine = ord(text[at])
    price = step(before, mine) + step(mine, after)
    others = [step(before, other) + step(other, after) for other in options if other != mine]
    return (min(others) - price) / UNITS if others else math.inf
