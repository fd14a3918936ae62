"""Answering "what happened to this document, and why?" from the audit of a finished run."""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.reports.corpus import CorpusError, read_manifest
from corpusmill.reports.texts import Key, find_texts, may_hold, partner_of
from corpusmill.transforms import storage
from corpusmill.transforms.kernels.errors import UsageError
from corpusmill.transforms.layout import AUDIT, CORPUS, REMOVED, Output


class LookupFailedError(UsageError, ValueError):
    """The folder is not the output of a finished run, or has no such document."""


def find_document(output: str, identifier: str) -> list[dict[str, Any]]:
    """Return the audit rows of a document; several if the input used its id more than once.

    Args:
        output: Output folder of a finished run.
        identifier: The document's id.

    Raises:
        LookupFailedError: There is no such run or no such document.
    """
    try:
        manifest = read_manifest(output)
    except CorpusError as error:
        raise LookupFailedError(str(error)) from None
    rows = []
    for name in manifest["files"][AUDIT]:
        rows += _rows_with(Output(output).file(AUDIT, name), identifier)
    if not rows:
        near = near_ids(output, manifest["files"][AUDIT], identifier)
        hint = f"did you mean {' or '.join(map(repr, near))}?" if near else "ids are in the column id of audit/"
        raise LookupFailedError(f"no document of {output!r} has the id {identifier!r}; {hint}")
    return rows


_NEAR_IDS = 3
_LOOKED_AT = 2_000_000
"""Ids that are looked through for near ones."""
_COMPARED = 2000


def near_ids(output: str, names: Sequence[str], identifier: str) -> list[str]:
    """Return ids that somebody may have meant: those that hold the given one, or are spelled nearly so."""
    holding: dict[str, None] = {}
    alike: dict[str, None] = {}
    looked_at = 0
    for name in names:
        with storage.open_parquet(Output(output).file(AUDIT, name)) as parquet:
            for batch in parquet.iter_batches(1 << 16, columns=["id"], use_threads=False):
                ids = batch["id"]
                looked_at += len(ids)
                inside = pc.match_substring(ids, identifier, ignore_case=True)
                holding.update(dict.fromkeys(ids.filter(inside).slice(0, _COMPARED).to_pylist()))
                length = pc.utf8_length(ids)
                close = pc.and_(pc.less_equal(pc.subtract(length, len(identifier)), 2), pc.greater_equal(length, 1))
                same_start = pc.equal(pc.utf8_slice_codeunits(ids, 0, 2), identifier[:2])
                alike.update(dict.fromkeys(ids.filter(pc.and_(close, same_start)).slice(0, _COMPARED).to_pylist()))
        if looked_at > _LOOKED_AT or len(holding) >= _COMPARED:
            break
    shortest = sorted(holding, key=lambda found: (len(found), found))[:_NEAR_IDS]
    candidates = list(alike)[:_COMPARED]
    return shortest or difflib.get_close_matches(identifier, candidates, n=_NEAR_IDS, cutoff=0.7)


def find_partner_text(output: str, row: dict[str, Any]) -> str | None:
    """Return the text of the kept partner of a duplicate.

    Args:
        output: Output folder of the run.
        row: The duplicate's audit row; the partner may be in the corpus of an earlier run.

    Returns:
        None if the row has no partner, or the earlier corpus is not there any more.
    """
    return partner_texts(output, [row]).get((row.get("partner_corpus"), partner_of(row)))


def partner_texts(output: str, rows: Sequence[dict[str, Any]]) -> dict[tuple[str | None, Key | None], str]:
    """Return (earlier output or None, key) -> text of the partners of duplicates.

    Args:
        output: Output folder of the run.
        rows: Rows of its audit.
    """
    wanted: dict[str | None, list[Key]] = {}
    for row in rows:
        if (key := partner_of(row)) is not None:
            wanted.setdefault(row.get("partner_corpus"), []).append(key)
    found: dict[tuple[str | None, Key | None], str] = {}
    for corpus, keys in wanted.items():
        folder = corpus or output
        with contextlib.suppress(CorpusError):
            listed = read_manifest(folder, (AUDIT, CORPUS))["files"]
            files = {name: names for name, names in listed.items() if name != REMOVED}
            found |= {(corpus, key): text for key, text in find_texts(folder, files, keys).items()}
    return found


def _rows_with(path: str, identifier: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    ids = pa.array([identifier], pa.string())
    with storage.open_parquet(path) as parquet:
        for group in may_hold(parquet, ids):
            if not group.looked_at:
                continue
            column = parquet.read_row_group(group.number, columns=["id"], use_threads=False)["id"]
            places = pc.indices_nonzero(pc.equal(column, identifier))
            if len(places):
                found += parquet.read_row_group(group.number, use_threads=False).take(places).to_pylist()
    return found
