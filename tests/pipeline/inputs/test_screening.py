import os
import shutil
from pathlib import Path

import pytest

from corpusmill.inputs.patterns import InputError, local_files
from corpusmill.inputs.screening import Screening


@pytest.fixture
def out(demo_output: Path, tmp_path: Path) -> Path:
    shutil.copytree(demo_output, tmp_path / "out")
    (tmp_path / "page.txt").write_text("A page.")
    return tmp_path / "out"


@pytest.mark.beam
def test_what_the_run_itself_has_written_is_left_out(out: Path) -> None:
    pattern = str(out.parent)
    assert Screening(str(out)).screen(pattern, local_files(pattern)) == [str(out.parent / "page.txt")]
    with pytest.raises(InputError, match="only what a run has written to its own output"):
        Screening(str(out)).screen(str(out), local_files(str(out)))


@pytest.mark.beam
def test_files_that_no_run_has_left_where_it_would_write_are_named(out: Path) -> None:
    (out / "corpus" / "mine.jsonl").write_text("{}")
    with pytest.raises(InputError, match=r"that no run has left there: '.*mine\.jsonl'\. Move them away"):
        Screening(str(out)).screen(str(out), local_files(str(out)))


@pytest.mark.beam
def test_another_output_is_read_folder_by_folder_only(out: Path, tmp_path: Path) -> None:
    other = Screening(str(tmp_path / "other"))
    with pytest.raises(InputError, match=r"takes in an earlier run's output.*give --input .*/corpus for its corpus"):
        other.screen(str(out), local_files(str(out)))
    corpus = local_files(str(out / "corpus"))
    assert Screening(str(tmp_path / "other")).screen(str(out / "corpus"), corpus) == corpus


def test_a_file_that_the_command_writes_is_no_input(tmp_path: Path) -> None:
    (tmp_path / "lines.parquet").touch()
    with pytest.raises(InputError, match=r"matches the output '.*lines\.parquet' itself"):
        Screening(files=[str(tmp_path / "lines.parquet")]).screen("*", [str(tmp_path / "." / "lines.parquet")])


def test_a_place_is_one_however_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    os.symlink("a", tmp_path / "link")
    screening = Screening()
    assert screening.place(f"{tmp_path}/link/x") == screening.place(f"{tmp_path}/a/./x")
    assert screening.place(f"{tmp_path}/a/x") != screening.place(f"{tmp_path}/a/y")
