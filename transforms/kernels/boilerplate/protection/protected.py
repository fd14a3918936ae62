"""Lines that belong to something around them, and so never go by themselves: in code, of a pair, the only answer."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Bools, Int64s
from corpusmill.transforms.kernels.boilerplate.matching.changing_lines import is_sentence
from corpusmill.transforms.kernels.boilerplate.matching.sequence import PROSE, Sequence
from corpusmill.transforms.kernels.columns import matches

_BRACKETS: Final = ("()", "[]", "{}", "«»", "‹›", "「」", "『』", "（）", "【】")
_QUOTES: Final = (('"',), ("\N{LEFT DOUBLE QUOTATION MARK}", "\N{RIGHT DOUBLE QUOTATION MARK}", "„"))
_TAG: Final = r"^\s*(?:</?[A-Za-z][^>]*>|\[/?[A-Za-z][^\]]*\]|\{%.*%\})\s*$"
_MEASURE: Final = (
    r"(?i)\d\s?(?:[kmµ]?g|[cdm]?l|[cdkmµ]?m[²³23]?|oz|lbs?|cups?|tbsp|tsp|ha|kw|kcal|kj|hz|[kmg]hz|v|w|г|кг|мг|мл|л|см|мм|км"
    r"|克|公斤|毫升|グラム)(?:[^\pL]|$)|\d\s?(?:°|℃|℉|%|‰|€|£|\$|¥)|[€£$¥]\s?\d"
)


def of_pair(texts: pa.Array) -> Bools:
    """Return which lines open or close something that another line closes or opens: a quotation, a bracket, a tag."""
    found = matches(texts, _TAG)
    for opening, closing in _BRACKETS:
        found |= _count(texts, opening) != _count(texts, closing)
    for marks in _QUOTES:
        found |= sum(_count(texts, mark) for mark in marks) % 2 == 1
    return found


def measures(texts: pa.Array) -> Bools:
    """Return which lines hold a number with a unit of measure: "270 g almonds"."""
    return matches(texts, _MEASURE)


def only_answers(seq: Sequence, gone: Bools) -> Bools:
    """Return which of the lines that would be removed are all that is under a heading that stays.

    Args:
        seq: Lines that hold text.
        gone: bool, shape (n,), which would be removed.
    """
    entries = np.flatnonzero(gone)
    found = np.zeros(len(gone), bool)
    entries = entries[entries > seq.first[seq.row[entries]]]
    above = entries - 1
    heads = ~gone[above] & (seq.size[above] < PROSE) & (seq.line[entries] - seq.line[above] == 1)
    below = np.minimum(entries + 1, len(gone) - 1)
    ends = (seq.row[below] != seq.row[entries]) | (below == entries) | (seq.line[below] - seq.line[entries] > 1)
    entries = entries[heads & ends]
    spoken = is_sentence(seq.lines.texts(seq.line[entries - 1]))
    found[entries[~spoken]] = True
    return found


def _count(texts: pa.Array, mark: str) -> Int64s:
    count: Int64s = pc.count_substring(texts, mark).to_numpy(zero_copy_only=False).astype(np.int64)
    return count
