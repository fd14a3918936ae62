"""Exact similarity of the shingle sets of many pairs of documents at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from transforms.kernels.dedup import DedupSettings
from transforms.kernels.shingles import Shingles, shingle_hashes, shingle_sets
from transforms.kernels.tokens import text_buffers, token_hashes

Index = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]

BLOCK_BYTES = 4 << 20
"""Text turned into shingle sets at a time."""

BLOCK_SHINGLES = 1 << 18
"""Elements of both sets of a block of pairs that are merged at a time."""


def exact_similarity(
    left: pa.Array, right: pa.Array, pairs_left: Index, pairs_right: Index, settings: DedupSettings
) -> Float64:
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
    if left is right or left.equals(right):
        rows, places = np.unique(np.concatenate((pairs_left, pairs_right)), return_inverse=True)
        sets = text_sets(left.take(pa.array(rows)), settings.shingle_size)
        half = len(pairs_left)
        return set_similarity(sets, sets, places[:half], places[half:], settings)
    left_rows, left_places = np.unique(pairs_left, return_inverse=True)
    right_rows, right_places = np.unique(pairs_right, return_inverse=True)
    return set_similarity(
        text_sets(left.take(pa.array(left_rows)), settings.shingle_size),
        text_sets(right.take(pa.array(right_rows)), settings.shingle_size),
        left_places,
        right_places,
        settings,
    )


def text_sets(text: pa.Array, shingle_size: int) -> Shingles:
    """Return the distinct shingles of each text, ascending, as 48-bit hashes.

    These may be sent elsewhere, as an Arrow list column, and compared there with `set_similarity`.
    """
    _, offsets = text_buffers(text)
    parts, begin, n = [], 0, len(text)
    counts = [np.zeros(1, dtype=np.int64)]
    while begin < n:
        end = int(np.searchsorted(offsets, offsets[begin] + BLOCK_BYTES, side="right")) - 1
        end = min(max(end, begin + 1), n)
        sets = shingle_sets(shingle_hashes(token_hashes(text.slice(begin, end - begin)), shingle_size))
        parts.append(sets.hashes)
        counts.append(np.diff(sets.offsets))
        begin = end
    return Shingles(np.concatenate(parts) if parts else np.empty(0, np.uint64), np.cumsum(np.concatenate(counts)))


def set_similarity(
    left: Shingles, right: Shingles, pairs_left: Index, pairs_right: Index, settings: DedupSettings
) -> Float64:
    """Return float64[p], the similarity of pairs of sets from `text_sets`."""
    size_left = np.diff(left.offsets)[pairs_left]
    size_right = np.diff(right.offsets)[pairs_right]
    shared = shared_counts(left, right, pairs_left, pairs_right)
    both = size_left + size_right - shared
    whole = both if settings.similarity == "jaccard" else np.minimum(size_left, size_right)
    return np.divide(shared, whole, out=np.zeros(len(shared), dtype=np.float64), where=whole > 0)


def shared_counts(left: Shingles, right: Shingles, pairs_left: Index, pairs_right: Index) -> Index:
    """Return int64[p], how many elements the two ascending sets of each pair share."""
    size_left = np.diff(left.offsets)[pairs_left]
    size_right = np.diff(right.offsets)[pairs_right]
    upto = np.cumsum(size_left + size_right)
    shared = np.zeros(len(pairs_left), dtype=np.int64)
    begin = 0
    while begin < len(shared):
        base = int(upto[begin - 1]) if begin else 0
        end = max(begin + 1, int(np.searchsorted(upto, base + BLOCK_SHINGLES, side="right")))
        shared[begin:end] = _block_counts(left, right, pairs_left[begin:end], pairs_right[begin:end])
        begin = end
    return shared


def _block_counts(left: Shingles, right: Shingles, pairs_left: Index, pairs_right: Index) -> Index:
    """Merge the two sets of each pair and count the neighbours that are equal."""
    size_left, size_right = np.diff(left.offsets)[pairs_left], np.diff(right.offsets)[pairs_right]
    n = len(pairs_left)
    sizes = np.stack((size_left, size_right), axis=1).ravel()
    starts = np.cumsum(sizes) - sizes
    total = int(sizes.sum())
    merged = np.empty(total, dtype=np.uint64)
    firsts = np.stack((left.offsets[pairs_left], right.offsets[pairs_right]), axis=1).ravel()
    place = np.arange(total) + np.repeat(firsts - starts, sizes)
    from_left = np.repeat(np.tile(np.array([True, False]), n), sizes)
    if left is right:
        merged = left.hashes[place]
    else:
        merged[from_left] = left.hashes[place[from_left]]
        merged[~from_left] = right.hashes[place[~from_left]]
    ends = np.cumsum(size_left + size_right)
    # The number of the pair above the hash keeps pairs apart; two ascending runs each merge in linear time.
    merged |= np.repeat(np.arange(n, dtype=np.uint64) << np.uint64(48), size_left + size_right)
    merged.sort(kind="stable")
    equal = np.zeros(total + 1, dtype=np.int64)
    np.cumsum(merged[1:] == merged[:-1], out=equal[1:-1] if total else equal[:0])
    equal[-1] = equal[-2] if total else 0
    begins = ends - size_left - size_right
    counts: Index = equal[np.maximum(ends - 1, begins)] - equal[begins]
    return counts
