"""Text files, each one document."""

from __future__ import annotations

from collections.abc import Iterator

from corpusmill.transforms.kernels.reading.decode import (
    Decoded,
    UndecodableError,
    decode_document,
    decode_stated,
)
from corpusmill.transforms.kernels.reading.json_lines import BAD_ENCODING
from corpusmill.transforms.kernels.reading.records import too_long
from corpusmill.transforms.kernels.reading.rows import Rejection, Rows, excerpt_of
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.kernels.reading.sniff import why_no_text
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
            decoded = _decode(data, settings.stated_encoding)
        except UndecodableError as error:
            remedy = "leave the file out, convert it to UTF-8, or state its encoding with --set input.encoding=NAME"
            why = Rejection(BAD_ENCODING, f"{error}; {remedy}", excerpt_of(data))
            rows.append_rejection(source, 0, source, why)
        else:
            rows.append_text(source, decoded)
    yield rows


def _decode(data: bytes, stated: str | None) -> Decoded:
    if what := why_no_text(data):
        raise UndecodableError(what)
    return decode_stated(data, stated) if stated else decode_document(data)


def cut(path: str, size: int, settings: InputSettings) -> list[Range]:  # noqa: ARG001  (of a format's interface)
    """Return no ranges: a text file is one document."""
    return []
