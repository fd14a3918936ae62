"""Candidate pairs of another selection of documents, and what is known of them from the pairs of an earlier one.

Documents of equal words are one class: they have the same keys, and the same similarity to any other document. So what
was found out about the representative of a class holds for another one that comes in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from corpusmill.transforms.kernels.arrays import Bools, Int64s, UInt64s
from corpusmill.transforms.kernels.duplicates.candidates import iter_candidate_pairs
from corpusmill.transforms.kernels.duplicates.groups import resolve_groups
from corpusmill.transforms.kernels.duplicates.keep_order import STAYS
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.duplicates.within import same_values
from corpusmill.transforms.kernels.sorted_runs import starts_run

_CLASS_BITS = np.uint64(32)
_CODES_AT_ONCE = 1 << 22


@dataclass(frozen=True)
class Candidates:
    """The documents of both selections.

    Attributes:
        document: uint64[m], document keys, ascending.
        of_class: int64[m], from `classes_of`.
        priority: int64[m], least first.
        near: bool[m], where the band keys are of use.
        within: uint64[m, 2], from `value_keys`; None if duplicates are looked for everywhere.
        was: bool[m], in the earlier selection.
        now: bool[m], in the other one.
    """

    document: UInt64s
    of_class: Int64s
    priority: Int64s
    near: Bools
    within: UInt64s | None
    was: Bools
    now: Bools


class Known(NamedTuple):
    """Verified pairs of the earlier selection.

    Attributes:
        left: uint64[v], document keys.
        right: uint64[v].
    """

    left: UInt64s
    right: UInt64s


class NewPairs(NamedTuple):
    """The pairs of documents of the other selection.

    Attributes:
        member: uint64[g], documents that another one of equal words represents.
        representative: uint64[g].
        left: uint64[p], left documents of pairs that are verified already.
        right: uint64[p].
        known: int64[p], which of the earlier pairs tells so.
        open_left: uint64[o], left documents of pairs that were never compared.
        open_right: uint64[o].
    """

    member: UInt64s
    representative: UInt64s
    left: UInt64s
    right: UInt64s
    known: Int64s
    open_left: UInt64s
    open_right: UInt64s


def classes_of(group_key: UInt64s) -> Int64s:
    """Return int64[m], equal numbers for equal keys.

    Args:
        group_key: uint64[m, 2].
    """
    order = np.lexsort(group_key.T[::-1])
    found = np.empty(len(group_key), np.int64)
    found[order] = np.cumsum(starts_run(group_key[order])) - 1
    return found


def reselect(
    documents: Candidates, known: Known, band: Callable[[int], UInt64s], settings: DedupSettings, *, ranked: bool
) -> NewPairs:
    """Find the candidate pairs of another selection, and tell apart what is known of them and what is not.

    Args:
        documents: The documents of both.
        known: The verified pairs of the earlier selection; all other candidates of it were compared in vain.
        band: Returns uint64[m], the keys of one band.
        settings: Settings of the duplicate stage.
        ranked: Whether leaders are chosen by priority.
    """
    before, after = _Selection(documents, documents.was), _Selection(documents, documents.now)
    compared = _Codes()
    codes = _Codes()
    for number in range(settings.banding.bands):
        keys = band(number)
        compared.add(before.codes(keys, settings, ranked=ranked))
        codes.add(after.codes(keys, settings, ranked=ranked))
    wanted = codes.joined()
    # What stays whatever comes was not paired with its like; another representative may.
    tried = before.decided_by_similarity(compared.joined(), settings)
    places = [np.searchsorted(documents.document, side) for side in known]
    verified = _code(*(documents.of_class[side] for side in places))
    order = np.argsort(verified)
    at = np.searchsorted(verified[order], wanted).clip(max=max(len(order) - 1, 0))
    is_known = verified[order][at] == wanted if len(order) else np.zeros(len(wanted), bool)
    left, right, pairable, unsure = after.pairs(wanted, settings)
    is_known &= pairable & ~unsure
    is_open = pairable & ~is_known & (unsure | ~np.isin(wanted, tried))
    return NewPairs(
        *after.members(),
        left[is_known],
        right[is_known],
        order[at[is_known]] if len(order) else at[:0],
        left[is_open],
        right[is_open],
    )


def _code(one: Int64s, other: Int64s) -> UInt64s:
    """Return uint64[p], one number for each pair of classes, whatever their order."""
    low, high = np.minimum(one, other).astype(np.uint64), np.maximum(one, other).astype(np.uint64)
    return (low << _CLASS_BITS) | high


class _Codes:
    """A set of codes of pairs, gathered part by part."""

    def __init__(self) -> None:
        self._parts: list[UInt64s] = []

    def add(self, parts: Iterable[UInt64s]) -> None:
        for part in parts:
            self._parts.append(np.unique(part))
            if sum(map(len, self._parts[1:])) > max(len(self._parts[0]), _CODES_AT_ONCE):
                self._parts = [self.joined()]

    def joined(self) -> UInt64s:
        return np.unique(np.concatenate([np.zeros(0, np.uint64), *self._parts]))


class _Selection:
    """The representatives of the classes of a selection."""

    def __init__(self, documents: Candidates, taken: Bools) -> None:
        self._documents = documents
        rows = np.flatnonzero(taken)
        classes = documents.of_class[rows].astype(np.uint64)
        keys = np.stack([classes, np.zeros_like(classes)], axis=1)
        self._rows = rows
        self._is_first, self._chosen = resolve_groups(keys, documents.document[rows], documents.priority[rows])
        firsts = rows[self._is_first]
        self._compared = firsts[documents.near[firsts]]
        self._row_of_class = np.full(int(documents.of_class.max(initial=-1)) + 1, -1, np.int64)
        self._row_of_class[documents.of_class[firsts]] = firsts

    def codes(self, keys: UInt64s, settings: DedupSettings, *, ranked: bool) -> Iterable[UInt64s]:
        """Yield the candidate pairs of a band as codes."""
        documents, rows = self._documents, self._compared
        if documents.within is not None:
            keys = keys ^ documents.within[:, 0]
        priority = documents.priority[rows] if ranked else None
        for pair in iter_candidate_pairs(keys[rows], documents.document[rows], settings, priority):
            yield _code(*(documents.of_class[np.searchsorted(documents.document, side)] for side in pair))

    def members(self) -> tuple[UInt64s, UInt64s]:
        """Return the documents that another one represents, and which does; those that stay whatever comes are none."""
        documents = self._documents
        member = ~self._is_first & (documents.priority[self._rows] != STAYS)
        return documents.document[self._rows][member], self._chosen[member]

    def pairs(self, codes: UInt64s, settings: DedupSettings) -> tuple[UInt64s, UInt64s, Bools, Bools]:
        """Return the left and the right document of each code, whether they can be a pair, and depend on who stays."""
        documents = self._documents
        one, other = self._rows_of(codes)
        left, right = np.minimum(one, other), np.maximum(one, other)
        stays = documents.priority[left] == STAYS, documents.priority[right] == STAYS
        pairable = ~(stays[0] & stays[1])
        if documents.within is not None:
            pairable &= same_values(documents.within[left], documents.within[right])
        unsure = (stays[0] | stays[1]) & (settings.similarity == "containment")
        return documents.document[left], documents.document[right], pairable, unsure

    def decided_by_similarity(self, codes: UInt64s, settings: DedupSettings) -> UInt64s:
        """Return codes without those of pairs that may have been none for the documents stay whatever comes."""
        _, _, pairable, unsure = self.pairs(codes, settings)
        return codes[pairable & ~unsure]

    def _rows_of(self, codes: UInt64s) -> tuple[Int64s, Int64s]:
        one = self._row_of_class[(codes >> _CLASS_BITS).astype(np.int64)]
        other = self._row_of_class[(codes & np.uint64(0xFFFFFFFF)).astype(np.int64)]
        return one, other
