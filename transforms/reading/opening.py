"""Opening an input file, or saying in a row why it cannot be read."""

from __future__ import annotations

from collections.abc import Callable

from corpusmill.transforms.kernels.reading.rows import Rejection, Rows, excerpt_of
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.kernels.reading.sniff import compression_of
from corpusmill.transforms.reading.decompressed import Decompressed
from corpusmill.transforms.reading.splits import PARQUET, Part
from corpusmill.transforms.reading.streams import PIECE_BYTES, Readable, ReadError, open_input


def open_decompressed(path: str, settings: InputSettings) -> tuple[Readable, Callable[[], None]]:
    """Open a file, by its first bytes as compressed or not; return the stream, and how to close it.

    Raises:
        ReadError: It cannot be opened.
    """
    raw = open_input(path)
    codec = compression_of(raw.read(16))
    raw.seek(0)
    if codec is None:
        return raw, raw.close
    raw.close()
    stream = Decompressed(lambda: open_input(path), codec, settings.max_expansion)
    return stream, stream.close


def read_all(stream: Readable, limit: int) -> bytes:
    """Read a stream to its end, or somewhat beyond the limit."""
    pieces: list[bytes] = []
    size = 0
    while size <= limit and (piece := stream.read(PIECE_BYTES)):
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


def rejected_part(part: Part, source: str, failure: ReadError, head: bytes = b"") -> Rows:
    """Return the one rejected row of a file that cannot be read."""
    rows = Rows()
    name = f"{source}@{part.start}" if part.start else source
    offset = 0 if part.format == PARQUET else part.start  # row groups are no offset
    rows.append_rejection(source, offset, name, Rejection(failure.reason, failure.error, excerpt_of(head)))
    return rows
