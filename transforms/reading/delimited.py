"""CSV and TSV files to rows of documents."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

from corpusmill.transforms import storage
from corpusmill.transforms.kernels.reading.decode import UndecodableError, byte_order_mark, decode_document
from corpusmill.transforms.kernels.reading.delimited import DELIMITERS, Delimited, RawRow, column_names, next_row
from corpusmill.transforms.kernels.reading.json_lines import BAD_ENCODING
from corpusmill.transforms.kernels.reading.records import NO_TEXT, too_long
from corpusmill.transforms.kernels.reading.rows import Rows
from corpusmill.transforms.kernels.reading.settings import MIB, InputSettings
from corpusmill.transforms.kernels.reading.sniff import HEAD_BYTES, compression_of, why_not_lines
from corpusmill.transforms.reading.opening import open_decompressed, rejected_part
from corpusmill.transforms.reading.splits import Part, Range, byte_ranges
from corpusmill.transforms.reading.streams import (
    PIECE_BYTES,
    LongLine,
    Peekable,
    Readable,
    ReadError,
    Transcoded,
    Wanted,
    line_blocks,
    open_input,
)

TSV = "tsv"

_MAX_HEADER_BYTES = MIB
_COLUMNS_SHOWN = 8


class _Header(NamedTuple):
    """How a file begins.

    Attributes:
        names: The columns.
        delimiter: One byte.
        length: Bytes from the start of the file to its first row.
        rest: What was read behind these.
    """

    names: list[str]
    delimiter: bytes
    length: int
    rest: bytes


def read(part: Part, source: str, settings: InputSettings) -> Iterator[Rows]:
    """Read a file of rows under a header, or a range of one without quotes.

    Raises:
        ReadError: The file cannot be read, or not on; or it has no column of texts.
    """
    stream, close = open_decompressed(part.path, settings)
    codec = ""
    try:
        head = stream.read(HEAD_BYTES)
        mark, mark_bytes = byte_order_mark(head)
        codec = mark if mark.startswith(("utf-16", "utf-32")) else "" if mark else settings.stated_encoding or ""
        if codec:
            stream = Transcoded(Peekable(head[mark_bytes:], stream), codec)
            head, mark_bytes = stream.read(HEAD_BYTES), 0
        if problem := why_not_lines(head):
            failure = ReadError("read.not-lines", f"{problem}; the file was skipped")
            yield rejected_part(part, source, failure, head)
            return
        if not head:
            return
        header = _read_header(head[mark_bytes:], stream, part.format, settings)
        header = header._replace(length=header.length + mark_bytes)
        if part.start:
            close()
            raw = open_input(part.path)
            stream, close = raw, raw.close
            raw.seek(part.start - 1)
            wanted = Wanted(part.start - 1, part.end, skip_first=True)
        elif part.end is not None and header.length >= part.end:
            return
        else:
            stream = Peekable(header.rest, stream)
            wanted = Wanted(header.length, part.end)
        for rows in _rows(
            stream, wanted, Delimited(source, settings, header.delimiter, header.names), source, settings
        ):
            if codec:
                rows.encodings = dict.fromkeys(range(len(rows)), codec)
            yield rows
    finally:
        close()


def _rows(stream: Readable, wanted: Wanted, reader: Delimited, source: str, settings: InputSettings) -> Iterator[Rows]:
    limit = settings.max_document_bytes
    chunk = min(settings.batch_bytes, PIECE_BYTES)
    for block in line_blocks(stream, wanted, chunk_bytes=chunk, max_line_bytes=limit):
        if isinstance(block, LongLine):
            yield from reader.finish()
            rows = Rows()
            name = f"{source}@{block.offset}"
            rows.append_rejection(source, block.offset, name, too_long(block.length, limit, block.head))
            yield rows
        else:
            yield from reader.read(block.data, block.offset)
    yield from reader.finish()


def _read_header(head: bytes, stream: Readable, kind: str, settings: InputSettings) -> _Header:
    """Read the names of the columns, and find the delimiter: the one with which a column of texts is among them."""
    own = b"\t" if kind == TSV else b","
    delimiters = (own, *(delimiter for delimiter in DELIMITERS if delimiter != own))
    blank = len(head) - len(head.lstrip(b"\r\n"))
    head = head[blank:]
    named = settings.csv_columns
    columns: dict[bytes, list[str]] = {}
    for delimiter in delimiters:
        row, head = _first_row(head, delimiter, stream)
        fields = row.fields or head[: row.end].rstrip(b"\r\n").split(delimiter)
        if named:
            if len(fields) == len(named):
                return _Header(column_names(named), delimiter, blank, head)
            continue
        columns[delimiter] = column_names(_decode(fields, head))
        if settings.text_column in columns[delimiter]:
            return _Header(columns[delimiter], delimiter, blank + row.end, head[row.end :])
    if named:  # a first row that is not sound says nothing about those behind it
        return _Header(column_names(named), own, blank, head)
    found = max(columns.values(), key=len)
    shown = ", ".join(found[:_COLUMNS_SHOWN])
    raise ReadError(
        NO_TEXT,
        f"the file has no column {settings.text_column!r} (its first line: {shown}); set text_column, or csv_columns "
        "if its first line is a row and no header",
    )


def _first_row(head: bytes, delimiter: bytes, stream: Readable) -> tuple[RawRow, bytes]:
    """Return the row that the file begins with, and all that was read for it."""
    row = next_row(head, 0, delimiter, is_end=False)
    while row is None and len(head) < _MAX_HEADER_BYTES and (piece := stream.read(PIECE_BYTES)):
        head += piece
        row = next_row(head, 0, delimiter, is_end=False)
    return row or next_row(head, 0, delimiter, is_end=True) or RawRow(None, len(head)), head


def _decode(fields: list[bytes], head: bytes) -> list[str]:
    """Decode the names of the columns; in what charset they are, the beginning of the file says.

    Raises:
        ReadError: It is not text.
    """
    try:
        return [field.decode() for field in fields]
    except UnicodeDecodeError:
        pass
    try:
        charset = decode_document(head[: head.rfind(b"\n") + 1] or head).encoding
    except UndecodableError as error:
        raise ReadError(BAD_ENCODING, f"the file cannot be read: {error}; convert it to UTF-8") from error
    charset = "utf-8" if charset == "cesu-8" else charset
    return [field.decode(charset, "replace") for field in fields]


def cut(path: str, size: int, settings: InputSettings) -> list[Range]:
    """Cut a local file into ranges of bytes without quotes: only then every line end ends a row.

    The whole file is looked through for that, up to the first quote. A remote file is read in one.

    Raises:
        ReadError: The file cannot be read.
    """
    if not storage.is_local(path):
        return []
    stream = open_input(path)
    try:
        head = stream.read(HEAD_BYTES)
        wide = byte_order_mark(head)[0].startswith(("utf-16", "utf-32"))
        if wide or settings.stated_encoding or compression_of(head) or why_not_lines(head):
            return []
        pieces = itertools.chain([head], iter(lambda: stream.read(PIECE_BYTES), b""))
        return [] if any(b'"' in piece for piece in pieces) else byte_ranges(size, settings.split_bytes)
    finally:
        stream.close()
