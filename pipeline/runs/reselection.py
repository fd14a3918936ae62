"""The verified pairs of another selection of the documents of a finished run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.runs.remake import Order
from corpusmill.runs.selected_keys import Copies, SelectedKeys, Selection, gather_keys
from corpusmill.transforms import layout
from corpusmill.transforms.duplicates.candidates import is_ranked
from corpusmill.transforms.duplicates.pair_files import NEAR, SHINGLES, TEXT
from corpusmill.transforms.kernels.arrays import Float64s, Int64s
from corpusmill.transforms.kernels.columns import one_array
from corpusmill.transforms.kernels.duplicates.comparison import Side, verify_pairs
from corpusmill.transforms.kernels.duplicates.keep_order import LAST, STAYS
from corpusmill.transforms.kernels.duplicates.reselection import Candidates, Known, NewPairs, reselect
from corpusmill.transforms.keyed import Keys
from corpusmill.transforms.writing.shard_writer import PAIRS_SCHEMA

_TEXT_BYTES = 256 << 20
"""Bytes of the texts that are compared in one go; with more, texts are read again."""


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
    before = order.read_pairs().combine_chunks()
    is_near = pc.equal(before["kind"], NEAR)
    keys = gather_keys(order, selection, Copies.of(before.filter(pc.invert(is_near))))
    before = before.filter(is_near)
    candidates = Candidates(
        keys.number.astype(np.uint64),
        keys.of_class,
        keys.priority,
        keys.near,
        keys.within,
        selection.was[keys.number],
        selection.now[keys.number],
    )
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
    similarity: Float64s
    with_operators: Float64s


def _compared(order: Order, keys: SelectedKeys, found: NewPairs) -> Iterator[_Edges]:
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
            lower, upper = (
                Side(texts, np.searchsorted(needed, side[own]), stays[keys.at(side[own])]) for side in (left, right)
            )
            verified = verify_pairs(lower, upper, order.config.dedup)
            at = own[verified.place]
            yield _Edges(left[at], right[at], verified.similarity, verified.with_operators)


def _blocks(order: Order, documents: Keys) -> list[Keys]:
    """Cut documents where their texts reach the size that is held at a time."""
    sizes = np.concatenate([pc.binary_length(text).to_numpy() for _, text in _read_texts(order, documents)])
    block = np.cumsum(sizes, dtype=np.int64) // (_TEXT_BYTES // 2)
    return [documents[block == number] for number in np.unique(block)]


def _texts(order: Order, documents: Keys) -> pa.Array:
    return pa.concat_arrays([text.cast(pa.large_string()) for _, text in _read_texts(order, documents)])


def _read_texts(order: Order, documents: Keys) -> Iterator[tuple[Int64s, pa.Array]]:
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


def _named(order: Order, keys: SelectedKeys, near: list[_Edges], found: NewPairs) -> pa.Table:
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
