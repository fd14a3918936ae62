"""Exact similarity of the shingle sets of many pairs of documents at once."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from corpusmill.transforms.kernels.arrays import Float64s, Int64s, UInt64s
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.duplicates.shingles import SET_BITS, Shingles, shingle_hashes, shingle_sets
from corpusmill.transforms.kernels.duplicates.tokens import text_buffers, token_hashes

BLOCK_BYTES = 4 << 20
"""Text turned into shingle sets at a time."""

BLOCK_SHINGLES = 1 << 15
"""Elements of both sets of a block of pairs that are merged at a time."""

_MAX_PAIRS = 1 << (64 - SET_BITS)


def exact_similarity(
    left: pa.Array, right: pa.Array, pairs_left: Int64s, pairs_right: Int64s, settings: DedupSettings
) -> Float64s:
    """Return float64[p], the similarity of each pair by `settings.similarity`.

    Args:
        left: string or large_string, texts of one side.
        right: Texts of the other side; may be the same array.
        pairs_left: int64[p], row in `left` of each pair.
        pairs_right: int64[p], row in `right` of each pair.
        settings: Settings of the duplicate stage.

    Returns:
        Exact values up to collisions of 48-bit hashes (see `shingles.shingle_sets`); 0 where a text has no tokens.
    """
    half = len(pairs_left)
    if left is right:
        rows, places = np.unique(np.concatenate((pairs_left, pairs_right)), return_inverse=True)
        sets = text_sets(left, settings.shingle_size, rows)
        return set_similarity(sets, sets, places[:half], places[half:], settings)
    left_rows, left_places = np.unique(pairs_left, return_inverse=True)
    right_rows, right_places = np.unique(pairs_right, return_inverse=True)
    left_sets = text_sets(left, settings.shingle_size, left_rows)
    right_sets = text_sets(right, settings.shingle_size, right_rows)
    return set_similarity(left_sets, right_sets, left_places, right_places, settings)


def text_sets(text: pa.Array, shingle_size: int, rows: Int64s | None = None) -> Shingles:
    """Return the distinct shingles of each text, ascending, as 48-bit hashes.

    These may be sent elsewhere, as an Arrow list column, and compared there with `set_similarity`.

    Args:
        text: string or large_string; a null has no shingles.
        shingle_size: Words in a shingle.
        rows: int64[m], the rows wanted; all if missing.
    """
    if rows is None:
        rows = np.arange(len(text))
    _, offsets = text_buffers(text)
    upto = np.cumsum(offsets[rows + 1] - offsets[rows])
    parts, counts = [np.empty(0, dtype=np.uint64)], [np.zeros(1, dtype=np.int64)]
    begin, base = 0, 0
    while begin < len(rows):
        end = max(begin + 1, int(np.searchsorted(upto, base + BLOCK_BYTES, side="right")))
        block = text.take(pa.array(rows[begin:end]))
        sets = shingle_sets(shingle_hashes(token_hashes(block), shingle_size))
        parts.append(sets.hashes)
        counts.append(np.diff(sets.offsets))
        begin, base = end, int(upto[end - 1])
    return Shingles(np.concatenate(parts), np.cumsum(np.concatenate(counts)))


def set_similarity(
    left: Shingles, right: Shingles, pairs_left: Int64s, pairs_right: Int64s, settings: DedupSettings
) -> Float64s:
    """Return float64[p], the similarity of pairs of sets from `text_sets`."""
    size_left = np.diff(left.offsets)[pairs_left]
    size_right = np.diff(right.offsets)[pairs_right]
    shared = shared_counts(left, right, pairs_left, pairs_right)
    both = size_left + size_right - shared
    whole = both if settings.similarity == "jaccard" else np.minimum(size_left, size_right)
    return np.divide(shared, whole, out=np.zeros(len(shared), dtype=np.float64), where=whole > 0)


def shared_counts(left: Shingles, right: Shingles, pairs_left: Int64s, pairs_right: Int64s) -> Int64s:
    """Return int64[p], how many elements the two ascending sets of each pair share."""
    bounds_left = np.stack((left.offsets[pairs_left], left.offsets[pairs_left + 1]), axis=1)
    bounds_right = np.stack((right.offsets[pairs_right], right.offsets[pairs_right + 1]), axis=1)
    upto = np.cumsum(np.diff(bounds_left, axis=1) + np.diff(bounds_right, axis=1))
    shared = np.zeros(len(pairs_left), dtype=np.int64)
    begin, base = 0, 0
    while begin < len(shared):
        end = max(begin + 1, int(np.searchsorted(upto, base + BLOCK_SHINGLES, side="right")))
        end = min(end, begin + _MAX_PAIRS)
        # Two slices a pair, copied at once: half the time of gathering the elements by index.
        slices = []
        for (a, b), (c, d) in zip(bounds_left[begin:end].tolist(), bounds_right[begin:end].tolist(), strict=True):
            slices.append(left.hashes[a:b])
            slices.append(right.hashes[c:d])
        ends = upto[begin:end] - base
        shared[begin:end] = _equal_neighbours(np.concatenate(slices), ends)
        begin, base = end, int(upto[end - 1])
    return shared


def _equal_neighbours(merged: UInt64s, ends: Int64s) -> Int64s:
    """Sort each stretch of 48-bit values, given as two ascending runs, and count its neighbours that are equal."""
    sizes = np.diff(ends, prepend=0)
    # The number of the stretch above the values keeps stretches apart; a stable sort merges the runs in linear time.
    merged |= np.repeat(np.arange(len(ends), dtype=np.uint64) << np.uint64(SET_BITS), sizes)
    merged.sort(kind="stable")
    equal = np.flatnonzero(merged[1:] == merged[:-1])
    return np.diff(np.searchsorted(equal, ends), prepend=0)
