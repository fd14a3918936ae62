"""Where downloaded engines are kept, and how a download becomes whole or absent.

Everything an engine needs lies under one directory, `CORPUSMILL_ENGINE_CACHE` or `~/.cache/corpusmill/engines`:
deleting it gives all of it back. A thing is made in a temporary neighbour and renamed, so an interrupted download is
never taken for a whole one.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path


class EngineError(RuntimeError):
    """An engine could not be fetched, started or stopped; the text names the remedy."""


class EngineMissingError(EngineError):
    """This machine lacks a tool or a download that the engine needs: a test skips, a user reads why."""


class PackageMissingError(EngineMissingError):
    """An optional Python package is not installed; the text says what installs it."""


def cache_dir() -> Path:
    """Gives the directory that holds every downloaded or built engine."""
    named = os.environ.get("CORPUSMILL_ENGINE_CACHE")
    return Path(named).expanduser() if named else Path.home() / ".cache" / "corpusmill" / "engines"


def sha256_of(path: Path) -> str:
    """Hashes a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() if hasattr(hashlib, "file_digest") else _sha256(stream)


def _sha256(stream: object) -> str:
    digest = hashlib.sha256()
    for block in iter(lambda: stream.read(1 << 20), b""):  # type: ignore[attr-defined]
        digest.update(block)
    return digest.hexdigest()


def need_tool(name: str, remedy: str) -> str:
    """Finds a program on the path.

    Raises:
        EngineMissingError: it is not there; `remedy` says what installs it.
    """
    found = shutil.which(name)
    if found is None:
        raise EngineMissingError(f"{name} is not on the PATH: {remedy}")
    return found


def run_tool(command: list[str], what: str, *, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    """Runs a tool to its end and gives its output.

    Raises:
        EngineMissingError: it failed, most often for want of the network; the text holds the end of its output.
    """
    done = subprocess.run(
        command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode != 0:
        raise EngineMissingError(f"{what} failed ({command[0]} ended with {done.returncode}):\n{done.stdout[-2000:]}")
    return done.stdout


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Holds a file lock, so that two test runs do not fetch the same thing."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def made_once(name: str, make: Callable[[Path], None]) -> Path:
    """Gives `cache_dir()/name`, made by `make(directory)` the first time.

    Args:
        name: names the thing and its version; a changed version is another name.
        make: fills an empty directory; when it raises, nothing is kept.
    """
    target = cache_dir() / name
    if target.is_dir():
        return target
    with _alone(cache_dir() / f".{name}.lock"):
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
