"""Families: a kept document and what was removed for it, to be counted and shown; they decide nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from corpusmill.transforms.kernels.arrays import Float64s, Int64s, UInt64s

LARGEST = 10
"""Largest families that the manifest names; giant ones are named whatever their number."""

MOST = 100
"""Families that there is a reason to name: the largest, and giant ones, each of which is over 1 % of the documents."""

SAMPLES = 3
"""Removed documents that are named for each family: its first ones."""

LOOKED_AT = 8
"""Removed documents of a family whose texts are looked at: the first ones, and others evenly spaced."""

_MIN_GIANT = 1000
_GIANT_SHARE = 0.01


class Family(NamedTuple):
    """A kept document and what was removed because of it.

    Attributes:
        removed: Number of its duplicates.
        id: The kept document.
        corpus: The earlier corpus that it is in; None for the run's own.
        lowest: The lowest similarity to it among them.
        median: The median similarity.
        highest: The highest similarity.
        samples: Document keys of the first of them and of some others, ascending.
    """

    removed: int
    id: str
    corpus: str | None
    lowest: float
    median: float
    highest: float
    samples: tuple[int, ...]


class Members(NamedTuple):
    """The duplicates of one kept document.

    Attributes:
        kept: The kept document.
        places: int64[m], where its duplicates are in the arrays that it was found in, ascending.
        similarity: float64[m], ascending.
    """

    kept: int
    places: Int64s
    similarity: Float64s

    def named(self, identifier: str, corpus: str | None, document: UInt64s) -> Family:
        """Return the family under its name.

        Args:
            identifier: Id of the kept document.
            corpus: The earlier corpus that it is in; None for the run's own.
            document: uint64[n], keys of the duplicates that `places` speaks of.
        """
        removed = len(self.places)
        return Family(
            removed,
            identifier,
            corpus,
            float(self.similarity[0]),
            float(self.similarity[removed // 2]),
            float(self.similarity[-1]),
            tuple(document[self.places[_sampled(removed)]].tolist()),
        )


def largest_families(kept: npt.NDArray[np.integer], similarity: Float64s) -> Iterator[Members]:
    """Yield the `MOST` kept documents with the most duplicates, the largest families first.

    Args:
        kept: int64 or uint64[n], the kept partner of each duplicate, as a row or a key. Of equally large families
            those with the lowest come first.
        similarity: float64[n], of each duplicate and its partner.
    """
    order = np.argsort(kept, kind="stable")
    values, starts, sizes = np.unique(kept[order], return_index=True, return_counts=True)
    for place in np.argsort(-sizes, kind="stable")[:MOST].tolist():
        own = order[starts[place] : starts[place] + sizes[place]]
        yield Members(int(values[place]), own, np.sort(similarity[own]))


def is_giant(removed: int, documents: int) -> bool:
    """Return whether a family is so large that it is worth a look: over 1,000 documents, and over 1 % of all.

    Args:
        removed: Documents removed for one that is kept.
        documents: All documents of the run.
    """
    return removed + 1 > max(_MIN_GIANT, _GIANT_SHARE * documents)


def choose_families(families: Iterable[Family], documents: int) -> list[Family]:
    """Return the `LARGEST` families, and all giant ones, the largest first.

    Args:
        families: Families in any order.
        documents: All documents of the run.
    """
    ordered = sorted(families, key=lambda family: (-family.removed, family.id, family.samples))
    return [family for place, family in enumerate(ordered) if place < LARGEST or is_giant(family.removed, documents)]


def describe_family(
    family: Family, samples: list[str], documents: int, shared: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return a family as the manifest names it.

    Args:
        family: The family.
        samples: Ids of its first `SAMPLES` samples.
        documents: All documents of the run.
        shared: What its texts share, see `shared_lines`; None if they share nothing or it is not known.
    """
    giant = is_giant(family.removed, documents)
    return {**family._asdict(), "samples": samples, "giant": giant, "shared": shared}


def _sampled(n: int) -> Int64s:
    """Return the places of the samples among the n duplicates of a family."""
    spread = np.linspace(0, n - 1, LOOKED_AT - SAMPLES + 1).astype(np.int64)
    return np.unique(np.concatenate([np.arange(min(n, SAMPLES)), spread]))
