"""Choosing documents of a finished run to look at: a sample under a rule, or those whose ids fit a pattern."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.reports.lookup import LookupFailedError, near_ids
from corpusmill.transforms import storage
from corpusmill.transforms.kernels.arrays import Bools, Int64s
from corpusmill.transforms.kernels.hashing import GOLDEN, mix64
from corpusmill.transforms.kernels.schema import DECISIONS
from corpusmill.transforms.layout import AUDIT, Output

_SCAN = ["decision", "reason", "repairs", "removed_lines"]


def sample_rows(
    output: str, manifest: dict[str, Any], reason: str | None, count: int, seed: int
) -> list[dict[str, Any]]:
    """Draw documents at random, the same ones for the same seed.

    Args:
        output: Output folder of a finished run.
        manifest: Its manifest.
        reason: A decision, the rule id of one, a stage such as `dedup`, or a rule that changed texts or took lines out;
            None for all documents.
        count: How many.
        seed: Another seed gives other documents.

    Returns:
        Rows of the audit in input order; all of them if there are fewer than `count`.

    Raises:
        LookupFailedError: No document is under that reason.
    """
    best_keys = np.zeros(0, np.uint64)
    best_rows = np.zeros(0, np.int64)
    first = 0
    for table in audit_tables(output, manifest, _SCAN if reason is not None else ["decision"]):
        places = np.flatnonzero(_under(table, reason)) if reason is not None else np.arange(len(table))
        rows = places + first
        keys = mix64((rows.astype(np.uint64) + np.uint64(1)) * GOLDEN + np.uint64(seed & 0xFFFFFFFFFFFFFFFF))
        best_keys, best_rows = np.concatenate([best_keys, keys]), np.concatenate([best_rows, rows])
        if len(best_keys) > count:
            order = np.argpartition(best_keys, count)[:count]
            best_keys, best_rows = best_keys[order], best_rows[order]
        first += len(table)
    if not len(best_rows) and reason is not None:
        known = ", ".join([*DECISIONS, *known_rules(manifest)])
        raise LookupFailedError(f"no document of {output!r} is under {reason!r}; there are {known}")
    return _take(output, manifest, np.sort(best_rows))


def known_rules(manifest: dict[str, Any]) -> list[str]:
    """Return the ids of the rules that found something in a run."""
    return sorted({*manifest["reasons"], *manifest["repairs"], *manifest["lines_removed"]})


def _under(table: pa.Table, reason: str) -> Bools:
    if reason in DECISIONS:
        decided: Bools = pc.equal(table["decision"], reason).to_numpy()
        return decided
    own = table["reason"]
    matches = pc.starts_with(own, f"{reason}.") if "." not in reason else pc.equal(own, reason)
    found: Bools = pc.fill_null(matches, False).to_numpy().copy()
    for name in ("repairs", "removed_lines"):
        lists = table[name].combine_chunks()
        hits = pc.equal(lists.flatten().field("rule"), reason).to_numpy(zero_copy_only=False)
        found[pc.list_parent_indices(lists).to_numpy()[hits]] = True
    return found


def audit_tables(output: str, manifest: dict[str, Any], columns: list[str]) -> Iterator[pa.Table]:
    """Yield columns of the audit of a finished run, those that it has, a row group at a time."""
    for name in manifest["files"][AUDIT]:
        with storage.open_parquet(Output(output).file(AUDIT, name)) as parquet:
            present = [column for column in columns if column in parquet.schema_arrow.names]
            for group in range(parquet.num_row_groups):
                yield parquet.read_row_group(group, columns=present, use_threads=False).combine_chunks()


def _take(output: str, manifest: dict[str, Any], rows: Int64s) -> list[dict[str, Any]]:
    """Return rows of the audit by their numbers, ascending."""
    found: list[dict[str, Any]] = []
    first = 0
    for name in manifest["files"][AUDIT]:
        with storage.open_parquet(Output(output).file(AUDIT, name)) as parquet:
            for group in range(parquet.num_row_groups):
                count = parquet.metadata.row_group(group).num_rows
                own = rows[(rows >= first) & (rows < first + count)] - first
                if len(own):
                    found += parquet.read_row_group(group, use_threads=False).take(pa.array(own)).to_pylist()
                first += count
    return found


def find_ids(output: str, manifest: dict[str, Any], pattern: str, limit: int) -> tuple[list[dict[str, Any]], int]:
    """Find documents by their ids.

    Args:
        output: Output folder of a finished run.
        manifest: Its manifest.
        pattern: A part of the id in any case, or, with * and ?, the whole of it.
        limit: How many are returned at most.

    Returns:
        `id`, `source`, `decision` and `reason` of documents in input order, and how many there are in all.

    Raises:
        LookupFailedError: There is none; the message names near ids.
    """
    found: list[dict[str, Any]] = []
    total = 0
    for table in audit_tables(output, manifest, ["id", "source", "decision", "reason"]):
        rows = pc.indices_nonzero(_fits(table["id"].combine_chunks(), pattern))
        total += len(rows)
        if len(rows) and len(found) < limit:
            found += table.take(rows.slice(0, limit - len(found))).to_pylist()
    if not found:
        near = near_ids(output, manifest["files"][AUDIT], pattern)
        hint = f"near ones are {', '.join(map(repr, near))}" if near else "give a part of it, or a pattern with * and ?"
        raise LookupFailedError(f"no document of {output!r} has an id like {pattern!r}; {hint}")
    return found, total


def _fits(ids: pa.Array, pattern: str) -> pa.Array:
    if not set(pattern) & {"*", "?"}:
        return pc.match_substring(ids, pattern, ignore_case=True)
    parts = (
        "[\\s\\S]*" if part == "*" else "[\\s\\S]" if part == "?" else _quoted(part)
        for part in re.split(r"([*?])", pattern)
    )
    return pc.match_substring_regex(ids, f"^{''.join(parts)}$")


def _quoted(part: str) -> str:
    """Quote a text for RE2, whose `$` is the very end."""
    return "".join(c if c.isalnum() or ord(c) > 127 else f"\\x{{{ord(c):x}}}" for c in part)
