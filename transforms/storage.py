"""Files on any Beam filesystem: read, list, and write so that a file is either absent or whole.

Local paths take the short way through the operating system; every other path (`gs://`, `s3://`, `hdfs://` ...) goes
through Beam's `FileSystems`.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import importlib.util
import json
import os
import re
import shutil
import stat
import sys
import uuid
from collections.abc import Collection, Iterator
from typing import IO, TYPE_CHECKING, Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from corpusmill.transforms.kernels.errors import UsageError
from corpusmill.transforms.s3_clients import share_clients

if TYPE_CHECKING:
    from apache_beam.io.filesystems import FileSystems

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_PLAIN = "uncompressed"
"""Beam's `CompressionTypes.UNCOMPRESSED`: the bytes as they are, whatever the name ends in."""
_OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS)
"""Errors of writing that name no file; the file that was to be written is added."""
TEMPORARY = "tmp"
"""Folder under the state folder that holds files being written; whatever is in it is not part of any result."""


def is_local(path: str) -> bool:
    """Return whether `path` names a file of this machine's own filesystem."""
    return _SCHEME.match(path) is None


def filesystems(path: str) -> type[FileSystems]:
    """Return Beam's filesystems, ready for a path or URL."""
    # Importing Beam takes most of a second, which a command on local files need not pay.
    from apache_beam.io.filesystems import FileSystems  # noqa: PLC0415

    scheme = path.split("://", 1)[0]
    if scheme in _MODULES and _MODULES[scheme] not in sys.modules:  # a run on this machine imports Beam without them
        with contextlib.suppress(ImportError):  # `require_filesystem` says what is not installed
            importlib.import_module(_MODULES[scheme])
    if scheme == "s3":
        share_clients()
    filesystems: type[FileSystems] = FileSystems
    return filesystems


_MODULES = {
    "gs": "apache_beam.io.gcp.gcsfilesystem",
    "s3": "apache_beam.io.aws.s3filesystem",
    "azfs": "apache_beam.io.azure.blobstoragefilesystem",
    "hdfs": "apache_beam.io.hadoopfilesystem",
}
"""Scheme -> the module of Beam whose import makes the filesystem known."""


class FilesystemError(UsageError, OSError):
    """No filesystem serves a path; the message says what to install or which there are."""


_PACKAGES = {"gs": ("google.cloud.storage", "gcp"), "s3": ("boto3", "aws"), "azfs": ("azure.storage.blob", "azure")}
"""Scheme -> the module that Beam's filesystem needs, and the extra that brings it."""


def require_filesystem(path: str) -> None:
    """Make sure that there is a filesystem for a path.

    Raises:
        FilesystemError: There is none, or a package that it needs is not installed.
    """
    if is_local(path):
        return
    scheme = path.split("://", 1)[0]
    module, extra = _PACKAGES.get(scheme, ("", ""))
    if module and not _is_installed(module):
        raise FilesystemError(f"{path!r} needs packages that are not installed: pip install 'corpusmill[{extra}]'")
    try:
        filesystems(path).get_filesystem(path)
    except ValueError:
        known = "local paths, gs://, s3://, azfs:// and hdfs://"
        raise FilesystemError(f"{path!r}: there is no filesystem for {scheme}://; there are {known}") from None


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # not even the package that it is in
        return False


def join(base: str, *parts: str) -> str:
    """Join path components with the separator of the path's filesystem."""
    return os.path.join(base, *parts) if is_local(base) else filesystems(base).join(base, *parts)


def exists(path: str) -> bool:
    """Return whether there is a file at `path`."""
    return os.path.exists(path) if is_local(path) else bool(filesystems(path).exists(path))


def make_folder(path: str) -> None:
    """Create a folder and its parents; nothing happens if it is there, or on filesystems without folders."""
    if is_local(path):  # object stores have no folders; HDFS makes parents when a file is created
        os.makedirs(path, exist_ok=True)


