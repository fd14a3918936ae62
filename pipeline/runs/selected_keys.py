"""The keys of the documents of two selections of a finished run: read, where it has written them, or computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from corpusmill.runs.remake import Order
from corpusmill.transforms import layout, sealed
from corpusmill.transforms.duplicates.candidates import band_name
from corpusmill.transforms.kernels.arrays import Bools, Int64s
from corpusmill.transforms.kernels.columns import one_array
from corpusmill.transforms.kernels.duplicates.document_keys import text_hashes
from corpusmill.transforms.kernels.duplicates.reselection import classes_of
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.duplicates.within import group_keys_within, value_keys
from corpusmill.transforms.keyed import Keys, from_binary, to_binary
from corpusmill.transforms.layout import Output
from corpusmill.transforms.staging.index import PUBLISHED_COLUMNS, column_of, document_priorities, key_columns
from corpusmill.transforms.writing.shard_writer import KEYS, corpus_schema


@dataclass(frozen=True)
class Selection:
    """Which documents of a run take part in the search for duplicates.

    Attributes:
        was: bool[n], those that did in the run, of all its documents in the order of the audit.
        now: bool[n], those that do now.
    """

    was: Bools
    now: Bools

    @property
    def taken(self) -> Bools:
        """bool[n], those that do in either."""
        return self.was | self.now


class Copies(NamedTuple):
    """Documents of which the run knows that they have all words, and so all keys but one, of another one.

    Attributes:
        document: int64[c], ascending.
        representative: int64[c].
    """

    document: Int64s
    representative: Int64s

    @classmethod
    def of(cls, pairs: pa.Table) -> Copies:
        """Take them from the pairs that are not only near."""
        left, right = (pairs[name].to_numpy() for name in ("left", "right"))
        order = np.argsort(right)
        return cls(right[order], left[order])


@dataclass(frozen=True)
class SelectedKeys:
    """The keys of the m documents of either selection; bands are in files of the state folder.

    Attributes:
        state: The state folder.
        number: int64[m], ascending.
        of_class: int64[m], see `classes_of`.
        text_hash: uint64[m, 2].
        priority: int64[m], least first.
        near: bool[m], where the band keys are of use.
        within: uint64[m, 2], from `value_keys`; None without `dedup.within`.
        shards: Shards of which there is a file of band keys.
        place: int64[m], whose keys each document has, of those in these files.
        computed: `number`, `capped` and the columns of the index, of the documents whose keys were computed.
    """

    state: str
    number: Int64s
    of_class: Int64s
    text_hash: Keys
    priority: Int64s
    near: Bools
    within: Keys | None
    shards: tuple[int, ...]
    place: Int64s
    computed: pa.Table

    def band(self, number: int) -> Keys:
        """Read the keys of one band."""
        name = band_name(number)
        paths = [layout.State(self.state).bands(shard) for shard in self.shards]
        parts = [sealed.read_parquet(path, [name])[name].to_numpy() for path in paths]
        return np.concatenate([np.zeros(0, np.uint64), *parts])[self.place]

    def at(self, documents: Keys) -> Int64s:
        """Return the places of documents, by number."""
        return np.searchsorted(self.number, documents.astype(np.int64))


def gather_keys(order: Order, selection: Selection, copies: Copies) -> SelectedKeys:
    """Read the keys that the run has written, and compute the others.

    Args:
        order: What is to be made.
        selection: The two selections.
        copies: Documents whose keys are those of others.
    """
    state = Output(order.target).state.path
    parts: list[_Part] = []
    computed: list[pa.Table] = []
    shards = []
    first = 0
    wanted = _wanted(order, selection)
    for shard, finished in enumerate(order.shards()):
        bands: list[Keys] = []
        for rows, index in finished.rows(wanted):
            places = np.flatnonzero(selection.taken[first : first + len(rows)])
            taken = None if index is None else index.take(pa.array(places))
            part, missing = _part_of(rows.take(pa.array(places)), taken, order.keyed_by, first + places, copies)
            parts.append(part)
            computed.append(missing)
            bands.append(part.bands)
            first += len(rows)
        if bands:
            table = np.concatenate(bands)
            stored = {band_name(band): np.ascontiguousarray(table[:, band]) for band in range(table.shape[1])}
            sealed.write_table(pa.table(stored), layout.State(state).bands(shard), state, compression="none")
            shards.append(shard)
            parts = [part._replace(bands=table[:0]) for part in parts]
    return _joined(state, parts, tuple(shards), copies, pa.concat_tables(computed))


class _Part(NamedTuple):
    """The keys of some documents.

    Attributes:
        number: int64[n].
        text_hash: uint64[n, 2].
        priority: int64[n].
        keyed: bool[n], which of them have keys of their own.
        group: uint64[k, 2], of those.
        near: bool[k].
        bands: uint64[k, bands].
        within: uint64[n, 2], or uint64[0, 2] without `dedup.within`.
    """

    number: Int64s
    text_hash: Keys
    priority: Int64s
    keyed: Bools
    group: Keys
    near: Bools
    bands: Keys
    within: Keys


def _joined(
    state: str, parts: list[_Part], shards: tuple[int, ...], copies: Copies, computed: pa.Table
) -> SelectedKeys:
    joined = _Part(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    # The place among the documents with keys whose keys each document has.
    place = np.cumsum(joined.keyed) - 1
    own = np.flatnonzero(~joined.keyed)
    at = np.searchsorted(copies.document, joined.number[own])
    place[own] = place[np.searchsorted(joined.number, copies.representative[at])]
    return SelectedKeys(
        state=state,
        number=joined.number,
        of_class=classes_of(joined.group)[place],
        text_hash=joined.text_hash,
        priority=joined.priority,
        near=joined.near[place],
        within=joined.within if len(joined.within) else None,
        shards=shards,
        place=place,
        computed=computed,
    )


def _wanted(order: Order, selection: Selection) -> dict[str, tuple[str, ...]]:
    """Folder -> columns from which keys and priorities follow."""
    settings = order.keyed_by
    stored = {*corpus_schema(order.config.kept_columns(), order.config.scoring.language_fields).names}
    asked = {column_of(settings.keep_policy), settings.within or "id"}
    columns = {"id", *(asked & (stored - {"text"}))}
    by_length = ["text"] if settings.keep_policy.rule == "longest" else []
    has_index = layout.INDEX in order.files.folders
    wanted = {
        layout.AUDIT: ("id", "source", "decision", "reason"),
        layout.INDEX: (*PUBLISHED_COLUMNS,),
        layout.CORPUS: (*columns, *(by_length if has_index else ["text"])),
        layout.REMOVED: (*columns, *([KEYS, *by_length] if order.files.keeps_keys else ["text"])),
    }
    if (selection.now & ~selection.was).any():
        wanted[layout.FILTERED] = (*columns, "text")
    return wanted


def _part_of(
    rows: pa.Table, index: pa.Table | None, settings: DedupSettings, numbers: Int64s, copies: Copies
) -> tuple[_Part, pa.Table]:
    """Return the keys of documents, and those that were computed, since the run has written none of them."""
    missing = np.ones(len(rows), bool) if index is None else index["id"].is_null().to_numpy()
    keyed = ~(missing & np.isin(numbers, copies.document))
    places = np.flatnonzero(missing & keyed)
    text = one_array(rows["text"]) if "text" in rows.column_names else pa.nulls(len(rows), pa.string())
    computed = {
        "number": pa.array(numbers[places]),
        "id": rows["id"].take(pa.array(places)),
        **key_columns(text.take(pa.array(places)), settings),
    }
    found = {}
    for name in ("text_hash", "group_key", "near", "band_keys"):
        new = from_binary(computed[name]) if name != "near" else computed[name].to_numpy(zero_copy_only=False)
        values = np.zeros((len(rows), *new.shape[1:]), new.dtype)
        if index is not None:
            stored = np.flatnonzero(~missing)
            own = one_array(index[name].take(pa.array(stored)))
            values[stored] = from_binary(own) if name != "near" else own.to_numpy(zero_copy_only=False)
        values[places] = new
        found[name] = values
    alike = np.flatnonzero(~keyed)
    found["text_hash"][alike] = text_hashes(text.take(pa.array(alike)))
    group = found["group_key"][keyed]
    within = np.zeros((0, 2), np.uint64)
    if settings.within is not None:
        within = value_keys(rows[settings.within])
        group = group_keys_within(group, within[keyed])
    part = _Part(
        numbers,
        found["text_hash"],
        document_priorities(rows, settings),
        keyed,
        group,
        found["near"][keyed],
        found["band_keys"][keyed],
        within,
    )
    return part, pa.table(computed)


def missing_index(computed: pa.Table, first: int, rows: int, schema: pa.Schema) -> pa.Table:
    """Return the computed index of the documents from number `first` on, null where there is none.

    Args:
        computed: `Reselected.computed`.
        first: Number of the first document.
        rows: How many documents.
        schema: Of the index.
    """
    numbers = computed["number"].to_numpy()
    low, high = np.searchsorted(numbers, [first, first + rows])
    at = np.full(rows, -1, np.int64)
    at[numbers[low:high] - first] = np.arange(low, high)
    own = computed.select(schema.names).take(pa.array(at, mask=at < 0))
    return own.cast(pa.schema([name.with_nullable(True) for name in schema]))


def no_keys(bands: int) -> pa.Table:
    """Return `Reselected.computed` of nothing."""
    empty = to_binary(np.zeros((0, 2), np.uint64))
    columns = {"text_hash": empty, "group_key": empty, "near": pa.array([], pa.bool_())}
    columns |= {"capped": pa.array([], pa.bool_()), "band_keys": to_binary(np.zeros((0, bands), np.uint64))}
    return pa.table({"number": pa.array([], pa.int64()), "id": pa.array([], pa.string()), **columns})
