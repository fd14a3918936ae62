"""The keys of documents of two selections: read or computed, they are those of the texts."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from corpusmill.runs.selected_keys import Copies, Selection, gather_keys, missing_index, no_keys
from corpusmill.transforms.duplicates.pair_files import NEAR
from corpusmill.transforms.keyed import from_binary, to_binary
from corpusmill.transforms.staging.index import key_columns
from corpusmill.transforms.writing.shard_writer import index_schema
from tests.families import corpus
from tests.pipeline.runs.finished import finished, order_of
from tests.support import rows

DOCUMENTS = corpus(22, 40)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return finished(tmp_path_factory.mktemp("run"), DOCUMENTS, "output.shard_size=3000", "dedup.keep=highest score")


@pytest.mark.beam
@pytest.mark.parametrize("step", [1, 2])
def test_keys_are_those_of_the_texts_of_all_that_take_part(out: Path, tmp_path: Path, step: int) -> None:
    audit = rows(out, "audit")
    was = np.array([row["decision"] in {"kept", "duplicate"} for row in audit])
    now = was & (np.arange(len(audit)) % step == 0)
    order = order_of(out, tmp_path / "target")
    pairs = order.read_pairs()
    copies = Copies.of(pairs.filter(pc.not_equal(pairs["kind"], NEAR)))
    found = gather_keys(order, Selection(was, now), copies)
    numbers = np.flatnonzero(was)
    assert found.number.tolist() == numbers.tolist()
    texts = {document["id"]: document["text"] for document in DOCUMENTS}
    own = [texts[audit[number]["id"]] for number in numbers.tolist()]
    keys = key_columns(pa.array(own), order.keyed_by)
    assert to_binary(found.text_hash).to_pylist() == keys["text_hash"].to_pylist()
    assert found.near.tolist() == keys["near"].to_pylist()
    bands = np.stack([found.band(k) for k in range(order.keyed_by.banding.bands)], axis=1)
    of_use = np.flatnonzero(found.near)
    assert (bands[of_use] == from_binary(keys["band_keys"])[of_use]).all()
    groups = keys["group_key"].to_pylist()
    for a, b in combinations(range(len(own)), 2):
        assert (found.of_class[a] == found.of_class[b]) == (groups[a] == groups[b])
    scores = [DOCUMENTS[int(audit[number]["id"][1:])]["score"] for number in numbers.tolist()]
    assert np.argsort(found.priority, kind="stable").tolist() == sorted(range(len(own)), key=lambda k: -scores[k])
    assert found.at(numbers[::-1].astype(np.uint64)).tolist() == list(range(len(numbers)))[::-1]


def test_documents_of_which_one_has_the_keys_of_another_are_told_by_the_pairs() -> None:
    pairs = pa.table({"left": [0, 3, 1], "right": [7, 4, 5]})
    copies = Copies.of(pairs)
    assert (copies.document.tolist(), copies.representative.tolist()) == ([4, 5, 7], [3, 1, 0])


def test_selections_take_what_takes_part_in_either() -> None:
    was, now = np.array([True, True, False, False]), np.array([True, False, True, False])
    assert Selection(was, now).taken.tolist() == [True, True, True, False]


def test_the_index_of_documents_without_one_is_null_for_the_others() -> None:
    schema = index_schema(2)
    keys = [
        {"id": f"d{k}", "text_hash": bytes(16), "group_key": bytes(16), "near": True, "band_keys": bytes(16)}
        for k in (3, 5)
    ]
    computed = pa.Table.from_pylist(keys, schema).append_column("number", pa.array([3, 5]))
    found = missing_index(computed, 2, 3, schema)
    assert found["id"].to_pylist() == [None, "d3", None]
    assert missing_index(computed, 5, 1, schema)["id"].to_pylist() == ["d5"]
    assert missing_index(no_keys(2), 0, 2, schema)["band_keys"].to_pylist() == [None, None]
