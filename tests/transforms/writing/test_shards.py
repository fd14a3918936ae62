"""What each split brings to the shards, and the tasks that write them."""

from pathlib import Path

import pyarrow as pa
import pytest

from corpusmill.transforms import sealed
from corpusmill.transforms.duplicates.find import DUPLICATES_SCHEMA
from corpusmill.transforms.kernels.writing.shards import Chunk
from corpusmill.transforms.layout import State
from corpusmill.transforms.staging.index import IndexedSplit
from corpusmill.transforms.staging.stage import Totals
from corpusmill.transforms.writing.shards import PlanShardsFn, SplitRows
from tests.transforms.writing.decided_splits import TEXTS, decided, planned

pytestmark = pytest.mark.beam


def test_a_split_tells_what_is_decided_on_it(tmp_path: Path) -> None:
    first, second, empty = decided(tmp_path)
    assert [(rows.indexed.split, rows.duplicates, rows.pairs) for rows in (first, second, empty)] == [
        (0, 2, 0),
        (1, 1, 1),
        (2, 0, 0),
    ]
    assert [(chunk.start, chunk.end, chunk.kept_rows) for chunk in first.chunks] == [(0, 5, 3)]
    assert empty.chunks == ()
    written = sealed.read_parquet(State(str(tmp_path)).duplicates(0))
    assert written["row"].to_pylist() == [2, 4]
    assert written.schema.equals(DUPLICATES_SCHEMA)
    assert not Path(State(str(tmp_path)).duplicates(2)).exists()


def test_tasks_hold_every_row_once_and_tell_the_files_of_their_splits(tmp_path: Path) -> None:
    tasks = planned(tmp_path, shard_size=150)
    assert len(tasks) > 1
    assert [task.shard.index for task in tasks] == list(range(len(tasks)))
    places = [(c.split, row) for task in tasks for c in task.shard.chunks for row in range(c.start, c.end)]
    assert places == [(split, row) for split, texts in enumerate(TEXTS) for row in range(len(texts))]
    files = {split: own for task in tasks for split, own in task.splits.items()}
    assert {split: (own.has_duplicates, own.has_pairs, own.has_copies) for split, own in files.items()} == {
        0: (True, False, False),
        1: (True, True, False),
    }
    assert all({chunk.split for chunk in task.shard.chunks} == set(task.splits) for task in tasks)


def test_findings_and_the_numbers_of_documents_are_written(tmp_path: Path) -> None:
    planned(tmp_path)
    findings = sealed.read_json(State(str(tmp_path)).findings)
    assert (findings["splits"], findings["duplicates"], findings["pairs"]) == (3, 3, 1)
    assert findings["totals"]["rows"] == 8
    (family,) = findings["families"]
    assert (family["id"], family["removed"], family["samples"], family["giant"]) == (
        "0-0",
        3,
        ["0-2", "0-4", "1-1"],
        False,
    )
    assert findings["repeated_ids"] == {"documents": 0, "example": None, "exact": True}
    first = sealed.read_parquet(State(str(tmp_path)).first_documents)
    assert first["first"].to_pylist() == [0, 5, 8]


def source_of(split: int, rows: int, *, first: str, continues: bool, last: str, at_end: int) -> SplitRows:
    indexed = IndexedSplit(split, rows, (), Totals(rows=rows), first, continues, last, at_end)
    chunks = (Chunk(split, 0, rows, rows, 10 * rows),) if rows else ()
    return SplitRows(indexed, 0, 0, 0, 0, 0, chunks)


def test_records_of_a_source_are_counted_through_its_splits(tmp_path: Path) -> None:
    splits = [
        source_of(0, 4, first="a", continues=False, last="a", at_end=4),
        source_of(1, 0, first="", continues=False, last="", at_end=0),
        source_of(2, 3, first="a", continues=True, last="a", at_end=3),
        source_of(3, 5, first="a", continues=True, last="b", at_end=2),
        source_of(4, 1, first="b", continues=True, last="b", at_end=1),
        source_of(5, 1, first="b", continues=False, last="b", at_end=1),  # another file of the same name
    ]
    for rows in splits:
        ids = pa.table({"id_hash": pa.array(range(rows.indexed.rows), pa.uint64()), "id": ["x"] * rows.indexed.rows})
        sealed.write_table(ids, State(str(tmp_path)).index(rows.indexed.split), str(tmp_path))
    tasks = [task for _, task in PlanShardsFn(str(tmp_path), 1 << 20).process((0, {"rows": splits, "families": []}))]
    assert {split: own.rows_before for task in tasks for split, own in task.splits.items()} == {
        0: 0,
        2: 4,
        3: 7,
        4: 2,
        5: 0,
    }
