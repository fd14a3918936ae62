"""The Parquet files of the output: their schemas, and a writer whose bytes depend on the rows alone."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from corpusmill.transforms import sealed, storage
from corpusmill.transforms.kernels.schema import OVERLAPS_TYPE, REMOVED_LINES_TYPE, REPAIRS_TYPE
from corpusmill.transforms.kernels.writing.copies import COPIES_FIELDS
from corpusmill.transforms.kernels.writing.partitions import PARTITION
from corpusmill.transforms.kernels.writing.settings import OutputSettings
from corpusmill.transforms.writing.tokens import TOKENS

AUDIT_SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("source_row", pa.int64(), nullable=False),
        pa.field("offset", pa.int64(), nullable=False),
        pa.field("url_host", pa.string()),
        pa.field("decision", pa.string(), nullable=False),
        pa.field("reason", pa.string()),
        pa.field("partner_id", pa.string()),
        pa.field("partner_source", pa.string()),
        pa.field("partner_offset", pa.int64()),
        pa.field("partner_corpus", pa.string()),
        pa.field("similarity", pa.float64()),
        pa.field("chars_in", pa.int64(), nullable=False),
        pa.field("chars_out", pa.int64(), nullable=False),
        pa.field("encoding", pa.string()),
        pa.field("repairs", REPAIRS_TYPE),
        pa.field("lines_removed", pa.int32(), nullable=False),
        pa.field("removed_lines", REMOVED_LINES_TYPE),
    ]
)
"""One row for every input document. `source_row` counts the records of the source from 0; `offset` is where the record
begins: bytes into the decompressed source, rows into a Parquet file. `url_host` is in lower case, without `www.`; null
where there is no address. `partner_source` and `partner_offset` tell the partner from others of the same id.
`partner_corpus` is the earlier output, as it was given with `--against`, whose corpus holds the partner; null if this
run's own does."""

REJECTED_SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("source_row", pa.int64(), nullable=False),
        pa.field("offset", pa.int64(), nullable=False),
        pa.field("reason", pa.string()),
        pa.field("error", pa.string()),
        pa.field("excerpt", pa.string()),
        pa.field("encoding", pa.string()),
    ]
)
"""One row for every record or file that could not be read."""


