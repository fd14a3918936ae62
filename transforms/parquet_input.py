"""Parquet files to batches of documents."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from transforms.kernels.inputs import MAX_BATCH_ROWS, InputSettings
from transforms.kernels.records import NO_TEXT, TEXT_NOT_A_STRING
from transforms.kernels.tables import is_textual, table_to_documents
from transforms.splits import Part
from transforms.streams import ReadError, open_input

BAD_PARQUET = "read.bad-parquet"

_BUFFER_BYTES = 1 << 20
_TAIL_BYTES = 8  # length of the footer and "PAR1"
_SIGNATURE_BYTES = 28  # behind a signed plain footer: nonce and tag (Parquet modular encryption, 5.4)


def open_parquet(path: str) -> pq.ParquetFile:
    """Open a Parquet file; pages are read as they are needed.

    Raises:
        ReadError: It is not there, or its footer cannot be read.
    """
    stream = open_input(path)
    try:
        return pq.ParquetFile(stream, buffer_size=_BUFFER_BYTES, pre_buffer=False)
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


def read_parquet(part: Part, source: str, settings: InputSettings) -> Iterator[pa.RecordBatch]:
    """Read row groups of a Parquet file.

    Raises:
        ReadError: The file cannot be read, or not on; or it has no column of texts.
    """
    file = open_parquet(part.path)
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
        groups = range(part.start, file.num_row_groups if part.end is None else part.end)
        offset = sum(file.metadata.row_group(group).num_rows for group in range(part.start))
        for group in groups:
            rows = file.metadata.row_group(group).num_rows
            size = text_bytes_of_group(file, group, settings.text_column)
            batch_rows = min(MAX_BATCH_ROWS, max(1, rows * settings.batch_bytes // max(1, size)))
            for batch in file.iter_batches(batch_rows, [group], columns=_columns(schema, settings), use_threads=False):
                if batch.num_rows:
                    yield table_to_documents(batch, offset, source, settings)
                offset += batch.num_rows
        if part.end is None:
            _check_footer(file, part.path)
    except (pa.ArrowException, OSError) as error:
        message = f"the Parquet file is damaged ({error}); what comes before was read. Write or fetch it again"
        raise ReadError(BAD_PARQUET, message) from error
    finally:
        file.close(force=True)


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
