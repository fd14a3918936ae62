"""Parquet files: texts of any type, memory, columns, damage."""

import datetime as dt
import json
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.reading.read_split import read_split
from corpusmill.transforms.reading.splits import PARQUET, Part, Split
from tests.transforms.reading.rows_read import (
    read,
    read_file,
)

TEXT_ARRAYS = [
    pa.array(["a", "ü", None, "d"]),
    pa.array(["a", "ü", None, "d"], pa.large_string()),
    pa.array([b"a", "ü".encode(), None, b"d"], pa.binary()),
    pa.array([b"a", "ü".encode(), None, b"d"], pa.large_binary()),
    pa.array(["a", "ü", None, "d"]).dictionary_encode(),
    pa.array(["a", "ü", None, "d"], pa.string_view()),
    pa.array([b"a", "ü".encode(), None, b"d"], pa.binary_view()),
]


@pytest.mark.parametrize("texts", TEXT_ARRAYS, ids=lambda array: str(array.type))
@pytest.mark.parametrize("groups", [1, 2, 100])
@pytest.mark.parametrize("dictionaries", [True, False])
def test_parquet_texts_of_any_type_are_read_by_row_groups(
    tmp_path: Path, texts: Any, groups: int, dictionaries: bool
) -> None:
    path = tmp_path / "in.parquet"
    table = pa.table({"id": [7, 8, 9, 10], "text": texts, "k": ["x", "y", None, "z"]})
    pq.write_table(table, path, row_group_size=groups, use_dictionary=dictionaries)
    rows = read_file(path, PARQUET)
    assert [(row["id"], row["text"], row["offset"]) for row in rows] == [
        ("7", "a", 0),
        ("8", "ü", 1),
        ("9", None, 2),
        ("10", "d", 3),
    ]
    assert [row["metadata"] for row in rows] == ['{"k":"x"}', '{"k":"y"}', None, '{"k":"z"}']
    assert rows[2]["reason"] == "read.no-text"
    count = pq.ParquetFile(path).num_row_groups
    parts = [Part(str(path), PARQUET, k, k + 1 if k + 1 < count else None) for k in range(count)]
    assert read(parts) == rows


def test_a_text_that_parquet_stores_once_does_not_fill_the_memory_for_many_rows(tmp_path: Path) -> None:
    """Ten thousand references to one text: the file has some kilobytes, the column a gigabyte."""
    text = "the ferry crosses the river " * 4000
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 10_000, pa.int32()), pa.array([text]))
    path = tmp_path / "in.parquet"
    pq.write_table(pa.table({"id": range(10_000), "text": column, "k": column}), path)
    assert path.stat().st_size < 200_000
    settings = InputSettings(metadata="drop", max_expansion=10**6)
    largest = rows = 0
    for batch in read_split(Split(0, (Part(str(path), PARQUET),), 0), settings):
        assert set(batch["text"].to_pylist()) == {text}
        largest = max(largest, batch.nbytes)
        rows += batch.num_rows
    assert rows == 10_000
    assert largest < 100_000_000


def test_a_record_that_parquet_stores_small_but_is_huge_is_rejected_alone(tmp_path: Path) -> None:
    words = pa.DictionaryArray.from_arrays(pa.array([0] * 2000, pa.int32()), pa.array(["y" * 100_000]))
    lists = pa.ListArray.from_arrays(pa.array([0, 1, 1999, 2000], pa.int32()), words)
    path = tmp_path / "in.parquet"
    pq.write_table(pa.table({"id": ["a", "b", "c"], "text": ["x"] * 3, "list": lists}), path)
    assert path.stat().st_size < 200_000
    rows = read_file(path, PARQUET)
    assert [(row["id"], row["reason"]) for row in rows] == [("a", None), (f"{path}#1", "read.too-long"), ("c", None)]
    assert [row["row"] for row in rows] == [0, 1, 2]
    assert json.loads(rows[0]["metadata"]) == {"list": ["y" * 100_000]}


def test_a_row_group_of_too_many_values_is_rejected_with_what_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corpusmill.transforms.reading.parquet_files._MAX_GROUP_VALUES", 1000)
    path = tmp_path / "in.parquet"
    pq.write_table(pa.table({"text": ["x", "y"], "list": [[1] * 100, [2] * 1000]}), path)
    row, _ = read_file(path, PARQUET)  # a row for each record
    assert row["reason"] == "read.too-long"
    assert "1,100 values" in row["error"]
    assert "smaller row groups" in row["error"]