@contextlib.contextmanager
def open_read(path: str) -> Iterator[IO[bytes]]:
    """Open a file for reading, as a seekable binary stream."""
    if is_local(path):
        with open(path, "rb") as stream:
            yield stream
    else:
        with contextlib.closing(open_plain(path)) as stream:
            yield stream


def open_plain(path: str) -> IO[bytes]:
    """Open a file that is not local for reading, as it is stored."""
    return cast("IO[bytes]", filesystems(path).open(path, compression_type=_PLAIN))


SMALL_BYTES = 1 << 28
"""What a file of settings, rules or learned lines holds at most."""
_KERNEL_FOLDERS = ("/proc/", "/sys/", "/dev/")


def is_endless(path: str) -> bool:
    """Return whether a local path leads to a pipe, a device, or what the kernel makes up: reading it may never end.

    Raises:
        OSError: It cannot be looked at.
    """
    real = os.path.realpath(path)
    return real.startswith(_KERNEL_FOLDERS) or not stat.S_ISREG(os.stat(real).st_mode)


def read_small(path: str) -> bytes:
    """Read a file that a person has written, whole.

    Raises:
        OSError: It cannot be read, is not a regular file, or is longer than `SMALL_BYTES`.
    """
    if is_local(path) and is_endless(path):
        raise OSError(errno.EINVAL, "it is a folder, pipe or device, not a file; copy what it holds into a file", path)
    with open_read(path) as stream:
        content = stream.read(SMALL_BYTES + 1)
    if len(content) > SMALL_BYTES:
        raise OSError(errno.EFBIG, f"it has more than {SMALL_BYTES:,} bytes; is it the right file?", path)
    return content


@contextlib.contextmanager
def open_atomic(path: str, state: str, *, durable: bool = True) -> Iterator[IO[bytes]]:
    """Open a file for writing that appears at `path`, whole, when the block ends without an error.

    The bytes go to a name of their own under `state`/tmp and are renamed, so that a crash, a retry or a second attempt
    of the same work never shows a part of a file. Attempts that write the same bytes may finish in any order.

    Args:
        path: Path of the file.
        state: The run's state folder, on the same filesystem.
        durable: Wait until the disk has the bytes, so that a power failure cannot leave a part of the file either.
            Files that tell when they are damaged, and are made again, need not wait.
    """
    temporary = join(state, TEMPORARY, f"{_base_name(path)}.{uuid.uuid4().hex}")  # random, but never in a result
    if is_local(path):
        os.makedirs(os.path.dirname(temporary), exist_ok=True)
        os.makedirs(os.path.dirname(path) or os.curdir, exist_ok=True)
        try:
            with open(temporary, "wb") as stream:
                yield stream
                if durable:
                    stream.flush()
                    os.fsync(stream.fileno())
            os.replace(temporary, path)
        except BaseException as error:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            if isinstance(error, OSError) and error.errno in _OF_THE_DISK and error.filename in (None, temporary):
                raise OSError(error.errno, error.strerror or os.strerror(error.errno), path) from error
            raise
        return
    try:
        with contextlib.closing(filesystems(temporary).create(temporary, compression_type=_PLAIN)) as stream:
            yield cast("IO[bytes]", stream)
        _rename_remote(temporary, path)
    except BaseException:
        with contextlib.suppress(Exception):
            filesystems(temporary).delete([temporary])
        raise


def write_whole(path: str, content: bytes) -> None:
    """Write a small object that is not local, in place of what is there; object stores show it whole or not at all."""
    with contextlib.closing(filesystems(path).create(path, compression_type=_PLAIN)) as stream:
        stream.write(content)


def _rename_remote(temporary: str, path: str) -> None:
    try:
        filesystems(path).rename([temporary], [path])
    except OSError:  # Beam's error is one of these
        if not filesystems(path).exists(path):
            raise
        # A repeated attempt, which wrote the same bytes, on a filesystem that does not rename onto a file.
        filesystems(path).delete([path])
        filesystems(path).rename([temporary], [path])


def _base_name(path: str) -> str:
    return re.split(r"[/\\]", path)[-1]


