"""The text of a document as it was read, fetched again from its source."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms import storage
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.kernels.schema import REJECTED
from corpusmill.transforms.reading.formats import format_of
from corpusmill.transforms.reading.parquet import open_parquet
from corpusmill.transforms.reading.read_split import read_split
from corpusmill.transforms.reading.splits import JSONL, PARQUET, Part, Split
from corpusmill.transforms.reading.streams import ReadError

MAX_SCANNED_BYTES = 32_000_000
"""Bytes of a file that is read from its start to find one record: a compressed file cannot be entered elsewhere."""


def read_original(row: dict[str, Any], settings: InputSettings) -> str | None:
    """Read the text of a document again, decoded but not cleaned.

    Args:
        row: Its audit row: `source`, `source_row`, `offset`, `chars_in`.
        settings: The run's settings of reading.

    Returns:
        The text; None if the source is not there, has changed, or would have to be read for too long.
    """
    path = row["source"]
    if not storage.is_local(path) or not os.path.isfile(path):
        return None
    try:
        for batch in _batches(path, row, settings):
            found = _text_in(batch, row)
            if found is not None:
                return found if len(found) == row["chars_in"] else None
    except (OSError, ReadError, RuntimeError):
        return None
    return None


def _batches(path: str, row: dict[str, Any], settings: InputSettings) -> Iterator[pa.RecordBatch]:
    kind = format_of(path, settings)
    offset = row["offset"]
    if kind == PARQUET:
        parts = [_row_group_of(path, row["source_row"])]
    elif kind == JSONL and not path.lower().endswith((".gz", ".zst", ".bz2", ".xz")):
        parts = [Part(path, JSONL, offset, offset + 1), Part(path, JSONL)]
    else:
        parts = [Part(path, kind)]
    for part in parts:
        if part.start or part.end or kind == PARQUET or os.path.getsize(path) <= MAX_SCANNED_BYTES:
            yield from read_split(Split(0, (part,)), settings)


def _row_group_of(path: str, row: int) -> Part:
    parquet = open_parquet(path)
    try:
        first = 0
        for group in range(parquet.num_row_groups):
            first += parquet.metadata.row_group(group).num_rows
            if row < first:
                return Part(path, PARQUET, group, group + 1)
    finally:
        parquet.close(force=True)
    return Part(path, PARQUET)


def _text_in(batch: pa.RecordBatch, row: dict[str, Any]) -> str | None:
    same = pc.and_(pc.equal(batch["offset"], row["offset"]), pc.not_equal(batch["decision"], REJECTED))
    if "id" in batch.schema.names:
        same = pc.and_(same, pc.equal(batch["id"], row["id"]))
    texts = batch["text"].filter(same)
    return texts[0].as_py() if len(texts) else None
