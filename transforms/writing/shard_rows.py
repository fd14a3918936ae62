"""Reading what a shard is made of: the decided rows of its splits, their index, and their verified pairs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from corpusmill.transforms import sealed
from corpusmill.transforms.duplicates.find import DUPLICATES_SCHEMA
from corpusmill.transforms.kernels.arrays import Int64s
from corpusmill.transforms.kernels.columns import with_columns
from corpusmill.transforms.kernels.writing.copies import COUNTS_SCHEMA, copies_columns
from corpusmill.transforms.keyed import Keys, row_of, split_of
from corpusmill.transforms.layout import INDEX, State
from corpusmill.transforms.scoring.decisions import DECISION_FIELDS, DETAIL
from corpusmill.transforms.staging.index import PUBLISHED_COLUMNS
from corpusmill.transforms.staging.split_files import SplitFiles
from corpusmill.transforms.staging.stage import StagedFile, read_staged
from corpusmill.transforms.writing.audit_rows import decided_rows
from corpusmill.transforms.writing.shard_writer import PAIRS_SCHEMA
from corpusmill.transforms.writing.shards import ShardTask

_NOT_WRITTEN = {field.name for field in DECISION_FIELDS} - {DETAIL}
"""Columns of the scores that the staged documents have taken over."""


class ShardRows:
    """Reads the rows of shards from the working files of a run.

    Attributes:
        state: The state folder.
        index_folder: Folder under it of the index files that go with the texts.
        keyed: Whether the index holds band keys.
        copies: Whether the corpus says how many documents were removed for each.
        scored: Whether the documents have scores.
    """

    def __init__(
        self, state: str, index_folder: str = INDEX, *, keyed: bool, copies: bool = False, scored: bool = False
    ) -> None:
        self._state = state
        self._files = SplitFiles(state, index_folder)
        self._copies = copies
        self._scored = scored
        self._columns = ["source_row", *(["capped", *PUBLISHED_COLUMNS] if keyed else [])]

    def decided(self, task: ShardTask) -> Iterator[tuple[pa.Table, pa.Table]]:
        """Yield the decided rows of a shard, one staged file at a time, and their index."""
        for chunk in task.shard.chunks:
            files = task.splits[chunk.split]
            index = self._files.index(chunk.split, self._columns)
            source_row = index["source_row"].to_numpy()
            duplicates = DUPLICATES_SCHEMA.empty_table()
            if files.has_duplicates:
                duplicates = sealed.read_parquet(State(self._state).duplicates(chunk.split)).combine_chunks()
            counts = COUNTS_SCHEMA.empty_table()
            if files.has_copies:
                counts = sealed.read_parquet(State(self._state).copies(chunk.split))
            first = 0
            for staged in files.staged:
                start, end = max(chunk.start, first), min(chunk.end, first + staged.rows)
                if start < end:
                    table = read_staged(self._state, [staged]).slice(start - first, end - start)
                    local = source_row[start:end]
                    # Only the first source of a split can have rows before it.
                    before = np.where(np.arange(start, end) == local, files.rows_before, 0)
                    own = index.slice(start, end - start)
                    rows = decided_rows(table, own, duplicates, start, pa.array(local + before))
                    if self._copies:
                        rows = with_columns(rows, copies_columns(counts, start, end - start))
                    yield self._with_scores(rows, staged, start - first), own
                first += staged.rows

    def _with_scores(self, rows: pa.Table, staged: StagedFile, start: int) -> pa.Table:
        """Add the scores, and the detail of what they decided, to the rows of a staged file from `start` on."""
        if not self._scored:
            return rows
        scores = sealed.read_parquet(State(self._state).scores(staged.name)).slice(start, len(rows))
        return with_columns(rows, {name: scores[name] for name in scores.column_names if name not in _NOT_WRITTEN})

    def pairs(self, task: ShardTask) -> Iterator[pa.Table]:
        """Yield the verified pairs whose right document is in a shard (`PAIRS_SCHEMA`)."""
        first = sealed.read_parquet(State(self._state).first_documents)["first"].to_numpy()
        for chunk in task.shard.chunks:
            if not task.splits[chunk.split].has_pairs:
                continue
            table = sealed.read_parquet(State(self._state).pairs(chunk.split)).combine_chunks()
            rows = table["right_row"].to_numpy()
            low, high = np.searchsorted(rows, [chunk.start, chunk.end])
            table, rows = table.slice(low, high - low), rows[low:high]
            right_id = self._files.index(chunk.split, ["id"])["id"].take(pa.array(rows))
            yield pa.table(
                {
                    "left": self._numbers(table["left"].to_numpy(), first),
                    "right": rows + first[chunk.split],
                    "right_id": right_id,
                    **{name: table[name] for name in PAIRS_SCHEMA.names if name in table.column_names[2:]},
                }
            )

    def _numbers(self, keys: Keys, first: Int64s) -> Int64s:
        """The number of each document in the order of its run: of the audit, or of an earlier corpus."""
        splits = split_of(keys)
        start = first[np.maximum(splits, 0)]
        for split in np.unique(splits[splits < 0]).tolist():
            shard = self._files.earlier(split)
            if shard is not None:
                start[splits == split] = shard.first_row
        return start + row_of(keys)
