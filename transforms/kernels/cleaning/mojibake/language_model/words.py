"""Word lists of some forty languages: how usual a word is, and which language a text is in.

Characters in pairs cannot tell `Носковское` from `Московское`; words can. `words.npz` holds the most frequent words
beyond ASCII of each language (`words.NOTICE` names the source and its licence; `tests/tools/mojibake/words.py` makes
it). A list is read when a text of its script needs it, not before.
"""

from __future__ import annotations

import functools
import importlib.resources
import io
import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from corpusmill.transforms.kernels.cleaning.mojibake.language_model.model import MODEL
from corpusmill.transforms.kernels.unicode.charsets import points, python_class

COST_UNITS = 8
"""Cost units in a bit: a word of cost c has the share 2 ** (-c / COST_UNITS) of its language's words."""
ABSENT = 192
"""What a word that a language's list lacks costs in it, more than any word that it has."""
TEMPER = 2
"""Words of a text are not independent of each other: their votes count half."""
MIN_WORD_SHARE = 2.0**-30
"""A word as rare as this is no word of a text's language."""
UNSEGMENTED = frozenset(["Han", "Hiragana", "Katakana", "Thai", "Lao", "Khmer", "Myanmar", "Tibetan"])
"""Scripts written without spaces between words."""
_SELECTORS = range(0xFE00, 0xFE10)
_MARKS = points(
    c for c in range(0x300, 0xFFFF) if unicodedata.category(chr(c)) in ("Mn", "Mc") and c not in _SELECTORS
) | points("\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}")
WORD = re.compile(rf"(?:[^\W\d_]|[{python_class(_MARKS)}])+")
"""A word: letters and marks."""


@functools.lru_cache(maxsize=1 << 16)
def script_of(word: str) -> str:
    """Name of the script of a word's first letter beyond ASCII, else of its first letter; empty without letters."""
    first = ""
    for char in word:
        number = int(MODEL.script[MODEL.classes[ord(char)]])
        if number >= 0:
            name = MODEL.script_names[number]
            if char > "\x7f":
                return name
            first = first or name
    return first


_VOWELS = (*range(0x64B, 0x653), 0x670, 0x640)
_NO_VOWELS = str.maketrans("", "", "".join(map(chr, _VOWELS)))
_VOWEL = re.compile(f"[{python_class(points(_VOWELS))}]")


_FINAL_SIGMA = re.compile("σ$", re.MULTILINE)
"""The lists fold the sigma that ends a word into the other one."""


def bare(word: str) -> str:
    """A word without the vowel marks of Arabic, which the lists leave out as most writers do."""
    return word.translate(_NO_VOWELS) if _VOWEL.search(word) else word


class Lists(NamedTuple):
    """The lists of one script.

    Attributes:
        languages: Their names.
        row: Word (lower case) -> row of `cost`.
        cost: uint8, shape (words, languages): what a word costs in each language; `ABSENT` where its list lacks it.
    """

    languages: tuple[str, ...]
    row: dict[str, int]
    cost: np.ndarray

    def place(self, word: str) -> int:
        """Row of a word, or -1 if no list has it."""
        return self.row.get(bare(word.lower()), -1)

    def costs(self, words: Iterable[str]) -> np.ndarray:
        """What some words cost together in each language: int64."""
        total = np.zeros(len(self.languages), dtype=np.int64)
        for word in words:
            row = self.place(word)
            total += self.cost[row] if row >= 0 else ABSENT
        return total

    def share(self, row: int, weights: np.ndarray) -> float:
        """How often a word of the lists occurs among the words of a text in languages so likely."""
        cost = self.cost[row]
        return float(weights[cost < ABSENT] @ np.exp2(cost[cost < ABSENT] / -COST_UNITS))


def weights(costs: np.ndarray) -> np.ndarray:
    """How likely each language is, given what the words of a text cost in it: float64, summing to 1."""
    weight = np.exp2((costs.min() - costs) / (COST_UNITS * TEMPER))
    result: np.ndarray = weight / weight.sum()
    return result


@functools.cache
def _archive() -> np.lib.npyio.NpzFile:
    data = importlib.resources.files(__package__).joinpath("words.npz").read_bytes()
    archive: np.lib.npyio.NpzFile = np.load(io.BytesIO(data))
    return archive


@functools.cache
def lists_of(script: str) -> Lists | None:
    """The lists of a script, or None if there is none."""
    archive = _archive()
    languages = [
        str(name) for name, its in zip(archive["languages"], archive["scripts"], strict=True) if str(its) == script
    ]
    if not languages:
        return None
    row: dict[str, int] = {}
    columns = []
    for language in languages:
        words = _FINAL_SIGMA.sub("ς", archive[f"words_{language}"].tobytes().decode()).split("\n")
        columns.append((np.array([row.setdefault(word, len(row)) for word in words]), archive[f"costs_{language}"]))
    cost = np.full((len(row), len(languages)), ABSENT, dtype=np.uint8)
    for i, (places, costs) in enumerate(columns):
        cost[places, i] = costs
    return Lists(tuple(languages), row, cost)
