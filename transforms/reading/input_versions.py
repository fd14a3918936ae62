"""Whether an input file is still what it was when the run was planned."""

from __future__ import annotations

import datetime as dt
import os

from corpusmill.transforms import storage
from corpusmill.transforms.reading.splits import Part, printable_path
from corpusmill.transforms.reading.streams import StorageError

_NS = 1_000_000_000
_MUCH_BYTES = 1 << 23
"""Files of an object store below this size are looked at once, at their end: each look is a request."""


class InputGoneError(RuntimeError):
    """An input file that the plan has seen is not there any more; nothing is concluded from its absence."""


class InputChangedError(RuntimeError):
    """An input file is not what the plan has seen; nothing is concluded from what is in it now."""


def local_version(status: os.stat_result) -> str:
    """Return the version of a local file: its bytes, and the nanosecond when it was last written to."""
    return f"{status.st_size} {status.st_mtime_ns}"


def remote_version(size: int, updated: float) -> str:
    """Return the version of an object: its bytes, and the second when it was last written to.

    Beam's listings give no ETag and no generation. Fractions of seconds are left out: some stores tell them in one
    answer and not in another.
    """
    return f"{size} {int(updated) * _NS}"


def version_now(path: str) -> str:
    """Return the version of a file as it is.

    Raises:
        FileNotFoundError: It is not there.
        OSError: It cannot be looked at.
    """
    if storage.is_local(path):
        return local_version(os.stat(path))
    from apache_beam.io.filesystem import BeamIOError  # noqa: PLC0415  (a second, which local files need not pay)

    try:
        found = storage.filesystems(path).get_filesystem(path).metadata(path)
    except BeamIOError:
        if not storage.exists(path):
            raise FileNotFoundError(path) from None
        raise
    return remote_version(found.size_in_bytes, found.last_updated_in_seconds)


def check_before_reading(part: Part) -> None:
    """Look at a file before it is read, where a look costs little against reading it.

    Raises:
        InputGoneError: It is not there any more.
        InputChangedError: It was written to since the run was planned.
    """
    if storage.is_local(part.path) or (part.version and int(part.version.split()[0]) >= _MUCH_BYTES):
        check_unchanged(part)


def check_unchanged(part: Part) -> None:
    """Make sure that a file is what the plan has seen; one that the plan could not look at is not looked at.

    Raises:
        InputGoneError: It is not there any more.
        InputChangedError: It was written to since the run was planned.
        StorageError: A remote filesystem failed.
    """
    if not part.version:
        return
    try:
        now = version_now(part.path)
    except FileNotFoundError:
        raise gone(part) from None
    except OSError as error:
        if not storage.is_local(part.path):
            raise StorageError(f"{part.path} cannot be looked at: {error}") from error
        raise InputGoneError(
            f"the input {printable_path(part.path)!r} cannot be looked at any more: {error.strerror or error}; "
            "mend that and give the same command again"
        ) from error
    if now != part.version:
        raise InputChangedError(
            f"the input {printable_path(part.path)!r} {describe_change(part.version, now)} after the run was planned; "
            "put it back as it was and give the same command again, or, when nobody writes to it any more, give "
            "--overwrite to start over with what it holds now"
        )


def gone(part: Part) -> InputGoneError:
    """Return the error that ends the run when a file is not there any more."""
    return InputGoneError(
        f"the input {printable_path(part.path)!r} was there when the run was planned and is gone; "
        "put it back and give the same command again, or give --overwrite to run without it"
    )


def describe_change(before: str, now: str) -> str:
    """Say in words how two versions of a file differ, such as `was cut from 1,000 to 10 bytes`."""
    (size, time), (size_now, time_now) = (map(int, version.split()) for version in (before, now))
    if size_now != size:
        how = "was emptied, from" if size_now == 0 else "was cut from" if size_now < size else "has grown from"
        return f"{how} {size:,} bytes" if size_now == 0 else f"{how} {size:,} to {size_now:,} bytes"
    times = (dt.datetime.fromtimestamp(ns // _NS, dt.timezone.utc).isoformat() for ns in (time, time_now))
    return "was written to ({}, then {}, the size is the same)".format(*times)
