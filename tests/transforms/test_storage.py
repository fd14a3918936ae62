import contextlib
import json
import os
from pathlib import Path

import pytest

from corpusmill.transforms import storage
from corpusmill.transforms.storage import FilesystemError


@pytest.mark.parametrize(
    ("path", "local"), [("a/b", True), ("/a", True), ("gs://a/b", False), ("c:/a", True), ("x+y://a", False)]
)
def test_a_scheme_makes_a_path_remote(path: str, local: bool) -> None:
    assert storage.is_local(path) == local


def test_a_filesystem_that_is_not_there_is_named() -> None:
    storage.require_filesystem("a/b")
    with pytest.raises(FilesystemError, match="there is no filesystem for nowhere://"):
        storage.require_filesystem("nowhere://a")


def test_a_file_is_absent_or_whole(tmp_path: Path) -> None:
    path, state = tmp_path / "out" / "a.bin", str(tmp_path / "_state")
    with contextlib.suppress(RuntimeError), storage.open_atomic(str(path), state) as stream:
        stream.write(b"half")
        assert not path.exists()
        raise RuntimeError
    assert not path.exists()
    assert os.listdir(tmp_path / "_state" / "tmp") == []
    with storage.open_atomic(str(path), state) as stream:
        stream.write(b"whole")
    assert path.read_bytes() == b"whole"
    storage.write_json(str(path), {"a": "é"}, state)
    assert storage.read_json(str(path)) == json.loads(path.read_text()) == {"a": "é"}


def test_files_that_never_end_and_large_ones_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"x" * 100)
    assert storage.read_small(str(tmp_path / "a")) == b"x" * 100
    monkeypatch.setattr(storage, "SMALL_BYTES", 99)
    with pytest.raises(OSError, match="it has more than 99 bytes"):
        storage.read_small(str(tmp_path / "a"))
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path):
        with pytest.raises(OSError, match="it is a folder, pipe or device"):
            storage.read_small(str(path))


def test_trees_are_listed_and_removed(tmp_path: Path) -> None:
    for name in ("a/x", "a/b/y", "a/keep/z"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert storage.list_names(str(tmp_path / "a")) == ["x"]
    assert storage.list_names(str(tmp_path / "nowhere")) == []
    storage.remove_file(str(tmp_path / "a" / "x"))
    storage.remove_file(str(tmp_path / "a" / "x"))
    storage.remove_empty_folder(str(tmp_path / "a"))
    assert (tmp_path / "a" / "b" / "y").exists()
    storage.remove_tree(str(tmp_path / "a"))
    assert not (tmp_path / "a").exists()


def test_files_below_a_folder_are_listed_with_their_sizes(tmp_path: Path) -> None:
    (tmp_path / "language=eng").mkdir()
    (tmp_path / "a").write_bytes(b"12")
    (tmp_path / "language=eng" / "b").write_bytes(b"")
    (tmp_path / "to nothing").symlink_to(tmp_path / "nowhere")
    assert storage.sizes_below(str(tmp_path)) == {"a": 2, "language=eng/b": 0}
    assert storage.sizes_below(str(tmp_path / "nowhere")) == {}
