"""Where fetched engines are kept, and how a download is either whole or absent.

All of it is in one directory, `CORPUSMILL_ENGINE_CACHE` or `~/.cache/corpusmill/engines`; delete it to free the space.
Each part is made under a temporary name and renamed, so an interrupted download is never taken for a whole one.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from corpusmill.transforms.kernels.errors import CorpusmillError, UsageError

_OUTPUT_SHOWN = 2000
"""Characters from the end of a failed tool's output that its error shows."""


class EngineError(CorpusmillError):
    """An engine could not be started or stopped; the text names the remedy."""


class EngineMissingError(EngineError, UsageError):
    """This machine lacks a program or a download that the engine needs; the text says how to get it."""


class PackageMissingError(EngineMissingError):
    """An optional Python package is not installed; the text says what installs it."""


def cache_dir() -> Path:
    """Return the directory of all fetched and built engines; it need not exist yet."""
    named = os.environ.get("CORPUSMILL_ENGINE_CACHE")
    return Path(named).expanduser() if named else Path.home() / ".cache" / "corpusmill" / "engines"


def need_tool(name: str, remedy: str) -> str:
    """Find a program on the PATH.

    Raises:
        EngineMissingError: It is not there; the text ends with `remedy`.
    """
    found = shutil.which(name)
    if found is None:
        raise EngineMissingError(f"the program {name!r} is not on the PATH: {remedy}")
    return found


def run_tool(command: list[str], what: str, *, env: dict[str, str] | None = None) -> str:
    """Run a program to its end and return what it printed.

    Args:
        command: The program and its arguments.
        what: What it does, for the error.
        env: Its environment; None: this process's.

    Raises:
        EngineMissingError: It failed, most often because the network cannot be reached.
    """
    done = subprocess.run(  # noqa: S603  (programs that the callers name)
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False
    )
    if done.returncode != 0:
        raise EngineMissingError(
            f"{what} failed: {command[0]} ended with {done.returncode}. Can this machine reach the network? "
            f"The end of its output:\n{done.stdout[-_OUTPUT_SHOWN:].rstrip()}"
        )
    return done.stdout


def made_once(name: str, make: Callable[[Path], None]) -> Path:
    """Return `cache_dir()/name`, which `make(directory)` fills the first time.

    Args:
        name: Names the thing and its version; another version has another name.
        make: Fills an empty directory. When it raises, nothing is kept.
    """
    target = cache_dir() / name
    if target.is_dir():
        return target
    with _locked(cache_dir() / f".{name}.lock"):
        if target.is_dir():
            return target
        unfinished = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=cache_dir()))
        try:
            make(unfinished)
            unfinished.chmod(0o755)
            unfinished.rename(target)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
    return target


@contextlib.contextmanager
def _locked(lock: Path) -> Iterator[None]:
    """Hold a file lock, so that two processes do not fetch the same thing."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
