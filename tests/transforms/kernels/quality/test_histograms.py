"""Histograms of scores count every document once, and add up."""

import numpy as np
import pyarrow as pa

from corpusmill.transforms.kernels.quality.histograms import (
    Counts,
    add_counts,
    count_languages,
    count_scores,
    describe,
    edges_of,
)
from corpusmill.transforms.kernels.quality.rules import RULES


def test_documents_are_counted_in_the_bin_that_their_score_is_in() -> None:
    scores = pa.table({"gopher_words": [0, 1, 3, 2_000_000, None], "fineweb_short_lines": [0.0, 0.05, 1.0, None, 0.99]})
    counts = count_scores(scores, np.array([True, False, True, False, True]))
    found = describe(counts)
    words = dict(zip(found["gopher_words"]["from"], found["gopher_words"]["documents"], strict=True))
    assert {edge: number for edge, number in words.items() if number} == {0: 1, 1: 1, 2: 1, 2**20: 1}
    assert sum(found["gopher_words"]["stay"]) == 2
    lines = dict(zip(found["fineweb_short_lines"]["from"], found["fineweb_short_lines"]["documents"], strict=True))
    assert {edge: number for edge, number in lines.items() if number} == {0: 1, 0.05: 1, 0.95: 1, 1: 1}


def test_counts_of_batches_add_up_to_those_of_all() -> None:
    scores = pa.table({"c4_sentences": [0, 1, 5, 9, 100]})
    stays = np.array([False, False, True, True, True])
    parts = [count_scores(scores.slice(start, 2), stays[start : start + 2]) for start in (0, 2, 4)]
    total: Counts = {}
    for part in parts:
        total = add_counts(total, part)
    assert total == count_scores(scores, stays)


def test_languages_are_counted_with_those_that_stay() -> None:
    counts = count_languages(pa.array(["deu", "eng", None, "deu"]), np.array([True, False, True, False]))
    assert counts == {"deu": [2, 1], "eng": [1, 0], "und": [1, 1]}


def test_scores_of_the_users_own_have_no_bins_and_all_others_have() -> None:
    assert edges_of("perplexity") is None
    assert count_scores(pa.table({"perplexity": [1.0]}), np.array([True])) == {}
    for rule in RULES:
        edges = edges_of(rule.score)
        assert edges is not None
        assert list(edges) == sorted(set(edges))
