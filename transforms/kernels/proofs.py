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
    for rows, only_ascii in ((np.flatnonzero(~wide), True), (np.flatnonzero(wide), False)):
        able = [index for index, rule in enumerate(rules) if rule.proof and (rule.ascii or not only_ascii)]
        for inert in (False, True):
            _search(text, rows, [(index, rules[index].proof) for index in able if rules[index].inert == inert], table)
    for index, rule in enumerate(rules):
        if rule.suspects is not None:
            table[:, index] = rule.suspects(text)
    return table


def _search(
    text: pa.StringArray, rows: npt.NDArray[np.int64], layer: list[tuple[int, tuple[str, ...]]], table: Mask
) -> None:
    """Fill `table` for some rows: the first patterns of all rules at once, then by halves where they find something."""
    if not layer or not len(rows):
        return
    column = text if len(rows) == len(text) else text.take(pa.array(rows))
    rows = rows[matches(column, joint_pattern(tuple(proof[0] for _, proof in layer)))]
    if len(layer) > 1:
        for half in (layer[: len(layer) // 2], layer[len(layer) // 2 :]):
            _search(text, rows, half, table)
        return
    index, proof = layer[0]
    for pattern in proof[1:]:
        rows = rows[matches(text.take(pa.array(rows)), pattern)]
    table[rows, index] = True