def write_json(path: str, value: object, state: str) -> None:
    """Write a JSON file, atomically; keys sorted, so that equal values give equal bytes."""
    with open_atomic(path, state) as stream:
        stream.write(
            json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode("utf-8", "backslashreplace")
        )
        stream.write(b"\n")


def read_json(path: str) -> Any:
    """Read a JSON file.

    Raises:
        FileNotFoundError: The file is not there.
    """
    if not exists(path):
        raise FileNotFoundError(path)
    with open_read(path) as stream:
        return json.loads(stream.read())


def list_names(folder: str) -> list[str]:
    """Names of the files directly in `folder`, sorted; empty if there is no such folder."""
    if is_local(folder):
        try:
            with os.scandir(folder) as entries:
                return sorted(entry.name for entry in entries if entry.is_file())
        except FileNotFoundError:
            return []
    matches = filesystems(folder).match([join(folder, "*")])[0].metadata_list
    return sorted(_base_name(found.path) for found in matches)


def list_names_below(folder: str) -> list[str]:
    """Names of the files in folders of `folder`, with these, sorted; not for filesystems of this machine."""
    matches = filesystems(folder).match([join(folder, "*", "*")])[0].metadata_list
    return sorted("/".join(re.split(r"[/\\]", found.path)[-2:]) for found in matches)


def sizes_below(folder: str) -> dict[str, int]:
    """Return name -> bytes of all files below a folder, with the folders that they are in; empty without it."""
    if not is_local(folder):
        found = filesystems(folder).match([join(folder, "**")])[0].metadata_list
        return {re.sub(r"\\", "/", entry.path[len(folder) :]).strip("/"): entry.size_in_bytes for entry in found}
    sizes = {}
    for above, _, names in os.walk(folder):
        for path in (os.path.join(above, name) for name in names):
            with contextlib.suppress(OSError):  # a link to nothing
                sizes[os.path.relpath(path, folder).replace(os.sep, "/")] = os.stat(path).st_size
    return sizes


def list_all(folder: str) -> list[str]:
    """Names of everything directly in `folder`, sorted: files, folders, links; empty without such a folder.

    Raises:
        NotADirectoryError: It is a file.
    """
    if not is_local(folder):
        return list_names(folder)
    try:
        return sorted(os.listdir(folder))
    except FileNotFoundError:
        return []


def remove_tree(path: str, but: Collection[str] = ()) -> None:
    """Delete a folder with all that is in it; nothing happens if it is not there.

    Args:
        path: The folder. Links in it are deleted, not followed.
        but: Names of files directly in it that stay; only for folders that are not local.
    """
    if is_local(path):
        shutil.rmtree(path, ignore_errors=True)
        return
    stay = {join(path, name) for name in but}
    entries = filesystems(path).match([join(path, "**")])[0].metadata_list
    found = [entry.path for entry in entries if entry.path not in stay]
    if found:
        filesystems(path).delete(found)


def remove_empty_folder(path: str) -> None:
    """Delete a folder if nothing is in it; nothing happens otherwise, or on filesystems without folders."""
    if is_local(path):
        with contextlib.suppress(OSError):
            os.rmdir(path)


def remove_file(path: str) -> None:
    """Delete a file; nothing happens if it is not there."""
    if is_local(path):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
    elif filesystems(path).exists(path):
        filesystems(path).delete([path])


@contextlib.contextmanager
def open_parquet(path: str) -> Iterator[pq.ParquetFile]:
    """Open a Parquet file on any filesystem."""
    if is_local(path):
        with pa.OSFile(path) as stream, pq.ParquetFile(stream) as parquet:
            yield parquet
        return
    with open_read(path) as stream, pq.ParquetFile(stream) as parquet:
        yield parquet


def read_parquet(path: str, columns: list[str] | None = None) -> pa.Table:
    """Read columns of one Parquet file, in file order."""
    with open_parquet(path) as parquet:
        return parquet.read(columns=columns, use_threads=False)
