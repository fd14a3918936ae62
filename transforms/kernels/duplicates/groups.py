"""Groups of documents with equal words, of which one represents all."""

from __future__ import annotations

import numpy as np

from corpusmill.transforms.kernels.arrays import Bools, Int64s, UInt64s
from corpusmill.transforms.kernels.duplicates.cover import Cover
from corpusmill.transforms.kernels.hashing import key_classes
from corpusmill.transforms.kernels.sorted_runs import is_shared, starts_run

SLICE_ENTRIES = 1 << 20
"""Documents sorted at a time."""


def resolve_groups(group_key: UInt64s, doc: UInt64s, priority: Int64s) -> tuple[Bools, UInt64s]:
    """Choose the representative of each group: the first by priority, then by document key.

    Only representatives need candidates. A greedy cover loses nothing by that: all members of a group have the same
    similarity to any document outside and 1 to each other, and the representative comes first. If it is kept, the
    others are removed as copies of it; if it is removed because of a kept document, that one is before it, hence
    before the others, and equally similar to them.

    Args:
        group_key: uint64[m, 2] of all documents in one part of the key space.
        doc: uint64[m], distinct document keys.
        priority: int64[m], least first.

    Returns:
        bool[m], true for representatives, and uint64[m], the representative of each document.
    """
    representative = np.ones(len(doc), dtype=bool)
    chosen = doc.copy()
    for rows in key_classes(group_key[:, 0], SLICE_ENTRIES):
        members, starts = _shared(group_key, doc, priority, rows)
        representative[members] = starts
        if members.size:
            chosen[members] = doc[members[starts][np.cumsum(starts) - 1]]
    return representative, chosen


def _shared(group_key: UInt64s, doc: UInt64s, priority: Int64s, rows: Int64s) -> tuple[Int64s, Bools]:
    """Those of some rows that share a key, group after group in order, and where the groups start."""
    first = group_key[rows, 0]
    order = np.argsort(first)
    members = rows[order[is_shared(first[order])]]
    members = members[np.lexsort((doc[members], priority[members], *group_key[members].T[::-1]))]
    return members, starts_run(group_key[members])


def expand_groups(doc: UInt64s, chosen: UInt64s, cover: Cover) -> Cover:
    """Extend the cover of the representatives to all documents.

    A copy of a kept representative is removed for it, with similarity 1; a copy of a removed one for its partner.

    Args:
        doc: uint64[m], documents that are not representatives; more do no harm.
        chosen: uint64[m], the representative of each.
        cover: Cover of the representatives.
    """
    copies = doc != chosen
    doc, chosen = doc[copies], chosen[copies]
    partner, similarity = chosen.copy(), np.ones(len(doc), dtype=np.float64)
    if len(cover.removed):
        place = np.minimum(np.searchsorted(cover.removed, chosen), len(cover.removed) - 1)
        gone = cover.removed[place] == chosen
        partner[gone], similarity[gone] = cover.partner[place[gone]], cover.similarity[place[gone]]
    removed = np.concatenate((cover.removed, doc))
    order = np.argsort(removed)
    partner, similarity = np.concatenate((cover.partner, partner)), np.concatenate((cover.similarity, similarity))
    return Cover(removed[order], partner[order], similarity[order])
