"""Which letters keep company: `ş` with `ğ` and `ı`, `ž` with `č` and `ř`.

Pairs of neighbours cannot tell whether `žehir` or `şehir` is meant; the other letters of the document can. Several
hundred languages, each with the shares of its letters beyond ASCII, vote with the weight the known letters give them.
All sums are of integers or of powers of two in a fixed order.
"""

from __future__ import annotations

import numpy as np

from corpusmill.transforms.kernels.cleaning.mojibake.language_model.model import MODEL, UNITS
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search.lattice import Sequences, resolve

MAX_BITS = 6
"""What the company of a letter may add or take away at most."""
TEMPER = 2
"""Letters of a text are not independent of each other: their votes count half."""
MAX_LETTERS = 200
"""Votes of one letter, at most: a long text need not be surer than that."""
ROUNDS = 2
"""Times that ambiguous characters are decided anew, those that were decided before taken into account."""


def _shares() -> np.ndarray:
    shares: np.ndarray = np.exp2(MODEL.letter_costs.astype(np.float64) / -UNITS)
    return shares


_SHARES = _shares()
_EVERYWHERE = _SHARES.mean(axis=0)


def _votes(letters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    number = MODEL.letter_number[letters]
    different, count = np.unique(number[number > 0], return_counts=True)
    return different.astype(np.int64) - 1, np.minimum(count, MAX_LETTERS)


def company(letters: np.ndarray, options: np.ndarray) -> np.ndarray:
    """How well characters go with the letters of a text.

    Args:
        letters: Code points of the text that are certain.
        options: Code points in question, any shape.

    Returns:
        int64 of that shape, units to add to their prices: negative for those that keep company with the letters.
    """
    result = np.zeros(options.shape, dtype=np.int64)
    different, count = _votes(letters)
    number = MODEL.letter_number[options].astype(np.int64)
    if not len(different) or not (number > 0).any():
        return result
    cost = MODEL.letter_costs[:, different].astype(np.int64) @ count
    weight = np.exp2((cost.min() - cost) / (UNITS * TEMPER))
    share = weight @ _SHARES / weight.sum()
    gain = np.round(np.log2(share / _EVERYWHERE) * UNITS).astype(np.int64)
    most = MAX_BITS * UNITS
    result[number > 0] = -np.clip(gain, -most, most)[number[number > 0] - 1]
    return result


def coherence(letters: np.ndarray) -> int:
    """Units by which the letters of a text are cheaper in their best language than in all languages together."""
    different, count = _votes(letters)
    if not len(different):
        return 0
    everywhere = np.round(-np.log2(_EVERYWHERE[different]) * UNITS).astype(np.int64)
    best = (MODEL.letter_costs[:, different].astype(np.int64) @ count).min()
    return int((everywhere @ count - best) // TEMPER)


def settle(codes: np.ndarray, found: Sequences, sound: np.ndarray, char: np.ndarray) -> np.ndarray:
    """Decide ambiguous characters anew by the company that they make for each other.

    Where most letters of a text are ambiguous, only what has been decided about them can tell its language.

    Args:
        codes: The code points of the batch.
        found: The sequences.
        sound: Code points of the text that are no sequences.
        char: int64, what each sequence was decided to be.

    Returns:
        int64, the code point of each sequence.
    """
    for _ in range(ROUNDS):
        before = char
        char = resolve(codes, found, company(np.concatenate([sound, char]), found.options))
        if np.array_equal(before, char):
            break
    return char


_BITS = MODEL.letter_costs.astype(np.float32) / UNITS


def oddity(letters: np.ndarray, row: np.ndarray, rows: int) -> np.ndarray:
    """How badly the letters beyond ASCII of some texts go together: bits that no language explains.

    Args:
        letters: Code points of all texts.
        row: int64, the text that each belongs to.
        rows: How many texts there are.

    Returns:
        float32, shape (rows,): by how much the letters cost more in their best language than their own shares explain.
    """
    number = MODEL.letter_number[letters].astype(np.int64)
    row, number = row[number > 0], number[number > 0] - 1
    different, place = np.unique(number, return_inverse=True)
    count = np.bincount(row * len(different) + place, minlength=rows * len(different)).reshape(rows, -1)
    total = count.sum(axis=1, keepdims=True)
    count = (count * np.minimum(1, MAX_LETTERS / np.maximum(total, 1))).astype(np.float32)
    cost = (count @ _BITS[:, different].T).min(axis=1) if len(different) else np.zeros(rows, dtype=np.float32)
    total = count.sum(axis=1, keepdims=True)
    own = -(count * np.log2(np.maximum(count, 1e-9) / np.maximum(total, 1e-9))).sum(axis=1)
    result: np.ndarray = np.round(cost - own, 2)
    return result


def text_oddity(text: str) -> float:
    """See `oddity`; of one text."""
    codes = np.array([ord(c) for c in text if c > "\x7f"], dtype=np.int64)
    return float(oddity(codes, np.zeros(len(codes), dtype=np.int64), 1)[0])
