"""Exact similarity against sets of tuples of words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import regex
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.duplicates import similarity as module
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.duplicates.similarity import exact_similarity, set_similarity, text_sets

WORDS = ["a", "b", "c", "The", "the", "cat", "1986", "1987", "öl", "x_1"]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join)


def plain_set(text: str | None, size: int) -> set[tuple[str, ...]]:
    words = regex.findall(r"\w+", (text or "").lower())
    if not words:
        return set()
    return {tuple(words[i : i + size]) for i in range(max(1, len(words) - size + 1))}


def plain_similarity(left: str | None, right: str | None, settings: DedupSettings) -> float:
    a, b = plain_set(left, settings.shingle_size), plain_set(right, settings.shingle_size)
    whole = len(a | b) if settings.similarity == "jaccard" else min(len(a), len(b))
    return len(a & b) / whole if whole else 0.0


JACCARD = DedupSettings(shingle_size=2)
CONTAINMENT = DedupSettings(shingle_size=2, similarity="containment", keep="longest")


@hypothesis_settings(deadline=None, max_examples=200)
@given(
    st.lists(st.one_of(st.none(), TEXTS), min_size=1, max_size=6),
    st.lists(st.one_of(st.none(), TEXTS), min_size=1, max_size=6),
    st.sampled_from([JACCARD, CONTAINMENT]),
    st.data(),
)
def test_similarity_is_that_of_the_reference(
    left: list[str | None], right: list[str | None], settings: Any, data: st.DataObject
) -> None:
    pairs = data.draw(st.lists(st.tuples(st.integers(0, len(left) - 1), st.integers(0, len(right) - 1)), max_size=12))
    first, second = (np.array([pair[i] for pair in pairs], dtype=np.int64) for i in (0, 1))
    found = exact_similarity(pa.array(left, pa.string()), pa.array(right, pa.string()), first, second, settings)
    assert found.tolist() == [plain_similarity(left[i], right[j], settings) for i, j in pairs]


@hypothesis_settings(deadline=None, max_examples=100)
@given(st.lists(st.one_of(st.none(), TEXTS), min_size=1, max_size=6), st.data())
def test_pairs_within_one_column_have_the_similarity_of_the_reference(
    texts: list[str | None], data: st.DataObject
) -> None:
    index = st.integers(0, len(texts) - 1)
    pairs = data.draw(st.lists(st.tuples(index, index), max_size=12))
    column = pa.array(texts, pa.string())
    first, second = (np.array([pair[i] for pair in pairs], dtype=np.int64) for i in (0, 1))
    found = exact_similarity(column, column, first, second, JACCARD)
    assert found.tolist() == [plain_similarity(texts[i], texts[j], JACCARD) for i, j in pairs]


def random_texts(seed: int, count: int, words: int) -> list[str]:
    rng = np.random.default_rng(seed)
    return [" ".join(f"w{x}" for x in rng.integers(0, 30, rng.integers(0, words))) for _ in range(count)]


@pytest.mark.parametrize("block", [1, 100, 1 << 18])
def test_the_blocks_change_nothing(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = random_texts(1, 60, 120)
    rng = np.random.default_rng(2)
    i, j = rng.integers(0, 60, (2, 400))
    monkeypatch.setattr(module, "BLOCK_SHINGLES", block)
    monkeypatch.setattr(module, "BLOCK_BYTES", block)
    found = exact_similarity(pa.array(texts), pa.array(texts[::-1]), i, 59 - j, JACCARD)
    assert found.tolist() == [plain_similarity(texts[x], texts[y], JACCARD) for x, y in zip(i, j, strict=True)]


def test_sets_that_were_sent_elsewhere_compare_as_the_texts_do() -> None:
    texts = random_texts(3, 20, 50)
    i, j = np.arange(20), np.arange(20)[::-1]
    left, right = text_sets(pa.array(texts[:20]), 2), text_sets(pa.array(texts[:20], pa.large_string()), 2)
    expected = [plain_similarity(texts[x], texts[y], JACCARD) for x, y in zip(i, j, strict=True)]
    assert set_similarity(left, right, i, j, JACCARD).tolist() == expected


def test_an_excerpt_is_contained_in_the_whole() -> None:
    whole = " ".join(f"word{i}" for i in range(100))
    excerpt = " ".join(f"word{i}" for i in range(30, 50))
    column = pa.array([whole, excerpt])
    one = np.array([0]), np.array([1])
    assert exact_similarity(column, column, *one, CONTAINMENT).tolist() == [1.0]
    assert exact_similarity(column, column, *one, JACCARD).tolist() == [19 / 99]


def test_more_empty_texts_than_a_block_has_numbers_for_change_nothing() -> None:
    column = pa.array(["", "a b c d", "a b c", "x b c d"])
    i = np.concatenate((np.zeros(200_000, np.int64), np.array([1, 1])))
    j = np.concatenate((np.zeros(200_000, np.int64), np.array([2, 3])))
    assert exact_similarity(column, column, i, j, JACCARD)[-3:].tolist() == [0, 2 / 3, 0.5]
