"""Lines of JSON to rows of documents.

`orjson` reads the lines; what it refuses is looked at again, one line at a time: other charsets, lone surrogates, raw
control characters, numbers that JSON does not know. What then is no object with a text becomes a rejected row.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import regex

from transforms.kernels.columns import LARGEST_EXACT_FLOAT, kept_column
from transforms.kernels.decode import LONE_SURROGATE, UndecodableError, decode_document
from transforms.kernels.documents import UTF8, Rejection, Rows, excerpt_of
from transforms.kernels.inputs import InputSettings

BAD_JSON = "read.bad-json"
TOO_DEEP = "read.too-deep"
NOT_AN_OBJECT = "read.not-an-object"
NO_TEXT = "read.no-text"
TEXT_NOT_A_STRING = "read.text-not-a-string"
TOO_LONG = "read.too-long"
BAD_ENCODING = "read.bad-encoding"
RAW_CONTROLS = "read.raw-controls"

_KINDS = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object", str: "a string"}

# How a line must begin to be worth decoding: any JSON value, NaN and Infinity.
_BEGINNINGS = tuple(bytes([byte]) for byte in b'{["-0123456789tfnNI')

# Any escape of a JSON string; a surrogate pair is one.
_PAIR = r"u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_ESCAPE = regex.compile(r"\\(?:" + _PAIR + r"|u[dD][89a-fA-F][0-9a-fA-F]{2}|.)")
_LONE_ESCAPE_LENGTH = len(r"\ud800")

_RAW_CONTROL = regex.compile("[\x00-\x1f]")

# A float this large in the output of orjson may have been an integer of more than 64 bits, which floats cannot hold.
_LARGE_FLOAT = r"e\+?(?:1[5-9]|[2-9][0-9]|[0-9]{3})"


class NotANumber(str):
    """A JSON number that no float can hold, as its text: `NaN`, `Infinity`, `1e999`."""

    __slots__ = ()


class _Line(NamedTuple):
    """A line on its way."""

    value: Any = None
    rejection: Rejection | None = None
    encoding: str = UTF8
    findings: tuple[tuple[str, int], ...] = ()


def lines_to_rows(block: bytes, offset: int, source: str, settings: InputSettings) -> Rows:
    """Read a block of whole lines.

    Args:
        block: Lines that end in a line feed; the last may lack it. Blank lines are no records.
        offset: Position of the block in its (decompressed) source, in bytes.
        source: Printable path.
        settings: Columns and limits.

    Returns:
        One row for every line that is not blank, in order.
    """
    lines = block.split(b"\n")
    if not lines[-1]:
        lines.pop()
    starts = _starts(lines, offset)
    limit = settings.max_document_bytes
    loads = orjson.loads
    values: list[Any] = []
    odd: dict[int, _Line] = {}
    blank: list[int] = []
    for index, line in enumerate(lines):
        try:
            if len(line) > limit:
                raise ValueError
            values.append(loads(line))
        except ValueError:
            if not line or line.isspace():
                blank.append(index)
                continue
            read = _read_odd_line(line, limit)
            odd[len(values)] = read
            values.append(read.value)
    for index in reversed(blank):
        del lines[index], starts[index]
    return _rows(values, odd, _Block(lines, starts, source), settings)


def _starts(lines: Sequence[bytes], offset: int) -> list[int]:
    starts = []
    for line in lines:
        starts.append(offset)
        offset += len(line) + 1
    return starts


def too_long(length: int, limit: int, head: bytes) -> Rejection:
    """Return the rejection of a record of `length` bytes that begins with `head`."""
    error = f"the record has {length:,} bytes, more than max_document_bytes = {limit:,}; raise it, or cut the record"
    return Rejection(TOO_LONG, error, excerpt_of(head))


def _read_odd_line(line: bytes, limit: int) -> _Line:
    """Read a line that `orjson` refuses, or say why it cannot be read."""
    if len(line) > limit:
        return _Line(rejection=too_long(len(line), limit, line))
    excerpt = excerpt_of(line)
    if not line.lstrip(b" \t\r\xef\xbb\xbf").startswith(_BEGINNINGS):
        error = "the line is not JSON: a record begins with {; is this a file of JSON lines?"
        return _Line(rejection=Rejection(BAD_JSON, error, excerpt))
    try:
        text, encoding, findings = decode_document(line)
    except UndecodableError as error:
        return _Line(rejection=Rejection(BAD_ENCODING, f"{error}; convert the file to UTF-8", excerpt))
    if encoding == "utf-8-sig":
        encoding = UTF8
    text, lone = _replace_lone_escapes(text)
    if lone:
        findings = (*findings, (LONE_SURROGATE, lone))
    try:
        return _Line(orjson.loads(text), None, encoding, findings)
    except ValueError as error:
        if "depth limit" in str(error):
            message = "the record is nested more than 1,024 levels deep; flatten it or take that field out"
            return _Line(rejection=Rejection(TOO_DEEP, message, excerpt), encoding=encoding)
    try:
        value = _lenient(text)
    except ValueError as error:
        return _Line(rejection=Rejection(BAD_JSON, _explain(text, error), excerpt), encoding=encoding)
    except RecursionError:
        message = "the record is nested too deep; flatten it or take that field out"
        return _Line(rejection=Rejection(TOO_DEEP, message, excerpt), encoding=encoding)
    controls = len(_RAW_CONTROL.findall(text.strip()))
    if controls:
        findings = (*findings, (RAW_CONTROLS, controls))
    return _Line(value, None, encoding, findings)


def _replace_lone_escapes(text: str) -> tuple[str, int]:
    r"""Turn `\ud800` without its partner into `\ufffd`; return the JSON and how many."""
    if "\\ud" not in text and "\\uD" not in text:
        return text, 0
    lone = 0

    def fix(match: regex.Match[str]) -> str:
        nonlocal lone
        found = match[0]
        if len(found) != _LONE_ESCAPE_LENGTH:
            return found
        lone += 1
        return "\\ufffd"

    return str(_ESCAPE.sub(fix, text)), lone


def _finite(number: str) -> float | NotANumber:
    value = float(number)
    return NotANumber(number) if value in (float("inf"), float("-inf")) else value


def _lenient(text: str) -> Any:
    """Read JSON with integers of any size, raw control characters, NaN and Infinity; the latter as their text."""
    return json.loads(text, strict=False, parse_constant=NotANumber, parse_float=_finite)


def _explain(text: str, error: ValueError) -> str:
    """Say what is wrong with a line of JSON, and what helps."""
    message = str(error)
    if isinstance(error, json.JSONDecodeError):
        message = f"{error.msg} at character {error.pos + 1:,}"
    hint = "write one complete JSON object a line"
    if message.startswith("Extra data"):
        hint = "two records on one line? put a line feed between them"
    elif "property name enclosed in double quotes" in message and "'" in text[:40]:
        hint = "this looks like Python's notation; JSON strings stand in double quotes"
    elif message.startswith("Unterminated string") or text.rstrip().endswith(("{", "[", ",", ":")):
        hint = "the line is cut off; look for a line break inside the record"
    return f"the line is not valid JSON: {message}; {hint}"


class _Block(NamedTuple):
    """The lines of a block that are not blank, where each starts, and whence they come."""

    lines: list[bytes]
    starts: list[int]
    source: str


def _rows(values: list[Any], odd: dict[int, _Line], block: _Block, settings: InputSettings) -> Rows:
    """Turn parsed lines into columns."""
    lines, starts, source = block
    rejected = {row: line.rejection for row, line in odd.items() if line.rejection}
    if set(map(type, values)) - {dict}:
        for row, value in enumerate(values):
            if type(value) is not dict:
                if row not in rejected:
                    kind = "null" if value is None else _KINDS.get(type(value), "a number")
                    error = (
                        f"the line holds {kind}, not a JSON object; write {{...}} with a field {settings.text_column!r}"
                    )
                    rejected[row] = Rejection(NOT_AN_OBJECT, error, excerpt_of(lines[row]))
                values[row] = {}

    texts: list[Any] = [value.pop(settings.text_column, None) for value in values]
    if set(map(type, texts)) - {str}:
        for row, text in enumerate(texts):
            if type(text) is not str:
                texts[row] = None
                if row not in rejected:
                    rejected[row] = _no_text(text, settings.text_column, values[row], lines[row])
    for row in rejected:
        texts[row] = None
        values[row] = _only_id(values[row], settings.id_column)

    ids: list[Any] = [value.pop(settings.id_column, None) for value in values]
    if set(map(type, ids)) - {str} or not all(ids):
        for row, name in enumerate(ids):
            if type(name) is not str or not name:
                ids[row] = _number_as_id(name, settings.id_column, lines[row])
                if ids[row] is None:
                    ids[row] = f"{source}@{starts[row]}"
                    if name is not None and name != "" and row not in rejected:
                        values[row][settings.id_column] = name

    rows = Rows(
        sources=[source] * len(values),
        offsets=starts,
        ids=ids,
        texts=texts,
        titles=_strings(values, settings.title_column),
        urls=_strings(values, settings.url_column),
        rejected=rejected,
        encodings={row: line.encoding for row, line in odd.items() if line.encoding != UTF8},
        findings={row: line.findings for row, line in odd.items() if line.findings},
        size=sum(map(len, lines)),
    )
    kept = settings.kept_types()
    for name, kind in settings.keep_columns.items():
        if name in kept:
            rows.kept[name] = [kept_column(values, name, kind)]
        else:  # `title` or `url`: copied already
            for value in values:
                if type(value.get(name)) is str:
                    del value[name]
    rows.metadata = _metadata(values, lines, settings)
    return rows


def _no_text(text: Any, column: str, record: dict[str, Any], line: bytes) -> Rejection:
    """Say why a record has no text."""
    if text is None:
        fields = ", ".join(list(record)[:8]) or "none"
        error = f"the record has no text in field {column!r} (its other fields: {fields}); set text_column"
        return Rejection(NO_TEXT, error, excerpt_of(line))
    kind = _KINDS.get(type(text), "a number")
    error = f"field {column!r} is {kind}, not a string; set text_column to a field that holds text"
    return Rejection(TEXT_NOT_A_STRING, error, excerpt_of(line))


def _only_id(record: dict[str, Any], column: str) -> dict[str, Any]:
    name = record.get(column)
    return {column: name} if isinstance(name, (str, int, float)) and not isinstance(name, bool) else {}


def _number_as_id(value: Any, column: str, line: bytes) -> str | None:
    """Return the text of a number that serves as id, else None."""
    if type(value) is float and abs(value) >= LARGEST_EXACT_FLOAT:
        value = _read_exactly(line).get(column)
    if type(value) in (int, float):
        return json.dumps(value)
    return None


def _read_exactly(line: bytes) -> dict[str, Any]:
    """Read a line that was read before, with integers of any size."""
    value = _lenient(_replace_lone_escapes(decode_document(line).text)[0])
    return value if isinstance(value, dict) else {}


def _strings(values: Sequence[dict[str, Any]], column: str | None) -> list[str | None]:
    """Return a field of all records, null where it is no string."""
    if column is None:
        return [None] * len(values)
    found = [value.get(column) for value in values]
    if set(map(type, found)) <= {str, type(None)}:
        return found
    return [value if type(value) is str else None for value in found]


def _metadata(values: Sequence[dict[str, Any]], lines: Sequence[bytes], settings: InputSettings) -> list[bytes | None]:
    """Return what is left of the records as JSON objects; None where nothing is left."""
    if settings.metadata == "drop" or not any(values):
        return [None] * len(values)
    try:
        found = [orjson.dumps(value) if value else None for value in values]
    except TypeError:  # an integer of more than 64 bits, read by `_lenient`
        found = [_dumps(value) if value else None for value in values]
    large = pc.match_substring_regex(pa.array(found, pa.binary()), _LARGE_FLOAT)
    for row in pc.indices_nonzero(pc.fill_null(large, False)).to_pylist():
        exact = _read_exactly(lines[row])
        found[row] = _dumps({name: exact[name] for name in values[row]})
    return found


def _dumps(value: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
