"""A Flink cluster on this machine for Beam pipelines: JobManager and TaskManagers as JVMs of their own, no containers.

Each TaskManager starts its own Python workers (Beam's PROCESS environment) with the interpreter that started the
cluster. One external worker pool for several TaskManagers would not do: they give their workers the same names, and the
pool would end the worker of one when another asks for it.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import sys
import tempfile
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

from corpusmill.engines.cache import EngineError, cache_dir, need_tool
from corpusmill.engines.flink.downloads import FLINK_SERIES, flink_home, job_server_jar
from corpusmill.engines.processes import Processes, free_port, wait_until
from corpusmill.engines.remote_worker import WORKER_FOLDER

# Flink's serializers reach into these packages (the list of Flink's own configuration for Java 17).
_OPENED = """java.lang java.lang.reflect java.net java.io java.nio sun.nio.ch java.text java.time java.util
java.util.concurrent java.util.concurrent.atomic java.util.concurrent.locks"""
_OPENS = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED.split()]
# These JVMs live for minutes: the optimising compiler and parallel collectors would not pay.
_JVM = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", *_OPENS]
_ENTRIES = {
    "jobmanager": "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
    "taskmanager": "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
}
_HEAP_MB = {"jobmanager": 512, "taskmanager": 700}
_KEPT_RUNS = 5
"""Directories of earlier clusters whose logs are kept."""
_WORKER_LIFE_S = 60
_LOG4J = """rootLogger.level = INFO
rootLogger.appenderRef.console.ref = Console
appender.console.name = Console
appender.console.type = CONSOLE
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601} %-5p %c{1} - %m%n
"""


def _new_directory() -> Path:
    """Make a directory for a cluster's logs, and remove all but the newest of earlier ones."""
    runs = cache_dir() / "runs"
    runs.mkdir(parents=True, exist_ok=True)
    earlier = sorted(runs.glob("flink-*"), key=lambda path: path.stat().st_mtime)
    for old in earlier[:-_KEPT_RUNS]:
        shutil.rmtree(old, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix="flink-", dir=runs))


@dataclasses.dataclass
class FlinkCluster:
    """A standalone Flink cluster whose TaskManagers start Python workers.

    Attributes:
        taskmanagers: Number of TaskManager JVMs.
        slots: Task slots of each.
        directory: Logs, state and temporary files; by default a new one in the cache, of which the last few are kept.
        outlive: Keep running after this process.
        restarts: How often Flink restarts a job after a failure: after 1 s, 2 s, 4 s, 8 s, then 16 s each. Together
            they last longer than a Python worker lives.
    """

    taskmanagers: int = 2
    slots: int = 4
    directory: Path = dataclasses.field(default_factory=_new_directory)
    outlive: bool = False
    restarts: int = 8
    processes: Processes = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        self.processes = Processes(self.directory, outlive=self.outlive)

    def start(self) -> FlinkCluster:
        """Start what does not run yet, and wait until all TaskManagers have registered.

        Raises:
            EngineMissingError: Java, Maven or a download is missing.
            EngineError: A process did not come up; the text has the end of its log.
        """
        need_tool("java", "install Java 17 (Debian: apt-get install openjdk-17-jre-headless)")
        flink_home()
        job_server_jar()
        try:
            if not self.is_running():
                self._configure(free_port())
            self.processes.start("jobmanager", self._java("jobmanager"))
            for number in range(self.taskmanagers):
                self.start_taskmanager(number)
            self.wait_for_taskmanagers(self.taskmanagers)
        except BaseException:
            self.processes.stop()
            raise
        return self

    def is_running(self) -> bool:
        """Return whether the JobManager runs."""
        return self.processes.pid_of("jobmanager") is not None

    @property
    def rest_port(self) -> int:
        """The port of the JobManager's REST and web interface."""
        return int(json.loads((self.directory / "cluster.json").read_text())["rest_port"])

    def start_taskmanager(self, number: int) -> None:
        """Start one TaskManager, if it does not run."""
        command = [*self._java("taskmanager"), "-D", f"taskmanager.resource-id=taskmanager-{number}"]
        self.processes.start(f"taskmanager-{number}", command)

    def wait_for_taskmanagers(self, count: int) -> None:
        """Wait until exactly `count` TaskManagers are registered.

        Raises:
            EngineError: They did not register within two minutes.
        """
        what = f"registration of {count} TaskManagers"
        log = self.log_of("jobmanager")
        wait_until(lambda: self.registered_taskmanagers() == count, what, timeout_s=120, log=log)

    def registered_taskmanagers(self) -> int:
        """Return how many TaskManagers the JobManager knows; -1 while it does not answer."""
        try:
            return len(self.ask("/taskmanagers")["taskmanagers"])
        except (OSError, ValueError, KeyError):
            return -1

    def ask(self, path: str) -> dict[str, Any]:
        """Return the answer of the JobManager's REST interface, for instance to `/jobs/overview`.

        Raises:
            OSError: It does not answer.
        """
        with urllib.request.urlopen(f"http://localhost:{self.rest_port}{path}", timeout=5) as answer:
            return dict(json.load(answer))

    def stop(self) -> None:
        """Stop all processes of the cluster; nothing happens where none runs."""
        self.processes.stop()

    def log_of(self, name: str) -> Path:
        """Return the log of `jobmanager`, or of `taskmanager-0` with the output of its workers."""
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
        """Return the options that send a pipeline to this cluster; its workers run in the current folder.

        Args:
            parallelism: Parallel subtasks.
            worker: The program that starts a Python worker; None: this interpreter with this package.
            worker_life_s: Seconds after which a Python worker is replaced. Beam goes on asking a worker that has died
                until this time is over.

        Raises:
            EngineError: The name of the current folder cannot be given in an option.
        """
        folder = os.getcwd()
        if "," in folder or len(folder.split()) != 1:
            raise EngineError(
                f"an option cannot hold the folder {folder!r}: give the command in a folder whose name has no comma "
                "and no space"
            )
        return [
            *job_server_options(),
            f"--flink_master=localhost:{self.rest_port}",
            f"--parallelism={parallelism}",
            "--environment_type=PROCESS",
            f"--environment_expiration_millis={worker_life_s * 1000}",
            f"--environment_options=process_command={worker or self.directory / 'boot'}",
            f"--environment_options=process_variables={WORKER_FOLDER}={folder}",
        ]

    def _configure(self, rest_port: int) -> None:
        """Write the cluster's configuration, and the program that starts a Python worker."""
        settings = {**_ports(rest_port), **_memory(), **_restarts(self.restarts)}
        settings["taskmanager.numberOfTaskSlots"] = self.slots
        settings["io.tmp.dirs"] = str(self.directory / "tmp")
        (self.directory / "tmp").mkdir(exist_ok=True)
        (self.directory / "flink-conf.yaml").write_text("".join(f"{key}: {value}\n" for key, value in settings.items()))
        (self.directory / "log4j.properties").write_text(_LOG4J)
        (self.directory / "cluster.json").write_text(json.dumps({"rest_port": rest_port}))
        boot = self.directory / "boot"
        boot.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m corpusmill.engines.remote_worker "$@"\n')
        boot.chmod(0o755)

    def _java(self, role: str) -> list[str]:
        return [
            *["java", f"-Xmx{_HEAP_MB[role]}m", *_JVM],
            f"-Dlog4j.configurationFile={self.directory}/log4j.properties",
            *["-cp", f"{flink_home()}/lib/*:{job_server_jar()}", _ENTRIES[role], "--configDir", str(self.directory)],
            *(["--executionMode", "cluster"] if role == "jobmanager" else []),
        ]


