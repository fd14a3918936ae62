"""What the first bytes of a file say about the rest."""

from __future__ import annotations

from corpusmill.transforms.kernels.reading.decode import byte_order_mark

HEAD_BYTES = 4096
"""How much of a file the functions here want to see."""

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b\x08", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"BZh", "bz2"),
)
# A zstd file may begin with a skippable frame: magic 0x184D2A50 to 0x184D2A5F, little endian (RFC 8878, 3.1.2).
_SKIPPABLE = (b"\x2a\x4d\x18", range(0x50, 0x60))
_BZ2_BLOCKS = (b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90")  # pi: a block; its square root: the end

_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"\xfd7zXZ\x00", "an xz archive; recompress it with zstd or gzip"),
    (b"\x04\x22\x4d\x18", "an lz4 file; recompress it with zstd or gzip"),
    (b"PK\x03\x04", "a zip archive; unpack it"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it"),
    (b"PAR1", "a Parquet file; set format to parquet, or name it *.parquet"),
    (b"ARROW1", "an Arrow IPC file; convert it to Parquet"),
    (b"%PDF-", "a PDF document; extract its text first"),
    (b"\x89PNG", "an image"),
    (b"\x7fELF", "a program"),
)

# Share of control bytes (other than tab, line feed, carriage return) from which on a head is no text.
# Random bytes have 11 %.
_BINARY_SHARE = 0.05
_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\r") + b"\x7f"


def compression_of(head: bytes) -> str | None:
    """Return `gzip`, `zstd` or `bz2` if the bytes begin like such a file, else None."""
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name if name != "bz2" or head[4:10] in _BZ2_BLOCKS else None
    if head[1:4] == _SKIPPABLE[0] and head[0] in _SKIPPABLE[1]:
        return "zstd"
    return None


def wide_encoding_of(head: bytes) -> tuple[str, int]:
    """Return the codec of JSON lines in UTF-16 or UTF-32 and the length of the byte order mark, or `("", 0)`."""
    name, length = byte_order_mark(head)
    if name.startswith(("utf-16", "utf-32")):
        return name, length
    for codec in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        if head.startswith("{".encode(codec)) and head[len("{".encode(codec)) :].startswith(
            tuple(c.encode(codec) for c in '" \t\r\n}')
        ):
            return codec, 0
    return "", 0


def may_be_one_document(head: bytes) -> bool:
    """Tell whether a file that begins like this may be one JSON list or one object over many lines."""
    begin = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return begin.startswith(b"[") or begin.split(b"\n", 1)[0].strip() == b"{"


def why_not_lines(head: bytes) -> str:
    """Return what else than lines of text a file holds that begins with `head`; empty if it may be such lines."""
    for magic, name in _FOREIGN:
        if head.startswith(magic):
            return f"this is {name}"
    if not head or head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return ""
    if len(head) - len(head.translate(None, _CONTROLS)) > _BINARY_SHARE * len(head):
        return "this looks like binary data, not like lines of text"
    return ""
