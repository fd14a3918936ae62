"""What a shard is made of, read from the working files."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from corpusmill.transforms import sealed
from corpusmill.transforms.layout import State
from corpusmill.transforms.staging.index import PUBLISHED_COLUMNS
from corpusmill.transforms.writing.shard_rows import ShardRows
from corpusmill.transforms.writing.shard_writer import PAIRS_SCHEMA
from tests.transforms.writing.decided_splits import DOCUMENTS, KEPT, TEXTS, planned

pytestmark = pytest.mark.beam


@pytest.mark.parametrize("shard_size", [150, 1 << 20])
def test_every_row_comes_once_with_its_decision_and_its_index(tmp_path: Path, shard_size: int) -> None:
    rows: list[dict[str, Any]] = []
    for task in planned(tmp_path, shard_size):
        for table, own in ShardRows(str(tmp_path), keyed=True).decided(task):
            assert table["id"].to_pylist() == own["id"].to_pylist()
            assert set(PUBLISHED_COLUMNS) <= set(own.column_names)
            rows += table.to_pylist()
    assert [row["id"] for row in rows] == [document["id"] for documents in DOCUMENTS for document in documents]
    names = {(split, row): f"{split}-{row}" for split, texts in enumerate(TEXTS) for row in range(len(texts))}
    assert {row["id"] for row in rows if row["decision"] == "kept"} == {names[place] for place in KEPT}
    gone = [row for row in rows if row["decision"] == "duplicate"]
    assert {(row["partner_id"], row["similarity"], row["reason"], row["chars_out"]) for row in gone} == {
        ("0-0", 0.9, "dedup.near", 0)
    }
    assert all(row["chars_out"] == len(row["text"]) for row in rows if row["decision"] == "kept")
    assert [row["source_row"] for row in rows] == [0, 1, 2, 3, 4, 0, 1, 2]


def test_scores_stand_beside_the_rows_where_there_are_some(tmp_path: Path) -> None:
    tasks = planned(tmp_path, 150)
    for files in {split: own for task in tasks for split, own in task.splits.items()}.values():
        for staged in files.staged:
            n = staged.rows
            columns = {"scored": [True] * n, "decision": [None] * n, "reason": [None] * n, "detail": ["d"] * n}
            table = pa.table({**columns, "grade": [float(row) for row in range(n)]})
            sealed.write_table(table, State(str(tmp_path)).scores(staged.name), str(tmp_path))
    rows = [
        row
        for task in tasks
        for table, _ in ShardRows(str(tmp_path), keyed=True, scored=True).decided(task)
        for row in table.to_pylist()
    ]
    assert [row["grade"] for row in rows] == [0.0, 1.0, 2.0, 3.0, 4.0, 0.0, 1.0, 2.0]
    assert {row["detail"] for row in rows} == {"d"}
    assert "scored" not in rows[0]
    assert [row["decision"] == "kept" for row in rows].count(True) == len(KEPT)


def test_pairs_name_documents_by_their_number_in_the_whole_run(tmp_path: Path) -> None:
    found = [
        row
        for task in planned(tmp_path, 150)
        for table in ShardRows(str(tmp_path), keyed=True).pairs(task)
        for row in table.to_pylist()
    ]
    assert [(row["left"], row["right"], row["left_id"], row["right_id"]) for row in found] == [(0, 6, "0-0", "1-1")]
    assert set(found[0]) == set(PAIRS_SCHEMA.names)
