"""Compressed streams: gzip, zstd, bz2, xz; several members in a row are one stream, padding with zeros is none of it.

Memory: what a decompressor gives at once is bounded (`_FEED_BYTES`), beside it is the window that a zstd or xz file
asks for. Windows over `LARGE_WINDOW` (Reddit dumps: 2 GiB) are held by one file a process at a time.
"""

from __future__ import annotations

import bz2
import lzma
import threading
import zlib
from collections.abc import Callable
from typing import Protocol

import zstandard

from corpusmill.transforms.kernels.reading.settings import GIB, MIB
from corpusmill.transforms.reading.streams import EXPANSION_LIMIT, ReadError, Stream

LARGE_WINDOW = 128 * MIB
"""The largest window that zstd takes by itself (`--long=27`)."""
LARGEST_WINDOW = 2 * GIB
"""The largest that the format has on machines of 64 bits (`--long=31`)."""

_FEED_BYTES = {"gzip": 1 << 16, "bz2": 1 << 16, "xz": 1 << 16, "zstd": 1 << 10}
"""zstd gives all that it can make of what it is fed: 4 bytes may be a block of 128 KiB, so 1 KiB at most 32 MiB."""
_MAX_AT_ONCE = 1 << 15
_HEADER_BYTES = 18  # of a zstd frame, at most (RFC 8878, 3.1.1.1)
_PADDED = ("gzip", "xz", "zstd")
_ERRORS = (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, zstandard.ZstdError)

_large_windows = threading.Semaphore(1)


class _Decoder(Protocol):
    """Decompresses one member, as `bz2.BZ2Decompressor` does."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Gzip:
    """zlib's decompressor with the manners of the others."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(wbits=31)
        self._tail = b""
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        found = self._zlib.decompress(self._tail + data, max_length)
        self._tail = self._zlib.unconsumed_tail
        self.needs_input = not self._tail and len(found) < max_length
        return found


class _Zstd:
    """zstd's decompressor with the manners of the others."""

    def __init__(self) -> None:
        self._zstd = zstandard.ZstdDecompressor(max_window_size=LARGEST_WINDOW).decompressobj(write_size=1 << 15)
        self._made = memoryview(b"")

    @property
    def eof(self) -> bool:
        return bool(self._zstd.eof) and not self._made

    @property
    def needs_input(self) -> bool:
        return not self._made

    @property
    def unused_data(self) -> bytes:
        return self._zstd.unused_data

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        if data:
            self._made = memoryview(bytes(self._made) + self._zstd.decompress(data))
        found, self._made = self._made[:max_length], self._made[max_length:]
        return bytes(found)


_MAKE: dict[str, Callable[[], _Decoder]] = {
    "gzip": _Gzip,
    "bz2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=LARGEST_WINDOW),
    "zstd": _Zstd,
}


class Decompressed:
    """The decompressed bytes of a stream.

    What comes before damage or a cut comes out to the last byte that can be had; then `read` raises `ReadError`.
    """

    def __init__(self, reopen: Callable[[], Stream], codec: str, max_expansion: int) -> None:
        """Start decompressing.

        Args:
            reopen: Opens the compressed stream from its start; called again once if it turns out damaged.
            codec: `gzip`, `zstd`, `bz2` or `xz`.
            max_expansion: Times that the data may grow once they are past 1 GiB.
        """
        self._reopen = reopen
        self._codec = codec
        self._max_expansion = max_expansion
        self._position = 0
        self._failure: ReadError | None = None
        self._members = _Members(reopen(), codec)

    def read(self, size: int, /) -> bytes:
        """Return the next decompressed bytes, at most `size`, none at the end.

        Raises:
            ReadError: The data are damaged or cut, or grow too much.
        """
        if self._failure:
            raise self._failure
        pieces: list[bytes] = []
        got = 0
        while got < size:
            try:
                piece = self._members.read(min(_MAX_AT_ONCE, size - got))
            except _ERRORS as error:
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
        if self._position > GIB and self._position > self._max_expansion * self._members.taken:
            self._failure = ReadError(
                EXPANSION_LIMIT,
                f"the file grew more than {self._max_expansion:,} times, to {self._position:,} bytes so far; "
                "the rest was skipped. If it is sound, raise max_expansion",
            )
        return data

    def close(self) -> None:
        """Close the compressed stream and free the window."""
        self._members.close()

    def _damage(self, error: Exception) -> ReadError:
        if isinstance(error, EOFError):
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
        """Return what can be had after `position`.

        What was decompressed together with the damage is lost to the decompressor; so the bytes in front of the damage
        are fed to it one by one.
        """
        failed_at = self._members.taken
        self._members.close()
        self._members = _Members(self._reopen(), self._codec, max(0, failed_at - _FEED_BYTES[self._codec]))
        found: list[bytes] = []
        try:
            while position > 0 and (piece := self._members.read(min(_MAX_AT_ONCE, position))):
                position -= len(piece)
            while piece := self._members.read(_MAX_AT_ONCE):
                found.append(piece)
        except _ERRORS:
            pass
        return found


