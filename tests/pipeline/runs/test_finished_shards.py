import json
from pathlib import Path

import pytest

from corpusmill.config import Config
from corpusmill.runs.accounts import AccountingError
from corpusmill.runs.finished_shards import FinishedShard, complete_index
from corpusmill.runs.output_files import output_files
from tests.support import rows

pytestmark = pytest.mark.beam


def shard_of(out: Path, **left_out: list[str]) -> FinishedShard:
    manifest = json.loads((out / "manifest.json").read_text())
    config = Config.model_validate(manifest["config"])
    (name,) = manifest["files"]["audit"]
    files = {**manifest["files"], **left_out}
    return FinishedShard(output_files(str(out), config, manifest["metadata"]), files, name, None)


def test_duplicates_are_kept_ones_again_with_their_texts(demo_output: Path) -> None:
    ((table, index),) = shard_of(demo_output).rows()
    audit = rows(demo_output, "audit")
    found = table.to_pylist()
    assert [row["id"] for row in found] == [row["id"] for row in audit]
    texts = {row["id"]: row["text"] for folder in ("corpus", "removed") for row in rows(demo_output, folder)}
    for row, before in zip(found, audit, strict=True):
        assert row["decision"] == ("kept" if before["decision"] == "duplicate" else before["decision"])
        assert row["text"] == texts.get(row["id"])
    assert index is not None
    assert index["id"].null_count == 44 - 30
    whole = complete_index(table, index, Config().dedup)
    assert whole["id"].null_count == 6
    assert whole.filter(index["id"].is_valid()).equals(index.filter(index["id"].is_valid()))


def test_a_file_with_too_few_rows_is_named(demo_output: Path) -> None:
    with pytest.raises(AccountingError, match=r"removed/.* holds fewer rows than the audit lists; run it again"):
        list(shard_of(demo_output, removed=[]).rows())


def test_the_pairs_are_those_of_the_file(demo_output: Path) -> None:
    pairs = [row for part in shard_of(demo_output).pairs() for row in part.to_pylist()]
    assert pairs == rows(demo_output, "pairs")
