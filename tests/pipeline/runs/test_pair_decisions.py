from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusmill.runs.pair_decisions import decide
from corpusmill.transforms.writing.shard_writer import PAIRS_SCHEMA
from tests.support import decisions, rows

pytestmark = pytest.mark.beam


def pairs_of(out: Path) -> pa.Table:
    return pa.concat_tables(pq.read_table(path) for path in sorted((out / "pairs").iterdir()))


def test_at_its_own_threshold_a_run_has_decided_the_same(demo_output: Path) -> None:
    removals = decide(pairs_of(demo_output), 0.8)
    audit = rows(demo_output, "audit")
    found = removals.of_rows(0, len(audit))
    assert [audit[row]["id"] for row in found.row.tolist()] == [
        row["id"] for row in audit if row["decision"] == "duplicate"
    ]
    partners = {name: partner for name, (_, _, partner) in decisions(demo_output).items()}
    assert found.partners["partner_id"].to_pylist() == [partners[audit[row]["id"]] for row in found.row.tolist()]


def test_a_higher_threshold_removes_fewer_and_rows_count_from_the_first(demo_output: Path) -> None:
    pairs = pairs_of(demo_output)
    every, some = decide(pairs, 0.8), decide(pairs, 0.99)
    assert set(some.document.tolist()) < set(every.document.tolist())
    whole = every.of_rows(0, 44).row.tolist()
    assert [row + 20 for row in every.of_rows(20, 24).row.tolist()] == [row for row in whole if row >= 20]


def test_without_pairs_nothing_is_removed() -> None:
    assert len(decide(PAIRS_SCHEMA.empty_table(), 0.8).document) == 0
