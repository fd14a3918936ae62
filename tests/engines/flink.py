#!/usr/bin/env python3
"""A real Flink cluster on this machine for Beam pipelines: JobManager and TaskManagers as JVMs of their own.

No containers. The first start fetches Flink and Beam's job server.

    python tests/engines/flink.py start
    corpusmill run CONFIG ... $(python tests/engines/flink.py options --parallelism 4)
    python tests/engines/flink.py status
    python tests/engines/flink.py stop

Without a cluster, Flink inside the job server:

    corpusmill run CONFIG ... $(python tests/engines/flink.py options --local)

Tests use `with FlinkCluster(taskmanagers=2) as cluster:`. Needs Java 11 or 17, and Maven for the first start.
Each TaskManager starts Python workers of its own (Beam's PROCESS environment), with the interpreter that runs this
file. One external worker pool for several TaskManagers would not do: they give their workers the same names, and the
pool would end the worker of one when another asks for it.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import os
import shutil
import sys
import tempfile
import urllib.request
from pathlib import Path
from types import TracebackType

from engine_cache import EngineError, cache_dir, need_tool
from engine_processes import Processes, children_of, free_port, wait_until
from flink_parts import FLINK_SERIES, flink_home, job_server_jar, job_server_origin

_HERE = Path(__file__).resolve().parent
# Flink's serializers reach into these packages (the list of Flink's own configuration for Java 17).
_OPENED = ["java.lang", "java.lang.reflect", "java.net", "java.io", "java.nio", "sun.nio.ch", "java.text", "java.time"]
_OPENED += ["java.util", "java.util.concurrent", "java.util.concurrent.atomic", "java.util.concurrent.locks"]
_OPENS = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED]
_KEPT_RUNS = 5
_WORKER_LIFE_S = 60
_LOG4J = """rootLogger.level = INFO
rootLogger.appenderRef.console.ref = Console
appender.console.name = Console
appender.console.type = CONSOLE
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601} %-5p %c{1} - %m%n
"""


@dataclasses.dataclass
class FlinkCluster:
    """A standalone Flink cluster whose TaskManagers start Python workers.

    Attributes:
        taskmanagers: how many TaskManager JVMs.
        slots: task slots of each.
        directory: logs, state and temporary files; None: a new one under the cache, of which the last few are kept.
        outlive: keep running after this process (the command line's `start`).
        restarts: how often Flink starts a job anew after a failure: after 1 s, 2 s, 4 s, 8 s, then each 16 s. All of
            them last longer than a Python worker lives.
    """

    taskmanagers: int = 2
    slots: int = 4
    directory: Path | None = None
    outlive: bool = False
    restarts: int = 8
    rest_port: int = 0
    processes: Processes = dataclasses.field(init=False)

    def start(self) -> FlinkCluster:
        """Starts what does not run yet, and waits until all TaskManagers have registered.

        Raises:
            EngineMissingError: Java, Maven or a download is missing.
            EngineError: a process did not come up; the text has the end of its log.
        """
        need_tool("java", "install Java 17 (Debian: apt-get install openjdk-17-jre-headless)")
        flink_home()
        job_server_jar()
        if self.directory is None:
            self.directory = _new_directory()
        self.processes = Processes(self.directory, outlive=self.outlive)
        try:
            self._start_all()
        except BaseException:
            self.processes.stop()
            raise
        return self

    def _start_all(self) -> None:
        assert self.directory is not None
        if self.processes.pid_of("jobmanager") is None:
            self.rest_port = free_port()
            self._configure()
        else:
            self.rest_port = json.loads((self.directory / "cluster.json").read_text())["rest_port"]
        self.processes.start("jobmanager", self._java("jobmanager", 512))
        for number in range(self.taskmanagers):
            self.start_taskmanager(number)
        self.wait_for_taskmanagers(self.taskmanagers)

    def start_taskmanager(self, number: int) -> None:
        """Starts one TaskManager (if it does not run)."""
        command = [*self._java("taskmanager", 700), "-D", f"taskmanager.resource-id=taskmanager-{number}"]
        # In the checkout, so that workers and driver run the same code even where the project is not installed.
        self.processes.start(f"taskmanager-{number}", command, cwd=_HERE.parents[1])

    def wait_for_taskmanagers(self, count: int) -> None:
        """Waits until exactly `count` TaskManagers are registered."""
        wait_until(
            lambda: self.registered_taskmanagers() == count,
            f"registration of {count} TaskManagers",
            timeout_s=120,
            log=self.log_of("jobmanager"),
        )

    def registered_taskmanagers(self) -> int:
        """Asks the JobManager how many TaskManagers it knows; -1 while it does not answer."""
        try:
            return len(self.ask("/taskmanagers")["taskmanagers"])
        except (OSError, ValueError, KeyError):
            return -1

    def ask(self, path: str) -> dict:  # type: ignore[type-arg]
        """Asks the JobManager's REST interface, for instance `/jobs/overview`."""
        with urllib.request.urlopen(f"http://localhost:{self.rest_port}{path}", timeout=5) as answer:
            return dict(json.load(answer))

    def worker_pids(self) -> list[int]:
        """Lists the Python workers that run."""
        managers = [self.processes.pid_of(name) for name in self.processes.names() if name.startswith("taskmanager")]
        return [child for pid in managers if pid is not None for child in children_of(pid)]

    def stop(self) -> None:
        """Stops everything that was started; nothing happens where nothing runs."""
        self.processes.stop()

    def log_of(self, name: str) -> Path:
        """Gives the log of `jobmanager` or `taskmanager-0` (which has its workers' output too)."""
        return self.processes.log_of(name)

    def __enter__(self) -> FlinkCluster:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def beam_options(
        self, *, parallelism: int = 1, worker: Path | None = None, worker_life_s: int = _WORKER_LIFE_S
    ) -> list[str]:
        """Gives the pipeline options that send a pipeline to this cluster.

        Args:
            parallelism: parallel subtasks.
            worker: the program that starts a Python worker; None: the checkout, with this interpreter.
            worker_life_s: seconds after which a Python worker is replaced. A killed one is missed no longer than that.
        """
        return [
            *job_server_options(),
            f"--flink_master=localhost:{self.rest_port}",
            f"--parallelism={parallelism}",
            "--environment_type=PROCESS",
            # Beam goes on asking a worker that has died until the worker's time is over.
            f"--environment_expiration_millis={worker_life_s * 1000}",
            f"--environment_options=process_command={worker or f'{self.directory}/boot'}",
        ]

    def _configure(self) -> None:
        assert self.directory is not None
        # Two clusters on one machine must not meet: every port is chosen free, addresses are loopback only.
        settings = {
            "jobmanager.rpc.address": "localhost",
            "jobmanager.rpc.port": free_port(),
            "jobmanager.bind-host": "localhost",
            "jobmanager.memory.process.size": "768m",
            "rest.address": "localhost",
            "rest.bind-address": "localhost",
            "rest.port": self.rest_port,
            "blob.server.port": 0,
            "taskmanager.host": "localhost",
            "taskmanager.bind-host": "localhost",
            "taskmanager.numberOfTaskSlots": self.slots,
            "cluster.evenly-spread-out-slots": "true",
            "taskmanager.cpu.cores": 1.0,
            "taskmanager.memory.framework.heap.size": "128m",
            "taskmanager.memory.task.heap.size": "512m",
            "taskmanager.memory.framework.off-heap.size": "128m",
            "taskmanager.memory.task.off-heap.size": "0m",
            "taskmanager.memory.network.min": "256m",
            "taskmanager.memory.network.max": "256m",
            # The default of 512 buffers for every shuffle of every subtask is meant for large machines.
            "taskmanager.network.sort-shuffle.min-buffers": 64,
            "taskmanager.memory.managed.size": "256m",
            "taskmanager.memory.jvm-metaspace.size": "256m",
            "taskmanager.memory.jvm-overhead.min": "128m",
            "taskmanager.memory.jvm-overhead.max": "128m",
            "io.tmp.dirs": str(self.directory / "tmp"),
            # Beam's classes are in the cluster's own class path: only then do Python workers outlive a stage, and only
            # then are the classes loaded once and not once a job.
            "classloader.resolve-order": "parent-first",
            "heartbeat.interval": 1000,
            "heartbeat.timeout": 10000,
            "restart-strategy.type": "exponential-delay",
            "restart-strategy.exponential-delay.attempts-before-reset-backoff": self.restarts,
            "restart-strategy.exponential-delay.initial-backoff": "1 s",
            "restart-strategy.exponential-delay.backoff-multiplier": 2.0,
            "restart-strategy.exponential-delay.max-backoff": "16 s",
            "restart-strategy.exponential-delay.jitter-factor": 0.0,
        }
        (self.directory / "tmp").mkdir(exist_ok=True)
        (self.directory / "flink-conf.yaml").write_text("".join(f"{key}: {value}\n" for key, value in settings.items()))
        (self.directory / "log4j.properties").write_text(_LOG4J)
        (self.directory / "cluster.json").write_text(json.dumps({"rest_port": self.rest_port}))
        boot = self.directory / "boot"
        boot.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m corpusmill.engines.remote_worker "$@"\n')
        boot.chmod(0o755)

    def _java(self, role: str, heap_mb: int) -> list[str]:
        entry = {
            "jobmanager": "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
            "taskmanager": "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
        }[role]
        return [
            "java",
            f"-Xmx{heap_mb}m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",  # these JVMs live for minutes: the optimising compiler would not pay
            *_OPENS,
            f"-Dlog4j.configurationFile={self.directory}/log4j.properties",
            "-cp",
            f"{flink_home()}/lib/*:{job_server_jar()}",
            entry,
            "--configDir",
            str(self.directory),
        ] + (["--executionMode", "cluster"] if role == "jobmanager" else [])


def _new_directory() -> Path:
    """Makes a directory for a cluster's logs, and forgets all but the newest of earlier ones."""
    runs = cache_dir() / "runs"
    runs.mkdir(parents=True, exist_ok=True)
    earlier = sorted(runs.glob("flink-*"), key=lambda path: path.stat().st_mtime)
    for old in earlier[:-_KEPT_RUNS]:
        shutil.rmtree(old, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix="flink-", dir=runs))


