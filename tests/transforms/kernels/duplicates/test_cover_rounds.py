"""The cover on partitions against the cover in one place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.duplicates.cover import UNDECIDED, Cover, greedy_cover
from corpusmill.transforms.kernels.duplicates.cover_rounds import (
    CoverPart,
    Decisions,
    OpenEdges,
    choose_partners,
    cover_round,
    finish,
    join_parts,
    open_edges,
    partition_of,
    split_edges,
)

Graph = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def by_rounds(graph: Graph, partitions: int, rounds: int, blocks: int, seed: int = 0) -> tuple[Cover, int]:
    """Play the partitions; what arrives is shuffled, as an engine may. Also the number of edges left to finish."""
    rng = np.random.default_rng(seed)
    grouped: dict[int, list[CoverPart]] = {}
    for rows in np.array_split(rng.permutation(len(graph[0])), blocks):
        for home, part in split_edges(*(column[rows] for column in graph), partitions=partitions).items():
            grouped.setdefault(home, []).append(part)
    parts = {home: join_parts(pieces) for home, pieces in grouped.items()}
    mail: dict[int, list[Decisions]] = {}
    rest: list[OpenEdges] = []
    for _ in range(rounds):
        sent: dict[int, list[Decisions]] = {}
        rest = []
        for home in rng.permutation(sorted(parts)).tolist():
            parts[home], news = cover_round(parts[home], mail.get(home, []), partitions)
            rest.append(open_edges(parts[home], news))
            for target, decisions in news.items():
                sent.setdefault(target, []).append(decisions)
        mail = sent
    finished = finish(rest)
    covers = [choose_partners(parts[home], mail.get(home, []), finished) for home in sorted(parts)]
    joined = Cover(*(np.concatenate(columns) for columns in zip(*covers, strict=True)))
    order = np.argsort(joined.removed)
    ordered = Cover(joined.removed[order], joined.partner[order], joined.similarity[order])
    return ordered, sum(len(part.edges.document) for part in rest)


def graph_of(pairs: np.ndarray, seed: int = 1, ranked: bool = True) -> Graph:
    rng = np.random.default_rng(seed)
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    a, b = pairs.astype(np.uint64).T
    similarity = rng.choice([0.8, 0.85, 0.9, 1.0], len(a))
    priority = (
        rng.integers(-2, 3, int(pairs.max(initial=0)) + 1) if ranked else np.zeros(int(pairs.max()) + 1, np.int64)
    )
    return a, b, similarity, priority[pairs[:, 0]], priority[pairs[:, 1]]


@settings(deadline=None, max_examples=120)
@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)).filter(lambda p: p[0] != p[1]), min_size=1, max_size=40),
    st.integers(1, 5),
    st.integers(1, 4),
    st.integers(1, 3),
    st.integers(0, 99),
)
def test_rounds_on_partitions_give_the_greedy_cover(
    pairs: list[tuple[int, int]], partitions: int, rounds: int, blocks: int, seed: int
) -> None:
    graph = graph_of(np.array(pairs), seed)
    expected = greedy_cover(*graph)
    found, _ = by_rounds(graph, partitions, rounds, blocks, seed)
    for column, other in zip(found, expected, strict=True):
        assert column.tolist() == other.tolist()


def planted(kind: str) -> np.ndarray:
    n = 4000
    rng = np.random.default_rng(4)
    if kind == "path":
        return np.stack((np.arange(n), np.arange(1, n + 1)), axis=1)
    if kind == "star":
        return np.stack((np.full(n, n), np.arange(n)), axis=1)
    if kind == "cliques":
        i, j = np.triu_indices(20, 1)
        return np.concatenate([np.stack((i, j), axis=1) + 20 * c for c in range(100)])
    pairs = rng.integers(0, n, (3 * n, 2))
    return np.asarray(pairs[pairs[:, 0] != pairs[:, 1]])


@pytest.mark.parametrize("kind", ["path", "star", "cliques", "random"])
@pytest.mark.parametrize("ranked", [False, True])
def test_planted_graphs_have_the_greedy_cover(kind: str, ranked: bool) -> None:
    graph = graph_of(planted(kind), ranked=ranked)
    expected = greedy_cover(*graph)
    left = []
    for rounds in (1, 2, 4, 9):
        found, open_count = by_rounds(graph, 7, rounds, 5)
        left.append(open_count)
        for column, other in zip(found, expected, strict=True):
            assert (column == other).all()
    assert left[1] < len(graph[0])
    assert left == sorted(left, reverse=True)
    if kind in ("star", "cliques"):
        assert left[-1] == 0


def test_a_round_sends_each_decision_once_to_each_partition_of_a_neighbour() -> None:
    a, b = np.array([1, 1, 1, 2], dtype=np.uint64), np.array([2, 3, 4, 5], dtype=np.uint64)
    zero = np.zeros(4, np.int64)
    parts = split_edges(a, b, np.full(4, 0.9), zero, zero, partitions=2)
    home = int(partition_of(np.array([1], np.uint64), 2)[0])
    part, news = cover_round(join_parts([parts[home]]), [], 2)
    for target, decisions in news.items():
        sent = decisions.document.tolist()
        assert len(set(sent)) == len(sent)
        assert 1 in sent
        assert target in partition_of(np.array([2, 3, 4], np.uint64), 2)
    assert (part.status[part.document == 1] != UNDECIDED).all()
