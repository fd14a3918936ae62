"""Counting ids that several documents have, in bounded memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from corpusmill.transforms.kernels.arrays import Int64s, UInt64s

MAX_HASHES = 1 << 23
"""Hashes that are held at once; of more ids only those of some hashes are looked at."""


class RepeatedIds(NamedTuple):
    """Documents whose id another one before them has.

    Attributes:
        documents: How many, about if not `exact`.
        split: Split of the first one; -1 if there is none.
        row: Its row there.
        exact: Whether all ids were compared.
    """

    documents: int
    split: int
    row: int
    exact: bool


def id_hashes(ids: pa.Array | pa.ChunkedArray) -> UInt64s:
    """Return a 64-bit hash of each id; uint64[n].

    Example:
        >>> one, other, again = id_hashes(pa.array(["a", "b", "a"]))
        >>> bool(one == again), bool(one == other)
        (True, False)
    """
    digests = b"".join(hashlib.blake2b(name.encode(), digest_size=8).digest() for name in ids.to_pylist())
    return np.frombuffer(digests, "<u8").astype(np.uint64)


def count_repeated(hashes: Iterable[tuple[int, UInt64s]], documents: int, most: int = MAX_HASHES) -> RepeatedIds:
    """Count documents whose id an earlier one has.

    Where there are too many to hold, the ids of one hash in 2, 4, 8 ... are counted and stand for the others: an id is
    looked at with all its documents or not at all, so the count is right on average.

    Args:
        hashes: (split, `id_hashes`) of all splits in order.
        documents: How many ids there are in all.
        most: How many to hold.
    """
    bits = max(0, (max(documents, 1) - 1) // most).bit_length()
    mask = np.uint64((1 << bits) - 1)
    found: list[UInt64s] = []
    places: list[Int64s] = []
    for split, values in hashes:
        rows = np.flatnonzero((values & mask) == 0)
        found.append(values[rows])
        places.append((np.int64(split) << np.int64(32)) + rows)
    joined = np.concatenate(found) if found else np.zeros(0, np.uint64)
    order = np.argsort(joined, kind="stable")
    ordered = joined[order]
    again = order[1:][ordered[1:] == ordered[:-1]]
    if not len(again):
        return RepeatedIds(0, -1, -1, bits == 0)
    first = int(np.concatenate(places)[again.min()])
    return RepeatedIds(len(again) << bits, first >> 32, first & 0xFFFFFFFF, bits == 0)
