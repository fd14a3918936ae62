"""Groups of documents with equal shingles, of which one stands for all."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from transforms.kernels.hashing import UInt64


def resolve_groups(
    group_key: UInt64, doc: UInt64, priority: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.bool_], UInt64]:
    """Choose the representative of each group: the first by priority, then by document key.

    Only representatives need candidates. A greedy cover loses nothing by that: all members of a group have the same
    similarity to any document outside and 1 to each other, and the representative comes first. If it is kept, the
    others are removed as copies of it; if it is removed because of a kept document, that one is before it, hence
    before the others, and equally similar to them.

    Args:
        group_key: uint64[m, 2] of all documents in one part of the key space.
        doc: uint64[m], distinct document keys.
        priority: int64[m], least first.

    Returns:
        bool[m], true for representatives, and uint64[m], the representative of each document.
    """
    representative = np.ones(len(doc), dtype=bool)
    chosen = doc.copy()
    order = np.argsort(group_key[:, 0])
    first = group_key[order, 0]
    same = first[1:] == first[:-1]
    shared = np.zeros(len(doc), dtype=bool)
    shared[1:] |= same
    shared[:-1] |= same
    rows = order[shared]
    if rows.size == 0:
        return representative, chosen
    rows = rows[np.lexsort((doc[rows], priority[rows], group_key[rows, 1], group_key[rows, 0]))]
    keys = group_key[rows]
    starts = np.ones(len(rows), dtype=bool)
    starts[1:] = (keys[1:] != keys[:-1]).any(axis=1)
    leader = rows[starts][np.cumsum(starts) - 1]
    representative[rows] = starts
    chosen[rows] = doc[leader]
    return representative, chosen
