"""Streams of bytes: opening, recoding, cutting into blocks of whole lines. Memory does not depend on file size."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from corpusmill.transforms import storage

PIECE_BYTES = 1 << 20

_INNER_LINE_END = re.compile(rb"\n(?!\{)")

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
    """A remote filesystem failed. The file is not at fault: the engine should try again, or the run should fail."""


def open_input(path: str) -> Stream:
    """Open a local path or URL for reading, as stored.

    Raises:
        ReadError: It is not there, is not a file, or may not be read.
        StorageError: A remote filesystem failed otherwise.
    """
    local = storage.is_local(path)
    try:
        # Opening a pipe would wait for a writer, for ever.
        if local and storage.is_endless(path):
            raise ReadError(
                "read.not-a-file", "this is a folder, pipe or device, not a file; copy its data into a file"
            )
        stream: Stream = open(path, "rb") if local else storage.open_plain(path)  # noqa: SIM115  (the caller closes it)
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


class Transcoded:
    """UTF-8 bytes of a stream in another encoding.

    Lone surrogates stay, encoded like characters; they are dealt with where the lines are read. Anything else that does
    not fit the encoding becomes U+FFFD.
    """

    def __init__(self, stream: Readable, codec: str) -> None:
        """Start with the stream's next byte.

        Args:
            stream: Stands behind the byte order mark.
            codec: Any charset.
        """
        self._stream = stream
        self._errors = "surrogatepass" if codec.startswith("utf-") else "replace"
        self._decoder = codecs.getincrementaldecoder(codec)(self._errors)
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
                self._decoder.errors = self._errors
            if text:
                return text.encode("utf-8", "surrogatepass")
        return b""


class Joined:
    """JSON objects that stretch over several lines, each made one line: line ends inside of them become spaces.

    Programs that print JSON to be read indent what is inside an object, so a record begins where `{` begins a line.
    Every byte keeps its position.
    """

    def __init__(self, stream: Readable) -> None:
        """Start with the stream's next byte, which begins a line."""
        self._stream = stream
        self._held = b""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes; may be one more than `size`, none at the end."""
        while data := self._stream.read(size):
            data = self._held + data
            # What follows the last line end decides about it.
            self._held = b"\n" if data.endswith(b"\n") else b""
            data = data[: len(data) - len(self._held)]
            if data:
                return _INNER_LINE_END.sub(b" ", data)
        held, self._held = self._held, b""
        return held


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
        skip_first: Skip through the first line feed. For a range of a file the stream is one byte before it: the
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
