"""Blocks of JSON lines to rows of documents.

`orjson` reads the lines; what it refuses is looked at again, one line at a time: other charsets, lone surrogates, raw
control characters, numbers that JSON does not know. What then is no object with a text becomes a rejected row.
"""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import orjson
import regex

from corpusmill.transforms.kernels.reading.decode import (
    LONE_SURROGATE,
    CharsetMemory,
    Decoded,
    UndecodableError,
    decode_document,
    decode_stated,
)
from corpusmill.transforms.kernels.reading.json_cuts import WHITE, holds_several, split_lines, split_records
from corpusmill.transforms.kernels.reading.json_numbers import NestedTooDeepError, dump, load_exactly
from corpusmill.transforms.kernels.reading.records import Origin, Reading, objects_to_rows, too_long
from corpusmill.transforms.kernels.reading.rows import UTF8, Rejection, Rows, excerpt_of
from corpusmill.transforms.kernels.reading.settings import MAX_BATCH_ROWS, InputSettings

BAD_JSON = "read.bad-json"
TOO_DEEP = "read.too-deep"
BAD_ENCODING = "read.bad-encoding"
RAW_CONTROLS = "read.raw-controls"

MAX_BAD_LINES = 1000
"""Unreadable lines in a row that get a rejected row each; those that follow, up to a readable one, share one."""

# How a line must begin to be worth decoding: any JSON value, NaN and Infinity.
_BEGINNINGS = tuple(bytes([byte]) for byte in b'{["-0123456789tfnNI')
_BEFORE_A_VALUE = WHITE + b"\xef\xbb\xbf"

# Any escape of a JSON string; a surrogate pair is one.
_PAIR = r"u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_ESCAPE = regex.compile(r"\\(?:" + _PAIR + r"|u[dD][89a-fA-F][0-9a-fA-F]{2}|.)")
_LONE_ESCAPE_LENGTH = len(r"\ud800")

_CONTROLS = tuple(map(chr, range(32)))


