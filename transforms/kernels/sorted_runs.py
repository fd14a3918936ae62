"""Runs of equal values in sorted arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from corpusmill.transforms.kernels.arrays import Bools


def starts_run(*columns: npt.NDArray[Any]) -> Bools:
    """Return bool[n], whether each row differs from the one before in any column; the first row does.

    Args:
        columns: Of n rows each; shape (n,) or (n, k).

    Example:
        >>> starts_run(np.array([4, 4, 4, 7]), np.array([1, 1, 2, 2])).tolist()
        [True, False, True, True]
    """
    starts = np.ones(len(columns[0]), dtype=bool)
    differs = np.zeros(max(len(starts) - 1, 0), dtype=bool)
    for column in columns:
        other = column[1:] != column[:-1]
        differs |= other if column.ndim == 1 else other.any(axis=1)
    starts[1:] = differs
    return starts


def is_shared(column: npt.NDArray[Any]) -> Bools:
    """Return bool[n], whether the row before or behind each row has the same value.

    Args:
        column: shape (n,), sorted.

    Example:
        >>> is_shared(np.array([1, 2, 2, 3])).tolist()
        [False, True, True, False]
    """
    same = column[1:] == column[:-1]
    shared = np.zeros(len(column), dtype=bool)
    shared[1:] |= same
    shared[:-1] |= same
    return shared
