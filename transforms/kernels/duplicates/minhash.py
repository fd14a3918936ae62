"""MinHash signatures of whole batches, bit-identical to datasketch's `affine32` scheme."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from corpusmill.transforms.kernels.arrays import Int64s
from corpusmill.transforms.kernels.duplicates.shingles import Shingles, documents_within
from corpusmill.transforms.kernels.hashing import finalise

UInt32 = npt.NDArray[np.uint32]

BLOCK_SHINGLES = 1 << 16
"""Shingles permuted at a time: arrays of 256 kB stay in the second-level cache."""

SHORT_WIDTHS = (0, 4, 8, 12, 16)
"""Documents of like length up to the last of these are reduced side by side: many stretches of one array are slow."""

_WORTH_A_GROUP = 1 << 13  # hashes

# Finaliser of MurmurHash3, 32 bits (Austin Appleby, public domain), with which datasketch prepares its input.
_FMIX_SHIFTS = tuple(map(np.uint32, (16, 13, 16)))
_FMIX_FACTORS = tuple(map(np.uint32, (0x85EBCA6B, 0xC2B2AE35)))

EMPTY = np.uint32(0xFFFFFFFF)
"""Every value of the signature of an empty set."""


@cache
def permutations(num_perm: int, seed: int) -> tuple[UInt32, UInt32]:
    """Return factors and summands (uint32[num_perm] each, factors odd) of datasketch's permutations.

    They are drawn as datasketch 2 draws them, from NumPy's legacy generator, whose stream is frozen (NEP 19); importing
    datasketch itself would cost each worker a second.
    """
    generator = np.random.RandomState(seed)
    factors = generator.randint(0, 1 << 31, num_perm, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    summands = generator.randint(0, 1 << 32, num_perm, dtype=np.uint32)
    for values in (factors, summands):
        values.setflags(write=False)
    return factors, summands


def hashes32(shingles: Shingles) -> UInt32:
    """Return the 32-bit hashes that signatures are made of: the upper halves of the shingle hashes."""
    return (shingles.hashes >> np.uint64(32)).astype(np.uint32)


def signatures(shingles: Shingles, num_perm: int, seed: int) -> UInt32:
    """Return uint32[n, num_perm], the MinHash signature of each document.

    Row i equals `MinHash(num_perm, seed=seed, scheme="affine32", hashfunc=int)` updated with the document's
    `hashes32`; a document without shingles has `EMPTY` throughout.
    """
    return np.ascontiguousarray(minima(hashes32(shingles), shingles.offsets, *permutations(num_perm, seed)).T)


def minima(hashes: UInt32, offsets: Int64s, factors: UInt32, summands: UInt32) -> UInt32:
    """Return uint32[p, n]: for each of p permutations the least permuted hash of each document.

    Args:
        hashes: uint32[s], repeats allowed.
        offsets: int64[n + 1], the hashes of document i are `hashes[offsets[i]:offsets[i + 1]]`.
        factors: uint32[p], odd.
        summands: uint32[p].
    """
    counts = np.diff(offsets)
    out = np.full((len(factors), len(counts)), EMPTY, dtype=np.uint32)
    mixed = hashes.copy()
    for begin in range(0, len(mixed), BLOCK_SHINGLES):
        finalise(mixed[begin : begin + BLOCK_SHINGLES], _FMIX_SHIFTS, _FMIX_FACTORS)
    rest = np.ones(len(counts), dtype=bool)
    for shorter, width in pairwise(SHORT_WIDTHS):
        documents = np.flatnonzero((counts > shorter) & (counts <= width))
        if len(documents) * width >= _WORTH_A_GROUP:
            rest[documents] = False
            _short_minima(mixed, offsets, documents, width, (factors, summands), out)
    if rest.all():
        _long_minima(mixed, offsets, (factors, summands), out)
    elif rest.any():
        documents = np.flatnonzero(rest)
        left = np.zeros(len(documents) + 1, dtype=np.int64)
        np.cumsum(counts[documents], out=left[1:])
        minima_of_rest = np.full((len(factors), len(documents)), EMPTY, dtype=np.uint32)
        _long_minima(mixed[np.repeat(rest, counts)], left, (factors, summands), minima_of_rest)
        out[:, documents] = minima_of_rest
    return out


def _long_minima(mixed: UInt32, offsets: Int64s, permuted: tuple[UInt32, UInt32], out: UInt32) -> None:
    """Reduce stretches of one array, block by block."""
    work = np.empty(min(BLOCK_SHINGLES, len(mixed)), dtype=np.uint32)
    for begin in range(0, len(mixed), BLOCK_SHINGLES):
        block = mixed[begin : begin + BLOCK_SHINGLES]
        scratch = work[: len(block)]
        # The first and the last of these documents may go on beyond the block.
        documents, starts = documents_within(offsets, begin, begin + len(block))
        consecutive = documents[-1] - documents[0] + 1 == len(documents)
        target = slice(documents[0], documents[-1] + 1) if consecutive else documents
        for p, (factor, summand) in enumerate(zip(*permuted, strict=True)):
            np.multiply(block, factor, out=scratch)
            scratch += summand
            out[p, target] = np.minimum(out[p, target], np.minimum.reduceat(scratch, starts))


def _short_minima(  # noqa: PLR0913, PLR0917 -- one group of documents and where its result goes
    mixed: UInt32,
    offsets: Int64s,
    documents: Int64s,
    width: int,
    permuted: tuple[UInt32, UInt32],
    out: UInt32,
) -> None:
    """Reduce documents side by side: the n-th hashes of all in one row, the last of a document repeated to `width`."""
    step = max(1, BLOCK_SHINGLES // width)
    for begin in range(0, len(documents), step):
        target = documents[begin : begin + step]
        first, last = offsets[target], offsets[target + 1] - 1
        block = mixed[np.minimum(first + np.arange(width)[:, None], last)]
        scratch = np.empty_like(block)
        for p, (factor, summand) in enumerate(zip(*permuted, strict=True)):
            np.multiply(block, factor, out=scratch)
            scratch += summand
            out[p, target] = scratch.min(axis=0)
