"""The corpus as JSON Lines: every document once, in order, and nothing half-written."""

import errno
import gzip
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import zstandard
from typer.testing import CliRunner

from corpusmill.cli import app
from corpusmill.reports.corpus import CorpusError
from corpusmill.runs.export import FORMATS, export
from corpusmill.runs.output_folder import OutputError
from tests.support import DEMO, rows, run_corpus, write_jsonl

pytestmark = pytest.mark.beam

OPEN: dict[str, Callable[[Path], bytes]] = {
    "jsonl": lambda path: path.read_bytes(),
    "jsonl.gz": lambda path: gzip.decompress(path.read_bytes()),
    "jsonl.zst": lambda path: zstandard.ZstdDecompressor().stream_reader(io.BytesIO(path.read_bytes())).read(),
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("export") / "out"
    run_corpus(DEMO, out, "output.shard_size=2000", "input.keep_columns={year: int64}")
    return out


@pytest.mark.parametrize("form", FORMATS)
def test_every_document_is_a_line_with_its_columns(demo: Path, tmp_path: Path, form: Any) -> None:
    assert export(str(demo), str(tmp_path / "texts"), form) == 30
    files = sorted((tmp_path / "texts").iterdir())
    assert len(files) == len(list((demo / "corpus").iterdir())) > 1
    found = [json.loads(line) for path in files for line in OPEN[form](path).splitlines()]
    wanted = rows(demo, "corpus")
    for row in wanted:
        row["metadata"] = None if row["metadata"] is None else json.loads(row["metadata"])
    assert found == wanted


def test_what_is_exported_is_input_for_another_run_and_gives_the_same_texts(demo: Path, tmp_path: Path) -> None:
    export(str(demo), str(tmp_path / "texts"))
    run_corpus(tmp_path / "texts", tmp_path / "again", "normalize.enabled=false", "boilerplate.enabled=false")
    again, first = ([(row["id"], row["text"]) for row in rows(out, "corpus")] for out in (tmp_path / "again", demo))
    assert again == first


def test_files_that_are_there_stay_unless_told_otherwise(demo: Path, tmp_path: Path) -> None:
    export(str(demo), str(tmp_path), "jsonl")
    with pytest.raises(OutputError, match="already exists; give --overwrite"):
        export(str(demo), str(tmp_path), "jsonl")
    assert export(str(demo), str(tmp_path), "jsonl", overwrite=True) == 30


def test_formats_reports_and_places_that_cannot_be_are_refused(demo: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"there is no format 'csv'; there are jsonl, jsonl\.gz"):
        export(str(demo), str(tmp_path), "csv")
    with pytest.raises(OutputError, match="not a local folder"):
        export(str(demo), "gs://bucket/texts")
    run_corpus(write_jsonl(tmp_path / "in.jsonl", [{"text": "x"}]), tmp_path / "report", "output.corpus=false")
    with pytest.raises(CorpusError, match="a report only"):
        export(str(tmp_path / "report"), str(tmp_path))


def test_an_empty_corpus_is_an_empty_file(tmp_path: Path) -> None:
    run_corpus(write_jsonl(tmp_path / "in.jsonl", [{"text": " "}]), tmp_path / "out")
    assert export(str(tmp_path / "out"), str(tmp_path / "texts"), "jsonl") == 0
    assert [path.read_bytes() for path in (tmp_path / "texts").iterdir()] == [b""]


def test_a_full_disk_is_named(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Any) -> None:
        raise OSError(
            errno.ENOSPC, "Error writing bytes to file. Detail: [errno 28] No space left on device"
        )  # as Arrow

    monkeypatch.setattr("corpusmill.runs.export._batches", full)
    result = CliRunner().invoke(app, ["export", str(demo), "--output", str(tmp_path), "--format", "jsonl"])
    assert result.exit_code == 1
    assert re.match(
        rf"error: the disk is full: '{tmp_path}/part-.*\.part' could not be written, .* free", result.stderr
    )
    assert not list(tmp_path.iterdir())


def test_a_file_that_was_begun_is_not_left_behind(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Any) -> None:
        raise pa.ArrowInvalid("damaged")

    monkeypatch.setattr("corpusmill.runs.export._batches", broken)
    with pytest.raises(pa.ArrowInvalid):
        export(str(demo), str(tmp_path), "jsonl")
    assert not list(tmp_path.iterdir())
