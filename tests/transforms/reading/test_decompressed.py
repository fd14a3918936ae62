"""Compressed files: by content, to the last byte that can be had, in bounded memory."""

import bz2
import gzip
import lzma
import random
import threading
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.reading.decompressed import Decompressed
from corpusmill.transforms.reading.streams import open_input
from tests.transforms.reading.rows_read import (
    COMPRESSIONS,
    brief,
    jsonl,
    long_window,
    read_file,
    zstd,
)


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


def test_a_file_that_expands_without_end_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpusmill.transforms.reading.decompressed.GIB", 1 << 22)
    path = tmp_path / "in.jsonl.gz"
    path.write_bytes(gzip.compress(jsonl("a") + b" " * (64 << 20) + b"\n" + jsonl("b")))
    rows = read_file(path, given=InputSettings(max_expansion=100))
    assert brief(rows) == [("a", None), (str(path), "read.expansion-limit")]
    assert [row["id"] for row in read_file(path, given=InputSettings(max_expansion=10_000))] == ["a", "b"]


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
