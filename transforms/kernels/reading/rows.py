"""Rows of documents under construction, as plain lists, and the Arrow batch made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import regex

from corpusmill.transforms.kernels.reading.decode import Decoded
from corpusmill.transforms.kernels.schema import (
    KEPT,
    OVERLAPS_TYPE,
    PACKED_TYPE,
    REJECTED,
    REMOVED_LINES_TYPE,
    REPAIRS_TYPE,
    document_schema,
    repairs_of,
)

UTF8 = "utf-8"

EXCERPT_CHARS = 200
_UNPRINTABLE = regex.compile(r"[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+")


class Rejection(NamedTuple):
    """Why a record or file could not be read.

    Attributes:
        reason: Stable rule id, e.g. `read.bad-json`.
        error: What is wrong and what helps, as a sentence to read.
        excerpt: How the record begins.
    """

    reason: str
    error: str
    excerpt: str = ""


def excerpt_of(data: bytes) -> str:
    """Return the first printable characters of some bytes; others become escapes or one `·`."""
    head = data[: 4 * EXCERPT_CHARS].decode("utf-8", "backslashreplace")
    return str(_UNPRINTABLE.sub("·", head))[:EXCERPT_CHARS]


@dataclass
class Rows:
    """Documents as one list a column; what few rows have is kept in dicts by row.

    Attributes:
        sources: Printable path of the input.
        offsets: Position in the input.
        ids: Names.
        texts: None where rejected.
        titles: Values of the title column.
        urls: Values of the URL column.
        metadata: UTF-8 JSON objects.
        kept: Name of a kept column -> Arrow arrays whose concatenation has one value a row.
        rejected: Row -> why.
        encodings: Row -> codec, for those not in UTF-8.
        findings: Row -> (rule id, count) of the reading.
        size: Bytes of text, roughly.
    """

    sources: list[str] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    texts: list[str | None] = field(default_factory=list)
    titles: list[str | None] = field(default_factory=list)
    urls: list[str | None] = field(default_factory=list)
    metadata: list[bytes | None] = field(default_factory=list)
    kept: dict[str, list[pa.Array]] = field(default_factory=dict)
    rejected: dict[int, Rejection] = field(default_factory=dict)
    encodings: dict[int, str] = field(default_factory=dict)
    findings: dict[int, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    size: int = 0

    def __len__(self) -> int:
        return len(self.ids)

    def append_text(self, source: str, decoded: Decoded) -> None:
        """Add a document that is a whole file."""
        row = self._append(source, 0, source, decoded.text)
        self.size += len(decoded.text)
        if decoded.encoding != UTF8:
            self.encodings[row] = decoded.encoding
        if decoded.findings:
            self.findings[row] = decoded.findings

    def append_rejection(self, source: str, offset: int, identifier: str, why: Rejection) -> None:
        """Add a record or file that cannot be read."""
        self.rejected[self._append(source, offset, identifier, None)] = why

    def _append(self, source: str, offset: int, identifier: str, text: str | None) -> int:
        self.sources.append(source)
        self.offsets.append(offset)
        self.ids.append(identifier)
        self.texts.append(text)
        self.titles.append(None)
        self.urls.append(None)
        self.metadata.append(None)
        return len(self) - 1

    def extend(self, other: Rows) -> None:
        """Add all rows of another one."""
        shift = len(self)
        for name, arrays in other.kept.items():
            mine = self._kept_column(name, arrays[0].type)
            mine.extend(arrays)
        self.sources += other.sources
        self.offsets += other.offsets
        self.ids += other.ids
        self.texts += other.texts
        self.titles += other.titles
        self.urls += other.urls
        self.metadata += other.metadata
        self.rejected.update((shift + row, why) for row, why in other.rejected.items())
        self.encodings.update((shift + row, name) for row, name in other.encodings.items())
        self.findings.update((shift + row, found) for row, found in other.findings.items())
        self.size += other.size

    def _kept_column(self, name: str, kind: pa.DataType) -> list[pa.Array]:
        """Return a kept column's arrays, filled with nulls up to the last row."""
        arrays = self.kept.setdefault(name, [])
        missing = len(self) - sum(map(len, arrays))
        if missing:
            arrays.append(pa.nulls(missing, kind))
        return arrays

    def to_batch(self, split: int, first_row: int, kept_types: dict[str, pa.DataType]) -> pa.RecordBatch:
        """Return the rows as a batch of documents.

        Args:
            split: Index of the split.
            first_row: Row number of the first of them.
            kept_types: Kept columns as in `document_schema`.
        """
        kept = {}
        for name, kind in kept_types.items():
            arrays = self._kept_column(name, kind)
            kept[name] = pa.concat_arrays(arrays) if arrays else pa.nulls(0, kind)
        columns = {
            "id": pa.array(self.ids, pa.string()),
            "source": pa.array(self.sources, pa.string()),
            "offset": pa.array(self.offsets, pa.int64()),
            "text": pa.array(self.texts, pa.string()),
            "title": pa.array(self.titles, pa.string()),
            "url": pa.array(self.urls, pa.string()),
            "metadata": pa.array(self.metadata, pa.string()),
        }
        notes = Notes(self.rejected, self.encodings, self.findings)
        return document_batch(split, first_row, columns, kept, notes)