def test_parquet_columns_of_all_kinds_end_in_the_metadata(tmp_path: Path) -> None:
    table = pa.table(
        {
            "text": ["t"],
            "when": pa.array([1_600_000_000_000_000_001], pa.timestamp("ns", tz="Europe/Berlin")),
            "list": [[1, None]],
            "struct": [{"a": b"\xff", "b": 1.5}],
            "map": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int32())),
            "category": pa.array(["c"]).dictionary_encode(),
            "lists": [[["p", "q"], None, ["p"]]],
            "records": [[{"w": "p", "t": dt.datetime(2020, 1, 2)}]],
            "words": pa.array([[("k", "v")]], pa.map_(pa.string(), pa.string())),
            "view": pa.array(["v"], pa.string_view()),
            "decimal": pa.array(["1.50"]).cast(pa.decimal128(5, 2)),
            "none": pa.nulls(1),
        }
    )
    pq.write_table(table, tmp_path / "in.parquet")
    (row,) = read_file(tmp_path / "in.parquet", PARQUET)
    assert row["id"] == f"{tmp_path}/in.parquet#0"
    assert json.loads(row["metadata"]) == {
        "when": "2020-09-13T12:26:40+00:00",
        "list": [1, None],
        "struct": {"a": "\\xff", "b": 1.5},
        "map": [["k", 1]],
        "category": "c",
        "lists": [["p", "q"], None, ["p"]],
        "records": [{"w": "p", "t": "2020-01-02T00:00:00"}],
        "words": [["k", "v"]],
        "view": "v",
        "decimal": "1.50",
    }


def test_parquet_columns_can_stay_typed(tmp_path: Path) -> None:
    keeping = InputSettings(keep_columns={"n": "int64", "when": "timestamp", "url": "string", "none": "double"})
    table = pa.table(
        {"text": ["t", "u"], "n": ["5", "x"], "when": pa.array([0, None], pa.timestamp("ms")), "url": ["a", None]}
    )
    pq.write_table(table, tmp_path / "in.parquet")
    first, second = read_file(tmp_path / "in.parquet", PARQUET, keeping)
    assert (first["n"], first["when"].isoformat(), first["url"], first["none"]) == (
        5,
        "1970-01-01T00:00:00+00:00",
        "a",
        None,
    )
    assert (first["metadata"], second["n"], json.loads(second["metadata"])) == (None, None, {"n": "x"})


def test_parquet_strings_that_are_no_utf8_are_decoded(tmp_path: Path) -> None:
    bad = pa.StringArray.from_buffers(
        2, pa.py_buffer(b"\x00\x00\x00\x00\x04\x00\x00\x00\x05\x00\x00\x00"), pa.py_buffer(b"caf\xe9x")
    )
    pq.write_table(pa.table({"id": bad, "text": bad, "m": bad}), tmp_path / "in.parquet")
    rows = read_file(tmp_path / "in.parquet", PARQUET)
    assert [row["decision"] for row in rows] == ["kept", "kept"]
    assert rows[0]["text"].startswith("caf")
    assert rows[0]["encoding"] != "utf-8"


def test_parquet_files_without_texts_are_rejected_whole(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": [1, 2]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"body": ["x"]}), tmp_path / "b.parquet")
    rows = [row for name in "ab" for row in read_file(tmp_path / f"{name}.parquet", PARQUET)]
    assert [row["reason"] for row in rows] == ["read.text-not-a-string", "read.text-not-a-string", "read.no-text"]
    assert [row["offset"] for row in rows] == [0, 1, 0]
    assert "--set input.text_column=body" in rows[2]["error"]


def test_a_damaged_parquet_page_ends_the_file_with_a_rejected_row(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    texts = [random.Random(k).randbytes(200).hex() for k in range(100)]
    pq.write_table(pa.table({"text": texts}), path, row_group_size=50, compression="zstd", use_dictionary=False)
    group = pq.ParquetFile(path).metadata.row_group(1).column(0)
    data = bytearray(path.read_bytes())
    middle = group.data_page_offset + group.total_compressed_size // 2
    data[middle : middle + 200] = bytes(200)
    path.write_bytes(data)
    rows = read_file(path, PARQUET)
    assert [row["text"] for row in rows[:50]] == texts[:50]
    assert rows[-1]["reason"] == "read.bad-parquet"
