"""What the words of a text itself say: its languages, how far to trust their lists, and what each word costs."""

from __future__ import annotations

import functools
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from corpusmill.transforms.kernels.cleaning.mojibake.language_model.model import MODEL, UNITS
from corpusmill.transforms.kernels.cleaning.mojibake.language_model.spelling import spelling_of
from corpusmill.transforms.kernels.cleaning.mojibake.language_model.words import (
    ABSENT,
    COST_UNITS,
    MIN_WORD_SHARE,
    UNSEGMENTED,
    Lists,
    bare,
    lists_of,
    script_of,
    weights,
)

LISTED_SHARE, INTACT_SHARE, OTHER_SHARE = 0.6, 0.3, 0.08
"""How often a word of a text is one of its language's list, is elsewhere in it, or is any other."""
TRUSTED = 0.55
"""Share of a text's intact words that its languages' lists must hold to be trusted about the others."""
ASCII_BITS = 8.0
"""What a word of ASCII letters costs."""
VOWEL_BITS, RARE_VOWEL_BITS = 1.5, 10.0
"""What a vowel mark of Arabic costs: one that the text, or every text, uses; and any other one."""
USUAL_VOWELS = "\N{ARABIC FATHATAN}\N{ARABIC SHADDA}"
_MISPLACED = re.compile("(?<![\u0627\u0629\u0621])\u064b(?!\u0627)")
"""A fathatan that is neither beside an alef nor on a teh marbuta or a hamza."""
PREFIXES, PREFIX_BITS = {"Cyrillic": "своуз"}, 5.0
"""Prefixes of one letter, and what one costs before a word that is spelled like a word without it."""
STEM = 8
"""Letters that a word with a prefix and a listed one have in common."""
CASE_BITS = 10.0
"""What a word costs with a capital inside or behind small letters."""
LONG_WORD = 4
"""Letters of a damaged word that may vote for its language's list: short ones are in every list."""
FEW = 3
"""Intact words that are too few to tell."""
ENOUGH = 20
"""Intact words with which a text's language is known."""


@functools.cache
def stems_of(script: str) -> frozenset[str]:
    """Return the first letters of the long words in the lists of a script."""
    lists = lists_of(script)
    return frozenset(w[:STEM] for w in lists.row if len(w) >= STEM) if lists else frozenset()


def _mixes_case(word: str) -> bool:
    """Return whether a word has capitals elsewhere than at its beginning, but not throughout."""
    return not (word.islower() or word.isupper() or word[1:] == word[1:].lower())


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
        self._vowels = {char for word in self._own for char in word if bare(char) != char} | set(USUAL_VOWELS)
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
        """Return whether so few words are intact that the damaged ones must help to tell the language."""
        return len(self._by_script.get(script, ())) < ENOUGH and lists_of(script) is not None

    def may_decide(self, script: str) -> bool:
        """Return whether words may decide between the readings of a piece in a script; empty stands for signs only.

        They may not where the script is written without spaces, has no list, or where the intact words alone say that
        its lists do not describe this text.
        """
        if not script:
            return True
        if script in UNSEGMENTED or lists_of(script) is None:
            return False
        return self.wants_votes(script) or self.trusts(script)

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
            rows = np.array([lists.place(w) for _, words in readings for w in words], dtype=np.int64)
            of = np.repeat(np.arange(len(readings)), [len(words) for _, words in readings])
            costs = np.zeros((len(readings), len(lists.languages)), dtype=np.int64)
            np.add.at(costs, of, np.where(rows[:, None] >= 0, lists.cost[rows], np.uint8(ABSENT)))
            costs += np.array([round(bits * COST_UNITS) for bits, _ in readings], dtype=np.int64)[:, None]
            vote = costs.min(axis=0)
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
                    return row >= 0 and lists.share(row, weight) > MIN_WORD_SHARE

                damaged = [some for some in self._damaged.get(script, []) if some]
                total = len(words) + len(damaged)
                count = sum(map(held, words)) + sum(any(map(held, some)) for some in damaged)
                found = _Script(lists, weight, total < FEW or count >= TRUSTED * total, total >= FEW)
            self._scripts[script] = found
        return found

    def trusts(self, script: str) -> bool:
        """Return whether the lists of a script describe this text."""
        return self._script(script).trusted

    def spells(self, script: str) -> bool:
        """Return whether so much is known of the text's language that words which are in no list can be judged."""
        return self._script(script).spelled

    def judge(self, words: Iterable[str]) -> None:
        """Work out what some words cost; `bits` and `knows` then tell of each."""
        new: dict[str, dict[str, list[str]]] = {}
        for word in dict.fromkeys(words):
            if word not in self._bits:
                low = word.lower()
                new.setdefault(script_of(low), {}).setdefault(low, []).append(word)
        for script, some in new.items():
            self._judge(script, some)

    def _judge(self, script: str, forms: dict[str, list[str]]) -> None:
        """Judge words of one script, given in lower case with the forms that they are asked for in."""
        lists, weight, trusted, _ = self._script(script)
        lists = lists if trusted else None
        words = list(forms)
        plain = [bare(w) for w in words]
        spelling = spelling_of(script, int(weight.argmax())) if lists is not None else None
        spelled = spelling.bits(plain) if spelling else np.array([MODEL.price(w) / UNITS for w in words])
        if spelling:
            prefixed = [w[0] in PREFIXES.get(script, "") and len(w) > STEM for w in plain]
            rest = spelling.bits([w[1:] if has else w for w, has in zip(plain, prefixed, strict=True)])
            spelled = np.where(prefixed, np.minimum(spelled, rest + PREFIX_BITS), spelled)
        for word, root, bits in zip(words, plain, spelled.tolist(), strict=True):
            row = lists.row.get(root, -1) if lists is not None else -1
            listed = lists.share(row, weight) if lists is not None and row >= 0 else 0.0
            own = self._own.get(word, 0) / self._total
            share = LISTED_SHARE * listed + INTACT_SHARE * own + OTHER_SHARE * 2.0**-bits
            # the lists leave vowel marks out, as most writers do; no word begins with one
            begins_badly = root != word and bare(word[:1]) != word[:1]
            marks = [char for char in word if bare(char) != char] if root != word and own == 0 else []
            vowels = sum(VOWEL_BITS if char in self._vowels else RARE_VOWEL_BITS for char in marks)
            vowels += 12 * VOWEL_BITS * ((begins_badly or _MISPLACED.search(word) is not None) and own == 0)
            cost = vowels - math.log2(max(share, 1e-300))
            for form in forms[word]:
                self._bits[form] = ASCII_BITS if form.isascii() else cost + CASE_BITS * _mixes_case(form)
            if (listed > MIN_WORD_SHARE and not begins_badly) or own > 0:
                self._known.update(forms[word])

    def derives(self, word: str) -> bool:
        """Return whether a word is a prefix of one letter before the stem of a listed word."""
        low = word.lower()
        script = script_of(low)
        return low[:1] in PREFIXES.get(script, "") and self.trusts(script) and low[1 : STEM + 1] in stems_of(script)

    def bits(self, word: str) -> float:
        """Bits that a judged word costs; the lists hold no words of ASCII letters, which cost alike."""
        return self._bits[word]

    def knows(self, word: str) -> bool:
        """Return whether a judged word is listed, or is intact elsewhere in the text."""
        return word in self._known
