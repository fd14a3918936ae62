"""Staged rows joined with the decisions on duplicates: what the audit says of each document."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.counting import merge_repairs
from corpusmill.transforms.kernels.columns import with_columns
from corpusmill.transforms.kernels.duplicates.settings import CAPPED
from corpusmill.transforms.kernels.findings import Findings
from corpusmill.transforms.kernels.writing.duplicate_rows import DuplicateRows, mark_duplicates


def decided_rows(table: pa.Table, index: pa.Table, duplicates: pa.Table, start: int, source_row: pa.Array) -> pa.Table:
    """Join staged rows with the decisions on duplicates, and add the columns of the audit.

    Args:
        table: Staged rows `start` .. of the split.
        index: The index of the same rows; `text_hash` and `capped` are looked at if they are there.
        duplicates: The split's duplicates (`DUPLICATES_SCHEMA`), ascending by row.
        start: Row of the first row of `table`.
        source_row: Record number of each row within its source.
    """
    rows = mark_duplicates(table, _own_duplicates(index, duplicates, start))
    removed = pc.cast(pc.list_value_length(table["removed_lines"]), pa.int32())
    columns = {"source_row": source_row, "lines_removed": pc.fill_null(removed, 0)}
    if "capped" in index.column_names and pc.any(index["capped"]).as_py():
        findings = Findings()
        for row in np.flatnonzero(index["capped"].to_numpy()).tolist():
            findings.add(row, CAPPED)
        columns["repairs"] = merge_repairs(table["repairs"].combine_chunks(), findings)
    return with_columns(rows, columns)


def _own_duplicates(index: pa.Table, duplicates: pa.Table, start: int) -> DuplicateRows:
    """The duplicates among the rows from `start` on that the index speaks of."""
    rows = duplicates["row"].to_numpy()
    low, high = np.searchsorted(rows, [start, start + len(index)])
    own, place = duplicates.slice(low, high - low), rows[low:high] - start
    if not len(own):
        return DuplicateRows(place, own, pa.array([], pa.bool_()))
    same_text = pc.equal(index["text_hash"].take(pa.array(place)), own["partner_text"])
    return DuplicateRows(place, own, same_text.combine_chunks())
