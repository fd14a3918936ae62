import pickle

import apache_beam as beam
import pyarrow as pa
import pytest
from apache_beam.coders import registry
from apache_beam.testing.util import assert_that, equal_to
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.coders import RecordBatchCoder
from corpusmill.transforms.kernels.reading.rows import Rows
from corpusmill.transforms.kernels.schema import BatchPosition, batch_position, mark_batch

CODER = RecordBatchCoder()


def batch_of(texts: list[str | None]) -> pa.RecordBatch:
    return pa.record_batch({"text": pa.array(texts, pa.string()), "n": pa.array(range(len(texts)), pa.int32())})


def test_beam_finds_the_coder() -> None:
    assert registry.get_coder(pa.RecordBatch) == CODER
    assert CODER.is_deterministic()


@settings(deadline=None, max_examples=60)
@given(st.lists(st.none() | st.text(max_size=5), max_size=20), st.integers(0, 20), st.integers(0, 20))
def test_a_slice_comes_back_equal_and_encodes_no_longer_than_its_copy(
    texts: list[str | None], start: int, length: int
) -> None:
    part = batch_of(texts).slice(min(start, len(texts)), length)
    encoded = CODER.encode(part)
    assert CODER.decode(encoded).equals(part)
    assert CODER.encode(CODER.decode(encoded)) == encoded
    copy = pa.RecordBatch.from_pylist(part.to_pylist(), schema=part.schema)
    # A slice may carry null bits that a copy does not need, padded to 64 bytes in each column.
    assert len(encoded) <= len(CODER.encode(copy)) + 64 * part.num_columns


def test_a_small_slice_of_a_large_batch_is_small() -> None:
    large = batch_of(["x" * 1000] * 5000)
    part = large.slice(4000, 2)
    encoded = CODER.encode(part)
    assert len(encoded) < 4000
    assert len(pickle.dumps(part)) > 50 * len(encoded)
    assert 2000 < CODER.estimate_size(part) < 4000


def test_a_large_batch_of_repeating_keys_is_compressed_and_comes_back_equal() -> None:
    left = pa.array([k % 8 << 32 for k in range(100_000)], pa.uint64())
    batch = pa.record_batch({"left": left, "right": pa.array(range(100_000), pa.uint64())})
    encoded = CODER.encode(batch)
    assert len(encoded) < batch.nbytes / 2
    assert CODER.decode(encoded).equals(batch)
    assert CODER.encode(CODER.decode(encoded)) == encoded


def test_a_few_rows_of_many_columns_take_little_more_than_their_values() -> None:
    rows = pa.RecordBatch.from_pydict({f"column_{k}": pa.array([k], pa.int64()) for k in range(12)})
    assert len(CODER.encode(rows)) < 1000  # an Arrow stream of it takes 2,500


def test_schema_metadata_and_empty_batches_survive() -> None:
    batch = mark_batch(Rows().to_batch(4, 0, {"n": pa.int64()}), BatchPosition(4, 2, last=True))
    back = CODER.decode(CODER.encode(batch))
    assert back.equals(batch, check_metadata=True)
    assert batch_position(back) == BatchPosition(4, 2, last=True)


@pytest.mark.beam
def test_batches_cross_a_shuffle() -> None:
    batches = [batch_of(["a", None, "ü" * k]) for k in range(20)]
    with beam.Pipeline(runner="BundleBasedDirectRunner") as pipeline:
        back = pipeline | beam.Create(batches).with_output_types(pa.RecordBatch) | beam.Reshuffle()
        assert_that(
            back | beam.Map(lambda batch: str(batch.to_pydict())), equal_to([str(b.to_pydict()) for b in batches])
        )
