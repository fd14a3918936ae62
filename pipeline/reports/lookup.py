"""Answering "what happened to this document, and why?" from the audit of a finished run."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from rich.text import Text

from corpusmill.reports.corpus import CorpusError, read_manifest
from corpusmill.reports.visible import visible
from corpusmill.runs.job import MANIFEST
from corpusmill.transforms import storage
from corpusmill.transforms.kernels.errors import UsageError
from corpusmill.transforms.kernels.schema import DUPLICATE, FILTERED, KEPT, REJECTED

_EXCERPT_CHARS = 300
_LINES = 20


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
    for name in manifest["files"]["audit"]:
        rows += _rows_with(storage.join(output, "audit", name), identifier)
    if not rows:
        near = _near_ids(output, manifest["files"]["audit"], identifier)
        hint = f"did you mean {' or '.join(map(repr, near))}?" if near else "ids are in the column id of audit/"
        raise LookupFailedError(f"no document of {output!r} has the id {identifier!r}; {hint}")
    return rows


_NEAR_IDS = 3
_LOOKED_AT = 2_000_000
"""Ids that are looked through for near ones."""
_COMPARED = 2000


def _near_ids(output: str, names: Sequence[str], identifier: str) -> list[str]:
    """Return ids that somebody may have meant: those that hold the given one, or are spelled nearly so."""
    holding: dict[str, None] = {}
    alike: dict[str, None] = {}
    looked_at = 0
    for name in names:
        with storage.open_parquet(storage.join(output, "audit", name)) as parquet:
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
    if row["partner_id"] is None:
        return None
    folder = row.get("partner_corpus") or output
    manifest = storage.join(folder, MANIFEST)
    if not storage.exists(manifest):
        return None
    files = storage.read_json(manifest)["files"]
    place = (row.get("partner_source"), row.get("partner_offset"))
    for name in files.get("corpus", ()):
        path, audit = storage.join(folder, "corpus", name), storage.join(folder, "audit", name)
        texts = _rows_with(path, row["partner_id"]) if storage.exists(path) else []
        if not texts or None in place:
            same = [found for found in texts if place[0] in (None, found["source"])]
        else:  # both files have the kept documents in the same order, and the audit their offsets
            kept = [found for found in _rows_with(audit, row["partner_id"]) if found["decision"] == KEPT]
            same = [found for found, of in zip(texts, kept, strict=False) if (of["source"], of["offset"]) == place]
        if same:
            return str(same[0]["text"])
    return None


def _rows_with(path: str, identifier: str) -> list[dict[str, Any]]:
    with storage.open_parquet(path) as parquet:
        found: list[dict[str, Any]] = []
        place = parquet.schema_arrow.get_field_index("id")
        for group in range(parquet.num_row_groups):
            column = parquet.metadata.row_group(group).column(place)
            statistics = column.statistics
            if statistics is not None and statistics.has_min_max and not statistics.min <= identifier <= statistics.max:
                continue
            ids = parquet.read_row_group(group, columns=["id"])["id"]
            if pc.any(pc.equal(ids, identifier)).as_py():
                table = parquet.read_row_group(group)
                found += table.filter(pc.equal(table["id"], pa.scalar(identifier))).to_pylist()
        return found


def render_document(row: dict[str, Any], partner_text: str | None) -> Text:
    """Write the story of one audit row."""
    text = Text()
    text.append(f"{visible(row['id'])}\n", style="bold")
    text.append(f"  from {visible(row['source'])}, record {row['source_row']} (at {row['offset']})\n", style="dim")
    text.append(f"  {_verdict(row)}\n")
    text.append(f"  {row['chars_in']:,} characters read as {row['encoding'] or 'unknown'}, {row['chars_out']:,} kept\n")
    for rule, count in row["repairs"] or ():
        text.append(f"  {rule}: {count} place{'s' if count != 1 else ''}\n")
    lines = row["removed_lines"] or ()
    for line in lines[:_LINES]:
        text.append(f"  line {line['line'] + 1} removed by {line['rule']}: ")
        text.append(f"{visible(line['text'])}\n", style="red")
    if len(lines) > _LINES:
        text.append(f"  ... and {len(lines) - _LINES} more lines (see removed_lines in audit/)\n")
    if partner_text is not None:
        excerpt = visible(" ".join(partner_text[:_EXCERPT_CHARS].split()))
        text.append(f"  the kept document {visible(row['partner_id'])} begins: ", style="dim")
        text.append(excerpt, style="green")
    text.rstrip()
    return text


def _verdict(row: dict[str, Any]) -> str:
    decision, reason = row["decision"], row["reason"]
    verdicts = {
        KEPT: "kept: it is in the corpus",
        DUPLICATE: f"removed as a duplicate ({reason}) of {visible(row['partner_id'] or '')}{_place(row)}, "
        f"similarity {row['similarity'] or 0:.4f}",
        FILTERED: f"dropped by the rule {reason}{_detail(row)}",
        REJECTED: f"could not be read ({reason}); rejected/ has the error",
    }
    return verdicts[decision]


def _detail(row: dict[str, Any]) -> str:
    """The score and the limit of a document that was scored."""
    return f": {visible(row['detail'])}" if row.get("detail") else ""


def _place(row: dict[str, Any]) -> str:
    corpus, source, offset = row.get("partner_corpus"), row.get("partner_source"), row.get("partner_offset")
    where = f" (from {visible(source)}{'' if offset is None else f' at {offset}'})" if source is not None else ""
    return where + (f" in the earlier corpus {visible(corpus)}" if corpus is not None else "")
