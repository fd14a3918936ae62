"""Verified pairs, written down beside the documents that they could remove."""

from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
import pytest

from corpusmill.transforms import sealed
from corpusmill.transforms.duplicates.pair_files import NEAR, SHINGLES, TEXT, KeepPairs, KeepPairsInput
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.keyed import KeyedBatch, keys_of, make_batch
from corpusmill.transforms.layout import State
from tests.transforms.staged import index, run

pytestmark = pytest.mark.beam

TEXTS = ["The tide came in.", "the tide CAME in!", "The tide came in.", "Nobody saw it come."]


def kept_pairs(folder: Path, verified: list[tuple[int, Any]], members: list[tuple[int, Any]]) -> dict[int, int]:
    def build(given: Any) -> dict[str, Any]:
        groups = given.pipeline | "Members" >> beam.Create(members, reshuffle=False).with_output_types(KeyedBatch)
        return {"out": KeepPairsInput(given, groups) | KeepPairs(str(folder))}

    return dict(run(folder / "run", verified, build, KeyedBatch)["out"])


def test_pairs_are_named_and_stand_in_the_file_of_their_right_document(tmp_path: Path) -> None:
    documents = [{"id": f"d{k}", "text": text, "score": k} for k, text in enumerate(TEXTS)]
    index(tmp_path, DedupSettings(keep="highest score"), documents[:3], documents[3:])
    keys = [*keys_of(0, np.arange(3)), *keys_of(1, np.arange(1))]
    near = make_batch(
        left=np.array([keys[0], keys[0]]),
        right=np.array([keys[3], keys[1]]),
        similarity=np.array([0.9, 0.95]),
        with_operators=np.array([0.85, 0.95]),
    )
    equal = make_batch(member=np.array([keys[1], keys[2]]), representative=np.array([keys[0], keys[0]]))
    assert kept_pairs(tmp_path, [(1, near)], [(0, equal)]) == {0: 3, 1: 1}
    rows = sealed.read_parquet(State(str(tmp_path)).pairs(0)).to_pylist()
    assert [row["right_row"] for row in rows] == [1, 1, 2]
    assert sorted((row["right_row"], row["left_id"], row["kind"], row["similarity"]) for row in rows) == [
        (1, "d0", NEAR, 0.95),
        (1, "d0", SHINGLES, 1.0),
        (2, "d0", TEXT, 1.0),
    ]
    assert {row["left_source"] for row in rows} == {"in.jsonl"}
    (other,) = sealed.read_parquet(State(str(tmp_path)).pairs(1)).to_pylist()
    assert (other["right_row"], other["left_id"], other["left_corpus"], other["with_operators"]) == (
        0,
        "d0",
        None,
        0.85,
    )
    assert other["left_priority"] > other["right_priority"]  # the higher score is preferred
    assert (other["left_offset"], other["right_offset"]) == (0, 0)


def test_without_pairs_there_is_no_file(tmp_path: Path) -> None:
    index(tmp_path, DedupSettings(), [{"id": "a", "text": TEXTS[0], "score": 0}])
    assert kept_pairs(tmp_path, [], []) == {}
    assert not Path(State(str(tmp_path)).pairs(0)).exists()