class JsonLines:
    """Reads the blocks of one file, or of one range of it, in order.

    Between blocks it remembers in which charset the lines are, and how many unreadable lines came in a row. How the
    lines are cut into blocks changes nothing.
    """

    def __init__(self, source: str, settings: InputSettings, codec: str | None = None) -> None:
        """Begin a file.

        Args:
            source: Printable path.
            settings: Columns and limits.
            codec: The encoding of all lines, if it is stated.
        """
        self._codec = codec
        self._several: bool | None = None  # whether objects stand one behind the other: the first line tells
        self._source = source
        self._settings = settings
        self._charsets = CharsetMemory()
        self._odd_before = False  # only for speed: whether the last block held lines that `orjson` refuses
        self._bad = 0
        self._run_lines = 0
        self._run_start = 0
        self._run_excerpt = ""

    def read(self, block: bytes, offset: int) -> Iterator[Rows]:
        """Read whole lines.

        Args:
            block: Lines that end in a line feed; the last of a file may lack it. Blank lines are no records.
            offset: Position of the block in its (decompressed) source, in bytes.

        Yields:
            One row for every line that is not blank, in order. Unreadable lines beyond `MAX_BAD_LINES` in a row are one
            row, which comes when the run has ended.
        """
        lines, starts = split_lines(block, offset)
        limit = self._settings.max_document_bytes
        if self._several is None and lines:
            self._several = holds_several(lines[0])
        any_long = max(map(len, lines), default=0) > limit
        plain = None if any_long else self._plain_objects(lines)
        if plain is not None:
            yield self._rows(plain, {}, (lines, starts))
            return
        loads = orjson.loads
        self._odd_before = False
        values: list[Any] = []
        odd: dict[int, Reading] = {}
        first = 0  # the line of the first value
        skipped: set[int] = set()
        for index, line in enumerate(lines):
            if self._run_lines and not _may_be_record(line):
                self._run_lines += not _is_blank(line)
                skipped.add(index)
                continue
            try:
                if (any_long and len(line) > limit) or (self._codec and not line.isascii()):
                    raise ValueError
                value = loads(line)
            except ValueError:
                if self._several and len(line) <= limit and holds_several(line):
                    line = _cut(lines, starts, index)  # noqa: PLW2901 - the rest of it comes in the next rounds
                if _is_blank(line):
                    skipped.add(index)
                    continue
                self._odd_before = True
                reading = self._read_odd(line)
                value = reading.value
                odd[len(values)] = reading
            if type(value) is not dict:
                self._bad += 1
                if self._bad > MAX_BAD_LINES:
                    odd.pop(len(values), None)
                    if not self._run_lines:
                        self._run_start, self._run_excerpt = starts[index], excerpt_of(line)
                    self._run_lines += 1
                    skipped.add(index)
                    continue
            elif self._bad:
                self._bad = 0
                if self._run_lines:
                    last = odd.pop(len(values), None)
                    yield self._rows(values, odd, _kept(lines, starts, first, index, skipped))
                    yield self.finish()
                    values, odd, first = [], {0: last} if last else {}, index
            values.append(value)
            if len(values) >= MAX_BATCH_ROWS:
                yield self._rows(values, odd, _kept(lines, starts, first, index + 1, skipped))
                values, odd, first = [], {}, index + 1
        yield self._rows(values, odd, _kept(lines, starts, first, len(lines), skipped))

    def _plain_objects(self, lines: list[bytes]) -> list[Any] | None:
        """Return the values of lines that all are JSON objects in UTF-8, as nearly all blocks hold; else None."""
        if self._codec or self._bad or self._odd_before or len(lines) > MAX_BATCH_ROWS:
            return None
        try:
            values = list(map(orjson.loads, lines))
        except ValueError:
            return None
        return values if set(map(type, values)) <= {dict} else None

    def finish(self) -> Rows:
        """End the file, or the run of unreadable lines: return the row that they share, if there are any."""
        rows = Rows()
        if self._run_lines:
            error = (
                f"this line and {self._run_lines - 1:,} more behind it are no JSON objects either; is this a file of "
                "JSON lines? Turn a long JSON list into lines, for example with jq -c '.[]'"
            )
            name = f"{self._source}@{self._run_start}"
            why = Rejection(BAD_JSON, error, self._run_excerpt)
            rows.append_rejection(self._source, self._run_start, name, why)
            self._run_lines = 0
        return rows

    def _rows(self, values: list[Any], odd: dict[int, Reading], kept: tuple[list[bytes], list[int]]) -> Rows:
        lines, starts = kept
        origin = Origin(
            self._source, starts, "@", lines.__getitem__, lambda row: _read_exactly(lines[row], self._codec)
        )
        rows = objects_to_rows(values, odd, origin, self._settings)
        rows.size = sum(map(len, lines))
        return rows

    def _read_odd(self, line: bytes) -> Reading:
        """Read a line that `orjson` refuses, or say why it cannot be read."""
        limit = self._settings.max_document_bytes
        if len(line) > limit:
            return Reading(rejection=too_long(len(line), limit, line))
        begin = line.lstrip(_BEFORE_A_VALUE)
        if not begin.startswith(_BEGINNINGS):
            error = "the line is not JSON: a record begins with {; is this a file of JSON lines?"
            return Reading(rejection=Rejection(BAD_JSON, error, excerpt_of(line)))
        try:
            if b"\\" not in line:
                # Whatever the charset, what stands between the letters is ASCII: if that is no JSON, the line is none.
                read_text(line.decode("utf-8", "replace").lstrip("\ufeff"))
            text, encoding, findings = _decode(line, self._codec, self._charsets)
            text, lone = replace_lone_escapes(text)
            if lone:
                findings = (*findings, (LONE_SURROGATE, lone))
            value, controls = read_text(text)
        except UndecodableError as error:
            why = Rejection(BAD_ENCODING, f"{error}; convert the file to UTF-8", excerpt_of(line))
            return Reading(rejection=why)
        except _JsonError as error:
            return Reading(rejection=Rejection(error.reason, str(error), excerpt_of(line)))
        if controls:
            findings = (*findings, (RAW_CONTROLS, controls))
        if encoding == "utf-8-sig":
            encoding = UTF8
        return Reading(value, None, encoding, findings)


def _decode(data: bytes, codec: str | None, memory: CharsetMemory | None = None) -> Decoded:
    return decode_stated(data, codec) if codec else decode_document(data, memory)


def document_to_rows(data: bytes, source: str, settings: InputSettings, codec: str | None = None) -> list[Rows] | None:
    """Read a file that is one JSON list of records.

    Args:
        data: The whole file.
        source: Printable path.
        settings: Columns and limits.
        codec: Its encoding, if it is stated.

    Returns:
        The records, with their place in the list (from 0) as offset; None if the file is no such document.
    """
    try:
        decoded = _decode(data, codec)
        text, lone = replace_lone_escapes(decoded.text)
        value, _ = read_text(text)
    except (UndecodableError, _JsonError):
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
        odd = {row: Reading(item, None, encoding) for row, item in enumerate(piece)} if encoding != UTF8 else {}
        if findings and not begin:
            odd[0] = Reading(piece[0], None, encoding, findings)  # of the whole file
        origin = Origin(source, places, "#", _dumper(given), partial(_at, read_exactly, begin))
        rows = objects_to_rows(piece, odd, origin, settings)
        rows.size = len(data) * len(piece) // len(records)
        pieces.append(rows)
    return pieces


