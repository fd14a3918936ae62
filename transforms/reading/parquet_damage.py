"""Which rows of a damaged row group cannot be read, and a view of the file in which Arrow reads all others."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from corpusmill.transforms.kernels.reading.parquet_footer import FooterError, decode_struct
from corpusmill.transforms.kernels.reading.parquet_pages import (
    Chunk,
    Page,
    ReadAt,
    UnknownPagesError,
    is_dictionary_damaged,
    list_pages,
    null_page,
    what_is_wrong,
)
from corpusmill.transforms.reading.streams import Stream, open_input

_TAIL_BYTES = 8  # length of the footer and "PAR1"
_FINEST_BATCHES = 50_000
"""Batches in which a column is read to find out at which row reading it ends."""


class Patch(NamedTuple):
    """Bytes that replace others of a file.

    Attributes:
        start: Where.
        data: What is read there.
    """

    start: int
    data: bytes


class Gap(NamedTuple):
    """Rows of a row group that cannot be read.

    Attributes:
        first: The first of them.
        end: One past the last.
        columns: In which columns.
        why: What is wrong, in words.
    """

    first: int
    end: int
    columns: tuple[str, ...]
    why: str


class Damage(NamedTuple):
    """What is damaged of a row group.

    Attributes:
        columns: The damaged columns.
        gaps: The rows that they cost, ascending, apart from each other; none if it cannot be told which.
        patches: With these, all other rows can be read.
    """

    columns: tuple[str, ...]
    gaps: tuple[Gap, ...]
    patches: tuple[Patch, ...]


class Patched:
    """A stream in which some bytes are others."""

    def __init__(self, stream: Stream, patches: Sequence[Patch]) -> None:
        self._stream = stream
        self._patches = patches
        self._at = 0
        self.closed = False

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes."""
        data = self._stream.read(size)
        first, end = self._at, self._at + len(data)
        self._at = end
        hit = [patch for patch in self._patches if patch.start < end and first < patch.start + len(patch.data)]
        if not hit:
            return data
        changed = bytearray(data)
        for patch in hit:
            low, high = max(first, patch.start), min(end, patch.start + len(patch.data))
            changed[low - first : high - first] = patch.data[low - patch.start : high - patch.start]
        return bytes(changed)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move to a position."""
        self._at = self._stream.seek(offset, whence)
        return self._at

    def tell(self) -> int:
        """Return the position."""
        return self._at

    def close(self) -> None:
        """Free what it holds."""
        self.closed = True
        self._stream.close()


def find_damage(file: pq.ParquetFile, path: str, group: int, wanted: Sequence[str] | None, rows: int) -> Damage:
    """Find out which pages of a row group cannot be read, and what to read instead.

    Args:
        file: The open file.
        path: Its path.
        group: Number of the row group.
        wanted: Paths of the columns that are read; None for all.
        rows: Rows that are read in one go.
    """
    with contextlib.closing(open_input(path)) as stream:
        indexes = _offset_indexes(stream, group)
    chunks = chunks_of_group(file, group, wanted, indexes)
    with reading(path) as read_at:
        looked_at = [_look_at(chunk, read_at) for chunk in chunks]
    if not any(found.bad or found.dictionary for found in looked_at):
        looked_at = [_try(found, file, group, rows) for found in looked_at]
    else:
        looked_at = [found if found.pages else _try(found, file, group, rows) for found in looked_at]
    damaged = [found for found in looked_at if found.bad or found.dictionary or found.lost]
    names = tuple(found.chunk.name for found in damaged)
    patches = [
        (found.chunk, null_page(page.size, page.rows, repeated=found.chunk.repeated) if found.chunk.nullable else None)
        for found in damaged
        for page, _ in found.bad
    ]
    if any(found.dictionary or found.lost for found in damaged) or any(data is None for _, data in patches):
        return Damage(names, (), ())
    starts = [page.start for found in damaged for page, _ in found.bad]
    return Damage(
        names,
        _merged(damaged),
        tuple(Patch(start, data) for start, (_, data) in zip(starts, patches, strict=True) if data is not None),
    )


class _Looked(NamedTuple):
    """What was found of a column.

    Attributes:
        chunk: The column.
        pages: Its pages; none if they cannot be told.
        bad: Those that cannot be read, and why.
        dictionary: Whether its dictionary cannot be read.
        lost: Whether it cannot be read, and nobody knows which page that is.
    """

    chunk: Chunk
    pages: list[Page]
    bad: list[tuple[Page, str]]
    dictionary: bool = False
    lost: bool = False


def _offset_indexes(stream: Stream, group: int) -> list[tuple[int, int]]:
    """Where the offset index of each column is; (0, 0) for none."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(size - _TAIL_BYTES)
    length = int.from_bytes(stream.read(_TAIL_BYTES)[:4], "little")
    stream.seek(size - _TAIL_BYTES - length)
    try:
        columns = decode_struct(stream.read(length))[0][4][group][1]
    except (FooterError, LookupError, TypeError):
        return []
    places = [(column.get(4), column.get(5)) for column in columns]
    return [place if all(isinstance(value, int) and value > 0 for value in place) else (0, 0) for place in places]


