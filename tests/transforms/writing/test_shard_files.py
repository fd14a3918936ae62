"""A shard has a file in each folder that a row belongs to, and a receipt that says what they hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusmill.transforms import sealed
from corpusmill.transforms.kernels.cleaning.filter import FilterSettings
from corpusmill.transforms.kernels.columns import with_columns
from corpusmill.transforms.kernels.writing.settings import OutputSettings
from corpusmill.transforms.scoring.scorer import Scoring
from corpusmill.transforms.writing.receipts import Receipt
from corpusmill.transforms.writing.shard_files import OutputFiles
from corpusmill.transforms.writing.shard_writer import AUDIT_SCHEMA, REJECTED_SCHEMA, corpus_schema, index_schema

SCHEMA = pa.unify_schemas(
    [
        pa.schema([field.with_nullable(True) for field in schema])
        for schema in (AUDIT_SCHEMA, REJECTED_SCHEMA, corpus_schema({}))
    ]
)
NO_SUMS = OutputSettings(statistics=False)
DECIDED = ("kept", "duplicate", "rejected", "filtered", "kept")


def _row(number: int, decision: str) -> dict[str, Any]:
    kept = decision == "kept"
    return {
        "id": f"d{number}",
        "source": "in.jsonl",
        "source_row": number,
        "offset": number,
        "decision": decision,
        "reason": None if kept else f"rule.{decision}",
        "text": None if decision == "rejected" else "é" * number,
        "chars_in": number,
        "chars_out": number if kept else 0,
        "lines_removed": 0,
    }


def _write(files: OutputFiles, index: int, count: int, decisions: tuple[str, ...] = DECIDED) -> Receipt:
    rows = pa.Table.from_pylist([_row(number, decision) for number, decision in enumerate(decisions)], SCHEMA)
    keys = [
        {"id": f"d{k}", "text_hash": bytes(16), "group_key": bytes(16), "near": True, "band_keys": bytes(16)}
        for k in range(len(decisions))
    ]
    with files.shard(index, count) as shard:
        for part in (slice(0, 2), slice(2, None)):
            begin, end, _ = part.indices(len(rows))
            keys_of_part = pa.Table.from_pylist(keys[begin:end], index_schema(2))
            shard.write(rows.slice(begin, end - begin), keys_of_part if files.bands else None)
    return shard.receipt()


def _ids(folder: Path) -> list[str]:
    return [identifier for path in sorted(folder.glob("*")) for identifier in pq.read_table(path)["id"].to_pylist()]


def test_each_row_is_in_the_folders_of_its_decision(tmp_path: Path) -> None:
    files = OutputFiles(str(tmp_path), str(tmp_path / "_state"), NO_SUMS, bands=2)
    receipt = _write(files, 0, 2)
    found = {folder: _ids(tmp_path / folder) for folder in files.folders}
    assert found == {
        "audit": ["d0", "d1", "d2", "d3", "d4"],
        "corpus": ["d0", "d4"],
        "index": ["d0", "d4"],
        "removed": ["d1"],
        "rejected": ["d2"],
        "pairs": [],
    }
    assert receipt.decisions == {"kept": 2, "duplicate": 1, "rejected": 1, "filtered": 1}
    assert receipt.reasons == {"rule.duplicate": 1, "rule.rejected": 1, "rule.filtered": 1}
    assert (receipt.chars_out, receipt.text_bytes) == (4, 8)
    assert receipt.rows == {folder: len(ids) for folder, ids in found.items()}
    name = "part-00000-of-00002.parquet"
    assert receipt.files == {folder: [name] for folder, ids in found.items() if ids}
    for folder in receipt.files:
        assert receipt.checksums[folder] == {name: sealed.checksum_of(str(tmp_path / folder / name))}


@pytest.mark.parametrize(("count", "there"), [(1, {"audit", "corpus", "index"}), (2, {"audit"})])
def test_a_folder_without_a_row_has_a_file_only_where_readers_need_one(
    tmp_path: Path, count: int, there: set[str]
) -> None:
    files = OutputFiles(str(tmp_path), str(tmp_path / "_state"), NO_SUMS, bands=2)
    assert set(_write(files, 0, count, ()).files) == there


def test_a_report_holds_decisions_only(tmp_path: Path) -> None:
    files = OutputFiles(
        str(tmp_path), str(tmp_path / "_state"), OutputSettings(corpus=False, statistics=False), bands=2
    )
    assert not files.holds_pairs
    assert set(_write(files, 0, 1).files) == {"audit", "rejected"}


def test_without_duplicates_there_are_no_keys_and_no_pairs(tmp_path: Path) -> None:
    files = OutputFiles(str(tmp_path), str(tmp_path / "_state"), NO_SUMS)
    assert set(files.folders) == {"audit", "rejected", "corpus"}
    assert _write(files, 0, 1).rows == {"audit": 5, "rejected": 1, "corpus": 2}


def test_scores_are_of_all_that_could_be_read_and_the_audit_has_their_detail(tmp_path: Path) -> None:
    scoring = Scoring(FilterSettings(functions=("own:grade",)))
    files = OutputFiles(str(tmp_path), str(tmp_path / "_state"), scoring=scoring)
    rows = pa.Table.from_pylist([_row(number, decision) for number, decision in enumerate(DECIDED)], SCHEMA)
    rows = with_columns(rows, {"detail": pa.array([None, None, None, "1 < 2", None]), "grade": pa.array([9.0] * 5)})
    with files.shard(0, 1) as shard:
        shard.write(rows, None)
    assert shard.receipt().rows["scores"] == 4
    scores = pq.read_table(tmp_path / "scores").to_pylist()
    assert scores == [{"id": identifier, "grade": 9.0} for identifier in ("d0", "d1", "d3", "d4")]
    assert pq.read_table(tmp_path / "audit")["detail"].to_pylist() == [None, None, None, "1 < 2", None]


def test_what_fails_leaves_no_file(tmp_path: Path) -> None:
    files = OutputFiles(str(tmp_path), str(tmp_path / "_state"), NO_SUMS)
    with pytest.raises(KeyError), files.shard(0, 1) as shard:
        shard.write(pa.table({"decision": ["kept"]}), None)
    assert not list(tmp_path.glob("*/*.parquet"))