def job_server_options() -> list[str]:
    """Gives the options that let Beam's FlinkRunner start the job server from the fetched jar."""
    opens = [
        f"--job_server_jvm_property={one}" for one in ("-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", *_OPENS)
    ]
    return [
        "--runner=FlinkRunner",
        f"--flink_version={FLINK_SERIES}",
        f"--flink_job_server_jar={job_server_jar()}",
        "--experiments=disable_logging_submission_environment",  # the list of installed packages, for nobody to read
        *opens,
    ]


def local_options(*, parallelism: int = 1) -> list[str]:
    """Gives the options for Flink's embedded mode: all of Flink inside the job server, Python workers in the driver."""
    return [*job_server_options(), "--flink_master=[local]", f"--parallelism={parallelism}"]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    start = verbs.add_parser("start", help="start the cluster (nothing happens if it runs)")
    start.add_argument("--taskmanagers", type=int, default=2, help="number of TaskManager JVMs (default %(default)s)")
    start.add_argument("--slots", type=int, default=4, help="task slots of each (default %(default)s)")
    verbs.add_parser("stop", help="stop the cluster (nothing happens if it does not run)")
    verbs.add_parser("status", help="show processes, ports and logs")
    options = verbs.add_parser("options", help="print the pipeline options for the running cluster, for use in $(...)")
    options.add_argument("--parallelism", type=int, default=1, help="parallel subtasks (default %(default)s)")
    options.add_argument("--local", action="store_true", help="options for the embedded mode, which needs no cluster")
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        stack.callback(sys.stdout.flush)
        try:
            _run(given)
        except EngineError as error:
            sys.exit(f"error: {error}")