def _dumper(values: list[Any]) -> Callable[[int], bytes]:
    return lambda row: dump(values[row])


def _at(read: Callable[[int], dict[str, Any]], begin: int, row: int) -> dict[str, Any]:
    return read(begin + row)


def _cut(lines: list[bytes], starts: list[int], index: int) -> bytes:
    """Put the objects of a line in its place, with where they begin; return the first."""
    pieces, begins = split_records(lines[index])
    starts[index : index + 1] = [starts[index] + begin for begin in begins]
    lines[index : index + 1] = pieces
    return pieces[0]


def _kept(
    lines: list[bytes], starts: list[int], first: int, last: int, skipped: set[int]
) -> tuple[list[bytes], list[int]]:
    """Return the lines from `first` on before `last` that were not skipped, and where they start."""
    if not skipped:
        return lines[first:last], starts[first:last]
    chosen = [index for index in range(first, last) if index not in skipped]
    return [lines[index] for index in chosen], [starts[index] for index in chosen]


def _is_blank(line: bytes) -> bool:
    return not line or line.isspace() or not line.removeprefix(BOM_UTF8).strip(WHITE)


def _may_be_record(line: bytes) -> bool:
    """Tell quickly whether a line among many bad ones could be an object."""
    return line.lstrip(_BEFORE_A_VALUE)[:1] == b"{" and line.rstrip(WHITE)[-1:] == b"}"


class _JsonError(ValueError):
    """A line that is no JSON, with the rule id of the reason."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def read_text(text: str) -> tuple[Any, int]:
    """Read a line of JSON, leniently.

    Returns:
        The value, and the number of raw control characters in its strings.

    Raises:
        _JsonError: It is no JSON.
    """
    try:
        return orjson.loads(text), 0
    except ValueError as error:
        if "depth limit" in str(error):
            message = "the record is nested more than 1,024 levels deep; flatten it or take that field out"
            raise _JsonError(TOO_DEEP, message) from error
    try:
        value = load_exactly(text)
    except NestedTooDeepError as error:
        raise _JsonError(TOO_DEEP, f"the record is {error}; flatten it or take that field out") from error
    except ValueError as error:
        raise _JsonError(BAD_JSON, _explain(text, error)) from error
    return value, sum(map(text.strip().count, _CONTROLS))


def replace_lone_escapes(text: str) -> tuple[str, int]:
    r"""Turn `\ud800` without its partner into `\ufffd`; return the JSON and how many."""
    if "\\ud" not in text and "\\uD" not in text:
        return text, 0
    lone = 0

    def fix(match: regex.Match[str]) -> str:
        nonlocal lone
        found = str(match[0])
        if len(found) != _LONE_ESCAPE_LENGTH:
            return found
        lone += 1
        return "\\ufffd"

    return str(_ESCAPE.sub(fix, text)), lone


def _read_exactly(line: bytes, codec: str | None) -> dict[str, Any]:
    """Read a line that was read before, with integers of any size; nothing if it is nested too deep for that."""
    try:
        value = load_exactly(replace_lone_escapes(_decode(line, codec).text)[0])
    except NestedTooDeepError:
        return {}
    return value if isinstance(value, dict) else {}


def _explain(text: str, error: ValueError) -> str:
    """Say what is wrong with a line of JSON, and what helps."""
    message = str(error)
    if isinstance(error, json.JSONDecodeError):
        message = f"{error.msg.removesuffix(' starting at')} at character {error.pos + 1:,}"
    hint = "write one complete JSON object a line"
    if message.startswith("Extra data"):
        hint = "two records on one line? put a line feed between them"
        if isinstance(error, json.JSONDecodeError) and text[error.pos :].strip() == ",":
            hint = "take the comma off its end: JSON lines are no list"
    elif "property name enclosed in double quotes" in message and "'" in text[:40]:
        hint = "this looks like Python's notation; JSON strings stand in double quotes"
    elif message.startswith("Unterminated string") or text.rstrip().endswith(("{", "[", ",", ":")):
        hint = "the line is cut off; look for a line break inside the record"
    return f"the line is not valid JSON: {message}; {hint}"
