"""Showing how far a run is. The staged files, indexes and shard receipts on disk are the truth that is polled."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Container
from dataclasses import dataclass
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from corpusmill.runs.run_folder import Job
from corpusmill.transforms import sealed, storage
from corpusmill.transforms.layout import COMPARED, INDEX, PACKS, State
from corpusmill.transforms.staging.stage import open_staged, staged_batches, staged_splits

_LOG = logging.getLogger("corpusmill")
_TERMINAL_SECONDS = 0.5
_LOG_SECONDS = 10.0
_REMOTE_SECONDS = 15.0


@dataclass(frozen=True)
class Figures:
    """What is on disk at one moment.

    Attributes:
        staged: Splits read and cleaned.
        staged_bytes: Bytes of input of these, and of the part of the others that is done, about.
        documents: Documents in them.
        indexed: Splits indexed for duplicates.
        packed: Splits whose texts are packed for the comparison.
        compared: Splits whose documents are compared with the packed texts.
        shards: Shards written.
        planned_shards: Shards of the run, once known.
    """

    staged: int = 0
    staged_bytes: int = 0
    documents: int = 0
    indexed: int = 0
    packed: int = 0
    compared: int = 0
    shards: int = 0
    planned_shards: int | None = None


class Monitor:
    """Polls the state folder of a run in a thread and shows what it finds: bars on a terminal, else log lines."""

    def __init__(self, job: Job, console: Console) -> None:
        self._job = job
        self._console = console
        self._sizes = {split.index: split.size for split in job.splits}
        self._total = sum(self._sizes.values())
        self._documents: dict[int, int] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="progress", daemon=True)
        self._start = time.monotonic()
        self._start_bytes = 0
        self._clean_s: float | None = None  # how long reading and cleaning took, once it is over

    def __enter__(self) -> Monitor:
        first = self.read()
        self._start_bytes = first.staged_bytes
        if first.staged:
            _LOG.info("resuming: %d of %d splits are read and cleaned already", first.staged, len(self._sizes))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def read(self) -> Figures:
        """Look at the state folder."""
        state = self._job.state
        done = staged_splits(state)
        for split, names in done.items():
            if split not in self._documents:
                with contextlib.suppress(sealed.DamagedFileError):  # the run finds it, and makes it again
                    self._documents[split] = sum(open_staged(state, name).rows for name in names)
        shards = storage.list_names(State(state).receipts)
        return Figures(
            staged=len(done),
            staged_bytes=sum(self._sizes.get(split, 0) for split in done) + self._begun_bytes(done),
            documents=sum(self._documents.values()),
            indexed=len(storage.list_names(State(state).folder(INDEX))),
            packed=len(storage.list_names(State(state).folder(PACKS))),
            compared=len(storage.list_names(State(state).folder(COMPARED))),
            shards=len(shards),
            planned_shards=int(shards[0].split("-of-")[1].split(".")[0]) if shards else None,
        )

    def _begun_bytes(self, done: Container[int]) -> int:
        batch = self._job.config.input.batch_bytes
        begun = {split: count for split, count in staged_batches(self._job.state).items() if split not in done}
        return sum(min(count * batch, self._sizes.get(split, 0) * 9 // 10) for split, count in begun.items())

    def _before_indexing(self, reading: Figures) -> str:
        """What is done while all is staged and nothing indexed."""
        settings = self._job.config.boilerplate
        learns = settings.enabled and settings.learned.enabled and settings.learned.table is None
        return ", learning the lines of sites" if learns and not reading.indexed else ""

    def _comparing(self, reading: Figures) -> str:
        """What is done while all is indexed and nothing written."""
        if not reading.packed:
            return "comparing candidates"
        return f"texts packed of {reading.packed} splits, compared in {reading.compared} of {len(self._sizes)}"

    def _speed(self, reading: Figures) -> float:
        """Bytes of input a second, of this attempt."""
        if reading.staged == len(self._sizes) and self._clean_s is None:
            self._clean_s = time.monotonic() - self._start
        seconds = self._clean_s or time.monotonic() - self._start
        return (reading.staged_bytes - self._start_bytes) / max(seconds, 0.1)

    def _run(self) -> None:
        if self._console.is_terminal:
            self._show_bars()
        else:
            self._poll(_LOG_SECONDS, self._log)

    def _poll(self, seconds: float, show: Callable[[Figures], None]) -> None:
        seconds = seconds if storage.is_local(self._job.state) else max(seconds, _REMOTE_SECONDS)
        while not self._stop.wait(seconds):
            try:
                show(self.read())
            except Exception as error:  # noqa: BLE001  (a look that fails must not end the run)
                _LOG.debug("progress could not be read: %s", error)

    def _log(self, reading: Figures) -> None:
        splits = len(self._sizes)
        if reading.shards:
            _LOG.info("write: %d of %d shards", reading.shards, reading.planned_shards)
        elif reading.indexed == splits:
            _LOG.info("find duplicates: %d documents indexed, %s", reading.documents, self._comparing(reading))
        elif reading.staged == splits:
            _LOG.info("index: %d of %d splits%s", reading.indexed, splits, self._before_indexing(reading))
        else:
            speed = self._speed(reading)
            left = f", about {(self._total - reading.staged_bytes) / speed:.0f} s left" if speed > 0 else ""
            _LOG.info(
                "read and clean: %d of %d splits, %d documents, %.1f of %.1f MB, %.1f MB/s%s",
                reading.staged,
                splits,
                reading.documents,
                reading.staged_bytes / 1e6,
                self._total / 1e6,
                speed / 1e6,
                left,
            )

    def _show_bars(self) -> None:
        columns = (
            TextColumn("{task.description:<16}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[count]:<44}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self._console, transient=True) as progress:
            splits = len(self._sizes)
            clean = progress.add_task("read and clean", total=max(self._total, 1), count="")
            index = progress.add_task("index", total=splits, count="", start=False)
            compares = self._job.config.dedup.enabled
            compare = progress.add_task("compare", total=2 * splits, count="", start=False, visible=compares)
            write = progress.add_task("write", total=None, count="", start=False)
            tasks = (clean, index, compare, write)
            self._poll(_TERMINAL_SECONDS, lambda reading: self._update(progress, reading, tasks))

    def _update(self, progress: Progress, reading: Figures, tasks: tuple[TaskID, TaskID, TaskID, TaskID]) -> None:
        splits = len(self._sizes)
        clean, index, compare, write = tasks
        speed = self._speed(reading) / 1e6
        progress.update(
            clean,
            completed=reading.staged_bytes,
            count=f"{reading.staged}/{splits} splits  {reading.documents:,} documents  {speed:.1f} MB/s",
        )
        if reading.staged == splits:
            progress.start_task(index)
            note = self._before_indexing(reading)
            progress.update(index, completed=reading.indexed, count=f"{reading.indexed}/{splits} splits{note}")
        if reading.staged == reading.indexed == splits:
            progress.start_task(compare)
            done = reading.packed + reading.compared
            count = f"{reading.packed}/{splits} packed, {reading.compared}/{splits} compared" if done else ""
            progress.update(compare, completed=2 * splits if reading.shards else done, count=count)
        if reading.shards:
            progress.start_task(write)
            progress.update(
                write,
                total=reading.planned_shards,
                completed=reading.shards,
                count=f"{reading.shards}/{reading.planned_shards} shards",
            )
