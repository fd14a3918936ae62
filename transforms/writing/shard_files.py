"""The files of one shard: decided rows are sent to the folders of the output and counted."""

from __future__ import annotations

import contextlib
import functools
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms import layout
from corpusmill.transforms.kernels.boilerplate.learning.line_statistics import host_of
from corpusmill.transforms.kernels.columns import one_array, with_columns
from corpusmill.transforms.kernels.schema import DECISIONS, DUPLICATE, FILTERED, KEPT, REJECTED
from corpusmill.transforms.kernels.writing.partitions import PARTITION, folders_of
from corpusmill.transforms.kernels.writing.settings import OutputSettings
from corpusmill.transforms.kernels.writing.statistics import STATISTICS_SCHEMA, Sums, document_sums
from corpusmill.transforms.scoring.decisions import is_score_rule
from corpusmill.transforms.scoring.scorer import Scoring
from corpusmill.transforms.staging.index import PUBLISHED_COLUMNS
from corpusmill.transforms.writing.partitioned_writer import PartitionedWriter
from corpusmill.transforms.writing.receipts import Receipt
from corpusmill.transforms.writing.shard_writer import (
    KEYS,
    PAIRS_SCHEMA,
    REJECTED_SCHEMA,
    ShardWriter,
    audit_schema,
    corpus_schema,
    index_schema,
    removed_schema,
    scores_schema,
)
from corpusmill.transforms.writing.tokens import with_tokens

DECISIONS_OF = {
    layout.AUDIT: DECISIONS,
    layout.CORPUS: (KEPT,),
    layout.INDEX: (KEPT,),
    layout.REJECTED: (REJECTED,),
    layout.REMOVED: (DUPLICATE,),
    layout.FILTERED: (FILTERED,),
    layout.SCORES: (KEPT, DUPLICATE, FILTERED),
}
"""Folder -> the decisions whose documents have a row in it; in `filtered` only those whose scores decided."""


