"""Parquet files that end other readers, or their process: each becomes rejected rows, and costs bounded memory."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusmill.transforms.reading import parquet as parquet_input
from corpusmill.transforms.reading.input_versions import InputChangedError
from corpusmill.transforms.reading.streams import StorageError
from tests.transforms.reading.parquet_rows import TEXTS, long_texts, read, reasons


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "in.parquet"


def test_two_columns_of_one_name_are_told(path: Path) -> None:
    arrays = [pa.array(TEXTS), pa.array([1, 2]), pa.array([3, 4])]
    pq.write_table(pa.Table.from_arrays(arrays, names=["text", "n", "n"]), path)
    rows = read(path)
    assert reasons(rows) == ["read.bad-parquet"] * 2
    assert "the column 'n' more than once" in rows[0]["error"]


@pytest.mark.parametrize("wrap", [lambda array: array, lambda array: pa.array([[x] for x in array])])
def test_a_struct_with_a_field_twice_is_told(path: Path, wrap: Callable[..., Any]) -> None:
    twice = pa.StructArray.from_arrays([pa.array([1, 2]), pa.array([3, 4])], names=["x", "x"])
    column = wrap(twice) if wrap(pa.array([0])).type == pa.int64() else pa.ListArray.from_arrays([0, 1, 2], twice)
    pq.write_table(pa.table({"text": TEXTS, "s": column}), path)
    rows = read(path)
    assert reasons(rows) == ["read.bad-parquet"] * 2
    assert "column 's' has the field 'x' more than once" in rows[0]["error"]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([0, 2**62], pa.int64()).view(pa.timestamp("us")),
        pa.array([0, -(2**62)], pa.int64()).view(pa.timestamp("us", tz="UTC")),
        pa.array([0, 2**50], pa.int64()).view(pa.timestamp("ms")),
        pa.array([0, 2**31 - 1], pa.int32()).view(pa.date32()),
        pa.array([0, -(2**31)], pa.int32()).view(pa.date32()),
        pa.ListArray.from_arrays([0, 1, 2], pa.array([0, 2**31 - 1], pa.int32()).view(pa.date32())),
    ],
)
@pytest.mark.parametrize("name", ["when", "id"])
def test_a_time_outside_of_the_calendar_costs_its_row(path: Path, column: Any, name: str) -> None:
    pq.write_table(pa.table({"text": TEXTS, name: column}), path)
    rows = read(path)
    assert reasons(rows) == [None, "read.bad-value"]
    assert f"column '{name}' has a value that cannot be read" in rows[1]["error"]
    assert "1970-01-01" in rows[0]["metadata"]


def test_a_column_whose_name_is_no_utf8_is_told(path: Path) -> None:
    pq.write_table(pa.table({"text": TEXTS, "name": [1, 2]}), path, store_schema=False)
    path.write_bytes(path.read_bytes().replace(b"name", b"nam\xe9"))
    assert set(reasons(read(path))) == {"read.bad-parquet"}


def test_the_limit_of_expansion_holds_for_parquet(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_input, "GIB", 100_000_000)
    text = "the ferry crosses the river " * 4000
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 2000, pa.int32()), pa.array([text]))
    pq.write_table(pa.table({"text": column}), path)
    rows = read(path, max_expansion=100)
    assert len(rows) == 2000
    kept = [row for row in rows if row["decision"] == "kept"]
    assert 0 < len(kept) * len(text) <= 150_000_000
    assert set(reasons(rows)) == {None, "read.expansion-limit"}
    assert "raise max_expansion" in rows[-1]["error"]
    assert reasons(read(path, max_expansion=10**6)) == [None] * 2000


def test_rows_of_nothing_count_as_expansion(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_input, "GIB", 1_000_000)
    pq.write_table(pa.table({"text": pa.nulls(200_000, pa.string())}), path)
    assert "read.expansion-limit" in reasons(read(path, max_expansion=100))


@pytest.mark.parametrize(
    ("error", "passes"), [(RuntimeError, False), (KeyError, False), (StorageError, True), (InputChangedError, True)]
)
def test_whatever_a_reader_raises_ends_the_file_not_the_run(
    path: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception], passes: bool
) -> None:
    pq.write_table(pa.table({"text": TEXTS}), path)

    def fail(*_: object) -> None:
        raise error("a library's own words")

    monkeypatch.setattr(parquet_input, "read", fail)
    if passes:
        with pytest.raises(error):
            read(path)
        return
    (row,) = read(path)
    assert (row["reason"], row["source"]) == ("read.bad-file", str(path))
    assert "a library's own words" in row["error"]


def test_paths_with_dots_name_what_is_inside_of_structs(path: Path) -> None:
    inner = [{"text": TEXTS[0], "lang": "en"}, {"text": TEXTS[1], "lang": "en"}]
    pq.write_table(pa.table({"doc": [{"id": "a"}, {"id": "b"}], "content": inner}), path)
    for metadata in ("json", "drop"):
        rows = read(path, text_column="content.text", id_column="doc.id", metadata=metadata)
        assert [(row["id"], row["text"]) for row in rows] == list(zip("ab", TEXTS, strict=True))
    rows = read(path, text_column="content.text", id_column="doc.id")
    assert rows[0]["metadata"] == '{"content":{"lang":"en"}}'
    (row, _) = read(path)
    assert "--set input.text_column=content.text" in row["error"]


def test_uuids_name_documents(path: Path) -> None:
    storage = pa.array([bytes(range(16)), None], pa.binary(16))
    pq.write_table(pa.table({"text": TEXTS, "id": pa.ExtensionArray.from_storage(pa.uuid(), storage)}), path)
    rows = read(path)
    assert [row["id"] for row in rows] == ["00010203-0405-0607-0809-0a0b0c0d0e0f", f"{path}#1"]


@pytest.mark.parametrize("compression", ["none", "snappy"])
@pytest.mark.parametrize(("dictionary", "times"), [(True, 2), (False, 1)])
def test_a_page_that_takes_too_much_memory_is_not_read(
    path: Path, compression: str, dictionary: bool, times: int
) -> None:
    """What a dictionary or a page takes is told before it is read; a little less memory than that rejects its rows."""
    texts = long_texts(path, compression=compression, use_dictionary=dictionary)
    size = sum(map(len, texts))
    rows = read(path, max_page_bytes=times * size)
    assert reasons(rows) == ["read.large-page"] * 40
    assert {row["source"] for row in rows} == {str(path)}
    told = re.search(r"row group 0 .* take ([\d,]+) bytes .* ([\d,]+) of them for column 'text'", rows[0]["error"])
    assert told is not None
    needed, of_the_text = (int(number.replace(",", "")) for number in told.groups())
    assert times * size < of_the_text < needed < times * size + size // 10
    assert "fewer rows (now 40), or raise input.max_page_bytes" in rows[0]["error"]
    assert [row["text"] for row in read(path, max_page_bytes=needed)] == texts
    assert reasons(read(path, max_page_bytes=needed - 1)) == ["read.large-page"] * 40


def test_large_row_groups_of_small_pages_are_read(path: Path) -> None:
    texts = long_texts(path, use_dictionary=False, data_page_size=1000, write_batch_size=1)
    assert [row["text"] for row in read(path, max_page_bytes=250_000)] == texts


def test_other_row_groups_of_the_file_are_read(path: Path) -> None:
    schema = pa.schema([("text", pa.string())])
    with pq.ParquetWriter(path, schema, compression="none", use_dictionary=False) as writer:
        for length in (10, 100_000, 20):
            writer.write_table(pa.table({"text": ["x" * length] * 4}, schema))
    rows = read(path, max_page_bytes=200_000)
    assert reasons(rows) == [None] * 4 + ["read.large-page"] * 4 + [None] * 4
    assert [row["offset"] for row in rows] == list(range(12))


def test_columns_that_are_not_read_do_not_count(path: Path) -> None:
    pq.write_table(pa.table({"text": TEXTS, "html": ["x" * 100_000] * 2}), path, use_dictionary=False)
    assert reasons(read(path, max_page_bytes=50_000)) == ["read.large-page"] * 2
    assert reasons(read(path, max_page_bytes=50_000, metadata="drop")) == [None] * 2
