import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.columns import bools, matches, one_array, replace_column, with_columns

SCHEMA = pa.schema([pa.field("id", pa.string(), nullable=False), pa.field("n", pa.int64())])
BATCH = pa.RecordBatch.from_pydict({"id": ["a", "b"], "n": [1, None]}, SCHEMA)


@pytest.mark.parametrize("rows", [BATCH, pa.Table.from_batches([BATCH])], ids=["batch", "table"])
def test_a_replaced_column_keeps_its_place_and_its_field(rows: pa.RecordBatch | pa.Table) -> None:
    found = replace_column(rows, "id", pa.array(["c", "d"]))
    assert found.to_pylist() == [{"id": "c", "n": 1}, {"id": "d", "n": None}]
    assert found.schema == SCHEMA


def test_columns_take_the_place_of_others_or_come_last() -> None:
    found = with_columns(pa.Table.from_batches([BATCH]), {"z": pa.array([True, False]), "n": pa.array(["x", "y"])})
    assert found.to_pydict() == {"id": ["a", "b"], "n": ["x", "y"], "z": [True, False]}


@pytest.mark.parametrize("chunks", [[], [["a"]], [["a"], [], ["b", "c"]]])
def test_a_column_comes_in_one_piece(chunks: list[list[str]]) -> None:
    column = pa.chunked_array([pa.array(chunk, pa.string()) for chunk in chunks], pa.string())
    found = one_array(column)
    assert isinstance(found, pa.Array)
    assert found.to_pylist() == column.to_pylist()
    assert one_array(found) is found


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_a_pattern_is_found_in_texts_and_not_in_nulls(kind: pa.DataType) -> None:
    assert matches(pa.array(["a1", "b", None, ""], kind), r"\d").tolist() == [True, False, False, False]
    assert matches(pa.array([], kind), r"\d").tolist() == []


def test_booleans_become_an_array() -> None:
    assert bools(pa.array([True, False, True])[1:]).tolist() == [False, True]
    assert bools(pa.array([], pa.bool_())).dtype == bool
