"""A table of learned lines in the form in which columns of texts are looked up in it."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Bools, Float64s, Int64s, UInt8s, UInt64s
from corpusmill.transforms.kernels.boilerplate.lines.lines import KeySet, line_keys, pair_keys, split_lines
from corpusmill.transforms.kernels.boilerplate.matching.packed import Entries
from corpusmill.transforms.kernels.columns import bools

KNOWN, MOST, PROVEN, SURE, VARIES, OFTEN, OWN, GIVEN = 1, 2, 4, 8, 16, 32, 64, 128
"""Bits of what a table says of a line: it is there; most pages of the host have it; it is behind an interface on
half of them; on two of three, so that it is evidence itself; its digits change; many pages have it; several pages of
the host itself say so; a person says so."""

PLAIN: Final = "plain"
"""Kind of a row that tells of a host that its pages show no interface: what other hosts teach is not for its pages."""

_MANY_PAGES: Final = 5  # of a host, for a share of them to say something
_MOST: Final = 0.5
_OFTEN: Final = 0.3
_OFTEN_PAGES: Final = 3
_PROVEN: Final = 0.5
_SURE: Final = 0.66
_SURE_CASES: Final = 3  # documents or hosts


class LearnedTable:
    """Lines and slots that were learned, for look-ups.

    Args:
        table: Rows of `learned.TABLE_SCHEMA`; only `host` and `sample` must be there, so that rows can be added
            by hand. A row that does not say how it was learned counts as proven.
    """

    def __init__(self, table: pa.Table) -> None:
        table = table.combine_chunks()
        self.rows = len(table)
        kinds = self._column(table, "kind", pa.string(), "line")
        lines = self._column(table, "line", pa.uint64(), None)
        has_key = bools(lines.is_valid())
        lines = pc.fill_null(lines, 0).to_numpy()  # a null would make them floats, of fewer digits
        host = table["host"].combine_chunks().cast(pa.string()) if len(table) else pa.array([], pa.string())
        of_host = bools(host.is_valid())
        named = host.filter(pa.array(of_host)).dictionary_encode()
        self._hosts = named.dictionary
        number = np.full(len(table), -1, np.int64)
        number[of_host] = named.indices.to_numpy()
        bits = self._bits(table)
        is_line = bools(pc.equal(kinds, "line"))
        keys = np.zeros(len(table), np.uint64)
        keys[is_line] = line_keys(table["sample"].filter(pa.array(is_line)).to_pylist())
        given = ~is_line & has_key
        keys[given] = lines[given]
        self._everywhere = _Lookup(keys[is_line & ~of_host], bits[is_line & ~of_host])
        self._plain = np.unique(number[bools(pc.equal(kinds, PLAIN))])
        own = is_line & of_host
        self._likely = KeySet(keys[own])
        self._own = _Lookup(pair_keys(number[own], keys[own]), bits[own])
        self.has_teasers, self.has_titles = (
            bool(pc.any(pc.equal(kinds, kind)).as_py()) for kind in ("teaser", "title")
        )
        slots = given & of_host
        self._with_slots = np.zeros(len(self._hosts), bool)
        self._with_slots[number[slots]] = True
        self._slots = _Lookup(pair_keys(number[slots], keys[slots]), np.full(int(slots.sum()), KNOWN, np.uint8))

    @staticmethod
    def _column(table: pa.Table, name: str, kind: pa.DataType, default: str | None) -> pa.Array:
        if name not in table.column_names:
            return pa.nulls(len(table), kind) if default is None else pa.repeat(pa.scalar(default, kind), len(table))
        values = table[name].cast(kind)
        values = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
        return values if default is None else pc.fill_null(values, default)

    def _bits(self, table: pa.Table) -> UInt8s:
        def number(name: str) -> Float64s:
            values: Float64s = self._column(table, name, pa.float64(), None).to_numpy(zero_copy_only=False)
            return values

        documents, hosts, of = number("independent_documents"), number("hosts"), number("host_documents")
        behind = number("enclosed")
        by_hand = np.isnan(behind)
        cases = np.where(np.isnan(of), hosts, documents)
        varies = pc.fill_null(self._column(table, "varies", pa.bool_(), None), False).to_numpy(zero_copy_only=False)
        everywhere = np.isnan(of) & ~by_hand
        bits = np.full(len(table), KNOWN, np.uint8)
        for bit, mask in (
            (MOST, (documents >= _MANY_PAGES) & (documents >= _MOST * of)),
            (PROVEN, by_hand | ((behind >= _PROVEN) & (~everywhere | (hosts >= _SURE_CASES)))),
            (SURE, by_hand | ((behind >= _SURE) & (cases >= _SURE_CASES))),
            (VARIES, varies.astype(bool)),
            (OFTEN, (documents >= _OFTEN_PAGES) & (documents >= _OFTEN * of)),
            (OWN, documents >= _SURE_CASES),
            (GIVEN, by_hand),
        ):
            bits[mask] |= bit
        return bits

    def hosts(self, names: pa.Array) -> Int64s:
        """Return a number for each host of a column, -1 where nothing was learned of it."""
        found = pc.index_in(names, self._hosts)
        numbers: Int64s = pc.fill_null(found, -1).to_numpy(zero_copy_only=False).astype(np.int64)
        return numbers

    def lines(self, key: UInt64s, host: Int64s) -> tuple[UInt8s, UInt8s]:
        """Return what the table says of lines: for their hosts, and for all.

        Args:
            key: uint64, line keys.
            host: int64, of each the number of its host.
        """
        own = np.zeros(len(key), np.uint8)
        here = self._likely.find(key)[0]
        here = here[host[here] >= 0]
        own[here] = self._own.get(pair_keys(host[here], key[here]))
        everywhere = self._everywhere.get(key)
        if len(self._plain):
            everywhere[np.isin(host, self._plain) & ((everywhere & GIVEN) == 0)] = 0
        return own, everywhere

    def concerned(self, text: pa.Array, host: Int64s, entries: Entries | None = None) -> Bools:
        """Return which documents hold a line of the table, or are of a host of which slots were learned.

        Nothing of what was learned is found in any other.

        Args:
            text: The n texts.
            host: int64[n], of each the number of its host.
            entries: Their lines, if they are packed.
        """
        rows: npt.NDArray[np.integer]
        if entries is None:
            lines = split_lines(text)
            rows, key = lines.row, lines.key
        else:
            rows, key = entries.row, entries.fields["key"]
        here = np.union1d(self._likely.find(key)[0], self._everywhere.find(key))
        own, everywhere = self.lines(key[here], host[rows[here]])
        concerned: Bools = np.zeros(len(host), bool)
        concerned[rows[here[(own | everywhere) > 0]]] = True
        of_host = host >= 0
        concerned[of_host] |= self._with_slots[host[of_host]]
        return concerned

    def teaches(self, host: Int64s) -> Bools:
        """Return which of some hosts were learned of and show an interface, so that a second look may find slots."""
        return (host >= 0) & ~np.isin(host, self._plain)

    def slots(self, key: UInt64s, host: Int64s) -> Bools:
        """Return which slots were learned for their hosts."""
        found: Bools = (self._slots.get(pair_keys(host, key)) > 0) & (host >= 0)
        return found


class _Lookup:
    """Bits by key."""

    def __init__(self, keys: UInt64s, bits: UInt8s) -> None:
        self._keys = KeySet(keys)
        self._bits = np.zeros(len(self._keys.keys), np.uint8)
        there = keys != 0
        np.bitwise_or.at(self._bits, np.searchsorted(self._keys.keys, keys[there]), bits[there])

    def get(self, keys: UInt64s) -> UInt8s:
        """Return the bits of each key, 0 where it is none."""
        found = np.zeros(len(keys), np.uint8)
        at, place = self._keys.find(keys)
        found[at] = self._bits[place]
        return found

    def find(self, keys: UInt64s) -> Int64s:
        """Return the places of those keys that are there."""
        return self._keys.find(keys)[0]
