"""What two runs made of the same documents: which one kept what the other did not, and whose text differs.

Documents are matched by source and offset. Both outputs are streamed once into parts by a hash of these, which are
joined one after the other: memory does not depend on the number of documents.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms import storage
from corpusmill.transforms.kernels.arrays import Bools, Int64s, UInt64s
from corpusmill.transforms.kernels.duplicates.document_keys import text_hashes
from corpusmill.transforms.kernels.hashing import mix64
from corpusmill.transforms.kernels.schema import KEPT, REMOVED_LINES_TYPE, REPAIRS_TYPE
from corpusmill.transforms.kernels.writing.partitions import PARTITION
from corpusmill.transforms.layout import AUDIT, Output, by_shard

GAINED, LOST, CHANGED, ELSEWHERE = "gained", "lost", "changed", "removed for another reason"
"""What differs between the first output and the second."""
ABSENT = "not in the input"
"""In the place of a rule, for documents that only one of the runs has read."""
ANOTHER_TEXT = "another text, by the same rules"

_PART_ROWS = 1_000_000
_SCHEMA = pa.schema(
    [
        pa.field("key", pa.uint64()),
        pa.field("id", pa.string()),
        pa.field("source", pa.string()),
        pa.field("offset", pa.int64()),
        pa.field("kept", pa.bool_()),
        pa.field("reason", pa.string()),
        pa.field("text", pa.uint64()),  # hash of the text of a kept document
        pa.field("repairs", REPAIRS_TYPE),
        pa.field("removed_lines", REMOVED_LINES_TYPE),
    ]
)
_TEXTS_AT_ONCE = 1 << 14
_MAX_PARTS = 256
_NAMES = ["id", "source", "offset"]
_LONG = {"row": pa.int64(), "rule": pa.string(), "count": pa.int64()}
_AUDIT = ["id", "source", "offset", "decision", "reason", "repairs", "removed_lines"]


@dataclass
class Comparison:
    """What differs between two outputs.

    Attributes:
        documents: Documents that both runs have read, and those that only the first or the second has.
        kept: Documents that both keep with the same text.
        counts: `GAINED`, `LOST`, `CHANGED` or `ELSEWHERE` -> documents.
        rules: The same -> rule id -> documents; a changed document is under each rule that did something else to it.
        examples: The same -> rule id -> the first documents: `id`, `source`, `offset`.
    """

    documents: dict[str, int] = field(default_factory=lambda: {"both": 0, "first only": 0, "second only": 0})
    kept: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    rules: dict[str, Counter[str]] = field(default_factory=dict)
    examples: dict[str, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)

    def add(self, kind: str, rules: pa.Array, documents: pa.Table, examples: int) -> None:
        """Count documents under their rules.

        Args:
            kind: What differs.
            rules: string column, one rule for each row of `documents`; a document may be in several rows.
            documents: `id`, `source`, `offset`.
            examples: How many documents of each rule are kept as examples, the least ones by source and offset.
        """
        if not len(rules):
            return
        coded = rules.dictionary_encode()
        codes = coded.indices.to_numpy()
        for code, rule in enumerate(coded.dictionary.to_pylist()):
            places = np.flatnonzero(codes == code)
            self.rules.setdefault(kind, Counter())[rule] += len(places)
            own = documents.take(pa.array(places))
            order = pc.select_k_unstable(own, examples, [("source", "ascending"), ("offset", "ascending")])
            known = self.examples.setdefault(kind, {}).setdefault(rule, [])
            known += own.take(order).to_pylist()
            known.sort(key=lambda found: (found["source"], found["offset"]))
            del known[examples:]


def compare(
    first: tuple[str, dict[str, Any]],
    second: tuple[str, dict[str, Any]],
    examples: int = 3,
    part_rows: int = _PART_ROWS,
) -> Comparison:
    """Compare two finished outputs.

    Args:
        first: Output folder and manifest.
        second: The same of the other.
        examples: Documents that are named for each rule.
        part_rows: Documents of an output that are looked at together.
    """
    rows = max(manifest["documents"]["in"] for _, manifest in (first, second))
    parts = min(max(1, -(-rows // part_rows)), _MAX_PARTS)
    found = Comparison()
    with tempfile.TemporaryDirectory(prefix="corpusmill-diff-") as folder:
        _cut(*first, os.path.join(folder, "first"), parts)
        _cut(*second, os.path.join(folder, "second"), parts)
        for part in range(parts):
            left, right = (_part(os.path.join(folder, name), part) for name in ("first", "second"))
            _join(found, left, right, examples)
    return found


def _cut(output: str, manifest: dict[str, Any], folder: str, parts: int) -> None:
    """Write the documents of an output into parts by the hash of source and offset."""
    os.mkdir(folder)
    with contextlib.ExitStack() as stack:
        writers = [
            stack.enter_context(pa.ipc.new_file(os.path.join(folder, str(part)), _SCHEMA)) for part in range(parts)
        ]
        for name in manifest["files"][AUDIT]:
            hashes = _text_hashes(output, manifest["files"], name)
            used = 0
            with storage.open_parquet(Output(output).file(AUDIT, name)) as parquet:
                for group in range(parquet.num_row_groups):
                    audit = parquet.read_row_group(group, columns=_AUDIT, use_threads=False)
                    kept = pc.equal(audit["decision"], KEPT).to_numpy()
                    count = int(kept.sum())
                    table = _narrowed(audit, kept, hashes[used : used + count] if len(hashes) else None)
                    used += count
                    part = table["key"].to_numpy() % np.uint64(parts)
                    for number, writer in enumerate(writers):
                        writer.write_table(table.filter(pa.array(part == number)) if parts > 1 else table)


def _narrowed(audit: pa.Table, kept: Bools, hashes: UInt64s | None) -> pa.Table:
    """Return rows of the audit in `_SCHEMA`."""
    text = np.zeros(len(audit), np.uint64)
    known = kept if hashes is not None else np.zeros(len(audit), bool)
    text[known] = 0 if hashes is None else hashes
    sources = audit["source"].combine_chunks().dictionary_encode()
    of_source = text_hashes(sources.dictionary)[:, 0][sources.indices.to_numpy()]
    offsets = mix64(audit["offset"].to_numpy().astype(np.uint64) + np.uint64(1))
    made = {
        "key": pa.array(mix64(of_source ^ offsets)),
        "kept": pa.array(kept),
        "text": pa.array(text, mask=~known),
    }
    return pa.table([made[name] if name in made else audit[name] for name in _SCHEMA.names], schema=_SCHEMA)


def _text_hashes(output: str, files: dict[str, list[str]], name: str) -> UInt64s:
    """Return a hash of each text of a part of the corpus, from the index if there is one; none without a corpus."""
    for folder in ("index", "corpus"):
        own = by_shard(files.get(folder, ())).get(name)
        if own is not None:
            break
    else:
        return np.zeros(0, np.uint64)
    if list(own) == [""]:
        return _hashes_of(Output(output).file(folder, name), folder)
    audit = storage.read_parquet(Output(output).file(AUDIT, name), [PARTITION])[PARTITION].drop_null()
    found = np.zeros(len(audit), np.uint64)
    for value, file in own.items():
        found[pc.equal(audit, value).to_numpy()] = _hashes_of(Output(output).file(folder, file), folder)
    return found


def _hashes_of(path: str, folder: str) -> UInt64s:
    column = "text_hash" if folder == "index" else "text"
    found = [np.zeros(0, np.uint64)]
    with storage.open_parquet(path) as parquet:
        for batch in parquet.iter_batches(_TEXTS_AT_ONCE, columns=[column], use_threads=False):
            if folder == "index":
                digests = b"".join(batch[column].to_pylist())
                found.append(np.frombuffer(digests, "<u8").reshape(-1, 2)[:, 0].astype(np.uint64))
            else:
                found.append(text_hashes(batch[column])[:, 0])
    return np.concatenate(found)


def _part(folder: str, part: int) -> pa.Table:
    """Read a part, in the order of keys."""
    with pa.OSFile(os.path.join(folder, str(part))) as stream:
        table = pa.ipc.open_file(stream).read_all().combine_chunks()
    return table.take(pa.array(np.argsort(table["key"].to_numpy(), kind="stable")))


def _join(found: Comparison, left: pa.Table, right: pa.Table, examples: int) -> None:
    """Match the documents of one part of both outputs."""
    keys, other = left["key"].to_numpy(), right["key"].to_numpy()
    place = np.minimum(np.searchsorted(other, keys), max(len(other) - 1, 0))
    matched = other[place] == keys if len(other) else np.zeros(len(keys), bool)
    alone = np.ones(len(other), bool)
    alone[place[matched]] = False
    only_left, only_right = left.filter(pa.array(~matched)), right.filter(pa.array(alone))
    a, b = left.filter(pa.array(matched)), right.take(pa.array(place[matched]))
    found.documents["both"] += len(a)
    found.documents["first only"] += len(only_left)
    found.documents["second only"] += len(only_right)
    for kind, table in ((LOST, only_left), (GAINED, only_right)):
        own = table.filter(table["kept"])
        found.counts[kind] += len(own)
        found.add(kind, pa.repeat(pa.scalar(ABSENT), len(own)), own.select(_NAMES), examples)
    kept_a, kept_b = a["kept"].to_numpy(), b["kept"].to_numpy()
    same_text = pc.fill_null(pc.equal(a["text"], b["text"]), True).to_numpy()
    same_reason = pc.fill_null(pc.equal(a["reason"], b["reason"]), True).to_numpy()
    masks = {
        GAINED: ~kept_a & kept_b,
        LOST: kept_a & ~kept_b,
        CHANGED: kept_a & kept_b & ~same_text,
        ELSEWHERE: ~kept_a & ~kept_b & ~same_reason,
    }
    found.kept += int((kept_a & kept_b & same_text).sum())
    for kind, mask in masks.items():
        rows = pa.array(np.flatnonzero(mask))
        found.counts[kind] += len(rows)
        own = a.take(rows)
        if kind == CHANGED:
            number, rules = _differing_rules(own, b.take(rows))
            found.add(kind, rules, own.select(_NAMES).take(pa.array(number)), examples)
        elif kind == ELSEWHERE:
            moved = pc.binary_join_element_wise(own["reason"], b["reason"].take(rows), " -> ")
            found.add(kind, moved.combine_chunks(), own.select(_NAMES), examples)
        else:
            reason = own["reason"] if kind == GAINED else b["reason"].take(rows)
            found.add(kind, reason.combine_chunks(), own.select(_NAMES), examples)


def _differing_rules(left: pa.Table, right: pa.Table) -> tuple[Int64s, pa.Array]:
    """Return the rules that did something to one version of a document and not, or not as often, to the other.

    Returns:
        Row number and rule, one for each such rule of each row; rows without one are under `ANOTHER_TEXT`.
    """
    pieces = []
    for sign, table in ((1, left), (-1, right)):
        repairs, lines = table["repairs"].combine_chunks(), table["removed_lines"].combine_chunks()
        counts = pc.multiply(pc.cast(repairs.flatten().field("count"), pa.int64()), sign)
        pieces.append((pc.list_parent_indices(repairs), repairs.flatten().field("rule"), counts))
        ones = pa.repeat(pa.scalar(sign, pa.int64()), len(lines.flatten()))
        pieces.append((pc.list_parent_indices(lines), lines.flatten().field("rule"), ones))
    names = ("row", "rule", "count")
    long = pa.table(
        {name: pa.chunked_array([pc.cast(piece[k], _LONG[name]) for piece in pieces]) for k, name in enumerate(names)}
    )
    summed = long.group_by(["row", "rule"]).aggregate([("count", "sum")])
    summed = summed.filter(pc.not_equal(summed["count_sum"], 0))
    rows = summed["row"].to_numpy()
    others = np.setdiff1d(np.arange(len(left)), rows)
    rules = pa.concat_arrays(
        [summed["rule"].combine_chunks(), pa.repeat(pa.scalar(ANOTHER_TEXT, pa.string()), len(others))]
    )
    return np.concatenate([rows, others]), rules
