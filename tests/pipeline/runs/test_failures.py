"""A full disk and Ctrl-C end in one message, in every mode, and the same command goes on."""

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpusmill.runs.failures import describe_failure, describe_full_disk
from corpusmill.runs.interrupts import STOPPED
from corpusmill.transforms import storage
from tests.support import DEFAULTS, check_accounts, run_corpus, write_jsonl

MODES = {"process": ("1", "in_memory"), "threads": ("2", "multi_threading"), "processes": ("2", "multi_processing")}
DOCUMENTS = 150
WORDS = "river lantern window orchard signal harbour engine garden island mirror forest bridge".split()


SETS = ("input.split_bytes=20000", "input.batch_bytes=8192", "boilerplate.enabled=false")


def _beam(mode: str) -> tuple[str, ...]:
    workers, running = MODES[mode]
    return f"--direct_num_workers={workers}", f"--direct_running_mode={running}"


def _command(inputs: Path, out: Path, mode: str) -> list[str]:
    command = [sys.executable, "-m", "corpusmill", "run", str(DEFAULTS), "--input", str(inputs), "--output", str(out)]
    return [*command, *(part for setting in SETS for part in ("--set", setting)), *_beam(mode)]


def _inputs(folder: Path) -> Path:
    texts = [" ".join(f"{WORDS[(k * 7 + j * j) % 12]}{k * j % 997}" for j in range(150)) for k in range(DOCUMENTS)]
    return write_jsonl(folder / "in.jsonl", [{"id": f"d{k}", "text": text} for k, text in enumerate(texts)])


def _lines(shown: str) -> list[str]:
    return [line for line in shown.splitlines() if " INFO " not in line]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A filesystem of 120 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=120k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no small filesystem can be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.beam
@pytest.mark.parametrize("mode", MODES)
def test_a_full_disk_is_one_line_with_the_path_and_what_is_free(tmp_path: Path, disk: Path, mode: str) -> None:
    inputs = _inputs(tmp_path)
    command = _command(inputs, disk / "out", mode)
    failed = subprocess.run(command, cwd=DEFAULTS.parents[1], capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    (line,) = _lines(failed.stderr)
    assert line.startswith(f"error: the disk is full: '{disk}/out/_state/")
    assert " kB of 122.9 kB are free there. Make room and give the same command again" in line
    assert not (disk / "out" / "_lock").exists()
    subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
    run_corpus(inputs, disk / "out", *SETS)
    check_accounts(disk / "out", DOCUMENTS)


@pytest.mark.beam
@pytest.mark.parametrize("mode", MODES)
def test_ctrl_c_stops_in_one_line_and_the_same_command_goes_on(tmp_path: Path, mode: str) -> None:
    out = tmp_path / "out"
    inputs = _inputs(tmp_path)
    with subprocess.Popen(
        _command(inputs, out, mode), cwd=DEFAULTS.parents[1], stderr=subprocess.PIPE, text=True
    ) as process:
        while process.poll() is None and not list((out / "_state" / "staged").glob("*")):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        shown = process.communicate()[1]
    assert process.returncode == 130, shown
    assert _lines(shown) == [STOPPED]
    assert not (out / "manifest.json").exists()
    assert not (out / "_lock").exists()
    run_corpus(inputs, out, *SETS)
    check_accounts(out, DOCUMENTS)


def test_a_full_disk_is_found_in_causes_and_in_the_words_of_workers(tmp_path: Path) -> None:
    path = str(tmp_path / "out" / "x.parquet")
    inner = OSError(errno.ENOSPC, "No space left on device", path)
    wrapped = RuntimeError("the bundle failed")
    wrapped.__cause__ = inner
    traceback = (
        "Traceback (most recent call last):\nOSError: [Errno 28] No space left on device\n\n"
        f"RuntimeError: OSError: [Errno 28] No space left on device: '{path}' [while running 'Stage/Write']\n"
    )
    for error in (inner, wrapped, RuntimeError(traceback), RuntimeError(f"x\n{inner}\n")):
        shown = describe_full_disk(error, "elsewhere")
        assert shown.startswith(f"the disk is full: '{path}' could not be written, ")
        assert "\n" not in shown
    assert describe_full_disk(OSError(errno.EDQUOT, "x"), str(tmp_path)).startswith(
        f"the disk quota is used up: '{tmp_path}' could"
    )
    assert describe_full_disk(OSError(errno.ENOSPC, "x"), "s3://bucket/out") == (
        "the disk is full: 's3://bucket/out' could not be written. "
        "Make room and give the same command again to go on from here"
    )
    assert describe_full_disk(ValueError("28"), "out") == ""
    assert "the run failed: ValueError" in describe_failure(ValueError(), verbose=True)


def test_an_error_of_the_disk_names_the_file_that_was_to_be_written(tmp_path: Path) -> None:
    path = str(tmp_path / "a.parquet")
    full = OSError(errno.ENOSPC, "No space left on device")
    state = str(tmp_path / "_state")
    with pytest.raises(OSError, match=r"left on device: '.*a\.parquet'"), storage.open_atomic(path, state):
        raise full
    assert os.listdir(tmp_path / "_state" / "tmp") == []
