"""The columns of a batch of documents as it flows through the pipeline.

Every element between the transforms is a `pyarrow.RecordBatch` of documents in input order. A document that is dropped
keeps flowing as a row with its `decision`, so that the audit has it. `text` is null exactly where `decision` is
`rejected`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

KEPT = "kept"
DUPLICATE = "duplicate"
FILTERED = "filtered"
REJECTED = "rejected"
DECISIONS = (KEPT, DUPLICATE, FILTERED, REJECTED)

REPAIRS_TYPE = pa.list_(pa.struct([pa.field("rule", pa.string()), pa.field("count", pa.int32())]))
"""Rule ids, ascending, each with the number of places changed; a list, since not every reader of Parquet takes maps."""

REMOVED_LINES_TYPE = pa.list_(
    pa.struct([pa.field("line", pa.int32()), pa.field("rule", pa.string()), pa.field("text", pa.string())])
)
"""Lines taken out: index in the text before boilerplate removal (from 0), rule id, the line itself."""

OVERLAPS_TYPE = pa.list_(
    pa.struct(
        [
            pa.field("benchmark", pa.string()),
            pa.field("item", pa.string()),
            pa.field("share", pa.float64()),
            pa.field("ngrams", pa.int32()),
            pa.field("line", pa.int32()),
            pa.field("ngram", pa.string()),
        ]
    )
)
"""Benchmark items that the text holds a part of: name of the benchmark and of the item, share of the item's n-grams
that the text holds, their number, the line in which the first begins (from 0, in the text after boilerplate removal),
its words."""

PACKED_TYPE = pa.struct([pa.field("bytes", pa.int64()), pa.field("entries", pa.binary())])
"""Lines of one text, see `kernels.boilerplate.matching.packed`: the size of the text in UTF-8, by which it is known
again, and what was found of each line."""

DOCUMENT_FIELDS: tuple[pa.Field, ...] = (
    pa.field("split", pa.int32(), nullable=False),  # with `row`, the document key
    pa.field("row", pa.int32(), nullable=False),  # record number within the split, from 0
    pa.field("id", pa.string(), nullable=False),
    pa.field("source", pa.string(), nullable=False),  # path of the input file, printable
    pa.field("offset", pa.int64(), nullable=False),  # bytes into the (decompressed) source; for Parquet the row number
    pa.field("text", pa.string()),
    pa.field("title", pa.string()),  # from the configured title column; null where there is none
    pa.field("url", pa.string()),  # from the configured URL column, for rules that look at the host
    pa.field("metadata", pa.string()),  # the record's other columns as one JSON object
    pa.field("decision", pa.string(), nullable=False),
    pa.field("reason", pa.string()),  # rule id of the decision; null for kept
    pa.field("error", pa.string()),  # rejected records: what is wrong, as a sentence
    pa.field("excerpt", pa.string()),  # rejected records: how they begin
    pa.field("encoding", pa.string()),  # how the bytes were decoded: utf-8, or what was detected
    pa.field("chars_in", pa.int64(), nullable=False),  # code points of the text as read; 0 if rejected
    pa.field("repairs", REPAIRS_TYPE),
    pa.field("removed_lines", REMOVED_LINES_TYPE),
    pa.field("overlaps", OVERLAPS_TYPE),  # with benchmarks; null where none was found, and in runs without any
    pa.field("unstripped", pa.string()),  # the text before lines were removed, for learning; null where none was
    pa.field("packed_lines", PACKED_TYPE),  # lines of that text, for learning
)
"""Fields of a batch, before the typed columns that the configuration keeps (these follow, in configured order)."""


def repairs_of(counts: Mapping[str, int]) -> list[dict[str, object]]:
    """Return a value of `REPAIRS_TYPE`.

    Args:
        counts: Rule id -> number of places changed.
    """
    return [{"rule": rule, "count": count} for rule, count in sorted(counts.items())]


def document_schema(kept_columns: dict[str, pa.DataType] | None = None) -> pa.Schema:
    """Return the schema of document batches.

    Args:
        kept_columns: Name -> type of the input columns that stay typed columns of the corpus.
    """
    extra = [pa.field(name, kind) for name, kind in (kept_columns or {}).items()]
    return pa.schema([*DOCUMENT_FIELDS, *extra])


_SPLIT_KEY = b"corpusmill.split"
_BATCH_KEY = b"corpusmill.batch"
_LAST_KEY = b"corpusmill.last"


@dataclass(frozen=True)
class BatchPosition:
    """Where a batch is in its split.

    Attributes:
        split: Number of the split.
        index: Number of the batch within the split, from 0.
        last: Whether the split ends with this batch.
    """

    split: int
    index: int
    last: bool


def mark_batch(batch: pa.RecordBatch, position: BatchPosition) -> pa.RecordBatch:
    """Write the position of a batch into its schema metadata, where it survives every transform.

    With it, `StageDocuments` knows from the staged files alone whether a split is complete, whatever the engine did
    with the order and the grouping of the batches.

    Args:
        batch: A batch of documents of one split.
        position: Where it is.

    Returns:
        The same columns under a marked schema.
    """
    marks = {
        _SPLIT_KEY: str(position.split).encode(),
        _BATCH_KEY: str(position.index).encode(),
        _LAST_KEY: b"1" if position.last else b"0",
    }
    return batch.replace_schema_metadata({**(batch.schema.metadata or {}), **marks})


def batch_position(batch: pa.RecordBatch) -> BatchPosition:
    """Read the position that `mark_batch` wrote.

    Raises:
        ValueError: The batch carries none.
    """
    metadata = batch.schema.metadata or {}
    if _BATCH_KEY not in metadata:
        raise ValueError(
            "the batch has no position in its split: number batches with "
            "corpusmill.transforms.kernels.schema.mark_batch (ReadDocuments and RowsToBatches do)"
        )
    return BatchPosition(int(metadata[_SPLIT_KEY]), int(metadata[_BATCH_KEY]), metadata.get(_LAST_KEY) == b"1")
