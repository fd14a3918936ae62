"""Histograms of scores, over all documents that were scored and over those that stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Bools, Float64s
from corpusmill.transforms.kernels.columns import bools
from corpusmill.transforms.kernels.quality.rules import RULES

Counts = dict[str, list[int]]
"""Name of a score -> documents in each bin, then those of them that stay; counts of several batches can be added."""

SHARES = tuple(round(0.05 * k, 2) for k in range(21))
NUMBERS = (0, *(2**k for k in range(21)))
LENGTHS = tuple(range(21))
_EDGES: dict[str, tuple[float, ...]] = {
    rule.score: NUMBERS if pa.types.is_integer(rule.kind) else SHARES for rule in RULES
} | {"gopher_mean_word_length": LENGTHS, "language_score": SHARES}


def edges_of(score: str) -> tuple[float, ...] | None:
    """Return the lower edges of the bins of a score, ascending; the last bin is open. None for scores of the user's."""
    return _EDGES.get(score)


def count_scores(scores: pa.Table, stays: Bools) -> Counts:
    """Count the documents in each bin of each score.

    Args:
        scores: Columns of scores, n rows; nulls count nowhere.
        stays: bool[n], which documents the scores drop not.
    """
    found: Counts = {}
    for name in scores.column_names:
        edges = edges_of(name)
        if edges is None:
            continue
        column = scores[name].combine_chunks()
        valid = bools(column.is_valid())
        values = pc.cast(column, pa.float64()).to_numpy(zero_copy_only=False)
        found[name] = [*_binned(values[valid], edges), *_binned(values[valid & stays], edges)]
    return found


def _binned(values: Float64s, edges: tuple[float, ...]) -> list[int]:
    place = np.searchsorted(edges, values, side="right") - 1
    counts: list[int] = np.bincount(np.maximum(place, 0), minlength=len(edges)).tolist()
    return counts


def count_languages(languages: pa.Array, stays: Bools) -> Counts:
    """Count documents, and those that stay, by language; documents without one are counted as `und`."""
    codes = np.array([code or "und" for code in languages.to_pylist()], object)
    return {str(code): [int((codes == code).sum()), int((stays & (codes == code)).sum())] for code in sorted({*codes})}


def add_counts(one: Mapping[str, list[int]], other: Mapping[str, list[int]]) -> Counts:
    """Add counts, name by name."""
    found = {name: list(counts) for name, counts in one.items()}
    for name, counts in other.items():
        known = found.get(name)
        found[name] = list(counts) if known is None else [a + b for a, b in zip(known, counts, strict=True)]
    return dict(sorted(found.items()))


def describe(counts: Mapping[str, list[int]]) -> dict[str, dict[str, Any]]:
    """Return the histograms as the manifest has them: {"from", "documents", "stay"}, each a list over the bins."""
    found = {}
    for name, values in counts.items():
        edges = edges_of(name) or ()
        found[name] = {"from": list(edges), "documents": values[: len(edges)], "stay": values[len(edges) :]}
    return found