def _run(given: argparse.Namespace) -> None:
    directory = cache_dir() / "clusters" / "default"
    out = sys.stdout.write
    if given.verb == "start":
        cluster = FlinkCluster(given.taskmanagers, given.slots, directory, outlive=True).start()
        out(f"Flink runs: http://localhost:{cluster.rest_port} ({cluster.registered_taskmanagers()} TaskManagers)\n")
        out(f"Job server: {_described(job_server_origin())}\nLogs: {directory}\n")
        return
    if given.verb == "options" and given.local:
        out(" ".join(local_options(parallelism=given.parallelism)) + "\n")
        return
    processes = Processes(directory, outlive=True)
    running = [name for name in processes.names() if processes.pid_of(name) is not None]
    if given.verb == "stop":
        processes.stop()
        out(f"Flink is stopped: {', '.join(running)}\n" if running else "Flink does not run.\n")
        return
    if given.verb == "status":
        for name in processes.names():
            state = f"pid {processes.pid_of(name)}" if name in running else "not running"
            out(f"{name}: {state}  {processes.log_of(name)}\n")
    if "jobmanager" not in running:
        sys.exit("The cluster does not run; start it with: python tests/engines/flink.py start")
    rest_port = json.loads((directory / "cluster.json").read_text())["rest_port"]
    if given.verb == "status":
        out(f"web interface: http://localhost:{rest_port}\n")
    else:
        cluster = FlinkCluster(directory=directory, rest_port=rest_port)
        out(" ".join(cluster.beam_options(parallelism=given.parallelism)) + "\n")


def _described(origin: dict[str, object]) -> str:
    return f"{origin['artifact']}, {'put together from its parts' if origin['assembled'] else 'as published'}"


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    main()
