"""Reading splits: files to batches of documents; what cannot be read becomes rejected rows of the same stream."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import apache_beam as beam
import pyarrow as pa

import corpusmill.transforms.coders  # noqa: F401  (registers the coder of the output)
from corpusmill.transforms.kernels.reading.decode import UndecodableError, decode_document
from corpusmill.transforms.kernels.reading.hive import fill_from_folders
from corpusmill.transforms.kernels.reading.json_lines import BAD_ENCODING, JsonLines, document_to_rows
from corpusmill.transforms.kernels.reading.records import too_long
from corpusmill.transforms.kernels.reading.rows import Rejection, Rows, excerpt_of
from corpusmill.transforms.kernels.reading.settings import MAX_BATCH_ROWS, InputSettings
from corpusmill.transforms.kernels.reading.sniff import (
    HEAD_BYTES,
    compression_of,
    may_be_one_document,
    why_not_lines,
    wide_encoding_of,
)
from corpusmill.transforms.kernels.schema import BatchPosition, document_schema, mark_batch
from corpusmill.transforms.reading.input_versions import (
    InputChangedError,
    InputGoneError,
    check_before_reading,
    check_unchanged,
    gone,
)
from corpusmill.transforms.reading.parquet import read_parquet
from corpusmill.transforms.reading.splits import JSONL, PARQUET, TEXT, Part, Split, printable_path
from corpusmill.transforms.reading.streams import (
    MISSING_FILE,
    PIECE_BYTES,
    Decompressed,
    LongLine,
    Peekable,
    Readable,
    ReadError,
    StorageError,
    Stream,
    Transcoded,
    Wanted,
    line_blocks,
    open_input,
)

BAD_FILE = "read.bad-file"
"""Rule id of a file that something unforeseen keeps from being read."""

_KNOWN = ".jsonl, .ndjson, .json, .txt, .text, .md (plain or with .gz, .zst, .bz2) and .parquet"


def read_split(split: Split, settings: InputSettings) -> Iterator[pa.RecordBatch]:
    """Read the documents of a split.

    Args:
        split: What to read.
        settings: Columns and limits.

    Yields:
        Batches of `document_schema(settings.kept_types())`, never empty. `row` counts all records of the split from 0,
        rejected ones too. A file that cannot be read, or not to its end, ends in one rejected row. How the rows are
        cut into batches is no part of the contract.
    """
    first_row = 0
    for piece in _merged(_pieces(split, settings), settings):
        if isinstance(piece, Rows):
            batch = piece.to_batch(split.index, first_row, settings.kept_types())
        else:
            batch = _numbered(piece, split.index, first_row)
        first_row += batch.num_rows
        yield fill_from_folders(batch, settings)


@dataclass
class ReadDocuments(beam.PTransform):
    """Read splits into batches of documents.

    Put a `beam.Reshuffle` before it if the splits come straight from a `beam.Create`: engines read them in one task
    otherwise.

    Input: `Split` elements, as `corpusmill.inputs.plan.plan_splits` makes them.

    Output: `pa.RecordBatch` of `document_schema(settings.kept_types())`, each marked with its position in the split
    (`corpusmill.transforms.kernels.schema.batch_position`); a split without records gives one empty batch.

    Guarantees: every record of the inputs is one row, with the key (split, row); what cannot be read is a row with
    `decision` = `rejected`, a `reason` and an `error`.

    Attributes:
        settings: Columns and limits.
    """

    settings: InputSettings = field(default_factory=InputSettings)

    def expand(self, splits: beam.PCollection[Split]) -> beam.PCollection[pa.RecordBatch]:
        """Wire the transform."""
        return splits | "Read" >> beam.FlatMap(read_marked, self.settings).with_output_types(pa.RecordBatch)


def read_marked(split: Split, settings: InputSettings) -> Iterator[pa.RecordBatch]:
    """Read a split as `read_split` does, each batch marked with its position in the split (`mark_batch`).

    A split without any record gives one empty batch, so that it can be seen to be read.
    """
    index = 0
    held: pa.RecordBatch | None = None  # a batch waits for the next one, to know whether it is the last
    for batch in read_split(split, settings):
        if held is not None:
            yield mark_batch(held, BatchPosition(split.index, index, last=False))
            index += 1
        held = batch
    if held is None:
        held = pa.RecordBatch.from_pylist([], schema=document_schema(settings.kept_types()))
    yield mark_batch(held, BatchPosition(split.index, index, last=True))


def _merged(pieces: Iterator[Rows | pa.RecordBatch], settings: InputSettings) -> Iterator[Rows | pa.RecordBatch]:
    """Put small pieces together."""
    pending = Rows()
    for piece in pieces:
        if not len(piece):
            continue
        if isinstance(piece, Rows):
            if len(pending) and (
                pending.size + piece.size > settings.batch_bytes or len(pending) + len(piece) > MAX_BATCH_ROWS
            ):
                yield pending
                pending = Rows()
            pending.extend(piece)
        else:
            if len(pending):
                yield pending
                pending = Rows()
            yield piece
    if len(pending):
        yield pending


def _numbered(batch: pa.RecordBatch, split: int, first_row: int) -> pa.RecordBatch:
    rows = batch.num_rows
    columns = batch.columns
    columns[0] = pa.repeat(pa.scalar(split, pa.int32()), rows)
    columns[1] = pa.array(range(first_row, first_row + rows), pa.int32())
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def _pieces(split: Split, settings: InputSettings) -> Iterator[Rows | pa.RecordBatch]:
    readers: dict[str, Callable[[Part, str, InputSettings], Iterator[Rows | pa.RecordBatch]]] = {
        JSONL: _read_jsonl,
        TEXT: _read_text,
        PARQUET: read_parquet,
    }
    for part in split.parts:
        source = printable_path(part.path)
        try:
            check_before_reading(part)
            reader = readers.get(part.format)
            if reader is None:
                raise ReadError(
                    "read.unknown-format",
                    f"the name does not say what the file holds; known are {_KNOWN}. Set format, or leave the file out",
                )
            yield from reader(part, source, settings)
        except ReadError as failure:
            if failure.reason == MISSING_FILE and part.version:
                raise gone(part) from failure
            check_unchanged(part)  # what looks like damage of the file may be somebody who writes to it
            yield _rejected_part(part, source, failure)
        except OSError as failure:
            check_unchanged(part)
            yield _rejected_part(part, source, ReadError(BAD_FILE, f"reading the file failed: {failure}"))
        except (StorageError, InputGoneError, InputChangedError, MemoryError):
            raise  # no fault of the file
        except Exception as failure:  # noqa: BLE001  (whatever libraries make of a hostile file: it ends, not the run)
            check_unchanged(part)
            error = f"reading the file failed ({type(failure).__name__}: {failure}); leave it out, or write it again"
            yield _rejected_part(part, source, ReadError(BAD_FILE, error))
        else:
            check_unchanged(part)


def _rejected_part(part: Part, source: str, failure: ReadError, head: bytes = b"") -> Rows:
    rows = Rows()
    name = f"{source}@{part.start}" if part.start else source
    offset = part.start if part.format == JSONL else 0
    rows.append_rejection(source, offset, name, Rejection(failure.reason, failure.error, excerpt_of(head)))
    return rows


def _open_decompressed(path: str, settings: InputSettings) -> tuple[Readable, Callable[[], None], bool]:
    """Open a file, by its first bytes as compressed or not; return the stream, how to close it, if compressed."""
    raw = open_input(path)
    codec = compression_of(raw.read(16))
    raw.seek(0)
    if codec is None:
        return raw, raw.close, False
    raw.close()
    stream = Decompressed(lambda: open_input(path), codec, settings.max_expansion)
    return stream, stream.close, True


def _read_jsonl(part: Part, source: str, settings: InputSettings) -> Iterator[Rows]:
    """Read JSON lines."""
    if part.start:
        raw: Stream = open_input(part.path)
        try:
            raw.seek(part.start - 1)
            yield from _lines(raw, Wanted(part.start - 1, part.end, skip_first=True), source, settings)
        finally:
            raw.close()
        return
    stream, close, _ = _open_decompressed(part.path, settings)
    try:
        head = stream.read(HEAD_BYTES)
        wide, mark = wide_encoding_of(head)
        if wide:
            transcoded = Transcoded(Peekable(head[mark:], stream), wide)
            yield from _lines(transcoded, Wanted(), source, settings, encoding=wide)
            return
        problem = why_not_lines(head)
        if problem:
            yield _rejected_part(part, source, ReadError("read.not-jsonl", f"{problem}; the file was skipped"), head)
            return
        rest: Readable = Peekable(head, stream)
        if part.end is None and may_be_one_document(head):
            data = _read_all(rest, settings.max_document_bytes)
            rows = document_to_rows(data, source, settings) if len(data) <= settings.max_document_bytes else None
            if rows is not None:
                yield from rows
                return
            rest = Peekable(data, rest)
        yield from _lines(rest, Wanted(end=part.end), source, settings)
    finally:
        close()


def _read_all(stream: Readable, limit: int) -> bytes:
    """Read a stream to its end, or somewhat beyond the limit."""
    pieces: list[bytes] = []
    size = 0
    while size <= limit and (piece := stream.read(PIECE_BYTES)):
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


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


def _read_text(part: Part, source: str, settings: InputSettings) -> Iterator[Rows]:
    """Read a whole file as one document."""
    stream, close, _ = _open_decompressed(part.path, settings)
    limit = settings.max_document_bytes
    try:
        data = _read_all(stream, limit)
        size = len(data)
        while piece := stream.read(PIECE_BYTES):
            size += len(piece)
    finally:
        close()
    rows = Rows()
    if size > limit:
        rows.append_rejection(source, 0, source, too_long(size, limit, data))
    else:
        try:
            decoded = decode_document(data)
        except UndecodableError as error:
            why = Rejection(BAD_ENCODING, f"{error}; leave the file out, or convert it to UTF-8", excerpt_of(data))
            rows.append_rejection(source, 0, source, why)
        else:
            rows.append_text(source, decoded)
    yield rows