def _ports(rest_port: int) -> dict[str, object]:
    """Return the settings by which clusters on one machine do not meet: free ports, the loopback interface only."""
    return {
        "jobmanager.rpc.address": "localhost",
        "jobmanager.rpc.port": free_port(),
        "jobmanager.bind-host": "localhost",
        "rest.address": "localhost",
        "rest.bind-address": "localhost",
        "rest.port": rest_port,
        "blob.server.port": 0,
        "taskmanager.host": "localhost",
        "taskmanager.bind-host": "localhost",
        "heartbeat.interval": 1000,
        "heartbeat.timeout": 10000,
    }


def _memory() -> dict[str, object]:
    """Return the settings of a cluster that leaves most of the memory to the Python workers."""
    return {
        "jobmanager.memory.process.size": "768m",
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
        # Beam's classes are in the cluster's own class path: only then do Python workers outlive a stage, and only
        # then are the classes loaded once and not once a job.
        "classloader.resolve-order": "parent-first",
    }


def _restarts(attempts: int) -> dict[str, object]:
    return {
        "restart-strategy.type": "exponential-delay",
        "restart-strategy.exponential-delay.attempts-before-reset-backoff": attempts,
        "restart-strategy.exponential-delay.initial-backoff": "1 s",
        "restart-strategy.exponential-delay.backoff-multiplier": 2.0,
        "restart-strategy.exponential-delay.max-backoff": "16 s",
        "restart-strategy.exponential-delay.jitter-factor": 0.0,
    }


def default_cluster(taskmanagers: int = 2, slots: int = 4) -> FlinkCluster:
    """Return the one cluster of the command line, running or not; once started it outlives this process."""
    return FlinkCluster(taskmanagers, slots, cache_dir() / "clusters" / "default", outlive=True)


def job_server_options() -> list[str]:
    """Return the options by which Beam's FlinkRunner starts the job server from the fetched jar."""
    return [
        "--runner=FlinkRunner",
        f"--flink_version={FLINK_SERIES}",
        f"--flink_job_server_jar={job_server_jar()}",
        "--experiments=disable_logging_submission_environment",  # the list of installed packages, which nobody reads
        *[f"--job_server_jvm_property={one}" for one in ("-Xmx1g", *_JVM)],
    ]


def local_options(*, parallelism: int = 1) -> list[str]:
    """Return the options for embedded Flink: all of it in the job server, Python workers in the run's own process."""
    return [*job_server_options(), "--flink_master=[local]", f"--parallelism={parallelism}"]
