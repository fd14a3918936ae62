"""Repeated n-grams are those of a count over all of them."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.quality.repeats import (
    RepeatScan,
    duplicate_characters,
    equal_groups,
    top_characters,
)
from tests.transforms.kernels.quality.given_words import given_words

LISTS = st.lists(st.lists(st.sampled_from(["a", "bb", "ccc", "d"]), max_size=40), min_size=1, max_size=4)


@given(LISTS)
def test_repeated_n_grams_are_all_that_stand_twice_in_one_text(lists: list[list[str]]) -> None:
    words = given_words(lists)
    scan = RepeatScan(words)
    for n in range(2, 11):
        found = scan.next()
        expected: dict[tuple[int, tuple[str, ...]], list[int]] = {}
        for row, own in enumerate(lists):
            grams = [tuple(own[i : i + n]) for i in range(len(own) - n + 1)]
            counts = Counter(grams)
            for place, gram in enumerate(grams):
                if counts[gram] > 1:
                    expected.setdefault((row, gram), []).append(int(words.offsets[row]) + place)
        groups = np.split(found.places, found.starts[1:]) if len(found.starts) else []
        assert sorted(group.tolist() for group in groups) == sorted(expected.values())


@given(LISTS)
def test_the_most_frequent_n_gram_is_the_first_of_equally_frequent_ones(lists: list[list[str]]) -> None:
    scan = RepeatScan(given_words(lists))
    for n in (2, 3, 4):
        found = top_characters(scan, scan.next()).tolist()
        for own, number in zip(lists, found, strict=True):
            grams = [" ".join(own[i : i + n]) for i in range(len(own) - n + 1)]
            best = Counter(grams).most_common(1)
            assert number == (len(best[0][0]) * best[0][1] if best else -1)


@given(LISTS)
def test_what_is_skipped_behind_a_repetition_is_not_remembered(lists: list[list[str]]) -> None:
    scan = RepeatScan(given_words(lists))
    for _ in (2, 3, 4):
        scan.next()
    for n in range(5, 11):
        found = duplicate_characters(scan, scan.next()).tolist()
        for own, number in zip(lists, found, strict=True):
            seen, place, total = set(), 0, 0
            while place + n <= len(own):
                gram = tuple(own[place : place + n])
                if gram in seen:
                    total += sum(map(len, gram))
                    place += n
                else:
                    seen.add(gram)
                    place += 1
            assert number == total


def test_hashes_that_share_their_high_bits_are_told_apart() -> None:
    high = np.uint64(0xABCDEF0123456000)
    hashes = np.array([high + np.uint64(k) for k in (1, 2, 1, 3, 2)], np.uint64)
    chosen, starts = equal_groups(hashes)
    assert [group.tolist() for group in np.split(chosen, starts[1:])] == [[0, 2], [1, 4]]
