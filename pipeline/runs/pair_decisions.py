"""Which documents are removed at a higher threshold, decided from verified pairs alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.duplicates.pair_files import NEAR, TEXT
from corpusmill.transforms.kernels.arrays import Bools, Float64s, UInt64s
from corpusmill.transforms.kernels.columns import one_array
from corpusmill.transforms.kernels.duplicates.cover import greedy_cover
from corpusmill.transforms.kernels.duplicates.families import (
    SAMPLES,
    choose_families,
    describe_family,
    largest_families,
)
from corpusmill.transforms.kernels.duplicates.groups import expand_groups
from corpusmill.transforms.kernels.writing.copies import COUNTS_SCHEMA, count_copies
from corpusmill.transforms.kernels.writing.duplicate_rows import PARTNER_FIELDS, DuplicateRows

Keys = UInt64s

_OWN = np.uint64(1 << 62)
"""Where the keys of the run's own documents begin; those of earlier corpora come before."""
_CORPUS_BITS = np.uint64(40)


@dataclass(frozen=True)
class Removals:
    """The documents that are removed, of those that have a verified pair.

    Attributes:
        document: uint64[r], keys of the removed documents, ascending.
        partner: uint64[r], their kept partners.
        similarity: float64[r].
        same_text: bool[r], whether the partner has the very same text.
        named: uint64[d], keys of all documents of pairs, ascending.
        names: d rows: `partner_id`, `partner_source`, `partner_offset` and `partner_corpus` of each.
    """

    document: Keys
    partner: Keys
    similarity: Float64s
    same_text: Bools
    named: Keys
    names: pa.Table

    def of_rows(self, first: int, count: int) -> DuplicateRows:
        """Return those among `count` rows of the audit from row `first` on; their rows count from there."""
        low, high = np.searchsorted(self.document, [_OWN + np.uint64(first), _OWN + np.uint64(first + count)])
        own = slice(low, high)
        partners = self.names.take(pa.array(np.searchsorted(self.named, self.partner[own])))
        return DuplicateRows(
            (self.document[own] - _OWN).astype(np.int64) - first,
            partners.append_column("similarity", pa.array(self.similarity[own])),
            pa.array(self.same_text[own]),
        )

    def count_copies(self) -> pa.Table:
        """Return the removed documents by the number of their kept partner and their own source (`COUNTS_SCHEMA`)."""
        own = self.partner >= _OWN  # what an earlier corpus holds is not in this one
        sources = self.names["partner_source"].take(pa.array(np.searchsorted(self.named, self.document[own])))
        columns = [
            pa.array((self.partner[own] - _OWN).astype(np.int64)),
            one_array(sources),
            pa.array(np.ones(int(own.sum()), np.int64)),
        ]
        return count_copies([pa.RecordBatch.from_arrays(columns, schema=COUNTS_SCHEMA)])

    def families(self, documents: int, before: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yield the largest families, and all giant ones, as the manifest names them.

        Args:
            documents: All documents of the run.
            before: The families that the run names: what the texts of a family shared, those that are left of it do.
        """
        shared = {(family["id"], family["corpus"]): family.get("shared") for family in before}
        ids, corpora = self.names["partner_id"], self.names["partner_corpus"]
        found = []
        for members in largest_families(self.partner, self.similarity):
            place = int(np.searchsorted(self.named, np.uint64(members.kept)))
            found.append(members.named(ids[place].as_py(), corpora[place].as_py(), self.document))
        for family in choose_families(found, documents):
            samples = np.searchsorted(self.named, np.array(family.samples[:SAMPLES], np.uint64))
            named = ids.take(pa.array(samples)).to_pylist()
            yield describe_family(family, named, documents, shared.get((family.id, family.corpus)))


def decide(pairs: pa.Table, threshold: float) -> Removals:
    """Choose which documents are removed at a threshold.

    Args:
        pairs: Verified pairs (`PAIRS_SCHEMA`) of a run whose threshold is not above this one.
        threshold: The new threshold.
    """
    pairs = pairs.combine_chunks()
    corpora = sorted(set(pc.unique(pairs["left_corpus"]).to_pylist()) - {None})
    left, right = _left_keys(pairs, corpora), pairs["right"].to_numpy().astype(np.uint64) + _OWN
    similarity = pairs["similarity"].to_numpy()
    is_near = pc.equal(pairs["kind"], NEAR).to_numpy()
    edges = np.flatnonzero(is_near & (pairs["with_operators"].to_numpy() >= threshold))
    priorities = [pairs[name].to_numpy() for name in ("left_priority", "right_priority")]
    cover = greedy_cover(left[edges], right[edges], similarity[edges], *(values[edges] for values in priorities))
    members = np.flatnonzero(~is_near)
    cover = expand_groups(right[members], left[members], cover)
    texts = members[pc.equal(pairs["kind"], TEXT).to_numpy()[members]]
    same_text = _are_pairs(cover.removed, cover.partner, right[texts], left[texts])
    named, first = np.unique(np.concatenate([left, right]), return_index=True)
    return Removals(*cover, same_text, named, _names_of_both(pairs).take(pa.array(first)))


def _are_pairs(removed: Keys, partner: Keys, document: Keys, representative: Keys) -> Bools:
    """Return whether each removed document and its partner are a document and its representative.

    Only the text of the representative of a group can be the same.
    """
    if not len(document):
        return np.zeros(len(removed), bool)
    order = np.argsort(document)
    document, representative = document[order], representative[order]
    place = np.searchsorted(document, removed).clip(max=len(document) - 1)
    found: Bools = (document[place] == removed) & (representative[place] == partner)
    return found


def _left_keys(pairs: pa.Table, corpora: list[str]) -> Keys:
    number: Keys = pairs["left"].to_numpy().astype(np.uint64)
    if not corpora:
        return number + _OWN
    place = pc.index_in(pairs["left_corpus"], value_set=pa.array(corpora, pa.string()))
    corpus = pc.fill_null(place, -1).to_numpy().astype(np.int64)
    start: Keys = np.where(corpus < 0, _OWN, np.maximum(corpus, 0).astype(np.uint64) << _CORPUS_BITS)
    return number + start


def _names_of_both(pairs: pa.Table) -> pa.Table:
    """The names of the left documents, then those of the right ones, as names of partners."""
    schema = pa.schema(PARTNER_FIELDS[:-1])
    columns = ("id", "source", "offset", "corpus")
    left = pairs.select([f"left_{name}" for name in columns]).rename_columns(schema.names)
    right = pairs.select([f"right_{name}" for name in columns[:-1]])
    right = right.append_column("corpus", pa.nulls(len(pairs), pa.string())).rename_columns(schema.names)
    return pa.concat_tables([left.cast(schema), right.cast(schema)]).combine_chunks()
