"""Working files that tell when they are damaged.

A sealed file is any content in blocks of 64 KiB, behind it a CRC-32 of each block, and last a seal: the length of the
content, a CRC-32 of all that the seal speaks of, and a mark. Reading checks every block that it touches, so a column
of a Parquet file costs the check of that column alone, and a bit that was flipped or an end that was cut off anywhere
is an error that names the file. CRC-32 is for accidents; nobody is kept from writing a false file with a right seal.
"""

from __future__ import annotations

import contextlib
import io
import json
import struct
import zlib
from collections.abc import Iterator
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from corpusmill.transforms import storage

BLOCK_BYTES = 1 << 16
"""Bytes that one checksum covers."""

_SEAL = struct.Struct("<QI8s")
_MARK = b"millseal"
_CHECKSUM = struct.Struct("<I")
_JSON_HEAD = '{{"checksum": "{:08x}",\n"value": '
_JSON_END = b"}\n"


class DamagedFileError(RuntimeError):
    """A file does not hold what was written to it; the message names it and says what to do."""


def damaged(path: str, what: str) -> DamagedFileError:
    """Return the error for a damaged working file.

    Args:
        path: The file.
        what: What is wrong with it.
    """
    return DamagedFileError(
        f"the working file {path!r} is damaged ({what}); give the same command again: it is made again"
    )


@contextlib.contextmanager
def open_write(path: str, state: str) -> Iterator[IO[bytes]]:
    """Open a sealed file for writing, with the promises of `storage.open_atomic`; a power failure may damage it."""
    with storage.open_atomic(path, state, durable=False) as stream:
        sealer = _Sealer(stream)
        yield sealer  # type: ignore[misc]  # all that its writers ask of a stream
        sealer.finish()


@contextlib.contextmanager
def open_read(path: str) -> Iterator[io.RawIOBase]:
    """Open the content of a sealed file for reading.

    Raises:
        DamagedFileError: The seal is broken; or, on reading, a block is.
    """
    with storage.open_read(path) as stream:
        yield _Reader(stream, path)


def is_intact(path: str) -> bool:
    """Return whether a sealed file exists and every block of it is as it was written."""
    if not storage.exists(path):
        return False
    try:
        with open_read(path) as reader:
            while reader.read(BLOCK_BYTES << 6):
                pass
    except DamagedFileError:
        return False
    return True


def write_table(table: pa.Table, path: str, state: str, *, compression: str = "lz4", dictionary: bool = False) -> None:
    """Write a table to a sealed Parquet file.

    Args:
        table: The rows.
        path: Path of the file.
        state: The run's state folder.
        compression: By default the one that is fast: such files are written once and read two or three times.
        dictionary: Whether columns may be stored as numbers of their distinct values.
    """
    with open_write(path, state) as stream, pa.PythonFile(stream, mode="w") as sink:
        pq.write_table(table, sink, compression=compression, use_dictionary=dictionary, write_statistics=False)


@contextlib.contextmanager
def open_parquet(path: str) -> Iterator[pq.ParquetFile]:
    """Open a sealed Parquet file."""
    with (
        open_read(path) as reader,
        contextlib.closing(pa.PythonFile(reader, mode="r")) as source,
        pq.ParquetFile(source) as parquet,
    ):
        yield parquet


def read_parquet(path: str, columns: list[str] | None = None) -> pa.Table:
    """Read columns of one sealed Parquet file, in file order."""
    with open_parquet(path) as parquet:
        return parquet.read(columns=columns, use_threads=False)


def write_json(path: str, value: object, state: str) -> None:
    """Write a value to a JSON file with its checksum: `{"checksum": ..., "value": ...}`, atomically, keys sorted."""
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode("utf-8", "backslashreplace")
    with storage.open_atomic(path, state) as stream:
        stream.write(_JSON_HEAD.format(zlib.crc32(text)).encode() + text + _JSON_END)


def read_json(path: str) -> Any:
    """Read the value that `write_json` wrote.

    Raises:
        FileNotFoundError: The file is not there.
        DamagedFileError: It is not as it was written.
    """
    if not storage.exists(path):
        raise FileNotFoundError(path)
    with storage.open_read(path) as stream:
        content = stream.read()
    head = len(_JSON_HEAD.format(0))
    text = content[head : -len(_JSON_END)]
    if content != _JSON_HEAD.format(zlib.crc32(text)).encode() + text + _JSON_END:
        raise damaged(path, "its checksum is another")
    return json.loads(text)


