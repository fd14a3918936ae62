import numpy as np
import pytest

from corpusmill.transforms.kernels.duplicates import groups as module
from corpusmill.transforms.kernels.duplicates.cover import Cover
from corpusmill.transforms.kernels.duplicates.groups import expand_groups, resolve_groups


def plain(keys: list[tuple[int, int]], priority: list[int]) -> tuple[list[bool], list[int]]:
    """The same by a dictionary; documents are numbered from 0."""
    first: dict[tuple[int, int], int] = {}
    for doc in sorted(range(len(keys)), key=lambda doc: (priority[doc], doc)):
        first.setdefault(keys[doc], doc)
    chosen = [first[key] for key in keys]
    return [doc == own for doc, own in enumerate(chosen)], chosen


def test_the_first_by_priority_represents_its_group(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(4)
    for entries in (1 << 20, 5):
        monkeypatch.setattr(module, "SLICE_ENTRIES", entries)
        keys = chance.integers(0, 4, (60, 2)).astype(np.uint64)
        priority = chance.integers(-3, 3, 60)
        found, chosen = resolve_groups(keys, np.arange(60, dtype=np.uint64), priority)
        wanted = plain([(int(a), int(b)) for a, b in keys], priority.tolist())
        assert (found.tolist(), chosen.tolist()) == wanted
        assert 1 < found.sum() < 60


def test_copies_follow_their_representative() -> None:
    cover = Cover(np.array([5], np.uint64), np.array([1], np.uint64), np.array([0.9]))
    doc, chosen = np.array([2, 6, 7, 1], np.uint64), np.array([1, 5, 5, 1], np.uint64)
    found = expand_groups(doc, chosen, cover)
    assert found.removed.tolist() == [2, 5, 6, 7]
    assert found.partner.tolist() == [1, 1, 1, 1]
    assert found.similarity.tolist() == [1.0, 0.9, 0.9, 0.9]


def test_without_pairs_copies_are_removed_for_their_representative() -> None:
    nothing = Cover(np.zeros(0, np.uint64), np.zeros(0, np.uint64), np.zeros(0))
    found = expand_groups(np.array([9, 3], np.uint64), np.array([1, 3], np.uint64), nothing)
    assert (found.removed.tolist(), found.partner.tolist(), found.similarity.tolist()) == ([9], [1], [1.0])
