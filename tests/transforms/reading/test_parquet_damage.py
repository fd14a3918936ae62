"""A damaged page of a Parquet file costs its own rows, and the message names its column and them."""

import random
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.reading.parquet_damage import Patch, Patched
from corpusmill.transforms.reading.read_split import read_split
from corpusmill.transforms.reading.splits import PARQUET, Part, Split

ROWS = 6000
GROUP = 3000
CHANCE = random.Random(3)
TEXTS = ["".join(CHANCE.choices("abcdefgh ", k=200)) for _ in range(ROWS)]
SMALL_PAGES = {"data_page_size": 20_000, "write_batch_size": 50, "use_dictionary": False}


def read(path: Path, **settings: Any) -> list[dict[str, Any]]:
    split = Split(0, (Part(str(path), PARQUET),))
    return [row for batch in read_split(split, InputSettings(**settings)) for row in batch.to_pylist()]


def table(**more: Any) -> pa.Table:
    ids = [f"r{n}" for n in range(ROWS)]
    return pa.table({"id": ids, "text": TEXTS, "n": list(range(ROWS)), **more})


def damage(path: Path, column: str, *, group: int = 0, share: float = 0.5, size: int = 200, fill: int = 0) -> None:
    """Overwrite bytes in the middle of a column of a row group."""
    data = bytearray(path.read_bytes())
    metadata = pq.ParquetFile(path).metadata.row_group(group)
    chunk = next(metadata.column(k) for k in range(metadata.num_columns) if metadata.column(k).path_in_schema == column)
    at = chunk.data_page_offset + int(chunk.total_compressed_size * share)
    data[at : at + size] = bytes([fill]) * size
    path.write_bytes(bytes(data))


def check(rows: list[dict[str, Any]], most_lost: int, column: str) -> list[int]:
    """All rows are there in order, sound ones are right, and the rejected ones are those that the messages name."""
    assert [row["offset"] for row in rows] == list(range(ROWS))
    lost = [row["offset"] for row in rows if row["decision"] == "rejected"]
    assert 0 < len(lost) <= most_lost
    for row in rows:
        if row["decision"] == "kept":
            assert (row["id"], row["text"]) == (f"r{row['offset']}", TEXTS[row["offset"]])
            continue
        assert row["reason"] == "read.bad-parquet"
        match = re.search(r"rows ([\d,]+) to ([\d,]+) of column '(\w+)', in", row["error"])
        assert match is not None
        first, last, name = match.groups()
        assert int(first.replace(",", "")) <= row["offset"] <= int(last.replace(",", ""))
        assert name == column
    return lost


@pytest.mark.parametrize("column", ["text", "id", "n"])
@pytest.mark.parametrize(
    "options",
    [
        {"write_page_checksum": True},
        {"compression": "zstd"},
        {"compression": "none", "write_page_checksum": True, "data_page_version": "2.0"},
        {"compression": "gzip", "data_page_version": "2.0", "write_page_index": True},
        {"write_page_checksum": True, "use_dictionary": True, "dictionary_pagesize_limit": 10_000},
    ],
    ids=str,
)
def test_a_damaged_page_costs_its_rows_only(
    tmp_path: Path,
    column: str,
    options: dict[str, Any],
) -> None:
    path = tmp_path / "in.parquet"
    pq.write_table(table(), path, row_group_size=GROUP, **{**SMALL_PAGES, "data_page_size": 2000, **options})
    damage(path, column, size=40)
    lost = check(read(path), 1300 if column == "n" else 600, column)
    assert lost == list(range(lost[0], lost[-1] + 1))
    assert lost[-1] < GROUP


