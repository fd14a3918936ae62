"""The pages of a Parquet column, decoded without Arrow: where they lie, which are damaged, and what can replace one.

Arrow ends a row group at the first page that it cannot read. Where it is known which page that is and which rows it
holds, a page of nulls for so many rows can be shown to Arrow in its place; all pages behind it are then read.

Source: parquet.thrift, and the compact protocol of Apache Thrift.
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import pyarrow as pa

from corpusmill.transforms.kernels.reading.parquet_footer import PAGE_HEADER_BYTES, FooterError, decode_struct

ReadAt = Callable[[int, int], bytes]
"""Returns so many bytes (the second number) of a file from a place on (the first one), or fewer at its end."""

_DATA, _DICTIONARY, _DATA_2 = 0, 2, 3
_LONG_HEADER_BYTES = 1 << 20
"""What a header with statistics of long values may take."""
_UNCHECKED_CODECS = ("LZ4",)
"""Codecs with an old form that is not told from the new one."""


class Page(NamedTuple):
    """A data page.

    Attributes:
        start: Its first byte in the file, that of its header.
        size: Bytes of header and body.
        first_row: Number of its first row in the row group.
        rows: Rows in it.
    """

    start: int
    size: int
    first_row: int
    rows: int


class Chunk(NamedTuple):
    """A column of a row group.

    Attributes:
        name: Its path, as people write it.
        start: First byte of its pages.
        end: One past the last.
        codec: Compression, as the footer names it.
        expanded: Bytes of all pages once decompressed.
        rows: Rows of the row group.
        repeated: Whether a row may have several values.
        nullable: Whether a value may be missing.
        offset_index: First byte and length of its offset index; (0, 0) if it has none.
    """

    name: str
    start: int
    end: int
    codec: str
    expanded: int
    rows: int
    repeated: bool
    nullable: bool
    offset_index: tuple[int, int] = (0, 0)


class UnknownPagesError(ValueError):
    """Where the pages of a column lie cannot be told."""


def list_pages(chunk: Chunk, read_at: ReadAt) -> list[Page]:
    """Find the data pages of a column.

    Each header tells where the next one begins. Where one is damaged the offset index does; without it, the pages that
    lead to the end of the column are looked for, and all between these and the last sound one counts as one page.

    Raises:
        UnknownPagesError: A header is damaged or does not tell its rows, and nothing else does.
    """
    pages, end, problem = _walked(chunk, range(chunk.start, chunk.end), read_at)
    rows = sum(page.rows for page in pages)
    if not problem and rows == chunk.rows:
        return pages
    if chunk.offset_index[1]:
        try:
            return _indexed(chunk, read_at)
        except FooterError as error:
            problem = f"{problem}; its offset index is damaged, too: {error}"
    if chunk.repeated:
        raise UnknownPagesError(problem or "its pages do not have its rows")
    sound = list(itertools.takewhile(lambda page: not what_is_wrong(chunk, page, read_at), pages))
    if sound != pages or not problem:  # a damaged header that makes sense leads astray
        end = sound[-1].start + sound[-1].size if sound else _first_data_page(chunk, read_at)
    rows = sum(page.rows for page in sound)
    last = _leading_to_the_end(chunk, end, chunk.rows - rows, read_at)
    lost = chunk.rows - rows - sum(page.rows for page in last)
    if lost < 0:
        raise UnknownPagesError(f"the pages of column {chunk.name!r} hold more than its {chunk.rows:,} rows")
    begin = last[0].start if last else chunk.end
    behind = [page._replace(first_row=page.first_row + rows + lost) for page in last]
    return [*sound, Page(end, begin - end, rows, lost), *behind]


def _walked(chunk: Chunk, own: range, read_at: ReadAt) -> tuple[list[Page], int, str]:
    """Pages in some bytes of a column, with rows from 0; where the next one should be; and why it cannot be told."""
    pages: list[Page] = []
    at, row = own.start, 0
    while at < own.stop:
        try:
            header, begin = _header(at, read_at)
        except UnknownPagesError as error:
            return pages, at, str(error)
        if header[1] != _DICTIONARY:
            rows = _rows_of(header, repeated=chunk.repeated)
            if rows is None or begin + header[3] > own.stop:
                return pages, at, "a page does not tell its rows, or leads out of the column"
            pages.append(Page(at, begin - at + header[3], row, rows))
            row += rows
        at = begin + header[3]
    return pages, at, ""


def held_bytes(chunk: Chunk, read_at: ReadAt) -> int:
    """Return the bytes that reading a column holds at once, by the headers of its pages.

    A page is read as a whole, beside what it becomes. Of a dictionary two copies stay for as long as the row group.
    Where a header cannot be read the pages behind it do not count: reading ends there.
    """
    dictionary = most = 0
    at = chunk.start
    while at < chunk.end:
        try:
            header, begin = _header(at, read_at)
        except UnknownPagesError:
            break
        expanded, stored = header[2], header[3]
        compressed = 0 if chunk.codec == "UNCOMPRESSED" else stored
        if header[1] == _DICTIONARY:
            dictionary = expanded + max(expanded, compressed)
        else:
            most = max(most, expanded + compressed)
        at = begin + stored
    return dictionary + most


def _first_data_page(chunk: Chunk, read_at: ReadAt) -> int:
    header, begin = _header(chunk.start, read_at)
    return begin + header[3] if header[1] == _DICTIONARY else chunk.start


_HEADER_BEGINNINGS = (b"\x15\x00\x15", b"\x15\x06\x15")
"""The type of a data page of either version, and the field behind it."""
_WINDOW_BYTES = 1 << 20
_MAX_TRIED = 1000


def _leading_to_the_end(chunk: Chunk, start: int, most_rows: int, read_at: ReadAt) -> list[Page]:
    """The longest run of pages behind a place that ends where the column does; none if none is found."""
    tried = 0
    for window in range(start + 1, chunk.end, _WINDOW_BYTES):
        data = read_at(window, min(_WINDOW_BYTES, chunk.end - window) + 2)
        for offset in _found(data):
            tried += 1
            pages, _, problem = _walked(chunk, range(window + offset, chunk.end), read_at)
            if pages and not problem and sum(page.rows for page in pages) <= most_rows:
                return pages
            if tried >= _MAX_TRIED:
                return []
    return []


def _found(data: bytes) -> Iterator[int]:
    """Yield where headers may begin, ascending."""
    at = min((place for place in map(data.find, _HEADER_BEGINNINGS) if place >= 0), default=-1)
    while at >= 0:
        yield at
        later = (data.find(beginning, at + 1) for beginning in _HEADER_BEGINNINGS)
        at = min((place for place in later if place >= 0), default=-1)


def _indexed(chunk: Chunk, read_at: ReadAt) -> list[Page]:
    entries = decode_struct(read_at(*chunk.offset_index))[0].get(1)
    places = [_place(entry) for entry in entries] if isinstance(entries, list) else []
    firsts = [first for _, _, first in places] + [chunk.rows]
    pages = [Page(*place, end - place[2]) for place, end in zip(places, firsts[1:], strict=True)]
    if not pages or firsts[0] != 0 or any(page.rows < 0 for page in pages):
        raise FooterError("its rows are not those of the column")
    for page in pages:
        if not (chunk.start <= page.start and 0 < page.size <= chunk.end - page.start):
            raise FooterError("a page lies outside of the column")
        try:
            rows = _rows_of(_header(page.start, read_at)[0], repeated=chunk.repeated)
        except UnknownPagesError:
            continue  # the damaged one
        if rows not in (None, page.rows):
            raise FooterError("it contradicts the header of a page")
    return pages


def _place(entry: object) -> tuple[int, int, int]:
    values = [entry.get(field) for field in (1, 2, 3)] if isinstance(entry, dict) else []
    numbers = [value for value in values if isinstance(value, int)]
    if len(numbers) < 3:
        raise FooterError("an entry is not complete")
    return numbers[0], numbers[1], numbers[2]


def _header(at: int, read_at: ReadAt) -> tuple[Mapping[int, Any], int]:
    for size in (PAGE_HEADER_BYTES, _LONG_HEADER_BYTES):
        try:
            header, length = decode_struct(read_at(at, size))
        except FooterError:
            continue
        if header.get(1) in (_DATA, _DICTIONARY, _DATA_2) and all(
            isinstance(header.get(field), int) and header[field] >= 0 for field in (2, 3)
        ):
            return header, at + length
        break
    raise UnknownPagesError(f"the header of a page at byte {at:,} is damaged")


def _rows_of(header: Mapping[int, Any], *, repeated: bool) -> int | None:
    """Rows of a page; None if its header tells only the values of them."""
    plain, second = header.get(5), header.get(8)
    if isinstance(second, dict):
        rows = second.get(3)
    else:
        rows = plain.get(1) if isinstance(plain, dict) and not repeated else None
    return rows if isinstance(rows, int) and rows >= 0 else None


def what_is_wrong(chunk: Chunk, page: Page, read_at: ReadAt) -> str:
    """Say what is wrong with a page as far as checksum and compression tell; "" if nothing is."""
    try:
        header, begin = _header(page.start, read_at)
    except UnknownPagesError as error:
        return str(error)
    if begin + header[3] != page.start + page.size:
        return "the size of a page is damaged"
    return _wrong_body(header, read_at(begin, header[3]), chunk)


def is_dictionary_damaged(chunk: Chunk, read_at: ReadAt) -> bool:
    """Return whether the first page of a column is a dictionary that cannot be read."""
    try:
        header, begin = _header(chunk.start, read_at)
    except UnknownPagesError:
        return True
    return header.get(1) == _DICTIONARY and bool(_wrong_body(header, read_at(begin, header[3]), chunk))


def _wrong_body(header: Mapping[int, Any], body: bytes, chunk: Chunk) -> str:
    if len(body) < header[3]:
        return "the file ends inside of a page"
    told = header.get(4)
    if isinstance(told, int) and (told & 0xFFFFFFFF) != zlib.crc32(body):
        return "a page does not fit its checksum"
    second = header.get(8)
    plain = 0
    if isinstance(second, dict):
        plain = second.get(5, 0) + second.get(6, 0)  # levels are never compressed
        if second.get(7) is False:
            return ""
    if chunk.codec in ("UNCOMPRESSED", *_UNCHECKED_CODECS) or (plain and plain == header[2]):
        return ""
    if not 0 <= plain <= header[2] <= chunk.expanded:
        return "the size of a page is damaged"
    try:
        pa.Codec(chunk.codec.lower()).decompress(body[plain:], header[2] - plain, asbytes=True)
    except (pa.ArrowException, OSError, ValueError):
        return "a page cannot be decompressed"
    return ""


def null_page(size: int, rows: int, *, repeated: bool) -> bytes | None:
    """Return a data page of exactly so many bytes that holds nulls only; None if that is not enough room.

    Args:
        size: Bytes of header and body.
        rows: How many nulls.
        repeated: Whether the column has repetition levels.
    """
    # Runs of level 0; the page is of the second version, of which the values may be left uncompressed.
    run = _varint(rows << 1) + b"\0"
    repetitions = run if repeated else b""
    length = len(_null_header(0, rows, len(run), len(repetitions)))
    body = size - length
    if body < len(run) + len(repetitions):
        return None
    page = _null_header(body, rows, len(run), len(repetitions)) + repetitions + run
    return page + bytes(size - len(page))


def _null_header(body: int, rows: int, definitions: int, repetitions: int) -> bytes:
    own = b"".join(b"\x15" + _fixed(value) for value in (rows, rows, rows, 0, definitions, repetitions))
    return (
        b"".join(b"\x15" + _fixed(value) for value in (_DATA_2, body, body))
        + b"\x5c"  # field 8, a struct
        + own
        + b"\x12"  # field 7: is_compressed, false
        + b"\0\0"
    )


def _fixed(value: int) -> bytes:
    """A number that is not negative, in five bytes whatever it is: so the length of a header does not depend on it."""
    doubled = value << 1
    return bytes([(doubled >> shift) & 127 | 128 for shift in (0, 7, 14, 21)] + [(doubled >> 28) & 127])


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    found.append(value)
    return bytes(found)
