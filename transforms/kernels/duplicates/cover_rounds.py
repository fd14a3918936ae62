"""The greedy cover computed on partitions of the documents, round by round, with the same result.

A document can be decided as soon as all its earlier neighbours are: it is removed if one of them is kept, else it is
kept. Each partition holds the edges of its documents, from their side, and decides what it can; decisions travel to the
partitions of the neighbours. On an engine without loops:

1. `split_edges` on each block of verified edges; group the parts by partition and `join_parts`.
2. Some unrolled rounds, at least one: `cover_round` on each part with the decisions that arrived for it; group its part
   and the decisions it sends by partition.
3. `open_edges` of each part after the last round to one worker, `finish` there, its decisions to all parts. After a few
   rounds only long chains are open: few documents.
4. `choose_partners` on each part, with the decisions of the last round that arrived for it.

The rounds only move work from the one worker to the partitions; any number of them gives the cover of
`cover.greedy_cover`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from corpusmill.transforms.kernels.arrays import Bools, Float64s, Int64s, UInt64s
from corpusmill.transforms.kernels.duplicates.cover import KEPT, REMOVED, UNDECIDED, Cover, decide, rank_documents
from corpusmill.transforms.kernels.hashing import mix64
from corpusmill.transforms.kernels.sorted_runs import starts_run

Status = npt.NDArray[np.int8]


class CoverPart(NamedTuple):
    """The edges of one partition's documents, each from the side of one document, ascending by it.

    Attributes:
        document: uint64[e], the end that belongs to the partition.
        neighbour: uint64[e], the other end.
        similarity: float64[e].
        priority: int64[e], of the document.
        neighbour_priority: int64[e].
        status: int8[e], of the document: `UNDECIDED`, `KEPT` or `REMOVED`.
        neighbour_status: int8[e], as far as the partition knows.
    """

    document: UInt64s
    neighbour: UInt64s
    similarity: Float64s
    priority: Int64s
    neighbour_priority: Int64s
    status: Status
    neighbour_status: Status


class Decisions(NamedTuple):
    """Documents that were decided: uint64[d] keys and int8[d], `KEPT` or `REMOVED`."""

    document: UInt64s
    status: Status


class OpenEdges(NamedTuple):
    """Edges from documents to earlier neighbours, both undecided, and decisions that others may not know yet."""

    edges: CoverPart
    decided: Decisions


NO_DECISIONS = Decisions(np.empty(0, np.uint64), np.empty(0, np.int8))


def partition_of(document: UInt64s, partitions: int) -> Int64s:
    """Return int64[n], the partition of each document."""
    return (mix64(document.copy()) % np.uint64(partitions)).astype(np.int64)


def split_edges(  # noqa: PLR0913 -- an edge has five fields
    a: UInt64s,
    b: UInt64s,
    similarity: Float64s,
    priority_a: Int64s,
    priority_b: Int64s,
    *,
    partitions: int,
) -> dict[int, CoverPart]:
    """Cut a block of verified edges, as for `greedy_cover`, into parts by partition; each edge is in two of them."""
    open_status = np.full(2 * len(a), UNDECIDED, dtype=np.int8)
    both = CoverPart(
        np.concatenate((a, b)),
        np.concatenate((b, a)),
        np.concatenate((similarity, similarity)),
        np.concatenate((priority_a, priority_b)),
        np.concatenate((priority_b, priority_a)),
        open_status,
        open_status,
    )
    home = partition_of(both.document, partitions)
    return {part: _rows(both, np.flatnonzero(home == part)) for part in np.unique(home).tolist()}


def join_parts(parts: list[CoverPart]) -> CoverPart:
    """Join the parts of one partition that come from several blocks of edges, in any order."""
    joined = CoverPart._make(np.concatenate(columns) for columns in zip(*parts, strict=True))
    return _rows(joined, np.lexsort((joined.similarity, joined.neighbour, joined.document)))


def cover_round(part: CoverPart, arrived: list[Decisions], partitions: int) -> tuple[CoverPart, dict[int, Decisions]]:
    """Decide the documents of a partition that can be decided now.

    Args:
        part: The partition, from `join_parts` or the round before.
        arrived: Decisions that were sent to it since; their order does not matter.
        partitions: Number of partitions.

    Returns:
        The partition with what it knows now, and the decisions to send, by partition.
    """
    part = _learn(part, arrived)
    starts, inverse = _documents(part)
    if starts.size == 0:
        return part, {}
    before = _neighbour_is_earlier(part)
    goes = np.logical_or.reduceat(before & (part.neighbour_status == KEPT), starts)
    waits = np.logical_or.reduceat(before & (part.neighbour_status == UNDECIDED), starts)
    old = part.status[starts]
    new = np.where(goes, REMOVED, np.where(waits, UNDECIDED, KEPT)).astype(np.int8)
    new = np.where(old == UNDECIDED, new, old)
    fresh = (old == UNDECIDED) & (new != UNDECIDED)
    told = np.flatnonzero(fresh[inverse])
    home = partition_of(part.neighbour[told], partitions)
    order = np.lexsort((part.document[told], home))
    told, home = told[order], home[order]
    first = starts_run(home, part.document[told])
    told, home = told[first], home[first]
    part = part._replace(status=new[inverse])
    cuts = np.flatnonzero(np.diff(home)) + 1
    news = {
        int(home[rows[0]]): Decisions(part.document[told[rows]], part.status[told[rows]])
        for rows in np.split(np.arange(len(told)), cuts)
        if rows.size
    }
    return part, news


def open_edges(part: CoverPart, news: dict[int, Decisions]) -> OpenEdges:
    """What a partition cannot decide after the last round.

    Args:
        part: The partition after its last round.
        news: The decisions that this round sends: the other partitions do not know them yet.
    """
    undecided = (part.status == UNDECIDED) & (part.neighbour_status == UNDECIDED)
    edges = _rows(part, np.flatnonzero(undecided & _neighbour_is_earlier(part)))
    return OpenEdges(edges, _joined([news[home] for home in sorted(news)]))


def finish(parts: list[OpenEdges]) -> Decisions:
    """Decide all documents of the open edges of all partitions."""
    edges = join_parts([part.edges for part in parts])
    documents, rank, earlier_rank = rank_documents(
        edges.document, edges.neighbour, edges.priority, edges.neighbour_priority
    )
    known = _looked_up(documents, _joined([part.decided for part in parts]))
    status = decide(earlier_rank, rank, known.copy())
    fresh = known == UNDECIDED
    return Decisions(documents[fresh], status[fresh])


def choose_partners(part: CoverPart, arrived: list[Decisions], finished: Decisions) -> Cover:
    """The removed documents of a partition with their partners, once all documents are decided.

    Args:
        part: The partition after the last round.
        arrived: Decisions sent to it in the last round.
        finished: What `finish` decided.
    """
    part = _learn(part, [*arrived, finished])
    status = np.where(part.status == UNDECIDED, _looked_up(part.document, finished), part.status)
    reasons = (status == REMOVED) & (part.neighbour_status == KEPT) & _neighbour_is_earlier(part)
    rows = np.flatnonzero(reasons)
    order = np.lexsort(
        (part.neighbour[rows], part.neighbour_priority[rows], -part.similarity[rows], part.document[rows])
    )
    best = _rows(part, rows[order])
    first = starts_run(best.document)
    return Cover(best.document[first], best.neighbour[first], best.similarity[first])


def _rows(part: CoverPart, rows: Int64s) -> CoverPart:
    return CoverPart(
        part.document[rows],
        part.neighbour[rows],
        part.similarity[rows],
        part.priority[rows],
        part.neighbour_priority[rows],
        part.status[rows],
        part.neighbour_status[rows],
    )


def _documents(part: CoverPart) -> tuple[Int64s, Int64s]:
    """Where the edges of each document start, and the number of the document of each edge."""
    if len(part.document) == 0:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    first = starts_run(part.document)
    return np.flatnonzero(first), np.cumsum(first) - 1


def _neighbour_is_earlier(part: CoverPart) -> Bools:
    same = part.neighbour_priority == part.priority
    earlier: Bools = part.neighbour_priority < part.priority
    earlier |= same & (part.neighbour < part.document)
    return earlier


def _looked_up(documents: UInt64s, decisions: Decisions) -> Status:
    """Status of each document by the decisions, `UNDECIDED` where they do not speak of it."""
    if len(decisions.document) == 0:
        return np.full(len(documents), UNDECIDED, dtype=np.int8)
    order = np.argsort(decisions.document)
    keys, status = decisions.document[order], decisions.status[order]
    place = np.minimum(np.searchsorted(keys, documents), len(keys) - 1)
    return np.where(keys[place] == documents, status[place], UNDECIDED).astype(np.int8)


def _joined(decisions: list[Decisions]) -> Decisions:
    return Decisions(
        np.concatenate([NO_DECISIONS.document, *(some.document for some in decisions)]),
        np.concatenate([NO_DECISIONS.status, *(some.status for some in decisions)]),
    )


def _learn(part: CoverPart, arrived: list[Decisions]) -> CoverPart:
    news = _looked_up(part.neighbour, _joined(arrived))
    return part._replace(neighbour_status=np.where(part.neighbour_status == UNDECIDED, news, part.neighbour_status))
