"""Bands of signature rows: how many find what, and the keys under which documents meet."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corpusmill.transforms.kernels.arrays import UInt64s
from corpusmill.transforms.kernels.duplicates.minhash import UInt32
from corpusmill.transforms.kernels.hashing import GOLDEN, mix64

_ROW_FACTOR = np.uint64(0xD6E8FEB86659FD93)


class Banding(NamedTuple):
    """A signature cut into `bands` of `rows` values; documents that agree in a whole band are candidates."""

    bands: int
    rows: int


def choose_banding(similarity: float, recall: float, num_perm: int) -> Banding:
    """Return the most selective banding that finds pairs of `similarity` with probability `recall`.

    As many rows as possible, and then all bands that `num_perm` allows: candidates are verified exactly, so that more
    bands cost time and never a wrong removal.

    Raises:
        ValueError: Not even bands of one row reach the recall.
    """
    for rows in range(num_perm, 0, -1):
        banding = Banding(num_perm // rows, rows)
        if expected_recall(similarity, banding) >= recall:
            return banding
    best = expected_recall(similarity, Banding(num_perm, 1))
    raise ValueError(
        f"{num_perm} permutations find pairs of similarity {similarity:g} with probability {best:.6f} at most, not "
        f"{recall:g}: raise dedup.num_perm or lower dedup.recall"
    )


def expected_recall(similarity: float, banding: Banding) -> float:
    """Probability that a pair of this Jaccard similarity agrees in at least one band."""
    return float(1 - (1 - similarity**banding.rows) ** banding.bands)


def band_keys(minima: UInt32, banding: Banding) -> UInt64s:
    """Return uint64[n, bands], the key of each document in each band.

    Keys of different bands differ even where the rows agree, so that bands may share one space of keys.

    Args:
        minima: uint32[p, n] with p >= bands * rows, from `minhash.minima`.
        banding: Bands and rows.
    """
    n = minima.shape[1]
    keys = np.empty((n, banding.bands), dtype=np.uint64)
    scratch = np.empty(n, dtype=np.uint64)
    for band, salt in enumerate(np.arange(1, banding.bands + 1, dtype=np.uint64) * GOLDEN):
        key = np.full(n, salt, dtype=np.uint64)
        for row in range(banding.rows):
            key *= _ROW_FACTOR
            key += minima[band * banding.rows + row]
        keys[:, band] = mix64(key, scratch)
    return keys
