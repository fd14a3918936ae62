"""The coder for batches of documents.

Importing this module registers it with Beam; import it wherever batches may cross a shuffle.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from apache_beam import coders

# A fixed version: the encoded bytes must not depend on what another release of Arrow prefers.
_OPTIONS = pa.ipc.IpcWriteOptions(metadata_version=pa.ipc.MetadataVersion.V5, use_threads=False)
_COMPRESSED = pa.ipc.IpcWriteOptions(metadata_version=pa.ipc.MetadataVersion.V5, use_threads=False, compression="lz4")

_COMPRESS_FROM = 1 << 14
"""Bytes from which a batch is compressed: document keys and priorities repeat, and engines hold what is shuffled."""


class RecordBatchCoder(coders.Coder):
    """Encodes a `pa.RecordBatch` as an Arrow IPC stream of one batch.

    Only the rows of a slice are written, not the buffers of the batch that it was cut from (Beam's fall-back, pickle,
    writes them all).
    """

    def encode(self, value: pa.RecordBatch) -> bytes:
        """Return the IPC stream of one batch."""
        options = _COMPRESSED if value.nbytes >= _COMPRESS_FROM else _OPTIONS
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, value.schema, options=options) as writer:
            writer.write_batch(value)
        return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]

    def decode(self, encoded: bytes) -> pa.RecordBatch:
        """Return the batch; its buffers are those of `encoded` where that is not compressed."""
        with pa.ipc.open_stream(pa.py_buffer(encoded)) as reader:
            return reader.read_next_batch()

    def is_deterministic(self) -> bool:
        """Equal batches that were built in the same way have equal bytes."""
        return True

    def estimate_size(self, value: pa.RecordBatch) -> int:
        """Return the number of bytes that the rows take."""
        return int(value.get_total_buffer_size()) if value.num_rows == 0 else int(value.nbytes)

    def to_type_hint(self) -> Any:
        """The type that Beam looks the coder up by."""
        return pa.RecordBatch

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))


coders.registry.register_coder(pa.RecordBatch, RecordBatchCoder)
