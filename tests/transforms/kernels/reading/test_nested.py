from typing import Any

import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.reading.nested import (
    field_of,
    get_path,
    lift_columns,
    likely_text,
    pop_path,
    remedy,
)


def test_a_field_whose_own_name_holds_dots_comes_first() -> None:
    record = {"a.b": 1, "a": {"b": 2, "c": 3}}
    assert get_path(record, "a.b") == 1
    assert get_path(record, "a.c") == 3
    assert get_path(record, "a.b.c") is None
    assert get_path({"a": [1]}, "a.b") is None


@pytest.mark.parametrize(
    ("record", "name", "value", "left"),
    [
        ({"a": {"b": {"c": 1}}, "n": 2}, "a.b.c", 1, {"n": 2}),
        ({"a": {"b": {"c": 1}, "d": 3}}, "a.b.c", 1, {"a": {"d": 3}}),
        ({"a": {"b": 1}}, "a.x", None, {"a": {"b": 1}}),
        ({"a": 5}, "a.b", None, {"a": 5}),
    ],
)
def test_taking_a_field_out_removes_what_is_empty_then(
    record: dict[str, Any], name: str, value: Any, left: dict[str, Any]
) -> None:
    assert pop_path(record, name) == value
    assert record == left


def test_columns_are_made_of_fields_of_structs() -> None:
    content = [{"text": "Rain.", "n": 1}, None, {"text": None, "n": 2}]
    batch = pa.RecordBatch.from_pylist([{"id": str(k), "content": value} for k, value in enumerate(content)])
    lifted = lift_columns(batch, ["content.text", "content.missing", "id", "content.text"])
    assert lifted.schema.names == ["id", "content", "content.text"]
    assert lifted["content.text"].to_pylist() == ["Rain.", None, None]
    assert lifted["content"].to_pylist() == [{"n": 1}, None, {"n": 2}]
    alone = lift_columns(lifted, ["content.n"])
    assert alone.schema.names == ["id", "content.text", "content.n"]


def test_a_schema_has_the_field_that_a_path_means() -> None:
    schema = pa.schema([("a", pa.struct([("b", pa.int64())])), ("x.y", pa.string())])
    assert [getattr(field_of(schema, name), "type", None) for name in ("a.b", "x.y", "a.c", "a.b.c", "z")] == [
        pa.int64(),
        pa.string(),
        None,
        None,
        None,
    ]
    assert field_of(pa.schema([("a", pa.int64()), ("a", pa.int64())]), "a.b") is None


def test_the_longest_string_is_the_likely_text() -> None:
    record = {"url": "https://pier.example/" + "x" * 99, "title": "Rain", "body": {"raw": "It rained all day."}}
    assert likely_text(record) == "body.raw"
    assert likely_text(record, leave_out=["raw"]) == "title"
    assert likely_text({"n": 1}) == ""


def test_the_remedy_names_the_fields_and_the_setting() -> None:
    assert remedy(["id", "body"], "body").endswith("--set input.text_column=body")
    assert remedy(["my text"], "my text").endswith("--set input.text_column='my text'")
    assert remedy(["n"], "").endswith("none with a text; leave it out")
    assert remedy([], "") == "it has no other fields; leave it out"
    assert " ..." in remedy([f"f{k}" for k in range(9)], "f1")
