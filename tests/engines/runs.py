"""Runs of the command line that are compared with one another: the corpus, the command, what a run left behind."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import NoReturn

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusmill.engines.cache import EngineMissingError
from corpusmill.engines.processes import start_time_of

TOP = Path(__file__).resolve().parents[2]
CONFIG = """
input: {split_bytes: 32768, batch_bytes: 16384}
output: {shard_size: 50000}
"""
DOCUMENTS = 450
PROGRAM = (sys.executable, "-m", "corpusmill")
TIMEOUT_S = 600


@dataclasses.dataclass(frozen=True)
class Corpus:
    """Input files, and a configuration that cuts them into many splits and shards.

    Attributes:
        inputs: Files, in order.
        config: The configuration file.
    """

    inputs: tuple[Path, ...]
    config: Path

    def command(self, output: object, options: Sequence[str] = (), program: Sequence[str] = PROGRAM) -> list[str]:
        """The command line of a run."""
        command = [*program, "run", str(self.config), "--output", str(output)]
        for path in self.inputs:
            command += ["--input", str(path)]
        return [*command, *options]


@dataclasses.dataclass(frozen=True)
class Result:
    """What a run left behind.

    Attributes:
        corpus: Name -> SHA-256 of each file of `corpus/`.
        audit: All rows of `audit/`, in order of the files.
        rejected: All rows of `rejected/`.
        files: Names of all files but the working files: an abandoned attempt may add none.
    """

    corpus: dict[str, str]
    audit: list[dict[str, object]]
    rejected: list[dict[str, object]]
    files: tuple[str, ...]


def result_of(output: Path) -> Result:
    """Read back what a run wrote."""

    def rows(folder: str) -> list[dict[str, object]]:
        parts = sorted((output / folder).glob("part-*.parquet"))
        return list(pa.concat_tables([pq.read_table(part) for part in parts]).to_pylist()) if parts else []

    files = [str(path.relative_to(output)) for path in sorted(output.rglob("*")) if path.is_file()]
    corpus = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted((output / "corpus").iterdir())}
    return Result(
        corpus, rows("audit"), rows("rejected"), tuple(name for name in files if not name.startswith("_state"))
    )


def run_corpusmill(
    command: Sequence[str], *, timeout_s: float = TIMEOUT_S, folder: Path = TOP
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, whatever that is."""
    return subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout_s,
        check=False,
        cwd=folder,
    )


def run_well(command: Sequence[str], *, folder: Path = TOP) -> str:
    """Run a command that has to succeed, and give what it printed."""
    done = run_corpusmill(command, folder=folder)
    assert done.returncode == 0, done.stdout[-4000:]
    return done.stdout


def make_documents(count: int) -> Iterator[dict[str, object]]:
    """Make documents of invented words: many alike, some damaged, some with the furniture of web pages."""
    chance = random.Random(20)
    syllables = ["ka", "lo", "mi", "ne", "pu", "ra", "so", "ti", "va", "we", "zor", "bel", "dam", "fin", "gur"]
    words = [first + second for first in syllables for second in syllables]
    texts: list[str] = []
    for number in range(count):
        if number % 6 == 5:
            near = chance.choice(texts).split(" ")
            near[chance.randrange(len(near))] = f"word{number}"
            text = " ".join(near)
        elif number % 17 == 16:
            text = chance.choice(texts)
        else:
            text = " ".join(chance.choice(words) for _ in range(chance.randint(30, 400)))
            if number % 5 == 0:
                text += " caf\u00c3\u00a9 and \u00f0\u0178\u2019\u00a5"
            if number % 9 == 0:
                text += "\nShare on Facebook\nTweet this\n"
        texts.append(text)
        yield {"id": f"doc-{number}", "text": text, "title": f"Number {number}", "language": "xx"}


def check_same(output: Path, plain: Result) -> None:
    """Compares what a run left behind with what it has to leave."""
    found = result_of(output)
    assert found.corpus == plain.corpus
    assert found.audit == plain.audit
    assert found.rejected == plain.rejected
    assert found.files == plain.files


class StartedRun:
    """A run that goes on while a test does something to it; ended, with all its processes, when the block ends."""

    def __init__(self, command: Sequence[str], output: Path, *, log: Path | None = None) -> None:
        self.output = output
        self._log = log or output.with_name(f"{output.name}-{time.monotonic_ns()}.log")
        with self._log.open("wb") as stream:
            self.process = subprocess.Popen(
                command, stdout=stream, stderr=subprocess.STDOUT, cwd=TOP, start_new_session=True
            )

    def __enter__(self) -> StartedRun:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    @property
    def log(self) -> str:
        """All that the run has printed."""
        return self._log.read_text(errors="replace")

    def wait_for_files(self, pattern: str, count: int = 1, *, timeout_s: float = TIMEOUT_S) -> None:
        """Waits until that many files match a pattern under the output folder while the run goes on."""
        end = time.monotonic() + timeout_s
        while len(list(self.output.glob(pattern))) < count:
            assert self.process.poll() is None, f"the run ended too early:\n{self.log[-3000:]}"
            assert time.monotonic() < end, f"no {pattern} within {timeout_s:g} s:\n{self.log[-3000:]}"
            time.sleep(0.01)

    def kill_driver(self) -> None:
        """Kills the process that was started, and only that: what it has started goes on."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self, *, timeout_s: float = TIMEOUT_S) -> int:
        """Waits for the end of the run and gives its exit code."""
        return self.process.wait(timeout_s)


def children_of(pid: int) -> list[int]:
    """Return the pids of the live direct children of a process, in order."""
    found = set()
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found |= {int(child) for child in tasks.read_text().split()}
    return [child for child in sorted(found) if start_time_of(child) is not None]


def lacking(reason: object) -> NoReturn:
    """Skips the test because this machine lacks something; fails it where engines are required.

    `CORPUSMILL_ENGINES=require` (as in CI) means that every engine has to be there, and every package of the extra
    `engines`.
    """
    if os.environ.get("CORPUSMILL_ENGINES") == "require" and isinstance(reason, EngineMissingError):
        pytest.fail(f"CORPUSMILL_ENGINES=require, but: {reason}")
    pytest.skip(str(reason))
