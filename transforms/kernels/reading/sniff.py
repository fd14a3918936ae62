"""What the first bytes of a file say about the rest."""

from __future__ import annotations

from corpusmill.transforms.kernels.reading.decode import byte_order_mark

HEAD_BYTES = 4096
"""How much of a file the functions here want to see."""

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b\x08", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\x00", "xz"),
)
# A zstd file may begin with a skippable frame: magic 0x184D2A50 to 0x184D2A5F, little endian (RFC 8878, 3.1.2).
_SKIPPABLE = (b"\x2a\x4d\x18", range(0x50, 0x60))
_BZ2_BLOCKS = (b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90")  # pi: a block; its square root: the end

_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"\x04\x22\x4d\x18", "an lz4 file; recompress it with zstd or gzip"),
    (b"PK\x03\x04", "a zip archive; unpack it"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it"),
    (b"PAR1", "a Parquet file; set format to parquet, or name it *.parquet"),
    (b"ARROW1", "an Arrow IPC file; convert it to Parquet"),
    (b"%PDF-", "a PDF document; extract its text first"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Word, Excel or PowerPoint file; extract its text first"),
    (b"SQLite format 3\x00", "an SQLite database; export its texts first"),
    (b"\x7fELF", "a program"),
)

# Share of control bytes (other than tab, line feed, carriage return) from which on a head is not text.
# Random bytes have 11 %.
_BINARY_SHARE = 0.05
_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\r") + b"\x7f"


def compression_of(head: bytes) -> str | None:
    """Return `gzip`, `zstd`, `bz2` or `xz` if the bytes begin like such a file, else None."""
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name if name != "bz2" or head[4:10] in _BZ2_BLOCKS else None
    if head[1:4] == _SKIPPABLE[0] and head[0] in _SKIPPABLE[1]:
        return "zstd"
    return None


def wide_encoding_of(head: bytes) -> tuple[str, int]:
    """Return the codec of JSON in UTF-16 or UTF-32 and the length of the byte order mark, or `("", 0)`."""
    name, length = byte_order_mark(head)
    if name.startswith(("utf-16", "utf-32")):
        return name, length
    for codec in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        begin = head.decode(codec, "ignore").lstrip(" \t\r\n")
        if begin[:1] in ("{", "[") and begin[1:2] in tuple('" \t\r\n{}[]'):
            return codec, 0
    return "", 0


def may_be_list(head: bytes) -> bool:
    """Return whether a file that begins like this may be one JSON list."""
    return _json_begin(head).startswith(b"[")


def has_long_records(head: bytes) -> bool:
    """Return whether the first object of a file continues after its first line, as in pretty-printed JSON."""
    line, end, _ = _json_begin(head).partition(b"\n")
    return bool(end) and line.startswith(b"{") and line.rstrip().endswith((b"{", b",", b"["))


def _json_begin(head: bytes) -> bytes:
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")


def why_no_text(head: bytes) -> str:
    """Return what a file is that begins like this and is not a text; empty if it may be one."""
    return next((f"this is {name}" for magic, name in _FOREIGN if head.startswith(magic)), "")


def why_not_lines(head: bytes) -> str:
    """Return what else than lines of text a file holds that begins with `head`; empty if it may be such lines."""
    if what := why_no_text(head):
        return what
    if not head or head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return ""
    if len(head) - len(head.translate(None, _CONTROLS)) > _BINARY_SHARE * len(head):
        return "this looks like binary data, not like lines of text"
    return ""
