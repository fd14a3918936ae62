"""Two ways to write a path are one place."""

import os
from pathlib import Path

import pytest

from corpusmill.inputs.path_identity import is_within, overlap, place_of


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "out" / "corpus").mkdir(parents=True)
    (tmp_path / "link").symlink_to("out")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_all_forms_of_a_local_path_are_one_place(here: Path) -> None:
    forms = ["out", "./out", "out/", "out/.", "out/../out", str(here / "out"), "link", f"file://{here}/out", "link//"]
    assert {place_of(form) for form in forms} == {str(here / "out")}


def test_forms_of_an_address_are_one_place() -> None:
    forms = ["s3://bucket/out", "s3://bucket/out/", "S3://bucket//out", "s3://bucket/./out", "s3://bucket/x/../out"]
    assert {place_of(form) for form in forms} == {"s3://bucket/out"}
    assert place_of("s3://Bucket/Out") != place_of("s3://bucket/out")


def test_a_folder_lies_in_itself_and_in_those_above_it_only(here: Path) -> None:
    assert is_within("link/corpus", str(here / "out"))
    assert is_within("out", "./out/")
    assert not is_within("out", "out/corpus")
    assert not is_within("out-2", "out")
    assert overlap("out", "link/corpus")
    assert overlap("s3://bucket/out/corpus/", "s3://bucket/out")
    assert not overlap("s3://bucket/out", "s3://bucket/out-2")
    assert not overlap("out", "s3://bucket/out")


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting takes the rights of root")
def test_a_folder_that_is_mounted_twice_is_one_place(here: Path) -> None:
    (here / "twice").mkdir()
    if os.system(f"mount --bind {here}/out {here}/twice 2>/dev/null"):
        pytest.skip("nothing can be mounted here")
    try:
        assert is_within("twice/corpus", "out")
        assert overlap("out", "twice/new")
    finally:
        os.system(f"umount {here}/twice")
