"""Opening Parquet files, which Arrow may not survive, and finding out how their columns have to be read."""

from __future__ import annotations

import functools
import os
import tempfile
from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from corpusmill.transforms import storage
from corpusmill.transforms.kernels.reading.parquet_footer import (
    PAGE_HEADER_BYTES,
    SIGNATURE_BYTES,
    Implausible,
    dictionary_page,
    longest_value,
    why_implausible,
)
from corpusmill.transforms.kernels.reading.parquet_pages import held_bytes
from corpusmill.transforms.kernels.reading.records import TOO_LONG
from corpusmill.transforms.kernels.reading.settings import MAX_BATCH_ROWS, InputSettings
from corpusmill.transforms.reading.parquet_damage import Patch, Patched, chunks_of_group, reading
from corpusmill.transforms.reading.parquet_probe import survives
from corpusmill.transforms.reading.streams import ReadError, Stream, open_input

BAD_PARQUET = "read.bad-parquet"
LARGE_PAGE = "read.large-page"
"""Rule id of rows in a row group whose pages do not fit the memory that reading may take."""

_BUFFER_BYTES = 1 << 20
_TAIL_BYTES = 8  # length of the footer and "PAR1"
_CHECKED_FOOTER_BYTES = 1 << 23
"""Longer footers are not looked through here, which would take seconds, but tried in a process of their own."""


def open_parquet(path: str, as_dictionaries: Sequence[str] = (), patches: Sequence[Patch] = ()) -> pq.ParquetFile:
    """Open a Parquet file; pages are read as they are needed.

    Args:
        path: The file.
        as_dictionaries: Paths of leaf columns whose values are to be read as dictionaries and references.
        patches: What is read in place of damaged pages.

    Raises:
        ReadError: It is not there, its footer cannot be read, or reading it would end the process.
    """
    stream = open_input(path)
    try:
        _check_plausible(path, stream)
        source = Patched(stream, patches) if patches else stream
        if not patches and storage.is_local(path):
            stream.close()
            source = pa.OSFile(os.fsencode(path))  # a page that Python reads is in memory twice
        return pq.ParquetFile(
            source,
            buffer_size=_BUFFER_BYTES,
            pre_buffer=False,
            read_dictionary=list(as_dictionaries) or None,
            page_checksum_verification=True,
        )
    except ReadError:
        stream.close()
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        stream.close()
        raise ReadError(
            BAD_PARQUET, f"this is no sound Parquet file: {str(error).rstrip()}; write or fetch it again"
        ) from error


def _check_plausible(path: str, stream: Stream) -> None:
    """Keep Arrow from a file whose footer contradicts itself, if it would end the process."""
    size = stream.seek(0, os.SEEK_END)
    length = -1
    if size > _TAIL_BYTES:
        stream.seek(size - _TAIL_BYTES)
        tail = stream.read(_TAIL_BYTES)
        length = int.from_bytes(tail[:4], "little") if tail[4:] == b"PAR1" else -1
    found = Implausible()
    if 0 <= length <= size - _TAIL_BYTES:  # else Arrow says what is wrong
        if length > _CHECKED_FOOTER_BYTES:
            found = Implausible(f"its footer has {length:,} bytes")
        else:
            stream.seek(size - _TAIL_BYTES - length)
            found = why_implausible(stream.read(length), size)
    stream.seek(0)
    if not found.problem or (not found.certain and _survives(path, size)):
        return
    deadly = "" if found.certain else ", and reading it ends the process that does"
    raise ReadError(BAD_PARQUET, f"this is no sound Parquet file: {found.problem}{deadly}; write or fetch it again")


@functools.lru_cache(maxsize=64)
def _survives(path: str, size: int) -> bool:
    del size  # another size is another file
    if storage.is_local(path):
        return survives(path)
    with tempfile.NamedTemporaryFile(suffix=".parquet") as copy:
        stream = open_input(path)
        try:
            while piece := stream.read(_BUFFER_BYTES):
                copy.write(piece)
        finally:
            stream.close()
        copy.flush()
        return survives(copy.name)


def check_footer(file: pq.ParquetFile, path: str) -> None:
    """Raise if the footer holds bytes that are not part of it: a sign of damage that the decoder passes over.

    Raises:
        ReadError: It does.
    """
    stream = open_input(path)
    try:
        stream.seek(-_TAIL_BYTES, os.SEEK_END)
        length = int.from_bytes(stream.read(_TAIL_BYTES)[:4], "little")
    finally:
        stream.close()
    surplus = length - file.metadata.serialized_size
    if surplus not in (0, SIGNATURE_BYTES):
        raise ReadError(
            BAD_PARQUET,
            f"the footer of the Parquet file is damaged: {surplus:,} of its {length:,} bytes make no sense; "
            "what could be read was read, but may not be all. Write or fetch it again",
        )


