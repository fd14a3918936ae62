"""MinHash signatures of whole batches, bit-identical to datasketch's `affine32` scheme."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
from datasketch import MinHash

from transforms.kernels.shingles import Shingles, documents_within

UInt32 = npt.NDArray[np.uint32]

BLOCK_SHINGLES = 1 << 16
"""Shingles permuted at a time: arrays of 256 kB stay in the second-level cache."""

# Finaliser of MurmurHash3, 32 bits (Austin Appleby, public domain), with which datasketch prepares its input.
_FMIX = (np.uint32(16), np.uint32(0x85EBCA6B), np.uint32(13), np.uint32(0xC2B2AE35), np.uint32(16))

EMPTY = np.uint32(0xFFFFFFFF)
"""Every value of the signature of an empty set."""


@cache
def permutations(num_perm: int, seed: int) -> tuple[UInt32, UInt32]:
    """Return factors and summands (uint32[num_perm] each, factors odd) of datasketch's permutations."""
    factors, summands = MinHash(num_perm=num_perm, seed=seed, scheme="affine32").permutations
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


def minima(hashes: UInt32, offsets: npt.NDArray[np.int64], factors: UInt32, summands: UInt32) -> UInt32:
    """Return uint32[p, n]: for each of p permutations the least permuted hash of each document.

    Args:
        hashes: uint32[s], repeats allowed.
        offsets: int64[n + 1], the hashes of document i are `hashes[offsets[i]:offsets[i + 1]]`.
        factors: uint32[p], odd.
        summands: uint32[p].
    """
    n = len(offsets) - 1
    out = np.full((len(factors), n), EMPTY, dtype=np.uint32)
    mixed = np.empty(min(BLOCK_SHINGLES, len(hashes)), dtype=np.uint32)
    work = np.empty_like(mixed)
    for begin in range(0, len(hashes), BLOCK_SHINGLES):
        end = min(begin + BLOCK_SHINGLES, len(hashes))
        block, scratch = mixed[: end - begin], work[: end - begin]
        block[:] = hashes[begin:end]
        _fmix32(block, scratch)
        # The first and the last of these documents may go on beyond the block.
        documents, starts = documents_within(offsets, begin, end)
        consecutive = documents[-1] - documents[0] + 1 == len(documents)
        target = slice(documents[0], documents[-1] + 1) if consecutive else documents
        for p in range(len(factors)):
            np.multiply(block, factors[p], out=scratch)
            scratch += summands[p]
            out[p, target] = np.minimum(out[p, target], np.minimum.reduceat(scratch, starts))
    return out


def _fmix32(values: UInt32, scratch: UInt32) -> None:
    shift_1, factor_1, shift_2, factor_2, shift_3 = _FMIX
    np.right_shift(values, shift_1, out=scratch)
    values ^= scratch
    values *= factor_1
    np.right_shift(values, shift_2, out=scratch)
    values ^= scratch
    values *= factor_2
    np.right_shift(values, shift_3, out=scratch)
    values ^= scratch