class _Members:
    """The members of a compressed stream, one behind the other.

    Attributes:
        taken: Compressed bytes taken so far.
    """

    def __init__(self, stream: Stream, codec: str, careful_from: int | None = None) -> None:
        """Begin at the stream's next byte; from compressed byte `careful_from` on, take one byte at a time."""
        self._stream = stream
        self._codec = codec
        self._careful_from = careful_from
        self._ahead = b""
        self._decoder: _Decoder | None = None
        self._holds_window = False
        self._began = False
        self.taken = 0

    def read(self, limit: int) -> bytes:
        """Return the next bytes, none at the end.

        Raises:
            EOFError: The stream ends inside of a member.
            OSError: Neither a member nor padding follows; decompressors raise errors of their own (`_ERRORS`).
        """
        while True:
            if self._decoder is None and not self._next_member():
                return b""
            decoder = self._decoder
            if decoder is None:
                return b""
            data = b""
            if decoder.needs_input and not (data := self._take()):
                raise EOFError("truncated")
            found = decoder.decompress(data, limit)
            if decoder.eof:
                self._ahead = decoder.unused_data + self._ahead
                self._decoder = None
                self._free_window()
            if found:
                return found

    def close(self) -> None:
        """Close the stream, free the window."""
        self._decoder = None
        self._free_window()
        self._stream.close()

    def _take(self) -> bytes:
        """Return the next compressed bytes."""
        size = _FEED_BYTES[self._codec]
        if self._careful_from is not None:
            size = min(size, max(1, self._careful_from - self.taken))
        if not self._ahead:
            self._ahead = self._stream.read(_FEED_BYTES["gzip"])
        data, self._ahead = self._ahead[:size], self._ahead[size:]
        self.taken += len(data)
        return data

    def _next_member(self) -> bool:
        """Begin the next member; tell whether there is one."""
        if self._codec in _PADDED and self._began:
            self._ahead = self._ahead.lstrip(b"\0")
            while not self._ahead and (more := self._stream.read(_FEED_BYTES["gzip"])):
                self._ahead = more.lstrip(b"\0")
        while len(self._ahead) < _HEADER_BYTES and (more := self._stream.read(_FEED_BYTES["gzip"])):
            self._ahead += more
        if not self._ahead:
            return False
        self._began = True
        if self._codec == "zstd":
            self._hold_window()
        self._decoder = _MAKE[self._codec]()
        return True

    def _hold_window(self) -> None:
        try:
            window = zstandard.get_frame_parameters(self._ahead[:_HEADER_BYTES]).window_size
        except zstandard.ZstdError:  # decompressing says what is wrong
            return
        if window > LARGE_WINDOW:
            _large_windows.acquire()
            self._holds_window = True

    def _free_window(self) -> None:
        if self._holds_window:
            self._holds_window = False
            _large_windows.release()
