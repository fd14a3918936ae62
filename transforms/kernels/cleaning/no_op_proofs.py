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

from corpusmill.transforms.kernels.cleaning.rules import Mask, Rule

Rows = npt.NDArray[np.int64]

FEW_BYTES = 100_000
"""Below, running all rules takes less time than compiling their patterns."""
BRANCHES = 4


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
    for members, only_ascii in ((~wide & present, True), (wide & present, False)):
        able = [index for index, rule in enumerate(rules) if rule.ascii or not only_ascii]
        whole = _Part(text, np.flatnonzero(members))
        # What has a proof of its own is apart: it may look at most texts of a language, and clear them.
        for index in able:
            if (prove := rules[index].suspects) is not None:
                part = whole.where(rules[index].proof) if rules[index].proof else whole
                table[part.rows, index] = prove(part.text)
        able = [index for index in able if rules[index].suspects is None]
        part = whole.where([rules[index].proof[0] for index in able]) if whole.size() > FEW_BYTES else whole
        # Inert rules are cheap, so they are not told apart.
        for index in able:
            table[part.rows, index] = rules[index].inert
        _tell_apart(part, [(index, rules[index].proof) for index in able if not rules[index].inert], table)
    return table


class _Part:
    """Some rows of a column; their texts are copied together when first searched."""

    def __init__(self, text: pa.StringArray, rows: Rows) -> None:
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


def _tell_apart(part: _Part, proofs: list[tuple[int, tuple[str, ...]]], table: Mask) -> None:
    """Fill `table` for some rows: all proofs at once, then fewer and fewer where they find something."""
    if not proofs or not len(part.rows):
        return
    if part.size() <= FEW_BYTES:
        for index, _ in proofs:
            table[part.rows, index] = True
        return
    part = part.where([proof[0] for _, proof in proofs])
    if len(proofs) > 1:
        step = -(-len(proofs) // BRANCHES)
        for start in range(0, len(proofs), step):
            _tell_apart(part, proofs[start : start + step], table)
        return
    index, proof = proofs[0]
    for pattern in proof[1:]:
        part = part.where([pattern])
    table[part.rows, index] = True
