"""Proofs, on whole columns, that normalization would change nothing: one pass of RE2 clears most documents.

The joint pattern of all rules is searched first. Only documents in which it finds something are asked rule by rule, and
only the rules that find something are run on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from transforms.kernels.rules import Mask, Rule

Rows = npt.NDArray[np.int64]

FEW_BYTES = 32_768
"""Below, running all rules takes less time than compiling their patterns."""


def matches(text: pa.StringArray, pattern: str) -> Mask:
    """Return for each row whether the RE2 pattern is found in it; null rows count as not."""
    found = pc.match_substring_regex(text, pattern)
    return np.asarray(pc.fill_null(found, False).to_numpy(zero_copy_only=False), dtype=np.bool_)


def non_ascii(text: pa.StringArray) -> Mask:
    """Return for each row whether it holds a character above U+007F; null rows count as not."""
    wider = pc.not_equal(pc.binary_length(text), pc.utf8_length(text))
    return np.asarray(pc.fill_null(wider, False).to_numpy(zero_copy_only=False), dtype=np.bool_)


@cache
def joint_pattern(patterns: tuple[str, ...]) -> str:
    """Return one pattern that matches wherever any of the given ones does."""
    return "|".join(f"(?:{pattern})" for pattern in dict.fromkeys(patterns))


def suspects(text: pa.StringArray, rules: Sequence[Rule]) -> Mask:
    """Return, as a boolean array of shape (rows, rules), which rule might change which row.

    False is a proof: the rule leaves that text alone.
    """
    table = np.zeros((len(text), len(rules)), dtype=np.bool_)
    wide = non_ascii(text)
    present = np.asarray(text.is_valid().to_numpy(zero_copy_only=False))
    for members, only_ascii in ((~wide & present, True), (wide, False)):
        able = [index for index, rule in enumerate(rules) if rule.proof and (rule.ascii or not only_ascii)]
        inert = [index for index in able if rules[index].inert]
        others = [index for index in able if not rules[index].inert]
        rows = np.flatnonzero(members)
        if _bytes_of(text, rows) <= FEW_BYTES:
            table[np.ix_(rows, able)] = True
            continue
        hit = _hits(text, rows, [rules[index].proof[0] for index in able])
        # Inert rules are cheap, so they are not told apart.
        table[np.ix_(_hits(text, hit, [rules[index].proof[0] for index in inert]), inert)] = True
        rows = _hits(text, hit, [rules[index].proof[0] for index in others])
        if _bytes_of(text, rows) <= FEW_BYTES:
            table[np.ix_(rows, others)] = True
            continue
        for index in others:
            found = rows
            for pattern in rules[index].proof:
                found = _hits(text, found, [pattern])
            table[found, index] = True
    for index, rule in enumerate(rules):
        if rule.suspects is not None:
            table[:, index] = rule.suspects(text)
    return table


def _bytes_of(text: pa.StringArray, rows: Rows) -> int:
    return pc.sum(pc.binary_length(text.take(pa.array(rows)))).as_py() or 0


def _hits(text: pa.StringArray, rows: Rows, patterns: Sequence[str]) -> Rows:
    """Return those of the rows in which one of the patterns is found."""
    if not len(rows) or not patterns:
        return rows[:0]
    column = text if len(rows) == len(text) else text.take(pa.array(rows))
    return rows[matches(column, joint_pattern(tuple(patterns)))]
