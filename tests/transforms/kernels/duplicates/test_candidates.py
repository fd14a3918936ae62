"""Candidate pairs against plain grouping."""

from __future__ import annotations

import random
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.duplicates import candidates as pairs
from corpusmill.transforms.kernels.duplicates.candidates import candidate_pairs
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.hashing import key_classes

ENTRIES = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 60)), max_size=80, unique=True)


def plain_pairs(
    entries: list[tuple[int, int]], settings: DedupSettings, priority: dict[int, int]
) -> list[tuple[int, int]]:
    buckets: dict[int, list[int]] = defaultdict(list)
    for key, doc in entries:
        buckets[key].append(doc)
    found = []
    for members in buckets.values():
        members.sort(key=lambda doc: (priority[doc], doc))
        firsts = len(members) if len(members) <= settings.max_bucket_all_pairs else settings.leaders
        found += [(min(x, y), max(x, y)) for i, x in enumerate(members[:firsts]) for y in members[i + 1 :]]
    return sorted(found)


def run(entries: list[tuple[int, int]], settings: DedupSettings, priority: list[int] | None) -> list[tuple[int, int]]:
    keys, docs = (np.array([e[i] for e in entries], dtype=np.uint64) for i in (0, 1))
    ranks = None if priority is None else np.array(priority, dtype=np.int64)
    a, b = candidate_pairs(keys * np.uint64(0x3777777777777777), docs, settings, ranks)
    return list(zip(a.tolist(), b.tolist(), strict=True))


@settings(deadline=None, max_examples=300)
@given(ENTRIES, st.integers(2, 6), st.integers(1, 4), st.booleans(), st.randoms(use_true_random=False))
def test_candidates_are_those_of_the_reference_in_any_order(
    entries: list[tuple[int, int]], limit: int, leaders: int, ranked: bool, random: random.Random
) -> None:
    chosen = DedupSettings(max_bucket_all_pairs=limit, leaders=leaders)
    rank = {doc: (doc * 7919) % 13 if ranked else 0 for _, doc in entries}
    expected = plain_pairs(entries, chosen, rank)
    shuffled = random.sample(entries, len(entries))
    first, second = (
        run(order, chosen, [rank[doc] for _, doc in order] if ranked else None) for order in (entries, shuffled)
    )
    assert sorted(first) == expected
    assert first == second


def test_keys_of_one_range_are_still_cut_into_slices() -> None:
    keys = np.arange(10_000, dtype=np.uint64) | np.uint64(0xABCDEF << 40)
    sizes = [len(rows) for rows in key_classes(keys, 1000)]
    assert sum(sizes) == 10_000
    assert max(sizes) <= 1000


@pytest.mark.parametrize("slice_entries", [1, 50, 3000])
def test_the_slices_change_nothing(slice_entries: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    keys = rng.integers(0, 1 << 64, 2000, dtype=np.uint64)[rng.integers(0, 2000, 9000)]
    docs = rng.permutation(9000).astype(np.uint64)
    chosen = DedupSettings(max_bucket_all_pairs=4, leaders=2)
    whole = candidate_pairs(keys, docs, chosen)
    monkeypatch.setattr(pairs, "SLICE_ENTRIES", slice_entries)
    sliced = candidate_pairs(keys, docs, chosen)
    assert len(whole[0]) > 9000
    assert sorted(zip(*map(np.ndarray.tolist, whole), strict=True)) == sorted(
        zip(*map(np.ndarray.tolist, sliced), strict=True)
    )


def test_a_hot_bucket_costs_linear_pairs() -> None:
    n = 50_000
    a, b = candidate_pairs(np.full(n, 9, np.uint64), np.arange(n, dtype=np.uint64), DedupSettings())
    assert len(a) == sum(n - 1 - leader for leader in range(8))
    assert set(a.tolist()) == set(range(8))
    assert set(b.tolist()) == set(range(1, n))


def test_no_entries_no_pairs() -> None:
    a, b = candidate_pairs(np.empty(0, np.uint64), np.empty(0, np.uint64), DedupSettings())
    assert (a.tolist(), b.tolist()) == ([], [])
