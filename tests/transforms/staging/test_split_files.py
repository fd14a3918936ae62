import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms import sealed
from corpusmill.transforms.kernels.duplicates.keep_order import STAYS
from corpusmill.transforms.layout import State
from corpusmill.transforms.staging.split_files import (
    EarlierShard,
    SplitFiles,
    files_metadata,
    read_earlier_shards,
    write_earlier_shards,
)
from corpusmill.transforms.staging.stage import StagedFile

TEXTS = [f"text {k}" if k % 5 else None for k in range(17)]
CORPUS = [f"earlier {k}" for k in range(11)]


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A split of three staged files and a shard of three row groups."""
    folder = tmp_path_factory.mktemp("state")
    files = tuple(StagedFile(0, k, k == 2, rows) for k, rows in enumerate((6, 0, 11)))
    start = 0
    for staged in files:
        table = pa.table({"text": pa.array(TEXTS[start : start + staged.rows], pa.string())})
        sealed.write_table(table, staged.path(str(folder)), str(folder))
        start += staged.rows
    index = pa.table({"id": [f"d{k}" for k in range(17)], "priority": list(range(17))})
    sealed.write_table(index.replace_schema_metadata(files_metadata(files)), State(str(folder)).index(0), str(folder))
    pq.write_table(pa.table({"id": CORPUS, "text": CORPUS}), folder / "corpus.parquet", row_group_size=4)
    pq.write_table(pa.table({"id": CORPUS, "near": [True] * 11}), folder / "earlier.parquet")
    paths = (str(folder / "corpus.parquet"), str(folder / "earlier.parquet"))
    write_earlier_shards(str(folder), (EarlierShard(-1, 11, 0, "old", *paths, computed=False),))
    return str(folder)


@given(st.sampled_from([(0, TEXTS), (-1, CORPUS)]), st.data())
def test_the_texts_of_any_rows_come_in_order_with_their_places(state: str, where: Any, data: st.DataObject) -> None:
    split, texts = where
    rows = np.array(sorted(data.draw(st.sets(st.integers(0, len(texts) - 1)))), np.int64)
    files = pickle.loads(pickle.dumps(SplitFiles(state)))  # as an engine sends it
    found: list[str | None] = []
    for places, text in files.texts(split, rows):
        assert places.tolist() == list(range(len(found), len(found) + len(text)))
        assert len(text) > 0
        found += text.to_pylist()
    assert found == [texts[row] for row in rows.tolist()]


def test_documents_of_earlier_corpora_take_part_and_come_first(state: str) -> None:
    files = SplitFiles(state)
    index = files.index(-1, ["priority", "id", "active"])
    assert index.column_names == ["priority", "id", "active"]
    assert index.to_pylist() == [{"priority": STAYS, "id": name, "active": True} for name in CORPUS]
    assert len(files.index(-1, ["priority"])) == 11
    assert files.index(0, ["priority"])["priority"].to_pylist() == list(range(17))
    earlier = files.earlier(-1)
    assert earlier is not None
    assert (earlier.origin, files.earlier(0)) == ("old", None)


def test_without_earlier_corpora_there_are_no_shards(tmp_path: Path) -> None:
    assert read_earlier_shards(str(tmp_path)) == []
