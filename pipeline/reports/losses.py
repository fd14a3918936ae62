"""Where characters went, and one document for each reason, from one pass over the audit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pyarrow.compute as pc

from corpusmill.transforms import storage
from corpusmill.transforms.kernels.schema import DUPLICATE, FILTERED, KEPT
from corpusmill.transforms.layout import AUDIT, Output

MAX_DOCUMENTS = 5_000_000
"""Larger outputs are not read for the summary; `corpusmill report` shows the same on request."""
_COLUMNS = ["id", "decision", "reason", "partner_id", "similarity", "chars_in", "chars_out", "removed_lines"]


@dataclass
class Losses:
    """Where the characters of the input went.

    Attributes:
        duplicates: Characters of the duplicates, as read.
        filtered: Characters of the filtered documents, as read.
        lines: Characters of the lines taken out of kept documents, with their line ends.
        repairs: Characters that kept documents have fewer by repairs and white space; negative if they have more.
        examples: Rule id -> the first document under it: `id`, `partner_id`, `similarity`.
    """

    duplicates: int = 0
    filtered: int = 0
    lines: int = 0
    repairs: int = 0
    examples: dict[str, dict[str, Any]] = field(default_factory=dict)


def gather_losses(output: str, manifest: dict[str, Any]) -> Losses | None:
    """Read the audit of a finished run; None if it is not there, or large.

    Args:
        output: Output folder of the run.
        manifest: Its manifest.
    """
    names = manifest["files"].get(AUDIT, ())
    paths = [Output(output).file(AUDIT, name) for name in names]
    if manifest["documents"]["in"] > MAX_DOCUMENTS or not all(map(storage.exists, paths)):
        return None
    found = Losses()
    for path in paths:
        with storage.open_parquet(path) as parquet:
            for batch in parquet.iter_batches(columns=_COLUMNS, use_threads=False):
                chars = batch["chars_in"]
                kept = pc.equal(batch["decision"], KEPT)
                found.duplicates += _sum(chars.filter(pc.equal(batch["decision"], DUPLICATE)))
                found.filtered += _sum(chars.filter(pc.equal(batch["decision"], FILTERED)))
                taken = batch["removed_lines"].filter(kept).flatten().field("text")
                lines = _sum(pc.utf8_length(taken)) + len(taken)
                found.lines += lines
                found.repairs += _sum(chars.filter(kept)) - _sum(batch["chars_out"].filter(kept)) - lines
                for reason in pc.unique(batch["reason"].drop_null()).to_pylist():
                    if reason not in found.examples:
                        row = batch.slice(pc.index(batch["reason"], reason).as_py(), 1).to_pylist()[0]
                        found.examples[reason] = {name: row[name] for name in ("id", "partner_id", "similarity")}
    return found


def _sum(values: Any) -> int:
    return pc.sum(values).as_py() or 0
