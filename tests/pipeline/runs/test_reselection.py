"""The verified pairs of another selection are those of a run on these documents alone."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from corpusmill.runs.reselection import reselect_pairs
from corpusmill.runs.selected_keys import Selection
from corpusmill.transforms.writing.shard_writer import PAIRS_SCHEMA
from tests.families import corpus
from tests.pipeline.runs.finished import finished, order_of
from tests.support import rows

pytestmark = pytest.mark.beam

DOCUMENTS = [document for document in corpus(23, 70) if document["text"].strip()]
KEEPS = ("first", "longest")


def named(pairs: pa.Table | list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    found = pairs.to_pylist() if isinstance(pairs, pa.Table) else pairs
    return {(row["left_id"], row["right_id"], row["kind"], row["similarity"], row["with_operators"]) for row in found}


@pytest.mark.parametrize("keep", KEEPS)
def test_fewer_documents_have_the_pairs_of_a_run_without_the_others(tmp_path: Path, keep: str) -> None:
    out = finished(tmp_path / "all", DOCUMENTS, f"dedup.keep={keep}", "output.shard_size=4000")
    ids = [row["id"] for row in rows(out, "audit")]
    now = np.array([random.Random(identifier).random() < 0.6 for identifier in ids])
    stay = {identifier for identifier, own in zip(ids, now.tolist(), strict=True) if own}
    fresh = finished(tmp_path / "some", [row for row in DOCUMENTS if row["id"] in stay], f"dedup.keep={keep}")
    found = reselect_pairs(order_of(out, tmp_path / "target"), Selection(np.ones(len(ids), bool), now))
    assert found.pairs.schema.equals(PAIRS_SCHEMA)
    assert named(found.pairs) == named(rows(fresh, "pairs"))
    assert named(found.pairs) != named(rows(out, "pairs"))
    assert found.unranked == 0
    numbers = {identifier: number for number, identifier in enumerate(ids)}
    right = found.pairs["right"].to_pylist()
    assert right == [numbers[identifier] for identifier in found.pairs["right_id"].to_pylist()] == sorted(right)


@pytest.mark.parametrize("keep", KEEPS)
def test_documents_that_come_back_are_compared(tmp_path: Path, keep: str) -> None:
    sets = (f"dedup.keep={keep}", "filter.columns={score: '>= 2'}")
    out = finished(tmp_path / "some", DOCUMENTS, *sets)
    audit = rows(out, "audit")
    was = np.array([row["decision"] != "filtered" for row in audit])
    assert 0 < was.sum() < len(was)
    fresh = finished(tmp_path / "all", DOCUMENTS, f"dedup.keep={keep}")
    order = order_of(out, tmp_path / "target")
    found = reselect_pairs(order, Selection(was, np.ones(len(was), bool)))
    assert named(found.pairs) == named(rows(fresh, "pairs"))
    back = [number for number, row in enumerate(audit) if row["decision"] == "filtered"]
    assert set(found.computed["number"].to_pylist()) == set(back)


def test_the_same_selection_has_the_same_pairs(tmp_path: Path) -> None:
    out = finished(tmp_path / "all", DOCUMENTS[:30])
    everything = np.ones(30, bool)
    order = order_of(out, tmp_path / "target")
    assert reselect_pairs(order, Selection(everything, everything)).pairs.to_pylist() == order.read_pairs().to_pylist()
