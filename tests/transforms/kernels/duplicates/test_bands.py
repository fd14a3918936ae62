"""Bands against the theory of MinHash and against plain grouping."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.duplicates.bands import (
    Banding,
    band_keys,
    choose_banding,
    expected_recall,
)


@pytest.mark.parametrize(
    ("similarity", "expected"),
    [
        (0.8, Banding(25, 5)),
        (0.6, Banding(42, 3)),
        (0.9, Banding(18, 7)),
        (0.5, Banding(64, 2)),
        (1.0, Banding(1, 128)),
    ],
)
def test_bands_for_usual_thresholds(similarity: float, expected: Banding) -> None:
    assert choose_banding(similarity, 0.9999, 128) == expected


@given(st.floats(0.05, 1), st.floats(0.5, 0.99999), st.integers(1, 512))
def test_the_banding_reaches_the_recall_and_one_row_more_would_not(similarity: float, recall: float, n: int) -> None:
    try:
        banding = choose_banding(similarity, recall, n)
    except ValueError:
        assert 1 - (1 - similarity) ** n < recall
        return
    assert banding.bands * banding.rows <= n
    assert expected_recall(similarity, banding) >= recall
    if banding.rows < n:
        more = Banding(n // (banding.rows + 1), banding.rows + 1)
        assert expected_recall(similarity, more) < recall


def test_a_recall_out_of_reach_names_the_remedy() -> None:
    with pytest.raises(ValueError, match=r"8 permutations .* dedup\.num_perm"):
        choose_banding(0.3, 0.999, 8)


def test_expected_recall_is_that_of_random_signatures() -> None:
    rng = np.random.default_rng(1)
    trials, similarity, banding = 20_000, 0.7, Banding(6, 3)
    first = rng.integers(0, 1 << 32, (18, trials), dtype=np.uint32)
    second = np.where(rng.random((18, trials)) < similarity, first, ~first)
    hits = (band_keys(first, banding) == band_keys(second, banding)).any(axis=1).mean()
    p = expected_recall(similarity, banding)
    assert hits == pytest.approx(p, abs=5 * math.sqrt(p * (1 - p) / trials))
    assert (expected_recall(0, banding), expected_recall(1, banding)) == (0, 1)


def test_band_keys_are_equal_exactly_where_all_rows_of_the_band_are() -> None:
    rng = np.random.default_rng(2)
    minima = rng.integers(0, 2, (13, 200), dtype=np.uint32)
    keys = band_keys(minima, Banding(4, 3))
    for band in range(4):
        rows = minima[band * 3 : band * 3 + 3].T
        same_rows = (rows[:, None] == rows[None, :]).all(axis=2)
        assert ((keys[:, band][:, None] == keys[:, band][None, :]) == same_rows).all()
    assert len({key for band in range(4) for key in keys[:, band].tolist()}) == 4 * 8


def test_known_answers_of_band_keys() -> None:
    assert band_keys(np.arange(8, dtype=np.uint32).reshape(4, 2), Banding(2, 2)).tolist() == [
        [17512942696975137094, 3401791764548165048],
        [5741646086390676494, 12735160440747586867],
    ]
