"""The verified pairs of another selection of the documents of a finished run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.runs.remake import Order
from corpusmill.transforms import layout, sealed
from corpusmill.transforms.duplicates.candidates import band_name, is_ranked
from corpusmill.transforms.duplicates.pair_files import NEAR, SHINGLES, TEXT
from corpusmill.transforms.kernels.columns import one_array
from corpusmill.transforms.kernels.duplicates.comparison import Side, verify_pairs
from corpusmill.transforms.kernels.duplicates.keep import LAST, STAYS
from corpusmill.transforms.kernels.duplicates.reselection import Candidates, Known, NewPairs, classes_of, reselect
from corpusmill.transforms.kernels.duplicates.within import group_keys_within, value_keys
from corpusmill.transforms.keyed import Index, Keys, from_binary, to_binary
from corpusmill.transforms.layout import Output
from corpusmill.transforms.staging.index import PUBLISHED_COLUMNS, column_of, document_priorities, key_columns
from corpusmill.transforms.writing.shard_writer import PAIRS_SCHEMA, corpus_schema

Flags = npt.NDArray[np.bool_]

_TEXT_BYTES = 256 << 20
"""Bytes of the texts that are compared in one go; with more, texts are read again."""


@dataclass(frozen=True)
class Selection:
    """Which documents of a run take part in the search for duplicates.

    Attributes:
        was: bool[n], those that did in the run, of all its documents in the order of the audit.
        now: bool[n], those that do now.
    """

    was: Flags
    now: Flags

    @property
    def taken(self) -> Flags:
        """bool[n], those that do in either."""
        return self.was | self.now


@dataclass(frozen=True)
class Reselected:
    """What follows from another selection.

    Attributes:
        pairs: Its verified pairs (`PAIRS_SCHEMA`), in the order in which they are written.
        computed: `number`, `capped` and the columns of the index, of the documents that had none.
        unranked: Documents in which the keep policy finds nothing to compare.
    """

    pairs: pa.Table
    computed: pa.Table
    unranked: int


def reselect_pairs(order: Order, selection: Selection) -> Reselected:
    """Find the verified pairs of another selection.

    Only those pairs are compared that the run has not: of documents that come back, and where a large bucket has other
    leaders. Of each document that takes part some 100 bytes are held in memory; the band keys are in files.

    Args:
        order: What is to be made, by the run's own settings of the duplicate stage.
        selection: Which documents take part.
    """
    settings = order.keyed_by
    keys = _gather(order, selection)
    document = keys.number.astype(np.uint64)
    candidates = Candidates(
        document,
        classes_of(keys.group),
        keys.priority,
        keys.near,
        keys.within,
        selection.was[keys.number],
        selection.now[keys.number],
    )
    before = order.read_pairs().combine_chunks()
    before = before.filter(pc.equal(before["kind"], NEAR))
    known = Known(*(before[name].to_numpy().astype(np.uint64) for name in ("left", "right")))
    ranked = is_ranked(settings)
    found = reselect(candidates, known, keys.band, settings, ranked=ranked)
    near = [
        _Edges(found.left, found.right, *(before[name].to_numpy()[found.known] for name in _SIMILARITIES)),
        *_compared(order, keys, found),
    ]
    pairs = _named(order, keys, near, found)
    unranked = int((candidates.now & (keys.priority == LAST)).sum())
    return Reselected(pairs, keys.computed, unranked)


_SIMILARITIES = ("similarity", "with_operators")


@dataclass(frozen=True)
class _Edges:
    left: Keys
    right: Keys
    similarity: npt.NDArray[np.float64]
    with_operators: npt.NDArray[np.float64]


@dataclass
class _Keys:
    """The keys of the documents of both selections; bands are in files of the state folder."""

    state: str
    number: Index
    group: Keys
    text_hash: Keys
    priority: Index
    near: Flags
    within: Keys | None
    shards: tuple[int, ...]
    computed: pa.Table = field(repr=False)

    def band(self, number: int) -> Keys:
        """Read the keys of one band."""
        name = band_name(number)
        paths = [layout.State(self.state).bands(shard) for shard in self.shards]
        parts = [sealed.read_parquet(path, [name])[name].to_numpy() for path in paths]
        return np.concatenate([np.zeros(0, np.uint64), *parts])

    def at(self, documents: Keys) -> Index:
        """Return the places of documents, by number."""
        return np.searchsorted(self.number, documents.astype(np.int64))


def _gather(order: Order, selection: Selection) -> _Keys:
    """Read the keys that the run has written, and compute the others."""
    settings = order.keyed_by
    state = Output(order.target).state.path
    columns: dict[str, list[npt.NDArray[np.generic]]] = {}
    computed: list[pa.Table] = []
    shards = []
    first = 0
    wanted = _wanted(order, selection)
    for number, finished in enumerate(order.shards()):
        bands: list[Keys] = []
        for rows, index in finished.rows(wanted):
            places = np.flatnonzero(selection.taken[first : first + len(rows)])
            own = rows.take(pa.array(places))
            keys = _keys_of(own, None if index is None else index.take(pa.array(places)), order, first + places)
            computed.append(keys.computed)
            parts = {
                "number": first + places,
                "group": from_binary(keys.index["group_key"]),
                "text_hash": from_binary(keys.index["text_hash"]),
                "near": keys.index["near"].to_numpy(),
                "priority": document_priorities(own, settings),
            }
            if settings.within is not None:
                parts["within"] = value_keys(own[settings.within])
                parts["group"] = group_keys_within(parts["group"], parts["within"])
            for name, values in parts.items():
                columns.setdefault(name, []).append(values)
            bands.append(from_binary(keys.index["band_keys"]))
            first += len(rows)
        if bands:
            table = np.concatenate(bands)
            stored = {band_name(band): np.ascontiguousarray(table[:, band]) for band in range(table.shape[1])}
            sealed.write_table(pa.table(stored), layout.State(state).bands(number), state, compression="none")
            shards.append(number)
    joined = {name: np.concatenate(parts) for name, parts in columns.items()}
    return _Keys(
        state=state,
        number=joined["number"],
        group=joined["group"],
        text_hash=joined["text_hash"],
        priority=joined["priority"],
        near=joined["near"],
        within=joined.get("within"),
        shards=tuple(shards),
        computed=pa.concat_tables(computed),
    )


def _wanted(order: Order, selection: Selection) -> dict[str, tuple[str, ...]]:
    """Folder -> columns from which keys and priorities follow."""
    settings = order.keyed_by
    stored = {*corpus_schema(order.config.kept_columns(), order.config.scoring.language_fields).names}
    asked = {column_of(settings.keep_policy), settings.within or "id"}
    columns = {"id", *(asked & (stored - {"text"}))}
    by_text = settings.keep_policy.rule == "longest" or layout.INDEX not in order.files.folders
    wanted = {
        layout.AUDIT: ("id", "source", "decision", "reason"),
        layout.INDEX: (*PUBLISHED_COLUMNS,),
        layout.CORPUS: (*columns, *(["text"] if by_text else [])),
        layout.REMOVED: (*columns, "text"),
    }
    if (selection.now & ~selection.was).any():
        wanted[layout.FILTERED] = (*columns, "text")
    return wanted


@dataclass(frozen=True)
class _Computed:
    index: pa.Table
    computed: pa.Table


def _keys_of(rows: pa.Table, index: pa.Table | None, order: Order, numbers: Index) -> _Computed:
    """Return the index of documents, and the part of it that was computed since the run has none."""
    bands = order.keyed_by.banding.bands
    text = one_array(rows["text"]) if "text" in rows.column_names else pa.nulls(len(rows), pa.string())
    missing = np.ones(len(rows), bool) if index is None else index["id"].is_null().to_numpy()
    places = np.flatnonzero(missing)
    own = {"id": rows["id"].take(pa.array(places)), **key_columns(text.take(pa.array(places)), order.keyed_by)}
    computed = pa.table({"number": numbers[places], **own})
    published = computed.select(list(PUBLISHED_COLUMNS))
    if index is None:
        return _Computed(published, computed)
    at = np.arange(len(rows))
    at[places] = len(rows) + np.arange(len(places))
    schema = pa.schema([published.schema.field(name) for name in PUBLISHED_COLUMNS])
    del bands
    return _Computed(pa.concat_tables([index.cast(schema), published]).take(pa.array(at)).combine_chunks(), computed)


def _compared(order: Order, keys: _Keys, found: NewPairs) -> Iterator[_Edges]:
    """Compare the pairs of which nothing is known, so many at a time as their texts may take memory."""
    left, right = found.open_left, found.open_right
    if not len(left):
        return
    documents = np.unique(np.concatenate([left, right]))
    blocks = _blocks(order, documents)
    stays = keys.priority == STAYS
    for one, lefts in enumerate(blocks):
        for other in range(one, len(blocks)):
            own = np.flatnonzero(np.isin(left, lefts) & np.isin(right, blocks[other]))
            if not len(own):
                continue
            needed = np.unique(np.concatenate([left[own], right[own]]))
            texts = _texts(order, needed)
            sides = [
                Side(texts, np.searchsorted(needed, side[own]), stays[keys.at(side[own])]) for side in (left, right)
            ]
            verified = verify_pairs(*sides, order.config.dedup)
            at = own[verified.place]
            yield _Edges(left[at], right[at], verified.similarity, verified.with_operators)


def _blocks(order: Order, documents: Keys) -> list[Keys]:
    """Cut documents where their texts reach the size that is held at a time."""
    sizes = np.concatenate([pc.binary_length(text).to_numpy() for _, text in _read_texts(order, documents)])
    block = np.cumsum(sizes, dtype=np.int64) // (_TEXT_BYTES // 2)
    return [documents[block == number] for number in np.unique(block)]


def _texts(order: Order, documents: Keys) -> pa.Array:
    return pa.concat_arrays([text.cast(pa.large_string()) for _, text in _read_texts(order, documents)])


def _read_texts(order: Order, documents: Keys) -> Iterator[tuple[Index, pa.Array]]:
    """Yield the texts of documents, given ascending, and their numbers."""
    folders = (layout.CORPUS, layout.REMOVED, layout.FILTERED)
    wanted = {layout.AUDIT: ("decision", "reason"), **dict.fromkeys(folders, ("text",))}
    first = 0
    for finished in order.shards():
        for rows, _ in finished.rows(wanted):
            low, high = np.searchsorted(documents, [first, first + len(rows)])
            places = documents[low:high].astype(np.int64) - first
            if len(places):
                yield places + first, one_array(rows["text"].take(pa.array(places)))
            first += len(rows)


def _named(order: Order, keys: _Keys, near: list[_Edges], found: NewPairs) -> pa.Table:
    """Return the rows of pairs, with the names of their documents."""
    group = len(found.member)
    left = np.concatenate([*(edges.left for edges in near), found.representative])
    right = np.concatenate([*(edges.right for edges in near), found.member])
    same = (keys.text_hash[keys.at(found.member)] == keys.text_hash[keys.at(found.representative)]).all(axis=1)
    kinds = np.concatenate([np.full(len(left) - group, NEAR, object), np.where(same, TEXT, SHINGLES).astype(object)])
    one = np.ones(group)
    values = [np.concatenate([*(getattr(edges, name) for edges in near), one]) for name in _SIMILARITIES]
    at = np.lexsort((left, right))
    left, right = left[at], right[at]
    documents = np.unique(np.concatenate([left, right]))
    names = _names(order, documents)
    of_left, of_right = (names.take(pa.array(np.searchsorted(documents, side))) for side in (left, right))
    priority = [pa.array(keys.priority[keys.at(side)]) for side in (left, right)]
    columns = {
        "left": pa.array(left.astype(np.int64)),
        "right": pa.array(right.astype(np.int64)),
        "left_id": of_left["id"],
        "right_id": of_right["id"],
        "left_source": of_left["source"],
        "left_offset": of_left["offset"],
        "right_source": of_right["source"],
        "right_offset": of_right["offset"],
        "left_corpus": pa.nulls(len(left), pa.string()),
        "similarity": pa.array(values[0][at]),
        "with_operators": pa.array(values[1][at]),
        "kind": pa.array(kinds[at], pa.string()),
        "left_priority": priority[0],
        "right_priority": priority[1],
    }
    return pa.table(columns).cast(PAIRS_SCHEMA)


def _names(order: Order, documents: Keys) -> pa.Table:
    """Return `id`, `source` and `offset` of documents, given ascending."""
    columns = ("id", "source", "offset")
    parts = []
    first = 0
    for finished in order.shards():
        for rows, _ in finished.rows({layout.AUDIT: (*columns, "decision", "reason")}):
            low, high = np.searchsorted(documents, [first, first + len(rows)])
            parts.append(rows.select(columns).take(pa.array(documents[low:high].astype(np.int64) - first)))
            first += len(rows)
    return pa.concat_tables(parts).combine_chunks()


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
