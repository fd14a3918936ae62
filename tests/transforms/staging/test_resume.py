import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusmill.config import load_config
from corpusmill.request import Request
from corpusmill.runs.execute import submit
from tests.support import DEFAULTS, check_accounts, digests, run_corpus, write_jsonl

pytestmark = pytest.mark.beam

RESULTS = ("corpus", "index", "audit", "rejected", "pairs", "removed")
SETS = ("input.split_bytes=8192", "input.batch_bytes=4096", "output.shard_size=20000", "output.keep_state=true")
DOCUMENTS = 160
WORDS = "river lantern window orchard signal harbour engine garden island mirror forest bridge".split()


def _documents(n: int) -> list[dict[str, Any]]:
    texts = [" ".join(WORDS[(k * (j + 3) + j * j) % len(WORDS)] + str(k * j % 97) for j in range(60)) for k in range(n)]
    return [{"id": f"d{k}", "text": texts[k - 1] if k % 7 == 3 else texts[k]} for k in range(n)]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    folder = tmp_path_factory.mktemp("undisturbed")
    inputs = write_jsonl(folder / "in.jsonl", _documents(DOCUMENTS))
    run_corpus(inputs, folder / "out", *SETS)
    check_accounts(folder / "out", DOCUMENTS)
    return inputs, digests(folder / "out", *RESULTS)


def _start(inputs: Path, out: Path, *beam: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "corpusmill", "run", str(DEFAULTS), "--input", str(inputs), "--output", str(out)]
    command += [part for setting in SETS for part in ("--set", setting)] + list(beam)
    return subprocess.Popen(command, cwd=DEFAULTS.parents[1], stderr=subprocess.DEVNULL, start_new_session=True)


def _kill_when(process: subprocess.Popen[bytes], folder: Path, files: int) -> bool:
    """Kill the process group as soon as `folder` holds so many files; say whether it came to that."""
    while process.poll() is None:
        if folder.is_dir() and len(os.listdir(folder)) >= files:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return True
        try:
            process.wait(timeout=0.002)
        except subprocess.TimeoutExpired:
            continue
    return False


KILLS = [("staged", 1), ("staged", 16), ("index", 3), ("shards", 1)]
"""Folder of the state, and how many files are in it when the process is killed."""


def _complete_splits(out: Path) -> dict[Path, int]:
    """Return when the files of the splits were written that are staged from end to end."""
    staged = sorted((out / "_state" / "staged").glob("*.parquet"))
    ends = {path.name.split("-")[0] for path in staged if path.stem.endswith("-last")}
    return {path: path.stat().st_mtime_ns for path in staged if path.name.split("-")[0] in ends}


def _leave_debris(out: Path) -> tuple[Path, Path]:
    """Leave a file that was half written, and a part of the corpus by another plan."""
    stray = out / "_state" / "tmp" / "00000-000000.parquet.dead"
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"half")
    of_another_plan = pa.schema([], {"corpusmill.config": load_config(None, SETS).digest()}).empty_table()
    part = out / "corpus" / "part-00000-of-00099.parquet"
    pq.write_table(of_another_plan, part)
    return stray, part


def test_a_run_that_is_killed_again_and_again_ends_in_the_same_bytes(
    undisturbed: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    """Each attempt goes on where the one before was killed, stages no complete split again and clears debris away."""
    inputs, expected = undisturbed
    out = tmp_path / "out"
    done: dict[Path, int] = {}
    for phase, files in KILLS:
        assert _kill_when(_start(inputs, out), out / "_state" / phase, files), f"it ended before {phase} could be seen"
        assert not (out / "manifest.json").exists()
        complete = _complete_splits(out)
        assert done.items() <= complete.items(), "splits that were staged are staged again"
        done = complete
        debris = _leave_debris(out)
    assert len(done) > KILLS[1][1]
    run_corpus(inputs, out, *SETS)
    assert done.items() <= _complete_splits(out).items(), "splits that were staged are staged again"
    assert digests(out, *RESULTS) == expected
    check_accounts(out, DOCUMENTS)
    assert not any(path.exists() for path in debris)
    assert not list((out / "_state" / "tmp").glob("*"))


def _children(parent: int) -> set[int]:
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.add(int(status.parent.name))
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes through /proc")
def test_workers_do_not_outlive_a_run_that_is_killed(undisturbed: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    inputs, _ = undisturbed
    out = tmp_path / "out"
    process = _start(inputs, out, "--direct_num_workers=2")
    workers: set[int] = set()
    while process.poll() is None and not any((out / "_state" / "staged").glob("*")):
        workers |= _children(process.pid)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.01)
    process.kill()
    process.wait()
    assert workers
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{worker}").exists() for worker in workers):
        assert time.monotonic() < deadline, "a worker is still there"
        time.sleep(0.05)


def test_a_run_that_was_not_waited_for_is_finished_by_the_same_command(
    undisturbed: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    inputs, expected = undisturbed
    out = tmp_path / "out"
    submit(Request(load_config(None, SETS), [str(inputs)], str(out)))
    assert not (out / "manifest.json").exists()
    shutil.copytree(out, tmp_path / "damaged")
    manifest = run_corpus(inputs, out, *SETS)
    assert manifest["shuffles"] == {}, "it was run once more"
    assert digests(out, *RESULTS) == expected
    check_accounts(out, DOCUMENTS)
    # The same with a shard that is missing goes on.
    out = tmp_path / "damaged"
    last = max((out / "_state" / "shards").iterdir())
    last.unlink()
    assert run_corpus(inputs, out, *SETS)["shuffles"]
    assert last.exists()
    assert digests(out, *RESULTS) == expected
