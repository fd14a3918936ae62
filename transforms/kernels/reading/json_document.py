"""A file that is one JSON list of records, to rows of documents."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from corpusmill.transforms.kernels.reading.decode import LONE_SURROGATE, UndecodableError
from corpusmill.transforms.kernels.reading.json_numbers import NestedTooDeepError, dump, load_exactly
from corpusmill.transforms.kernels.reading.json_text import JsonError, decode, read_text, replace_lone_escapes
from corpusmill.transforms.kernels.reading.records import Origin, ParsedRecord, objects_to_rows
from corpusmill.transforms.kernels.reading.rows import UTF8, Rows
from corpusmill.transforms.kernels.reading.settings import MAX_BATCH_ROWS, InputSettings


def document_to_rows(data: bytes, source: str, settings: InputSettings, codec: str | None = None) -> list[Rows] | None:
    """Read a file that is one JSON list of records.

    Args:
        data: The whole file.
        source: Printable path.
        settings: Columns and limits.
        codec: Its encoding, if it is stated.

    Returns:
        The records, with their place in the list (from 0) as offset; None if the file is not such a document.
    """
    try:
        decoded = decode(data, codec)
        text, lone = replace_lone_escapes(decoded.text)
        value, _ = read_text(text)
    except (UndecodableError, JsonError):
        return None
    records = value if isinstance(value, list) else [value]
    findings = (*decoded.findings, (LONE_SURROGATE, lone)) if lone else decoded.findings
    encoding = UTF8 if decoded.encoding == "utf-8-sig" else decoded.encoding
    exact: list[Any] = []

    def read_exactly(row: int) -> dict[str, Any]:
        if not exact:
            try:
                again = load_exactly(text)
            except NestedTooDeepError:
                again = [{}] * len(records)
            exact.extend(again if isinstance(again, list) else [again])
        return exact[row] if isinstance(exact[row], dict) else {}

    pieces = []
    for begin in range(0, len(records), MAX_BATCH_ROWS):
        piece = records[begin : begin + MAX_BATCH_ROWS]
        given = [dict(item) if isinstance(item, dict) else item for item in piece]
        places = list(range(begin, begin + len(piece)))
        odd = {row: ParsedRecord(item, None, encoding) for row, item in enumerate(piece)} if encoding != UTF8 else {}
        if findings and not begin:
            odd[0] = ParsedRecord(piece[0], None, encoding, findings)  # of the whole file
        origin = Origin(source, places, "#", _dumper(given), partial(_at, read_exactly, begin))
        rows = objects_to_rows(piece, odd, origin, settings)
        rows.size = len(data) * len(piece) // len(records)
        pieces.append(rows)
    return pieces


def _dumper(values: list[Any]) -> Callable[[int], bytes]:
    return lambda row: dump(values[row])


def _at(read: Callable[[int], dict[str, Any]], begin: int, row: int) -> dict[str, Any]:
    return read(begin + row)
