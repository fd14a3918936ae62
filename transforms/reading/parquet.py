"""Parquet files to batches of documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from corpusmill.transforms.kernels.reading.expanded_size import cut_by_expanded_bytes
from corpusmill.transforms.kernels.reading.nested import field_of, remedy
from corpusmill.transforms.kernels.reading.records import NO_TEXT, TEXT_NOT_A_STRING, too_long
from corpusmill.transforms.kernels.reading.rows import Rejection, Rows
from corpusmill.transforms.kernels.reading.settings import GIB, MAX_BATCH_ROWS, InputSettings
from corpusmill.transforms.kernels.reading.tables import is_textual, table_to_documents
from corpusmill.transforms.reading.parquet_damage import Gap, Patch, find_damage
from corpusmill.transforms.reading.parquet_files import (
    BAD_PARQUET,
    check_footer,
    check_memory,
    how_to_read,
    open_parquet,
)
from corpusmill.transforms.reading.splits import Part, Range
from corpusmill.transforms.reading.streams import EXPANSION_LIMIT, ReadError

__all__ = ["BAD_PARQUET", "cut", "open_parquet", "read", "text_bytes_of_group"]

_OTHERS_BYTES = 1 << 25  # what the columns beside the text may hold, in a batch and in a record
_ROW_BYTES = 64
"""What a row takes at least once it is a document, with nothing in it."""
_MAX_REJECTED_ROWS = 1 << 20
"""Rows of what cannot be read that are told one by one: a footer may claim any number of them."""


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

    Memory follows from the settings, however often a value that is stored once occurs in the rows. What cannot be read
    becomes one rejected row for each of its records, as far as the footer tells how many these are.

    Raises:
        ReadError: The file cannot be read.
    """
    with _Reader(part.path, source, settings) as reader:
        file = reader.file
        groups = range(part.start, file.num_row_groups if part.end is None else part.end)
        reader.offset = sum(file.metadata.row_group(group).num_rows for group in range(part.start))
        rows = sum(file.metadata.row_group(group).num_rows for group in groups)
        try:
            _check_schema(file, settings)
        except ReadError as failure:
            if not rows:
                raise
            yield from reader.rejected(rows, failure)
            return
        end = reader.offset + rows
        for group in groups:
            try:
                yield from reader.read(group)
            except ReadError as failure:
                yield from reader.rejected(end - reader.offset, failure)
                return
        if part.end is None:
            check_footer(reader.file, part.path)


def _check_schema(file: pq.ParquetFile, settings: InputSettings) -> None:
    """Make sure that there is a column of texts, and that Python can hold the rows.

    Raises:
        ReadError: That is not so.
    """
    try:
        schema = file.schema_arrow
        names = schema.names
        for field in schema:
            twice = _name_given_twice(field.type)
            if twice:
                raise ReadError(BAD_PARQUET, f"column {field.name!r} has the field {twice!r} more than once; rename it")
    except UnicodeError as error:
        raise ReadError(BAD_PARQUET, f"a column has a name that is not UTF-8 ({error}); rename it") from error
    if twice := _first_repeated(names):
        raise ReadError(BAD_PARQUET, f"the file has the column {twice!r} more than once; rename one of them")
    found = field_of(schema, settings.text_column)
    if found is None:
        likely = _likely_column(file, schema, settings)
        raise ReadError(NO_TEXT, f"the file has no column {settings.text_column!r}; {remedy(names, likely)}")
    if not is_textual(found.type):
        likely = _likely_column(file, schema, settings)
        how = f"--set input.text_column={likely}" if likely else "set input.text_column to a text column"
        raise ReadError(TEXT_NOT_A_STRING, f"column {settings.text_column!r} is {found.type}, not text; {how}")


def _name_given_twice(kind: pa.DataType) -> str:
    """Return a name that a struct, at any depth of a type, gives to two fields; "" if there is none."""
    if not pa.types.is_nested(kind):
        return ""
    fields = [kind.field(index) for index in range(kind.num_fields)]
    own = _first_repeated([field.name for field in fields]) if pa.types.is_struct(kind) else ""
    return own or next(filter(None, (_name_given_twice(field.type) for field in fields)), "")


def _first_repeated(names: Sequence[str]) -> str:
    return next((name for place, name in enumerate(names) if name in names[:place]), "")


