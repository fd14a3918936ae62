"""Planning the shards: what each split brings to them, and the tasks that write them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import apache_beam as beam
import numpy as np
import pyarrow as pa

from corpusmill.transforms import sealed
from corpusmill.transforms.coders import RecordBatchCoder
from corpusmill.transforms.duplicates.find import DUPLICATES_SCHEMA
from corpusmill.transforms.kernels.duplicates.families import (
    SAMPLES,
    Family,
    choose_families,
    describe_family,
)
from corpusmill.transforms.kernels.duplicates.keep_order import LAST
from corpusmill.transforms.kernels.reading.repeated_ids import count_repeated
from corpusmill.transforms.kernels.writing.shards import CHUNKS_PER_SHARD, Chunk, Shard, cut_chunks, plan_shards
from corpusmill.transforms.keyed import KeyedBatch, row_of, split_of
from corpusmill.transforms.layout import INDEX, State
from corpusmill.transforms.staging.index import IndexedSplit
from corpusmill.transforms.staging.split_files import SplitFiles
from corpusmill.transforms.staging.stage import StagedFile, add_totals
from corpusmill.transforms.writing.families import lines_shared

_SUMMARY_LINES = 100


@dataclass(frozen=True)
class SplitRows:
    """What the shard tasks need to know of a split.

    Attributes:
        indexed: The split.
        duplicates: Rows of the file of decisions beside it; there is none for 0.
        pairs: Rows of the file of its verified pairs; there is none for 0.
        copies: Rows of the file of its counts of copies; there is none for 0.
        capped: Documents of which not all shingles entered the signature.
        unranked: Documents in which the keep policy finds nothing to compare.
        chunks: Its rows, cut into pieces.
    """

    indexed: IndexedSplit
    duplicates: int
    pairs: int
    copies: int
    capped: int
    unranked: int
    chunks: tuple[Chunk, ...]


class SourceFiles(NamedTuple):
    """The files of one split that a shard is made of.

    Attributes:
        staged: Its staged files, in order.
        has_duplicates: Whether there is a file of its duplicates.
        has_pairs: Whether there is a file of its verified pairs.
        has_copies: Whether there is a file of its counts of copies.
        rows_before: Records of its first source that earlier splits hold.
    """

    staged: tuple[StagedFile, ...]
    has_duplicates: bool
    has_pairs: bool
    has_copies: bool
    rows_before: int


@dataclass(frozen=True)
class ShardTask:
    """All that is needed to write one shard.

    Attributes:
        shard: The rows.
        splits: Split -> its files.
    """

    shard: Shard
    splits: dict[int, SourceFiles]


class WriteCorpusInput(NamedTuple):
    """The inputs of `WriteCorpus`: indexed documents and the decisions on them.

    Attributes:
        indexed: (split, `IndexedSplit`).
        duplicates: (split, batch of `DUPLICATES_SCHEMA`).
        families: The largest families.
        pairs: (split, number of its verified pairs).
        copies: One collection of (split, rows of its counts of copies); none where the output has no such columns.
    """

    indexed: beam.PCollection[tuple[int, IndexedSplit]]
    duplicates: beam.PCollection[KeyedBatch]
    families: beam.PCollection[Family]
    pairs: beam.PCollection[tuple[int, int]]
    copies: tuple[beam.PCollection[tuple[int, int]], ...] = ()


class DecideSplitFn(beam.DoFn):
    """Write the duplicates of each split to a file, and cut its rows into chunks.

    Input: (split, {"indexed": `IndexedSplit`, "duplicates": encoded batches, "pairs": numbers, "copies": numbers}), the
        last only where copies are counted.
    Output: (0, `SplitRows`).

    Attributes:
        state: The state folder.
        index_folder: Folder under it of the index files that go with the texts.
        shard_size: Wanted bytes of text of a shard.
        keyed: Whether the index holds band keys.
    """

    def __init__(self, state: str, index_folder: str = INDEX, *, shard_size: int, keyed: bool) -> None:
        self._state = state
        self._files = SplitFiles(state, index_folder)
        self._chunk_bytes = max(shard_size // CHUNKS_PER_SHARD, 1)
        self._keyed = keyed
        self._coder = RecordBatchCoder()

    def process(self, element: tuple[int, dict[str, Iterable[Any]]]) -> Iterator[tuple[int, SplitRows]]:
        """Yield what the shard tasks need to know of the split."""
        split, groups = element
        (indexed,) = groups["indexed"]
        duplicates = [self._coder.decode(encoded) for encoded in groups["duplicates"]]
        if indexed.rows == 0:
            yield 0, SplitRows(indexed, 0, 0, 0, 0, 0, ())
            return
        index = self._files.index(split, ["bytes", "active", *(["capped", "priority"] if self._keyed else [])])
        kept = index["active"].to_numpy().copy()
        unranked = int((kept & (index["priority"].to_numpy() == LAST)).sum()) if self._keyed else 0
        if duplicates:
            table = pa.Table.from_batches(duplicates, DUPLICATES_SCHEMA).sort_by("row")
            kept[table["row"].to_numpy()] = False
            sealed.write_table(table, State(self._state).duplicates(split), self._state, dictionary=True)
        chunks = cut_chunks(split, kept, index["bytes"].to_numpy(), self._chunk_bytes)
        capped = int(index["capped"].to_numpy().sum()) if self._keyed else 0
        decided = sum(map(len, duplicates))
        pairs, copies = sum(groups["pairs"]), sum(groups.get("copies", ()))
        yield 0, SplitRows(indexed, decided, pairs, copies, capped, unranked, tuple(chunks))


class PlanShardsFn(beam.DoFn):
    """Write the findings of the run and the number of each split's first document, and plan the shards.

    Input: (0, {"rows": `SplitRows` of all splits, "families": `Family`}).
    Output: (shard, `ShardTask`).
    """

    def __init__(self, state: str, shard_size: int) -> None:
        self._state = state
        self._shard_size = shard_size

    def process(self, element: tuple[int, dict[str, Iterable[Any]]]) -> Iterator[tuple[int, ShardTask]]:
        """Yield a task for each shard."""
        splits: dict[int, SplitRows] = {rows.indexed.split: rows for rows in element[1]["rows"]}
        sealed.write_json(State(self._state).findings, self._findings(splits, element[1]["families"]), self._state)
        first = pa.table({"first": _first_documents(splits)})
        sealed.write_table(first, State(self._state).first_documents, self._state)
        rows_before = _rows_before([splits[split].indexed for split in sorted(splits)])
        chunks = (chunk for rows in splits.values() for chunk in rows.chunks)
        for shard in plan_shards(chunks, self._shard_size):
            own = {split: splits[split] for split in sorted({chunk.split for chunk in shard.chunks})}
            files = {
                split: SourceFiles(
                    rows.indexed.files, rows.duplicates > 0, rows.pairs > 0, rows.copies > 0, rows_before[split]
                )
                for split, rows in own.items()
            }
            yield shard.index, ShardTask(shard, files)

    def _findings(self, splits: dict[int, SplitRows], families: Iterable[Family]) -> dict[str, object]:
        totals = add_totals((rows.indexed.totals for rows in splits.values()), _SUMMARY_LINES)
        chosen = choose_families(families, totals.rows)
        shared = lines_shared(chosen, SplitFiles(self._state))
        return {
            "totals": asdict(totals),
            "splits": len(splits),
            "duplicates": sum(rows.duplicates for rows in splits.values()),
            "pairs": sum(rows.pairs for rows in splits.values()),
            "families": [
                describe_family(family, self._ids_of(family.samples[:SAMPLES]), totals.rows, lines)
                for family, lines in zip(chosen, shared, strict=True)
            ],
            "capped": sum(rows.capped for rows in splits.values()),
            "unranked": sum(rows.unranked for rows in splits.values()),
            "repeated_ids": self._repeated_ids(splits, totals.rows),
        }

    def _repeated_ids(self, splits: dict[int, SplitRows], documents: int) -> dict[str, object]:
        files = SplitFiles(self._state)
        own = [split for split in sorted(splits) if splits[split].indexed.rows]
        found = count_repeated(
            ((split, files.index(split, ["id_hash"])["id_hash"].to_numpy()) for split in own), documents
        )
        example = files.index(found.split, ["id"])["id"][found.row].as_py() if found.documents else None
        return {"documents": found.documents, "example": example, "exact": found.exact}

    def _ids_of(self, documents: tuple[int, ...]) -> list[str]:
        files, keys = SplitFiles(self._state), np.array(documents, np.uint64)
        places = zip(split_of(keys).tolist(), row_of(keys).tolist(), strict=True)
        return [files.index(split, ["id"])["id"][row].as_py() for split, row in places]


def _first_documents(splits: dict[int, SplitRows]) -> np.ndarray:
    """The number of the first document of each split, in input order."""
    sizes = np.zeros(max(splits) + 1, np.int64)
    for split, rows in splits.items():
        sizes[split] = rows.indexed.rows
    return np.cumsum(sizes) - sizes


def _rows_before(splits: Iterable[IndexedSplit]) -> dict[int, int]:
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
