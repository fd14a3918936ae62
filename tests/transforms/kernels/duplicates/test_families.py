"""Components against merging sets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.duplicates.families import components


def plain_components(edges: list[tuple[int, int]]) -> dict[int, int]:
    group = {doc: {doc} for edge in edges for doc in edge}
    for x, y in edges:
        merged = group[x] | group[y]
        for doc in merged:
            group[doc] = merged
    return {doc: min(members) for doc, members in group.items()}


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(st.integers(0, 25), st.integers(0, 25)), max_size=40))
def test_components_are_those_of_the_reference(edges: list[tuple[int, int]]) -> None:
    a, b = (np.array([edge[i] << 33 for edge in edges], dtype=np.uint64) for i in (0, 1))
    documents, roots = components(a, b)
    found = dict(zip((documents >> np.uint64(33)).tolist(), (roots >> np.uint64(33)).tolist(), strict=True))
    assert found == plain_components(edges)
    assert documents.tolist() == sorted(documents.tolist())


@pytest.mark.parametrize("order", ["ascending", "shuffled"])
def test_long_chains_and_large_families_are_one_component(order: str) -> None:
    n = 100_000
    names = np.arange(n + 1, dtype=np.uint64)
    if order == "shuffled":
        names = np.random.default_rng(1).permutation(names)
    _, roots = components(np.concatenate((names[:-1], names[:5])), np.concatenate((names[1:], names[5:10])))
    assert (roots == 0).all()
