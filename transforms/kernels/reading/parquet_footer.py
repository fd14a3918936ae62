"""The footer of a Parquet file, decoded without Arrow: whether it is safe to let Arrow at it, and what its pages hold.

Arrow believes what a footer says, and ends the process where some of it contradicts itself. So a footer is checked
first; one that fails is read where a crash can be survived.

Source: parquet.thrift and the compact protocol of Apache Thrift.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

_BOOLS = (1, 2)
_BYTE, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = 3, 7, 8, 9, 10, 11, 12
_INTEGERS = (4, 5, 6)
_MAX_DEPTH = 32
_LONG_FORM = 15
_VARINT_BITS = 70

SIGNATURE_BYTES = 28
"""Behind a signed plain footer: nonce and tag (Parquet modular encryption, 5.4)."""

_REQUIRED, _OPTIONAL, _REPEATED = range(3)
_TYPES = 8
_NOT_GIVEN: Mapping[int, Any] = {}


class FooterError(ValueError):
    """Bytes that are not what they should be; the message says what is wrong."""


class _MismatchError(FooterError):
    """A row group that belongs to another schema."""


class Implausible(NamedTuple):
    """What is wrong with a footer.

    Attributes:
        problem: In words; "" if nothing is.
        certain: Whether no reader can make sense of it.
    """

    problem: str = ""
    certain: bool = False


def decode_struct(data: bytes, at: int = 0) -> tuple[dict[int, Any], int]:
    """Decode a struct in Thrift's compact protocol.

    Args:
        data: Holds it.
        at: Where it begins.

    Returns:
        Field number -> int, float, bool, bytes, list or dict; and where the struct ends.

    Raises:
        FooterError: The bytes are no such struct.
    """
    try:
        return _struct(data, at, 0)
    except (IndexError, struct.error) as error:
        raise FooterError("it ends in the middle of a value") from error


def _struct(data: bytes, at: int, depth: int) -> tuple[dict[int, Any], int]:
    if depth > _MAX_DEPTH:
        raise FooterError("it is nested too deep")
    fields: dict[int, Any] = {}
    number = 0
    while head := data[at]:
        at += 1
        kind = head & 15
        if head >> 4:
            number += head >> 4
        else:
            number, at = _integer(data, at)
        if kind in _BOOLS:
            fields[number] = kind == 1
        else:
            fields[number], at = _value(data, at, kind, depth)
    return fields, at + 1


def _value(data: bytes, at: int, kind: int, depth: int) -> tuple[Any, int]:
    if kind in _INTEGERS:
        return _integer(data, at)
    if kind == _BINARY:
        length, at = _varint(data, at)
        if at + length > len(data):
            raise FooterError("a string is longer than what holds it")
        return data[at : at + length], at + length
    if kind == _STRUCT:
        return _struct(data, at, depth + 1)
    if kind in (_LIST, _SET):
        return _list(data, at, depth)
    if kind in (*_BOOLS, _BYTE):  # of a list: outside of one, booleans have no byte of their own
        return data[at], at + 1
    if kind == _DOUBLE:
        return struct.unpack_from("<d", data, at)[0], at + 8
    raise FooterError(f"it holds a value of the unknown type {kind}")


def _list(data: bytes, at: int, depth: int) -> tuple[list[Any], int]:
    head = data[at]
    at += 1
    count = head >> 4
    if count == _LONG_FORM:
        count, at = _varint(data, at)
    if count > len(data) - at:
        raise FooterError("a list is longer than what holds it")
    values = []
    for _ in range(count):
        value, at = _value(data, at, head & 15, depth + 1)
        values.append(value)
    return values, at


def _integer(data: bytes, at: int) -> tuple[int, int]:
    value, at = _varint(data, at)
    return (value >> 1) ^ -(value & 1), at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
        if shift > _VARINT_BITS:
            raise FooterError("a number has too many digits")


class _Leaf(NamedTuple):
    path: tuple[bytes, ...]
    kind: int
    definition: int
    repetition: int


def why_implausible(footer: bytes, file_bytes: int) -> Implausible:
    """Say what in a footer contradicts itself or the file.

    Args:
        footer: The serialized `FileMetaData`.
        file_bytes: Size of the file.
    """
    try:
        found, end = decode_struct(footer)
        if end != len(footer) and len(footer) - end != SIGNATURE_BYTES:
            return Implausible(f"{len(footer) - end:,} bytes of the footer are no part of it")
        leaves = _leaves(_list_of(found, 2, "schema"))
        for number, group in enumerate(_list_of(found, 4, "row groups")):
            _check_group(group, number, leaves, file_bytes)
    except FooterError as error:
        return Implausible(str(error), isinstance(error, _MismatchError))
    return Implausible()


def _list_of(fields: Mapping[int, Any], number: int, name: str) -> list[Any]:
    value = fields.get(number, [])
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise FooterError(f"its {name} are no list of structs")
    return value


def _int_of(fields: Mapping[int, Any], number: int, default: int = -1) -> int:
    value = fields.get(number, default)
    if not isinstance(value, int):
        raise FooterError(f"field {number} of a column is no number")
    return value


def _leaves(schema: Sequence[Mapping[int, Any]]) -> list[_Leaf]:
    """Walk the flattened schema tree."""
    if not schema:
        raise FooterError("it has no schema")
    leaves: list[_Leaf] = []
    above: list[tuple[int, tuple[bytes, ...], int, int]] = [(_int_of(schema[0], 5, 0), (), 0, 0)]
    for element in schema[1:]:
        while above and above[-1][0] == 0:
            above.pop()
        if not above:
            raise FooterError("its schema has more columns than it says")
        left, path, definition, repetition = above[-1]
        above[-1] = (left - 1, path, definition, repetition)
        name, repeats = element.get(4), _int_of(element, 3)
        if not isinstance(name, bytes) or repeats not in (_REQUIRED, _OPTIONAL, _REPEATED):
            raise FooterError("a column of its schema has no name or no repetition")
        definition += repeats != _REQUIRED
        repetition += repeats == _REPEATED
        children = _int_of(element, 5, 0)
        if children < 0 or len(above) > _MAX_DEPTH:
            raise FooterError("its schema is nested too deep, or has a negative number of columns")
        if children:
            above.append((children, (*path, name), definition, repetition))
        else:
            kind = _int_of(element, 1)
            if not 0 <= kind < _TYPES and 5 not in element:
                raise FooterError(f"column {name!r} has the unknown type {kind}")
            leaves.append(_Leaf((*path, name), kind, definition, repetition))
    if any(left for left, *_ in above):
        raise FooterError("its schema has fewer columns than it says")
    return leaves


def _check_group(group: Mapping[int, Any], number: int, leaves: Sequence[_Leaf], file_bytes: int) -> None:
    columns = _list_of(group, 1, "columns")
    rows = _int_of(group, 3)
    if len(columns) != len(leaves) or rows < 0:
        raise FooterError(f"row group {number} has {len(columns)} columns and {rows} rows, the schema {len(leaves)}")
    for chunk, leaf in zip(columns, leaves, strict=True):
        column = chunk.get(3)
        if column is None:  # encrypted: Arrow says so
            continue
        name = b".".join(leaf.path).decode("utf-8", "backslashreplace")
        if not isinstance(column, dict) or (column.get(3), column.get(1)) != (list(leaf.path), leaf.kind):
            raise _MismatchError(f"column {name!r} of row group {number} is not what the schema says")
        values = _int_of(column, 5)
        if values < 0 or (leaf.repetition == 0 and values != rows):
            raise FooterError(f"column {name!r} of row group {number} has {values:,} values for {rows:,} rows")
        size = _int_of(column, 7)
        start = min(_int_of(column, 9), _int_of(column, 11, file_bytes) or file_bytes)
        if size < 0 or start < 0 or start + size > file_bytes:
            raise FooterError(f"column {name!r} of row group {number} lies outside of the file")
        _check_histograms(column.get(16, _NOT_GIVEN), leaf, name)


def _check_histograms(statistics: object, leaf: _Leaf, name: str) -> None:
    """Levels are counted from 0 to the greatest; Arrow ends the process where there are more or fewer counts."""
    for field, greatest in ((2, leaf.repetition), (3, leaf.definition)):
        counts = statistics.get(field) if isinstance(statistics, dict) else None
        if counts and (not isinstance(counts, list) or len(counts) != greatest + 1):
            raise FooterError(f"the statistics of column {name!r} do not fit its levels")


class DictionaryPage(NamedTuple):
    """The header of the page that holds the distinct values of a column.

    Attributes:
        values: How many.
        stored: Bytes of the page as stored.
        expanded: Bytes once decompressed.
        start: Bytes of the header itself.
    """

    values: int
    stored: int
    expanded: int
    start: int


PAGE_HEADER_BYTES = 1024
"""What a page header takes at most, but for statistics, which dictionaries have none of."""


def dictionary_page(head: bytes) -> DictionaryPage | None:
    """Read the header of a dictionary page; None if it is none.

    Args:
        head: First bytes of the page, `PAGE_HEADER_BYTES` if there are so many.
    """
    try:
        header, start = decode_struct(head)
    except FooterError:
        return None
    own = header.get(7)
    sizes = (header.get(3), header.get(2))
    if not isinstance(own, dict) or not all(isinstance(size, int) and size >= 0 for size in (own.get(1), *sizes)):
        return None
    return DictionaryPage(own[1], header[3], header[2], start)


def longest_value(page: bytes, values: int) -> int:
    """Return the bytes of the longest of the strings in a decompressed dictionary page.

    Example:
        >>> longest_value(bytes([2, 0, 0, 0]) + b"ab" + bytes([1, 0, 0, 0]) + b"c", 2)
        2
    """
    at = longest = 0
    length_at = struct.Struct("<I").unpack_from
    for _ in range(values):
        if at + 4 > len(page):
            break
        (length,) = length_at(page, at)
        at += 4 + length
        longest = max(longest, length)
    return longest
