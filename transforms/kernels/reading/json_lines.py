"""Blocks of JSON lines to rows of documents.

`orjson` reads the lines; what it refuses is looked at again, one line at a time: other charsets, lone surrogates, raw
control characters, numbers that JSON does not know. What is not an object with a text then becomes a rejected row.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import orjson

from corpusmill.transforms.kernels.reading.decode import LONE_SURROGATE, CharsetMemory, UndecodableError
from corpusmill.transforms.kernels.reading.json_cuts import WHITE, holds_several, split_lines, split_records
from corpusmill.transforms.kernels.reading.json_text import (
    BAD_JSON,
    JsonError,
    decode,
    read_exactly,
    read_text,
    replace_lone_escapes,
)
from corpusmill.transforms.kernels.reading.records import Origin, ParsedRecord, objects_to_rows, too_long
from corpusmill.transforms.kernels.reading.rows import UTF8, Rejection, Rows, excerpt_of
from corpusmill.transforms.kernels.reading.settings import MAX_BATCH_ROWS, InputSettings

BAD_ENCODING = "read.bad-encoding"
RAW_CONTROLS = "read.raw-controls"

MAX_BAD_LINES = 1000
"""Unreadable lines in a row that get a rejected row each; those that follow, up to a readable one, share one."""

# How a line must begin to be worth decoding: any JSON value, NaN and Infinity.
_BEGINNINGS = tuple(bytes([byte]) for byte in b'{["-0123456789tfnNI')
_BEFORE_A_VALUE = WHITE + b"\xef\xbb\xbf"


class _Line(NamedTuple):
    """A line that is read.

    Attributes:
        start: Position of its first byte in the source.
        raw: Its bytes.
        value: What it holds; anything but a dict is rejected.
        reading: How it was read, if not as plain JSON in UTF-8.
    """

    start: int
    raw: bytes
    value: Any
    reading: ParsedRecord | None = None


class _BadRun:
    """Counts unreadable lines in a row; from `MAX_BAD_LINES` on they share one rejected row."""

    def __init__(self) -> None:
        self.bad = 0  # unreadable lines since the last readable one
        self.shared = 0  # those of them that share a row
        self._start = 0
        self._excerpt = ""

    def add(self, line: _Line) -> bool:
        """Count an unreadable line, and return whether it shares the row of those before."""
        self.bad += 1
        if self.bad <= MAX_BAD_LINES:
            return False
        if not self.shared:
            self._start, self._excerpt = line.start, excerpt_of(line.raw)
        self.shared += 1
        return True

    def take(self, source: str) -> Rows:
        """Return the row that lines share, if any do, and begin anew."""
        rows = Rows()
        if self.shared:
            error = (
                f"this line and {self.shared - 1:,} more behind it are not JSON objects either; is this a file of "
                "JSON lines? Turn a long JSON list into lines, for example with jq -c '.[]'"
            )
            why = Rejection(BAD_JSON, error, self._excerpt)
            rows.append_rejection(source, self._start, f"{source}@{self._start}", why)
        self.shared = 0
        return rows


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
        self._several: bool | None = None  # whether a line holds several objects: the first line tells
        self._source = source
        self._settings = settings
        self._charsets = CharsetMemory()
        self._odd_before = False  # only for speed: whether the last block held lines that `orjson` refuses
        self._run = _BadRun()

    def read(self, block: bytes, offset: int) -> Iterator[Rows]:
        """Read whole lines.

        Args:
            block: Lines that end in a line feed; the last of a file may lack it. Blank lines are not records.
            offset: Position of the block in its (decompressed) source, in bytes.

        Yields:
            One row for every line that is not blank, in order. Unreadable lines beyond `MAX_BAD_LINES` in a row are one
            row, which comes when the run has ended.
        """
        lines, starts = split_lines(block, offset)
        if self._several is None and (first := next((line for line in lines if not _is_blank(line)), None)) is not None:
            self._several = holds_several(first)
        plain = self._plain_objects(lines)
        if plain is not None:
            yield self._rows([_Line(*found) for found in zip(starts, lines, plain, strict=True)])
            return
        self._odd_before = False
        yield from self._batches(self._collapsed(self._parsed(lines, starts)))

    def finish(self) -> Rows:
        """End the file: return the row that its last unreadable lines share, if there are any."""
        return self._run.take(self._source)

    def _plain_objects(self, lines: list[bytes]) -> list[Any] | None:
        """Return the values of lines that all are JSON objects in UTF-8, as nearly all blocks hold; else None."""
        if self._codec or self._run.bad or self._odd_before or len(lines) > MAX_BATCH_ROWS:
            return None
        if max(map(len, lines), default=0) > self._settings.max_document_bytes:
            return None
        try:
            values = list(map(orjson.loads, lines))
        except ValueError:
            return None
        return values if set(map(type, values)) <= {dict} else None

    def _parsed(self, lines: list[bytes], starts: list[int]) -> Iterator[_Line]:
        """Yield each line that is not blank, and is not surely one more of a run of bad ones, with its value."""
        limit = self._settings.max_document_bytes
        for index, line in enumerate(lines):
            if self._run.shared and not _may_be_record(line):
                self._run.shared += not _is_blank(line)
                continue
            try:
                if len(line) > limit or (self._codec and not line.isascii()):
                    raise ValueError
                value, reading = orjson.loads(line), None
            except ValueError:
                if self._several and len(line) <= limit and holds_several(line):
                    line = _cut(lines, starts, index)  # noqa: PLW2901 - the rest of it comes in the next rounds
                if _is_blank(line):
                    continue
                self._odd_before = True
                reading = self._read_odd(line)
                value = reading.value
            yield _Line(starts[index], line, value, reading)

    def _collapsed(self, lines: Iterable[_Line]) -> Iterator[_Line | None]:
        """Yield the lines that have a row of their own, and None where a run of bad ones that share a row has ended."""
        for line in lines:
            if type(line.value) is not dict:
                if self._run.add(line):
                    continue
            elif self._run.bad:
                self._run.bad = 0
                if self._run.shared:
                    yield None
            yield line

    def _batches(self, lines: Iterable[_Line | None]) -> Iterator[Rows]:
        pending: list[_Line] = []
        for line in lines:
            if line is not None:
                pending.append(line)
            if line is None or len(pending) >= MAX_BATCH_ROWS:
                yield self._rows(pending)
                pending = []
            if line is None:
                yield self._run.take(self._source)
        yield self._rows(pending)

    def _rows(self, lines: list[_Line]) -> Rows:
        origin = Origin(
            self._source,
            [line.start for line in lines],
            "@",
            lambda row: lines[row].raw,
            lambda row: read_exactly(lines[row].raw, self._codec),
        )
        odd = {row: line.reading for row, line in enumerate(lines) if line.reading is not None}
        rows = objects_to_rows([line.value for line in lines], odd, origin, self._settings)
        rows.size = sum(len(line.raw) for line in lines)
        return rows

    def _read_odd(self, line: bytes) -> ParsedRecord:
        """Read a line that `orjson` refuses, or say why it cannot be read."""
        limit = self._settings.max_document_bytes
        if len(line) > limit:
            return ParsedRecord(rejection=too_long(len(line), limit, line))
        begin = line.lstrip(_BEFORE_A_VALUE)
        if not begin.startswith(_BEGINNINGS):
            error = "the line is not JSON: a record begins with {; is this a file of JSON lines?"
            return ParsedRecord(rejection=Rejection(BAD_JSON, error, excerpt_of(line)))
        try:
            if b"\\" not in line:
                # Whatever the charset, the syntax between the strings is ASCII: if that is not JSON, the line is not.
                read_text(line.decode("utf-8", "replace").lstrip("\ufeff"))
            text, encoding, findings = decode(line, self._codec, self._charsets)
            text, lone = replace_lone_escapes(text)
            if lone:
                findings = (*findings, (LONE_SURROGATE, lone))
            value, controls = read_text(text)
        except UndecodableError as error:
            why = Rejection(BAD_ENCODING, f"{error}; convert the file to UTF-8", excerpt_of(line))
            return ParsedRecord(rejection=why)
        except JsonError as error:
            return ParsedRecord(rejection=Rejection(error.reason, str(error), excerpt_of(line)))
        if controls:
            findings = (*findings, (RAW_CONTROLS, controls))
        if encoding == "utf-8-sig":
            encoding = UTF8
        return ParsedRecord(value, None, encoding, findings)


def _cut(lines: list[bytes], starts: list[int], index: int) -> bytes:
    """Put the objects of a line in its place, with where they begin; return the first."""
    pieces, begins = split_records(lines[index])
    starts[index : index + 1] = [starts[index] + begin for begin in begins]
    lines[index : index + 1] = pieces
    return pieces[0]


def _is_blank(line: bytes) -> bool:
    return not line or line.isspace() or not line.removeprefix(BOM_UTF8).strip(WHITE)


def _may_be_record(line: bytes) -> bool:
    """Return quickly whether a line among many bad ones could be an object."""
    return line.lstrip(_BEFORE_A_VALUE)[:1] == b"{" and line.rstrip(WHITE)[-1:] == b"}"
