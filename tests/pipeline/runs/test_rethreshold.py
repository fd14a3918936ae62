"""`corpusmill rethreshold` gives what a fresh run with the higher threshold gives."""

import contextlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from corpusmill.cli import app
from corpusmill.config import ConfigError
from corpusmill.reports.corpus import read_corpus
from corpusmill.runs.accounts import AccountingError
from corpusmill.runs.rethreshold import rethreshold
from corpusmill.runs.run_folder import OutputError
from tests.families import corpus
from tests.support import check_accounts, digests, rows, run_corpus, write_jsonl

pytestmark = pytest.mark.beam

SETS = (
    "boilerplate.enabled=false",
    "dedup.recall=0.999999",
    "dedup.num_perm=256",
    "input.keep_columns={score: int64}",
    "input.split_bytes=3000",
    "output.shard_size=4000",
)


def _pairs(out: Path) -> list[tuple[Any, ...]]:
    return sorted((row["left"], row["right"], row["kind"], row["similarity"]) for row in rows(out, "pairs"))


@pytest.mark.parametrize(("seed", "keep"), [(1, "first"), (2, "longest"), (3, "highest score")])
def test_a_higher_threshold_gives_what_a_fresh_run_gives(tmp_path: Path, seed: int, keep: str) -> None:
    documents = corpus(seed, 120)
    inputs = write_jsonl(tmp_path / "in.jsonl", documents)
    earlier = write_jsonl(tmp_path / "old.jsonl", corpus(seed, 30))
    sets = (*SETS, f"dedup.keep={keep}")
    run_corpus(earlier, tmp_path / "old", *sets)
    low = run_corpus(inputs, tmp_path / "low", *sets, "dedup.threshold=0.6", against=(tmp_path / "old",))
    before = digests(tmp_path / "low", "*")
    made = rethreshold(str(tmp_path / "low"), 0.85, str(tmp_path / "made"))
    fresh = run_corpus(inputs, tmp_path / "fresh", *sets, "dedup.threshold=0.85", against=(tmp_path / "old",))
    assert digests(tmp_path / "low", "*") == before
    assert made["documents"] == fresh["documents"]
    assert made["documents"]["kept"] > low["documents"]["kept"]
    assert low["documents"]["duplicate"] > 20
    for folder in ("audit", "corpus", "removed"):
        assert rows(tmp_path / "made", folder) == rows(tmp_path / "fresh", folder)
    assert _pairs(tmp_path / "made") == _pairs(tmp_path / "fresh")
    assert made["reasons"] == fresh["reasons"]
    assert made["chars"] == fresh["chars"]
    assert made["text_bytes"] == fresh["text_bytes"]
    assert made["families"] == fresh["families"]
    check_accounts(tmp_path / "made", 120)
    assert [row["id"] for row in rows(tmp_path / "made", "index")] == read_corpus(str(tmp_path / "made"))["id"].tolist()


@pytest.fixture(scope="module")
def low(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of a run with a low threshold; its input is beside it."""
    folder = tmp_path_factory.mktemp("low")
    run_corpus(write_jsonl(folder / "in.jsonl", corpus(4, 80)), folder / "out", *SETS, "dedup.threshold=0.6")
    return folder / "out"


def test_a_second_step_gives_the_same_as_one(low: Path, tmp_path: Path) -> None:
    rethreshold(str(low), 0.75, str(tmp_path / "middle"))
    rethreshold(str(tmp_path / "middle"), 0.9, str(tmp_path / "twice"))
    rethreshold(str(low), 0.9, str(tmp_path / "once"))
    for folder in ("audit", "corpus", "removed", "pairs", "rejected"):
        assert rows(tmp_path / "twice", folder) == rows(tmp_path / "once", folder)


def test_the_made_corpus_can_be_run_against(low: Path, tmp_path: Path) -> None:
    rethreshold(str(low), 0.9, str(tmp_path / "made"))
    against = (tmp_path / "made",)
    manifest = run_corpus(low.parent / "in.jsonl", tmp_path / "again", *SETS, "dedup.threshold=0.6", against=against)
    assert manifest["documents"]["kept"] == 0


@pytest.mark.parametrize(("folder", "change", "message"), [("corpus", -1, "fewer"), ("removed", 1, "more")])
def test_a_file_with_another_number_of_rows_than_the_audit_is_refused(
    low: Path, tmp_path: Path, folder: str, change: int, message: str
) -> None:
    out = tmp_path / "out"
    shutil.copytree(low, out)
    path = max((out / folder).glob("*.parquet"), key=lambda path: path.stat().st_size)
    table = pq.read_table(path)
    pq.write_table(table.slice(0, len(table) - 1) if change < 0 else pa.concat_tables([table, table]), path)
    with _edited_manifest(out) as manifest:
        # As of an output that was written before there were checksums and sizes.
        manifest["checksums"][folder] = {}
        del manifest["sizes"]
    with pytest.raises(AccountingError, match=f"{path.name}' holds {message} rows than the audit lists"):
        rethreshold(str(out), 0.9, str(tmp_path / "made"))


@contextlib.contextmanager
def _edited_manifest(out: Path) -> Iterator[dict[str, Any]]:
    manifest = json.loads((out / "manifest.json").read_text())
    yield manifest
    (out / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("stage", "key", "message"),
    [
        ("output", "corpus", "made with --report-only"),
        ("dedup", "enabled", r"dedup\.enabled=true"),
        ("output", "pairs", r"output\.pairs=true"),
    ],
)
def test_a_run_that_holds_too_little_is_refused(low: Path, tmp_path: Path, stage: str, key: str, message: str) -> None:
    """By what its manifest says of its configuration."""
    out = tmp_path / "out"
    shutil.copytree(low, out)
    with _edited_manifest(out) as manifest:
        assert manifest["config"][stage][key] is True
        manifest["config"][stage][key] = False
    with pytest.raises(ConfigError, match=message):
        rethreshold(str(out), 0.9, str(tmp_path / "new"))
    assert not (tmp_path / "new").exists()


def test_rethreshold_says_what_it_cannot_do(tmp_path: Path) -> None:
    inputs = write_jsonl(tmp_path / "in.jsonl", corpus(6, 10))
    run_corpus(inputs, tmp_path / "out", *SETS)
    with pytest.raises(ConfigError, match=r"not between 0\.8.*dedup\.threshold=0\.7"):
        rethreshold(str(tmp_path / "out"), 0.7, str(tmp_path / "new"))
    with pytest.raises(OutputError, match="the run that it is made from"):
        rethreshold(str(tmp_path / "out"), 0.9, str(tmp_path / "out"))
    with pytest.raises(ConfigError, match="no manifest"):
        rethreshold(str(tmp_path / "nothing"), 0.9, str(tmp_path / "new"))
    with pytest.raises(ConfigError, match=r"1\.2 is not between 0\.8.* and 1; give one in between"):
        rethreshold(str(tmp_path / "out"), 1.2, str(tmp_path / "new"))
    arguments = ["rethreshold", str(tmp_path / "out"), "--threshold", "0.9", "--output", str(tmp_path / "new")]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert "Accounts: 10 in" in result.output
    first = json.loads((tmp_path / "new" / "manifest.json").read_text())
    assert rethreshold(str(tmp_path / "out"), 0.9, str(tmp_path / "new")) == first
    with pytest.raises(OutputError, match="--overwrite"):
        rethreshold(str(tmp_path / "out"), 0.95, str(tmp_path / "new"))
