"""Lines of texts that were looked at once, kept beside the texts, so that they need not be looked at again.

A packed text holds of each line that holds text what `sequence` found: its number, size, key, matches and slot.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Int64s
from corpusmill.transforms.kernels.boilerplate.lines.lines import Lines, split_lines
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import RuleTable
from corpusmill.transforms.kernels.boilerplate.matching.sequence import Sequence, sequence
from corpusmill.transforms.kernels.schema import PACKED_TYPE

_ENTRY = np.dtype([("key", "<u8"), ("line", "<i4"), ("size", "<i4"), ("bits", "<u2"), ("slot", "u1")])


class Entries(NamedTuple):
    """Lines that hold text, without the text.

    Attributes:
        row: int64, the row of each.
        fields: Structured array of `key`, `line` (in its text, from 0), `size`, `bits` and `slot`.
        sizes: int64, for each row the number of its entries.
    """

    row: Int64s
    fields: np.ndarray
    sizes: Int64s


def pack_lines(seq: Sequence, text: pa.Array) -> pa.Array:
    """Pack the lines of a column of texts.

    Args:
        seq: The lines, as `sequence` gives them.
        text: The n texts that they are of.

    Returns:
        `PACKED_TYPE`, n rows; null where the text is.
    """
    fields = np.empty(len(seq.line), _ENTRY)
    fields["key"], fields["size"], fields["bits"], fields["slot"] = seq.key, seq.size, seq.bits, seq.slot
    fields["line"] = seq.line - seq.lines.first[seq.row]
    offsets = (seq.first * _ENTRY.itemsize).astype(np.int32)
    entries = pa.BinaryArray.from_buffers(pa.binary(), len(text), [None, pa.py_buffer(offsets), pa.py_buffer(fields)])
    size = pc.cast(pc.binary_length(text), pa.int64())
    return pa.StructArray.from_arrays([size, entries], fields=list(PACKED_TYPE), mask=pc.is_null(text))


def unpack_entries(packed: pa.Array | None, text: pa.Array) -> Entries | None:
    """Return the lines of a column of texts that are packed; None where one of them is not, or is of another text.

    Args:
        packed: `PACKED_TYPE`, n rows, or None.
        text: The n texts; nulls have no lines.
    """
    if packed is None or not _is_of(packed, text):
        return None
    column = pc.fill_null(pc.if_else(text.is_valid(), pc.struct_field(packed, "entries"), None), b"")
    _, offset_buffer, data = column.buffers()
    offsets = np.frombuffer(offset_buffer, np.int32, len(column) + 1, 4 * column.offset) if len(column) else np.zeros(1)
    low, high = int(offsets[0]), int(offsets[-1])
    fields = np.frombuffer(data, _ENTRY, (high - low) // _ENTRY.itemsize, low) if high > low else np.empty(0, _ENTRY)
    count = np.diff(offsets).astype(np.int64) // _ENTRY.itemsize
    return Entries(np.repeat(np.arange(len(count)), count), fields, count)


def unpack_lines(packed: pa.Array | None, text: pa.Array, table: RuleTable) -> Sequence:
    """Return the lines of a column of texts that hold text, unpacked, or looked at where they are not packed.

    Args:
        packed: `PACKED_TYPE`, n rows, or None.
        text: The n texts.
        table: The rules that the lines were matched with.
    """
    lines = split_lines(text)
    entries = unpack_entries(packed, text)
    return sequence(lines, table) if entries is None else _sequence(lines, entries)


def _sequence(lines: Lines, entries: Entries) -> Sequence:
    key, line, size, bits, slot = (np.ascontiguousarray(entries.fields[name]) for name in _ENTRY.names or ())
    first = np.concatenate([[0], np.cumsum(entries.sizes)])
    line = line + lines.first[entries.row]
    return Sequence(lines, line, entries.row.astype(np.int32), size, key, bits, slot, first)


def _is_of(packed: pa.Array, text: pa.Array) -> bool:
    same = pc.equal(pc.struct_field(packed, "bytes"), pc.cast(pc.binary_length(text), pa.int64()))
    known = pc.or_(pc.is_null(text), pc.fill_null(same, False))
    return bool(pc.all(known, min_count=0).as_py())
