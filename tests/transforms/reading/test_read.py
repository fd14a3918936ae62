"""Reading splits: the same records in the same order, however the inputs are cut; every fault is a row."""

import gzip
import io
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from apache_beam.io.filesystem import BeamIOError, FileMetadata, FileSystem
from apache_beam.testing.util import assert_that, equal_to

from corpusmill.inputs.plan import plan_splits
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.reading.read import ReadDocuments
from corpusmill.transforms.reading.splits import JSONL, PARQUET, TEXT, UNKNOWN, Part, Split
from corpusmill.transforms.reading.streams import StorageError
from tests.transforms.reading.rows_read import DEFAULT, brief, jsonl, read, read_file, zstd


@pytest.mark.parametrize(
    "data",
    [b"", b"\n\n  \n", gzip.compress(b"", mtime=0), zstd(b""), b"\xef\xbb\xbf"],
    ids=["empty", "blank lines", "empty gzip", "empty zstd", "a mark alone"],
)
def test_a_file_without_records_gives_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "in.jsonl").write_bytes(data)
    assert read_file(tmp_path / "in.jsonl") == []


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
