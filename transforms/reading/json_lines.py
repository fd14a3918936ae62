"""Files of JSON lines, or of one JSON list, to rows of documents."""

from __future__ import annotations

from collections.abc import Iterator

from corpusmill.transforms.kernels.reading.json_lines import JsonLines, document_to_rows
from corpusmill.transforms.kernels.reading.records import too_long
from corpusmill.transforms.kernels.reading.rows import Rows
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.kernels.reading.sniff import (
    HEAD_BYTES,
    compression_of,
    may_be_one_document,
    why_not_lines,
    wide_encoding_of,
)
from corpusmill.transforms.reading.opening import open_decompressed, read_all, rejected_part
from corpusmill.transforms.reading.splits import Part, Range, byte_ranges
from corpusmill.transforms.reading.streams import (
    PIECE_BYTES,
    LongLine,
    Peekable,
    Readable,
    ReadError,
    Stream,
    Transcoded,
    Wanted,
    line_blocks,
    open_input,
)


def read(part: Part, source: str, settings: InputSettings) -> Iterator[Rows]:
    """Read JSON lines."""
    if part.start:
        raw: Stream = open_input(part.path)
        try:
            raw.seek(part.start - 1)
            yield from _lines(raw, Wanted(part.start - 1, part.end, skip_first=True), source, settings)
        finally:
            raw.close()
        return
    stream, close = open_decompressed(part.path, settings)
    try:
        head = stream.read(HEAD_BYTES)
        wide, mark = wide_encoding_of(head)
        if wide:
            transcoded = Transcoded(Peekable(head[mark:], stream), wide)
            yield from _lines(transcoded, Wanted(), source, settings, encoding=wide)
            return
        problem = why_not_lines(head)
        if problem:
            yield rejected_part(part, source, ReadError("read.not-jsonl", f"{problem}; the file was skipped"), head)
            return
        rest: Readable = Peekable(head, stream)
        if part.end is None and may_be_one_document(head):
            data = read_all(rest, settings.max_document_bytes)
            rows = document_to_rows(data, source, settings) if len(data) <= settings.max_document_bytes else None
            if rows is not None:
                yield from rows
                return
            rest = Peekable(data, rest)
        yield from _lines(rest, Wanted(end=part.end), source, settings)
    finally:
        close()


def _lines(
    stream: Readable, wanted: Wanted, source: str, settings: InputSettings, *, encoding: str = ""
) -> Iterator[Rows]:
    limit = settings.max_document_bytes
    chunk = min(settings.batch_bytes, PIECE_BYTES)
    blocks = line_blocks(stream, wanted, chunk_bytes=chunk, max_line_bytes=limit)
    reader = JsonLines(source, settings)
    for block in blocks:
        if isinstance(block, LongLine):
            yield reader.finish()
            rows = Rows()
            name = f"{source}@{block.offset}"
            rows.append_rejection(source, block.offset, name, too_long(block.length, limit, block.head))
            yield rows
            continue
        for rows in reader.read(block.data, block.offset):
            if encoding:
                rows.encodings = dict.fromkeys(range(len(rows)), encoding)
            yield rows
    yield reader.finish()


def cut(path: str, size: int, settings: InputSettings) -> list[Range]:
    """Cut a file into ranges of bytes where it holds plain lines.

    Raises:
        ReadError: The file cannot be read.
    """
    return byte_ranges(size, settings.split_bytes) if _is_plain_lines(path) else []


def _is_plain_lines(path: str) -> bool:
    """Tell whether lines can be found from anywhere in the file."""
    stream = open_input(path)
    try:
        head = stream.read(HEAD_BYTES)
    finally:
        stream.close()
    return not (compression_of(head) or wide_encoding_of(head)[0] or may_be_one_document(head) or why_not_lines(head))