PAIRS_SCHEMA = pa.schema(
    [
        pa.field("left", pa.int64(), nullable=False),
        pa.field("right", pa.int64(), nullable=False),
        pa.field("left_id", pa.string(), nullable=False),
        pa.field("right_id", pa.string(), nullable=False),
        pa.field("left_source", pa.string()),
        pa.field("left_offset", pa.int64()),
        pa.field("right_source", pa.string()),
        pa.field("right_offset", pa.int64()),
        pa.field("left_corpus", pa.string()),
        pa.field("similarity", pa.float64(), nullable=False),
        pa.field("with_operators", pa.float64(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("left_priority", pa.int64(), nullable=False),
        pa.field("right_priority", pa.int64(), nullable=False),
    ]
)
"""One row for every verified pair. `left` and `right` are numbers of documents: rows of the audit, counted through all
its parts from 0; where `left_corpus` names an earlier output, `left` counts the rows of its corpus. `with_operators` is
the similarity with operators as words, or that of the words if it is less: both have to reach the threshold. `kind` is
`near`, `shingles` (equal in all words: the left one represents all that are) or `text` (equal in the text as well). The
document with the lesser priority, then the one that comes first, is preferred; what an earlier corpus holds stays."""


def audit_schema(*, overlaps: bool = False, scored: bool = False, partitioned: bool = False) -> pa.Schema:
    """Return the schema of the audit.

    Args:
        overlaps: Whether it says which benchmark items a text holds, in `overlaps`.
        scored: Whether it says with what score, and beyond which limit, the rule in `reason` dropped a document, in
            `detail`.
        partitioned: Whether it says which folder of the corpus holds a kept document, in `partition`.
    """
    schema = AUDIT_SCHEMA
    if scored:
        schema = schema.insert(schema.get_field_index("reason") + 1, pa.field("detail", pa.string()))
    if partitioned:
        schema = schema.append(pa.field(PARTITION, pa.string()))
    return schema.append(pa.field("overlaps", OVERLAPS_TYPE)) if overlaps else schema


def index_schema(bands: int) -> pa.Schema:
    """Return the schema of the index beside each shard of the corpus, one row for each of its documents.

    All numbers are little-endian. `text_hash`: BLAKE2b of the text's UTF-8 bytes, 16 bytes. `group_key`: equal for
    documents with the same words in the same order. `near`: whether the band keys are of use. `band_keys`: 8 bytes a
    band.
    """
    return pa.schema(
        [
            pa.field("id", pa.string(), nullable=False),
            pa.field("text_hash", pa.binary(16), nullable=False),
            pa.field("group_key", pa.binary(16), nullable=False),
            pa.field("near", pa.bool_(), nullable=False),
            pa.field("band_keys", pa.binary(8 * bands), nullable=False),
        ]
    )


KEYS = "corpusmill_keys"
"""Column of the keys of a duplicate, so that they need not be computed again when it comes back."""


def removed_schema(corpus: pa.Schema, bands: int) -> pa.Schema:
    """Return the schema of the texts of duplicates: the columns of the corpus and, with `bands`, those of the index."""
    return corpus.append(pa.field(KEYS, pa.struct(list(index_schema(bands))[1:]))) if bands else corpus


def scores_schema(fields: Iterable[pa.Field]) -> pa.Schema:
    """Return the schema of the scores, one row for each document that could be read, in the order of the audit."""
    return pa.schema([pa.field("id", pa.string(), nullable=False), *fields])


def corpus_schema(
    kept_columns: dict[str, pa.DataType],
    more: Iterable[pa.Field] = (),
    *,
    copies: bool = False,
    tokens: bool = False,
) -> pa.Schema:
    """Return the schema of the corpus.

    Args:
        kept_columns: Columns of the input that stay columns, by name.
        more: Columns behind them.
        copies: Whether it says how many documents were removed for each.
        tokens: Whether it says how many tokens each has.
    """
    return pa.schema(
        [
            pa.field("id", pa.string(), nullable=False),
            pa.field("text", pa.string(), nullable=False),
            pa.field("source", pa.string(), nullable=False),
            pa.field("metadata", pa.string()),
            *(COPIES_FIELDS if copies else ()),
            *((pa.field(TOKENS, pa.int64()),) if tokens else ()),
            *(pa.field(name, kind) for name, kind in kept_columns.items()),
            *more,
        ]
    )


class ShardWriter:
    """Writes one Parquet file whose row groups depend on the rows alone, not on how they arrive.

    The file is dropped, not written, if no row came and `keep` is not set.
    """

    def __init__(
        self, path: str, state: str, schema: pa.Schema, settings: OutputSettings, metadata: dict[str, str]
    ) -> None:
        self.keep = False
        self.rows = 0
        self.text_bytes = 0
        self.written = False
        self._path = path
        self._state = state
        self._schema = schema.with_metadata(dict(sorted(metadata.items())))  # in one order, wherever they come from
        self._settings = settings
        self._pending: list[pa.Table] = []
        self._pending_bytes = 0
        self._pending_rows = 0
        self._stack = contextlib.ExitStack()
        self._writer: pq.ParquetWriter | None = None
        self._sink: sealed.Checksummed | None = None

    def __enter__(self) -> ShardWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if kind is not None:
            if self._writer is not None:
                with contextlib.suppress(pa.ArrowException, OSError, ValueError):  # the first error is the one to tell
                    self._writer.close()
            self._stack.__exit__(kind, error, trace)  # type: ignore[arg-type]
            return
        with self._stack:
            if self._pending_rows or (self.keep and self._writer is None):
                self._flush()
            if self._writer is not None:
                self.written = True
                self._writer.close()

    @property
    def checksum(self) -> str:
        """CRC-32 of the file, once it is written."""
        return "" if self._sink is None else self._sink.checksum

    def write(self, table: pa.Table) -> None:
        """Add rows; complete row groups go to the file at once."""
        table = pa.Table.from_arrays([table[name] for name in self._schema.names], schema=self._schema)
        measured = table[next(name for name in _MEASURED if name in self._schema.names)]
        sizes = np.cumsum(pc.fill_null(pc.binary_length(measured), 0).to_numpy())
        self.rows += len(table)
        if len(sizes):
            self.text_bytes += int(sizes[-1])
        start = base = 0
        while start < len(table):
            room = self._settings.row_group_size - self._pending_bytes
            end = min(
                int(np.searchsorted(sizes, base + room, side="left")) + 1,
                start + _ROW_GROUP_ROWS - self._pending_rows,
                len(table),
            )
            self._pending.append(table.slice(start, end - start))
            self._pending_rows += end - start
            self._pending_bytes += int(sizes[end - 1]) - base
            start, base = end, int(sizes[end - 1])
            if self._pending_bytes >= self._settings.row_group_size or self._pending_rows >= _ROW_GROUP_ROWS:
                self._flush()

    def _flush(self) -> None:
        if self._writer is None:
            stream = self._stack.enter_context(storage.open_atomic(self._path, self._state))
            self._sink = sealed.Checksummed(stream)
            sink = pa.PythonFile(self._sink, mode="w")
            self._writer = pq.ParquetWriter(sink, self._schema, **writer_options(self._schema, self._settings))
        if self._pending_rows:  # a row group without rows is more than some readers can take
            table = pa.concat_tables(self._pending)
            self._writer.write_table(table, row_group_size=len(table))
        self._pending, self._pending_bytes, self._pending_rows = [], 0, 0


_ROW_GROUP_ROWS = 1 << 17
_MEASURED = ("text", "id", "left_id", "source")
"""The column whose bytes make up the size of a row group: the first of these."""
_DICTIONARY_COLUMNS = (
    "source",
    "url_host",
    "decision",
    "reason",
    "encoding",
    "partner_source",
    "partner_corpus",
    "left_source",
    "right_source",
    "left_corpus",
    "kind",
    "language",
    "script",
    PARTITION,
)
"""Columns of few distinct values."""


_UNORDERED = (KEYS, "text", "metadata", "excerpt", "error", "text_hash", "group_key", "band_keys")
"""Columns whose least and greatest value tell nothing."""


def writer_options(schema: pa.Schema, settings: OutputSettings) -> dict[str, object]:
    """Return the fixed settings of every output file."""
    return {
        "compression": settings.compression,
        "compression_level": settings.compression_level,
        "use_dictionary": [name for name in schema.names if name in _DICTIONARY_COLUMNS],
        "write_statistics": [name for name in schema.names if name not in _UNORDERED],
        "write_page_index": True,
        "use_content_defined_chunking": True,
    }
