"""Streams of bytes: opening, decompressing, cutting into blocks of whole lines. Memory does not depend on file size."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import pyarrow as pa
from apache_beam.io.filesystem import CompressionTypes
from apache_beam.io.filesystems import FileSystems

from corpusmill.transforms import storage
from corpusmill.transforms.kernels.reading.settings import GIB

PIECE_BYTES = 1 << 20
_SMALL_READ = 1 << 15
_CAREFUL_BYTES = 1 << 17  # Arrow reads 64 KiB of compressed data ahead


MISSING_FILE = "read.missing-file"
"""Rule id of a file that is not there."""

EXPANSION_LIMIT = "read.expansion-limit"
"""Rule id of a file that grows too much when it is read."""


class ReadError(Exception):
    """A file that cannot be read on.

    Attributes:
        reason: Stable rule id.
        error: What is wrong and what helps.
    """

    def __init__(self, reason: str, error: str) -> None:
        super().__init__(error)
        self.reason = reason
        self.error = error


class Readable(Protocol):
    """Anything with a `read` that returns at most so many bytes, and none at the end."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes."""
        ...


class Stream(Readable, Protocol):
    """An open file."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move to a position."""
        ...

    def close(self) -> None:
        """Free what it holds."""
        ...


class StorageError(RuntimeError):
    """A remote filesystem failed. It is no fault of the file: the engine should try again, or the run should fail."""


def is_local(path: str) -> bool:
    """Tell whether a path is no URL."""
    return FileSystems.get_scheme(path) is None


def open_input(path: str) -> Stream:
    """Open a local path or URL for reading, as stored.

    Raises:
        ReadError: It is not there, is no file, or may not be read.
        StorageError: A remote filesystem failed otherwise.
    """
    local = is_local(path)
    try:
        # Opening a pipe would wait for a writer, for ever.
        if local and storage.is_endless(path):
            raise ReadError(
                "read.not-a-file", "this is a folder, pipe or device, not a file; copy its data into a file"
            )
        stream: Stream = storage.filesystems(path).open(path, compression_type=CompressionTypes.UNCOMPRESSED)
    except FileNotFoundError as error:
        raise ReadError(MISSING_FILE, "there is no such file, or the link to it leads nowhere") from error
    except PermissionError as error:
        raise ReadError("read.no-permission", "this user may not read the file; change its permissions") from error
    except (OSError, ValueError) as error:
        if not local:
            raise StorageError(f"{path} cannot be opened: {error}") from error
        raise ReadError("read.bad-file", f"the file cannot be opened: {error}") from error
    except Exception as error:
        if local or isinstance(error, ReadError):
            raise
        raise StorageError(f"{path} cannot be opened: {error}") from error
    return stream if local else _Remote(path, stream)


class _Remote:
    """A stream of a remote filesystem: reads are never short, failures are not taken for damage of the file."""

    def __init__(self, path: str, stream: Stream) -> None:
        self._path = path
        self._stream = stream

    def read(self, size: int = -1, /) -> bytes:
        pieces: list[bytes] = []
        missing = size
        try:
            while missing and (piece := self._stream.read(missing)):
                pieces.append(piece)
                missing -= len(piece) if size > 0 else 0
        except Exception as error:  # every client has errors of its own; none is a fault of the file
            raise StorageError(f"reading {self._path} failed: {error}") from error
        return b"".join(pieces)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        try:
            return self._stream.seek(offset, whence)
        except Exception as error:  # every client has errors of its own; none is a fault of the file
            raise StorageError(f"reading {self._path} failed: {error}") from error

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)

    def close(self) -> None:
        self._stream.close()


class Peekable:
    """A stream whose first bytes have been looked at."""

    def __init__(self, head: bytes, rest: Readable) -> None:
        self._head = memoryview(head)
        self._rest = rest

    def read(self, size: int, /) -> bytes:
        """Return the head first, then the rest."""
        if self._head:
            head, self._head = self._head[:size], self._head[size:]
            return bytes(head)
        return self._rest.read(size)


class Decompressed:
    """The decompressed bytes of a stream; several members in a row are one stream.

    What stands before damage or a cut comes out to the last byte that can be had; then `read` raises `ReadError`.
    """

    def __init__(self, reopen: Callable[[], Stream], codec: str, max_expansion: int) -> None:
        """Start decompressing.

        Args:
            reopen: Opens the compressed stream from its start; called again once if it turns out damaged.
            codec: `gzip`, `zstd` or `bz2`.
            max_expansion: Times that the data may grow once they are past 1 GiB.
        """
        self._reopen = reopen
        self._codec = codec
        self._max_expansion = max_expansion
        self._position = 0
        self._failure: ReadError | None = None
        self._open()

    def _open(self, careful_from: int | None = None) -> None:
        self._raw = self._reopen()
        self._counted = _Counted(self._raw, careful_from)
        self._stream = pa.CompressedInputStream(pa.PythonFile(self._counted, mode="r"), self._codec)

    def read(self, size: int, /) -> bytes:
        """Return the next decompressed bytes, at most `size`, none at the end.

        Raises:
            ReadError: The data are damaged or cut, or grow too much.
        """
        if self._failure:
            raise self._failure
        pieces = []
        got = 0
        while got < size:
            try:
                piece = self._stream.read(min(_SMALL_READ, size - got))
            except (OSError, EOFError) as error:
                self._failure = self._damage(error)
                pieces += self._last_bytes(self._position + got)
                break
            if not piece:
                break
            pieces.append(piece)
            got += len(piece)
        data = b"".join(pieces)
        self._position += len(data)
        if not data and self._failure:
            raise self._failure
        if self._position > GIB and self._position > self._max_expansion * self._counted.count:
            self._failure = ReadError(
                EXPANSION_LIMIT,
                f"the file grew more than {self._max_expansion:,} times, to {self._position:,} bytes so far; "
                "the rest was skipped. If it is sound, raise max_expansion",
            )
        return data

    def close(self) -> None:
        """Close the compressed stream."""
        self._raw.close()

    def _damage(self, error: Exception) -> ReadError:
        if "runcated" in str(error):
            return ReadError(
                "read.truncated",
                f"the {self._codec} file ends in the middle; what comes before was read. Fetch it again",
            )
        return ReadError(
            "read.bad-compression",
            f"the {self._codec} file is damaged after {self._position:,} decompressed bytes ({error}); "
            "what comes before was read. Fetch it again",
        )

    def _last_bytes(self, position: int) -> list[bytes]:
        """Return byte by byte what can be had after `position`.

        A failed read gives nothing of its part, and what was decompressed together with the damage is lost to the
        decompressor; so the bytes in front of the damage are fed to it one by one.
        """
        self._raw.close()
        self._open(careful_from=max(0, self._counted.count - _CAREFUL_BYTES))
        found: list[bytes] = []
        try:
            while position > 0:
                position -= len(self._stream.read(min(_SMALL_READ, position)))
            while byte := self._stream.read(1):
                found.append(byte)
        except (OSError, EOFError):
            pass
        return found


