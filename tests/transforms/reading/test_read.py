"""Reading splits: the same records in the same order, however the inputs are cut; every fault is a row."""

import bz2
import datetime as dt
import gzip
import io
import json
import lzma
import os
import random
import threading
import tracemalloc
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from apache_beam.io.filesystem import BeamIOError, FileMetadata, FileSystem
from apache_beam.testing.util import assert_that, equal_to
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from corpusmill.inputs.plan import plan_splits
from corpusmill.transforms.kernels.reading.settings import MAX_BATCH_ROWS, InputSettings
from corpusmill.transforms.kernels.schema import batch_position, document_schema
from corpusmill.transforms.reading import parquet as parquet_input
from corpusmill.transforms.reading.decompressed import Decompressed
from corpusmill.transforms.reading.read import ReadDocuments
from corpusmill.transforms.reading.read_split import read_marked, read_split
from corpusmill.transforms.reading.splits import JSONL, PARQUET, TEXT, UNKNOWN, Part, Split
from corpusmill.transforms.reading.streams import Block, Joined, LongLine, StorageError, Wanted, line_blocks, open_input

DEFAULT = InputSettings()
ANY_DIRECTORY = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(parts: Iterable[Part], given: InputSettings = DEFAULT, index: int = 0) -> list[dict[str, Any]]:
    """Read parts as one split; return the rows as dicts."""
    batches = list(read_split(Split(index, tuple(parts)), given))
    rows = []
    for batch in batches:
        batch.validate(full=True)
        assert batch.schema.equals(document_schema(given.kept_types()))
        assert 0 < batch.num_rows <= MAX_BATCH_ROWS
        rows += batch.to_pylist()
    assert [(row["split"], row["row"]) for row in rows] == [(index, number) for number in range(len(rows))]
    for row in rows:
        assert (row["text"] is None) == (row["decision"] == "rejected") == bool(row["reason"]) == bool(row["error"])
        assert "\n" not in row["source"]
    return rows


def read_file(path: Path | str, kind: str = JSONL, given: InputSettings = DEFAULT) -> list[dict[str, Any]]:
    return read([Part(str(path), kind)], given)


def brief(rows: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return [(row["id"], row["reason"]) for row in rows]


def jsonl(names: Iterable[object], text: str = "t") -> bytes:
    return "".join(json.dumps({"id": name, "text": text}) + "\n" for name in names).encode()


def zstd(data: bytes) -> bytes:
    found: bytes = pa.Codec("zstd").compress(data, asbytes=True)
    return found


LINES = st.lists(
    st.sampled_from(
        [b"", b" ", b"{}", b"bad", b'{"id":"a","text":"b"}', b'{"text":"\xc3\xa9' + b"x" * 50 + b'"}', b"\r"]
    ),
    max_size=12,
)


@ANY_DIRECTORY
@given(LINES, st.booleans(), st.data())
def test_byte_ranges_read_every_record_once_and_in_order(
    tmp_path: Path, lines: list[Any], final: bool, data: st.DataObject
) -> None:
    content = b"\n".join(lines) + (b"\n" if final else b"")
    path = tmp_path / "in.jsonl"
    path.write_bytes(content)
    whole = read_file(path)
    cuts = sorted(set(data.draw(st.lists(st.integers(1, max(1, len(content) - 1)), max_size=6))))
    cuts = [cut for cut in cuts if cut < len(content)]
    starts, ends = [0, *cuts], [*cuts, None]
    parts = [Part(str(path), JSONL, start, end) for start, end in zip(starts, ends, strict=True)]
    ranges = [read([part], index=k) for k, part in enumerate(parts)]
    found = [row for rows in ranges for row in rows]
    number = {"split": None, "row": None}
    assert [{**row, **number} for row in found] == [{**row, **number} for row in whole]
    assert [row["id"] for row in read(parts)] == [row["id"] for row in whole]
    for part, rows in zip(parts, ranges, strict=True):
        assert all(part.start <= row["offset"] and (part.end is None or row["offset"] < part.end) for row in rows)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.sampled_from([b"", b"a", b"bb", b"c" * 9, b"d" * 30]), max_size=10), st.integers(1, 12), st.data())