def check_memory(
    file: pq.ParquetFile, path: str, group: int, wanted: Sequence[str] | None, settings: InputSettings
) -> None:
    """Make sure that reading a row group takes no more memory than it may, whatever its writer did.

    Args:
        file: The open file.
        path: Its path.
        group: Number of the row group.
        wanted: Paths of the columns that are read; None for all.
        settings: Limits.

    Raises:
        ReadError: It would take more.
    """
    chunks = chunks_of_group(file, group, wanted)
    metadata = file.metadata.row_group(group)
    values = max((metadata.column(index).num_values for index in range(metadata.num_columns)), default=0)
    if values > _MAX_GROUP_VALUES:
        raise ReadError(
            TOO_LONG,
            f"row group {group} has {values:,} values in one column, more than {_MAX_GROUP_VALUES:,}; "
            "write the file with smaller row groups, or without that column",
        )
    limit = settings.max_page_bytes
    if sum(2 * chunk.expanded + chunk.end - chunk.start for chunk in chunks) <= limit:
        return
    with reading(path) as read_at:
        held = {chunk.name: held_bytes(chunk, read_at) for chunk in chunks}
    total = sum(held.values())
    if total > limit:
        name = max(held, key=lambda name: held[name])
        raise ReadError(
            LARGE_PAGE,
            f"row group {group} has pages that cannot be read in parts and take {total:,} bytes of memory, "
            f"{held[name]:,} of them for column {name!r}, more than max_page_bytes = {limit:,}; write the file "
            f"with row groups of fewer rows (now {metadata.num_rows:,}), or raise input.max_page_bytes",
        )


class HowToRead(NamedTuple):
    """How a row group is read.

    Attributes:
        rows: Rows to read in one go.
        as_dictionaries: Paths of the leaf columns to be read as dictionaries and references.
    """

    rows: int
    as_dictionaries: tuple[str, ...]


_MAX_GROUP_VALUES = 1 << 28  # of a column of lists, 2 GiB of numbers
_BATCH_VALUES = 1 << 21  # of a column of lists
_WRITTEN_OUT_BYTES = 1 << 28
"""What the values of a batch may have when those that are stored once are written out for each row."""
_SMALL_CHUNKS = 4
"""A column whose data fill so few batches may be read with its dictionary, which comes with every batch."""


def how_to_read(file: pq.ParquetFile, path: str, group: int, text_bytes: int, settings: InputSettings) -> HowToRead:
    """Find out how to read a row group so that memory follows from the settings, and time from the bytes.

    Values that are stored once for many rows can fill any memory if they are written out. As dictionaries they cannot;
    but Arrow gives with each batch all values that it has met so far in the row group, so time and memory grow with
    the square of a large one. So values are written out, for as many rows as their longest value allows.

    Args:
        file: The open file.
        path: Its path.
        group: Number of the row group.
        text_bytes: Uncompressed bytes of its texts.
        settings: Limits.
    """
    metadata = file.metadata.row_group(group)
    columns = [metadata.column(index) for index in range(metadata.num_columns)]
    values = max((column.num_values for column in columns), default=0)
    rows = metadata.num_rows
    by_text = rows * settings.batch_bytes // max(1, text_bytes)
    by_values = rows * _BATCH_VALUES // max(1, values)
    wanted = int(min(MAX_BATCH_ROWS, max(1, min(by_text, by_values))))
    as_dictionaries: list[str] = []
    longest = 0
    for index, column in enumerate(columns):
        if column.physical_type != "BYTE_ARRAY" or not column.has_dictionary_page:
            continue
        repeated = file.schema.column(index).max_repetition_level > 0
        at_once = column.num_values if repeated else min(wanted, column.num_values)
        value = _longest_value(path, column, _WRITTEN_OUT_BYTES // max(1, at_once))
        if at_once * value <= _WRITTEN_OUT_BYTES // max(1, len(columns)):
            continue
        if repeated or column.total_uncompressed_size <= _SMALL_CHUNKS * settings.batch_bytes:
            as_dictionaries.append(column.path_in_schema)
        else:
            longest += value
    if longest:
        wanted = max(1, min(wanted, _WRITTEN_OUT_BYTES // longest))
    return HowToRead(wanted, tuple(sorted(set(as_dictionaries))))


def _longest_value(path: str, column: pq.ColumnChunkMetaData, enough: int) -> int:
    """Return the bytes of the longest value of a dictionary, or anything up to `enough` if none can be longer."""
    stream = open_input(path)
    try:
        stream.seek(column.dictionary_page_offset)
        head = stream.read(PAGE_HEADER_BYTES)
        page = dictionary_page(head)
        if page is None or page.stored > column.total_compressed_size:
            return int(column.total_uncompressed_size)
        if page.expanded <= enough:
            return page.expanded
        stream.seek(column.dictionary_page_offset + page.start)
        data = stream.read(page.stored)
    finally:
        stream.close()
    if column.compression != "UNCOMPRESSED":
        try:
            codec = pa.Codec(column.compression.lower())
            data = codec.decompress(data, page.expanded, asbytes=True)
        except (pa.ArrowException, OSError, ValueError):  # an old form of LZ4; or damage, which reading tells
            return page.expanded
    return longest_value(data, page.values)
