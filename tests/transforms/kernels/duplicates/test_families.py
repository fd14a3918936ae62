"""Families against plain counting: a family is a kept document and what was removed for it."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.duplicates.families import (
    LARGEST,
    MOST,
    Family,
    choose_families,
    describe_family,
    is_giant,
    largest_families,
)


def plain_families(kept: list[int], similarity: list[float]) -> list[tuple[int, list[int], list[float]]]:
    places: dict[int, list[int]] = defaultdict(list)
    for place, document in enumerate(kept):
        places[document].append(place)
    ordered = sorted(places.items(), key=lambda item: (-len(item[1]), item[0]))[:MOST]
    return [(document, own, sorted(similarity[place] for place in own)) for document, own in ordered]


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 12), st.sampled_from([0.8, 0.85, 0.9, 1.0])), max_size=60))
def test_the_largest_families_are_those_of_plain_counting(duplicates: list[tuple[int, float]]) -> None:
    kept, similarity = [pair[0] for pair in duplicates], [pair[1] for pair in duplicates]
    found = largest_families(np.array(kept, np.int64), np.array(similarity, np.float64))
    assert [
        (members.kept, members.places.tolist(), members.similarity.tolist()) for members in found
    ] == plain_families(kept, similarity)


def test_no_more_families_are_looked_at_than_there_is_a_reason_to_name() -> None:
    kept = np.repeat(np.arange(2 * MOST), 2)
    assert [members.kept for members in largest_families(kept, np.ones(len(kept)))] == list(range(MOST))


def test_a_family_has_the_bounds_and_the_median_of_its_similarities_and_some_of_its_documents() -> None:
    documents = np.array([10, 11, 12, 13, 14], np.uint64)
    (members,) = largest_families(np.full(5, 3), np.array([0.9, 0.8, 1.0, 0.85, 0.95]))
    assert members.named("d3", "old", documents) == Family(5, "d3", "old", 0.8, 0.9, 1.0, (10, 11, 12, 13, 14))
    (members,) = largest_families(np.full(1000, 3), np.ones(1000))
    samples = members.named("d3", None, np.arange(1000, dtype=np.uint64)).samples
    assert samples == (0, 1, 2, 199, 399, 599, 799, 999)


def test_a_family_is_giant_if_it_is_over_a_thousand_documents_and_over_one_percent() -> None:
    assert is_giant(1000, 50_000)
    assert not is_giant(999, 50_000)
    assert not is_giant(1999, 200_000)
    assert is_giant(2000, 200_000)


def test_the_largest_families_are_named_and_giant_ones_whatever_their_number() -> None:
    families = [Family(removed, f"d{removed}", None, 0.8, 0.9, 1.0, (removed,)) for removed in range(1, 21)]
    assert [family.removed for family in choose_families(families, 100)] == list(range(20, 20 - LARGEST, -1))
    giants = [family._replace(removed=family.removed + 2000) for family in families]
    assert len(choose_families(giants, 100_000)) == len(giants)
    assert describe_family(giants[0], ["d9"], 100_000) == {
        "removed": 2001,
        "id": "d1",
        "corpus": None,
        "lowest": 0.8,
        "median": 0.9,
        "highest": 1.0,
        "samples": ["d9"],
        "giant": True,
        "shared": None,
    }
