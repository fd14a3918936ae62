"""Exact verification of candidate pairs."""

import random
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from corpusmill.reports.corpus import read_corpus_table
from corpusmill.transforms.duplicates.exchange import Exchange
from corpusmill.transforms.duplicates.verify import VerifyPairs
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.keyed import keys_of, pack_pairs, split_of
from tests.families import WORDS, corpus
from tests.support import run_corpus, write_jsonl
from tests.transforms.duplicates.test_find import jaccard, shingles
from tests.transforms.kernels.duplicates.test_spelling import FORGED, GENUINE
from tests.transforms.staged import index, rows_of, run


def test_a_whole_is_not_removed_for_an_excerpt_that_an_earlier_corpus_holds(tmp_path: Path) -> None:
    words = [random.Random(k).choice(WORDS) + str(k) for k in range(200)]
    sets = ("dedup.similarity=containment", "dedup.keep=longest", "boilerplate.enabled=false")
    old = write_jsonl(tmp_path / "old.jsonl", [{"id": "excerpt", "text": " ".join(words[20:80])}])
    new = write_jsonl(
        tmp_path / "new.jsonl",
        [{"id": "whole", "text": " ".join(words)}, {"id": "smaller", "text": " ".join(words[30:70])}],
    )
    run_corpus(old, tmp_path / "a", *sets)
    run_corpus(new, tmp_path / "b", *sets, against=(tmp_path / "a",))
    assert read_corpus_table(str(tmp_path / "b"))["id"].to_pylist() == ["whole"]


def test_words_that_were_made_to_share_the_hashes_of_others_remove_nothing(tmp_path: Path) -> None:
    documents = [
        {"id": "forged", "text": FORGED},
        {"id": "genuine", "text": GENUINE},
        {"id": "shouted", "text": GENUINE.upper() + "!"},
        {"id": "short-forged", "text": " ".join(FORGED.split()[:3])},
        {"id": "short", "text": " ".join(GENUINE.split()[:3])},
    ]
    inputs = write_jsonl(tmp_path / "in.jsonl", documents)
    run_corpus(inputs, tmp_path / "out", "boilerplate.enabled=false", "normalize.enabled=false")
    assert read_corpus_table(str(tmp_path / "out"))["id"].to_pylist() == ["forged", "genuine", "short-forged", "short"]


@pytest.mark.beam
@pytest.mark.parametrize("through_files", [False, True])
def test_the_pairs_at_or_above_the_threshold_come_out_with_their_similarity(
    tmp_path: Path, through_files: bool
) -> None:
    documents = corpus(13, 40)
    settings = DedupSettings(threshold=0.6, keep="highest score")
    index(tmp_path, settings, documents[:15], documents[15:])
    keys = [*keys_of(0, np.arange(15)), *keys_of(1, np.arange(25))]
    pairs = list(combinations(range(40), 2))
    packed = [
        (split, pack_pairs(*(np.array([keys[pair[side]] for pair in own], np.uint64) for side in (0, 1))))
        for split in (0, 1)
        for part in (0, 1)  # a pair may be proposed twice
        if (own := [pair for pair in pairs if (pair[0] >= 15) == split])
    ]
    transform = VerifyPairs(str(tmp_path), settings, Exchange(through_files=through_files))
    made = run(tmp_path / "run", packed, lambda given: {"out": given | transform}, tuple[int, bytes])["out"]
    sets = [shingles(document["text"]) for document in documents]
    expected = {}
    for a, b in pairs:
        similarity = jaccard(sets[a], sets[b]) if sets[a] or sets[b] else 0.0
        if similarity >= 0.6:
            expected[int(keys[a]), int(keys[b])] = similarity
    found = {}
    for split, row in rows_of(made):
        assert split_of(np.array([row["right"]], np.uint64))[0] == split
        assert (row["left"], row["right"]) not in found
        found[row["left"], row["right"]] = row["similarity"]
        assert row["with_operators"] == row["similarity"]
    assert found == pytest.approx(expected)
    assert len(expected) > 5
