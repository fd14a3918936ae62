"""Reading damaged words: a letter is written only where a word makes it sure.

A lost byte leaves several letters possible, and pairs of characters prefer a usual letter in a word that does not
exist. So the readings of each word compete as words: those of the language's list, those that stand intact elsewhere in
the text, and, at a price, any other. What wins by far is written; the rest stays a visible gap.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

from corpusmill.transforms.kernels.cleaning.mojibake.readings import Candidates, Reading
from corpusmill.transforms.kernels.cleaning.mojibake.vocabulary import Vocabulary
from corpusmill.transforms.kernels.cleaning.mojibake.words import UNSEGMENTED, WORD, script_of

LOST = "\N{REPLACEMENT CHARACTER}"
LISTED_SURE, OTHER_SURE = 0.9, 0.9999
"""Posterior asked of a reading whose damaged words are all known, and of any other."""
MOST_GUESSED = 0.4
"""Share of a word's letters that may be guessed: more of them fit a dozen other words."""
SIGN_SURE = 0.8
"""Posterior asked of a sign."""
MOST_WORDS = 96
"""Readings of one word with ambiguous letters that are compared."""
CLEARER_BITS = 6.0
"""A word must be so much cheaper than the one that pairs of characters chose."""


class Read(NamedTuple):
    """A piece of a line read: with gaps where nothing is sure, and as the best reading has it."""

    text: str
    best: str


def _known_where_guessed(path: Reading, vocabulary: Vocabulary) -> bool:
    """Whether all words with a guessed letter in them are known, and not known by few of their letters."""
    for match in WORD.finditer(path.text):
        a, b = match.span()
        guessed = sum(a <= at < b for at in path.guessed)
        if guessed and (not vocabulary.knows(match.group()) or (guessed > 1 and guessed > MOST_GUESSED * (b - a))):
            return False
    return True


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


def _with_gaps(path: Reading, paths: Sequence[Reading], share: Sequence[float], *, letters: bool, others: bool) -> str:
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
