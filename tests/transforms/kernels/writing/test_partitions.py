import datetime as dt

import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.writing.partitions import PartitionError, column_of, folders_of, value_of, with_value


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["eng", None, "a/b", "..", "", "two\nlines", "50%", "größer", "a=b", "12"]),
        pa.array([0, -7, 2**63 - 1, None]),
        pa.array([True, False, None]),
        pa.array([dt.date(2024, 2, 29), None]),
    ],
    ids=["string", "int64", "bool", "date"],
)
def test_every_value_comes_back_from_its_folder(column: pa.Array) -> None:
    folders = folders_of(column, "a column/b").to_pylist()
    assert len({*folders}) == len(column)
    assert {column_of(folder) for folder in folders} == {"a column/b"}
    assert not any("/" in folder or "\n" in folder for folder in folders)
    assert [value_of(folder, column.type).as_py() for folder in folders] == column.to_pylist()


def test_rows_get_the_column_behind_the_others() -> None:
    rows = pa.table({"id": ["a", "b"]})
    field = pa.field("year", pa.int64())
    assert with_value(rows, field, "year=2024").to_pylist() == [{"id": "a", "year": 2024}, {"id": "b", "year": 2024}]
    assert with_value(rows[:0], field, "").schema == pa.schema([("id", pa.string()), field])


def test_a_name_that_is_too_long_is_refused_with_its_length() -> None:
    folders_of(pa.array(["x" * 250]), "kind")
    with pytest.raises(PartitionError, match="makes a folder name of 256 bytes, and filesystems take 255"):
        folders_of(pa.array(["x" * 251]), "kind")
