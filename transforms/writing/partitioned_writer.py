"""A writer of Parquet files in folders that are a column, one file for each value that a shard holds."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.writing.partitions import PartitionError, column_of
from corpusmill.transforms.writing.shard_writer import ShardWriter
from corpusmill.transforms.writing.spool import Spool


class PartitionedWriter:
    """Writes the rows of a shard to a file for each folder; the bytes of each depend on its rows alone.

    Rows are set aside on disk, sorted a few megabytes at a time, and written folder by folder at the end: one file is
    open at once, and one row group is in memory.

    Attributes:
        keep: Whether a file without rows is written, outside all folders, if no row comes.
    """

    def __init__(
        self, name: str, schema: pa.Schema, state: str, most: int, open_writer: Callable[[str], ShardWriter]
    ) -> None:
        """Prepare a writer.

        Args:
            name: Name of the file in each folder.
            schema: Of the files, without the column that the folders are.
            state: The state folder.
            most: Folders that a shard may have.
            open_writer: Returns the writer of a file by its name with its folder.
        """
        self.keep = False
        self.rows = 0
        self.text_bytes = 0
        self.checksums: dict[str, str] = {}
        self._name = name
        self._most = most
        self._open_writer = open_writer
        self._names = schema.names
        self._schema = schema.append(_FOLDER)
        self._state = state
        self._spool: Spool | None = None
        self._pending: list[pa.Table] = []
        self._pending_bytes = 0
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> PartitionedWriter:
        self._spool = self._stack.enter_context(Spool(self._schema, self._state))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        with self._stack:
            if kind is None and self._spool is not None:
                self._set_aside(self._spool)
                self._write_folders(self._spool)

    def write(self, table: pa.Table, folders: pa.Array | pa.ChunkedArray) -> None:
        """Add rows, each with its folder.

        Raises:
            PartitionError: The shard has more folders than it may have.
        """
        table = table.select(self._names).append_column(_FOLDER, folders)
        table = pa.Table.from_arrays(table.columns, schema=self._schema)
        self._pending.append(table)
        self._pending_bytes += table.nbytes
        if self._pending_bytes >= _SORTED_BYTES and self._spool is not None:
            self._set_aside(self._spool)

    def _set_aside(self, spool: Spool) -> None:
        """Sort what is pending by folder, and set it aside."""
        table = pa.concat_tables([self._schema.empty_table(), *self._pending]).combine_chunks()
        self._pending, self._pending_bytes = [], 0
        encoded = pc.dictionary_encode(table[_FOLDER.name].combine_chunks())
        codes = encoded.indices.to_numpy()
        order = np.argsort(codes, kind="stable")
        ends = np.cumsum(np.bincount(codes, minlength=len(encoded.dictionary)))
        start = 0
        for folder, end in zip(encoded.dictionary.to_pylist(), ends.tolist(), strict=True):
            spool.add(folder, table.take(pa.array(order[start:end])))
            start = end
        if len(spool) > self._most:
            raise PartitionError(
                f"output.partition_by: a shard holds more than {self._most:,} of the values of the column "
                f"{column_of(next(iter(spool)))!r} (output.max_partitions), and each is a folder; partition by a "
                "column of fewer values, such as language, or allow more with --set output.max_partitions"
            )

    def _write_folders(self, spool: Spool) -> None:
        for folder in spool:
            name = f"{folder}/{self._name}"
            with self._open_writer(name) as writer:
                for batch in spool.read(folder):
                    writer.write(pa.Table.from_batches([batch]))
            self._count(name, writer)
        if self.keep and not self.checksums:
            with self._open_writer(self._name) as writer:
                writer.keep = True
            self._count(self._name, writer)

    def _count(self, name: str, writer: ShardWriter) -> None:
        self.rows += writer.rows
        self.text_bytes += writer.text_bytes
        self.checksums[name] = writer.checksum


_FOLDER = pa.field("corpusmill.folder", pa.string())
_SORTED_BYTES = 1 << 24
"""Bytes of rows that are sorted at once."""
