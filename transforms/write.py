"""Writing the corpus, the audit and what was rejected: one task writes one shard of each, in input order."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import transforms.coders  # noqa: F401  (registers the coder of record batches)
from transforms import storage
from transforms.duplicates import DUPLICATES_SCHEMA, TOP_FAMILIES, Family, Groups
from transforms.index import IndexedSplit, read_index
from transforms.kernels.outputs import OutputSettings
from transforms.kernels.shards import CHUNKS_PER_SHARD, Chunk, Shard, cut_chunks, plan_shards
from transforms.schema import DUPLICATE, KEPT, REJECTED
from transforms.shard_writer import AUDIT_SCHEMA, REJECTED_SCHEMA, ShardWriter, corpus_schema
from transforms.stage import StagedFile, add_totals, read_staged

DECISIONS = "decisions"
"""Folder of the duplicates of each split under the state folder."""
SHARDS = "shards"
"""Folder of the receipts of finished shards under the state folder."""

EXACT = "dedup.exact"
NEAR = "dedup.near"

_MINIMUM_CHUNK_BYTES = 1
_SUMMARY_LINES = 100


@dataclass(frozen=True)
class SplitRows:
    """What the shard tasks need to know of a split.

    Attributes:
        indexed: The split.
        has_duplicates: Whether a file of decisions stands beside it.
        chunks: Its rows, cut into pieces.
    """

    indexed: IndexedSplit
    has_duplicates: bool
    chunks: tuple[Chunk, ...]


@dataclass(frozen=True)
class ShardTask:
    """All that is needed to write one shard.

    Attributes:
        shard: The rows.
        splits: Split -> its staged files and whether it has duplicates.
        first_rows: Split -> records of its first source that earlier splits hold.
    """

    shard: Shard
    splits: dict[int, tuple[tuple[StagedFile, ...], bool]]
    first_rows: dict[int, int]


@dataclass
class WriteCorpus(beam.PTransform):
    """Write `corpus/`, `audit/` and `rejected/` under `output`.

    Input: {"indexed": (split, `IndexedSplit`), "duplicates": (split, batch of `DUPLICATES_SCHEMA`), "families":
        `Family`}.
    Output: the number of each shard that stands.
    Guarantees: documents in input order; a shard appears whole or not at all and its bytes follow from the staged
        files, the decisions and the settings alone; no shard without a document, unless nothing at all is kept.
        Memory: a few row groups, whatever the size of the shards.
    """

    output: str
    state: str
    settings: OutputSettings = field(default_factory=OutputSettings)
    kept_columns: dict[str, pa.DataType] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    """Key-value metadata of every file."""

    def expand(self, inputs: dict[str, beam.PCollection[object]]) -> beam.PCollection[int]:
        """Wire the transform."""
        chunk_bytes = max(self.settings.shard_size // CHUNKS_PER_SHARD, _MINIMUM_CHUNK_BYTES)
        rows = (
            {"duplicates": inputs["duplicates"], "indexed": inputs["indexed"]}
            | "JoinDuplicates" >> beam.CoGroupByKey()
            | "Decide" >> beam.ParDo(_DecideFn(self.state, chunk_bytes))
        )
        families = inputs["families"] | "KeyFamilies" >> beam.Map(_key_family)
        return (
            {"rows": rows, "families": families}
            | "GatherRows" >> beam.CoGroupByKey()
            | "PlanShards" >> beam.ParDo(_PlanFn(self.state, self.settings.shard_size))
            | "ByShard" >> beam.GroupByKey()
            | "WriteShard" >> beam.ParDo(_WriteShardFn(self))
        )


def _key_family(family: Family) -> tuple[int, Family]:
    return 0, family


class _DecideFn(beam.DoFn):
    """Write the duplicates of each split to a file, and cut its rows into chunks."""

    def __init__(self, state: str, chunk_bytes: int) -> None:
        self._state = state
        self._chunk_bytes = chunk_bytes

    def process(self, element: tuple[int, Groups]) -> Iterator[tuple[int, SplitRows]]:
        split, groups = element
        (indexed,) = groups["indexed"]
        duplicates = list(groups["duplicates"])
        if indexed.rows == 0:
            yield 0, SplitRows(indexed, False, ())
            return
        index = read_index(self._state, split, ["bytes", "active"])
        kept = index["active"].to_numpy().copy()
        if duplicates:
            table = pa.Table.from_batches(duplicates, DUPLICATES_SCHEMA).sort_by("row")
            kept[table["row"].to_numpy()] = False
            with storage.open_atomic(_decisions_path(self._state, split), self._state) as stream:
                pq.write_table(table, stream, compression="lz4")
        chunks = cut_chunks(split, kept, index["bytes"].to_numpy(), self._chunk_bytes)
        yield 0, SplitRows(indexed, bool(duplicates), tuple(chunks))


class _PlanFn(beam.DoFn):
    def __init__(self, state: str, shard_size: int) -> None:
        self._state = state
        self._shard_size = shard_size

    def process(self, element: tuple[int, Groups]) -> Iterator[tuple[int, ShardTask]]:
        splits: dict[int, SplitRows] = {rows.indexed.split: rows for rows in element[1]["rows"]}
        families = sorted(element[1]["families"], key=lambda family: (-family.removed, family.id))[:TOP_FAMILIES]
        totals = add_totals((rows.indexed.totals for rows in splits.values()), _SUMMARY_LINES)
        storage.write_json(
            findings_path(self._state),
            {"totals": asdict(totals), "families": [family._asdict() for family in families]},
            self._state,
        )
        first_rows = _first_rows([splits[split].indexed for split in sorted(splits)])
        for shard in plan_shards((chunk for rows in splits.values() for chunk in rows.chunks), self._shard_size):
            own = sorted({chunk.split for chunk in shard.chunks})
            yield (
                shard.index,
                ShardTask(
                    shard,
                    {split: (splits[split].indexed.files, splits[split].has_duplicates) for split in own},
                    {split: first_rows[split] for split in own},
                ),
            )


def _first_rows(splits: Iterable[IndexedSplit]) -> dict[int, int]:
    """Split -> how many records of its first source come before it."""
    found: dict[int, int] = {}
    source, rows = "", 0
    for indexed in splits:
        if indexed.rows == 0:
            found[indexed.split] = 0
            continue
        carried = rows if indexed.continues and indexed.first_source == source else 0
        found[indexed.split] = carried
        single = indexed.last_source == indexed.first_source and indexed.last_source_rows == indexed.rows
        source, rows = indexed.last_source, indexed.last_source_rows + (carried if single else 0)
    return found


class _WriteShardFn(beam.DoFn):
    def __init__(self, transform: WriteCorpus) -> None:
        self._output = transform.output
        self._state = transform.state
        self._settings = transform.settings
        self._kept_columns = transform.kept_columns
        self._metadata = transform.metadata

    def process(self, element: tuple[int, Iterable[ShardTask]]) -> Iterator[int]:
        index, tasks = element
        task = next(iter(tasks))
        receipt = shard_receipt_path(self._state, index, task.shard.count)
        if not storage.exists(receipt):
            counts = self._write(task)
            storage.write_json(receipt, counts, self._state)
        yield index

    def _write(self, task: ShardTask) -> dict[str, object]:
        name = f"part-{task.shard.index:05d}-of-{task.shard.count:05d}.parquet"
        corpus = corpus_schema(self._kept_columns)
        settings = self._settings
        decisions: dict[str, int] = {}
        reasons: dict[str, int] = {}
        chars_out = 0
        with contextlib.ExitStack() as stack:
            writers = {
                folder: stack.enter_context(
                    ShardWriter(storage.join(self._output, folder, name), self._state, schema, settings, self._metadata)
                )
                for folder, schema in (("corpus", corpus), ("audit", AUDIT_SCHEMA), ("rejected", REJECTED_SCHEMA))
            }
            for rows in self._read(task):
                kept = rows.filter(pc.equal(rows["decision"], KEPT))
                writers["corpus"].write(kept.select(corpus.names))
                writers["audit"].write(rows.select(AUDIT_SCHEMA.names))
                rejected = rows.filter(pc.equal(rows["decision"], REJECTED))
                writers["rejected"].write(rejected.select(REJECTED_SCHEMA.names))
                _add_counts(decisions, rows["decision"])
                _add_counts(reasons, rows["reason"])
                chars_out += pc.sum(rows["chars_out"]).as_py() or 0
            writers["audit"].keep = True
            writers["corpus"].keep = task.shard.count == 1
        return {
            "shard": task.shard.index,
            "decisions": decisions,
            "reasons": reasons,
            "chars_out": chars_out,
            "rows": {folder: writer.rows for folder, writer in writers.items()},
            "text_bytes": writers["corpus"].text_bytes,
            "files": {folder: name for folder, writer in writers.items() if writer.written},
        }

    def _read(self, task: ShardTask) -> Iterator[pa.Table]:
        for chunk in task.shard.chunks:
            files, has_duplicates = task.splits[chunk.split]
            source_row = read_index(self._state, chunk.split, ["source_row"])["source_row"].to_numpy()
            duplicates = None
            if has_duplicates:
                duplicates = storage.read_parquet(_decisions_path(self._state, chunk.split)).combine_chunks()
            first = 0
            for staged in files:
                start, end = max(chunk.start, first), min(chunk.end, first + staged.rows)
                if start < end:
                    table = read_staged(self._state, [staged]).slice(start - first, end - start)
                    local = source_row[start:end]
                    # Only the first source of a split can have rows before it.
                    base = np.where(np.arange(start, end) == local, task.first_rows[chunk.split], 0)
                    yield decided_rows(table, duplicates, start, pa.array(local + base), self._state, chunk.split)
                first += staged.rows


def decided_rows(  # noqa: PLR0913, PLR0917
    table: pa.Table,
    duplicates: pa.Table | None,
    start: int,
    source_row: pa.Array,
    state: str,
    split: int,
) -> pa.Table:
    """Join staged rows with the decisions on duplicates, and add the columns of the audit.

    Args:
        table: Staged rows `start` .. of the split.
        duplicates: The split's duplicates (`DUPLICATES_SCHEMA`), ascending by row; None if it has none.
        start: Row of the first row of `table`.
        source_row: Record number of each row within its source.
        state: The state folder.
        split: Number of the split.
    """
    n = len(table)
    decision, reason = table["decision"].combine_chunks(), table["reason"].combine_chunks()
    partner = pa.nulls(n, pa.string())
    similarity = pa.nulls(n, pa.float64())
    if duplicates is not None:
        rows = duplicates["row"].to_numpy()
        low, high = np.searchsorted(rows, [start, start + n])
        own = duplicates.slice(low, high - low)
        place = rows[low:high] - start
        at = np.full(n, -1, np.int64)
        at[place] = np.arange(len(own))
        take = pa.array(at, mask=at < 0)
        index = read_index(state, split, ["text_hash_0", "text_hash_1"]).slice(start, n)
        same = np.ones(len(own), bool)
        for mine, theirs in (("text_hash_0", "partner_text_0"), ("text_hash_1", "partner_text_1")):
            same &= index[mine].to_numpy()[place] == own[theirs].to_numpy()
        duplicate = pa.array(at >= 0)
        decision = pc.if_else(duplicate, DUPLICATE, decision)
        reason = pc.if_else(duplicate, pc.if_else(pa.array(same), EXACT, NEAR).take(take), reason)
        partner = own["partner_id"].combine_chunks().take(take)
        similarity = own["similarity"].combine_chunks().take(take)
    kept = pc.equal(decision, KEPT)
    removed = table["removed_lines"].combine_chunks()
    columns = {
        "decision": decision,
        "reason": reason,
        "source_row": source_row,
        "partner_id": partner,
        "similarity": similarity,
        "chars_out": pc.if_else(kept, pc.cast(pc.utf8_length(table["text"].combine_chunks()), pa.int64()), 0),
        "lines_removed": pc.fill_null(pc.cast(pc.list_value_length(removed), pa.int32()), 0),
    }
    for name, values in columns.items():
        place = table.schema.get_field_index(name)
        table = table.append_column(name, values) if place < 0 else table.set_column(place, name, values)
    return table


def _add_counts(counts: dict[str, int], values: pa.ChunkedArray) -> None:
    for item in pc.value_counts(values.drop_null()).to_pylist():
        counts[item["values"]] = counts.get(item["values"], 0) + item["counts"]


def _decisions_path(state: str, split: int) -> str:
    return storage.join(state, DECISIONS, f"{split:05d}.parquet")


def findings_path(state: str) -> str:
    """Path of the totals of all splits and the largest duplicate families."""
    return storage.join(state, "findings.json")


def shard_receipt_path(state: str, index: int, count: int) -> str:
    """Path of the receipt that makes a shard count as done."""
    return storage.join(state, SHARDS, f"{index:05d}-of-{count:05d}.json")
