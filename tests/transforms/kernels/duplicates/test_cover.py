"""The greedy cover and groups against going through the documents one by one."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.duplicates import cover as module
from corpusmill.transforms.kernels.duplicates import groups
from corpusmill.transforms.kernels.duplicates.cover import Cover, greedy_cover
from corpusmill.transforms.kernels.duplicates.groups import resolve_groups

Edge = tuple[int, int, float]


def plain_cover(edges: list[Edge], priority: dict[int, int]) -> dict[int, tuple[int, float]]:
    near: dict[int, dict[int, float]] = {}
    for x, y, similarity in edges:
        for one, other in ((x, y), (y, x)):
            near.setdefault(one, {})[other] = max(similarity, near.get(one, {}).get(other, 0))
    kept: set[int] = set()
    order = sorted(near, key=lambda doc: (priority[doc], doc))
    for doc in order:
        if not kept & near[doc].keys():
            kept.add(doc)
    removed = {}
    for doc in near.keys() - kept:
        before = [other for other in kept & near[doc].keys() if (priority[other], other) < (priority[doc], doc)]
        partner = min(before, key=lambda other: (-near[doc][other], priority[other], other))
        removed[doc] = (partner, near[doc][partner])
    return removed


def run(edges: list[Edge], priority: dict[int, int]) -> Cover:
    a, b = (np.array([edge[i] for edge in edges], dtype=np.uint64) for i in (0, 1))
    ranks = [np.array([priority[int(edge[i])] for edge in edges], dtype=np.int64) for i in (0, 1)]
    return greedy_cover(a, b, np.array([edge[2] for edge in edges], dtype=np.float64), *ranks)


def as_dict(cover: Cover) -> dict[int, tuple[int, float]]:
    triples = zip(cover.removed.tolist(), cover.partner.tolist(), cover.similarity.tolist(), strict=True)
    return {doc: (partner, similarity) for doc, partner, similarity in triples}


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Edge], dict[int, int]]:
    n = draw(st.integers(2, 14))
    pairs = draw(
        st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda p: p[0] != p[1]), max_size=40)
    )
    names = draw(st.permutations([i << 32 | (i * 7) % 5 for i in range(n)]))
    values = {pair: draw(st.sampled_from([0.8, 0.85, 0.9, 1.0])) for pair in {tuple(sorted(p)) for p in pairs}}
    priority = {name: draw(st.integers(-2, 2)) for name in names}
    return [(names[x], names[y], values[tuple(sorted((x, y)))]) for x, y in pairs], priority


@settings(deadline=None, max_examples=300)
@given(graphs(), st.randoms(use_true_random=False))
def test_the_cover_is_that_of_the_reference_in_any_order(graph: Any, random: random.Random) -> None:
    edges, priority = graph
    expected = plain_cover(edges, priority)
    assert as_dict(run(edges, priority)) == expected
    shuffled = [(y, x, s) if random.random() < 0.5 else (x, y, s) for x, y, s in random.sample(edges, len(edges))]
    assert as_dict(run(shuffled, priority)) == expected


def planted(kind: str, n: int) -> list[tuple[int, int]]:
    rng = np.random.default_rng(4)
    if kind == "path":
        return [(i, i + 1) for i in range(n)]
    if kind == "path backwards":
        return [(n - i, n - i - 1) for i in range(n)]
    if kind == "star":
        return [(n // 2, i) for i in range(n) if i != n // 2]
    if kind == "cliques":
        return [(c * 20 + i, c * 20 + j) for c in range(n // 200) for i in range(20) for j in range(i)]
    if kind == "ladder":
        return [(i, i + step) for i in range(n) for step in (1, 2)]
    x, y = rng.integers(0, n, (2, 3 * n))
    return [(int(i), int(j)) for i, j in zip(x, y, strict=True) if i != j]


KINDS = ["path", "path backwards", "star", "cliques", "ladder", "random"]


@pytest.mark.parametrize("kind", KINDS)
def test_planted_graphs_have_the_cover_of_the_reference(kind: str) -> None:
    edges = [(x, y, 0.8 + (x * y % 10) / 50) for x, y in planted(kind, 3000)]
    priority = dict.fromkeys(range(6001), 0)
    assert as_dict(run(edges, priority)) == plain_cover(edges, priority)


@pytest.mark.parametrize("kind", KINDS)
def test_every_removed_has_a_kept_partner_and_no_two_kept_have_an_edge(kind: str) -> None:
    pairs = np.array(planted(kind, 60_000), dtype=np.uint64)
    cover = greedy_cover(pairs[:, 0], pairs[:, 1], np.full(len(pairs), 0.9), *np.zeros((2, len(pairs)), np.int64))
    removed_a, removed_b = np.isin(pairs, cover.removed).T
    assert (removed_a | removed_b).all()
    assert not np.isin(cover.partner, cover.removed).any()
    low, high = np.sort(np.stack((cover.removed, cover.partner)), axis=0)
    edges = np.sort(pairs, axis=1)
    assert np.isin(low << np.uint64(32) | high, edges[:, 0] << np.uint64(32) | edges[:, 1]).all()


def test_rounds_and_loop_decide_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    edges = [(x, y, 0.9) for x, y in planted("random", 2000)]
    priority = dict.fromkeys(range(2000), 0)
    by_rounds = as_dict(run(edges, priority))
    monkeypatch.setattr(module, "_MIN_PROGRESS", 0)
    only_rounds = as_dict(run(edges, priority))
    monkeypatch.setattr(module, "_MIN_PROGRESS", 1)
    assert by_rounds == only_rounds == as_dict(run(edges, priority))


def test_no_edges_no_removals() -> None:
    assert as_dict(run([], {})) == {}


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1), st.integers(-1, 1)), max_size=30))
def test_the_representative_of_a_group_is_its_first_document(rows: list[tuple[int, int, int]]) -> None:
    docs = [(i * 7) % 31 for i in range(len(rows))]
    keys = np.array([row[:2] for row in rows], dtype=np.uint64).reshape(-1, 2)
    mask, chosen = resolve_groups(keys, np.array(docs, np.uint64), np.array([row[2] for row in rows], np.int64))
    for i, (high, low, _) in enumerate(rows):
        first = min((p, docs[j]) for j, (h, w, p) in enumerate(rows) if (h, w) == (high, low))[1]
        assert chosen[i] == first
        assert mask[i] == (docs[i] == first)


@pytest.mark.parametrize("slice_entries", [1, 100, 5000])
def test_the_classes_of_the_group_keys_change_nothing(slice_entries: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    keys = rng.integers(0, 1 << 64, (1500, 2), dtype=np.uint64)[rng.integers(0, 1500, 3000)]
    doc, priority = rng.permutation(3000).astype(np.uint64), rng.integers(0, 3, 3000)
    whole = resolve_groups(keys, doc, priority)
    monkeypatch.setattr(groups, "SLICE_ENTRIES", slice_entries)
    ranges = resolve_groups(keys, doc, priority)
    assert 1000 < whole[0].sum() < 1500
    assert (whole[0] == ranges[0]).all()
    assert (whole[1] == ranges[1]).all()


@settings(deadline=None, max_examples=200)
@given(graphs(), st.data())
def test_representatives_alone_give_the_cover_of_all_copies(graph: Any, data: st.DataObject) -> None:
    """Copies have the edges of their original, and edges of similarity 1 to each other."""
    edges, _ = graph
    originals = sorted({doc for x, y, _ in edges for doc in (x, y)})
    copies = {doc: [doc, *(doc + (k + 1 << 16) for k in range(data.draw(st.integers(0, 2))))] for doc in originals}
    priority = {copy: data.draw(st.integers(-1, 1)) for group in copies.values() for copy in group}
    full = [(p, q, s) for x, y, s in edges for p in copies[x] for q in copies[y]]
    full += [(p, q, 1.0) for group in copies.values() for p in group for q in group if p < q]
    leader = {doc: min(group, key=lambda copy: (priority[copy], copy)) for doc, group in copies.items()}
    short = as_dict(run([(leader[x], leader[y], s) for x, y, s in edges], priority))
    whole = plain_cover(full, priority)
    found = dict(short)
    for doc, group in copies.items():
        for copy in group:
            if copy != leader[doc]:
                found[copy] = short.get(leader[doc], (leader[doc], 1.0))
    assert found.keys() == whole.keys()
    assert short == {doc: whole[doc] for doc in short}
    near = {(p, q): s for p, q, s in full} | {(q, p): s for p, q, s in full}
    for copy, (partner, similarity) in found.items():
        assert partner not in whole
        assert (priority[partner], partner) < (priority[copy], copy)
        assert near[copy, partner] == similarity