class Notes(NamedTuple):
    """What only few rows of a batch have.

    Attributes:
        rejected: Row -> why; the text of these rows is null.
        encodings: Row -> codec, for those not in UTF-8.
        findings: Row -> (rule id, count) of the reading.
    """

    rejected: Mapping[int, Rejection]
    encodings: Mapping[int, str]
    findings: Mapping[int, tuple[tuple[str, int], ...]]


def document_batch(
    split: int, first_row: int, columns: Mapping[str, pa.Array], kept: Mapping[str, pa.Array], notes: Notes
) -> pa.RecordBatch:
    """Make a batch of documents as they are after reading.

    Args:
        split: Index of the split.
        first_row: Row number of the first row.
        columns: `id`, `source`, `offset`, `text`, `title`, `url`, `metadata`, of the types of the schema.
        kept: The kept columns, in configured order.
        notes: The rest.

    Returns:
        A batch of `document_schema`.
    """
    text = columns["text"]
    count = len(text)
    rejected = notes.rejected
    repairs = {row: repairs_of(dict(found)) for row, found in notes.findings.items()}
    made = {
        **columns,
        **kept,
        "split": pa.repeat(pa.scalar(split, pa.int32()), count),
        "row": pa.array(range(first_row, first_row + count), pa.int32()),
        "decision": _mostly(KEPT, count, dict.fromkeys(rejected, REJECTED)),
        "reason": _mostly(None, count, {row: why.reason for row, why in rejected.items()}),
        "error": _mostly(None, count, {row: why.error for row, why in rejected.items()}),
        "excerpt": _mostly(None, count, {row: why.excerpt for row, why in rejected.items()}),
        "encoding": _mostly(UTF8, count, {**dict.fromkeys(rejected), **notes.encodings}),
        "chars_in": pc.fill_null(pc.utf8_length(text), 0).cast(pa.int64()),
        "repairs": _sparse(count, repairs, REPAIRS_TYPE),
        "removed_lines": pa.nulls(count, REMOVED_LINES_TYPE),
        "overlaps": pa.nulls(count, OVERLAPS_TYPE),
        "unstripped": pa.nulls(count, pa.string()),
        "packed_lines": pa.nulls(count, PACKED_TYPE),
    }
    schema = document_schema({name: array.type for name, array in kept.items()})
    return pa.RecordBatch.from_arrays([made[name] for name in schema.names], schema=schema)


def _mostly(usual: str | None, count: int, others: Mapping[int, Any]) -> pa.Array:
    """Return a string column that holds `usual` but in a few rows."""
    if not others:
        return pa.nulls(count, pa.string()) if usual is None else pa.repeat(pa.scalar(usual, pa.string()), count)
    values = [usual] * count
    for row, value in others.items():
        values[row] = value
    return pa.array(values, pa.string())


def _sparse(count: int, values: Mapping[int, Any], kind: pa.DataType) -> pa.Array:
    """Return a column that is null but in a few rows."""
    if not values:
        return pa.nulls(count, kind)
    return pa.array([values.get(row) for row in range(count)], kind)
