"""Pages that a run writes and people edit: a last line tells whether anybody has."""

from __future__ import annotations

import re
import zlib

from corpusmill.transforms import storage

_SIGNATURE = re.compile(r"<!-- written by corpusmill ([0-9a-f]{8}) -->\n\Z")
_MAX_BYTES = 1 << 20


def sign(content: bytes) -> bytes:
    """Add a last line with a checksum of what comes before it; Markdown does not show it."""
    return content + f"<!-- written by corpusmill {zlib.crc32(content):08x} -->\n".encode("ascii")


def is_unchanged(path: str) -> bool:
    """Return whether a signed page is as it was written; one without a signature is another program's."""
    with storage.open_read(path) as stream:
        content = stream.read(_MAX_BYTES)
    match = _SIGNATURE.search(content[-80:].decode("ascii", "replace"))
    return match is not None and zlib.crc32(content[: -len(match[0])]) == int(match[1], 16)
