import datetime as dt
from typing import Any

import pytest

from corpusmill.transforms.kernels.reading.columns import kept_column
from corpusmill.transforms.kernels.reading.settings import COLUMN_TYPES, ColumnType

NOON = dt.datetime(2024, 5, 1, 12, tzinfo=dt.timezone.utc)


@pytest.mark.parametrize(
    ("kind", "value", "wanted"),
    [
        ("string", 7, "7"),
        ("string", True, "true"),
        ("int64", " 12 ", 12),
        ("int64", 3.0, 3),
        ("double", "2.5", 2.5),
        ("bool", "TRUE", True),
        ("timestamp", "2024-05-01T12:00:00Z", NOON),
        ("timestamp", 1714564800, NOON),
        ("timestamp", "1714564800000", NOON),
        ("timestamp", "Wed, 01 May 2024 12:00:00 GMT", NOON),
        ("date", "2024-05-01", NOON.date()),
        ("date", 1714564800, NOON.date()),
        ("list<int64>", ["1", 2, None], [1, 2, None]),
    ],
)
def test_values_become_those_of_the_column(kind: ColumnType, value: Any, wanted: Any) -> None:
    records = [{"x": value, "n": 1}, {}]
    column = kept_column(records, "x", kind)
    assert column.type == COLUMN_TYPES[kind]
    assert column.to_pylist() == [wanted, None]
    assert records == [{"n": 1}, {}]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("string", 1e300),
        ("string", {"a": 1}),
        ("int64", 2.5),
        ("int64", 2**63),
        ("int64", True),
        ("double", "many"),
        ("bool", 1),
        ("timestamp", "soon"),
        ("timestamp", float("nan")),
        ("date", "soon"),
        ("list<string>", "one"),
    ],
)
def test_a_value_that_does_not_fit_stays_in_its_record(kind: ColumnType, value: Any) -> None:
    records = [{"x": value}]
    assert kept_column(records, "x", kind).to_pylist() == [None]
    assert records[0].keys() == {"x"}


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("timestamp", ["2024-05-01T12:00:00Z", "2024-05-01 12:00", 1714564800, None]),
        ("date", ["2024-05-01", "2024-05-01T23:00:00Z", None]),
        ("int64", [1, "2", None, 3.0]),
    ],
)
def test_a_column_has_the_values_of_its_rows_each_by_itself(kind: ColumnType, values: list[Any]) -> None:
    together = kept_column([{"x": value} for value in values], "x", kind).to_pylist()
    assert together == [kept_column([{"x": value}], "x", kind)[0].as_py() for value in values]
    assert together[0] is not None


def test_a_path_takes_the_field_out_of_the_field() -> None:
    records: list[dict[str, Any]] = [{"meta": {"lang": "en", "n": 1}}, {"meta": {"lang": "de"}}]
    assert kept_column(records, "meta.lang", "string").to_pylist() == ["en", "de"]
    assert records == [{"meta": {"n": 1}}, {}]