def test_blocks_hold_whole_lines_of_the_range_and_long_lines_are_skipped(
    lines: list[Any], chunk: int, data: st.DataObject
) -> None:
    content = b"\n".join(lines)
    limit = data.draw(st.integers(chunk, 40))
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.none() | st.integers(start + 1, len(content) + 1))
    skip = start > 0
    stream = io.BytesIO(content)
    stream.seek(start - skip)
    found = []
    wanted = Wanted(start - skip, end, skip_first=skip)
    for block in line_blocks(stream, wanted, chunk_bytes=chunk, max_line_bytes=limit):
        if isinstance(block, LongLine):
            found.append((block.offset, block.length))
            assert content[block.offset :].startswith(block.head)
        else:
            assert isinstance(block, Block)
            offset = block.offset
            for line in block.data.split(b"\n")[: None if not block.data.endswith(b"\n") else -1]:
                assert content[offset : offset + len(line)] == line
                found.append((offset, len(line)))
                offset += len(line) + 1
    expected, offset = [], 0
    for line in lines:
        inside = offset >= start and (end is None or offset < end)
        if inside and offset < len(content):
            expected.append((offset, len(line)))
        offset += len(line) + 1
    assert found == expected


@ANY_DIRECTORY
@given(
    st.lists(st.integers(0, 400), min_size=1, max_size=30),
    st.sampled_from([1024, 1500, 4000, 1 << 20]),
    st.integers(1024, 3000),
)
def test_the_plan_and_the_batches_never_change_the_records(
    tmp_path: Path, lengths: list[int], split_bytes: Any, batch_bytes: int
) -> None:
    for old in tmp_path.iterdir():
        old.unlink()
    files = {f"{k % 4}.jsonl": b"" for k in range(len(lengths))}
    for k, length in enumerate(lengths):
        files[f"{k % 4}.jsonl"] += jsonl([f"d{k}"], "ä" * length)
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    given = InputSettings(split_bytes=split_bytes, batch_bytes=batch_bytes)
    rows = [
        row for split in plan_splits([str(tmp_path)], given).splits for row in read(split.parts, given, split.index)
    ]
    reference = [row for name in sorted(files) for row in read_file(tmp_path / name)]
    fields = ("id", "source", "offset", "text", "decision", "chars_in")
    assert [[row[f] for f in fields] for row in rows] == [[row[f] for f in fields] for row in reference]


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress, zstd])
@pytest.mark.parametrize("name", ["in.jsonl", "in.jsonl.gz", "in.jsonl.zst"])
def test_compression_goes_by_content_not_by_name(tmp_path: Path, compress: Callable[..., Any], name: str) -> None:
    path = tmp_path / name
    path.write_bytes(compress(jsonl("ab")) + compress(jsonl("cd")))
    assert brief(read_file(path)) == [(x, None) for x in "abcd"]
    path.write_bytes(jsonl("ab"))
    assert brief(read_file(path)) == [(x, None) for x in "ab"]


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress, zstd])
def test_what_stands_before_a_cut_is_read_to_the_last_record(tmp_path: Path, compress: Callable[..., Any]) -> None:
    data = b"".join(jsonl([f"d{k}"], random.Random(k).randbytes(40).hex()) for k in range(400))
    packed = compress(data)
    path = tmp_path / "cut"
    for share in (0.3, 0.7, 0.99):
        path.write_bytes(packed[: int(len(packed) * share)])
        rows = read_file(path)
        assert rows[-1]["reason"] == "read.truncated"
        assert [row["id"] for row in rows[:-1]] == [f"d{k}" for k in range(len(rows) - 1)]
        assert all(row["decision"] == "kept" for row in rows[:-1])
    if compress is gzip.compress:  # the other two give nothing of a block that is not whole
        expected = zlib.decompressobj(31).decompress(packed[: int(len(packed) * 0.99)]).count(b"\n")
        assert len(rows) - 1 == expected


def test_a_damaged_archive_is_one_rejected_row_after_what_could_be_read(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(jsonl(map(str, range(2000)), random.Random(1).randbytes(50).hex())))
    packed[-6] ^= 0xFF  # the checksum
    path = tmp_path / "in.jsonl.gz"
    path.write_bytes(packed)
    rows = read_file(path)
    assert [row["id"] for row in rows[:-1]] == [str(k) for k in range(2000)]
    assert rows[-1]["reason"] == "read.bad-compression"


