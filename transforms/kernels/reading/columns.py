"""Values of records to typed columns."""

from __future__ import annotations

import datetime as dt
import email.utils
import json
import math
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.reading.json_numbers import LARGEST_EXACT_FLOAT
from corpusmill.transforms.kernels.reading.nested import pop_path
from corpusmill.transforms.kernels.reading.settings import COLUMN_TYPES, ColumnType


class _UnfitError(ValueError):
    """A value that a column's type cannot hold."""


def kept_column(records: Sequence[dict[str, Any]], name: str, kind: ColumnType) -> pa.Array:
    """Take one field out of all records as a typed column.

    A value that does not fit the type becomes null and stays in its record.

    Args:
        records: Parsed JSON objects; changed in place.
        name: The field.
        kind: Name of the column's type.

    Returns:
        One value a record.
    """
    if "." in name:
        values = [pop_path(record, name) for record in records]
    else:
        values = [record.pop(name, None) for record in records]
    whole = _whole_column(values, kind)
    if whole is not None:
        return whole
    convert = _CONVERSIONS[kind]
    fitting: list[Any] = []
    for record, value in zip(records, values, strict=True):
        try:
            fitting.append(None if value is None else convert(value))
        except (_UnfitError, ValueError, OverflowError, pa.ArrowException):
            fitting.append(None)
            record[name] = value
    return pa.array(fitting, COLUMN_TYPES[kind])


def _whole_column(values: list[Any], kind: ColumnType) -> pa.Array | None:
    """Convert all values in one go, or return None; equals the conversion of each alone."""
    if kind not in _PLAIN or set(map(type, values)) - {_PLAIN[kind], type(None)}:
        return None
    wanted = COLUMN_TYPES[kind]
    try:
        if kind == "date":
            return pc.cast(pa.array(values, pa.string()), wanted)
        if kind == "timestamp":
            return _timestamps(pa.array(values, pa.string()))
        return pa.array(values, wanted)
    except (pa.ArrowException, OverflowError):
        return None


def _timestamps(text: pa.Array) -> pa.Array:
    """Read ISO 8601; where no value has a zone, all are taken as UTC."""
    try:
        return pc.cast(text, COLUMN_TYPES["timestamp"])
    except pa.ArrowInvalid:
        return pc.assume_timezone(pc.cast(text, pa.timestamp("us")), "UTC")


def _string(value: Any) -> str:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, float) and abs(value) >= LARGEST_EXACT_FLOAT:
        raise _UnfitError  # may have been an integer that no float holds; the metadata has it exactly
    if isinstance(value, (bool, int, float)):
        return json.dumps(value)
    raise _UnfitError


def _integer(value: Any) -> int:
    number = value
    if isinstance(value, str):
        number = int(value.strip()) if value.strip().lstrip("+-").isdigit() and value.isascii() else float(value)
    if isinstance(number, bool) or not isinstance(number, (int, float)) or number != int(number):
        raise _UnfitError
    if not -(2**63) <= int(number) < 2**63:
        raise _UnfitError
    return int(number)


def _double(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise _UnfitError
    return float(value)


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise _UnfitError


_EPOCH_UNITS = ((10**11, 10**6), (10**14, 10**3), (10**17, 1))
"""Numbers below which an epoch counts seconds, milliseconds, microseconds (nanoseconds from there on), and the
microseconds of one: each covers 1973 to 5138, so that no two can be confused."""
_EPOCH_DIGITS = 9
_DAY_US = 86_400_000_000
_FIRST_US, _LAST_US = -719_162 * _DAY_US, 2_932_897 * _DAY_US - 1
"""The years 1 to 9999, which Python can hold."""


def _epoch(value: float) -> int:
    """Return the microseconds since 1970 of a number of seconds, milliseconds, microseconds or nanoseconds."""
    if isinstance(value, float) and not math.isfinite(value):
        raise _UnfitError
    found = next((round(value * unit) for below, unit in _EPOCH_UNITS if abs(value) < below), int(value) // 1000)
    if not _FIRST_US <= found <= _LAST_US:
        raise _UnfitError
    return found


def _timestamp(value: Any) -> int:
    """Read ISO 8601, an epoch, or a date as e-mail and HTTP have it (RFC 2822, RFC 9110)."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _epoch(value)
    if not isinstance(value, str):
        raise _UnfitError
    text = value.strip()
    if text.lstrip("-").isascii() and text.lstrip("-").isdigit() and len(text.lstrip("-")) >= _EPOCH_DIGITS:
        return _epoch(int(text))
    try:
        return int(_timestamps(pa.array([text], pa.string()))[0].value)
    except pa.ArrowException:
        if not text[:1].isalpha() and not text[:1].isdigit():
            raise
        try:
            found = email.utils.parsedate_to_datetime(text)
        except (TypeError, IndexError) as error:
            raise _UnfitError from error
        if found.tzinfo is None:
            found = found.replace(tzinfo=dt.timezone.utc)
        return int((found - dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)) // dt.timedelta(microseconds=1))


def _date(value: Any) -> int:
    if isinstance(value, str):
        try:
            return int(pc.cast(pa.scalar(value.strip()), pa.date32()).value)
        except pa.ArrowException:
            pass
    return _timestamp(value) // _DAY_US


def _list_of(convert: Callable[[Any], Any]) -> Callable[[Any], list[Any]]:
    def convert_list(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise _UnfitError
        return [None if item is None else convert(item) for item in value]

    return convert_list


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "string": _string,
    "int64": _integer,
    "double": _double,
    "bool": _boolean,
    "timestamp": _timestamp,
    "date": _date,
    "list<string>": _list_of(_string),
    "list<int64>": _list_of(_integer),
    "list<double>": _list_of(_double),
}

# The Python type of values that Arrow takes as they are.
_PLAIN: dict[str, type] = {
    "string": str,
    "int64": int,
    "double": float,
    "bool": bool,
    "timestamp": str,
    "date": str,
}
