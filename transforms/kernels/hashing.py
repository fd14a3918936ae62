"""64-bit mixing of arrays, the arithmetic under tokens, shingles and keys.

All arithmetic is on unsigned integers that wrap around; NumPy does this silently for arrays.
The values are part of the signature format: changing a constant changes every stored key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from corpusmill.transforms.kernels.arrays import Int64s, UInt64s

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
"""2^64 / golden ratio, odd: the usual step to keep equal values apart by position."""

# Finaliser of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014; variant 13 of
# David Stafford): a bijection of 64-bit integers in which every input bit reaches every output bit.
_SHIFTS = tuple(map(np.uint64, (30, 27, 31)))
_FACTORS = tuple(map(np.uint64, (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)))

_Unsigned = TypeVar("_Unsigned", np.uint32, np.uint64)


def finalise(
    values: npt.NDArray[_Unsigned],
    shifts: Sequence[_Unsigned],
    factors: Sequence[_Unsigned],
    scratch: npt.NDArray[_Unsigned] | None = None,
) -> npt.NDArray[_Unsigned]:
    """Mix `values` in place and return them: each shift is XORed in, and a factor multiplied between two of them.

    Args:
        values: Any shape, contiguous; overwritten.
        shifts: Of the type of the values.
        factors: One fewer.
        scratch: Of the type and shape of the values, to work in; allocated if missing.
    """
    if scratch is None:
        scratch = np.empty_like(values)
    for shift, factor in zip_longest(shifts, factors):
        np.right_shift(values, shift, out=scratch)
        values ^= scratch
        if factor is not None:
            values *= factor
    return values


def mix64(values: UInt64s, scratch: UInt64s | None = None) -> UInt64s:
    """Mix `values` in place and return them.

    Args:
        values: uint64, any shape, contiguous; overwritten.
        scratch: uint64 of the same shape to work in; allocated if missing.
    """
    return finalise(values, _SHIFTS, _FACTORS, scratch)


def key_classes(keys: UInt64s, entries: int) -> Iterator[Int64s]:
    """Yield the rows of `keys` in classes by their last bits, at most 256, so that a class has about `entries` rows.

    Equal keys are in one class, whose rows may therefore be sorted by themselves: it takes less memory, and stays in
    the processor's cache. The last bits, because callers may hold one range of the key space, by its first bits.
    """
    bits = min(8, (len(keys) // entries).bit_length())
    if bits == 0:
        yield np.arange(len(keys))
        return
    part = np.empty(len(keys), dtype=np.uint8)
    for begin in range(0, len(keys), entries):
        rows = slice(begin, begin + entries)
        part[rows] = keys[rows] & np.uint64((1 << bits) - 1)
    for value in range(1 << bits):
        yield np.flatnonzero(part == value)


def digest128(data: bytes | memoryview) -> bytes:
    """Return the 128-bit BLAKE2b digest of `data`, 16 bytes."""
    return hashlib.blake2b(data, digest_size=16).digest()
