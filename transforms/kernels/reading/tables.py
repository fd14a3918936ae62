"""Arrow batches with any columns to batches of documents."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.reading.columns import kept_column
from corpusmill.transforms.kernels.reading.decode import UndecodableError, decode_document
from corpusmill.transforms.kernels.reading.json_lines import BAD_ENCODING
from corpusmill.transforms.kernels.reading.json_numbers import as_text, dump
from corpusmill.transforms.kernels.reading.nested import lift_columns
from corpusmill.transforms.kernels.reading.records import NO_TEXT, too_long
from corpusmill.transforms.kernels.reading.rows import UTF8, Notes, Rejection, document_batch, excerpt_of
from corpusmill.transforms.kernels.reading.settings import InputSettings

BAD_VALUE = "read.bad-value"
"""Rule id of a row with a value that nothing can hold, such as a date in the year 200,000."""


def is_textual(kind: pa.DataType) -> bool:
    """Return whether a column of this type can be the text: strings or bytes, plain or dictionary-encoded."""
    if isinstance(kind, pa.BaseExtensionType):
        kind = kind.storage_type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return _is_string(kind) or _is_bytes(kind)


def _is_string(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_binary_view(kind)
        or pa.types.is_fixed_size_binary(kind)
    )


def table_to_documents(
    batch: pa.RecordBatch, first_offset: int, source: str, settings: InputSettings
) -> pa.RecordBatch:
    """Read rows of a table.

    A row that holds what Python cannot, such as a date in the year 200,000, is rejected alone.

    Args:
        batch: Any columns, no two of one name; the text column is there and `is_textual`. Columns may be named by
            paths (`lift_columns`).
        first_offset: Number of the first row in its file.
        source: Printable path.
        settings: Columns and limits.

    Returns:
        A batch of documents, with `split` 0 and `row` from 0.
    """
    wanted = (settings.id_column, settings.text_column, settings.title_column, settings.url_column)
    batch = lift_columns(_unwrapped(batch), filter(None, (*wanted, *settings.keep_columns)))
    try:
        return _documents(batch, first_offset, source, settings, {})
    except (ArithmeticError, ValueError, TypeError, pa.ArrowException):
        bad = _unconvertible_rows(batch)
        if not bad:
            raise
        taken = np.arange(batch.num_rows)
        mask = np.isin(taken, list(bad))
        blank = pa.array(taken, mask=mask)
        columns = [column.take(blank) for column in batch.columns]
        blanked = pa.RecordBatch.from_arrays(columns, names=batch.schema.names)
        return _documents(blanked, first_offset, source, settings, bad)


def _unwrapped(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return columns of extension types as what they are made of; UUIDs as text."""
    if not any(isinstance(kind, pa.BaseExtensionType) for kind in batch.schema.types):
        return batch
    columns = [
        _uuids(column.storage)
        if str(column.type).startswith("extension<arrow.uuid")
        else column.storage
        if isinstance(column.type, pa.BaseExtensionType)
        else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _uuids(array: pa.Array) -> pa.Array:
    digits = [None if value is None else value.hex() for value in array.to_pylist()]
    parts = [None if h is None else f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}" for h in digits]
    return pa.array(parts, pa.string())


def _unconvertible_rows(batch: pa.RecordBatch) -> dict[int, Rejection]:
    """Row -> why, for rows with a value that cannot be read."""
    bad: dict[int, Rejection] = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        try:
            _plain(column).to_pylist()
        except (ArithmeticError, ValueError, TypeError, pa.ArrowException):
            for row in range(batch.num_rows):
                try:
                    _plain(column.slice(row, 1)).to_pylist()
                except (ArithmeticError, ValueError, TypeError, pa.ArrowException) as error:
                    message = f"column {name!r} has a value that cannot be read ({error}); correct it, or leave it out"
                    bad.setdefault(row, Rejection(BAD_VALUE, message))
    return bad


def _documents(
    batch: pa.RecordBatch, first_offset: int, source: str, settings: InputSettings, bad: Mapping[int, Rejection]
) -> pa.RecordBatch:
    """Read rows of which `bad` ones, nulls by now, are rejected."""
    count = batch.num_rows
    text, notes = _text_column(batch.column(settings.text_column), settings)
    if bad:
        notes = notes._replace(rejected={**notes.rejected, **bad})
    ids, unusable = _id_column(batch, first_offset, source, settings)
    kept: dict[str, pa.Array] = {}
    others = [name for name in batch.schema.names if name not in (settings.id_column, settings.text_column)]
    columns = {name: _plain(batch.column(name)) for name in others}
    if unusable is not None:
        columns = {settings.id_column: unusable, **columns}
    records: list[dict[str, Any]] = [{} for _ in range(count)]
    for name, kind in settings.kept_types().items():
        if name not in columns:
            kept[name] = pa.nulls(count, kind)
            continue
        try:
            kept[name] = _cast(batch.column(name), kind)
        except pa.ArrowException:
            values = [{name: value} if value is not None else {} for value in columns[name].to_pylist()]
            kept[name] = kept_column(values, name, settings.keep_columns[name])
            for record, value in zip(records, values, strict=True):
                record.update(value)
        del columns[name]
    title = _string_column(columns, settings.title_column, count)
    url = _string_column(columns, settings.url_column, count)
    for name, array in (("title", title), ("url", url)):
        if name in settings.keep_columns and name in columns and array.null_count == columns[name].null_count:
            del columns[name]
    fixed = {
        "id": ids,
        "source": pa.repeat(pa.scalar(source, pa.string()), count),
        "offset": pa.array(range(first_offset, first_offset + count), pa.int64()),
        "text": text,
        "title": title,
        "url": url,
        "metadata": _metadata(records, columns, text, settings),
    }
    return document_batch(0, 0, fixed, kept, notes)


def _cast(array: pa.Array, kind: pa.DataType) -> pa.Array:
    """Convert a column in one go.

    Raises:
        pa.ArrowException: It has to be read value by value.
    """
    if pa.types.is_temporal(kind) and not pa.types.is_temporal(array.type):
        raise pa.ArrowInvalid("a number or a string may tell a time in several ways")
    return pc.cast(array, kind)


def _text_column(array: pa.Array, settings: InputSettings) -> tuple[pa.Array, Notes]:
    """Return the text as valid strings, and what is wrong with some rows."""
    rejected: dict[int, Rejection] = {}
    encodings: dict[int, str] = {}
    findings: dict[int, tuple[tuple[str, int], ...]] = {}
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    for row in pc.indices_nonzero(array.is_null()).to_pylist():
        error = f"the row has no text in column {settings.text_column!r}; leave it out"
        rejected[row] = Rejection(NO_TEXT, error)
    limit = settings.max_document_bytes
    long = pc.fill_null(pc.greater(pc.binary_length(array), limit), False)
    too_long_rows = pc.indices_nonzero(long).to_pylist()
    for row in too_long_rows:
        data = array[row].as_buffer()
        rejected[row] = too_long(data.size, limit, data.slice(0, min(data.size, 1024)).to_pybytes())
    if too_long_rows:
        array = pc.if_else(long, pa.scalar(None, array.type), array)
    text = _as_strings(array)
    if text is None:
        values: list[str | None] = []
        for row, value in enumerate(array.cast(pa.large_binary()).to_pylist()):
            if value is None:
                values.append(None)
                continue
            try:
                decoded = decode_document(value)
            except UndecodableError as error:
                rejected[row] = Rejection(BAD_ENCODING, str(error), excerpt_of(value))
                values.append(None)
                continue
            values.append(decoded.text)
            if decoded.encoding != UTF8:
                encodings[row] = decoded.encoding
            if decoded.findings:
                findings[row] = decoded.findings
        text = pa.array(values, pa.string())
    return text, Notes(rejected, encodings, findings)


def _as_strings(array: pa.Array) -> pa.Array | None:
    """Return the values as `pa.string()`, or None if any is not UTF-8."""
    try:
        text = pc.cast(array, pa.binary()) if pa.types.is_fixed_size_binary(array.type) else array
        text = pc.cast(text, pa.string())
        text.validate(full=True)  # casting from one string type to another does not look at the bytes
    except pa.ArrowInvalid:
        return None
    return text


def _id_column(
    batch: pa.RecordBatch, first_offset: int, source: str, settings: InputSettings
) -> tuple[pa.Array, pa.Array | None]:
    """Return the names, and the id column itself if it cannot serve as such."""
    count = batch.num_rows
    generated = pa.array([f"{source}#{first_offset + row}" for row in range(count)], pa.string())
    if settings.id_column not in batch.schema.names:
        return generated, None
    array = batch.column(settings.id_column)
    kind = array.type.value_type if pa.types.is_dictionary(array.type) else array.type
    if not (is_textual(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        return generated, _plain(array)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    names = _as_strings(array) if is_textual(kind) else pc.cast(array, pa.string())
    if names is None:
        return generated, _plain(array)
    missing = pc.or_kleene(names.is_null(), pc.equal(names, ""))
    return pc.if_else(pc.fill_null(missing, True), generated, names), None


def _string_column(columns: dict[str, pa.Array], name: str | None, count: int) -> pa.Array:
    array = columns.get(name) if name else None
    if array is not None and _is_string(array.type):
        return pc.cast(array, pa.string())
    return pa.nulls(count, pa.string())


def _plain(array: pa.Array) -> pa.Array:
    """Return a column in types whose Python values JSON can hold, whatever else is installed."""
    wanted = _plain_type(array.type)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if wanted != array.type:
        array = pc.cast(array, options=_lenient(wanted))
    if _is_string(array.type):
        strings = _as_strings(array)
        if strings is None:
            values = [as_text(v) for v in array.cast(pa.large_binary()).to_pylist()]
            return pa.array(values, pa.string())
        return strings
    return array


def _lenient(wanted: pa.DataType) -> pc.CastOptions:
    """Let a cast cut digits off, but not turn a time that is out of range into another one."""
    return pc.CastOptions(
        wanted,
        allow_int_overflow=True,
        allow_time_truncate=True,
        allow_decimal_truncate=True,
        allow_float_truncate=True,
        allow_invalid_utf8=True,
    )


def _plain_type(kind: pa.DataType) -> pa.DataType:
    """Return the type to read for a type: nanoseconds and zones depend on what else is installed."""
    types = pa.types
    if types.is_dictionary(kind):
        return _plain_type(kind.value_type)
    if types.is_timestamp(kind):
        return pa.timestamp("us", tz="UTC" if kind.tz else None)
    if types.is_time64(kind):
        return pa.time64("us")
    if types.is_duration(kind):
        return pa.int64()
    if types.is_decimal(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return pa.string()
    if types.is_struct(kind):
        return pa.struct([pa.field(field.name, _plain_type(field.type)) for field in kind])
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return pa.list_(_plain_type(kind.value_type))
    if types.is_map(kind):
        return pa.map_(_plain_type(kind.key_type), _plain_type(kind.item_type))
    return kind


def _json_values(array: pa.Array) -> list[Any]:
    """Return the values of a column; numbers that JSON has no form for as the texts that JSON lines have for them."""
    values: list[Any] = array.to_pylist()
    if pa.types.is_floating(array.type) and pc.any(pc.invert(pc.is_finite(array))).as_py():
        texts = {math.inf: "Infinity", -math.inf: "-Infinity"}
        values = [value if value is None or math.isfinite(value) else texts.get(value, "NaN") for value in values]
    return values


def _metadata(
    records: list[dict[str, Any]], columns: dict[str, pa.Array], text: pa.Array, settings: InputSettings
) -> pa.Array:
    """Return the records and the columns as JSON objects without nulls; null where nothing is left."""
    if settings.metadata == "drop":
        return pa.nulls(len(records), pa.string())
    for name, array in columns.items():
        for record, value in zip(records, _json_values(array), strict=True):
            if value is not None:
                record[name] = value
    found = [
        dump(record) if record and present else None
        for record, present in zip(records, text.is_valid().to_pylist(), strict=True)
    ]
    return pa.array(found, pa.string())