@pytest.mark.parametrize(
    "data",
    [b"", b"\n\n  \n", gzip.compress(b"", mtime=0), zstd(b""), b"\xef\xbb\xbf"],
    ids=["empty", "blank lines", "empty gzip", "empty zstd", "a mark alone"],
)
def test_a_file_without_records_gives_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "in.jsonl").write_bytes(data)
    assert read_file(tmp_path / "in.jsonl") == []


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_lines_in_wide_encodings_are_read_and_named(tmp_path: Path, codec: str) -> None:
    text = '{"id": "a", "text": "schön 💥"}\n{"id": "b", "text": "漢字"}'
    (tmp_path / "in.jsonl").write_bytes(text.encode(codec))
    rows = read_file(tmp_path / "in.jsonl")
    assert [(row["id"], row["text"]) for row in rows] == [("a", "schön 💥"), ("b", "漢字")]
    assert {row["encoding"][:6] for row in rows} == {"utf-8" if codec == "utf-8-sig" else codec[:6]}


def test_what_does_not_fit_a_wide_encoding_is_replaced(tmp_path: Path) -> None:
    text = '{"id": "a", "text": "lone \ud800 here"}\n{"id": "b", "text": "x"}\n'
    (tmp_path / "in.jsonl").write_bytes(
        "\ufeff".encode("utf-16-le") + text.encode("utf-16-le", "surrogatepass") + b"\x41"
    )
    rows = read_file(tmp_path / "in.jsonl")
    assert [row["text"] for row in rows] == ["lone \ufffd here", "x", None]
    assert rows[0]["repairs"] == [{"rule": "read.lone-surrogate", "count": 1}]
    wrong = "\ufeff{".encode("utf-32-le") + b"\x00\x00\x11\x00" + '}\n{"text": "t"}'.encode("utf-32-le")
    (tmp_path / "in.jsonl").write_bytes(wrong)
    assert [row["text"] for row in read_file(tmp_path / "in.jsonl")] == [None, "t"]


@pytest.mark.parametrize(
    ("name", "kind", "data", "reason"),
    [
        ("in.jsonl", JSONL, random.Random(3).randbytes(50_000), "read.not-jsonl"),
        ("in.jsonl", JSONL, bytes(50_000), "read.not-jsonl"),
        ("in.jsonl", JSONL, b"\x04\x22\x4d\x18rest", "read.not-jsonl"),
        ("in.jsonl", JSONL, b"\xfd7zXZ\x00" + bytes(20), "read.bad-compression"),
        ("in.txt", TEXT, b"%PDF-1.7\n1 0 obj\n", "read.bad-encoding"),
        ("in.jsonl", JSONL, b"PK\x03\x04rest", "read.not-jsonl"),
        ("in.html", UNKNOWN, b"<p>", "read.unknown-format"),
        ("in.txt", TEXT, bytes(range(256)) * 9, "read.bad-encoding"),
        ("in.parquet", PARQUET, b"PAR1", "read.bad-parquet"),
        ("in.parquet", PARQUET, b"", "read.bad-parquet"),
    ],
)
def test_a_file_that_is_something_else_is_one_rejected_row(
    tmp_path: Path, name: str, kind: str, data: bytes, reason: str
) -> None:
    (tmp_path / name).write_bytes(data)
    (row,) = read_file(tmp_path / name, kind)
    assert row["reason"] == reason
    assert row["source"] == str(tmp_path / name)


def test_a_file_that_is_not_there_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_bytes(jsonl("b"))
    os.symlink("nowhere", tmp_path / "a.jsonl")
    os.symlink("loop.jsonl", tmp_path / "loop.jsonl")
    parts = [Part(str(tmp_path / name), JSONL) for name in ("a.jsonl", "b.jsonl", "loop.jsonl", "none.jsonl")]
    rows = read(parts)
    assert [row["reason"] for row in rows] == ["read.missing-file", None, "read.bad-file", "read.missing-file"]