def _likely_column(file: pq.ParquetFile, schema: pa.Schema, settings: InputSettings) -> str:
    """Return the path of the column of strings that holds most bytes; "" if there is none."""
    others = {settings.id_column, settings.title_column, settings.url_column}
    sizes: dict[str, int] = {}
    for group in range(min(file.num_row_groups, 1)):
        metadata = file.metadata.row_group(group)
        for index in range(metadata.num_columns):
            column = metadata.column(index)
            name = column.path_in_schema
            field = field_of(schema, name)
            if field is not None and is_textual(field.type) and name not in others:
                sizes[name] = column.total_uncompressed_size
    return max(sizes, key=lambda name: sizes[name], default="")


@dataclass
class _Reader:
    """Reads row groups one after the other.

    Attributes:
        path: The file.
        source: Its printable path.
        settings: Columns and limits.
        offset: Number of the next row in the file.
        stored: Bytes of the row groups that were begun.
        expanded: Bytes that their rows so far have become.
    """

    path: str
    source: str
    settings: InputSettings
    offset: int = 0
    stored: int = 0
    expanded: int = 0
    _as_dictionaries: tuple[str, ...] = ()
    _patches: tuple[Patch, ...] = ()
    _gaps: tuple[Gap, ...] = ()

    def __enter__(self) -> _Reader:
        self.file = open_parquet(self.path)
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close(force=True)

    def read(self, group: int) -> Iterator[pa.RecordBatch | Rows]:
        """Read a row group; what is damaged of it becomes rejected rows.

        Raises:
            ReadError: The file has grown too much.
        """
        metadata = self.file.metadata.row_group(group)
        self.stored += _stored_bytes(metadata)
        end = self.offset + metadata.num_rows
        try:
            wanted = _columns(self.file.schema_arrow, self.settings)
            check_memory(self.file, self.path, group, wanted, self.settings)
        except ReadError as too_large:
            yield from self.rejected(metadata.num_rows, too_large)
            return
        text_bytes = text_bytes_of_group(self.file, group, self.settings.text_column)
        try:
            how = how_to_read(self.file, self.path, group, text_bytes, self.settings)
            if how.as_dictionaries != self._as_dictionaries:
                self.file.close(force=True)
                self.file = open_parquet(self.path, how.as_dictionaries, self._patches)
                self._as_dictionaries = how.as_dictionaries
        except (pa.ArrowException, OSError) as error:
            yield from self.rejected(metadata.num_rows, _damage(group, Gap(self.offset, end, (), str(error))))
            return
        start = self.offset
        failure = None
        try:
            yield from self._read_batches(group, how.rows, start)
        except (pa.ArrowException, OSError) as error:
            failure = error
        if self.offset < end:
            yield from self._read_around(group, how.rows, range(start, end), failure)

    def _read_around(
        self, group: int, rows: int, own: range, failure: Exception | None
    ) -> Iterator[pa.RecordBatch | Rows]:
        """Read what is not damaged of a row group, and reject the rest of its rows.

        Where it can be told which pages are damaged, all rows but theirs are read. Else all up to the damage are: so
        what could not be read is tried again in smaller batches.
        """
        found = find_damage(self.file, self.path, group, _columns(self.file.schema_arrow, self.settings), rows)
        self._gaps = tuple(gap._replace(first=gap.first + own.start, end=gap.end + own.start) for gap in found.gaps)
        if found.patches:
            self._patches += found.patches
            self.file.close(force=True)
            self.file = open_parquet(self.path, self._as_dictionaries, self._patches)
        for at_once in dict.fromkeys((rows, max(1, rows // _FINER), 1)):
            if (self.offset - own.start + rows) // at_once > _TRIED_BATCHES:
                break
            try:
                yield from self._read_batches(group, at_once, own.start)
                break
            except (pa.ArrowException, OSError) as error:
                failure = error
        self._gaps = ()
        if self.offset < own.stop:
            gap = Gap(self.offset, own.stop, found.columns, "" if failure is None else str(failure))
            yield from self.rejected(own.stop - self.offset, _damage(group, gap))

    def _read_batches(self, group: int, rows: int, start: int) -> Iterator[pa.RecordBatch | Rows]:
        """Read a row group from its start, and give what comes from `offset` on."""
        at = start
        wanted = _columns(self.file.schema_arrow, self.settings)
        for batch in self.file.iter_batches(rows, [group], columns=wanted, use_threads=False):
            at += batch.num_rows
            if at > self.offset:
                yield from self._without_gaps(group, batch.slice(max(0, batch.num_rows - (at - self.offset))))

    def _without_gaps(self, group: int, batch: pa.RecordBatch) -> Iterator[pa.RecordBatch | Rows]:
        """Give the rows of a batch, rejected ones for those that lie in damaged pages."""
        while batch.num_rows:
            gap = next((gap for gap in self._gaps if gap.end > self.offset), None)
            sound = batch.num_rows if gap is None else min(batch.num_rows, max(0, gap.first - self.offset))
            yield from self._documents(batch.slice(0, sound))
            batch = batch.slice(sound)
            if gap is not None and batch.num_rows:
                lost = min(batch.num_rows, gap.end - self.offset)
                yield from self.rejected(lost, _damage(group, gap))
                batch = batch.slice(lost)

    def _documents(self, batch: pa.RecordBatch) -> Iterator[pa.RecordBatch | Rows]:
        settings = self.settings
        limit = settings.max_document_bytes + max(_OTHERS_BYTES, settings.max_document_bytes)
        for piece, size in cut_by_expanded_bytes(_without_views(batch), _OTHERS_BYTES + settings.batch_bytes):
            if not piece.num_rows:
                continue
            self.expanded += size + _ROW_BYTES * piece.num_rows
            if self.expanded > GIB and self.expanded > settings.max_expansion * self.stored:
                raise ReadError(
                    EXPANSION_LIMIT,
                    f"the file grew more than {settings.max_expansion:,} times, to {self.expanded:,} bytes so far; "
                    "the rest was skipped. If it is sound, raise max_expansion",
                )
            rows, first = piece.num_rows, self.offset
            if rows == 1 and size > limit:
                yield _too_large_row(size, limit, self.source, first)
            else:
                yield table_to_documents(piece, first, self.source, settings)
            self.offset += rows

    def rejected(self, rows: int, failure: ReadError) -> Iterator[Rows]:
        """Reject the next rows, all for one reason."""
        end = self.offset + min(rows, _MAX_REJECTED_ROWS)
        why = Rejection(failure.reason, failure.error)
        while self.offset < end:
            batch = Rows()
            for offset in range(self.offset, min(end, self.offset + MAX_BATCH_ROWS)):
                batch.append_rejection(self.source, offset, f"{self.source}#{offset}", why)
            self.offset += len(batch)
            yield batch
        if rows > _MAX_REJECTED_ROWS:
            more = rows - _MAX_REJECTED_ROWS
            batch = Rows()
            error = f"{failure.error} (one row for {more:,} more of the same)"
            batch.append_rejection(self.source, end, f"{self.source}#{end}", Rejection(failure.reason, error))
            self.offset += more
            yield batch


def _damage(group: int, gap: Gap) -> ReadError:
    names = ", ".join(map(repr, gap.columns))
    where = f" of column{'s' if len(gap.columns) > 1 else ''} {names}" if names else ""
    return ReadError(
        BAD_PARQUET,
        f"the Parquet file is damaged: rows {gap.first:,} to {gap.end - 1:,}{where}, in row group {group}, cannot be "
        f"read ({gap.why or 'they are not there'}); all others were. Write or fetch it again",
    )


_FINER = 64
_TRIED_BATCHES = 50_000
"""Batches that a row group is read in once more, to come nearer to what is damaged."""


def _without_views(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return columns of views as plain ones: Arrow has few functions for views."""
    plain = {"string_view": pa.large_string(), "binary_view": pa.large_binary()}
    if not any(str(kind) in plain for kind in batch.schema.types):
        return batch
    columns = [column.cast(plain.get(str(column.type), column.type)) for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _too_large_row(size: int, limit: int, source: str, offset: int) -> Rows:
    rows = Rows()
    rows.append_rejection(source, offset, f"{source}#{offset}", too_long(size, limit, b""))
    return rows


def _columns(schema: pa.Schema, settings: InputSettings) -> list[str] | None:
    """Return the columns to read; None for all."""
    if settings.metadata == "json":
        return None
    wanted = {settings.id_column, settings.text_column, settings.title_column, settings.url_column}
    paths = [name for name in (*sorted(filter(None, wanted)), *settings.keep_columns) if field_of(schema, name)]
    return [name for name in schema.names if name in paths] + [name for name in paths if name not in schema.names]


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
    return sum(max(0, group.column(index).total_compressed_size) for index in range(group.num_columns))
