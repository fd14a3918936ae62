"""Start, watch and end the processes of an engine on this machine.

Each process has a log file and an entry in `processes.json`: its pid with its start time, so that a pid that the system
has given to another process is never killed. Ending means the whole process group: first SIGTERM, then SIGKILL.
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

from corpusmill.engines.cache import EngineError, EngineMissingError

_LOG_SHOWN = 3000
"""Characters from the end of a log that an error shows."""


def free_port() -> int:
    """Return a TCP port of the loopback interface on which nobody listens."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_time_of(pid: int) -> int | None:
    """Return the start time of a live process in clock ticks since boot; None: there is none, or only a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])


def wait_until(ready: Callable[[], bool], what: str, *, timeout_s: float, log: Path | None = None) -> None:
    """Poll until `ready()` is true.

    Raises:
        EngineError: It was not in time; the text has the end of `log`.
    """
    end = time.monotonic() + timeout_s
    while not ready():
        if time.monotonic() > end:
            tail = (
                f"\nThe end of {log}:\n{log.read_text(errors='replace')[-_LOG_SHOWN:]}" if log and log.exists() else ""
            )
            raise EngineError(f"no {what} within {timeout_s:g} s.{tail}")
        time.sleep(0.1)


@dataclass
class Processes:
    """The processes of one engine, by name, recorded in `directory`.

    Attributes:
        directory: Holds `processes.json` and a log for each process.
        outlive: False: they die with this process, however it ends (where the system has `setpriv`); True: they stay.

    Raises:
        EngineMissingError: The system has no `/proc`, so that a process cannot be told from a later one of its pid.
    """

    directory: Path
    outlive: bool = False
    _known: dict[str, tuple[int, int]] = field(default_factory=dict)
    _own: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if start_time_of(os.getpid()) is None:
            raise EngineMissingError("this system has no /proc: engines are started on Linux only")
        self.directory.mkdir(parents=True, exist_ok=True)
        if self._record.exists():
            known = json.loads(self._record.read_text())
            self._known = {name: (int(pid), int(start)) for name, (pid, start) in known.items()}

    @property
    def _record(self) -> Path:
        return self.directory / "processes.json"

    def log_of(self, name: str) -> Path:
        """Return the path of a process's log."""
        return self.directory / f"{name}.log"

    def start(self, name: str, command: list[str]) -> int:
        """Start a process in a group of its own and return its pid; one that runs under this name is left as it is.

        It runs in `directory`, so that nothing of the caller's folder is imported.
        """
        pid = self.pid_of(name)
        if pid is not None:
            return pid
        with self.log_of(name).open("ab") as log:
            process = subprocess.Popen(  # noqa: S603  (programs that the callers name)
                [*self._leash(), *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.directory,
                start_new_session=True,
            )
        self._own[name] = process
        self._known[name] = (process.pid, start_time_of(process.pid) or 0)
        self._save()
        return process.pid

    def _leash(self) -> list[str]:
        """Return the words before a command that make it die with this process."""
        setpriv = None if self.outlive else shutil.which("setpriv")
        return [setpriv, "--pdeathsig", "KILL"] if setpriv else []

    def pid_of(self, name: str) -> int | None:
        """Return the pid of a process that runs, else None."""
        pid, start = self._known.get(name, (0, 0))
        return pid if pid and start_time_of(pid) == start else None

    def names(self) -> list[str]:
        """Return the names of all processes that were started, running or not."""
        return sorted(self._known)

    def running(self) -> list[str]:
        """Return the names of the processes that run."""
        return [name for name in self.names() if self.pid_of(name) is not None]

    def kill(self, name: str) -> None:
        """End a process and its group at once (SIGKILL), as a failing machine does."""
        self._signal(name, signal.SIGKILL)
        self._reap(name, 5)

    def stop(self, *, patience_s: float = 5) -> None:
        """End all processes: SIGTERM, then after `patience_s` SIGKILL."""
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
