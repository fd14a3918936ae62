"""One run at a time in an output folder; a lock whose owner is gone is nobody's."""

import fcntl
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from apache_beam.io.filesystem import FileMetadata, FileSystem
from typer.testing import CliRunner

from corpusmill.cli import app
from corpusmill.runs.lock import Holder, hold, start_of_process
from corpusmill.runs.output_folder import OutputError
from corpusmill.transforms import sealed
from tests.support import DEFAULTS, ROOT, run_corpus, write_jsonl

ME = Holder(socket.gethostname(), os.getpid(), start_of_process(os.getpid()), "2024-05-01T10:00:00+00:00", "t")
PARENT = replace(ME, pid=os.getppid(), started=start_of_process(os.getppid()))


@pytest.fixture
def other(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until it is killed."""
    program = (
        "import sys; from corpusmill.runs.lock import hold\n"
        f"with hold({str(tmp_path / 'out')!r}):\n print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def _leave(out: Path, holder: Holder, age_s: float = 0) -> None:
    out.mkdir(exist_ok=True)
    (out / "_lock").write_text(json.dumps(asdict(holder)))
    os.utime(out / "_lock", (time.time() - age_s,) * 2)


def test_the_folder_is_made_for_the_lock_and_goes_with_it(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    with hold(str(out)):
        assert json.loads((out / "_lock").read_text())["pid"] == os.getpid()
    assert not out.exists()
    out.mkdir()
    with hold(str(out)):
        (out / "corpus").mkdir()
    assert os.listdir(out) == ["corpus"]


def test_a_second_run_is_told_who_works_there(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    message = (
        rf"is in use by process {other.pid} on {socket.gethostname()}, since 20.*; wait for its end or stop it, or "
    )
    with pytest.raises(OutputError, match=message), hold(str(tmp_path / "out")):
        pass
    assert (tmp_path / "out" / "_lock").exists()


def test_a_lock_is_free_as_soon_as_its_owner_was_killed(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    os.kill(other.pid, signal.SIGKILL)
    other.wait()
    assert (tmp_path / "out" / "_lock").exists()
    with hold(str(tmp_path / "out")):
        assert json.loads((tmp_path / "out" / "_lock").read_text())["pid"] == os.getpid()
    assert not (tmp_path / "out" / "_lock").exists()


def test_one_process_does_not_hold_it_twice(tmp_path: Path) -> None:
    with hold(str(tmp_path)):
        with pytest.raises(OutputError, match="in use by process"), hold(str(tmp_path)):
            pass
        assert (tmp_path / "_lock").exists()
    with hold(str(tmp_path)):
        pass


@pytest.mark.parametrize(
    "holder",
    [
        replace(PARENT, started="1"),
        replace(ME, pid=2**22 - 3),
        replace(PARENT, started=""),
    ],
    ids=["another process has its number now", "there is no such process", "it had no start time"],
)
def test_a_lock_of_a_process_that_is_gone_is_taken_over_without_the_kernel(tmp_path: Path, holder: Any) -> None:
    _leave(tmp_path, holder)
    with hold(str(tmp_path)):
        assert json.loads((tmp_path / "_lock").read_text())["pid"] == os.getpid()


def test_a_process_that_runs_holds_it_where_the_kernel_knows_no_locks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    _leave(tmp_path, PARENT)
    with pytest.raises(OutputError, match=f"in use by process {PARENT.pid}"), hold(str(tmp_path)):
        pass
    (tmp_path / "_lock").unlink()
    with hold(str(tmp_path)):
        pass


def test_a_lock_of_another_machine_counts_by_its_age(tmp_path: Path) -> None:
    there = replace(ME, host="another.example")
    _leave(tmp_path, there, age_s=30)
    message = r"on another\.example.*the lock is free 90 s after its last sign of life"
    with pytest.raises(OutputError, match=message), hold(str(tmp_path)):
        pass
    _leave(tmp_path, there, age_s=120)
    with hold(str(tmp_path)):
        pass


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": "x"}'])
def test_a_lock_file_that_says_nothing_is_nobodys(tmp_path: Path, content: str) -> None:
    (tmp_path / "_lock").write_text(content)
    with hold(str(tmp_path)):
        pass


def test_a_link_is_not_taken_for_a_lock(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    (tmp_path / "_lock").symlink_to("precious")
    with pytest.raises(OutputError, match="is a link to 'precious'"), hold(str(tmp_path)):
        pass
    assert (tmp_path / "precious").read_text() == "mine"


@pytest.mark.beam
def test_every_command_that_writes_respects_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_jsonl(tmp_path / "in.jsonl", [{"id": "a", "text": "The ferry leaves at seven."}])
    run_corpus(Path("in.jsonl"), Path("done"))
    commands: dict[str, list[list[object]]] = {
        "out": [["run", DEFAULTS, "-i", "in.jsonl"], ["dedup", DEFAULTS, "-i", "in.jsonl", "--overwrite"]],
        "lines.parquet": [["boilerplate", "learn", DEFAULTS, "-i", "in.jsonl"]],
        "again": [["rethreshold", "done", "--threshold", "0.9"], ["rethreshold", "done", "--threshold", "1"]],
    }
    for output, lines in commands.items():
        with hold(f"{output}.work" if "." in output else output):
            for line in lines:
                result = CliRunner().invoke(app, [*map(str, line), "-o", output])
                assert result.exit_code == 2
                assert result.stderr.startswith(f"error: the output '{output}")
                assert result.stderr.count("\n") == 1
                assert f"in use by process {os.getpid()}" in result.stderr


@pytest.mark.beam
def test_a_complete_output_is_tidied_and_else_only_read(tmp_path: Path) -> None:
    inputs = write_jsonl(tmp_path / "in.jsonl", [{"id": "a", "text": "The ferry leaves at seven."}])
    out = tmp_path / "out"
    manifest = run_corpus(inputs, out)
    (out / "_state" / "staged").mkdir(parents=True)  # killed between the manifest and the end of the tidying
    sealed.write_json(str(out / "_state" / "run.json"), manifest["identity"], str(out / "_state"))
    (out / "_state" / "staged" / "00000-000000-last.parquet").write_bytes(b"left")
    assert run_corpus(inputs, out) == manifest
    assert not (out / "_state").exists()
    with hold(str(out)):
        assert run_corpus(inputs, out) == manifest, "there is nothing to wait for"


class LockStore(FileSystem):
    """An object store in a dict."""

    files: ClassVar[dict[str, bytes]] = {}
    updated: ClassVar[dict[str, float]] = {}

    @classmethod
    def scheme(cls) -> str:
        return "lockstore"

    def create(self, path: str, *_: object, **__: object) -> io.BytesIO:
        files, updated = self.files, self.updated

        class Upload(io.BytesIO):
            def close(self) -> None:
                files[path], updated[path] = self.getvalue(), time.time()
                super().close()

        return Upload()

    def open(self, path: str, *_: object, **__: object) -> io.BytesIO:
        return io.BytesIO(self.files[path])

    def exists(self, path: str) -> bool:
        return path in self.files

    def delete(self, paths: list[str]) -> None:
        for path in paths:
            del self.files[path]

    def last_updated(self, path: str) -> float:
        return self.updated[path]

    def metadata(self, path: str) -> FileMetadata:
        return FileMetadata(path, len(self.files[path]), self.updated[path])

    def join(self, basepath: str, *paths: str) -> str:
        return "/".join([basepath, *paths])

    def has_dirs(self) -> bool:
        return False

    def _unsupported(self, *_: object, **__: object) -> None:
        raise NotImplementedError

    split = mkdirs = copy = rename = size = checksum = _list = _unsupported


def test_an_object_store_has_a_lock_whose_age_counts() -> None:
    path = "lockstore://bucket/out/_lock"
    with hold("lockstore://bucket/out"):
        assert json.loads(LockStore.files[path])["pid"] == os.getpid()
        with pytest.raises(OutputError, match="in use by process"), hold("lockstore://bucket/out"):
            pass
    assert not LockStore.files
    for holder, age, is_held in (
        (replace(ME, host="another.example"), 100, True),
        (replace(ME, host="another.example"), 400, False),
        (replace(PARENT, started="1"), 0, False),
        (PARENT, 1000, True),
    ):
        LockStore.files[path] = json.dumps(asdict(holder)).encode()
        LockStore.updated[path] = time.time() - age
        if is_held:
            with pytest.raises(OutputError, match=holder.host), hold("lockstore://bucket/out"):
                pass
        else:
            with hold("lockstore://bucket/out"):
                pass
    LockStore.files.clear()
