"""Proofs, on whole columns, that normalization would change nothing: one pass of RE2 clears most documents.

One short pattern that holds the outlines of all proofs is searched first, and clears nearly all Western text. Only
documents in which it finds something are searched for the proofs themselves, first jointly, then rule by rule, and only
the rules that find something are run on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Bools, Int64s
from corpusmill.transforms.kernels.cleaning.rules import Rule
from corpusmill.transforms.kernels.columns import bools

TINY_BYTES = 4_000
"""Below, running all rules takes less time than compiling their outlines."""
FEW_BYTES = 100_000
"""Below, searching for each outline takes less time than compiling the proofs."""
BRANCHES = 4


def matches(text: pa.StringArray, pattern: str) -> Bools:
    """Return for each row whether the RE2 pattern is found in it; null rows count as not."""
    found = pc.match_substring_regex(text, pattern)
    return np.asarray(pc.fill_null(found, False).to_numpy(zero_copy_only=False), dtype=np.bool_)


def non_ascii(text: pa.StringArray) -> Bools:
    """Return for each row whether it holds a character above U+007F; null rows count as not."""
    wider = pc.not_equal(pc.binary_length(text), pc.utf8_length(text))
    return np.asarray(pc.fill_null(wider, False).to_numpy(zero_copy_only=False), dtype=np.bool_)


@cache
def joint_pattern(patterns: tuple[str, ...]) -> str:
    """Return one pattern that matches wherever any of the given ones does."""
    return "|".join(f"(?:{pattern})" for pattern in dict.fromkeys(patterns))


def suspects(text: pa.StringArray, rules: Sequence[Rule]) -> Bools:
    """Return, as a boolean array of shape (rows, rules), which rule might change which row.

    False is a proof: the rule leaves that text alone.
    """
    table = np.zeros((len(text), len(rules)), dtype=np.bool_)
    wide = non_ascii(text)
    present = bools(text.is_valid())
    for members, only_ascii in ((~wide & present, True), (wide & present, False)):
        able = [index for index, rule in enumerate(rules) if rule.ascii or not only_ascii]
        whole = _Part(text, np.flatnonzero(members))
        # What has a proof of its own is apart: it may look at most texts of a language, and clear them.
        for index in able:
            if (prove := rules[index].suspects) is not None:
                part = whole.where(rules[index].proof) if rules[index].proof else whole
                table[part.rows, index] = prove(part.text)
        able = [index for index in able if rules[index].suspects is None]
        outlines = {index: _outline(rules[index]) for index in able}
        inert = [index for index in able if rules[index].inert]
        others = [index for index in able if not rules[index].inert]
        part = whole.where_any(outlines.values())
        # Inert rules are cheap, so they are not told apart.
        table[part.where_any(outlines[index] for index in inert).rows[:, None], inert] = True
        part = part.where_any(outlines[index] for index in others)
        _tell_apart(part, [(index, rules[index]) for index in others], table)
    return table


class _Part:
    """Some rows of a column; their texts are copied together when first searched."""

    def __init__(self, text: pa.StringArray, rows: Int64s) -> None:
        self.rows = rows
        self.text = text if len(rows) == len(text) else text.take(pa.array(rows))

    def size(self) -> int:
        """Bytes of text."""
        return int(pc.sum(pc.binary_length(self.text)).as_py() or 0)

    def where(self, patterns: Sequence[str]) -> _Part:
        """Return the rows in which one of the patterns is found."""
        if not len(self.rows):
            return self
        found = np.flatnonzero(matches(self.text, joint_pattern(tuple(patterns))))
        part = _Part(self.text, found)
        part.rows = self.rows[found]
        return part

    def where_any(self, patterns: Iterable[str]) -> _Part:
        """Return the rows in which one of the patterns is found; all, where that is quicker."""
        return self.where(tuple(patterns)) if self.size() > TINY_BYTES else self


def _tell_apart(part: _Part, rules: list[tuple[int, Rule]], table: Bools) -> None:
    """Fill `table` for some rows: all proofs at once, then fewer and fewer where they find something."""
    if not rules or not len(part.rows):
        return
    size = part.size()
    if size <= FEW_BYTES:
        for index, rule in rules:
            some = part.where([_outline(rule)]) if size > TINY_BYTES else part
            table[some.rows, index] = True
        return
    part = part.where([rule.proof[0] for _, rule in rules])
    if len(rules) > 1:
        step = -(-len(rules) // BRANCHES)
        for start in range(0, len(rules), step):
            _tell_apart(part, rules[start : start + step], table)
        return
    index, rule = rules[0]
    for pattern in rule.proof[1:]:
        part = part.where([pattern])
    table[part.rows, index] = True


def _outline(rule: Rule) -> str:
    """Return the cheapest proof of a rule."""
    return rule.coarse or rule.proof[0]
