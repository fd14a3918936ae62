"""Where the index and the texts of a split are: in the state folder, or in the output of an earlier run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms import sealed, storage
from corpusmill.transforms.kernels.arrays import Int64s
from corpusmill.transforms.kernels.duplicates.keep_order import STAYS
from corpusmill.transforms.kernels.duplicates.within import value_keys
from corpusmill.transforms.kernels.schema import KEPT
from corpusmill.transforms.kernels.writing.partitions import PARTITION, column_of, value_of
from corpusmill.transforms.keyed import to_binary
from corpusmill.transforms.layout import AUDIT, CORPUS, INDEX, Output, State
from corpusmill.transforms.staging.stage import StagedFile, read_staged, take_rows

_FILES_KEY = b"corpusmill.staged"
_JOINED_BYTES = 64 << 20


@dataclass(frozen=True)
class EarlierShard:
    """One shard of the corpus of an earlier run, which new documents are compared with.

    Attributes:
        split: Its number, negative.
        rows: Documents in it.
        first_row: Documents in the shards of the same corpus before it.
        origin: The earlier run's output folder, as it was given.
        corpus: Path of the Parquet file with the texts.
        index: Path of its index.
        computed: Whether the index does not exist yet and has to be computed from the texts.
        within: Column of the corpus within whose equal values duplicates are looked for; None for none.
    """

    split: int
    rows: int
    first_row: int
    origin: str
    corpus: str
    index: str
    computed: bool
    within: str | None = None


def write_earlier_shards(state: str, shards: tuple[EarlierShard, ...]) -> None:
    """Write down which shards of earlier corpora take part."""
    sealed.write_json(State(state).earlier_shards, [asdict(shard) for shard in shards], state)


def read_earlier_shards(state: str) -> list[EarlierShard]:
    """Read what `write_earlier_shards` wrote; empty if it did not."""
    path = State(state).earlier_shards
    return [EarlierShard(**fields) for fields in sealed.read_json(path)] if storage.exists(path) else []


def files_metadata(files: tuple[StagedFile, ...]) -> dict[bytes, bytes]:
    """Metadata of an index file that tell of which staged files it speaks."""
    return {_FILES_KEY: json.dumps([asdict(file) for file in files]).encode()}


class SplitFiles:
    """Reads the index and the texts of any split by its number.

    Attributes:
        folder: Folder under the state folder of the index files of the run's own splits.
    """

    def __init__(self, state: str, folder: str = INDEX) -> None:
        self._state = state
        self.folder = folder

    def __reduce__(self) -> tuple[type[SplitFiles], tuple[str, str]]:
        return SplitFiles, (self._state, self.folder)

    @cached_property
    def _earlier(self) -> dict[int, EarlierShard]:
        return {shard.split: shard for shard in read_earlier_shards(self._state)}

    def earlier(self, split: int) -> EarlierShard | None:
        """Return the shard of an earlier corpus that has this number, None for the run's own splits."""
        return self._earlier[split] if split < 0 else None

    def index(self, split: int, columns: list[str]) -> pa.Table:
        """Read columns of the index of a split, rows in order.

        Args:
            split: Number of the split.
            columns: Of `id`, `active`, `text_hash`, `group_key`, `near`, `priority`, `band_keys`, and with
                `dedup.within` of `within`; for the run's own splits also the others that `IndexDocuments` writes.
        """
        shard = self.earlier(split)
        if shard is None:
            return sealed.read_parquet(State(self._state).index(split, self.folder), columns).combine_chunks()
        stored = [name for name in columns if name not in {"active", "priority", "within"}]
        # A column at least: the number of rows is asked for.
        read = sealed.read_parquet if shard.computed else storage.read_parquet
        table = read(shard.index, stored or ["near"]).combine_chunks()
        rows, within = len(table), shard.within or "source"
        given = {
            "active": lambda: pa.array(np.ones(rows, dtype=bool)),
            "priority": lambda: pa.array(np.full(rows, STAYS, dtype=np.int64)),
            "within": lambda: to_binary(value_keys(_column_of(shard.corpus, within, rows))),
        }
        return pa.table({name: table[name] if name in stored else given[name]() for name in columns})

    def index_of(self, split: int) -> pa.Table:
        """Read the whole index of one of the run's own splits."""
        return sealed.read_parquet(State(self._state).index(split, self.folder)).combine_chunks()

    def places(self, split: int) -> pa.Table:
        """Read where the documents of a split were read: `source` and `offset`, rows in order.

        Of an earlier corpus its audit tells the offsets; they are null if that is not there any more.
        """
        shard = self.earlier(split)
        if shard is None:
            files = self._staged_files(split)
            return pa.concat_tables(read_staged(self._state, [file], ["source", "offset"]) for file in files)
        folder, name = _folder_and_name(shard.corpus)
        audit = Output(shard.origin).file(AUDIT, name)
        if storage.exists(audit):
            table = storage.read_parquet(audit, ["source", "offset", "decision", *([PARTITION] if folder else [])])
            chosen = pc.equal(table[PARTITION], folder) if folder else pc.equal(table["decision"], KEPT)
            kept = table.filter(chosen).select(["source", "offset"])
            if len(kept) == shard.rows:
                return kept
        source = pa.table({"source": _column_of(shard.corpus, "source", shard.rows)})
        return source.append_column("offset", pa.nulls(len(source), pa.int64()))

    def texts(self, split: int, rows: Int64s) -> Iterator[tuple[Int64s, pa.Array]]:
        """Read the texts of some rows, a bounded part of the split at a time.

        Args:
            split: Number of the split.
            rows: int64[n], ascending, distinct.

        Yields:
            Positions in `rows`, and the texts of these rows.
        """
        parts = self._earlier_texts(split, rows) if split < 0 else self._staged_texts(split, rows)
        for start, column in parts:
            low, high = np.searchsorted(rows, [start, start + len(column)])
            yield np.arange(low, high), take_rows(column, rows[low:high] - start)

    def joined_texts(self, split: int, rows: Int64s) -> Iterator[tuple[Int64s, pa.Array]]:
        """Like `texts`, in parts of up to 64 MB; usually one."""
        pending: list[tuple[Int64s, pa.Array]] = []
        for part in self.texts(split, rows):
            pending.append(part)
            if sum(text.nbytes for _, text in pending) >= _JOINED_BYTES:
                yield _joined(pending)
                pending = []
        if pending:
            yield _joined(pending)

    def _staged_texts(self, split: int, rows: Int64s) -> Iterator[tuple[int, pa.ChunkedArray]]:
        start = 0
        for staged in self._staged_files(split):
            if _any_within(rows, start, staged.rows):
                yield start, read_staged(self._state, [staged], ["text"])["text"]
            start += staged.rows

    def _staged_files(self, split: int) -> list[StagedFile]:
        with sealed.open_parquet(State(self._state).index(split, self.folder)) as parquet:
            return [StagedFile(**fields) for fields in json.loads(parquet.schema_arrow.metadata[_FILES_KEY])]

    def _earlier_texts(self, split: int, rows: Int64s) -> Iterator[tuple[int, pa.ChunkedArray]]:
        with storage.open_parquet(self._earlier[split].corpus) as parquet:
            start = 0
            for group in range(parquet.num_row_groups):
                n = parquet.metadata.row_group(group).num_rows
                if _any_within(rows, start, n):
                    yield start, parquet.read_row_group(group, columns=["text"], use_threads=False)["text"]
                start += n


def _folder_and_name(corpus: str) -> tuple[str, str]:
    """The folder of a value that a file of a corpus is in, "" for none, and the name of the file."""
    above, name = corpus.replace("\\", "/").split("/")[-2:]
    return (above if above != CORPUS else ""), name


def _column_of(corpus: str, column: str, rows: int) -> pa.ChunkedArray | pa.Array:
    """A column of a file of a corpus, or of the folder that it is in."""
    folder, _ = _folder_and_name(corpus)
    if folder and column_of(folder) == column:
        return pa.repeat(value_of(folder, pa.string()), rows)
    return storage.read_parquet(corpus, [column])[column]


def _joined(parts: list[tuple[Int64s, pa.Array]]) -> tuple[Int64s, pa.Array]:
    return np.concatenate([rows for rows, _ in parts]), pa.concat_arrays([text for _, text in parts])


def _any_within(rows: Int64s, start: int, n: int) -> bool:
    low, high = np.searchsorted(rows, [start, start + n])
    return bool(low < high)
