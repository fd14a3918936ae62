"""Reading the shards of a finished run as rows on which nothing is decided about duplicates."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from corpusmill.runs.accounts import AccountingError
from corpusmill.transforms import layout, storage
from corpusmill.transforms.kernels.arrays import Bools
from corpusmill.transforms.kernels.columns import one_array, with_columns
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.schema import DUPLICATE, KEPT
from corpusmill.transforms.kernels.writing.partitions import PARTITION, with_value
from corpusmill.transforms.staging.index import PUBLISHED_COLUMNS, key_columns
from corpusmill.transforms.writing.shard_files import OutputFiles, belongs
from corpusmill.transforms.writing.shard_writer import KEYS
from corpusmill.transforms.writing.spool import Spool

Wanted = Mapping[str, Collection[str]] | None
"""Folder -> the columns to read of it; None for everything."""

_ROWS_AT_ONCE = 4096


class FinishedShard:
    """One shard of a finished run that kept its pairs.

    Attributes:
        files: How the files of the run were written.
        names: Folder -> names of its files, as in the manifest.
        name: Name of the shard's files.
        scratch: State folder of the new output, for working files; None for the temporary folder of the system.
    """

    def __init__(self, files: OutputFiles, names: dict[str, list[str]], name: str, scratch: str | None) -> None:
        self._scratch = scratch
        self._files = files
        self._names = names
        self._name = name

    def rows(self, wanted: Wanted = None) -> Iterator[tuple[pa.Table, pa.Table | None]]:
        """Yield the documents of the shard, some at a time, and their index.

        Args:
            wanted: Folder -> the columns to read; `decision` and `reason` of the audit among them. What is not named
                is not read. None reads everything.

        Yields:
            Rows with the columns of the audit, the corpus, what is rejected and the scores. Those that the run removed
            as duplicates are kept ones again. The text is null where the run kept none, the index where the run has
            written no keys; None if there is none or it is not wanted.
        """
        with contextlib.ExitStack() as stack:
            folders = [folder for folder in self._files.folders if folder not in _APART]
            audits = self._open(stack, layout.AUDIT, wanted)
            opened = {
                folder: self._open_folders(stack, folder, wanted)
                for folder in folders
                if wanted is None or folder in wanted
            }
            for audit in audits.parts():
                yield self._joined(audit, opened)
            for rows in (audits, *(rows for found in opened.values() for rows in found.values())):
                rows.require_end()

    @staticmethod
    def _joined(audit: pa.Table, opened: Mapping[str, Mapping[str, _Rows]]) -> tuple[pa.Table, pa.Table | None]:
        """Put beside some rows of the audit what the other folders hold of these documents."""
        sources = {folder: _sources(folder, rows, audit) for folder, rows in opened.items()}

        def aligned(*folders: str) -> pa.Table | None:
            chosen = {rows: mask for folder in folders for rows, mask in sources.get(folder, {}).items()}
            return _align(chosen) if chosen else None

        removed = pc.equal(audit["decision"], DUPLICATE)
        columns = {
            "decision": pc.if_else(removed, KEPT, audit["decision"]),
            "reason": pc.if_else(removed, None, audit["reason"]),
        }
        texts = aligned(layout.CORPUS, layout.REMOVED, layout.FILTERED)
        if texts is not None:
            own = [name for name in texts.column_names if name not in audit.column_names and name != KEYS]
            columns |= {name: texts[name] for name in own}
        errors = aligned(layout.REJECTED)
        if errors is not None:
            columns |= {name: errors[name] for name in ("error", "excerpt")}
        scores = aligned(layout.SCORES)
        if scores is not None:  # languages are among them, which the texts of filtered documents may lack
            columns |= {name: scores[name] for name in scores.column_names if name != "id"}
        index = aligned(layout.INDEX)
        if index is not None and texts is not None and KEYS in texts.column_names:
            index = _with_keys(index, texts)
        return with_columns(audit, columns), index

    def pairs(self) -> Iterator[pa.Table]:
        """Yield the verified pairs of the shard, some at a time."""
        with contextlib.ExitStack() as stack:
            yield from self._open(stack, layout.PAIRS, None).parts()

    def _schema(self, folder: str, wanted: Wanted) -> pa.Schema:
        """The columns of a folder that are read: of the audit also the one that says where kept documents are."""
        schema = self._files.folders[folder]
        if wanted is None:
            return schema
        also = (PARTITION,) if folder == layout.AUDIT else ()
        return pa.schema([own for own in schema if own.name in (*wanted[folder], *also)])

    def _open(self, stack: contextlib.ExitStack, folder: str, wanted: Wanted) -> _Rows:
        path = layout.Output(self._files.output).file(folder, self._name)
        schema = self._schema(folder, wanted)
        there = self._name in self._names.get(folder, ())
        parquet = stack.enter_context(storage.open_parquet(path)) if there else None
        return _Rows(path, schema, iter(()) if parquet is None else _batches(parquet, schema.names))

    def _open_folders(self, stack: contextlib.ExitStack, folder: str, wanted: Wanted) -> dict[str, _Rows]:
        """Return folder of a value -> its rows, "" without such folders.

        With them the rows come out of one working file, so that few files are open at once.
        """
        if not (self._files.partitioned and folder in _OF_KEPT):
            return {"": self._open(stack, folder, wanted)}
        found = layout.by_shard(self._names.get(folder, ())).get(self._name, {})
        if not found:
            return {"": self._open(stack, folder, wanted)}
        schema = self._schema(folder, wanted)
        stored = {*self._files.stored(folder).names}
        names = [name for name in schema.names if name in stored] or ["id"]
        output = layout.Output(self._files.output)
        spool = stack.enter_context(Spool(schema, self._scratch))
        for value, name in found.items():
            with storage.open_parquet(output.file(folder, name)) as parquet:
                for batch in _batches(parquet, names):
                    rows = pa.Table.from_batches([batch])
                    for column in schema.names:
                        rows = rows if column in stored else with_value(rows, schema.field(column), value)
                    spool.add(value, rows.select(schema.names).cast(schema))
        return {value: _Rows(output.file(folder, name), schema, spool.read(value)) for value, name in found.items()}


_APART = (layout.AUDIT, layout.PAIRS, layout.STATISTICS)
"""Folders whose rows do not belong to documents one by one, and the audit, which all others follow."""

_OF_KEPT = (layout.CORPUS, layout.INDEX)
"""Folders that may have folders of values."""


def _batches(parquet: pq.ParquetFile, columns: list[str]) -> Iterator[pa.RecordBatch]:
    yield from parquet.iter_batches(_ROWS_AT_ONCE, columns=columns, use_threads=False)


def _sources(folder: str, opened: Mapping[str, _Rows], audit: pa.Table) -> dict[_Rows, Bools]:
    """Which rows of the audit are in a folder: with folders of values, the audit says in which.

    Raises:
        AccountingError: It names one that is not there.
    """
    belonging = belongs(folder, audit["decision"], audit["reason"]).to_numpy()
    if opened.keys() == {""}:
        return {opened[""]: belonging}
    own = pc.fill_null(audit[PARTITION], "")
    masks = {rows: pc.equal(own, value).to_numpy() & belonging for value, rows in opened.items()}
    if sum(int(mask.sum()) for mask in masks.values()) != int(belonging.sum()):
        raise AccountingError(f"the audit lists folders that {folder}/ does not have; run it again")
    return masks


class _Rows:
    """The rows of a Parquet file, which may be missing, one after the other.

    Attributes:
        schema: Schema of the file.
    """

    def __init__(self, path: str, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> None:
        self.schema = schema
        self._path = path
        self._batches = batches
        self._rest = schema.empty_table()

    def parts(self) -> Iterator[pa.Table]:
        """Yield the rows, some at a time."""
        while self._fill():
            part, self._rest = self._rest, self.schema.empty_table()
            yield part

    def take(self, count: int) -> list[pa.Table]:
        """Return the next rows, in parts.

        Raises:
            AccountingError: There are fewer.
        """
        parts = []
        while count > 0:
            if not self._fill():
                raise AccountingError(f"{self._path!r} holds fewer rows than the audit lists; run it again")
            parts.append(self._rest.slice(0, count))
            self._rest = self._rest.slice(len(parts[-1]))
            count -= len(parts[-1])
        return parts

    def require_end(self) -> None:
        """Make sure that no row is left.

        Raises:
            AccountingError: One is.
        """
        if self._fill():
            raise AccountingError(f"{self._path!r} holds more rows than the audit lists; run it again")

    def _fill(self) -> bool:
        """Read on if nothing is left of what was read, and return whether there is a row."""
        while not len(self._rest):
            batch = next(self._batches, None)
            if batch is None:
                return False
            rows = pa.Table.from_batches([batch]).replace_schema_metadata(None)
            for own in self.schema:
                if own.name not in rows.column_names:  # the run is of a version without this column
                    rows = rows.append_column(own, pa.nulls(len(rows), own.type))
            self._rest = rows.select(self.schema.names)
        return True


def _align(sources: dict[_Rows, Bools]) -> pa.Table:
    """Take the next rows of each source and put them where its mask, of all n rows, is true; null elsewhere."""
    masks = list(sources.values())
    parts = [part for source, mask in sources.items() for part in source.take(int(mask.sum()))]
    place = np.concatenate([np.flatnonzero(mask) for mask in masks])
    at = np.full(len(masks[0]), -1, np.int64)
    at[place] = np.arange(len(place))
    schema = pa.unify_schemas([source.schema for source in sources])  # texts may be wanted from some folders only
    joined = pa.concat_tables([schema.empty_table(), *parts], promote_options="default")
    return joined.take(pa.array(at, mask=at < 0))


def _with_keys(index: pa.Table, texts: pa.Table) -> pa.Table:
    """Put the keys that are beside the texts of duplicates into the index."""
    keys = one_array(texts[KEYS])
    found = {"id": pc.if_else(keys.is_valid(), texts["id"], None)}
    found |= {name: pc.struct_field(keys, name) for name in index.column_names if name != "id"}
    return pa.table({name: pc.coalesce(index[name], found[name]) for name in index.column_names}, schema=index.schema)


def complete_index(
    rows: pa.Table,
    index: pa.Table,
    settings: DedupSettings,
    keyed: tuple[str, ...] = (KEPT,),
    known: pa.Table | None = None,
) -> pa.Table:
    """Complete the index of documents that need one and have none.

    Args:
        rows: Decided documents.
        index: Their index, null where there is none.
        settings: Settings with which the index was made.
        keyed: The decisions whose documents need one.
        known: n rows, an index to take what is missing from, null where it has none either; what is missing then is
            computed from the text.
    """
    missing = pc.and_(pc.is_in(rows["decision"], pa.array(keyed)), index["id"].is_null())
    if known is not None:
        names = index.column_names
        index = pa.table({name: pc.coalesce(index[name], known[name]) for name in names}, schema=index.schema)
        missing = pc.and_(missing, index["id"].is_null())
    places = np.flatnonzero(missing.to_numpy())
    if not len(places):
        return index
    own = rows.filter(missing)
    computed = pa.table({"id": own["id"], **key_columns(own["text"].combine_chunks(), settings)})
    at = np.arange(len(index))
    at[places] = len(index) + np.arange(len(places))
    both = [index, computed.select(list(PUBLISHED_COLUMNS)).cast(index.schema)]
    return pa.concat_tables(both).take(pa.array(at))
