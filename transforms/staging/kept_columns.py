"""What became of the kept columns: in how many documents they were found, missing, or of another type."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.schema import DOCUMENT_FIELDS, REJECTED

_EXAMPLE_CHARS = 60
_NAMING_RECORDS = 1000


def columns_found(columns: Mapping[str, list[Any]]) -> dict[str, dict[str, Any]]:
    """Return what became of the kept columns: name -> {"found", "missing", "unfit", "example"}.

    Args:
        columns: As `Totals` counts them.
    """
    names = ("found", "missing", "unfit", "example")
    return {name: dict(zip(names, counts, strict=True)) for name, counts in columns.items()}


def field_names(metadata: pa.Array | pa.ChunkedArray) -> set[str]:
    """Return the names of the fields that the first records of a batch have beside its columns.

    Args:
        metadata: The column `metadata`: JSON objects or null.
    """
    records = metadata.slice(0, _NAMING_RECORDS).drop_null().to_pylist()
    return {name for record in records for name in json.loads(record)}


def count_columns(batch: pa.RecordBatch) -> dict[str, list[Any]]:
    """Count the values of the kept columns; one that does not fit its type is in the metadata still."""
    counts: dict[str, list[Any]] = {}
    read = pc.not_equal(batch["decision"], REJECTED)
    rows = int(pc.sum(read).as_py() or 0)
    for name in batch.schema.names[len(DOCUMENT_FIELDS) :]:
        nulls = pc.and_(read, batch[name].is_null())
        empty = int(pc.sum(nulls).as_py() or 0)
        key = json.dumps(name, ensure_ascii=False) + ":"
        left = batch["metadata"].filter(pc.and_(nulls, pc.fill_null(pc.match_substring(batch["metadata"], key), False)))
        unfit = [record[name] for record in map(json.loads, left.to_pylist()) if record.get(name) is not None]
        example = min((json.dumps(value, ensure_ascii=False)[:_EXAMPLE_CHARS] for value in unfit), default="")
        counts[name] = [rows - empty, empty - len(unfit), len(unfit), example]
    return counts
