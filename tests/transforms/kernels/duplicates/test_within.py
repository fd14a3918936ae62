"""Keys within equal values: equal exactly where the text's key and the value are."""

from __future__ import annotations

import datetime as dt
import itertools
import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.duplicates.near_duplicates import find_duplicates
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.duplicates.within import (
    band_keys_within,
    group_keys_within,
    same_values,
    value_keys,
)
from tests.families import corpus

UTC = dt.timezone.utc


def _equal(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    return one == other


@given(
    st.one_of(
        st.lists(st.none() | st.text(max_size=3), max_size=20),
        st.lists(st.none() | st.integers(-3, 3), max_size=20),
        st.lists(st.none() | st.floats(), max_size=20),
        st.lists(st.none() | st.booleans(), max_size=20),
        st.lists(st.none() | st.dates(), max_size=20),
        st.lists(st.none() | st.datetimes(timezones=st.just(UTC)), max_size=20),
    )
)
def test_keys_are_equal_exactly_where_the_values_are_and_null_equals_null(values: list[object]) -> None:
    keys = value_keys(pa.array(values))
    assert keys.shape == (len(values), 2)
    for a, b in itertools.combinations(range(len(values)), 2):
        assert same_values(keys[a : a + 1], keys[b : b + 1])[0] == _equal(values[a], values[b])


def test_an_empty_string_and_the_word_null_are_values() -> None:
    keys = value_keys(pa.chunked_array([["", "null"], [None]], pa.string()))
    assert len({tuple(row) for row in keys.tolist()}) == 3


def test_numbers_equal_their_text_so_that_two_corpora_may_differ_in_type() -> None:
    assert (value_keys(pa.array([1, 20])) == value_keys(pa.array(["1", "20"]))).all()


def test_lists_are_refused() -> None:
    with pytest.raises(TypeError, match=r"list<.*does not have one value"):
        value_keys(pa.array([["de"], None]))


def test_combined_keys_are_equal_where_both_parts_are() -> None:
    texts = np.array([[1, 2], [1, 2], [1, 2], [3, 2]], np.uint64)
    values = value_keys(pa.array(["de", "de", "en", "de"]))
    groups, bands = group_keys_within(texts, values), band_keys_within(texts, values)
    for keys in (groups, bands):
        assert (keys[0] == keys[1]).all()
        assert (keys[0] != keys[2]).all()
        assert (keys[0] != keys[3]).any()


@pytest.mark.parametrize("seed", range(3))
def test_a_column_in_memory_is_decided_value_by_value(seed: int) -> None:
    documents = corpus(seed, 120)
    texts = pa.array([document["text"] for document in documents])
    values = [None if document["score"] == 3 else document["score"] for document in documents]
    settings = DedupSettings(recall=0.999999, num_perm=256)
    found = find_duplicates(texts, settings, within=pa.array(values))
    together = dict(zip(found.removed.tolist(), found.partner.tolist(), strict=True))
    apart: dict[int, int] = {}
    for value in set(values):
        rows = [row for row, own in enumerate(values) if own == value]
        alone = find_duplicates(texts.take(pa.array(rows)), settings)
        apart |= {rows[a]: rows[b] for a, b in zip(alone.removed.tolist(), alone.partner.tolist(), strict=True)}
    assert together == apart
    assert 0 < len(apart) < len(find_duplicates(texts, settings).removed)