def belongs(folder: str, decision: pa.ChunkedArray, reason: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return bool[n], which documents have a row in a folder.

    Args:
        folder: One of `DECISIONS_OF`.
        decision: string, n decisions.
        reason: string, the rules that decided.
    """
    chosen = pc.is_in(decision, pa.array(DECISIONS_OF[folder]))
    return pc.and_(chosen, is_score_rule(reason)) if folder == layout.FILTERED else chosen


def documents_of(folder: str, decisions: Mapping[str, int], reasons: Mapping[str, int]) -> int:
    """Return how many documents have a row in a folder, from counts by decision and by rule."""
    if folder != layout.FILTERED:
        return sum(decisions.get(decision, 0) for decision in DECISIONS_OF[folder])
    by_score = is_score_rule(pa.array(list(reasons), pa.string())).to_pylist()
    return sum(count for count, chosen in zip(reasons.values(), by_score, strict=True) if chosen)


@dataclass(frozen=True)
class OutputFiles:
    """How the files of an output are written.

    Attributes:
        output: The output folder.
        state: The state folder.
        settings: Settings of the output.
        kept_columns: Name -> type of the input columns that stay columns of the corpus.
        metadata: Key-value metadata of every file.
        bands: Band keys of a document in the index; 0 if there are none.
        overlaps: Whether the audit says which benchmark items a text holds a part of.
        scoring: What is asked of each document; if anything is, its scores are written.
    """

    output: str
    state: str
    settings: OutputSettings = field(default_factory=OutputSettings)
    kept_columns: dict[str, pa.DataType] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    bands: int = 0
    overlaps: bool = False
    scoring: Scoring = field(default_factory=Scoring)

    @property
    def folders(self) -> dict[str, pa.Schema]:
        """Folder -> schema of what is written."""
        settings = self.settings
        corpus = corpus_schema(
            self.kept_columns,
            self.scoring.language_fields,
            copies=settings.copies,
            tokens=settings.tokenizer is not None,
        )
        scored = self.scoring.active
        audit = audit_schema(overlaps=self.overlaps, scored=scored, partitioned=self.partitioned)
        folders = {layout.AUDIT: audit, layout.REJECTED: REJECTED_SCHEMA}
        if settings.statistics:
            folders[layout.STATISTICS] = STATISTICS_SCHEMA
        if scored:
            folders[layout.SCORES] = scores_schema(self.scoring.fields)
        if self.settings.corpus:
            folders[layout.CORPUS] = corpus
            if scored and self.settings.filtered:
                folders[layout.FILTERED] = corpus
            if self.bands and self.settings.index:
                folders[layout.INDEX] = index_schema(self.bands)
            if self.bands and self.settings.pairs:
                removed = removed_schema(corpus, self.bands if self.keeps_keys else 0)
                folders |= {layout.PAIRS: PAIRS_SCHEMA, layout.REMOVED: removed}
        return folders

    @property
    def keeps_keys(self) -> bool:
        """Whether the keys of duplicates are written, with which other limits of scores need not read their texts."""
        settings = self.settings
        return bool(self.scoring.active and settings.filtered and settings.index and settings.pairs and self.bands)

    @property
    def keyed(self) -> tuple[str, ...]:
        """The decisions whose documents have keys in the output."""
        return (KEPT, DUPLICATE) if self.keeps_keys else (KEPT,)

    @property
    def partitioned(self) -> bool:
        """Whether the corpus has a folder for each value of a column."""
        return self.settings.corpus and self.settings.partition_by is not None

    def stored(self, folder: str) -> pa.Schema:
        """Return the schema of the files of a folder: without the column that folders of the corpus are."""
        schema = self.folders[folder]
        column = self.settings.partition_by
        place = schema.get_field_index(column) if folder == layout.CORPUS and column is not None else -1
        return schema if place < 0 else schema.remove(place)

    @property
    def holds_pairs(self) -> bool:
        """Whether verified pairs are written."""
        return layout.PAIRS in self.folders

    def shard(self, index: int, count: int, *, keep: bool = False) -> ShardFiles:
        """Return the files of a shard, to be opened by `with`.

        Args:
            index: Number of the shard, from 0.
            count: Number of shards of the output.
            keep: Whether there is a file of the corpus even if the shard has no document of it.
        """
        return ShardFiles(self, index, count, keep=keep or count == 1)


class ShardFiles:
    """Writes one file of a shard in each folder, or one for each value of the column that folders of the corpus are.

    A folder of which no row comes gets none.

    The audit is there for every shard; the corpus and its index are with `keep`.
    """

    def __init__(self, files: OutputFiles, index: int, count: int, *, keep: bool) -> None:
        self._index = index
        self._files = files
        self._keeps_keys = files.keeps_keys
        self._name = layout.part_name(index, count)
        self._stack = contextlib.ExitStack()
        by_folder = (layout.CORPUS, layout.INDEX) if files.partitioned else ()
        self._writers = {folder: self._open(folder, self._name) for folder in files.folders if folder not in by_folder}
        self._partitioned = {folder: self._open_folders(folder) for folder in by_folder if folder in files.folders}
        for folder in (layout.AUDIT, *((layout.CORPUS, layout.INDEX) if keep else ())):
            if folder in self._all:
                self._all[folder].keep = True
        self._decisions: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self._chars_out = 0
        self._sums = Sums()

    @property
    def _all(self) -> dict[str, ShardWriter | PartitionedWriter]:
        return {**self._writers, **self._partitioned}

    def _open(self, folder: str, name: str) -> ShardWriter:
        files = self._files
        path = layout.Output(files.output).file(folder, name)
        return ShardWriter(path, files.state, files.stored(folder), files.settings, files.metadata)

    def _open_folders(self, folder: str) -> PartitionedWriter:
        files = self._files
        return PartitionedWriter(
            self._name,
            files.stored(folder),
            files.state,
            files.settings.max_partitions,
            functools.partial(self._open, folder),
        )

    def __enter__(self) -> ShardFiles:
        for writer in self._all.values():
            self._stack.enter_context(writer)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if kind is None and layout.STATISTICS in self._writers:
            self._writers[layout.STATISTICS].write(self._sums.table())
        self._stack.__exit__(kind, error, trace)  # type: ignore[arg-type]

    def write(self, rows: pa.Table, index: pa.Table | None) -> None:
        """Add decided rows.

        Args:
            rows: With the columns of the audit, of the corpus, of what is rejected and of the scores, if there are any;
                hosts are taken from `url` where they are not there yet.
            index: Of the same rows, with the columns of the index; None if the output holds no index.
        """
        if "url_host" not in rows.column_names:
            rows = with_columns(rows, {"url_host": _hosts(one_array(rows["url"]))})
        if (tokenizer := self._files.settings.tokenizer) is not None and self._files.settings.corpus:
            rows = with_tokens(rows, tokenizer)
        if layout.STATISTICS in self._writers:
            self._sums.add(document_sums(rows))
        if self._files.partitioned:
            rows = _with_folders(rows, str(self._files.settings.partition_by))
        for folder in DECISIONS_OF:
            source = index if folder == layout.INDEX else rows
            if folder not in self._all or source is None:
                continue
            chosen = belongs(folder, rows["decision"], rows["reason"])
            table = source.filter(chosen)
            if folder == layout.REMOVED and self._keeps_keys and index is not None:
                keys = index.select(PUBLISHED_COLUMNS[1:]).filter(chosen)
                table = table.append_column(KEYS, keys.combine_chunks().to_struct_array())
            if folder in self._partitioned:
                self._partitioned[folder].write(table, rows[PARTITION].filter(chosen))
            else:
                self._writers[folder].write(table)
        for counter, name in ((self._decisions, "decision"), (self._reasons, "reason")):
            for item in pc.value_counts(rows[name].drop_null()).to_pylist():
                counter[item["values"]] += item["counts"]
        self._chars_out += pc.sum(rows["chars_out"]).as_py() or 0

    def write_pairs(self, pairs: pa.Table) -> None:
        """Add verified pairs (`PAIRS_SCHEMA`); only if `OutputFiles.holds_pairs`."""
        self._writers[layout.PAIRS].write(pairs)

    def receipt(self) -> Receipt:
        """Say what was written, once the files are closed."""
        corpus = self._all.get(layout.CORPUS)
        checksums: dict[str, dict[str, str]] = {}
        for folder, writer in self._all.items():
            if isinstance(writer, PartitionedWriter):
                checksums[folder] = writer.checksums
            elif writer.written:
                checksums[folder] = {self._name: writer.checksum}
        return Receipt(
            shard=self._index,
            decisions=dict(self._decisions),
            reasons=dict(self._reasons),
            chars_out=self._chars_out,
            text_bytes=0 if corpus is None else corpus.text_bytes,
            rows={folder: writer.rows for folder, writer in self._all.items()},
            files={folder: sorted(names) for folder, names in checksums.items() if names},
            checksums={folder: names for folder, names in checksums.items() if names},
        )


def _hosts(urls: pa.Array) -> pa.Array:
    hosts = host_of(urls)
    return pc.if_else(pc.equal(hosts, ""), None, hosts)


def _with_folders(rows: pa.Table, column: str) -> pa.Table:
    """Return which folder of the corpus a kept document goes to."""
    kept = np.flatnonzero(pc.equal(rows["decision"], KEPT).to_numpy())
    at = np.full(len(rows), -1, np.int64)
    at[kept] = np.arange(len(kept))
    folders = folders_of(rows[column].take(pa.array(kept)), column)
    return with_columns(rows, {PARTITION: folders.take(pa.array(at, mask=at < 0))})
