"""Candidate pairs: documents that share a band key."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from transforms.kernels.dedup import DedupSettings
from transforms.kernels.hashing import UInt64

Index = npt.NDArray[np.int64]
Pairs = tuple[UInt64, UInt64]

SLICE_ENTRIES = 1 << 20
"""Entries sorted at a time; the key space is cut into as many ranges as keep slices near this size."""


def candidate_pairs(
    band_key: UInt64, doc: UInt64, settings: DedupSettings, priority: npt.NDArray[np.int64] | None = None
) -> Pairs:
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


def iter_candidate_pairs(
    band_key: UInt64, doc: UInt64, settings: DedupSettings, priority: npt.NDArray[np.int64] | None = None
) -> Iterator[Pairs]:
    """Yield the pairs of `candidate_pairs` in blocks, so that those of huge buckets need not be held together."""
    bits = max(0, int(len(doc) // SLICE_ENTRIES).bit_length())
    if bits == 0:
        yield from _slice_pairs(band_key, doc, settings, priority, slice(None))
        return
    bits = min(bits, 8)
    part = np.empty(len(doc), dtype=np.uint8)
    for begin in range(0, len(doc), SLICE_ENTRIES):
        rows = slice(begin, begin + SLICE_ENTRIES)
        part[rows] = band_key[rows] >> np.uint64(64 - bits)
    for value in range(1 << bits):
        yield from _slice_pairs(band_key, doc, settings, priority, np.flatnonzero(part == value))


def _slice_pairs(
    band_key: UInt64,
    doc: UInt64,
    settings: DedupSettings,
    priority: npt.NDArray[np.int64] | None,
    rows: Index | slice,
) -> Iterator[Pairs]:
    keys, documents = band_key[rows], doc[rows]
    order = np.argsort(keys)
    keys = keys[order]
    same = keys[1:] == keys[:-1]
    shared = np.zeros(len(keys), dtype=bool)
    shared[1:] |= same
    shared[:-1] |= same
    order, keys = order[shared], keys[shared]
    if order.size == 0:
        return
    documents = documents[order]
    ranks = np.zeros(len(order), np.int64) if priority is None else priority[rows][order]
    within = np.lexsort((documents, ranks, keys))
    keys, documents = keys[within], documents[within]
    starts = np.flatnonzero(np.concatenate((np.ones(1, dtype=bool), keys[1:] != keys[:-1])))
    sizes = np.diff(np.append(starts, len(keys)))
    small = sizes <= settings.max_bucket_all_pairs
    for size in np.unique(sizes[small]).tolist():
        members = documents[starts[sizes == size][:, None] + np.arange(size)]
        left, right = np.triu_indices(size, 1)
        yield _ordered(members[:, left].ravel(), members[:, right].ravel())
    large_starts, large_sizes = starts[~small], sizes[~small]
    for leader in range(settings.leaders if large_starts.size else 0):
        more = large_sizes > leader + 1
        large_starts, large_sizes = large_starts[more], large_sizes[more]
        counts = large_sizes - leader - 1
        first = np.cumsum(counts) - counts
        place = np.arange(int(counts.sum())) + np.repeat(large_starts + leader + 1 - first, counts)
        yield _ordered(np.repeat(documents[large_starts + leader], counts), documents[place])


def _ordered(left: UInt64, right: UInt64) -> Pairs:
    a, b = np.minimum(left, right), np.maximum(left, right)
    distinct = a < b
    return (a, b) if distinct.all() else (a[distinct], b[distinct])
