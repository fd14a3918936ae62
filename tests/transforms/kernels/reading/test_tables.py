"""Rows of tables as documents."""

import datetime as dt
import json
from typing import Any

import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.kernels.reading.tables import is_textual, table_to_documents


def documents(settings_: InputSettings | None = None, first: int = 0, **columns: Any) -> list[dict[str, Any]]:
    batch = pa.RecordBatch.from_pydict({name: pa.array(values) for name, values in columns.items()})
    found: list[dict[str, Any]] = table_to_documents(
        batch, first, "in.parquet", settings_ or InputSettings()
    ).to_pylist()
    return found


@pytest.mark.parametrize(
    ("kind", "textual"),
    [
        (pa.string(), True),
        (pa.large_string(), True),
        (pa.string_view(), True),
        (pa.binary(), True),
        (pa.binary(4), True),
        (pa.dictionary(pa.int32(), pa.string()), True),
        (pa.uuid(), True),
        (pa.int64(), False),
        (pa.list_(pa.string()), False),
        (pa.dictionary(pa.int32(), pa.int64()), False),
        (pa.null(), False),
    ],
    ids=str,
)
def test_texts_are_strings_or_bytes(kind: pa.DataType, textual: bool) -> None:
    assert is_textual(kind) is textual


def test_rows_become_documents_and_the_other_columns_metadata() -> None:
    rows = documents(first=7, id=["a", None], text=["One.", "Two."], n=[1, None], when=[dt.date(2024, 5, 1)] * 2)
    assert [(row["id"], row["text"], row["source"], row["offset"], row["row"]) for row in rows] == [
        ("a", "One.", "in.parquet", 7, 0),
        ("in.parquet#8", "Two.", "in.parquet", 8, 1),
    ]
    assert [json.loads(row["metadata"]) for row in rows] == [{"n": 1, "when": "2024-05-01"}, {"when": "2024-05-01"}]
    assert [row["decision"] for row in rows] == ["kept", "kept"]


def test_titles_addresses_and_kept_columns_have_columns_of_their_own() -> None:
    settings_ = InputSettings(keep_columns={"year": "int64"}, metadata="drop")
    rows = documents(settings_, text=["One."], title=["Of boats"], url=["http://a.example"], year=["1961"], n=[1])
    assert [(row["title"], row["url"], row["year"], row["metadata"]) for row in rows] == [
        ("Of boats", "http://a.example", 1961, None)
    ]


def test_rows_without_a_text_or_with_one_that_is_too_long_are_rejected_alone() -> None:
    rows = documents(InputSettings(max_document_bytes=1024), text=["One.", None, "x" * 2000, ""])
    assert [(row["decision"], row["reason"]) for row in rows] == [
        ("kept", None),
        ("rejected", "read.no-text"),
        ("rejected", "read.too-long"),
        ("kept", None),
    ]
    assert "leave it out" in rows[1]["error"]
    assert rows[2]["text"] is None


def test_bytes_are_decoded_and_their_encoding_is_told() -> None:
    texts = ["Straße".encode(), "Eine Straße über die Brücke führt nach Köln.".encode("cp1252")]
    rows = documents(text=texts)
    assert [row["text"] for row in rows] == ["Straße", "Eine Straße über die Brücke führt nach Köln."]
    assert [row["encoding"] for row in rows] == ["utf-8", "cp1252"]


def test_a_value_that_nothing_can_hold_costs_its_row() -> None:
    when = pa.array([0, 2**31 - 1], pa.int32()).view(pa.date32())
    rows = documents(text=["One.", "Two."], when=when)
    assert [row["reason"] for row in rows] == [None, "read.bad-value"]
    assert "column 'when' has a value that cannot be read" in rows[1]["error"]


def test_numbers_that_json_has_no_form_for_are_texts() -> None:
    rows = documents(text=["a", "b", "c"], x=[float("nan"), float("inf"), 0.5])
    assert [json.loads(row["metadata"])["x"] for row in rows] == ["NaN", "Infinity", 0.5]


def test_columns_can_be_named_inside_of_others() -> None:
    settings_ = InputSettings(text_column="doc.text")
    rows = documents(settings_, doc=[{"text": "One.", "lang": "en"}])
    assert (rows[0]["text"], json.loads(rows[0]["metadata"])) == ("One.", {"doc": {"lang": "en"}})