@contextlib.contextmanager
def reading(path: str) -> Iterator[ReadAt]:
    """Open a file, for bytes at any place of it."""
    with contextlib.closing(open_input(path)) as stream:

        def read_at(start: int, size: int) -> bytes:
            stream.seek(start)
            return stream.read(size)

        yield read_at


def chunks_of_group(
    file: pq.ParquetFile, group: int, wanted: Sequence[str] | None, indexes: Sequence[tuple[int, int]] = ()
) -> list[Chunk]:
    """Return the columns of a row group that are read.

    Args:
        file: The open file.
        group: Number of the row group.
        wanted: Paths of the columns; None for all.
        indexes: Where the offset indexes of all columns are, as far as known.
    """
    metadata = file.metadata.row_group(group)
    chunks = []
    for number in range(metadata.num_columns):
        column, leaf = metadata.column(number), file.schema.column(number)
        name = column.path_in_schema
        if wanted is not None and not any(name == path or name.startswith(f"{path}.") for path in wanted):
            continue
        start = column.dictionary_page_offset if column.has_dictionary_page else column.data_page_offset
        chunk = Chunk(
            name=name,
            start=start,
            end=start + column.total_compressed_size,
            codec=column.compression,
            expanded=column.total_uncompressed_size,
            rows=metadata.num_rows,
            repeated=leaf.max_repetition_level > 0,
            nullable=leaf.max_definition_level > 0,
            offset_index=indexes[number] if number < len(indexes) else (0, 0),
        )
        chunks.append(chunk)
    return chunks


def _look_at(chunk: Chunk, read_at: ReadAt) -> _Looked:
    """Look for pages that checksum and compression tell to be damaged."""
    if is_dictionary_damaged(chunk, read_at):
        return _Looked(chunk, [], [], dictionary=True)
    try:
        pages = list_pages(chunk, read_at)
    except UnknownPagesError:
        return _Looked(chunk, [], [])
    bad = [(page, why) for page in pages if (why := what_is_wrong(chunk, page, read_at))]
    return _Looked(chunk, pages, bad)


def _try(found: _Looked, file: pq.ParquetFile, group: int, rows: int) -> _Looked:
    """Read a column by itself, to see whether and where that ends."""
    chunk = found.chunk
    for at_once in dict.fromkeys((rows, 1)):
        if at_once < rows and chunk.rows > _FINEST_BATCHES:
            break
        read = 0
        why = ""
        try:
            for batch in file.iter_batches(at_once, [group], columns=[chunk.name], use_threads=False):
                read += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            why = str(error)
        if not why:
            return found
        first, end = read, read + at_once
    bad = [(page, why) for page in found.pages if page.first_row < end and first < page.first_row + page.rows]
    return found._replace(bad=bad, lost=not bad)


def _merged(damaged: Sequence[_Looked]) -> tuple[Gap, ...]:
    """The rows of all bad pages, in runs."""
    gaps: list[Gap] = []
    pages = [(page, found.chunk.name, why) for found in damaged for page, why in found.bad]
    for page, name, why in sorted(pages):
        end = page.first_row + page.rows
        if gaps and page.first_row <= gaps[-1].end:
            last = gaps.pop()
            columns = tuple(dict.fromkeys([*last.columns, name]))
            gaps.append(Gap(last.first, max(last.end, end), columns, last.why))
        else:
            gaps.append(Gap(page.first_row, end, (name,), why))
    return tuple(gap for gap in gaps if gap.end > gap.first)
