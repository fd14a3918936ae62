"""Staged rows joined with the decisions on duplicates: what the audit says of each document."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.counting import merge_repairs
from corpusmill.transforms.kernels.duplicates.settings import CAPPED, EXACT, NEAR
from corpusmill.transforms.kernels.findings import Findings
from corpusmill.transforms.kernels.schema import DUPLICATE, KEPT


def decided_rows(
    table: pa.Table, index: pa.Table, duplicates: pa.Table | None, start: int, source_row: pa.Array
) -> pa.Table:
    """Join staged rows with the decisions on duplicates, and add the columns of the audit.

    Args:
        table: Staged rows `start` .. of the split.
        index: The index of the same rows; `text_hash` and `capped` are looked at if they are there.
        duplicates: The split's duplicates (`DUPLICATES_SCHEMA`), ascending by row; None if it has none.
        start: Row of the first row of `table`.
        source_row: Record number of each row within its source.
    """
    n = len(table)
    decision, reason = table["decision"].combine_chunks(), table["reason"].combine_chunks()
    partner, partner_corpus = pa.nulls(n, pa.string()), pa.nulls(n, pa.string())
    partner_source, partner_offset = pa.nulls(n, pa.string()), pa.nulls(n, pa.int64())
    similarity = pa.nulls(n, pa.float64())
    if duplicates is not None:
        rows = duplicates["row"].to_numpy()
        low, high = np.searchsorted(rows, [start, start + n])
        own = duplicates.slice(low, high - low).combine_chunks()
        place = rows[low:high] - start
        at = np.full(n, -1, np.int64)
        at[place] = np.arange(len(own))
        take = pa.array(at, mask=at < 0)
        text_hash = index["text_hash"].combine_chunks().take(pa.array(place))
        same_text = pc.equal(text_hash, _one_chunk(own["partner_text"]))
        duplicate = pa.array(at >= 0)
        decision = pc.if_else(duplicate, DUPLICATE, decision)
        reason = pc.if_else(duplicate, pc.if_else(same_text, EXACT, NEAR).take(take), reason)
        partner = _one_chunk(own["partner_id"]).take(take)
        partner_source = _one_chunk(own["partner_source"]).take(take)
        partner_offset = _one_chunk(own["partner_offset"]).take(take)
        partner_corpus = _one_chunk(own["partner_corpus"]).take(take)
        similarity = _one_chunk(own["similarity"]).take(take)
    kept = pc.equal(decision, KEPT)
    removed = table["removed_lines"].combine_chunks()
    columns = {
        "decision": decision,
        "reason": reason,
        "source_row": source_row,
        "partner_id": partner,
        "partner_source": partner_source,
        "partner_offset": partner_offset,
        "partner_corpus": partner_corpus,
        "similarity": similarity,
        "chars_out": pc.if_else(kept, pc.cast(pc.utf8_length(table["text"].combine_chunks()), pa.int64()), 0),
        "lines_removed": pc.fill_null(pc.cast(pc.list_value_length(removed), pa.int32()), 0),
    }
    if "capped" in index.column_names and pc.any(index["capped"]).as_py():
        findings = Findings()
        for row in np.flatnonzero(index["capped"].to_numpy()).tolist():
            findings.add(row, CAPPED)
        columns["repairs"] = merge_repairs(table["repairs"].combine_chunks(), findings)
    for name, values in columns.items():
        place = table.schema.get_field_index(name)
        table = table.append_column(name, values) if place < 0 else table.set_column(place, name, values)
    return table


def _one_chunk(column: pa.ChunkedArray) -> pa.Array:
    joined = column.combine_chunks()
    return joined if isinstance(joined, pa.Array) else pa.array([], column.type)
