"""What went wrong in a run, in one readable message, without the tracebacks that engines put around it."""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Iterator

from corpusmill.reports.figures import human_bytes
from corpusmill.transforms import storage
from corpusmill.transforms.kernels.errors import CorpusmillError


class RunFailedError(CorpusmillError):
    """A run failed while its engine worked; the message says why and how to go on."""


_FULL = {errno.ENOSPC: "the disk is full", errno.EDQUOT: "the disk quota is used up"}
_FULL_TEXT = re.compile(rf"\[Errno ({errno.ENOSPC}|{errno.EDQUOT})\][^:\n]*(?:: '([^'\n]+)')?")
"""How Python tells it, which is what comes through from worker processes."""


def describe_full_disk(error: BaseException, output: str) -> str:
    """Return one line that says which disk is full and what is free on it; "" if something else went wrong.

    Args:
        error: What the run has raised, with what led to it.
        output: The output folder, which is meant if the error names no path.
    """
    for cause in _chain(error):
        if isinstance(cause, OSError) and cause.errno in _FULL and cause.filename:
            return _full_line(cause.errno, cause.filename)
        # The last one that names a path: the text of an engine holds what led to an error before it.
        if found := sorted(_FULL_TEXT.finditer(str(cause)), key=lambda match: (bool(match[2]), match.start())):
            return _full_line(int(found[-1][1]), found[-1][2] or output)
        if isinstance(cause, OSError) and cause.errno in _FULL:
            return _full_line(cause.errno, output)
    return ""


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        found = found.__cause__ or found.__context__


def _full_line(number: int, path: object) -> str:
    name = os.fsdecode(path) if isinstance(path, (str, bytes)) else str(path)
    free = ""
    if storage.is_local(name):
        folder = os.path.abspath(name)
        while not os.path.isdir(folder):
            folder = os.path.dirname(folder)
        usage = shutil.disk_usage(folder)
        free = f", {human_bytes(usage.free)} of {human_bytes(usage.total)} are free there"
    return (
        f"{_FULL[number]}: {name!r} could not be written{free}. "
        "Make room and give the same command again to go on from here"
    )


def describe_failure(error: BaseException, *, verbose: bool) -> str:
    """Return what went wrong in a run, and how to go on."""
    cause = str(error).strip().split("\n")
    # Beam puts the traceback of the worker into the message; its last line is the error itself.
    first = next((line for line in reversed(cause) if line.strip()), type(error).__name__)
    if "Channel closed prematurely" in first:  # Beam's words
        first = "a worker process ended by itself: it was killed, or the machine had no memory left for it"
    hint = "" if verbose else "\n(--verbose shows the details)"
    return (
        f"the run failed: {first.strip()}{hint}\n"
        "What is done is kept: remove the cause and give the same command again to go on from here."
    )
