"""Which of some pairs of texts are verified: similar enough by their words, and with operators as words too."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Bools, Float64s, Int64s
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.duplicates.verified import operator_similarity, verified_similarity


class Side(NamedTuple):
    """One side of p pairs.

    Attributes:
        texts: string or large_string, n texts.
        rows: int64[p], row of each pair in `texts`.
        stays: bool[p], whether the document of the pair is never removed.
    """

    texts: pa.Array
    rows: Int64s
    stays: Bools


class Verified(NamedTuple):
    """The pairs that are verified.

    Attributes:
        place: int64[v], which of the pairs.
        similarity: float64[v], exact.
        with_operators: float64[v], the same with operators as words, or that of the words if it is less.
    """

    place: Int64s
    similarity: Float64s
    with_operators: Float64s


def verify_pairs(left: Side, right: Side, settings: DedupSettings) -> Verified:
    """Return which pairs are verified.

    Two documents that are never removed are no pair; with `similarity: containment` such a document is none with a
    longer one either.

    Args:
        left: One side.
        right: The other side.
        settings: Settings of the duplicate stage.
    """
    similarity = verified_similarity(left.texts, right.texts, left.rows, right.rows, settings)
    verified = similarity >= settings.threshold
    verified &= ~(left.stays & right.stays)
    if settings.similarity == "containment":
        verified &= ~_is_for_excerpt(left, right)
    near = np.flatnonzero(verified)
    if not len(near):
        return Verified(near, np.zeros(0), np.zeros(0))
    similarity = similarity[near]
    counted = operator_similarity(left.texts, right.texts, left.rows[near], right.rows[near], settings)
    counted = np.minimum(counted, similarity)
    own = np.flatnonzero(counted >= settings.threshold)
    return Verified(near[own], similarity[own], counted[own])


def _is_for_excerpt(left: Side, right: Side) -> Bools:
    """Return whether the document of each pair that always stays is shorter than the other one."""
    sizes, others = (pc.utf8_length(side.texts).to_numpy()[side.rows] for side in (left, right))
    shorter: Bools = (left.stays & (sizes < others)) | (right.stays & (others < sizes))
    return shorter
