"""Candidate pairs: what is proposed, whatever the exchange."""

from itertools import combinations
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.duplicates.candidates import ProposePairs, ProposePairsInput, is_ranked, propose
from corpusmill.transforms.duplicates.exchange import Exchange
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.keyed import KeyedBatch, keys_of, split_of, unpack_pairs
from corpusmill.transforms.staging.index import IndexedSplit
from tests.families import corpus
from tests.transforms.duplicates.test_find import jaccard, shingles
from tests.transforms.staged import index, run


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_proposed_pairs_never_hold_two_earlier_documents_and_miss_no_new_ones(data: st.DataObject) -> None:
    m = data.draw(st.integers(1, 60))
    keys = np.array(data.draw(st.lists(st.integers(0, 4), min_size=m, max_size=m)), np.uint64)
    earlier = data.draw(st.integers(0, m))
    documents = np.concatenate([keys_of(-1, np.arange(earlier)), keys_of(0, np.arange(m - earlier))])
    settings_ = DedupSettings(max_bucket_all_pairs=data.draw(st.integers(2, 8)), leaders=2)
    pairs = [np.concatenate(side) for side in zip(*propose(keys, documents, settings_), strict=True)]
    found = set(zip(pairs[0].tolist(), pairs[1].tolist(), strict=True)) if pairs else set()
    assert all(split_of(np.array([right], np.uint64))[0] >= 0 for _, right in found)
    # What is found among the new documents alone is found beside the earlier ones as well.
    first_new = int(keys_of(0, np.array([0]))[0])
    new = documents >= np.uint64(first_new)
    alone = [np.concatenate(side) for side in zip(*propose(keys[new], documents[new], settings_), strict=True)]
    assert set(zip(*(side.tolist() for side in alone), strict=True)) <= found if alone else True
    for key in set(keys.tolist()):
        own = [int(document) for document in documents[keys == key]]
        if len(own) <= settings_.max_bucket_all_pairs:
            assert {pair for pair in combinations(sorted(own), 2) if pair[1] >= first_new} <= found


@pytest.mark.beam
def test_similar_documents_are_proposed_and_the_same_pairs_whatever_the_exchange(tmp_path: Path) -> None:
    documents = corpus(12, 60)
    settings_ = DedupSettings(recall=0.999999, num_perm=256)
    found: list[set[tuple[int, int]]] = []
    ways = (Exchange(), Exchange(ranges_per_band=3), Exchange(through_files=True, memory_bytes=1000))
    for number, exchange in enumerate(ways):
        folder = tmp_path / str(number)
        indexed = index(folder, settings_, documents[:20], documents[20:])

        def propose_all(given: Any, folder: Path = folder, exchange: Exchange = exchange) -> dict[str, Any]:
            nothing = given.pipeline | "Nothing" >> beam.Create([], reshuffle=False).with_output_types(KeyedBatch)
            inputs = ProposePairsInput(given, nothing)
            return {"pairs": inputs | ProposePairs(str(folder), settings_, exchange)}

        made = run(folder / "pairs", indexed, propose_all, tuple[int, IndexedSplit])["pairs"]
        pairs = set()
        for split, packed in made:
            left, right = unpack_pairs(packed)
            assert (left < right).all()
            assert set(split_of(left).tolist()) == {split}
            pairs |= set(zip(left.tolist(), right.tolist(), strict=True))
        found.append(pairs)
    assert found[0] == found[1] == found[2]
    keys = [int(key) for split, rows in ((0, 20), (1, 40)) for key in keys_of(split, np.arange(rows))]
    sets = [shingles(document["text"]) for document in documents]
    similar = {
        (keys[a], keys[b])
        for a, b in combinations(range(60), 2)
        if jaccard(sets[a], sets[b]) >= 0.8 and len(documents[a]["text"].split()) >= 5
    }
    assert similar <= found[0]
    assert len(found[0]) < 60 * 59 / 4  # not simply all


def test_only_a_policy_or_exempt_documents_need_ranks() -> None:
    assert not is_ranked(DedupSettings())
    assert is_ranked(DedupSettings(keep="longest"))
    assert is_ranked(DedupSettings(exempt=("bench.jsonl",)))
