"""Streams of lines: ranges, long lines, records over several lines."""

import gzip
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.reading.streams import Block, Joined, LongLine, Wanted, line_blocks
from tests.transforms.reading.rows_read import brief, jsonl, read_file


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


def test_an_endless_line_is_skipped_with_its_length(tmp_path: Path) -> None:
    few = InputSettings(max_document_bytes=100_000)
    content = jsonl("a") + b'{"text":"' + b"x" * 9_000_000 + b'"}\n' + jsonl("b")
    path = tmp_path / "in.jsonl"
    for data in (content, gzip.compress(content)):
        path.write_bytes(data)
        rows = read_file(path, given=few)
        assert brief(rows) == [("a", None), (f"{path}@{len(jsonl('a'))}", "read.too-long"), ("b", None)]
        assert "9,000,011 bytes" in rows[1]["error"]


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
