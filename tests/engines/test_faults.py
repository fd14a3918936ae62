"""A run that meets a fault ends in the right bytes, or says what is wrong and goes on to the right bytes later."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpusmill.engines.flink.cluster import FlinkCluster
from corpusmill.engines.processes import start_time_of, wait_until
from tests.engines.runs import Corpus, Result, StartedRun, check_same, children_of, lacking, run_corpusmill, run_well

pytestmark = pytest.mark.engine

_LOCAL = ("--direct_num_workers=1", "--direct_running_mode=in_memory")
_STAGED = "_state/staged/*.parquet"


def _busiest_taskmanager(flink: FlinkCluster) -> str:
    """Names the TaskManager with most slots in use."""
    managers = flink.ask("/taskmanagers")["taskmanagers"]
    return str(max(managers, key=lambda manager: manager["slotsNumber"] - manager["freeSlots"])["id"])


def _restarts(flink: FlinkCluster) -> int:
    """Counts how often the jobs of the cluster have gone through RESTARTING, by their exceptions."""
    jobs = flink.ask("/jobs/overview")["jobs"]
    return sum(len(flink.ask(f"/jobs/{job['jid']}/exceptions")["exceptionHistory"]["entries"]) for job in jobs)


def _jobs_under_way(flink: FlinkCluster) -> int:
    ended = ("FINISHED", "FAILED", "CANCELED")
    return sum(job["state"] not in ended for job in flink.ask("/jobs/overview")["jobs"])


def _workers(flink: FlinkCluster) -> list[int]:
    """Find the Python workers that the TaskManagers have started."""
    names = [name for name in flink.processes.names() if name.startswith("taskmanager")]
    managers = [pid for pid in map(flink.processes.pid_of, names) if pid is not None]
    return [child for pid in managers for child in children_of(pid)]


def _job_server_of(driver: int) -> int:
    """Find the JVM that a run has started."""
    commands = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children_of(driver)}
    (found,) = [pid for pid, command in commands.items() if b"--job-port" in command]
    return found


@contextlib.contextmanager
def _tmpfs(folder: Path, size: str) -> Iterator[Path]:
    """Mounts a small filesystem of its own."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        lacking(f"a small filesystem cannot be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _remount(folder: Path, option: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{option}", str(folder)], check=True, capture_output=True)


@pytest.mark.parametrize("moment", [_STAGED, "_state/index/*.parquet"])
def test_a_killed_taskmanager_costs_time_only(
    corpus: Corpus, plain: Result, tmp_path: Path, flink: FlinkCluster, moment: str
) -> None:
    before = _restarts(flink)
    with StartedRun(corpus.command(tmp_path / "out", flink.beam_options(parallelism=4)), tmp_path / "out") as run:
        run.wait_for_files(moment)
        victim = _busiest_taskmanager(flink)
        flink.processes.kill(victim)
        assert run.end() == 0, run.log[-4000:]
    assert _restarts(flink) > before, "the killed TaskManager was not part of the run"
    flink.start_taskmanager(int(victim.rpartition("-")[2]))
    flink.wait_for_taskmanagers(flink.taskmanagers)
    check_same(tmp_path / "out", plain)


def test_a_killed_python_worker_costs_time_only(
    corpus: Corpus, plain: Result, tmp_path: Path, flink: FlinkCluster
) -> None:
    before = _restarts(flink)
    options = flink.beam_options(parallelism=2, worker_life_s=8)
    with StartedRun(corpus.command(tmp_path / "out", options), tmp_path / "out") as run:
        run.wait_for_files(_STAGED)
        for worker in _workers(flink):
            os.kill(worker, signal.SIGKILL)
        assert run.end() == 0, run.log[-4000:]
    assert _restarts(flink) > before, "the killed workers were not part of the run"
    check_same(tmp_path / "out", plain)


def test_a_killed_driver_of_a_flink_run_is_taken_up_beside_its_zombie(
    corpus: Corpus, plain: Result, tmp_path: Path, flink: FlinkCluster
) -> None:
    output = tmp_path / "out"
    command = corpus.command(output, flink.beam_options(parallelism=2))
    with StartedRun(command, output) as run:
        run.wait_for_files(_STAGED)
        job_server = _job_server_of(run.process.pid)
        run.kill_driver()
        assert not (output / "manifest.json").exists()
        # The job on the cluster knows nothing of the driver's end: two attempts now write the same files.
        assert _jobs_under_way(flink) > 0
        wait_until(lambda: start_time_of(job_server) is None, "end of the job server", timeout_s=15)
        run_well(command)
        check_same(output, plain)
        wait_until(lambda: _jobs_under_way(flink) == 0, "end of the abandoned job", timeout_s=300)
    check_same(output, plain)


def test_killed_local_workers_and_a_killed_driver_cost_time_only(corpus: Corpus, plain: Result, tmp_path: Path) -> None:
    """A worker is killed, which ends the run; then the process that started the run, whose workers end as well."""
    output = tmp_path / "out"
    command = corpus.command(output, ["--direct_num_workers=2", "--direct_running_mode=multi_processing"])
    with StartedRun(command, output) as run:
        run.wait_for_files(_STAGED)
        os.kill(children_of(run.process.pid)[0], signal.SIGKILL)
        assert run.end() == 1, run.log[-3000:]
        assert "a worker process ended by itself" in run.log
        assert "give the same command again" in run.log
    staged = len(list(output.glob(_STAGED)))
    with StartedRun(command, output) as run:
        run.wait_for_files(_STAGED, staged + 1)
        run.kill_driver()
        assert not (output / "manifest.json").exists()
        run_well(command)
        check_same(output, plain)


def _small_filesystem_with(disk: Path, room: int) -> str:
    """Return the option by which a mounted filesystem has that much room beside what it holds."""
    found = os.statvfs(disk)
    return f"size={(found.f_blocks - found.f_bfree) * found.f_frsize + room}"


def test_a_local_run_names_each_fault_and_goes_on_from_there(corpus: Corpus, plain: Result, tmp_path: Path) -> None:
    """One run whose output is read-only, whose input vanishes, whose disk is full, and whose output is blocked."""
    last = corpus.inputs[-1]
    hidden = last.with_suffix(".hidden")
    with _tmpfs(tmp_path / "small", "64m") as disk:
        output = disk / "out"
        command = corpus.command(output, _LOCAL)
        _remount(disk, "ro")
        failed = run_corpusmill(command)
        assert failed.returncode == 2
        assert f"cannot write to the output '{output}': Read-only file system" in failed.stdout
        _remount(disk, "rw")
        assert list(disk.iterdir()) == []

        with StartedRun(command, output, log=tmp_path / "vanished.log") as run:
            run.wait_for_files(_STAGED)
            last.rename(hidden)
            try:
                assert run.end() == 1, run.log[-3000:]
            finally:
                hidden.rename(last)
            assert last.name in run.log
        assert not (output / "manifest.json").exists()

        staged = len(list(output.glob(_STAGED)))
        _remount(disk, _small_filesystem_with(disk, 100_000))
        failed = run_corpusmill(command)
        assert failed.returncode == 1
        assert "the disk is full: " in failed.stdout
        assert "give the same command again" in failed.stdout
        assert len(list(output.glob(_STAGED))) > staged, "the disk was full before the run went on"
        assert not (output / "manifest.json").exists()

        _remount(disk, "size=64m")
        with StartedRun(command, output, log=tmp_path / "blocked.log") as run:
            run.wait_for_files("_state/index/*.parquet")
            # Permissions do not stop root: a file where the folder of unfinished files was stops everybody.
            (output / "_state" / "tmp").rename(disk / "aside")
            (output / "_state" / "tmp").touch()
            assert run.end() == 1, run.log[-3000:]
            assert str(output / "_state" / "tmp") in run.log
            assert "give the same command again" in run.log
        assert not (output / "manifest.json").exists()
        (output / "_state" / "tmp").unlink()
        run_well(command)
        check_same(output, plain)


def test_a_full_disk_under_flink_is_named_and_the_run_goes_on(
    corpus: Corpus, plain: Result, tmp_path: Path, flink: FlinkCluster
) -> None:
    with _tmpfs(tmp_path / "small", "300k") as disk:
        command = corpus.command(disk / "out", flink.beam_options(parallelism=2))
        failed = run_corpusmill(command)
        assert failed.returncode == 1
        assert "the disk is full: " in failed.stdout, failed.stdout[-3000:]
        _remount(disk, "size=64m")
        run_well(command)
        check_same(disk / "out", plain)


def test_an_input_that_vanishes_under_flink_is_named_and_the_run_goes_on_when_it_is_back(
    corpus: Corpus, plain: Result, tmp_path: Path, flink: FlinkCluster
) -> None:
    last = corpus.inputs[-1]
    hidden = last.with_suffix(".hidden")
    output = tmp_path / "out"
    command = corpus.command(output, flink.beam_options(parallelism=1))
    try:
        with StartedRun(command, output) as run:
            run.wait_for_files(_STAGED)
            last.rename(hidden)
            assert run.end() == 1, run.log[-3000:]
            assert last.name in run.log
    finally:
        hidden.rename(last)
    assert not (output / "manifest.json").exists()
    run_well(command)
    check_same(output, plain)
