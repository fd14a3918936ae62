"""Writing the corpus, the audit and what was rejected: one task writes one shard of each, in input order."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import corpusmill.transforms.coders  # noqa: F401  (registers the coder of record batches)
from corpusmill.transforms import sealed, storage
from corpusmill.transforms.duplicates.find import DUPLICATES_SCHEMA, Family, is_giant
from corpusmill.transforms.duplicates.pair_files import pairs_path
from corpusmill.transforms.kernels.duplicates.keep import LAST
from corpusmill.transforms.kernels.reading.repeated_ids import count_repeated
from corpusmill.transforms.kernels.schema import DUPLICATE, KEPT, REJECTED
from corpusmill.transforms.kernels.writing.settings import OutputSettings
from corpusmill.transforms.kernels.writing.shards import CHUNKS_PER_SHARD, Chunk, Shard, cut_chunks, plan_shards
from corpusmill.transforms.keyed import Index, Keys, row_of, split_of
from corpusmill.transforms.scoring.score import scores_path
from corpusmill.transforms.scoring.scorer import DECISION_FIELDS, Scoring
from corpusmill.transforms.staging.index import PUBLISHED_COLUMNS, IndexedSplit
from corpusmill.transforms.staging.split_files import INDEX, SplitFiles
from corpusmill.transforms.staging.stage import StagedFile, add_totals, read_staged
from corpusmill.transforms.writing.audit_rows import decided_rows
from corpusmill.transforms.writing.receipts import shard_receipt_path, standing_receipt
from corpusmill.transforms.writing.shard_writer import (
    AUDIT_SCHEMA,
    PAIRS_SCHEMA,
    REJECTED_SCHEMA,
    ShardWriter,
    corpus_schema,
    index_schema,
    scored_audit_schema,
    scores_schema,
)

DECISIONS = "decisions"
"""Folder of the duplicates of each split under the state folder."""

_MINIMUM_CHUNK_BYTES = 1
_SUMMARY_LINES = 100
FAMILIES = 10
"""Largest families that the manifest names; giant ones are named whatever their number."""


@dataclass(frozen=True)
class SplitRows:
    """What the shard tasks need to know of a split.

    Attributes:
        indexed: The split.
        duplicates: Rows of the file of decisions that stands beside it; there is none for 0.
        pairs: Rows of the file of its verified pairs; there is none for 0.
        capped: Documents of which not all shingles entered the signature.
        unranked: Documents in which the keep policy finds nothing to compare.
        chunks: Its rows, cut into pieces.
    """

    indexed: IndexedSplit
    duplicates: int
    pairs: int
    capped: int
    unranked: int
    chunks: tuple[Chunk, ...]


@dataclass(frozen=True)
class ShardTask:
    """All that is needed to write one shard.

    Attributes:
        shard: The rows.
        splits: Split -> its staged files, whether it has duplicates, and whether it has verified pairs.
        first_rows: Split -> records of its first source that earlier splits hold.
    """

    shard: Shard
    splits: dict[int, tuple[tuple[StagedFile, ...], bool, bool]]
    first_rows: dict[int, int]


@dataclass
class WriteCorpus(beam.PTransform):
    """Write `corpus/`, `index/`, `audit/`, `rejected/`, `pairs/` and `removed/` under `output`.

    Input: {"indexed": (split, `IndexedSplit`), "duplicates": (split, batch of `DUPLICATES_SCHEMA`), "families":
        `Family`, "pairs": (split, number of its verified pairs)}.
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
    bands: int = 0
    """Band keys of a document in the index; 0 if there are none."""
    index_folder: str = INDEX
    """Folder under the state folder of the index files that go with the texts."""
    scoring: Scoring = field(default_factory=Scoring)
    """What was asked of each document; with anything asked there are scores to write."""

    @property
    def folders(self) -> dict[str, pa.Schema]:
        """Folder -> schema of what is written."""
        corpus = corpus_schema(self.kept_columns, self.scoring.language_fields)
        folders = {"audit": AUDIT_SCHEMA, "rejected": REJECTED_SCHEMA}
        if self.scoring.active:
            folders |= {"audit": scored_audit_schema(), "scores": scores_schema(self.scoring.fields)}
        if self.settings.corpus:
            folders["corpus"] = corpus
            if self.bands and self.settings.index:
                folders["index"] = index_schema(self.bands)
            if self.bands and self.settings.pairs:
                folders |= {"pairs": PAIRS_SCHEMA, "removed": corpus}
        return folders

    def expand(self, inputs: dict[str, beam.PCollection[object]]) -> beam.PCollection[int]:
        """Wire the transform."""
        chunk_bytes = max(self.settings.shard_size // CHUNKS_PER_SHARD, _MINIMUM_CHUNK_BYTES)
        rows = (
            {name: inputs[name] for name in ("duplicates", "indexed", "pairs")}
            | "JoinDuplicates" >> beam.CoGroupByKey()
            | "Decide" >> beam.ParDo(_DecideFn(self, chunk_bytes))
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

    def __init__(self, transform: WriteCorpus, chunk_bytes: int) -> None:
        self._state = transform.state
        self._files = SplitFiles(transform.state, transform.index_folder)
        self._chunk_bytes = chunk_bytes
        self._keyed = transform.bands > 0

    def process(self, element: tuple[int, dict[str, Iterable[Any]]]) -> Iterator[tuple[int, SplitRows]]:
        split, groups = element
        (indexed,) = groups["indexed"]
        duplicates = list(groups["duplicates"])
        if indexed.rows == 0:
            yield 0, SplitRows(indexed, 0, 0, 0, 0, ())
            return
        index = self._files.index(split, ["bytes", "active", *(["capped", "priority"] if self._keyed else [])])
        kept = index["active"].to_numpy().copy()
        unranked = int((kept & (index["priority"].to_numpy() == LAST)).sum()) if self._keyed else 0
        if duplicates:
            table = pa.Table.from_batches(duplicates, DUPLICATES_SCHEMA).sort_by("row")
            kept[table["row"].to_numpy()] = False
            sealed.write_table(table, _decisions_path(self._state, split), self._state, dictionary=True)
        chunks = cut_chunks(split, kept, index["bytes"].to_numpy(), self._chunk_bytes)
        capped = int(index["capped"].to_numpy().sum()) if self._keyed else 0
        decided = sum(map(len, duplicates))
        yield 0, SplitRows(indexed, decided, sum(groups["pairs"]), capped, unranked, tuple(chunks))


class _PlanFn(beam.DoFn):
    def __init__(self, state: str, shard_size: int) -> None:
        self._state = state
        self._shard_size = shard_size

    def process(self, element: tuple[int, dict[str, Iterable[Any]]]) -> Iterator[tuple[int, ShardTask]]:
        splits: dict[int, SplitRows] = {rows.indexed.split: rows for rows in element[1]["rows"]}
        totals = add_totals((rows.indexed.totals for rows in splits.values()), _SUMMARY_LINES)
        sealed.write_json(
            findings_path(self._state),
            {
                "totals": asdict(totals),
                "splits": len(splits),
                "duplicates": sum(rows.duplicates for rows in splits.values()),
                "pairs": sum(rows.pairs for rows in splits.values()),
                "families": list(self._families(element[1]["families"], totals.rows)),
                "capped": sum(rows.capped for rows in splits.values()),
                "unranked": sum(rows.unranked for rows in splits.values()),
                "repeated_ids": self._repeated_ids(splits, totals.rows),
            },
            self._state,
        )
        sizes = np.zeros(max(splits) + 1, np.int64)
        for split, rows in splits.items():
            sizes[split] = rows.indexed.rows
        numbers = np.cumsum(sizes) - sizes
        sealed.write_table(pa.table({"first": numbers}), _numbers_path(self._state), self._state)
        first_rows = _first_rows([splits[split].indexed for split in sorted(splits)])
        for shard in plan_shards((chunk for rows in splits.values() for chunk in rows.chunks), self._shard_size):
            own = sorted({chunk.split for chunk in shard.chunks})
            yield (
                shard.index,
                ShardTask(
                    shard,
                    {
                        split: (rows.indexed.files, rows.duplicates > 0, rows.pairs > 0)
                        for split, rows in ((split, splits[split]) for split in own)
                    },
                    {split: first_rows[split] for split in own},
                ),
            )

    def _repeated_ids(self, splits: dict[int, SplitRows], documents: int) -> dict[str, object]:
        files = SplitFiles(self._state)
        own = [split for split in sorted(splits) if splits[split].indexed.rows]
        found = count_repeated(
            ((split, files.index(split, ["id_hash"])["id_hash"].to_numpy()) for split in own), documents
        )
        example = files.index(found.split, ["id"])["id"][found.row].as_py() if found.documents else None
        return {"documents": found.documents, "example": example, "exact": found.exact}

    def _families(self, families: Iterable[Family], documents: int) -> Iterator[dict[str, object]]:
        """The largest families, and all giant ones, with the ids of some of their documents."""
        ordered = sorted(families, key=lambda family: (-family.removed, family.id, family.samples))
        files = SplitFiles(self._state)
        for place, family in enumerate(ordered):
            giant = is_giant(family.removed, documents)
            if place >= FAMILIES and not giant:
                return
            keys = np.array(family.samples, np.uint64)
            ids = [
                files.index(split, ["id"])["id"][row].as_py()
                for split, row in zip(split_of(keys).tolist(), row_of(keys).tolist(), strict=True)
            ]
            yield {**family._asdict(), "samples": ids, "giant": giant}


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
        self._files = SplitFiles(transform.state, transform.index_folder)
        self._settings = transform.settings
        self._folders = transform.folders
        self._metadata = transform.metadata
        self._keyed = transform.bands > 0
        self._scored = transform.scoring.active

    def process(self, element: tuple[int, Iterable[ShardTask]]) -> Iterator[int]:
        index, tasks = element
        task = next(iter(tasks))
        receipt = shard_receipt_path(self._state, index, task.shard.count)
        if standing_receipt(receipt, self._output) is None:
            sealed.write_json(receipt, self._write(task), self._state)
        yield index

    def _write(self, task: ShardTask) -> dict[str, object]:
        name = f"part-{task.shard.index:05d}-of-{task.shard.count:05d}.parquet"
        decisions: dict[str, int] = {}
        reasons: dict[str, int] = {}
        chars_out = 0
        with contextlib.ExitStack() as stack:
            writers = {
                folder: stack.enter_context(self._open(folder, name, schema))
                for folder, schema in self._folders.items()
            }
            for rows, index in self._read(task):
                kept = pc.equal(rows["decision"], KEPT)
                _write_rows(writers, "corpus", rows, kept)
                _write_rows(writers, "index", index, kept)
                _write_rows(writers, "audit", rows, None)
                _write_rows(writers, "scores", rows, pc.not_equal(rows["decision"], REJECTED))
                _write_rows(writers, "rejected", rows, pc.equal(rows["decision"], REJECTED))
                _write_rows(writers, "removed", rows, pc.equal(rows["decision"], DUPLICATE))
                _add_counts(decisions, rows["decision"])
                _add_counts(reasons, rows["reason"])
                chars_out += pc.sum(rows["chars_out"]).as_py() or 0
            if "pairs" in writers:
                for pairs in self._read_pairs(task):
                    writers["pairs"].write(pairs)
            writers["audit"].keep = True
            for folder in ("corpus", "index"):
                if folder in writers:
                    writers[folder].keep = task.shard.count == 1
        return {
            "shard": task.shard.index,
            "decisions": decisions,
            "reasons": reasons,
            "chars_out": chars_out,
            "rows": {folder: writer.rows for folder, writer in writers.items()},
            "text_bytes": writers["corpus"].text_bytes if "corpus" in writers else 0,
            "files": {folder: name for folder, writer in writers.items() if writer.written},
            "checksums": {folder: writer.checksum for folder, writer in writers.items() if writer.written},
        }

    def _open(self, folder: str, name: str, schema: pa.Schema) -> ShardWriter:
        path = storage.join(self._output, folder, name)
        return ShardWriter(path, self._state, schema, self._settings, self._metadata)

    def _read(self, task: ShardTask) -> Iterator[tuple[pa.Table, pa.Table]]:
        """Yield the decided rows of the shard, batch by batch, and their index."""
        wanted = ["source_row", *(["capped", *PUBLISHED_COLUMNS] if self._keyed else [])]
        for chunk in task.shard.chunks:
            files, has_duplicates, _ = task.splits[chunk.split]
            index = self._files.index(chunk.split, wanted)
            source_row = index["source_row"].to_numpy()
            duplicates = None
            if has_duplicates:
                duplicates = sealed.read_parquet(_decisions_path(self._state, chunk.split)).combine_chunks()
            first = 0
            for staged in files:
                start, end = max(chunk.start, first), min(chunk.end, first + staged.rows)
                if start < end:
                    table = read_staged(self._state, [staged]).slice(start - first, end - start)
                    local = source_row[start:end]
                    # Only the first source of a split can have rows before it.
                    base = np.where(np.arange(start, end) == local, task.first_rows[chunk.split], 0)
                    own = index.slice(start, end - start)
                    decided = decided_rows(table, own, duplicates, start, pa.array(local + base))
                    yield self._with_scores(decided, staged, start - first), own
                first += staged.rows

    def _with_scores(self, rows: pa.Table, staged: StagedFile, start: int) -> pa.Table:
        """Add the columns of the scores, and the detail of what they decided, to rows of a staged file from `start`."""
        if not self._scored:
            return rows
        scores = sealed.read_parquet(scores_path(self._state, staged)).slice(start, len(rows))
        for name in scores.column_names[len(DECISION_FIELDS) - 1 :]:
            rows = rows.append_column(name, scores[name])
        return rows

    def _read_pairs(self, task: ShardTask) -> Iterator[pa.Table]:
        """Yield the verified pairs whose right document is in the shard."""
        first = sealed.read_parquet(_numbers_path(self._state))["first"].to_numpy()
        for chunk in task.shard.chunks:
            if not task.splits[chunk.split][2]:
                continue
            table = sealed.read_parquet(pairs_path(self._state, chunk.split)).combine_chunks()
            rows = table["right_row"].to_numpy()
            low, high = np.searchsorted(rows, [chunk.start, chunk.end])
            table, rows = table.slice(low, high - low), rows[low:high]
            right_id = self._files.index(chunk.split, ["id"])["id"].take(pa.array(rows))
            yield pa.table(
                {
                    "left": self._numbers(table["left"].to_numpy(), first),
                    "right": rows + first[chunk.split],
                    "right_id": right_id,
                    **{name: table[name] for name in PAIRS_SCHEMA.names if name in table.column_names[2:]},
                }
            )

    def _numbers(self, keys: Keys, first: Index) -> Index:
        """The number of each document in the order of its run: of the audit, or of an earlier corpus."""
        splits = split_of(keys)
        start = first[np.maximum(splits, 0)]
        for split in np.unique(splits[splits < 0]).tolist():
            shard = self._files.earlier(split)
            if shard is not None:
                start[splits == split] = shard.first_row
        return start + row_of(keys)


def _write_rows(writers: dict[str, ShardWriter], folder: str, rows: pa.Table, mask: pa.Array | None) -> None:
    if folder in writers:
        writers[folder].write(rows if mask is None else rows.filter(mask))


def _add_counts(counts: dict[str, int], values: pa.ChunkedArray) -> None:
    for item in pc.value_counts(values.drop_null()).to_pylist():
        counts[item["values"]] = counts.get(item["values"], 0) + item["counts"]


def _decisions_path(state: str, split: int) -> str:
    return storage.join(state, DECISIONS, f"{split:05d}.parquet")


def _numbers_path(state: str) -> str:
    """Path of the number of the first document of each split, in input order."""
    return storage.join(state, "numbers.parquet")


def findings_path(state: str) -> str:
    """Path of the totals of all splits and the largest duplicate families."""
    return storage.join(state, "findings.json")
