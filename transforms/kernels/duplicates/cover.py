"""Which documents are removed: a greedy cover over verified pairs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from corpusmill.transforms.kernels.arrays import Float64s, Int64s, UInt64s
from corpusmill.transforms.kernels.sorted_runs import starts_run

Status = npt.NDArray[np.int8]

UNDECIDED, KEPT, REMOVED = 0, 1, 2

_MIN_PROGRESS = 16  # a round that decides less than one in so many of the open edges hands over to the loop


class Cover(NamedTuple):
    """The documents that are removed, ascending by document key.

    Attributes:
        removed: uint64[r].
        partner: uint64[r], a kept document before the removed one in the order, to which it has a verified edge: the
            most similar such, the first in order among equals.
        similarity: float64[r], of the removed document and its partner.
    """

    removed: UInt64s
    partner: UInt64s
    similarity: Float64s


def greedy_cover(a: UInt64s, b: UInt64s, similarity: Float64s, priority_a: Int64s, priority_b: Int64s) -> Cover:
    """Go through the documents by (priority, key); remove one that has an edge to a kept one, else keep it.

    So every removed document has a kept partner, no two kept documents have an edge, and nothing is removed by way
    of a third document.

    Args:
        a: uint64[e], document keys of verified edges (similarity at or above the threshold).
        b: uint64[e], the other ends; never equal to `a`. An edge may be given more than once.
        similarity: float64[e].
        priority_a: int64[e], priority of each `a`, least first; the same wherever a document appears.
        priority_b: int64[e], priority of each `b`.

    Returns:
        The cover; it does not depend on the order or direction of the edges.
    """
    documents, rank_a, rank_b = rank_documents(a, b, priority_a, priority_b)
    earlier, later = np.minimum(rank_a, rank_b), np.maximum(rank_a, rank_b)
    status = decide(earlier, later, np.full(len(documents), UNDECIDED, dtype=np.int8))
    return _partners(documents, earlier, later, similarity, status)


def rank_documents(a: UInt64s, b: UInt64s, priority_a: Int64s, priority_b: Int64s) -> tuple[UInt64s, Int64s, Int64s]:
    """The documents in order, and the place in it of each end of each edge."""
    ends = np.concatenate((a, b))
    keys, first, inverse = np.unique(ends, return_index=True, return_inverse=True)
    order = np.lexsort((keys, np.concatenate((priority_a, priority_b))[first]))
    rank = np.empty(len(keys), dtype=np.int64)
    rank[order] = np.arange(len(keys))
    ranks = rank[inverse]
    return keys[order], ranks[: len(a)], ranks[len(a) :]


def decide(earlier: Int64s, later: Int64s, status: Status) -> Status:
    """Decide documents in order, in place: the lexicographically first maximal set without an edge is kept.

    Args:
        earlier: int64[e], place in the order of the earlier end of each edge.
        later: int64[e], place of the later end.
        status: int8[n], `UNDECIDED` or what has been decided already, in keeping with this order.
    """
    status[later[status[earlier] == KEPT]] = REMOVED
    undecided = (status[earlier] == UNDECIDED) & (status[later] == UNDECIDED)
    earlier, later = earlier[undecided], later[undecided]
    open_edges = len(earlier)
    while open_edges:
        # Undecided documents without an undecided earlier neighbour are kept, and their later neighbours are removed.
        waits = np.zeros(len(status), dtype=bool)
        waits[later] = True
        kept = earlier[~waits[earlier]]
        status[kept] = KEPT
        status[later[status[earlier] == KEPT]] = REMOVED
        undecided = (status[earlier] == UNDECIDED) & (status[later] == UNDECIDED)
        earlier, later = earlier[undecided], later[undecided]
        if (open_edges - len(earlier)) * _MIN_PROGRESS < open_edges:
            _decide_in_order(earlier, later, status)
            break
        open_edges = len(earlier)
    status[status == UNDECIDED] = KEPT
    return status


def _decide_in_order(earlier: Int64s, later: Int64s, status: Status) -> None:
    """Decide the rest one document after the other; for long chains, where rounds would decide few at a time."""
    order = np.argsort(earlier, kind="stable")
    flags = bytearray(len(status))
    for first, second in zip(earlier[order].tolist(), later[order].tolist(), strict=True):
        if not flags[first]:
            flags[second] = 1
    removed = np.frombuffer(flags, np.uint8) != 0
    status[earlier], status[later] = KEPT, KEPT
    status[removed] = REMOVED


def _partners(documents: UInt64s, earlier: Int64s, later: Int64s, similarity: Float64s, status: Status) -> Cover:
    """The most similar kept neighbour before each removed document.

    A kept neighbour behind it is not a reason: by `longest` it may be an excerpt, by `newest` an older version.
    """
    reasons = (status[earlier] == KEPT) & (status[later] == REMOVED)
    removed, partner, value = later[reasons], earlier[reasons], similarity[reasons]
    order = np.lexsort((partner, -value, documents[removed]))
    removed, partner, value = removed[order], partner[order], value[order]
    best = starts_run(removed)
    return Cover(documents[removed[best]], documents[partner[best]], value[best])