def checksum_of(path: str) -> str:
    """Return the CRC-32 of a whole file of any kind, as eight hexadecimal digits."""
    checksum = 0
    with storage.open_read(path) as stream:
        while data := stream.read(BLOCK_BYTES << 4):
            checksum = zlib.crc32(data, checksum)
    return f"{checksum:08x}"


class _Watched:
    """A stream for writing that looks at all that is written."""

    mode = "wb"
    closed = False

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._length = 0
        self._checksum = 0

    def write(self, data: bytes | memoryview) -> int:
        """Write bytes."""
        view = memoryview(data).cast("B")
        self._stream.write(view)
        self._look(view)
        self._length += len(view)
        return len(view)

    def flush(self) -> None:
        """Hand on what is buffered."""
        self._stream.flush()

    def tell(self) -> int:
        """Return the number of bytes written."""
        return self._length

    def close(self) -> None:
        """Leave the stream to whoever has opened it."""

    def _look(self, view: memoryview) -> None:
        self._checksum = zlib.crc32(view, self._checksum)


class Checksummed(_Watched):
    """A stream for writing that keeps the checksum of all that was written."""

    @property
    def checksum(self) -> str:
        """CRC-32, as `checksum_of` gives it."""
        return f"{self._checksum:08x}"


class _Sealer(_Watched):
    """A stream for writing that keeps the checksum of each block."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__(stream)
        self._table = bytearray()

    def _look(self, view: memoryview) -> None:
        start = 0
        filled = self._length % BLOCK_BYTES
        while start < len(view):
            end = min(len(view), start + BLOCK_BYTES - filled)
            super()._look(view[start:end])
            filled = (filled + end - start) % BLOCK_BYTES
            start = end
            if filled == 0:
                self._end_block()

    def finish(self) -> None:
        """Write the checksums and the seal."""
        if self._length % BLOCK_BYTES:
            self._end_block()
        self._stream.write(bytes(self._table) + _seal(self._length, self._table))

    def _end_block(self) -> None:
        self._table += _CHECKSUM.pack(self._checksum)
        self._checksum = 0


def _seal(length: int, table: bytes | bytearray) -> bytes:
    return _SEAL.pack(length, zlib.crc32(table, length & 0xFFFFFFFF), _MARK)


class _Reader(io.RawIOBase):
    """The content of a sealed file; each block is checked when it is read."""

    mode = "rb"

    def __init__(self, stream: IO[bytes], path: str) -> None:
        self._stream = stream
        self._path = path
        self._position = 0
        self._length, self._checksums = self._read_seal()

    def _read_seal(self) -> tuple[int, memoryview]:
        size = self._stream.seek(0, io.SEEK_END)
        if size < _SEAL.size:
            raise damaged(self._path, f"{size} bytes are left of it")
        self._stream.seek(size - _SEAL.size)
        seal = self._stream.read(_SEAL.size)
        length, _, mark = _SEAL.unpack(seal)
        entries = -(-length // BLOCK_BYTES)
        if mark != _MARK or length + entries * _CHECKSUM.size + _SEAL.size != size:
            raise damaged(self._path, "its end is not as it was written")
        self._stream.seek(length)
        table = self._stream.read(entries * _CHECKSUM.size)
        if _seal(length, table) != seal:
            raise damaged(self._path, "its table of checksums is not as it was written")
        return length, memoryview(table)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def size(self) -> int:
        return self._length

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._length}[whence]
        self._position = max(0, base + offset)
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        start = min(self._position, self._length)
        end = self._length if size is None or size < 0 else min(self._length, start + size)
        if start == end:
            return b""
        first = start // BLOCK_BYTES * BLOCK_BYTES
        last = min(-(-end // BLOCK_BYTES) * BLOCK_BYTES, self._length)
        self._stream.seek(first)
        data = self._stream.read(last - first)
        if len(data) != last - first:
            raise damaged(self._path, "it ends early")
        self._check(memoryview(data), first)
        self._position = end
        return data if (first, last) == (start, end) else data[start - first : end - first]

    def _check(self, view: memoryview, first: int) -> None:
        for at in range(0, len(view), BLOCK_BYTES):
            block = (first + at) // BLOCK_BYTES
            (expected,) = _CHECKSUM.unpack_from(self._checksums, block * _CHECKSUM.size)
            if zlib.crc32(view[at : at + BLOCK_BYTES]) != expected:
                raise damaged(self._path, f"bytes {first + at} to {first + at + BLOCK_BYTES} have another checksum")
