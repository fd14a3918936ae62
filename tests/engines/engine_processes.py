"""Starting, watching and ending the processes of an engine.

Every process gets a log file and an entry in a state file (`processes.json`: pid and start time, so that a recycled pid
is never killed). Ending means the whole process group: first SIGTERM, then SIGKILL.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from engine_cache import EngineError


def free_port() -> int:
    """Finds a TCP port on the loopback interface that nobody listens on."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_time_of(pid: int) -> int | None:
    """Gives the start time of a live process in clock ticks since boot; None when there is none (or only a zombie)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])


def children_of(pid: int) -> list[int]:
    """Lists the live direct children of a process."""
    found = []
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(child) for child in tasks.read_text().split()]
    return [child for child in sorted(set(found)) if start_time_of(child) is not None]


def wait_until(ready: Callable[[], bool], what: str, *, timeout_s: float, log: Path | None = None) -> None:
    """Polls until `ready()` holds.

    Raises:
        EngineError: it did not in time; the text has the end of the log.
    """
    end = time.monotonic() + timeout_s
    while not ready():
        if time.monotonic() > end:
            tail = f"\nThe end of {log}:\n{log.read_text(errors='replace')[-3000:]}" if log and log.exists() else ""
            raise EngineError(f"{what} did not happen within {timeout_s:g} s.{tail}")
        time.sleep(0.1)


@dataclass
class Processes:
    """The processes of one running engine, known by name, recorded in `directory`.

    Attributes:
        directory: holds `processes.json` and one log a process.
        outlive: False: they die with this process, however it ends; True (the command line's `start`): they stay.
    """

    directory: Path
    outlive: bool = False
    _known: dict[str, tuple[int, int]] = field(default_factory=dict)
    _own: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        if self._record.exists():
            self._known = {
                name: (int(pid), int(start)) for name, (pid, start) in json.loads(self._record.read_text()).items()
            }

    @property
    def _record(self) -> Path:
        return self.directory / "processes.json"

    def log_of(self, name: str) -> Path:
        """Gives the path of a process's log."""
        return self.directory / f"{name}.log"

    def start(self, name: str, command: list[str], *, cwd: Path | None = None) -> int:
        """Starts a process in a group of its own; one that already runs under this name is left as it is."""
        pid = self.pid_of(name)
        if pid is not None:
            return pid
        with self.log_of(name).open("ab") as log:
            process = subprocess.Popen(
                [*self._leash(), *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                start_new_session=True,
            )
        self._own[name] = process
        self._known[name] = (process.pid, start_time_of(process.pid) or 0)
        self._save()
        return process.pid

    def _leash(self) -> list[str]:
        """Gives the words before a command that make it die with this process, where the system has them."""
        setpriv = shutil.which("setpriv")
        return [] if self.outlive or setpriv is None else [setpriv, "--pdeathsig", "KILL"]

    def pid_of(self, name: str) -> int | None:
        """Gives the pid of a process that runs, else None."""
        pid, start = self._known.get(name, (0, 0))
        return pid if pid and start_time_of(pid) == start else None

    def names(self) -> list[str]:
        """Lists the names of all processes that were started, running or not."""
        return sorted(self._known)

    def kill(self, name: str) -> None:
        """Ends a process and its group at once (SIGKILL), as a machine that fails does."""
        self._signal(name, signal.SIGKILL)
        self._reap(name, 5)

    def stop(self, *, patience_s: float = 5) -> None:
        """Ends all processes: SIGTERM, then after `patience_s` SIGKILL. Nothing happens where nothing runs."""
        for name in self.names():
            self._signal(name, signal.SIGTERM)
        end = time.monotonic() + patience_s
        for name in self.names():
            self._reap(name, max(0.0, end - time.monotonic()))
            self._signal(name, signal.SIGKILL)
            self._reap(name, 5)
        self._known.clear()
        self._save()

    def _signal(self, name: str, number: signal.Signals) -> None:
        pid = self.pid_of(name)
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, number)

    def _reap(self, name: str, patience_s: float) -> None:
        process = self._own.get(name)
        if process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(patience_s)
            return
        end = time.monotonic() + patience_s
        while self.pid_of(name) is not None and time.monotonic() < end:
            time.sleep(0.05)

    def _save(self) -> None:
        self._record.write_text(json.dumps(self._known))
