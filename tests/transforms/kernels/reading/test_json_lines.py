"""JSON lines, whole or in blocks, with runs of lines that are not JSON."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.reading import json_lines
from corpusmill.transforms.kernels.reading.json_lines import JsonLines
from corpusmill.transforms.kernels.reading.settings import InputSettings

LINES = [
    b'{"id": "a", "text": "the boats lean over"}',
    '{"text": "café"}'.encode("latin-1"),
    b'{"text": null}',
    b"not a record",
    b"[1, 2]",
    b'{"text": "cut off',
    b'{"text": "one"} {"text": "two"}',
    b"",
    b" \t",
]


def read(blocks: list[list[bytes]]) -> list[tuple[Any, ...]]:
    """Read blocks of lines and return the rows: (id, offset, text, reason)."""
    reader, offset, found = JsonLines("in.jsonl", InputSettings()), 0, []
    pieces = []
    for lines in blocks:
        block = b"".join(line + b"\n" for line in lines)
        pieces += list(reader.read(block, offset))
        offset += len(block)
    for rows in [*pieces, reader.finish()]:
        reasons = [rows.rejected[row].reason if row in rows.rejected else None for row in range(len(rows.ids))]
        found += list(zip(rows.ids, rows.offsets, rows.texts, reasons, strict=True))
    return found


@given(st.lists(st.lists(st.sampled_from(LINES), max_size=8), max_size=4))
def test_how_lines_are_cut_into_blocks_changes_nothing(blocks: list[list[bytes]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_lines, "MAX_BAD_LINES", 2)
        whole = read([[line for block in blocks for line in block]])
        assert read(blocks) == whole
        patch.setattr(json_lines, "MAX_BATCH_ROWS", 2)
        assert read(blocks) == whole


def test_a_long_run_of_bad_lines_shares_a_row_which_comes_before_the_next_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(json_lines, "MAX_BAD_LINES", 2)
    rows = read([[b"bad"] * 5, [b"", b"bad", LINES[0], b"bad"]])
    assert rows == [
        ("in.jsonl@0", 0, None, "read.bad-json"),
        ("in.jsonl@4", 4, None, "read.bad-json"),
        ("in.jsonl@8", 8, None, "read.bad-json"),  # and the three behind it
        ("a", 25, "the boats lean over", None),
        ("in.jsonl@68", 68, None, "read.bad-json"),
    ]


def test_a_blank_line_at_the_start_does_not_hide_that_lines_hold_several_objects() -> None:
    assert [row[2] for row in read([[b"", b'{"text": "one"} {"text": "two"}']])] == ["one", "two"]
