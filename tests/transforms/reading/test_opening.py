import bz2
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.reading.opening import open_decompressed, read_all, rejected_part
from corpusmill.transforms.reading.splits import JSONL, PARQUET, Part
from corpusmill.transforms.reading.streams import ReadError

DATA = b"The ferry leaves at nine.\n" * 100


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress, zstandard.compress])
def test_a_file_is_decompressed_by_its_first_bytes(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    (tmp_path / "a.any").write_bytes(pack(DATA))
    stream, close = open_decompressed(str(tmp_path / "a.any"), InputSettings())
    try:
        assert read_all(stream, 1 << 20) == DATA
    finally:
        close()


def test_a_stream_is_read_little_further_than_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * (3 << 20))
    stream, close = open_decompressed(str(tmp_path / "a"), InputSettings())
    with_limit = read_all(stream, 1000)
    close()
    assert 1000 < len(with_limit) <= 1 << 20


def test_a_file_that_cannot_be_opened_is_a_row(tmp_path: Path) -> None:
    with pytest.raises(ReadError) as raised:
        open_decompressed(str(tmp_path / "nowhere"), InputSettings())
    rows = rejected_part(Part("nowhere", JSONL, 7), "nowhere", raised.value, b"head")
    assert (rows.ids, rows.offsets, rows.texts) == (["nowhere@7"], [7], [None])
    assert rows.rejected[0].excerpt == "head"
    assert rejected_part(Part("nowhere", PARQUET, 7), "nowhere", raised.value).offsets == [0]
