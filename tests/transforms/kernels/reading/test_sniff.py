import bz2
import gzip
import lzma

import pytest
import zstandard

from corpusmill.transforms.kernels.reading.sniff import (
    compression_of,
    has_long_records,
    may_be_list,
    why_no_text,
    why_not_lines,
    wide_encoding_of,
)

TEXT = b'{"text": "The ferry leaves at nine."}\n'


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("bz2", bz2.compress(TEXT)),
        ("bz2", bz2.compress(b"")),
        ("xz", lzma.compress(TEXT)),
        ("zstd", zstandard.compress(TEXT)),
        ("zstd", b"\x53\x2a\x4d\x18\x04\0\0\0skip" + zstandard.compress(TEXT)),
        (None, TEXT),
        (None, b"BZh is a text about an archive"),
        (None, b""),
    ],
)
def test_a_compressed_file_is_known_by_its_first_bytes(name: str | None, data: bytes) -> None:
    assert compression_of(data[:16]) == name


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_json_is_found_with_and_without_a_mark(codec: str) -> None:
    assert wide_encoding_of('  {"text": 1}'.encode(codec)) == (codec, 0)
    name, length = wide_encoding_of('\N{BYTE ORDER MARK}{"text": 1}'.encode(codec))
    assert name.startswith(codec[:6])
    assert length == (4 if "32" in codec else 2)
    assert wide_encoding_of(TEXT) == ("", 0)


def test_lists_and_records_of_several_lines_are_told_from_lines() -> None:
    assert may_be_list(b'\xef\xbb\xbf\n [{"a": 1}]')
    assert not may_be_list(TEXT)
    assert has_long_records(b'{\n  "text": 1\n}\n')
    assert has_long_records(b'{"a": 1,\n"b": 2}')
    assert not has_long_records(TEXT + TEXT)
    assert not has_long_records(b"{")


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (b"PK\x03\x04...", "this is a zip archive; unpack it"),
        (b"%PDF-1.7", "this is a PDF document; extract its text first"),
        (b"A plain text.", ""),
    ],
)
def test_files_of_other_kinds_are_named_with_what_to_do(head: bytes, what: str) -> None:
    assert why_no_text(head) == what
    assert why_not_lines(head) == what


def test_binary_data_are_no_lines() -> None:
    assert why_not_lines(bytes(range(256))) == "this looks like binary data, not like lines of text"
    assert why_not_lines(TEXT) == ""
    assert why_not_lines(b"") == ""
