"""What becomes of documents at a higher threshold, decided from verified pairs alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.duplicates.find import is_giant
from corpusmill.transforms.duplicates.pair_files import NEAR, TEXT
from corpusmill.transforms.kernels.duplicates.cover import greedy_cover
from corpusmill.transforms.kernels.duplicates.groups import expand_groups
from corpusmill.transforms.writing.write import FAMILIES

Keys = npt.NDArray[np.uint64]

_OWN = np.uint64(1 << 62)
"""Where the keys of the run's own documents begin; those of earlier corpora come before."""
_CORPUS_BITS = np.uint64(40)


@dataclass(frozen=True)
class Fates:
    """What becomes of documents that have a verified pair.

    Attributes:
        document: uint64[r], keys of the documents that go, ascending.
        partner: uint64[r], their kept partners.
        similarity: float64[r].
        same_text: bool[r], whether the partner has the very same text.
        named: uint64[d], keys of all documents of pairs, ascending.
        ids: Their ids.
        sources: Where they were read.
        offsets: int64[d], and at which place there.
        corpora: The earlier corpora that they are in; null for the run's own.
    """

    document: Keys
    partner: Keys
    similarity: npt.NDArray[np.float64]
    same_text: npt.NDArray[np.bool_]
    named: Keys
    ids: pa.Array
    sources: pa.Array
    offsets: pa.Array
    corpora: pa.Array

    def of_rows(self, first: int, n: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return rows (from 0) of the audit's rows `first` .. `first + n` that go, and their places in `document`."""
        low, high = np.searchsorted(self.document, [_OWN + np.uint64(first), _OWN + np.uint64(first + n)])
        return (self.document[low:high] - _OWN).astype(np.int64) - first, np.arange(low, high)


def decide(pairs: pa.Table, threshold: float) -> Fates:
    """Choose which documents go at a threshold.

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
    # Only the text of the document that stands for a group can be the same.
    texts = members[pc.equal(pairs["kind"], TEXT).to_numpy()[members]]
    order = np.argsort(right[texts])
    representative, of = left[texts][order], right[texts][order]
    same_text = np.zeros(len(cover.removed), bool)
    if len(of):
        place = np.searchsorted(of, cover.removed).clip(max=len(of) - 1)
        same_text = (of[place] == cover.removed) & (representative[place] == cover.partner)
    named, first = np.unique(np.concatenate([left, right]), return_index=True)
    take = pa.array(first)
    return Fates(
        *cover,
        same_text,
        named,
        _joined(pairs["left_id"], pairs["right_id"]).take(take),
        _joined(pairs["left_source"], pairs["right_source"]).take(take),
        _joined(pairs["left_offset"], pairs["right_offset"]).take(take),
        _joined(pairs["left_corpus"], pa.chunked_array([pa.nulls(len(pairs), pa.string())])).take(take),
    )


def _left_keys(pairs: pa.Table, corpora: list[str]) -> Keys:
    number: Keys = pairs["left"].to_numpy().astype(np.uint64)
    if not corpora:
        return number + _OWN
    place = pc.index_in(pairs["left_corpus"], value_set=pa.array(corpora, pa.string()))
    corpus = pc.fill_null(place, -1).to_numpy().astype(np.int64)
    start: Keys = np.where(corpus < 0, _OWN, np.maximum(corpus, 0).astype(np.uint64) << _CORPUS_BITS)
    return number + start


def _joined(*columns: pa.ChunkedArray) -> pa.Array:
    return pa.chunked_array([chunk for column in columns for chunk in column.chunks], columns[0].type).combine_chunks()


def largest_families(fates: Fates, documents: int, before: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the largest families, as the manifest names them.

    Args:
        fates: What becomes of the documents.
        documents: All documents of the run.
        before: The families that the run names: what the texts of a family shared, those that are left of it do.
    """
    shared = {(family["id"], family["corpus"]): family.get("shared") for family in before}
    partners, sizes = np.unique(fates.partner, return_counts=True)
    for kept in np.lexsort((partners, -sizes))[:FAMILIES].tolist():
        own = np.flatnonzero(fates.partner == partners[kept])
        values = np.sort(fates.similarity[own])
        place = int(np.searchsorted(fates.named, partners[kept]))
        samples = np.searchsorted(fates.named, fates.document[own[:3]])
        removed = int(sizes[kept])
        yield {
            "removed": removed,
            "id": fates.ids[place].as_py(),
            "corpus": fates.corpora[place].as_py(),
            "lowest": float(values[0]),
            "median": float(values[len(values) // 2]),
            "highest": float(values[-1]),
            "samples": [fates.ids[int(sample)].as_py() for sample in samples],
            "giant": is_giant(removed, documents),
            "shared": shared.get((fates.ids[place].as_py(), fates.corpora[place].as_py())),
        }
