"""Parquet files to batches of documents."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from corpusmill.transforms.kernels.reading.expanded_size import cut_by_expanded_bytes
from corpusmill.transforms.kernels.reading.records import NO_TEXT, TEXT_NOT_A_STRING, TOO_LONG, too_long
from corpusmill.transforms.kernels.reading.rows import Rows
from corpusmill.transforms.kernels.reading.settings import MAX_BATCH_ROWS, InputSettings
from corpusmill.transforms.kernels.reading.tables import is_textual, table_to_documents
from corpusmill.transforms.reading.splits import Part, Range
from corpusmill.transforms.reading.streams import ReadError, open_input

BAD_PARQUET = "read.bad-parquet"

_BUFFER_BYTES = 1 << 20
_OTHERS_BYTES = 1 << 25  # what the columns beside the text may hold, in a batch and in a record
_BATCH_VALUES = 1 << 21  # of a column of lists
_MAX_GROUP_VALUES = 1 << 28  # of a column of lists, 2 GiB of numbers
_TAIL_BYTES = 8  # length of the footer and "PAR1"
_SIGNATURE_BYTES = 28  # behind a signed plain footer: nonce and tag (Parquet modular encryption, 5.4)


def open_parquet(path: str, as_dictionaries: Sequence[str] = ()) -> pq.ParquetFile:
    """Open a Parquet file; pages are read as they are needed.

    Args:
        path: The file.
        as_dictionaries: Paths of leaf columns whose values are to be read as dictionaries and references.

    Raises:
        ReadError: It is not there, or its footer cannot be read.
    """
    stream = open_input(path)
    try:
        return pq.ParquetFile(
            stream, buffer_size=_BUFFER_BYTES, pre_buffer=False, read_dictionary=list(as_dictionaries) or None
        )
    except (pa.ArrowException, OSError, ValueError) as error:
        stream.close()
        raise ReadError(BAD_PARQUET, f"this is no sound Parquet file: {error}; write or fetch it again") from error


def text_bytes_of_group(file: pq.ParquetFile, group: int, text_column: str) -> int:
    """Return the uncompressed bytes of the text column in a row group; of all columns if that one is not there."""
    metadata = file.metadata.row_group(group)
    for index in range(metadata.num_columns):
        column = metadata.column(index)
        if column.path_in_schema == text_column:
            return int(column.total_uncompressed_size)
    return int(metadata.total_byte_size)


def read(part: Part, source: str, settings: InputSettings) -> Iterator[pa.RecordBatch | Rows]:
    """Read row groups of a Parquet file.

    Memory follows from the settings, however often a value that is stored once stands in the rows.

    Raises:
        ReadError: The file cannot be read, or not on; or it has no column of texts.
    """
    file = open_parquet(part.path)
    if as_dictionaries := _leaves_to_read_as_dictionaries(file):
        file.close(force=True)
        file = open_parquet(part.path, as_dictionaries)
    try:
        schema = file.schema_arrow
        if settings.text_column not in schema.names:
            columns = ", ".join(schema.names[:8])
            raise ReadError(
                NO_TEXT, f"the file has no column {settings.text_column!r} (it has: {columns}); set text_column"
            )
        kind = schema.field(settings.text_column).type
        if not is_textual(kind):
            raise ReadError(
                TEXT_NOT_A_STRING,
                f"column {settings.text_column!r} is {kind}, not text; set text_column to a text column",
            )
        limit = settings.max_document_bytes + max(_OTHERS_BYTES, settings.max_document_bytes)
        groups = range(part.start, file.num_row_groups if part.end is None else part.end)
        offset = sum(file.metadata.row_group(group).num_rows for group in range(part.start))
        for group in groups:
            batch_rows = _rows_at_once(file, group, settings)
            for batch in file.iter_batches(batch_rows, [group], columns=_columns(schema, settings), use_threads=False):
                for piece, size in cut_by_expanded_bytes(batch, _OTHERS_BYTES + settings.batch_bytes):
                    if piece.num_rows == 1 and size > limit:
                        yield _too_large_row(size, limit, source, offset)
                    elif piece.num_rows:
                        yield table_to_documents(piece, offset, source, settings)
                    offset += piece.num_rows
        if part.end is None:
            _check_footer(file, part.path)
    except (pa.ArrowException, OSError) as error:
        message = f"the Parquet file is damaged ({error}); what comes before was read. Write or fetch it again"
        raise ReadError(BAD_PARQUET, message) from error
    finally:
        file.close(force=True)


def _leaves_to_read_as_dictionaries(file: pq.ParquetFile) -> list[str]:
    """Return the paths of the leaf columns of strings or bytes of which some values are stored once for many rows.

    Views are among them: Arrow has few functions for these.
    """
    views = (pa.types.is_string_view, pa.types.is_binary_view)
    found = {field.name for field in file.schema_arrow if any(is_view(field.type) for is_view in views)}
    for group in range(file.num_row_groups):
        metadata = file.metadata.row_group(group)
        for index in range(metadata.num_columns):
            column = metadata.column(index)
            if column.physical_type == "BYTE_ARRAY" and column.has_dictionary_page:
                found.add(column.path_in_schema)
    return sorted(found)


def _rows_at_once(file: pq.ParquetFile, group: int, settings: InputSettings) -> int:
    """Return how many rows to read in one go.

    Raises:
        ReadError: A column has so many values that even a few rows may not fit into memory.
    """
    metadata = file.metadata.row_group(group)
    values = max((metadata.column(index).num_values for index in range(metadata.num_columns)), default=0)
    if values > _MAX_GROUP_VALUES:
        raise ReadError(
            TOO_LONG,
            f"row group {group} has {values:,} values in one column, more than {_MAX_GROUP_VALUES:,}; "
            "write the file with smaller row groups, or without that column",
        )
    size = text_bytes_of_group(file, group, settings.text_column)
    by_text = metadata.num_rows * settings.batch_bytes // max(1, size)
    by_values = metadata.num_rows * _BATCH_VALUES // max(1, values)
    return int(min(MAX_BATCH_ROWS, max(1, min(by_text, by_values))))


def _too_large_row(size: int, limit: int, source: str, offset: int) -> Rows:
    rows = Rows()
    rows.append_rejection(source, offset, f"{source}#{offset}", too_long(size, limit, b""))
    return rows


def _check_footer(file: pq.ParquetFile, path: str) -> None:
    """Raise if the footer holds bytes that are no part of it: a sign of damage that the decoder passes over."""
    stream = open_input(path)
    try:
        stream.seek(-_TAIL_BYTES, os.SEEK_END)
        length = int.from_bytes(stream.read(_TAIL_BYTES)[:4], "little")
    finally:
        stream.close()
    surplus = length - file.metadata.serialized_size
    if surplus not in (0, _SIGNATURE_BYTES):
        raise ReadError(
            BAD_PARQUET,
            f"the footer of the Parquet file is damaged: {surplus:,} of its {length:,} bytes make no sense; "
            "what could be read was read, but may not be all. Write or fetch it again",
        )


def _columns(schema: pa.Schema, settings: InputSettings) -> list[str] | None:
    """Return the columns to read; None for all."""
    if settings.metadata == "json":
        return None
    wanted = {settings.id_column, settings.text_column, settings.title_column, settings.url_column}
    return [name for name in schema.names if name in wanted or name in settings.keep_columns]


def cut(path: str, size: int, settings: InputSettings) -> list[Range]:  # noqa: ARG001  (of a format's interface)
    """Cut a file into ranges of row groups.

    Raises:
        ReadError: The file cannot be read.
    """
    file = open_parquet(path)
    try:
        sizes = [text_bytes_of_group(file, group, settings.text_column) for group in range(file.num_row_groups)]
        stored = [_stored_bytes(file.metadata.row_group(group)) for group in range(file.num_row_groups)]
    finally:
        file.close(force=True)
    ranges: list[Range] = []
    start = 0
    held = 0
    for group, group_size in enumerate(sizes):
        if group > start and held + group_size > settings.split_bytes:
            ranges.append(Range(start, group, sum(stored[start:group])))
            start, held = group, 0
        held += group_size
    if start < len(sizes):
        ranges.append(Range(start, None, sum(stored[start:])))
    return ranges


def _stored_bytes(group: pq.RowGroupMetaData) -> int:
    return sum(group.column(index).total_compressed_size for index in range(group.num_columns))
