"""Files of JSON lines, or of one JSON list, to rows of documents."""

from __future__ import annotations

from collections.abc import Iterator

from corpusmill.transforms.kernels.reading.decode import byte_order_mark
from corpusmill.transforms.kernels.reading.encoding_names import keeps_lines
from corpusmill.transforms.kernels.reading.json_document import document_to_rows
from corpusmill.transforms.kernels.reading.json_lines import JsonLines
from corpusmill.transforms.kernels.reading.records import too_long
from corpusmill.transforms.kernels.reading.rows import Rows
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.kernels.reading.sniff import (
    HEAD_BYTES,
    compression_of,
    has_long_records,
    may_be_list,
    why_not_lines,
    wide_encoding_of,
)
from corpusmill.transforms.reading.opening import open_decompressed, read_all, rejected_part
from corpusmill.transforms.reading.splits import Part, Range, byte_ranges, printable_path
from corpusmill.transforms.reading.streams import (
    PIECE_BYTES,
    Joined,
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
            wanted = Wanted(part.start - 1, part.end, skip_first=True)
            yield from _lines(raw, wanted, source, settings, settings.stated_encoding)
        finally:
            raw.close()
        return
    stream, close = open_decompressed(part.path, settings)
    try:
        head = stream.read(HEAD_BYTES)
        codec, mark = _encoding_of(head, settings)
        if codec and not keeps_lines(codec):
            recoded = Transcoded(Peekable(head[mark:], stream), codec)
            yield from _named(_read_json(recoded.read(HEAD_BYTES), recoded, part, settings), codec)
            return
        problem = why_not_lines(head)
        if problem:
            yield rejected_part(part, source, ReadError("read.not-jsonl", f"{problem}; the file was skipped"), head)
            return
        yield from _read_json(head, stream, part, settings, codec)
    finally:
        close()


def _encoding_of(head: bytes, settings: InputSettings) -> tuple[str | None, int]:
    """Return the codec of JSON lines where it is known before they are read, and the length of the byte order mark."""
    wide, mark = wide_encoding_of(head)
    if mark or (wide and settings.stated_encoding is None):
        return wide, mark
    marked = bool(byte_order_mark(head)[0])
    return (None if marked else settings.stated_encoding), 0


def _named(pieces: Iterator[Rows], codec: str) -> Iterator[Rows]:
    """Name the codec that all rows were in."""
    for rows in pieces:
        rows.encodings = dict.fromkeys(range(len(rows)), codec)
        yield rows


def _read_json(
    head: bytes, stream: Readable, part: Part, settings: InputSettings, codec: str | None = None
) -> Iterator[Rows]:
    """Read a list, objects over many lines, or lines; `head` was read from the stream."""
    source = printable_path(part.path)
    rest: Readable = Peekable(head, stream)
    if part.end is None and may_be_list(head):
        data = read_all(rest, settings.max_document_bytes)
        rows = document_to_rows(data, source, settings, codec) if len(data) <= settings.max_document_bytes else None
        if rows is not None:
            yield from rows
            return
        rest = Peekable(data, rest)
    elif part.end is None and has_long_records(head):
        rest = Joined(rest)
    yield from _lines(rest, Wanted(end=part.end), source, settings, codec)


def _lines(
    stream: Readable, wanted: Wanted, source: str, settings: InputSettings, codec: str | None = None
) -> Iterator[Rows]:
    limit = settings.max_document_bytes
    chunk = min(settings.batch_bytes, PIECE_BYTES)
    blocks = line_blocks(stream, wanted, chunk_bytes=chunk, max_line_bytes=limit)
    reader = JsonLines(source, settings, codec)
    for block in blocks:
        if isinstance(block, LongLine):
            yield reader.finish()
            rows = Rows()
            name = f"{source}@{block.offset}"
            rows.append_rejection(source, block.offset, name, too_long(block.length, limit, block.head))
            yield rows
            continue
        yield from reader.read(block.data, block.offset)
    yield reader.finish()


def cut(path: str, size: int, settings: InputSettings) -> list[Range]:
    """Cut a file into ranges of bytes where it holds plain lines.

    Raises:
        ReadError: The file cannot be read.
    """
    return byte_ranges(size, settings.split_bytes) if _is_plain_lines(path, settings) else []


def _is_plain_lines(path: str, settings: InputSettings) -> bool:
    """Return whether lines can be found from anywhere in the file."""
    if settings.stated_encoding and not keeps_lines(settings.stated_encoding):
        return False
    stream = open_input(path)
    try:
        head = stream.read(HEAD_BYTES)
    finally:
        stream.close()
    whole = wide_encoding_of(head)[0] or may_be_list(head) or has_long_records(head)
    return not (compression_of(head) or whole or why_not_lines(head))
