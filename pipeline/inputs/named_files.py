"""Files that a key of the configuration names: which there are, and what they hold."""

from __future__ import annotations

from corpusmill.config import ConfigError
from corpusmill.inputs.patterns import InputError, local_files
from corpusmill.transforms import storage
from corpusmill.transforms.kernels.reading.decode import UndecodableError, decode_document
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.reading.opening import open_decompressed, read_all
from corpusmill.transforms.reading.streams import ReadError

_MAX_BYTES = 4 << 30


def files_of(pattern: str, key: str) -> list[str]:
    """List the files that a pattern matches; a remote one is the name of a file.

    Raises:
        ConfigError: It matches none.
    """
    try:
        return local_files(pattern) if storage.is_local(pattern) else [pattern]
    except InputError as error:
        raise ConfigError(f"{key}: {error}") from None


def read_bytes(path: str, key: str) -> bytes:
    """Read a file, decompressed.

    Raises:
        ConfigError: It cannot be read, or is too large.
    """
    try:
        stream, close = open_decompressed(path, InputSettings())
        try:
            content = read_all(stream, _MAX_BYTES)
        finally:
            close()
    except ReadError as error:
        raise ConfigError(f"{key}: cannot read {path!r}: {error.error}; check the file and its permissions") from None
    if len(content) > _MAX_BYTES:
        raise ConfigError(f"{key}: {path!r} has more than {_MAX_BYTES >> 30} GiB; split it")
    return content


def decode_text(path: str, content: bytes, key: str) -> str:
    """Decode what a file holds.

    Raises:
        ConfigError: It is not text.
    """
    try:
        return decode_document(content).text
    except UndecodableError as error:
        raise ConfigError(f"{key}: {path!r} is not text: {error}; convert it to UTF-8") from None
