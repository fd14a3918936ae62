"""Ctrl-C: once ends the run in order, in every mode; twice, or if that takes too long, at once."""

from __future__ import annotations

import contextlib
import glob
import os
import signal
import sys
import threading
from types import FrameType, TracebackType

from rich.console import Console

from corpusmill.transforms.kernels.errors import EXIT_INTERRUPTED

STOPPED = "stopped; the same command goes on from here"
_PATIENCE_S = 10.0


class Interrupts:
    """Remembers that the block was interrupted: engines wrap the interruption in errors of their own, or swallow it.

    Attributes:
        seen: Whether it was.
    """

    def __init__(self, console: Console) -> None:
        self.seen = False
        self._console = console
        self._before: object = None
        self._timer: threading.Timer | None = None

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
            threading.excepthook = threading.__excepthook__
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)  # type: ignore[arg-type]

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        if self.seen:
            self.end()
        self.seen = True
        threading.excepthook = _say_nothing  # the engine's threads fail now, each with a traceback
        _end_workers()
        self._timer = threading.Timer(_PATIENCE_S, self.end)
        self._timer.daemon = True
        self._timer.start()
        raise KeyboardInterrupt

    def end(self) -> None:
        """End the program: the threads of the engine would report their broken connections at length."""
        self._console.print(STOPPED)
        sys.stderr.flush()
        os._exit(EXIT_INTERRUPTED)


def _say_nothing(_failure: threading.ExceptHookArgs) -> None:
    pass


def _end_workers() -> None:
    """End the worker processes of a local run: each would tell at length that its connection is gone."""
    for listing in glob.glob("/proc/self/task/*/children"):
        with contextlib.suppress(OSError), open(listing, encoding="ascii") as stream:
            for child in stream.read().split():
                with contextlib.suppress(OSError), open(f"/proc/{child}/cmdline", "rb") as command:
                    if any(word.endswith(b".local_worker") for word in command.read().split(b"\0")):
                        os.kill(int(child), signal.SIGKILL)
