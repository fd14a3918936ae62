"""No command writes among the files of another output, nor a report over another file."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from corpusmill.reports.page import refuse_other_file
from corpusmill.runs.export import export
from corpusmill.runs.nesting import refuse_inside_output
from corpusmill.runs.output_folder import OutputError
from corpusmill.runs.rethreshold import rethreshold
from corpusmill.transforms.layout import RESULTS
from tests.support import DEMO, run_corpus

pytestmark = pytest.mark.beam


@pytest.fixture
def copy(demo_output: Path, tmp_path: Path) -> Path:
    shutil.copytree(demo_output, tmp_path / "out")
    return tmp_path / "out"


def test_all_folders_of_an_output_are_its_own(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in (*RESULTS, "_state"):
        for path in (copy / folder, copy / folder / "a", copy / folder / "a" / "b"):
            with pytest.raises(OutputError, match=rf"lies in '{copy}/{folder}', among the files of a run"):
                refuse_inside_output(str(path))
    (copy.parent / "link").symlink_to(copy / "corpus")
    monkeypatch.chdir(copy / "corpus")
    for written in (".", "a/../b", "../corpus", f"{copy.parent}/link/x", f"file://{copy}/corpus"):
        with pytest.raises(OutputError, match="among the files of a run"):
            refuse_inside_output(written)


def test_all_other_places_are_free(copy: Path) -> None:
    for path in (copy, copy / "more", copy / "more" / "corpus", copy.parent / "corpus", "s3://bucket/new"):
        refuse_inside_output(str(path))
    (copy.parent / "manifest.json").write_text("{}")  # some other program's
    refuse_inside_output(str(copy.parent / "corpus" / "x"))


def test_an_unfinished_run_has_its_own_folders_too(copy: Path) -> None:
    (copy / "_state").mkdir()
    (copy / "manifest.json").rename(copy / "_state" / "run.json")
    with pytest.raises(OutputError, match="among the files of a run"):
        refuse_inside_output(str(copy / "index"))


WRITERS: dict[str, Callable[[Path, Path], object]] = {
    "run": lambda _, place: run_corpus(DEMO, place),
    "rethreshold": lambda out, place: rethreshold(str(out), 0.9, str(place)),
    "export": lambda out, place: export(str(out), str(place), "jsonl", overwrite=True),
    "report": lambda _, place: refuse_other_file(str(place)),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_what_writes_refuses_such_a_place_and_leaves_it_as_it_is(demo_output: Path, copy: Path, writer: str) -> None:
    for place in (copy / "audit" / "new", copy / "corpus"):
        before = sorted(copy.rglob("*"))
        with pytest.raises(OutputError, match="among the files of a run; name another place"):
            WRITERS[writer](demo_output, place)
        assert sorted(copy.rglob("*")) == before


def test_a_report_replaces_a_report_and_no_other_file(copy: Path, tmp_path: Path) -> None:
    for mine in (copy / "manifest.json", copy / "README.md"):
        with pytest.raises(OutputError, match="already exists and is no report of corpusmill; name another file"):
            refuse_other_file(str(mine))
    (tmp_path / "empty").touch()
    for free in (copy / "report.html", tmp_path / "empty", tmp_path / "new.html", "/dev/null"):
        refuse_other_file(str(free))
