"""One run at a time in an output folder.

On this machine's filesystems the kernel holds the lock (flock): it ends with its process, however that ends. The file
tells who holds it. Where the kernel's lock does not reach (another machine on a shared disk that does not pass locks
on, a disk without locks) and on object stores, the file is the lock, and its age decides: its holder renews it, and a
holder of this machine is looked up by its process number and start time.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import fcntl
import json
import os
import socket
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from corpusmill.runs.nesting import refuse_inside_output
from corpusmill.runs.output_folder import OutputError, refuse_links
from corpusmill.transforms import storage
from corpusmill.transforms.layout import Output

_RENEWED_S = 20.0
_GONE_S = 90.0
"""A lock of another machine that is older has no owner any more: it was not renewed four times."""
_REMOTE_RENEWED_S = 60.0
_REMOTE_GONE_S = 300.0
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)


@dataclass(frozen=True)
class Holder:
    """Who works in an output folder.

    Attributes:
        host: Name of the machine.
        pid: Its process.
        started: When this process was started, as the operating system tells it: numbers of processes come again.
        since: Since when it holds the lock, UTC.
        token: Different for each time that the lock was taken.
    """

    host: str
    pid: int
    started: str
    since: str
    token: str

    def is_running(self) -> bool:
        """Return whether the process of a holder on this machine is still there."""
        return bool(self.started) and start_of_process(self.pid) == self.started


def start_of_process(pid: int) -> str:
    """Return when a process of this machine was started, in some form that stays the same; "" if there is none."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stream:
            return stream.read().rpartition(")")[2].split()[19]
    except OSError:
        if os.path.exists("/proc/self/stat"):
            return ""
    asked = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return asked.stdout.strip()


@contextlib.contextmanager
def hold(output: str) -> Iterator[None]:
    """Hold the lock of an output folder, which is made if it is not there.

    Raises:
        OutputError: Another run holds it, and is named; the folder lies among the files of one, or cannot be written.
    """
    refuse_links(output)
    refuse_inside_output(output)
    now = dt.datetime.now(dt.timezone.utc).isoformat(timespec="seconds")
    me = Holder(socket.gethostname(), os.getpid(), start_of_process(os.getpid()), now, uuid.uuid4().hex)
    held = _hold_local if storage.is_local(output) else _hold_remote
    with held(output, me):
        yield


@contextlib.contextmanager
def _hold_local(output: str, me: Holder) -> Iterator[None]:
    path = Output(output).lock
    try:
        made = not os.path.isdir(output)
        os.makedirs(output, exist_ok=True)
        descriptor = _take(output, path, me)
    except OSError as error:
        raise OutputError(f"cannot write to the output {output!r}: {error.strerror or error}") from error
    try:
        with _renewed(lambda: os.utime(descriptor), _RENEWED_S):
            yield
    finally:
        with contextlib.suppress(OSError):
            if os.path.samestat(os.fstat(descriptor), os.stat(path)):
                os.unlink(path)
        os.close(descriptor)
        if made:
            storage.remove_empty_folder(output)


def _take(output: str, path: str, me: Holder) -> int:
    """Open the lock file and hold it; return its descriptor."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        try:
            _refuse_if_held(output, descriptor, me)
            if _is_still(path, descriptor):
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, json.dumps(asdict(me)).encode(), 0)
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # its holder has just ended and removed it: a new one


def _is_still(path: str, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False


def _refuse_if_held(output: str, descriptor: int, me: Holder) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_free = True
    except BlockingIOError:
        is_free = False
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        is_free = True
    holder = _parsed(os.pread(descriptor, 1 << 16, 0))
    if not is_free:
        raise OutputError(_in_use(output, holder))
    if holder is None or (holder.host, holder.pid, holder.started) == (me.host, me.pid, me.started):
        return
    if holder.host == me.host:
        if holder.is_running():
            raise OutputError(_in_use(output, holder))
    elif time.time() - os.fstat(descriptor).st_mtime < _GONE_S:
        raise OutputError(_in_use(output, holder, _GONE_S))


def _parsed(content: bytes) -> Holder | None:
    try:
        return Holder(**json.loads(content))
    except (ValueError, TypeError):
        return None  # taken a moment ago, and not yet written


def _in_use(output: str, holder: Holder | None, gone_s: float = 0) -> str:
    who = f"process {holder.pid} on {holder.host}, since {holder.since}" if holder else "another run"
    wait = f" (if it is gone, the lock is free {gone_s:.0f} s after its last sign of life)" if gone_s else ""
    return f"the output {output!r} is in use by {who}; wait for its end or stop it{wait}, or name another output"


@contextlib.contextmanager
def _renewed(renew: Callable[[], None], seconds: float) -> Iterator[None]:
    """Call a function again and again in a thread while the block runs."""
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(seconds):
            with contextlib.suppress(OSError):
                renew()

    thread = threading.Thread(target=run, name="lock", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=seconds)


@contextlib.contextmanager
def _hold_remote(output: str, me: Holder) -> Iterator[None]:
    """Hold an object as a lock: the best that stores without conditional writes allow.

    Two runs that start within the same seconds may both get it; the check after the write finds most of these.
    """
    path = Output(output).lock
    try:
        holder = _remote_holder(path)
        if holder is not None and not (holder.host == me.host and not holder.is_running()):
            age = time.time() - storage.filesystems(path).get_filesystem(path).last_updated(path)
            if holder.host == me.host or age < _REMOTE_GONE_S:
                raise OutputError(_in_use(output, holder, 0 if holder.host == me.host else _REMOTE_GONE_S))
        _write_remote(path, me)
        written = _remote_holder(path)
    except OSError as error:
        raise OutputError(f"cannot write to the output {output!r}: {error}") from error
    if written is not None and written.token != me.token:
        raise OutputError(_in_use(output, written))
    try:
        with _renewed(lambda: _write_remote(path, me), _REMOTE_RENEWED_S):
            yield
    finally:
        with contextlib.suppress(OSError):
            storage.remove_file(path)


def _remote_holder(path: str) -> Holder | None:
    if not storage.exists(path):
        return None
    with storage.open_read(path) as stream:
        return _parsed(stream.read())


def _write_remote(path: str, me: Holder) -> None:
    storage.write_whole(path, json.dumps(asdict(me)).encode())
