"""Measures a run on Flink against the same run in one process, in CPU seconds: `python -m tests.benchmarks.flink`.

Made-up text, or one's own (`--input 'data/*.jsonl'`). It counts every process: driver, job server, JVMs and Python
workers, ended ones included. The first run on Flink meets new JVMs, the second JVMs that have run a job. The results
have to be the same bytes.
"""

from __future__ import annotations

import argparse
import ctypes
import dataclasses
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from corpusmill.engines.cache import EngineError
from corpusmill.engines.flink.cluster import FlinkCluster
from tests.benchmarks.texts import write_corpus
from tests.engines.runs import PROGRAM, TOP, children_of, result_of

_TICKS = os.sysconf("SC_CLK_TCK")
_SUBREAPER = 36  # of prctl: orphans become children, so that their time is counted


@dataclasses.dataclass(frozen=True)
class Cost:
    """CPU seconds of a run.

    Attributes:
        driver: Of the command and what it started; for Flink the job server.
        jvms: Of the cluster's own processes.
        workers: Of the Python workers that they started.
        wall: Wall time.
    """

    driver: float
    jvms: float = 0.0
    workers: float = 0.0
    wall: float = 0.0

    @property
    def total(self) -> float:
        """All CPU seconds."""
        return self.driver + self.jvms + self.workers


def _times(pid: int) -> tuple[float, float]:
    """CPU seconds of a process, and of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / _TICKS, sum(map(int, fields[13:15])) / _TICKS


def _below(pid: int) -> float:
    """CPU seconds of everything that a process has started."""
    return _times(pid)[1] + sum(_times(child)[0] + _below(child) for child in children_of(pid))


def _cluster_times(cluster: FlinkCluster | None) -> tuple[float, float]:
    names = cluster.processes.names() if cluster else []
    pids = [pid for name in names if cluster and (pid := cluster.processes.pid_of(name)) is not None]
    return sum(_times(pid)[0] for pid in pids), sum(_below(pid) for pid in pids)


def cost_of(command: Sequence[str], cluster: FlinkCluster | None = None) -> Cost:
    """Runs a command to its end and counts.

    Raises:
        EngineError: it failed; the text has the end of its output.
    """
    jvms, workers = _cluster_times(cluster)
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    wall = time.monotonic() - start
    if done.returncode:
        raise EngineError(f"the run failed:\n{done.stdout[-3000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    driver = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    jvms_after, workers_after = _cluster_times(cluster)
    return Cost(driver, jvms_after - jvms, workers_after - workers, wall)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=200, help="made-up text (default %(default)s)")
    parser.add_argument("--input", help="files to take instead")
    parser.add_argument("--parallelism", type=int, default=2, help="parallel subtasks on Flink (default %(default)s)")
    given = parser.parse_args()
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if not given.input:
            write_corpus(folder / "in", given.megabytes)
        command = [*PROGRAM, "run", str(TOP / "configs" / "default.yaml")]
        command += ["--input", given.input or str(folder / "in" / "*.jsonl"), "--overwrite", "--output"]
        try:
            _compare(command, folder, given.parallelism)
        except EngineError as error:
            sys.exit(f"error: {error}")


def _compare(command: list[str], folder: Path, parallelism: int) -> None:
    say = sys.stdout.write
    single = [*command, str(folder / "one"), "--direct_num_workers=1", "--direct_running_mode=in_memory"]
    one = cost_of(single)
    rows = [("one process", one)]
    with FlinkCluster(taskmanagers=2) as cluster:
        several = [*command, str(folder / "flink"), *cluster.beam_options(parallelism=parallelism)]
        rows += [(f"Flink, {kind} cluster", cost_of(several, cluster)) for kind in ("new", "warm")]
    say(f"{'':22}{'CPU s':>8}{'ratio':>8}{'driver':>8}{'JVMs':>8}{'workers':>8}{'wall s':>8}\n")
    for label, cost in rows:
        parts = f"{cost.driver:8.1f}{cost.jvms:8.1f}{cost.workers:8.1f}{cost.wall:8.1f}"
        say(f"{label:22}{cost.total:8.1f}{cost.total / one.total:8.2f}{parts}\n")
    if result_of(folder / "one") != result_of(folder / "flink"):
        raise EngineError("the results differ")
    say("The corpus has the same bytes.\n\nLargest elements of the shuffles, in bytes:\n")
    shuffles = json.loads((folder / "flink" / "manifest.json").read_text())["shuffles"]
    for label, figures in sorted(shuffles.items(), key=lambda item: -item[1]["largest"])[:5]:
        say(f"{figures['largest']:12,}  of {figures['bytes']:14,} in {figures['elements']:6,}  {label}\n")


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    main()
