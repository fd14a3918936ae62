"""Blocks of CSV or TSV to rows of documents.

The grammar is that of RFC 4180: a field that begins with a quote ends at a quote before a delimiter or a line end, and
may hold delimiters, line ends and doubled quotes. Where a row does not fit it, its line is taken as it is, quotes and
all, if that gives as many fields as there are columns: many programs write TSV without any quoting. What fits neither
is a rejected row, and reading goes on with the next line.

Delimiters, quotes and line ends are ASCII in every charset that is read here, so rows are found in bytes and decoded
one by one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from corpusmill.transforms.kernels.reading.decode import CharsetMemory, UndecodableError, decode_document
from corpusmill.transforms.kernels.reading.json_lines import BAD_ENCODING
from corpusmill.transforms.kernels.reading.records import Origin, ParsedRecord, objects_to_rows, too_long
from corpusmill.transforms.kernels.reading.rows import UTF8, Rejection, Rows, excerpt_of
from corpusmill.transforms.kernels.reading.settings import MAX_BATCH_ROWS, InputSettings

BAD_ROW = "read.bad-row"
STRAY_QUOTES = "read.stray-quotes"

DELIMITERS = (b",", b"\t", b";", b"|")
"""Delimiters that are looked for in a header."""

MAX_COLUMNS = 1 << 16
"""Fields beyond so many are one: a line of nothing but delimiters does not fill the memory."""

_QUOTES = re.compile(rb'"+')


class RawRow(NamedTuple):
    """A row as it is found.

    Attributes:
        fields: Without the quotes around them; None where the grammar is broken.
        end: Position behind its line end.
    """

    fields: list[bytes] | None
    end: int


def next_row(data: bytes, start: int, delimiter: bytes, *, is_end: bool) -> RawRow | None:
    r"""Find the row that begins at a position.

    Args:
        data: Bytes of a file.
        start: Where the row begins.
        delimiter: One byte.
        is_end: Whether the file ends with `data`.

    Returns:
        The row; None if it goes on behind `data`.

    Example:
        >>> next_row(b'1,"a ""b""\nc"\n2,d\n', 0, b",", is_end=True)
        RawRow(fields=[b'1', b'a "b"\nc'], end=14)
        >>> next_row(b'1,"a" b\n', 0, b",", is_end=True)
        RawRow(fields=None, end=8)
    """
    line_end = data.find(b"\n", start)
    if line_end < 0 and not is_end:
        return None
    line_end = len(data) if line_end < 0 else line_end
    line = data[start:line_end]
    after_line = min(line_end + 1, len(data))
    if b'"' not in line:
        return RawRow(line.removesuffix(b"\r").split(delimiter, MAX_COLUMNS), after_line)
    fields: list[bytes] = []
    position = start
    while True:
        if data.startswith(b'"', position):
            close = _closing_quote(data, position + 1)
            if close is None or (close + 1 == len(data) and not is_end):
                return RawRow(None, after_line) if is_end else None
            fields.append(data[position + 1 : close].replace(b'""', b'"'))
            position = close + 1
            if position > line_end:  # the field went over line ends
                line_end = data.find(b"\n", position)
                if line_end < 0 and not is_end:
                    return None
                line_end = len(data) if line_end < 0 else line_end
            if data[position:line_end] in (b"", b"\r"):
                return RawRow(fields, min(line_end + 1, len(data)))
        else:
            end = data.find(delimiter, position, line_end)
            if end < 0:
                fields.append(data[position:line_end].removesuffix(b"\r"))
                return RawRow(fields, min(line_end + 1, len(data)))
            fields.append(data[position:end])
            position = end
        if not data.startswith(delimiter, position) or len(fields) > MAX_COLUMNS:
            return RawRow(None, after_line)
        position += 1


def _closing_quote(data: bytes, start: int) -> int | None:
    """Return where a quoted field ends whose content begins at `start`: the last of the first odd run of quotes."""
    for run in _QUOTES.finditer(data, start):
        if (run.end() - run.start()) % 2:
            return run.end() - 1
    return None


def column_names(fields: Sequence[str]) -> list[str]:
    """Return a header's names, each different: what has no name gets its position, what is there twice a number.

    Example:
        >>> column_names(["id", "", "text", "text"])
        ['id', 'column_2', 'text', 'text_2']
    """
    counts: dict[str, int] = {}
    for position, field in enumerate(fields, 1):
        name = base = field.strip() or f"column_{position}"
        while name in counts:
            counts[base] += 1
            name = f"{base}_{counts[base]}"
        counts[name] = 1
    return list(counts)


class Delimited:
    """Reads the blocks of one file, or of one range of it, in order.

    How the rows are cut into blocks changes nothing.
    """

    def __init__(self, source: str, settings: InputSettings, delimiter: bytes, names: Sequence[str]) -> None:
        """Begin behind the header.

        Args:
            source: Printable path.
            settings: Columns and limits.
            delimiter: One byte.
            names: The columns, each once.
        """
        self._source = source
        self._settings = settings
        self._delimiter = delimiter
        self._names = list(names)
        self._charsets = CharsetMemory()
        self._held = b""
        self._held_at = 0
        self._tried = 0

    def read(self, block: bytes, offset: int) -> Iterator[Rows]:
        """Read whole lines.

        Args:
            block: Lines that end in a line feed; the last of a file may lack it. Blank lines are not records.
            offset: Position of the block in its (decompressed) source, in bytes.

        Yields:
            One row for every record that has ended, in order; the start of one that goes on is held.
        """
        if not self._held:
            self._held_at = offset
        self._held += block
        # A field over many lines is looked at again only when there is twice as much of it: the time is linear.
        if len(self._held) >= 2 * self._tried:
            yield from self._rows(is_end=False)

    def finish(self) -> Iterator[Rows]:
        """Read what is held: the file has ended, or a line follows that cannot be read."""
        yield from self._rows(is_end=True)

    def _rows(self, *, is_end: bool) -> Iterator[Rows]:
        data, base, limit = self._held, self._held_at, self._settings.max_document_bytes
        found = _Found()
        position = 0
        while position < len(data):
            row = next_row(data, position, self._delimiter, is_end=is_end)
            if row is None and len(data) - position <= limit:
                break
            if row is None or row.end - position > limit:  # what has no end is not a field: go on with the next line
                row = RawRow(None, data.find(b"\n", position) + 1 or len(data))
            raw = data[position : row.end].rstrip(b"\r\n")
            if raw.strip(b" "):
                found.add(*self._read_row(raw, row.fields), base + position, raw)
            position = row.end
            if len(found.values) >= MAX_BATCH_ROWS:
                yield found.to_rows(self._source, self._settings)
                found = _Found()
        self._held, self._held_at = data[position:], base + position
        self._tried = len(self._held)
        yield found.to_rows(self._source, self._settings)

    def _read_row(self, raw: bytes, fields: list[bytes] | None) -> tuple[dict[str, str], ParsedRecord | None]:
        """Decode a row and name its fields; the reading is None for plain UTF-8."""
        limit = self._settings.max_document_bytes
        if len(raw) > limit:
            return {}, ParsedRecord(rejection=too_long(len(raw), limit, raw))
        findings: tuple[tuple[str, int], ...] = ()
        if fields is None or len(fields) != len(self._names):
            literal = raw.split(self._delimiter, MAX_COLUMNS)
            if len(literal) != len(self._names) or b"\n" in raw:
                return {}, ParsedRecord(rejection=self._bad_row(raw, fields))
            fields, findings = literal, ((STRAY_QUOTES, raw.count(b'"')),)
        try:
            texts = [field.decode() for field in fields]
        except UnicodeDecodeError:
            return self._decoded(raw, findings)
        return self._named(texts), ParsedRecord(findings=findings) if findings else None

    def _decoded(self, raw: bytes, findings: tuple[tuple[str, int], ...]) -> tuple[dict[str, str], ParsedRecord]:
        """Read a row that is not UTF-8: detect its charset from all of it."""
        try:
            decoded = decode_document(raw, self._charsets)
        except UndecodableError as error:
            return {}, ParsedRecord(
                rejection=Rejection(BAD_ENCODING, f"{error}; convert the file to UTF-8", excerpt_of(raw))
            )
        data = decoded.text.encode()
        row = next_row(data, 0, self._delimiter, is_end=True)
        fields = (
            data.split(self._delimiter, MAX_COLUMNS) if findings or row is None or row.fields is None else row.fields
        )
        if len(fields) != len(self._names):
            return {}, ParsedRecord(rejection=self._bad_row(raw, fields))
        encoding = UTF8 if decoded.encoding == "utf-8-sig" else decoded.encoding
        return self._named([field.decode() for field in fields]), ParsedRecord(
            None, None, encoding, (*findings, *decoded.findings)
        )

    def _named(self, texts: list[str]) -> dict[str, str]:
        """Return name -> field; an empty field has no value, but an empty text is one."""
        own = self._settings.text_column
        return {name: text for name, text in zip(self._names, texts, strict=True) if text or name == own}

    def _bad_row(self, raw: bytes, fields: list[bytes] | None) -> Rejection:
        wanted = len(self._names)
        if fields is None:
            error = (
                "a field begins with a quote and does not end with one before a delimiter or line end, or not within "
                f'max_document_bytes = {self._settings.max_document_bytes:,}; write quotes inside a field as ""'
            )
        else:
            error = (
                f"the row has {len(fields):,} fields, the file {wanted:,} columns; put fields that hold delimiters or "
                "line ends into quotes"
            )
        return Rejection(BAD_ROW, error, excerpt_of(raw))


class _Found:
    """Rows under construction."""

    def __init__(self) -> None:
        self.values: list[dict[str, str]] = []
        self.odd: dict[int, ParsedRecord] = {}
        self.offsets: list[int] = []
        self.raw: list[bytes] = []

    def add(self, value: dict[str, str], reading: ParsedRecord | None, offset: int, raw: bytes) -> None:
        if reading is not None:
            self.odd[len(self.values)] = reading
        self.values.append(value)
        self.offsets.append(offset)
        self.raw.append(raw)

    def to_rows(self, source: str, settings: InputSettings) -> Rows:
        raw: Callable[[int], bytes] = self.raw.__getitem__
        rows = objects_to_rows(
            list(self.values), self.odd, Origin(source, self.offsets, "@", raw, lambda _: {}), settings
        )
        rows.size = sum(map(len, self.raw))
        return rows
