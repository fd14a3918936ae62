"""Rows of duplicates against marking them one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.writing.duplicate_rows import PARTNER_FIELDS, DuplicateRows, mark_duplicates

KEPT_ROW: dict[str, Any] = {"decision": "kept", "reason": None}
OTHERS: list[dict[str, Any]] = [
    {"decision": "filtered", "reason": "filter.too-short", "text": "ab"},
    {"decision": "rejected", "reason": "read.no-text", "text": None},
]


@given(st.lists(st.sampled_from(["kept", "filtered", "rejected", "same", "near"]), max_size=12))
def test_duplicates_are_marked_and_named_and_nothing_else_changes(kinds: list[str]) -> None:
    rows = [
        {**KEPT_ROW, "text": "é" * place} if kind in ("kept", "same", "near") else dict(OTHERS[kind == "rejected"])
        for place, kind in enumerate(kinds)
    ]
    marked = [place for place, kind in enumerate(kinds) if kind in ("same", "near")]
    partners = [
        {
            "partner_id": f"d{place}",
            "partner_source": "a.jsonl",
            "partner_offset": place,
            "partner_corpus": None,
            "similarity": 0.9,
        }
        for place in marked
    ]
    schema = pa.schema([("decision", pa.string()), ("reason", pa.string()), ("text", pa.string())])
    found = mark_duplicates(
        pa.Table.from_pylist(rows, schema),
        DuplicateRows(
            np.array(marked, np.int64),
            pa.Table.from_pylist(partners, pa.schema(PARTNER_FIELDS)),
            pa.array([kinds[place] == "same" for place in marked], pa.bool_()),
        ),
    )
    expected = []
    for place, (kind, row) in enumerate(zip(kinds, rows, strict=True)):
        new = row | {field.name: None for field in PARTNER_FIELDS}
        if place in marked:
            new |= partners[marked.index(place)]
            new |= {"decision": "duplicate", "reason": "dedup.exact" if kind == "same" else "dedup.near"}
        new["chars_out"] = place if kind == "kept" else 0
        expected.append(new)
    assert found.to_pylist() == expected
