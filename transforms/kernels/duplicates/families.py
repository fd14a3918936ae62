"""Families: the connected documents of verified edges, to be counted and shown; they decide nothing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from corpusmill.transforms.kernels.hashing import UInt64


def components(a: UInt64, b: UInt64) -> tuple[UInt64, UInt64]:
    """Return the documents of some edges, ascending, and the least document key of the component of each.

    Labels are hooked to the least neighbouring label and shortened, for all edges at once, until nothing changes: a
    number of rounds that grows with the logarithm of the largest component.

    Args:
        a: uint64[e], document keys.
        b: uint64[e], the other ends.
    """
    documents, inverse = np.unique(np.concatenate((a, b)), return_inverse=True)
    u, v = inverse[: len(a)], inverse[len(a) :]
    label: npt.NDArray[np.int64] = np.arange(len(documents))
    while u.size:
        least = np.minimum(u, v)
        np.minimum.at(label, u, least)
        np.minimum.at(label, v, least)
        while True:
            shorter = label[label]
            if np.array_equal(shorter, label):
                break
            label = shorter
        # Edges between the roots that are left.
        u, v = label[u], label[v]
        apart = u != v
        u, v = u[apart], v[apart]
    return documents, documents[label]
