import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.keyed import (
    by_group,
    by_group_bounded,
    from_binary,
    is_earlier,
    keys_of,
    make_batch,
    pack,
    pack_pairs,
    pack_words,
    row_of,
    split_of,
    to_binary,
    unpack,
    unpack_pairs,
    unpack_words,
)

KEYS = st.integers(0, 2**64 - 1)


@given(st.lists(st.tuples(st.integers(-(2**31), 2**31 - 1), st.integers(0, 2**32 - 1)), max_size=20))
def test_keys_are_in_the_order_of_splits_and_rows_earlier_corpora_first(documents: list[tuple[int, int]]) -> None:
    keys = [int(keys_of(split, np.array([row]))[0]) for split, row in documents]
    assert [keys.index(key) for key in sorted(keys)] == [documents.index(place) for place in sorted(documents)]
    array = np.array(keys, np.uint64)
    assert list(zip(split_of(array).tolist(), row_of(array).tolist(), strict=True)) == documents
    assert is_earlier(array).tolist() == [split < 0 for split, _ in documents]


@given(st.lists(st.tuples(KEYS, KEYS), max_size=30))
def test_packed_pairs_come_back_in_order(pairs: list[tuple[int, int]]) -> None:
    left, right = (np.array([pair[side] for pair in pairs], np.uint64) for side in (0, 1))
    unpacked = unpack_pairs(pack_pairs(left, right))
    assert list(zip(*(side.tolist() for side in unpacked), strict=True)) == sorted(pairs)


def test_pairs_of_a_hot_bucket_take_little_room() -> None:
    right = keys_of(3, np.arange(1, 100_001))
    left = np.repeat(keys_of(3, np.array([0])), len(right))
    assert len(pack_pairs(left, right)) < 2 * len(right)


@given(st.lists(st.lists(KEYS, min_size=3, max_size=3), max_size=10), st.integers(0, 3), st.booleans())
def test_words_survive_as_binary_values_sliced_and_chunked(rows: list[list[int]], start: int, chunked: bool) -> None:
    values = np.array(rows, np.uint64).reshape(-1, 3)
    column = to_binary(values)
    assert column.type == pa.binary(24)
    if chunked:
        column = pa.chunked_array([column[:1], column[1:]])
    assert from_binary(column.slice(start)).tolist() == values[start:].tolist()
    assert [value.as_py() for value in to_binary(values)] == [row.astype("<u8").tobytes() for row in values]


@given(st.lists(st.lists(st.tuples(KEYS, st.integers(-(2**63), 2**63 - 1)), max_size=5), min_size=1, max_size=4))
def test_words_of_several_values_are_joined(parts: list[list[tuple[int, int]]]) -> None:
    packed = [
        pack_words(np.array([a for a, _ in part], np.uint64), np.array([b for _, b in part], np.int64))
        for part in parts
    ]
    assert [len(value) for value in packed] == [16 * len(part) for part in parts]
    first, second = unpack_words(packed, 2)
    assert first.tolist() == [a for part in parts for a, _ in part]
    assert second.view(np.int64).tolist() == [b for part in parts for _, b in part]


def test_several_batches_are_packed_into_one_value() -> None:
    first, second = make_batch(a=np.arange(3)), make_batch(text=pa.array(["x", None]))
    assert unpack(pack(first, second)) == [first, second]
    assert unpack(pack(second.slice(1))) == [second.slice(1)]


@given(st.lists(st.integers(-3, 3), max_size=30))
def test_groups_come_in_order_each_with_its_positions(values: list[int]) -> None:
    groups = np.array(values, np.int64)
    found = [(group, positions.tolist()) for group, positions in by_group(groups)]
    assert found == [(value, [k for k, own in enumerate(values) if own == value]) for value in sorted(set(values))]
    assert [(group, positions.tolist()) for group, positions in by_group_bounded(groups)] == found