class _Counted:
    """A stream that counts what was read of it, and from some position on gives one byte at a time."""

    def __init__(self, stream: Stream, careful_from: int | None) -> None:
        self._stream = stream
        self._careful_from = careful_from
        self.count = 0
        self.closed = False

    def read(self, size: int, /) -> bytes:
        if self._careful_from is not None:
            size = min(size, max(1, self._careful_from - self.count))
        data = self._stream.read(size)
        self.count += len(data)
        return data

    def close(self) -> None:
        self.closed = True


class Transcoded:
    """UTF-8 bytes of a stream in another encoding.

    Lone surrogates stay, encoded like characters; they are dealt with where the lines are read. Anything else that does
    not fit the encoding becomes U+FFFD.
    """

    def __init__(self, stream: Readable, codec: str) -> None:
        """Start with the stream's next byte.

        Args:
            stream: Stands behind the byte order mark.
            codec: `utf-16-le`, `utf-16-be`, `utf-32-le` or `utf-32-be`.
        """
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(codec)("surrogatepass")
        self._ended = False

    def read(self, size: int, /) -> bytes:
        """Return the next bytes; may be more than `size`, none at the end."""
        while not self._ended:
            data = self._stream.read(size)
            self._ended = not data
            try:
                text = self._decoder.decode(data, final=self._ended)
            except UnicodeDecodeError:
                self._decoder.errors = "replace"
                text = self._decoder.decode(data, final=self._ended)
                self._decoder.errors = "surrogatepass"
            if text:
                return text.encode("utf-8", "surrogatepass")
        return b""


class Block(NamedTuple):
    """Whole lines; the last of a file may lack its line feed."""

    offset: int
    data: bytes


class LongLine(NamedTuple):
    """A line that was skipped: where it starts, its length as far as read, its first bytes."""

    offset: int
    length: int
    head: bytes


@dataclass(frozen=True)
class Wanted:
    """Which lines of a stream are wanted.

    Attributes:
        position: Offset of the stream's next byte.
        end: Lines that begin at or after it are not wanted.
        skip_first: Skip through the first line feed. For a range of a file the stream stands one byte before it: the
            line that holds this byte belongs to another range.
    """

    position: int = 0
    end: int | None = None
    skip_first: bool = False


def line_blocks(
    stream: Readable, wanted: Wanted, *, chunk_bytes: int, max_line_bytes: int
) -> Iterator[Block | LongLine]:
    """Cut a stream into blocks of whole lines.

    Args:
        stream: Stands at `wanted.position`.
        wanted: Which lines.
        chunk_bytes: How much to read at once.
        max_line_bytes: Longer lines are skipped without being held in memory, as `LongLine`.
    """
    position, end, skipping = wanted.position, wanted.end, wanted.skip_first
    carried: list[bytes] = []
    carried_bytes = 0
    long: LongLine | None = None
    finished = False
    while not finished and (data := stream.read(chunk_bytes)):
        base = position
        position += len(data)
        if end is not None and position >= end:
            if skipping and data.find(b"\n", 0, max(0, end - 1 - base)) < 0:
                return
            last = data.find(b"\n", max(0, end - 1 - base))
            if last >= 0:
                data = data[: last + 1]
                finished = True
        if skipping or long:
            first = data.find(b"\n") + 1
            if long:
                long = long._replace(length=long.length + (first - 1 if first else len(data)))
            if not first:
                continue
            if long:
                yield long
            skipping, long = False, None
            data = data[first:]
            base += first
        cut = data.rfind(b"\n") + 1
        if cut:
            yield Block(base - carried_bytes, b"".join([*carried, memoryview(data)[:cut]]))
            carried, carried_bytes = [], 0
            base += cut
        if cut < len(data):
            carried.append(data[cut:])
            carried_bytes += len(data) - cut
            if carried_bytes > max_line_bytes:
                line = b"".join(carried)
                long = LongLine(base + len(data) - cut - carried_bytes, carried_bytes, line[:1024])
                carried, carried_bytes = [], 0
    if long:
        yield long
    elif carried:
        yield Block(position - carried_bytes, b"".join(carried))
