import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.schema import (
    DOCUMENT_FIELDS,
    REPAIRS_TYPE,
    BatchPosition,
    batch_position,
    document_schema,
    mark_batch,
    repairs_of,
)


def test_kept_columns_follow_the_fixed_ones_in_order() -> None:
    schema = document_schema({"year": pa.int64(), "area": pa.string()})
    assert schema.names == [*(field.name for field in DOCUMENT_FIELDS), "year", "area"]
    assert document_schema().names == schema.names[:-2]


@pytest.mark.parametrize("position", [BatchPosition(0, 0, last=False), BatchPosition(-3, 17, last=True)])
def test_a_position_is_read_as_it_was_written(position: BatchPosition) -> None:
    batch = pa.record_batch({"a": [1]}).replace_schema_metadata({"mine": "stays"})
    marked = mark_batch(batch, position)
    assert batch_position(marked) == position
    assert marked.schema.metadata[b"mine"] == b"stays"
    assert batch_position(mark_batch(marked, BatchPosition(1, 2, last=False))) == BatchPosition(1, 2, last=False)


def test_a_batch_without_position_says_who_numbers_batches() -> None:
    with pytest.raises(ValueError, match=r"number batches with .*mark_batch"):
        batch_position(pa.record_batch({"a": [1]}))


def test_repairs_are_ordered_by_rule() -> None:
    value = repairs_of({"b.rule": 1, "a.rule": 2})
    assert value == [{"rule": "a.rule", "count": 2}, {"rule": "b.rule", "count": 1}]
    assert pa.array([value], REPAIRS_TYPE).to_pylist() == [value]
