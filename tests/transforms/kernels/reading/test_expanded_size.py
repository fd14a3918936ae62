from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.reading.expanded_size import cut_by_expanded_bytes, expanded_bytes

VALUES = st.lists(st.none() | st.text(max_size=8), max_size=30)


@given(VALUES, st.integers(0, 30), st.integers(0, 30))
def test_a_dictionary_counts_as_its_values_written_out(values: list[str | None], start: int, length: int) -> None:
    plain = pa.array(values, pa.string())
    expected = sum(len(value.encode()) for value in values[start : start + length] if value)
    assert expanded_bytes(plain.slice(start, length)) == expected
    assert expanded_bytes(plain.dictionary_encode().slice(start, length)) == expected
    assert expanded_bytes(plain.cast(pa.large_binary()).slice(start, length)) == expected


@pytest.mark.parametrize(
    ("array", "size"),
    [
        (pa.array([["ab", "c"], ["ab"]]), 5),
        (pa.array([["ab", "c"], ["ab", None]], pa.list_(pa.string(), 2)), 5),
        (pa.array([[("k", "ab")], [("kk", "ab"), ("", "x")]], pa.map_(pa.string(), pa.string())), 8),
        (pa.array([{"a": "ab", "b": ["c"]}, {"a": "ab", "b": ["cc"]}]), 7),
        (pa.array([[["ab"], None], [["ab", "c"]]]), 5),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else "",
)
def test_nested_values_count_and_a_slice_counts_for_itself(array: Any, size: int) -> None:
    assert expanded_bytes(array) == size
    assert expanded_bytes(array.slice(0, 1)) + expanded_bytes(array.slice(1)) == size


def test_numbers_in_a_dictionary_count_by_their_width() -> None:
    assert expanded_bytes(pa.array([7, 7, 8], pa.int64()).dictionary_encode()) == 24


@given(VALUES, st.integers(1, 40))
def test_pieces_are_all_rows_in_order_and_within_the_limit(values: list[str | None], limit: int) -> None:
    batch = pa.record_batch(
        {"a": pa.array(values, pa.string()).dictionary_encode(), "b": pa.array(values, pa.string())}
    )
    pieces = list(cut_by_expanded_bytes(batch, limit))
    assert [value for piece, _ in pieces for value in piece["b"].to_pylist()] == values
    for piece, size in pieces:
        assert size == 2 * sum(len(value.encode()) for value in piece["b"].to_pylist() if value)
        assert size <= limit or piece.num_rows == 1
