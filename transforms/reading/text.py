"""Text files, each one document."""

from __future__ import annotations

from collections.abc import Iterator

from corpusmill.transforms.kernels.reading.decode import UndecodableError, decode_document
from corpusmill.transforms.kernels.reading.json_lines import BAD_ENCODING
from corpusmill.transforms.kernels.reading.records import too_long
from corpusmill.transforms.kernels.reading.rows import Rejection, Rows, excerpt_of
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.reading.opening import open_decompressed, read_all
from corpusmill.transforms.reading.splits import Part, Range
from corpusmill.transforms.reading.streams import PIECE_BYTES


def read(part: Part, source: str, settings: InputSettings) -> Iterator[Rows]:
    """Read a whole file as one document."""
    stream, close = open_decompressed(part.path, settings)
    limit = settings.max_document_bytes
    try:
        data = read_all(stream, limit)
        size = len(data)
        while piece := stream.read(PIECE_BYTES):
            size += len(piece)
    finally:
        close()
    rows = Rows()
    if size > limit:
        rows.append_rejection(source, 0, source, too_long(size, limit, data))
    else:
        try:
            decoded = decode_document(data)
        except UndecodableError as error:
            why = Rejection(BAD_ENCODING, f"{error}; leave the file out, or convert it to UTF-8", excerpt_of(data))
            rows.append_rejection(source, 0, source, why)
        else:
            rows.append_text(source, decoded)
    yield rows


def cut(path: str, size: int, settings: InputSettings) -> list[Range]:  # noqa: ARG001  (of a format's interface)
    """Return no ranges: a text file is one document."""
    return []
