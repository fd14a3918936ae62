"""Pairs of another selection against the search from the beginning."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.duplicates.candidates import candidate_pairs, distinct_pairs
from corpusmill.transforms.kernels.duplicates.comparison import Side, verify_pairs
from corpusmill.transforms.kernels.duplicates.document_keys import document_keys
from corpusmill.transforms.kernels.duplicates.groups import resolve_groups
from corpusmill.transforms.kernels.duplicates.keep_order import STAYS
from corpusmill.transforms.kernels.duplicates.reselection import Candidates, Known, classes_of, reselect
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from tests.families import WORDS

Pairs = set[tuple[int, int]]


def _texts(seed: int, n: int) -> list[str]:
    rng = random.Random(seed)
    texts: list[str] = []
    for _ in range(n):
        if texts and rng.random() < 0.75:
            words = rng.choice(texts).split()
            for _ in range(rng.choice((0, 1, 2))):
                words[rng.randrange(len(words))] = rng.choice(WORDS)
            texts.append(" ".join(words) + rng.choice(("", "!")))
        else:
            texts.append(" ".join(rng.choices(WORDS, k=30)))
    return texts


class _Whole:
    """The search from the beginning, over the documents of a selection."""

    def __init__(self, texts: list[str], priority: np.ndarray, settings: DedupSettings) -> None:
        self.text = pa.array(texts)
        self.keys = document_keys(self.text, settings)
        self.priority = priority
        self.settings = settings

    def pairs(self, taken: np.ndarray) -> tuple[Pairs, Pairs]:
        """Return (member, representative) and verified pairs."""
        doc = np.flatnonzero(taken).astype(np.uint64)
        first, chosen = resolve_groups(self.keys.group_key[taken], doc, self.priority[taken])
        single = doc[first & self.keys.near[taken]].astype(np.int64)
        found = [
            candidate_pairs(
                self.keys.band_keys[single, band], single.astype(np.uint64), self.settings, self.priority[single]
            )
            for band in range(self.settings.banding.bands)
        ]
        left, right = distinct_pairs(*(np.concatenate(side) for side in zip(*found, strict=True)))
        verified = self.verified(left, right)
        goes = ~first & (self.priority[doc.astype(np.int64)] != STAYS)
        return {*zip(doc[goes].tolist(), chosen[goes].tolist(), strict=True)}, verified

    def verified(self, left: np.ndarray, right: np.ndarray) -> Pairs:
        one, other = (
            Side(self.text, side.astype(np.int64), self.priority[side.astype(np.int64)] == STAYS)
            for side in (left, right)
        )
        place = verify_pairs(one, other, self.settings).place
        return {*zip(left[place].tolist(), right[place].tolist(), strict=True)}


@pytest.mark.parametrize("seed", range(12))
def test_pairs_of_another_selection_are_those_of_a_search_from_the_beginning(seed: int) -> None:
    rng = np.random.default_rng(seed)
    containment = seed % 4 == 3
    settings = DedupSettings(
        threshold=0.6,
        shingle_size=2,
        max_bucket_all_pairs=3 if seed % 2 else 128,
        leaders=1,
        similarity="containment" if containment else "jaccard",
        keep="longest" if containment else "first",
    )
    texts = _texts(seed, 60)
    priority = np.array([-len(text) for text in texts], np.int64) if containment else rng.integers(0, 3, len(texts))
    priority[rng.random(len(texts)) < 0.1] = STAYS
    whole = _Whole(texts, priority, settings)
    was, now = (rng.random(len(texts)) < share for share in (0.7, 0.6))
    _, before = whole.pairs(was)
    members, after = whole.pairs(now)
    taken = np.flatnonzero(was | now)
    documents = Candidates(
        taken.astype(np.uint64),
        classes_of(whole.keys.group_key)[taken],
        priority[taken],
        whole.keys.near[taken],
        None,
        was[taken],
        now[taken],
    )
    known = Known(*(np.array(side, np.uint64) for side in zip(*sorted(before), strict=True)))
    found = reselect(documents, known, lambda band: whole.keys.band_keys[taken, band], settings, ranked=True)
    assert {*zip(found.member.tolist(), found.representative.tolist(), strict=True)} == members
    told = {*zip(found.left.tolist(), found.right.tolist(), strict=True)}
    assert told | whole.verified(found.open_left, found.open_right) == after
    assert len(told) > 3 or containment
    # What the earlier search compared is not compared again.
    both = [was[side.astype(np.int64)] for side in (found.open_left, found.open_right)]
    if settings.max_bucket_all_pairs == 128 and not containment:
        stays = [priority[side.astype(np.int64)] == STAYS for side in (found.open_left, found.open_right)]
        assert not (both[0] & both[1] & ~stays[0] & ~stays[1]).any()
