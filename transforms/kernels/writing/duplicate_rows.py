"""Rows of duplicates: their decision and reason, and the kept partner of each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Int64s
from corpusmill.transforms.kernels.columns import with_columns
from corpusmill.transforms.kernels.duplicates.settings import BY_URL, EXACT, NEAR
from corpusmill.transforms.kernels.schema import DUPLICATE, KEPT

PARTNER_FIELDS = (
    pa.field("partner_id", pa.string()),
    pa.field("partner_source", pa.string()),
    pa.field("partner_offset", pa.int64()),
    pa.field("partner_corpus", pa.string()),
    pa.field("similarity", pa.float64()),
)
"""Columns that name the kept partner of a duplicate, its place and the earlier corpus that it is in."""


class DuplicateRows(NamedTuple):
    """The duplicates among some rows.

    Attributes:
        row: int64[d], their rows, ascending.
        partners: d rows, with the columns of `PARTNER_FIELDS`; the similarity of those that are removed for their
            address is null.
        same_text: bool[d], whether the partner has the very same text.
    """

    row: Int64s
    partners: pa.Table
    same_text: pa.BooleanArray


def mark_duplicates(rows: pa.Table, duplicates: DuplicateRows) -> pa.Table:
    """Mark the rows of duplicates, name their partners, and count the characters of what is kept.

    Args:
        rows: Documents with `decision`, `reason` and `text`; no row is marked as a duplicate yet.
        duplicates: Those that are.

    Returns:
        The rows with new `decision`, `reason`, `chars_out` and partners.
    """
    at = np.full(len(rows), -1, np.int64)
    at[duplicates.row] = np.arange(len(duplicates.row))
    take = pa.array(at, mask=at < 0)
    marked = pa.array(at >= 0)
    compared = duplicates.partners["similarity"].is_valid()
    reason = pc.if_else(compared, pc.if_else(duplicates.same_text, EXACT, NEAR), BY_URL)
    decision = pc.if_else(marked, DUPLICATE, rows["decision"])
    chars = pc.cast(pc.utf8_length(rows["text"]), pa.int64())
    return with_columns(
        rows,
        {
            "decision": decision,
            "reason": pc.if_else(marked, reason.take(take), rows["reason"]),
            **{field.name: duplicates.partners[field.name].take(take) for field in PARTNER_FIELDS},
            "chars_out": pc.if_else(pc.equal(decision, KEPT), chars, 0),
        },
    )
