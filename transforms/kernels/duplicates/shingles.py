"""Word k-grams of whole batches as 64-bit hashes, and the distinct ones of each document."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corpusmill.transforms.kernels.arrays import Int64s, UInt64s
from corpusmill.transforms.kernels.duplicates.tokens import TokenHashes
from corpusmill.transforms.kernels.hashing import GOLDEN, mix64

_BASE = np.uint64(0xD6E8FEB86659FD93)  # odd; the base of the polynomial over token hashes
_BLOCK = 1 << 16
SET_BITS = 48
"""Bits of a hash in a shingle set."""
_SET_DOCUMENTS = 1 << (64 - SET_BITS)


class Shingles(NamedTuple):
    """The shingles of n documents in order of place, repeats included.

    Attributes:
        hashes: uint64[s], document after document.
        offsets: int64[n + 1], the shingles of document i are `hashes[offsets[i]:offsets[i + 1]]`.
    """

    hashes: UInt64s
    offsets: Int64s


def shingle_hashes(tokens: TokenHashes, size: int) -> Shingles:
    """Hash every run of `size` tokens.

    A document with fewer tokens, but not none, is one shingle: all its tokens, told apart from runs of `size`.

    Args:
        tokens: Token hashes of the documents.
        size: Tokens in a shingle, at least 1.
    """
    counts = np.diff(tokens.offsets)
    per_document = np.where(counts >= size, counts - size + 1, np.minimum(counts, 1))
    offsets = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(per_document, out=offsets[1:])
    short = np.flatnonzero((counts > 0) & (counts < size))
    runs = _runs_within(tokens, counts, size)
    if short.size == 0:
        return Shingles(runs, offsets)
    out = np.empty(int(offsets[-1]), dtype=np.uint64)
    is_run = np.ones(len(out), dtype=bool)
    is_run[offsets[short]] = False
    out[is_run] = runs
    out[offsets[short]] = _whole_document(tokens, short, counts[short])
    return Shingles(out, offsets)


def _runs_within(tokens: TokenHashes, counts: Int64s, size: int) -> UInt64s:
    """Hash the runs of `size` tokens that do not go beyond their document."""
    places = max(0, len(tokens.hashes) - size + 1)
    within = np.ones(places, dtype=bool)
    for step in range(size - 1):
        last = tokens.offsets[1:][counts > step] - 1 - step
        within[last[last < places]] = False
    out = np.empty(np.count_nonzero(within), dtype=np.uint64)
    scratch = np.empty(min(places, _BLOCK), dtype=np.uint64)
    filled = 0
    for begin in range(0, places, _BLOCK):
        end = min(begin + _BLOCK, places)
        block = tokens.hashes[begin:end].copy()
        for step in range(1, size):
            block *= _BASE
            block += tokens.hashes[begin + step : end + step]
        block = mix64(block, scratch[: end - begin])[within[begin:end]]
        out[filled : filled + len(block)] = block
        filled += len(block)
    return out


def _whole_document(tokens: TokenHashes, rows: Int64s, counts: Int64s) -> UInt64s:
    """One hash over all tokens of each of some short documents."""
    hashes = np.zeros(len(rows), dtype=np.uint64)
    for step in range(int(counts.max(initial=0))):
        more = counts > step
        hashes[more] = hashes[more] * _BASE + tokens.hashes[tokens.offsets[rows[more]] + step]
    return mix64(hashes + counts.astype(np.uint64) * GOLDEN)


def shingle_sets(shingles: Shingles) -> Shingles:
    """Reduce each document's shingles to the distinct ones, in ascending order, cut to 48 bits.

    The cut leaves room to sort many documents in one go. It makes set sizes and overlaps wrong by one with a
    probability of about n^2 / 2^49 for documents of n shingles: 1e-9 at 1,000.
    """
    n = len(shingles.offsets) - 1
    counts = np.zeros(n, dtype=np.int64)
    parts = []
    begin = 0
    while begin < n:
        base = shingles.offsets[begin]
        end = int(np.searchsorted(shingles.offsets, base + _BLOCK, side="right")) - 1
        end = min(max(end, begin + 1), begin + _SET_DOCUMENTS, n)
        offsets = shingles.offsets[begin : end + 1]
        keys = shingles.hashes[offsets[0] : offsets[-1]] >> np.uint64(64 - SET_BITS)
        keys |= np.repeat(np.arange(end - begin, dtype=np.uint64) << np.uint64(SET_BITS), np.diff(offsets))
        keys.sort()
        if len(keys):
            fresh = np.ones(len(keys), dtype=bool)
            np.not_equal(keys[1:], keys[:-1], out=fresh[1:])
            keys = keys[fresh]
        counts[begin:end] = np.bincount((keys >> np.uint64(SET_BITS)).astype(np.int64), minlength=end - begin)
        keys &= np.uint64((1 << SET_BITS) - 1)
        parts.append(keys)
        begin = end
    set_offsets = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(counts, out=set_offsets[1:])
    return Shingles(np.concatenate(parts) if parts else np.empty(0, np.uint64), set_offsets)


def documents_within(offsets: Int64s, begin: int, end: int) -> tuple[Int64s, Int64s]:
    """Return the documents that have shingles from `begin` to before `end`, and where each starts, from `begin` on."""
    low = int(np.searchsorted(offsets, begin, side="right")) - 1
    high = int(np.searchsorted(offsets, end, side="left"))
    starts = np.maximum(offsets[low:high] - begin, 0)
    filled = np.append(starts[1:], end - begin) > starts
    return np.flatnonzero(filled) + low, starts[filled]