def test_two_damaged_pages_of_two_columns_and_the_next_row_group(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    pq.write_table(table(), path, row_group_size=GROUP, write_page_checksum=True, **SMALL_PAGES)
    damage(path, "text", share=0.2)
    damage(path, "text", share=0.8)
    damage(path, "text", group=1)
    lost = check(read(path), 600, "text")
    assert len({offset // 250 for offset in lost}) >= 3
    assert any(offset >= GROUP for offset in lost)
    damage(path, "id", share=0.2)
    (error,) = {row["error"] for row in read(path) if row["decision"] == "rejected" and row["offset"] < 900}
    assert "of columns 'id', 'text', in row group 0" in error


@pytest.mark.parametrize("index", [True, False])
@pytest.mark.parametrize("size", [10, 60_000])
def test_damaged_headers_cost_their_pages_with_an_index_and_without(tmp_path: Path, index: bool, size: int) -> None:
    path = tmp_path / "in.parquet"
    pq.write_table(table(), path, row_group_size=GROUP, write_page_index=index, **SMALL_PAGES)
    data = path.read_bytes()
    chunk = pq.ParquetFile(path).metadata.row_group(0).column(1)
    middle = chunk.data_page_offset + chunk.total_compressed_size // 2
    header = data.index(b"\x15\x00\x15", middle)
    path.write_bytes(data[:header] + b"\xff" * size + data[header + size :])
    lost = check(read(path), 600, "text")
    assert lost[-1] < GROUP - 200


def test_damage_that_only_decoding_meets_costs_its_page(tmp_path: Path) -> None:
    """Neither checksum nor compression tells; lengths of strings that make no sense do."""
    path = tmp_path / "in.parquet"
    pq.write_table(table(), path, row_group_size=GROUP, compression="none", **SMALL_PAGES)
    damage(path, "text", size=1000, fill=255)
    check(read(path), 400, "text")


def test_columns_of_lists_and_structs_are_read_around_too(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    tags = [[f"t{n}", f"u{n}" * 20] * (n % 4) for n in range(ROWS)]
    whole = table(tags=tags, meta=[{"lang": TEXTS[n][:40], "n": n} for n in range(ROWS)])
    options = {**SMALL_PAGES, "data_page_version": "2.0", "write_page_checksum": True}
    for column in ("tags.list.element", "meta.lang"):
        pq.write_table(whole, path, row_group_size=GROUP, **options)
        damage(path, column)
        rows = read(path)
        lost = [row["offset"] for row in rows if row["decision"] == "rejected"]
        assert 0 < len(lost) < 700
        assert max(lost) < GROUP - 1
        assert f"of column '{column}'" in rows[lost[0]]["error"]
        kept = [row for row in rows if row["decision"] == "kept"]
        assert all(row["text"] == TEXTS[row["offset"]] for row in kept)
        assert all(f'"n":{row["offset"]}' in row["metadata"] for row in kept)


def test_damage_in_a_column_that_is_not_read_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    pq.write_table(table(), path, row_group_size=GROUP, write_page_checksum=True, **SMALL_PAGES)
    damage(path, "n")
    assert {row["decision"] for row in read(path, metadata="drop")} == {"kept"}


@pytest.mark.parametrize("way", ["dictionary", "required"])
def test_what_cannot_be_read_around_costs_the_rest_of_the_row_group_and_names_the_column(
    tmp_path: Path, way: str
) -> None:
    path = tmp_path / "in.parquet"
    whole = table()
    if way == "dictionary":
        pq.write_table(whole, path, row_group_size=GROUP, write_page_checksum=True)
        data = bytearray(path.read_bytes())
        at = pq.ParquetFile(path).metadata.row_group(0).column(1).dictionary_page_offset + 1000
        data[at : at + 100] = bytes(100)
        path.write_bytes(bytes(data))
    else:
        fields = [pa.field(field.name, field.type, nullable=False) for field in whole.schema]
        whole = whole.cast(pa.schema(fields))
        pq.write_table(whole, path, row_group_size=GROUP, write_page_checksum=True, **SMALL_PAGES)
        damage(path, "text")
    rows = read(path)
    assert [row["offset"] for row in rows] == list(range(ROWS))
    lost = [row["offset"] for row in rows if row["decision"] == "rejected"]
    assert lost == list(range(lost[0], GROUP))
    assert (lost[0] > 1000) is (way == "required")
    assert "of column 'text', in row group 0, cannot be read" in rows[lost[0]]["error"]


def test_any_bytes_overwritten_cost_rows_and_nothing_else(tmp_path: Path) -> None:
    """Wherever the damage is, the run goes on, every row is told, and with checksums no text is wrong."""
    path = tmp_path / "in.parquet"
    options = {**SMALL_PAGES, "write_page_checksum": True, "write_page_index": True}
    pq.write_table(table().slice(0, 600), path, row_group_size=300, **options)
    sound = path.read_bytes()
    footer = len(sound) - 8 - int.from_bytes(sound[-8:-4], "little")
    chance = random.Random(7)
    for _ in range(60):
        data = bytearray(sound)
        for _ in range(chance.choice([1, 3])):
            at = chance.randrange(4, footer)
            data[at : at + chance.choice([1, 30, 3000])] = chance.randbytes(1) * chance.choice([1, 30, 3000])
        path.write_bytes(bytes(data[: len(sound)]))
        rows = read(path)
        if len(rows) == 600:
            assert [row["offset"] for row in rows] == list(range(600))
        assert all(row["text"] == TEXTS[row["offset"]] for row in rows if row["decision"] == "kept")


class _Bytes:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def read(self, size: int = -1, /) -> bytes:
        piece = self._data[self._at :] if size < 0 else self._data[self._at : self._at + size]
        self._at += len(piece)
        return piece

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self._at = offset + (0, self._at, len(self._data))[whence]
        return self._at

    def close(self) -> None:
        self._data = b""


def test_patches_are_read_from_any_place() -> None:
    stream = Patched(_Bytes(b"0123456789"), [Patch(2, b"abc"), Patch(8, b"x")])
    for start in range(11):
        for size in range(11):
            assert stream.seek(start) == stream.tell() == start
            assert stream.read(size) == b"01abc567x9"[start : start + size]
    stream.close()
    assert stream.closed
