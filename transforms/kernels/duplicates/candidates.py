"""Candidate pairs: documents that share a band key."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from corpusmill.transforms.kernels.arrays import Int64s, UInt64s
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.hashing import key_classes
from corpusmill.transforms.kernels.sorted_runs import is_shared, starts_run

Pairs = tuple[UInt64s, UInt64s]

SLICE_ENTRIES = 1 << 20
"""Entries sorted, and pairs made, at a time."""


def candidate_pairs(band_key: UInt64s, doc: UInt64s, settings: DedupSettings, priority: Int64s | None = None) -> Pairs:
    """Return the pairs of documents to compare, of the entries of one band or of a range of its keys.

    All pairs in buckets of up to `max_bucket_all_pairs` documents; in larger ones every document is paired with
    each of the first `leaders` documents, so that the number of pairs is linear in the size of the bucket.

    Args:
        band_key: uint64[m].
        doc: uint64[m], document keys; each at most once a band key.
        settings: Settings of the duplicate stage.
        priority: int64[m], least first: the order in which leaders are chosen. Without it they go by document key,
            which is right for `keep: first` only: a leader that is not kept cannot remove its bucket.

    Returns:
        Two uint64[p] with a < b in each pair; they depend on the set of entries, not on their order.
    """
    parts = list(iter_candidate_pairs(band_key, doc, settings, priority))
    if not parts:
        return np.empty(0, np.uint64), np.empty(0, np.uint64)
    return np.concatenate([a for a, _ in parts]), np.concatenate([b for _, b in parts])


def distinct_pairs(a: UInt64s, b: UInt64s) -> Pairs:
    """Return pairs once each, ascending by the left document, then the right one.

    Args:
        a: uint64[p], left documents.
        b: uint64[p], right documents.
    """
    order = np.lexsort((b, a))
    a, b = a[order], b[order]
    first = starts_run(a, b)
    return a[first], b[first]


def iter_candidate_pairs(
    band_key: UInt64s, doc: UInt64s, settings: DedupSettings, priority: Int64s | None = None
) -> Iterator[Pairs]:
    """Yield the pairs of `candidate_pairs` in blocks, so that those of huge buckets need not be held together."""
    for rows in key_classes(band_key, SLICE_ENTRIES):
        yield from _slice_pairs(band_key, doc, settings, priority, rows)


def _slice_pairs(
    band_key: UInt64s,
    doc: UInt64s,
    settings: DedupSettings,
    priority: Int64s | None,
    rows: Int64s,
) -> Iterator[Pairs]:
    keys, documents = band_key[rows], doc[rows]
    order = np.argsort(keys)
    keys = keys[order]
    shared = is_shared(keys)
    order, keys = order[shared], keys[shared]
    if order.size == 0:
        return
    documents = documents[order]
    ranks = np.zeros(len(order), np.int64) if priority is None else priority[rows][order]
    within = np.lexsort((documents, ranks, keys))
    keys, documents = keys[within], documents[within]
    starts = np.flatnonzero(starts_run(keys))
    sizes = np.diff(np.append(starts, len(keys)))
    small = sizes <= settings.max_bucket_all_pairs
    for size in np.unique(sizes[small]).tolist():
        yield from _all_pairs(documents, starts[sizes == size], size)
    yield from _leader_pairs(documents, starts[~small], sizes[~small], settings.leaders)


def _all_pairs(documents: UInt64s, starts: Int64s, size: int) -> Iterator[Pairs]:
    """All pairs within buckets of one size."""
    left, right = np.triu_indices(size, 1)
    step = max(1, SLICE_ENTRIES // len(left))
    for begin in range(0, len(starts), step):
        members = documents[starts[begin : begin + step, None] + np.arange(size)]
        yield _ordered(members[:, left].ravel(), members[:, right].ravel())


def _leader_pairs(documents: UInt64s, starts: Int64s, sizes: Int64s, leaders: int) -> Iterator[Pairs]:
    """Each of the first documents of a bucket with all that come after it."""
    for leader in range(leaders):
        more = sizes > leader + 1
        starts, sizes = starts[more], sizes[more]
        upto = np.cumsum(sizes - leader - 1)
        total = int(upto[-1]) if len(upto) else 0
        for begin in range(0, total, SLICE_ENTRIES):
            place = np.arange(begin, min(begin + SLICE_ENTRIES, total))
            bucket = np.searchsorted(upto, place, side="right")
            first = starts[bucket] + leader
            # Places count backwards from the end of the bucket, so that no start of each is needed.
            member = starts[bucket] + sizes[bucket] - (upto[bucket] - place)
            yield _ordered(documents[first], documents[member])


def _ordered(left: UInt64s, right: UInt64s) -> Pairs:
    a, b = np.minimum(left, right), np.maximum(left, right)
    distinct = a < b
    return (a, b) if distinct.all() else (a[distinct], b[distinct])
