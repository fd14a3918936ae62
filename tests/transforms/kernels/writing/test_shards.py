import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.writing.shards import Chunk, cut_chunks, plan_shards

rows = st.lists(st.tuples(st.booleans(), st.integers(0, 400)), max_size=60)


def _arrays(documents: list[tuple[bool, int]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([d[0] for d in documents], bool), np.array([d[1] for d in documents], np.int64)


@given(rows, st.integers(1, 1000))
def test_chunks_cover_every_row_in_order_and_count_what_they_hold(
    documents: list[tuple[bool, int]], chunk_bytes: int
) -> None:
    kept, sizes = _arrays(documents)
    chunks = cut_chunks(7, kept, sizes, chunk_bytes)
    covered = [row for chunk in chunks for row in range(chunk.start, chunk.end)]
    assert covered == list(range(len(documents)))
    for chunk in chunks:
        own = [size for is_kept, size in documents[chunk.start : chunk.end] if is_kept]
        assert (chunk.split, chunk.kept_rows, chunk.kept_bytes) == (7, len(own), sum(own))


@given(rows, st.integers(1, 1000))
def test_a_chunk_without_a_kept_row_stands_only_where_the_split_has_none(
    documents: list[tuple[bool, int]], chunk_bytes: int
) -> None:
    kept, sizes = _arrays(documents)
    chunks = cut_chunks(0, kept, sizes, chunk_bytes)
    if kept.any():
        assert all(chunk.kept_rows for chunk in chunks)
    else:
        assert len(chunks) == (1 if documents else 0)


@given(rows, st.integers(1, 1000))
def test_a_chunk_is_too_large_by_its_last_kept_row_only(documents: list[tuple[bool, int]], chunk_bytes: int) -> None:
    kept, sizes = _arrays(documents)
    for chunk in cut_chunks(0, kept, sizes, chunk_bytes):
        own = [int(sizes[row]) for row in range(chunk.start, chunk.end) if kept[row]]
        assert sum(own[:-1]) < chunk_bytes


@given(st.lists(rows, max_size=8), st.integers(1, 3000))
def test_shards_hold_all_chunks_in_order_and_none_is_empty(
    splits: list[list[tuple[bool, int]]], shard_bytes: int
) -> None:
    chunks = [c for k, documents in enumerate(splits) for c in cut_chunks(k, *_arrays(documents), 100)]
    shards = plan_shards(reversed(chunks), shard_bytes)
    assert [chunk for shard in shards for chunk in shard.chunks] == sorted(chunks)
    assert [(shard.index, shard.count) for shard in shards] == [(k, len(shards)) for k in range(len(shards))]
    if any(chunk.kept_rows for chunk in chunks):
        assert all(sum(chunk.kept_rows for chunk in shard.chunks) for shard in shards)
    else:
        assert len(shards) == 1


@given(st.lists(rows, max_size=8), st.integers(1, 3000))
def test_there_are_no_more_shards_than_the_bytes_ask_for(
    splits: list[list[tuple[bool, int]]], shard_bytes: int
) -> None:
    chunks = [c for k, documents in enumerate(splits) for c in cut_chunks(k, *_arrays(documents), 100)]
    total = sum(chunk.kept_bytes for chunk in chunks)
    assert len(plan_shards(chunks, shard_bytes)) <= max(1, -(-total // shard_bytes))


def test_shards_are_of_even_size() -> None:
    chunks = [Chunk(0, k, k + 1, 1, 16) for k in range(40)]
    sizes = [sum(chunk.kept_bytes for chunk in shard.chunks) for shard in plan_shards(chunks, 256)]
    assert len(sizes) == 3
    assert max(sizes) - min(sizes) <= 16


def test_a_document_larger_than_a_shard_gets_one_of_its_own_size() -> None:
    chunks = [Chunk(0, 0, 1, 1, 10), Chunk(0, 1, 2, 1, 5000), Chunk(0, 2, 3, 1, 10)]
    shards = plan_shards(chunks, 100)
    assert all(sum(chunk.kept_rows for chunk in shard.chunks) >= 1 for shard in shards)
