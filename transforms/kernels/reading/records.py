"""Parsed records to rows of documents."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.reading.columns import kept_column
from corpusmill.transforms.kernels.reading.json_numbers import LARGE_FLOAT, LARGEST_EXACT_FLOAT, dump
from corpusmill.transforms.kernels.reading.nested import get_path, likely_text, pop_path, remedy
from corpusmill.transforms.kernels.reading.rows import UTF8, Rejection, Rows, excerpt_of
from corpusmill.transforms.kernels.reading.settings import InputSettings

NOT_AN_OBJECT = "read.not-an-object"
NO_TEXT = "read.no-text"
TEXT_NOT_A_STRING = "read.text-not-a-string"
TOO_LONG = "read.too-long"

_KINDS = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object", str: "a string"}


class ParsedRecord(NamedTuple):
    """How one record was read.

    Attributes:
        value: The parsed value.
        rejection: Why there is none.
        encoding: Codec of its bytes.
        findings: (rule id, count) of what could not be read exactly.
    """

    value: Any = None
    rejection: Rejection | None = None
    encoding: str = UTF8
    findings: tuple[tuple[str, int], ...] = ()


class Origin(NamedTuple):
    """Where records come from.

    Attributes:
        source: Printable path.
        offsets: Position of each record in it.
        mark: Separates source and offset in ids that are made up.
        raw: Row -> the record's bytes, for excerpts.
        exact: Row -> the record with integers of any size.
    """

    source: str
    offsets: list[int]
    mark: str
    raw: Callable[[int], bytes]
    exact: Callable[[int], dict[str, Any]]


def too_long(length: int, limit: int, head: bytes) -> Rejection:
    """Return the rejection of a record of `length` bytes that begins with `head`."""
    error = f"the record has {length:,} bytes, more than max_document_bytes = {limit:,}; raise it, or cut the record"
    return Rejection(TOO_LONG, error, excerpt_of(head))


def not_an_object(value: Any, raw: bytes, settings: InputSettings) -> Rejection:
    """Return the rejection of a JSON value that is not an object."""
    kind = "null" if value is None else _KINDS.get(type(value), "a number")
    error = f"the record is {kind}, not a JSON object; write {{...}} with a field {settings.text_column!r}"
    return Rejection(NOT_AN_OBJECT, error, excerpt_of(raw))


def objects_to_rows(
    values: list[Any], odd: Mapping[int, ParsedRecord], origin: Origin, settings: InputSettings
) -> Rows:
    """Turn parsed records into columns.

    Args:
        values: What was read; changed in place.
        odd: Row -> how a record was read that is not plain JSON in UTF-8.
        origin: Where they come from.
        settings: Columns.

    Returns:
        One row a record; those that are not objects with a text are rejected.
    """
    rejected = {row: line.rejection for row, line in odd.items() if line.rejection}
    texts = _take_texts(values, rejected, origin, settings)
    ids = _take_ids(values, rejected, origin, settings.id_column)
    rows = Rows(
        sources=[origin.source] * len(values),
        offsets=origin.offsets,
        ids=ids,
        texts=texts,
        titles=_strings(values, settings.title_column),
        urls=_strings(values, settings.url_column),
        rejected=rejected,
        encodings={row: line.encoding for row, line in odd.items() if line.encoding != UTF8},
        findings={row: line.findings for row, line in odd.items() if line.findings},
    )
    kept = settings.kept_types()
    for name, kind in settings.keep_columns.items():
        if name in kept:
            rows.kept[name] = [kept_column(values, name, kind)]
        else:  # `title` or `url`: copied already
            for value in values:
                if type(value.get(name)) is str:
                    del value[name]
    rows.metadata = _metadata(values, origin, settings)
    return rows


def _take_texts(
    values: list[Any], rejected: dict[int, Rejection], origin: Origin, settings: InputSettings
) -> list[str | None]:
    """Take the text out of each record; reject what is not an object with a text, and leave its id alone in it."""
    if set(map(type, values)) - {dict}:
        for row, value in enumerate(values):
            if type(value) is not dict:
                if row not in rejected:
                    rejected[row] = not_an_object(value, origin.raw(row), settings)
                values[row] = {}
    texts = _popped(values, settings.text_column)
    if set(map(type, texts)) - {str}:
        for row, text in enumerate(texts):
            if type(text) is not str:
                texts[row] = None
                if row not in rejected:
                    rejected[row] = _no_text(text, settings, values[row], origin.raw(row))
    for row in rejected:
        texts[row] = None
        values[row] = _only_id(values[row], settings.id_column)
    return texts


def _take_ids(values: list[Any], rejected: Container[int], origin: Origin, column: str) -> list[str]:
    """Take the id out of each record; one without gets its place as id."""
    ids = _popped(values, column)
    if set(map(type, ids)) - {str} or not all(ids):
        for row, name in enumerate(ids):
            if type(name) is not str or not name:
                ids[row] = _number_as_id(name, origin, row, column)
                if ids[row] is None:
                    ids[row] = f"{origin.source}{origin.mark}{origin.offsets[row]}"
                    if name is not None and name != "" and row not in rejected:
                        values[row][column] = name
    return ids


def _popped(values: list[dict[str, Any]], name: str) -> list[Any]:
    """Take a field out of all records."""
    if "." in name:
        return [pop_path(value, name) for value in values]
    return [value.pop(name, None) for value in values]


def _no_text(text: Any, settings: InputSettings, record: dict[str, Any], line: bytes) -> Rejection:
    """Say why a record has no text, and what would be the text."""
    column = settings.text_column
    likely = likely_text(record, (settings.id_column, settings.title_column, settings.url_column))
    if text is None and f'"{column}"'.encode() in line:
        return Rejection(NO_TEXT, f"the field {column!r} is null; leave the record out", excerpt_of(line))
    if text is None:
        error = f"the record has no text in the field {column!r}; {remedy(record, likely)}"
        return Rejection(NO_TEXT, error, excerpt_of(line))
    if isinstance(text, dict):
        inner = likely_text(text)
        likely = f"{column}.{inner}" if inner else likely
    kind = _KINDS.get(type(text), "a number")
    how = f"--set input.text_column={likely}" if likely else "set input.text_column to a field that holds text"
    error = f"the field {column!r} is {kind}, not a string; {how}"
    return Rejection(TEXT_NOT_A_STRING, error, excerpt_of(line))


def _only_id(record: dict[str, Any], column: str) -> dict[str, Any]:
    name = get_path(record, column)
    return {column: name} if isinstance(name, (str, int, float)) and not isinstance(name, bool) else {}


def _number_as_id(value: Any, origin: Origin, row: int, column: str) -> str | None:
    """Return the text of a number that serves as id, else None."""
    if type(value) is float and abs(value) >= LARGEST_EXACT_FLOAT:
        value = get_path(origin.exact(row), column)
    if type(value) in (int, float):
        return json.dumps(value)
    return None


def _strings(values: Sequence[dict[str, Any]], column: str | None) -> list[str | None]:
    """Return a field of all records, null where it is not a string."""
    if column is None:
        return [None] * len(values)
    found = [get_path(value, column) if "." in column else value.get(column) for value in values]
    if set(map(type, found)) <= {str, type(None)}:
        return found
    return [value if type(value) is str else None for value in found]


def _metadata(values: Sequence[dict[str, Any]], origin: Origin, settings: InputSettings) -> list[bytes | None]:
    """Return what is left of the records as JSON objects; None where nothing is left."""
    if settings.metadata == "drop" or not any(values):
        return [None] * len(values)
    try:
        found = [orjson.dumps(value) if value else None for value in values]
    except TypeError:  # as in `dump`
        found = [dump(value) if value else None for value in values]
    large = pc.match_substring_regex(pa.array(found, pa.binary()), LARGE_FLOAT)
    for row in pc.indices_nonzero(pc.fill_null(large, False)).to_pylist():
        exact = origin.exact(row)
        for name in (settings.id_column, settings.text_column, *settings.keep_columns):
            if "." in name:
                pop_path(exact, name)
        found[row] = dump({name: exact.get(name, value) for name, value in values[row].items()})
    return found
