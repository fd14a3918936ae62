"""Signatures against datasketch."""

from __future__ import annotations

import numpy as np
import pytest
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.duplicates.minhash import BLOCK_SHINGLES, EMPTY, hashes32, permutations, signatures
from corpusmill.transforms.kernels.duplicates.shingles import Shingles


def reference(hashes: list[int], num_perm: int, seed: int) -> list[int]:
    sketch = MinHash(num_perm=num_perm, seed=seed, scheme="affine32", hashfunc=int)
    sketch.update_batch(hashes)
    found: list[int] = sketch.hashvalues.tolist()
    return found


def as_shingles(documents: list[list[int]]) -> Shingles:
    """Shingle hashes whose upper halves are the given 32-bit values."""
    values = np.array([h for d in documents for h in d], dtype=np.uint64)
    return Shingles(values << np.uint64(32) | np.uint64(5), np.cumsum([0, *map(len, documents)]))


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.lists(st.integers(0, 2**32 - 1), max_size=9), max_size=9),
    st.integers(1, 40),
    st.integers(0, 2**32 - 1),
)
def test_signatures_are_bit_identical_to_datasketch(documents: list[list[int]], num_perm: int, seed: int) -> None:
    found = signatures(as_shingles(documents), num_perm, seed)
    assert found.dtype == np.uint32
    assert found.shape == (len(documents), num_perm)
    assert found.tolist() == [reference(document, num_perm, seed) for document in documents]


@pytest.mark.parametrize(("num_perm", "seed"), [(1, 0), (128, 1), (250, 42), (4096, 2**32 - 1)])
def test_permutations_are_those_of_datasketch(num_perm: int, seed: int) -> None:
    theirs = MinHash(num_perm=num_perm, seed=seed, scheme="affine32").permutations
    assert (np.array(permutations(num_perm, seed)) == theirs).all()


def test_signatures_of_documents_across_blocks_are_bit_identical_to_datasketch() -> None:
    rng = np.random.default_rng(1)
    counts = [0, 3, BLOCK_SHINGLES - 3, 1, 3 * BLOCK_SHINGLES + 17, 0, 0, 5, BLOCK_SHINGLES, 20, 0]
    documents = [rng.integers(0, 2**32, count, dtype=np.uint64).tolist() for count in counts]
    assert signatures(as_shingles(documents), 8, 1).tolist() == [reference(d, 8, 1) for d in documents]


def test_many_short_documents_are_bit_identical_to_datasketch() -> None:
    rng = np.random.default_rng(2)
    documents = [rng.integers(0, 2**32, int(n), dtype=np.uint64).tolist() for n in rng.integers(0, 24, 20_000)]
    found = signatures(as_shingles(documents), 2, 1)
    some = range(0, len(documents), 7)
    assert found[some].tolist() == [reference(documents[i], 2, 1) for i in some]


def test_signatures_can_be_loaded_into_datasketch() -> None:
    documents = [list(range(600)), list(range(100, 700))]
    one, two = (
        MinHash(hashvalues=row, permutations=permutations(256, 1), scheme="affine32")
        for row in signatures(as_shingles(documents), 256, 1)
    )
    assert one.jaccard(two) == pytest.approx(500 / 700, abs=4 * (500 * 200 / 700**2 / 256) ** 0.5)


def test_an_empty_document_has_the_signature_of_an_empty_set() -> None:
    assert signatures(as_shingles([[]]), 3, 1).tolist() == [[EMPTY] * 3]


def test_the_32_bit_hashes_are_the_upper_halves() -> None:
    assert hashes32(Shingles(np.array([0xABCDEF0123456789], np.uint64), np.array([0, 1]))).tolist() == [0xABCDEF01]


def test_known_answers_of_signatures() -> None:
    assert signatures(as_shingles([[1, 2, 3], [0]]), 4, 1).tolist() == [
        [63217260, 131247162, 308645290, 1412089388],
        [491263, 550290313, 1298508491, 4290846341],
    ]
