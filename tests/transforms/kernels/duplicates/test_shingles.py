"""Shingles, shingle sets and multiset keys against plain Python."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.duplicates.shingles import Shingles, shingle_hashes, shingle_sets
from corpusmill.transforms.kernels.duplicates.tokens import TokenHashes

_MASK = (1 << 64) - 1
_BASE = 0xD6E8FEB86659FD93
_GOLDEN = 0x9E3779B97F4A7C15

# Few distinct values, so that repeats within and across documents are common.
DOCUMENTS = st.lists(st.lists(st.integers(0, 5).map(lambda i: i * 0x1234567890ABCDEF & _MASK), max_size=14), max_size=8)


def mix(value: int) -> int:
    value = ((value ^ value >> 30) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ value >> 27) * 0x94D049BB133111EB) & _MASK
    return value ^ value >> 31


def polynomial(values: tuple[int, ...]) -> int:
    total = 0
    for value in values:
        total = (total * _BASE + value) & _MASK
    return total


def plain_shingles(tokens: list[int], size: int) -> list[int]:
    if not tokens:
        return []
    if len(tokens) < size:
        return [mix((polynomial(tuple(tokens)) + len(tokens) * _GOLDEN) & _MASK)]
    return [mix(polynomial(tuple(tokens[i : i + size]))) for i in range(len(tokens) - size + 1)]


def as_tokens(documents: list[list[int]]) -> TokenHashes:
    offsets = np.cumsum([0, *map(len, documents)])
    return TokenHashes(np.array([t for d in documents for t in d], dtype=np.uint64), offsets)


def by_document(shingles: Shingles) -> list[list[int]]:
    return [shingles.hashes[a:b].tolist() for a, b in zip(shingles.offsets[:-1], shingles.offsets[1:], strict=True)]


@settings(deadline=None, max_examples=300)
@given(DOCUMENTS, st.integers(1, 7))
def test_shingles_are_those_of_the_reference(documents: list[list[int]], size: int) -> None:
    found = shingle_hashes(as_tokens(documents), size)
    assert by_document(found) == [plain_shingles(tokens, size) for tokens in documents]


@pytest.mark.parametrize("size", [1, 5])
def test_shingles_do_not_depend_on_the_blocks_they_are_computed_in(size: int) -> None:
    rng = np.random.default_rng(7)
    counts = [0, 3, 200_000, 4, 0, 70_000, 1, 5, 9]
    hashes = rng.integers(0, 1 << 64, sum(counts), dtype=np.uint64)
    offsets = np.cumsum([0, *counts])
    whole = by_document(shingle_hashes(TokenHashes(hashes, offsets), size))
    alone = [
        by_document(shingle_hashes(TokenHashes(hashes[a:b], np.array([0, b - a])), size))[0]
        for a, b in pairwise(offsets)
    ]
    assert whole == alone


def test_a_short_document_is_not_the_shingle_of_a_longer_one() -> None:
    found = by_document(shingle_hashes(as_tokens([[1, 2, 3], [1, 2, 3, 0], [0, 1, 2, 3], [1, 2, 3]]), 4))
    assert found[0] == found[3]
    assert len({tuple(document) for document in found}) == 3


@settings(deadline=None, max_examples=300)
@given(DOCUMENTS)
def test_sets_hold_each_shingle_once_in_order(documents: list[list[int]]) -> None:
    sets = by_document(shingle_sets(Shingles(*as_tokens(documents))))
    assert sets == [sorted({value >> 16 for value in document}) for document in documents]


def test_sets_of_many_and_of_large_documents_are_those_of_each_alone() -> None:
    rng = np.random.default_rng(3)
    counts = [*rng.integers(0, 4, 70_000).tolist(), 150_000, 0, 2]
    hashes = rng.integers(0, 50_000, sum(counts), dtype=np.uint64) << np.uint64(40)
    offsets = np.cumsum([0, *counts])
    found = by_document(shingle_sets(Shingles(hashes, offsets)))
    assert found == [sorted(set((hashes[a:b] >> np.uint64(16)).tolist())) for a, b in pairwise(offsets)]


def test_known_answers_of_shingles() -> None:
    shingles = shingle_hashes(as_tokens([[11, 22, 33, 44, 55, 66], [7], []]), 5)
    assert by_document(shingles) == [[14254265871640284446, 16329965321532965960], [7191089600892374487], []]