def test_a_directory_or_pipe_in_place_of_a_file_is_rejected(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")  # opening it would wait for ever
    plan = plan_splits([str(tmp_path / "*")], DEFAULT)
    assert brief(read(plan.splits[0].parts)) == [(str(tmp_path / "pipe.jsonl"), "read.not-a-file")]
    assert [row["reason"] for row in read_file(tmp_path)] == ["read.not-a-file"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read anything")
def test_a_file_without_permission_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(jsonl("a"))
    path.chmod(0)
    assert read_file(path)[0]["reason"] == "read.no-permission"


def test_file_names_of_any_bytes_are_printable_sources(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path)
    for name in (b"\xff.jsonl", b"new\nline.jsonl", "漢.jsonl".encode()):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(b'{"text":"t"}')
    splits = plan_splits([str(tmp_path)], DEFAULT).splits
    restored = [Split.from_json(json.loads(json.dumps(split.to_json()))) for split in splits]
    rows = [row for split in restored for row in read(split.parts)]
    assert sorted(os.path.basename(row["source"]) for row in rows) == ["\\xff.jsonl", "new\\nline.jsonl", "漢.jsonl"]
    assert all(row["id"] == row["source"] + "@0" for row in rows)


def test_an_endless_line_is_skipped_with_its_length(tmp_path: Path) -> None:
    few = InputSettings(max_document_bytes=100_000)
    content = jsonl("a") + b'{"text":"' + b"x" * 9_000_000 + b'"}\n' + jsonl("b")
    path = tmp_path / "in.jsonl"
    for data in (content, gzip.compress(content)):
        path.write_bytes(data)
        rows = read_file(path, given=few)
        assert brief(rows) == [("a", None), (f"{path}@{len(jsonl('a'))}", "read.too-long"), ("b", None)]
        assert "9,000,011 bytes" in rows[1]["error"]


def test_a_file_that_expands_without_end_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpusmill.transforms.reading.decompressed.GIB", 1 << 22)
    path = tmp_path / "in.jsonl.gz"
    path.write_bytes(gzip.compress(jsonl("a") + b" " * (64 << 20) + b"\n" + jsonl("b")))
    rows = read_file(path, given=InputSettings(max_expansion=100))
    assert brief(rows) == [("a", None), (str(path), "read.expansion-limit")]
    assert [row["id"] for row in read_file(path, given=InputSettings(max_expansion=10_000))] == ["a", "b"]


def test_a_text_file_is_one_document(tmp_path: Path) -> None:
    path = tmp_path / "in.txt"
    path.write_bytes("Grüße\nan alle".encode("utf-16"))
    (row,) = read_file(path, TEXT)
    assert (row["id"], row["text"], row["encoding"]) == (str(path), "Grüße\nan alle", "utf-16-le")
    path.write_bytes(gzip.compress(b""))
    assert [(row["text"], row["decision"]) for row in read_file(path, TEXT)] == [("", "kept")]
    path.write_bytes(gzip.compress(b"x" * 5_000))
    (row,) = read_file(path, TEXT, InputSettings(max_document_bytes=4_000))
    assert (row["reason"], "5,000" in row["error"]) == ("read.too-long", True)


def test_a_json_list_is_read_as_records(tmp_path: Path) -> None:
    path = tmp_path / "in.json"
    path.write_text(json.dumps([{"id": "a", "text": "x"}, {"text": "y"}], indent=2))
    assert brief(read_file(path)) == [("a", None), (f"{path}#1", None)]
    path.write_bytes(b"[1, 2]\n" + jsonl("a"))
    assert brief(read_file(path)) == [(f"{path}@0", "read.not-an-object"), ("a", None)]


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
    monkeypatch.setattr(parquet_input, "_MAX_GROUP_VALUES", 1000)
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


def test_batches_say_where_they_stand_in_their_split(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(jsonl("abcdefgh", "x" * 500))
    (tmp_path / "empty.jsonl").write_bytes(b"")
    small = InputSettings(batch_bytes=1024)
    for name, rows in (("in.jsonl", 8), ("empty.jsonl", 0)):
        batches = list(read_marked(Split(3, (Part(str(tmp_path / name), JSONL),)), small))
        places = [batch_position(batch) for batch in batches]
        assert [place.index for place in places] == list(range(len(batches)))
        assert [place.last for place in places] == [False] * (len(batches) - 1) + [True]
        assert sum(batch.num_rows for batch in batches) == rows
        assert {place.split for place in places} == {3}


class MemoryFileSystem(FileSystem):
    """A remote filesystem: names and bytes in a dict; `broken` names cannot be read to the end."""

    files: ClassVar[dict[str, bytes]] = {}
    broken: ClassVar[set[str]] = set()

    @classmethod
    def scheme(cls) -> str:
        return "memory"

    def _list(self, dir_or_prefix: str) -> Iterator[FileMetadata]:
        for path, data in self.files.items():
            if path.startswith(dir_or_prefix):
                yield FileMetadata(path, len(data), 1.0)

    def open(self, path: str, *_: object, **__: object) -> io.BytesIO:
        if path not in self.files:
            raise FileNotFoundError(path)
        return BrokenStream(self.files[path]) if path in self.broken else io.BytesIO(self.files[path])

    def has_dirs(self) -> bool:
        return False

    def join(self, basepath: str, *paths: str) -> str:
        return "/".join([basepath, *paths])

    def split(self, path: str) -> list[str]:
        return path.rsplit("/", 1)

    def _unsupported(self, *args: object, **kwargs: object) -> None:
        raise NotImplementedError

    def metadata(self, path: str) -> FileMetadata:
        if path not in self.files:
            raise BeamIOError(path)
        return FileMetadata(path, len(self.files[path]), 1.0)

    def exists(self, path: str) -> bool:
        return path in self.files

    mkdirs = create = copy = rename = size = last_updated = checksum = delete = _unsupported


class BrokenStream(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        if self.tell() > 100:
            raise OSError("connection lost")
        return super().read(min(size, 101) if size is not None and size > 0 else 101)


def test_remote_files_are_found_split_and_read(monkeypatch: pytest.MonkeyPatch) -> None:
    table = io.BytesIO()
    pq.write_table(pa.table({"id": ["p"], "text": ["t"]}), table)
    files = {
        "memory://bucket/in/b.jsonl": jsonl(f"b{k}" for k in range(100)),
        "memory://bucket/in/a.jsonl.gz": gzip.compress(jsonl("a")),
        "memory://bucket/in/deep/c.txt": b"text",
        "memory://bucket/in/d.parquet": table.getvalue(),
        "memory://bucket/other/e.txt": b"other",
    }
    monkeypatch.setattr(MemoryFileSystem, "files", files)
    given = InputSettings(split_bytes=1024)
    expected = ["a", *(f"b{k}" for k in range(100)), "p", "memory://bucket/in/deep/c.txt"]
    for pattern in ("memory://bucket/in/", "memory://bucket/in", "memory://bucket/in/**"):
        plan = plan_splits([pattern], given)
        assert (plan.files, len(plan.splits) > 3) == (4, True)
        rows = [row for split in plan.splits for row in read(split.parts, given, split.index)]
        assert sorted(row["id"] for row in rows) == sorted(expected)
        assert all(row["decision"] == "kept" for row in rows)
    assert read_file("memory://bucket/in/none.jsonl")[0]["reason"] == "read.missing-file"


@pytest.mark.parametrize(
    ("kind", "packed"), [(JSONL, False), (JSONL, True), (TEXT, False), (TEXT, True), (PARQUET, False)]
)
def test_a_failing_remote_filesystem_is_not_taken_for_a_bad_file(
    monkeypatch: pytest.MonkeyPatch, kind: str, packed: bool
) -> None:
    table = io.BytesIO()
    pq.write_table(pa.table({"id": ["p"], "text": [random.Random(1).randbytes(900).hex()]}), table)
    data = table.getvalue() if kind == PARQUET else jsonl(random.Random(k).randbytes(20).hex() for k in range(50))
    path = "memory://bucket/in"
    monkeypatch.setattr(MemoryFileSystem, "files", {path: gzip.compress(data) if packed else data})
    monkeypatch.setattr(MemoryFileSystem, "broken", {path})
    with pytest.raises(StorageError, match="connection lost"):
        read_file(path, kind)


@pytest.mark.beam
def test_read_documents_reads_all_splits(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(jsonl([f"a{k}" for k in range(200)]) + b"bad\n")
    (tmp_path / "b.txt").write_text("b")
    given = InputSettings(split_bytes=1024)
    plan = plan_splits([str(tmp_path)], given)
    expected = [
        (row["split"], row["row"], row["id"], row["decision"])
        for s in plan.splits
        for row in read(s.parts, given, s.index)
    ]
    assert len(expected) == 202
    with beam.Pipeline(runner="BundleBasedDirectRunner") as pipeline:
        batches = pipeline | beam.Create(plan.splits) | ReadDocuments(given)
        keys = batches | beam.FlatMap(
            lambda batch: [(r["split"], r["row"], r["id"], r["decision"]) for r in batch.to_pylist()]
        )
        assert_that(keys, equal_to(expected))


COMPRESSIONS = [gzip.compress, bz2.compress, lzma.compress, zstd]


@pytest.mark.parametrize("compress", COMPRESSIONS)
def test_several_members_in_a_row_are_one_stream(tmp_path: Path, compress: Callable[..., Any]) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(compress(jsonl("ab")) + compress(b"") + compress(jsonl("c") * 3000))
    assert [row["id"] for row in read_file(path)] == ["a", "b", *"c" * 3000]


@pytest.mark.parametrize("compress", [gzip.compress, lzma.compress, zstd])
@pytest.mark.parametrize("zeros", [4, 512, 200_000])
def test_zeros_behind_a_member_are_padding(tmp_path: Path, compress: Callable[..., Any], zeros: int) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(compress(jsonl("ab")) + bytes(zeros) + compress(jsonl("c")) + bytes(zeros))
    assert brief(read_file(path)) == [("a", None), ("b", None), ("c", None)]


@pytest.mark.parametrize("compress", COMPRESSIONS)
def test_anything_else_behind_a_member_is_damage(tmp_path: Path, compress: Callable[..., Any]) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(compress(jsonl("ab")) + b"and then some, of no format at all")
    assert brief(read_file(path)) == [("a", None), ("b", None), (str(path), "read.bad-compression")]


def long_window(data: bytes, log: int) -> bytes:
    parameters = zstandard.ZstdCompressionParameters.from_level(1, window_log=log, enable_ldm=True)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize("log", [27, 28, 31])
def test_zstd_files_with_long_windows_are_read(tmp_path: Path, log: int) -> None:
    path = tmp_path / "in.jsonl.zst"
    path.write_bytes(long_window(jsonl("ab"), log) * 2)
    assert [row["id"] for row in read_file(path)] == ["a", "b", "a", "b"]


def test_files_with_long_windows_are_held_one_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl.zst"
    path.write_bytes(long_window(jsonl("ab") * 20_000, 28))
    first = Decompressed(lambda: open_input(str(path)), "zstd", 1000)
    assert first.read(10)
    done = threading.Event()
    other = threading.Thread(target=lambda: [read_file(path), done.set()])  # type: ignore[func-returns-value]
    other.start()
    assert not done.wait(0.2)
    first.close()
    assert done.wait(60)
    other.join()


def test_a_small_zstd_file_that_stands_for_much_is_given_out_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "in.txt.zst"
    path.write_bytes(zstandard.ZstdCompressor().compress(bytes(200 << 20)))
    stream = Decompressed(lambda: open_input(str(path)), "zstd", 1_000_000)
    tracemalloc.start()
    size = 0
    while piece := stream.read(1 << 20):
        size += len(piece)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    stream.close()
    assert size == 200 << 20
    assert peak < 100 << 20


def test_objects_over_many_lines_are_read_one_behind_the_other(tmp_path: Path) -> None:
    records = [{"id": name, "text": f"{name} }} {{", "n": {"m": [{}, {"k": 1}]}} for name in "abc"]
    path = tmp_path / "in.json"
    path.write_text("\n".join(json.dumps(record, indent=2) for record in records) + "\n")
    assert [(row["id"], row["text"]) for row in read_file(path)] == [(r["id"], r["text"]) for r in records]
    unnamed = json.dumps({"text": "x"}, indent=1) + "\r\n" + json.dumps({"text": "y"}, indent=1)
    path.write_text(unnamed)
    second = unnamed.index("{", 1)
    assert brief(read_file(path)) == [(f"{path}@0", None), (f"{path}@{second}", None)]


def test_objects_over_many_lines_need_not_fit_into_the_memory_of_one_document(tmp_path: Path) -> None:
    path = tmp_path / "in.json"
    path.write_text("".join(json.dumps({"id": str(k), "text": "t" * 100}, indent=1) + "\n" for k in range(5000)))
    rows = read_file(path, JSONL, InputSettings(max_document_bytes=2048, batch_bytes=1024))
    assert [row["id"] for row in rows] == [str(k) for k in range(5000)]


@pytest.mark.parametrize("size", [1, 2, 7, 64])
def test_joined_lines_do_not_depend_on_the_pieces_that_are_read(size: int) -> None:
    data = b'{\n "a": 1,\n\n "b": {\n }\n}\n{ "c":\n[]}\n\n'
    pieces = iter(data[k : k + size] for k in range(0, len(data), size))

    class Pieces:
        def read(self, size: int, /) -> bytes:  # noqa: ARG002
            return next(pieces, b"")

    joined = Joined(Pieces())
    found = b"".join(iter(lambda: joined.read(99), b""))
    assert found == b'{  "a": 1,   "b": {  } }\n{ "c": []} \n'


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le"])
@pytest.mark.parametrize("begin", ["", "\n ", "\ufeff"])
def test_json_of_every_shape_may_be_wide(tmp_path: Path, codec: str, begin: str) -> None:
    records = [{"id": "ж", "text": "ветер"}, {"id": "b", "text": "💥"}]
    path = tmp_path / "in.json"
    for shape in (
        json.dumps(records, ensure_ascii=False),
        "\n".join(json.dumps(r, ensure_ascii=False, indent=1) for r in records),
        "\n".join(json.dumps(r, ensure_ascii=False) for r in records),
    ):
        path.write_bytes((begin + shape).encode(codec))
        rows = read_file(path)
        assert [(r["id"], r["text"], r["encoding"]) for r in rows] == [(r["id"], r["text"], codec) for r in records]


@pytest.mark.parametrize("codec", ["cp1251", "shift_jis", "iso2022_jp", "cp500", "utf-16"])
def test_the_encoding_can_be_stated(tmp_path: Path, codec: str) -> None:
    text = {"cp1251": "нос", "shift_jis": "表示", "iso2022_jp": "表示", "cp500": "façade", "utf-16": "nez"}[codec]
    given = InputSettings(encoding=codec)
    (tmp_path / "in.txt").write_bytes(text.encode(codec))
    (row,) = read_file(tmp_path / "in.txt", TEXT, given)
    assert row["text"] == text
    lines = "".join(json.dumps({"id": name, "text": text}, ensure_ascii=False) + "\n" for name in "ab")
    (tmp_path / "in.jsonl").write_bytes(lines.encode(codec))
    assert [(r["id"], r["text"]) for r in read_file(tmp_path / "in.jsonl", JSONL, given)] == [("a", text), ("b", text)]
    (tmp_path / "in.json").write_bytes(json.dumps([{"id": "c", "text": text}], ensure_ascii=False).encode(codec))
    assert [r["text"] for r in read_file(tmp_path / "in.json", JSONL, given)] == [text]


def test_ranges_of_lines_in_a_stated_encoding_name_the_same_records(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(
        "".join(json.dumps({"text": f"нос {k}"}, ensure_ascii=False) + "\n" for k in range(50)).encode("cp1251")
    )
    given = InputSettings(encoding="cp1251")
    size = path.stat().st_size
    parts = [Part(str(path), JSONL, 0, 300), Part(str(path), JSONL, 300, 301), Part(str(path), JSONL, 301, None)]
    whole = read_file(path, JSONL, given)
    assert [(r["id"], r["text"]) for r in read(parts, given)] == [(r["id"], r["text"]) for r in whole]
    assert (len(whole), size > 301) == (50, True)


@pytest.mark.parametrize("name", ["windows-1225", "utf8x"])
def test_an_unknown_encoding_is_refused_with_the_nearest(name: str) -> None:
    with pytest.raises(ValidationError, match=f"{name}.*did you mean"):
        InputSettings(encoding=name)
