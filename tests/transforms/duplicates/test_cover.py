"""The cover over all verified pairs, on one worker or in rounds on many."""

import random
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpusmill.transforms.duplicates.cover import EDGE_COLUMNS, CoverDuplicates
from corpusmill.transforms.kernels.duplicates.cover import greedy_cover
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.keyed import KeyedBatch, keys_of, make_batch, split_of
from tests.transforms.duplicates.test_find import find, jaccard, shingles
from tests.transforms.staged import rows_of, run


def test_a_long_chain_is_covered_the_same_in_rounds(tmp_path: Path) -> None:
    """Every document is similar to the next only: 1, 3, 5 ... stay."""
    words = [f"w{k}" for k in range(140)]
    documents: list[dict[str, Any]] = [
        {"id": f"d{k}", "text": " ".join(words[4 * k : 4 * k + 50]), "score": 0} for k in range(20)
    ]
    settings_ = DedupSettings(threshold=0.8, recall=0.999999, num_perm=256)
    near = [jaccard(shingles(a["text"]), shingles(b["text"])) for a, b in pairwise(documents)]
    assert min(near) >= 0.8
    assert jaccard(shingles(documents[0]["text"]), shingles(documents[2]["text"])) < 0.8
    one = find(tmp_path / "one", documents, [5, 9], settings_)
    assert sorted(one) == list(range(1, 20, 2))
    assert find(tmp_path / "rounds", documents, [3, 15], settings_, cover_partitions=4, through_files=True) == one


def covered(
    folder: Path, edges: list[tuple[int, int, float, int, int]], partitions: int
) -> dict[int, tuple[int, float]]:
    kinds = dict.fromkeys(("left", "right"), np.uint64)
    sides = zip(EDGE_COLUMNS, zip(*edges, strict=True), strict=True)
    columns = {name: np.array(values, kinds.get(name)) for name, values in sides}
    half = len(edges) // 2
    batches = [
        (number, make_batch(**{name: values[part] for name, values in columns.items()}))
        for number, part in enumerate((slice(0, half), slice(half, None)))
    ]
    made = run(folder, batches, lambda given: {"out": given | CoverDuplicates(partitions)}, KeyedBatch)["out"]
    found = {}
    for split, row in rows_of(made):
        assert split_of(np.array([row["document"]], np.uint64))[0] == split
        found[row["document"]] = (row["partner"], row["similarity"])
    return found


@pytest.mark.parametrize("partitions", [1, 3])
def test_the_cover_is_that_of_the_kernel_over_all_pairs(tmp_path: Path, partitions: int) -> None:
    chance = random.Random(5)
    keys = [int(key) for split in (-1, 0, 1) for key in keys_of(split, np.arange(12))]
    rank = {key: 0 if key < keys[12] else chance.randrange(1, 4) for key in keys}
    edges = []
    for _ in range(60):
        left, right = sorted(chance.sample(keys, 2))
        edges.append((left, right, chance.choice((0.8, 0.9, 1.0)), rank[left], rank[right]))
    lefts, rights, *others = zip(*edges, strict=True)
    expected = greedy_cover(np.array(lefts, np.uint64), np.array(rights, np.uint64), *map(np.array, others))
    plain = {
        removed: (partner, similarity)
        for removed, partner, similarity in zip(*(values.tolist() for values in expected), strict=True)
    }
    assert covered(tmp_path, edges, partitions) == plain
    assert plain
