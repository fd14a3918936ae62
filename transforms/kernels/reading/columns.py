"""Values of records to typed columns."""

from __future__ import annotations

import json
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
    if set(map(type, values)) - {_PLAIN[kind], type(None)}:
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


def _timestamp(value: Any) -> int:
    if not isinstance(value, str):
        raise _UnfitError
    return int(_timestamps(pa.array([value.strip()], pa.string()))[0].value)


def _date(value: Any) -> int:
    if not isinstance(value, str):
        raise _UnfitError
    return int(pc.cast(pa.scalar(value.strip()), pa.date32()).value)


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "string": _string,
    "int64": _integer,
    "double": _double,
    "bool": _boolean,
    "timestamp": _timestamp,
    "date": _date,
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
