"""Parquet files that end other readers, or their process: each becomes rejected rows, and costs bounded memory."""

import random
import re
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusmill.transforms.kernels.reading.parquet_footer import why_implausible
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.reading import parquet as parquet_input
from corpusmill.transforms.reading.input_versions import InputChangedError
from corpusmill.transforms.reading.parquet_files import how_to_read, open_parquet
from corpusmill.transforms.reading.read_split import read_split
from corpusmill.transforms.reading.splits import PARQUET, Part, Split
from corpusmill.transforms.reading.streams import StorageError

TEXTS = ["The tide came in at noon.", "Two boats were late."]


def read(path: Path | str, **settings: Any) -> list[dict[str, Any]]:
    split = Split(0, (Part(str(path), PARQUET),))
    return [row for batch in read_split(split, InputSettings(**settings)) for row in batch.to_pylist()]


def reasons(rows: list[dict[str, Any]]) -> list[str | None]:
    return [row["reason"] for row in rows]


def footer_of(data: bytes) -> bytes:
    length = int.from_bytes(data[-8:-4], "little")
    return data[-8 - length : -8]


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


def test_a_footer_that_ends_the_process_is_found_out_in_another_one(path: Path) -> None:
    """A column that may be null by its statistics and may not by its schema: Arrow calls std::terminate."""
    pq.write_table(pa.table({"text": TEXTS, "a": ["x", None]}), path)
    sound = path.read_bytes()
    harmful = sound.replace(b"\x25\x02\x18\x01a", b"\x25\x00\x18\x01a")
    assert harmful != sound
    path.write_bytes(harmful)
    rows = read(path)
    assert reasons(rows) == ["read.bad-parquet"]
    assert "reading it ends the process that does" in rows[0]["error"]


@pytest.mark.parametrize("options", [{}, {"version": "1.0", "use_dictionary": False}, {"data_page_version": "2.0"}])
def test_sound_footers_are_plausible(path: Path, options: dict[str, Any]) -> None:
    table = pa.table(
        {
            "text": TEXTS,
            "l": [[1, 2], None],
            "s": [{"x": 1, "y": {"z": ["q"]}}, None],
            "m": pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int32())),
            "d": pa.array(["u", None]).dictionary_encode(),
            "n": pa.nulls(2),
        }
    )
    pq.write_table(table, path, row_group_size=1, **options)
    data = path.read_bytes()
    assert why_implausible(footer_of(data), len(data)).problem == ""
    pq.write_table(table.slice(0, 0), path, **options)
    data = path.read_bytes()
    assert why_implausible(footer_of(data), len(data)).problem == ""


def test_footers_with_any_byte_changed_are_judged_or_read(path: Path) -> None:
    """Whatever stands there, the judgement ends, and in words."""
    pq.write_table(pa.table({"text": TEXTS, "s": [{"x": 1}, None]}), path)
    data = path.read_bytes()
    footer, chance = footer_of(data), random.Random(4)
    for _ in range(2000):
        at = chance.randrange(len(footer))
        changed = footer[:at] + bytes([chance.randrange(256)]) + footer[at + 1 :]
        found = why_implausible(changed[: chance.choice([at, len(footer)])], len(data))
        assert isinstance(found.problem, str)


def test_long_texts_in_one_row_group_are_not_read_as_a_dictionary(path: Path) -> None:
    """Arrow gives the whole dictionary with every batch: time and memory grew with the square of the row group."""
    texts = [f"{number} " + "the quay was wet " * 3000 for number in range(300)]
    pq.write_table(pa.table({"text": texts}), path)
    settings = InputSettings(batch_bytes=1 << 20)
    file = open_parquet(str(path))
    how = how_to_read(file, str(path), 0, 300 * len(texts[0]), settings)
    file.close(force=True)
    assert how.as_dictionaries == ()
    assert 10 <= how.rows <= 30
    assert [row["text"] for row in read(path, batch_bytes=1 << 20)] == texts


def test_a_text_that_is_stored_once_and_stands_for_many_is_read_as_a_dictionary(path: Path) -> None:
    text = "the ferry crosses the river " * 40_000
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 1000, pa.int32()), pa.array([text]))
    pq.write_table(pa.table({"text": column}), path)
    file = open_parquet(str(path))
    how = how_to_read(file, str(path), 0, path.stat().st_size, InputSettings())
    file.close(force=True)
    assert how.as_dictionaries == ("text",)


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


def long_texts(path: Path, **options: Any) -> list[str]:
    """Write a row group whose pages are as large as the group: ids of some bytes, and forty texts of 100 kB."""
    texts = [f"{number} " + "the tide came in " * 6000 for number in range(40)]
    pq.write_table(pa.table({"id": [f"d{number}" for number in range(40)], "text": texts}), path, **options)
    return texts


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


def test_python_has_no_copy_of_a_page(path: Path) -> None:
    """Arrow copies what a Python stream has read, so local files it reads itself."""
    size = sum(map(len, long_texts(path, compression="none", use_dictionary=False)))
    with open_parquet(str(path)) as file:
        tracemalloc.start()
        try:
            next(iter(file.iter_batches(1, [0], use_threads=False)))
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert most < size // 10
