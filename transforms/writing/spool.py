"""Rows set aside on disk under keys, and read back key by key: one open file, whatever the number of keys."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from types import TracebackType

import pyarrow as pa

from corpusmill.transforms import storage


class Spool:
    """A temporary file of rows under keys; first all are added, then they are read.

    Attributes:
        schema: Schema of the rows.
        state: State folder of the run, in whose folder of temporary files it is if that is on this machine; None for
            the temporary folder of the system.
    """

    def __init__(self, schema: pa.Schema, state: str | None) -> None:
        self.schema = schema
        self._stack = contextlib.ExitStack()
        self._places: dict[str, list[int]] = {}
        self._batches = 0
        folder = None
        if state is not None and storage.is_local(state):
            folder = storage.join(state, storage.TEMPORARY)
            os.makedirs(folder, exist_ok=True)
        self._file = self._stack.enter_context(tempfile.NamedTemporaryFile(prefix="spool.", dir=folder))  # noqa: SIM115
        self._writer = self._stack.enter_context(pa.ipc.new_file(self._file.name, schema))
        self._reader: pa.RecordBatchFileReader | None = None

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def __iter__(self) -> Iterator[str]:
        """All keys, ascending."""
        return iter(sorted(self._places))

    def __len__(self) -> int:
        """Number of keys."""
        return len(self._places)

    def add(self, key: str, rows: pa.Table) -> None:
        """Set rows aside under a key, behind those that it has."""
        for batch in rows.combine_chunks().to_batches():
            self._writer.write_batch(batch)
            self._places.setdefault(key, []).append(self._batches)
            self._batches += 1

    def read(self, key: str) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a key in the order in which they were added, on pages of the file."""
        if self._reader is None:
            self._writer.close()
            self._reader = pa.ipc.open_file(self._stack.enter_context(pa.memory_map(self._file.name)))
        for place in self._places.get(key, ()):
            yield self._reader.get_batch(place)
