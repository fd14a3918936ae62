"""Ordinary rows (dicts, `beam.Row`) to batches of documents and back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import apache_beam as beam
import pyarrow as pa
import pyarrow.compute as pc
from apache_beam.typehints.row_type import RowTypeConstraint

import corpusmill.transforms.coders  # noqa: F401  (registers the coder of batches)
from corpusmill.transforms.kernels.reading.decode import replace_lone_surrogates
from corpusmill.transforms.kernels.reading.json_numbers import dump
from corpusmill.transforms.kernels.reading.records import Origin, objects_to_rows, too_long
from corpusmill.transforms.kernels.reading.rows import Rows
from corpusmill.transforms.kernels.reading.settings import MAX_BATCH_ROWS, InputSettings
from corpusmill.transforms.kernels.schema import KEPT, BatchPosition, mark_batch

ROWS = "rows"
"""The `source` of documents that come from no file; with the number of the split where there are several."""

DEFAULT_SPLITS = 64

_TEXT_FIELDS = ("id", "text", "source", "title", "url", "metadata")


def rows_to_batches(
    rows: Iterable[Any], settings: InputSettings, *, split: int = 0, source: str = ROWS
) -> Iterator[pa.RecordBatch]:
    """Turn rows into batches of documents, with the rules of JSON records.

    Args:
        rows: Mappings or objects with `_asdict` (named tuples, `beam.Row`), in the order that counts.
        settings: Columns and limits.
        split: Split number of all of them; `row` and `offset` count from 0.
        source: The value of `source`, and what comes before `#` and the row number in the id of a row without one.

    Yields:
        At least one batch, each marked with its position in the split.
    """
    pending: list[dict[str, Any]] = []
    size = first_row = index = 0
    kept_types = settings.kept_types()
    for row in rows:
        record = _as_record(row)
        length = len(record.get(settings.text_column) or "")
        if pending and (size + length > settings.batch_bytes or len(pending) >= MAX_BATCH_ROWS):
            batch = _to_rows(pending, first_row, source, settings).to_batch(split, first_row, kept_types)
            yield mark_batch(batch, BatchPosition(split, index, last=False))
            first_row += len(pending)
            index += 1
            pending, size = [], 0
        pending.append(record)
        size += length
    batch = _to_rows(pending, first_row, source, settings).to_batch(split, first_row, kept_types)
    yield mark_batch(batch, BatchPosition(split, index, last=True))


def batch_to_rows(batch: pa.RecordBatch, columns: Sequence[str] = _TEXT_FIELDS) -> Iterator[dict[str, Any]]:
    """Yield the documents of a batch that are still kept, as dicts of some columns."""
    chosen = batch.filter(pc.equal(batch["decision"], KEPT)).select(list(columns))
    yield from chosen.to_pylist()


@dataclass
class RowsToBatches(beam.PTransform):
    """Turn dicts or `beam.Row`s into batches of documents.

    A PCollection has no order, but documents need a key that is the same in every run. So the rows are spread over a
    fixed number of splits by a hash of their content, and are numbered within a split in the order of (id, content).
    Rows that are equal in every field are interchangeable, so the numbers never depend on the engine. This shuffles the
    text and holds one split in memory: for large corpora read files with `ReadDocuments`.

    Input: mappings, or objects with `_asdict`, with at least the text column.

    Output: `pa.RecordBatch` of `document_schema(settings.kept_types())`, marked with their positions. A split that
    gets no row gives no batch.

    Attributes:
        settings: Columns and limits.
        splits: Number of splits.
    """

    settings: InputSettings = field(default_factory=InputSettings)
    splits: int = DEFAULT_SPLITS

    def __post_init__(self) -> None:
        """Check the number of splits."""
        if self.splits < 1:
            raise ValueError(f"splits is {self.splits}; it must be at least 1")

    def expand(self, rows: beam.PCollection[Any]) -> beam.PCollection[pa.RecordBatch]:
        """Wire the transform."""
        return (
            rows
            | "KeyBySplit" >> beam.Map(_key_by_split, self.splits).with_output_types(tuple[int, tuple[bytes, Any]])
            | "GroupBySplit" >> beam.GroupByKey()
            | "Batch" >> beam.FlatMap(_group_to_batches, self.settings).with_output_types(pa.RecordBatch)
        )


@dataclass
class BatchesToRows(beam.PTransform):
    """Turn batches of documents into `beam.Row`s of the documents that are still kept.

    Input: batches of documents.

    Output: `beam.Row` with the chosen columns, all optional strings.

    Attributes:
        columns: Columns of strings.
    """

    columns: tuple[str, ...] = _TEXT_FIELDS

    def expand(self, batches: beam.PCollection[pa.RecordBatch]) -> beam.PCollection[beam.Row]:
        """Wire the transform."""
        kind = RowTypeConstraint.from_fields([(name, str | None) for name in self.columns])
        return batches | "ToRows" >> beam.FlatMap(_to_beam_rows, self.columns).with_output_types(kind)


def _to_beam_rows(batch: pa.RecordBatch, columns: Sequence[str]) -> Iterator[beam.Row]:
    for row in batch_to_rows(batch, columns):
        yield beam.Row(**row)


def _as_record(row: Any) -> dict[str, Any]:
    """Return a row as a new dict whose strings are valid text."""
    fields: Mapping[str, Any] = row if isinstance(row, Mapping) else row._asdict()
    return {
        name: replace_lone_surrogates(value)[0] if isinstance(value, str) else value for name, value in fields.items()
    }


def _to_rows(records: list[dict[str, Any]], first_row: int, source: str, settings: InputSettings) -> Rows:
    given = [dict(record) for record in records]
    offsets = list(range(first_row, first_row + len(records)))
    origin = Origin(source, offsets, "#", lambda row: dump(given[row]), given.__getitem__)
    rows = objects_to_rows(list(records), {}, origin, settings)
    for row, text in enumerate(rows.texts):
        if text is not None and len(text) > settings.max_document_bytes:
            rows.texts[row] = None
            rows.rejected[row] = too_long(len(text), settings.max_document_bytes, text[:1000].encode())
    return rows


def _key_by_split(row: Any, splits: int) -> tuple[int, tuple[bytes, Any]]:
    record = _as_record(row)
    content = dump(record)
    digest = hashlib.blake2b(content, digest_size=8).digest()
    return int.from_bytes(digest, "big") % splits, (content, record)


def _group_to_batches(
    element: tuple[int, Iterable[tuple[bytes, dict[str, Any]]]], settings: InputSettings
) -> Iterator[pa.RecordBatch]:
    split, found = element
    ordered = sorted(found, key=lambda item: (str(item[1].get(settings.id_column, "")), item[0]))
    records = (record for _, record in ordered)
    yield from rows_to_batches(records, settings, split=split, source=f"{ROWS}-{split:05d}")
