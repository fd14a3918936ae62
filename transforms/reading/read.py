"""Reading splits: files to batches of documents; what cannot be read becomes rejected rows of the same stream."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import apache_beam as beam
import pyarrow as pa

import corpusmill.transforms.coders  # noqa: F401  (registers the coder of the output)
from corpusmill.transforms.kernels.reading.hive import fill_from_folders
from corpusmill.transforms.kernels.reading.rows import Rows
from corpusmill.transforms.kernels.reading.settings import MAX_BATCH_ROWS, InputSettings
from corpusmill.transforms.kernels.schema import BatchPosition, document_schema, mark_batch
from corpusmill.transforms.reading.formats import FORMATS, known_suffixes
from corpusmill.transforms.reading.input_versions import (
    InputChangedError,
    InputGoneError,
    check_before_reading,
    check_unchanged,
    gone,
)
from corpusmill.transforms.reading.opening import rejected_part
from corpusmill.transforms.reading.splits import Split, printable_path
from corpusmill.transforms.reading.streams import (
    MISSING_FILE,
    ReadError,
    StorageError,
)

BAD_FILE = "read.bad-file"
"""Rule id of a file that something unforeseen keeps from being read."""


def read_split(split: Split, settings: InputSettings) -> Iterator[pa.RecordBatch]:
    """Read the documents of a split.

    Args:
        split: What to read.
        settings: Columns and limits.

    Yields:
        Batches of `document_schema(settings.kept_types())`, never empty. `row` counts all records of the split from 0,
        rejected ones too. A file that cannot be read, or not to its end, ends in one rejected row. How the rows are
        cut into batches is not part of the contract.
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
    for part in split.parts:
        source = printable_path(part.path)
        try:
            check_before_reading(part)
            entry = FORMATS.get(part.format)
            if entry is None:
                raise ReadError(
                    "read.unknown-format",
                    f"the name does not say what the file holds; known are {known_suffixes()}. "
                    "Set format, or leave the file out",
                )
            yield from entry.load().read(part, source, settings)
        except ReadError as failure:
            if failure.reason == MISSING_FILE and part.version:
                raise gone(part) from failure
            check_unchanged(part)  # what looks like damage of the file may be somebody who writes to it
            yield rejected_part(part, source, failure)
        except OSError as failure:
            check_unchanged(part)
            yield rejected_part(part, source, ReadError(BAD_FILE, f"reading the file failed: {failure}"))
        except (StorageError, InputGoneError, InputChangedError, MemoryError):
            raise  # no fault of the file
        except Exception as failure:  # noqa: BLE001  (whatever libraries make of a hostile file: it ends, not the run)
            check_unchanged(part)
            error = f"reading the file failed ({type(failure).__name__}: {failure}); leave it out, or write it again"
            yield rejected_part(part, source, ReadError(BAD_FILE, error))
        else:
            check_unchanged(part)
