"""How a language spells: what a word that no list holds costs by its runs of up to five characters.

Most words that a list lacks are inflections and compounds of words that it has, spelled like them. The counts are made
from a list when a text needs them; a run counts by the words that hold it, the more frequent ones a little more.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from corpusmill.transforms.kernels.cleaning.mojibake.language_model.words import ABSENT, COST_UNITS, lists_of

ORDER = 5
"""Characters of the longest run."""
START, END = "\x02", "\x03"
BASE_BITS = 7.0
"""What a character costs that no word has; about one in so many characters of an alphabet with its signs."""
RARE_BITS = 20.0
"""Words rarer than one in two to this power count once."""
FREQUENT = 0.25
"""How much the frequency of a word counts: the exponent of it."""
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


class _Order(NamedTuple):
    """Runs of one length: sorted keys of runs and of what comes before their last character, and their weights."""

    runs: np.ndarray
    weight: np.ndarray
    contexts: np.ndarray
    total: np.ndarray
    kinds: np.ndarray


def _codes(words: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Characters of some words with marks around them, and which word each belongs to."""
    marked = [START * (ORDER - 1) + word + END for word in words]
    codes = np.frombuffer("".join(marked).encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    return codes, np.repeat(np.arange(len(words)), [len(m) for m in marked])


def _keys(codes: np.ndarray, length: int) -> np.ndarray:
    """A key for each run of `length` characters, by where it ends; those that end before it are meaningless."""
    key = np.zeros(len(codes), dtype=np.uint64)
    for back in range(length - 1, -1, -1):
        key = (
            key + np.concatenate([np.zeros(back, dtype=np.uint64), codes[: len(codes) - back]]) + np.uint64(1)
        ) * _MULTIPLIER
        key ^= key >> np.uint64(29)
    return key


class Spelling:
    """Prices of words by their spelling, learned from a list.

    Args:
        words: Words of the list, in lower case.
        bits: float64, what each costs.
    """

    def __init__(self, words: Sequence[str], bits: np.ndarray) -> None:
        codes, word = _codes(words)
        weight = np.exp2(np.maximum(RARE_BITS - bits, 0) * FREQUENT)[word]
        inside = codes != ord(START)
        self._orders = []
        for length in range(1, ORDER + 1):
            runs, first, place = np.unique(_keys(codes, length)[inside], return_index=True, return_inverse=True)
            context = _keys(np.concatenate([[0], codes[:-1]]).astype(np.uint64), length - 1)[inside]
            contexts, of = np.unique(context, return_inverse=True)
            self._orders.append(
                _Order(
                    runs,
                    np.bincount(place, weight[inside]),
                    contexts,
                    np.bincount(of, weight[inside]),
                    np.bincount(of[first], minlength=len(contexts)).astype(np.float64),
                )
            )

    def bits(self, words: Sequence[str]) -> np.ndarray:
        """What some words cost, their ends included: float64."""
        codes, word = _codes(words)
        inside = codes != ord(START)
        share = np.full(int(inside.sum()), 2.0**-BASE_BITS)
        for length, order in enumerate(self._orders, 1):
            seen = _look_up(order.runs, order.weight, _keys(codes, length)[inside])
            context = _keys(np.concatenate([[0], codes[:-1]]).astype(np.uint64), length - 1)[inside]
            total = _look_up(order.contexts, order.total, context)
            kinds = _look_up(order.contexts, order.kinds, context)
            share = np.where(total > 0, (seen + kinds * share) / np.maximum(total + kinds, 1e-9), share)
        return np.bincount(word[inside], -np.log2(share), minlength=len(words))


def _look_up(keys: np.ndarray, values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, values[at], 0.0)


@functools.cache
def spelling_of(script: str, language: int) -> Spelling | None:
    """How a language of a script spells.

    Args:
        script: The script.
        language: Its place among `lists_of(script).languages`.
    """
    lists = lists_of(script)
    if lists is None:
        return None
    cost = lists.cost[:, language]
    rows = np.flatnonzero(cost < ABSENT)
    words = list(lists.row)
    return Spelling([words[row] for row in rows.tolist()], cost[rows] / COST_UNITS)
