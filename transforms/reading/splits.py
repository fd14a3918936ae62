"""Splits: the units of reading. They depend on the inputs and the settings, never on the workers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import regex

JSONL = "jsonl"
TEXT = "text"
PARQUET = "parquet"
UNKNOWN = "unknown"

SPOOLED = "corpusmill-stdin-"
"""How the name of a folder begins in which standard input is kept while it is read; no source is named after it."""

_SPOOL = regex.compile(rf"\A.*/{SPOOLED}[^/]*/")
_UNPRINTABLE = regex.compile(r"[\p{Cc}\p{Zl}\p{Zp}]")


@dataclass(frozen=True)
class Part:
    """A file, or a range of one.

    Attributes:
        path: Local path (bytes that are not UTF-8 as surrogate escapes) or URL.
        format: A name of `corpusmill.transforms.reading.formats.FORMATS`, or `unknown`.
        start: First byte or row group (Parquet) of the range.
        end: One past the last; None for the end of the file. A record belongs to the range in which its first byte
            lies.
        version: Size and time of the file when the run was planned (`input_versions`): it has to be there
            and to have them still when it is read. Empty if it could not be looked at.
    """

    path: str
    format: str
    start: int = 0
    end: int | None = None
    version: str = ""


@dataclass(frozen=True)
class Split:
    """Parts that one task reads one after the other.

    Attributes:
        index: Position in the plan, from 0; with the row number it is the document key.
        parts: In input order.
        size: Bytes of input as stored, for progress.
    """

    index: int
    parts: tuple[Part, ...]
    size: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return plain dicts and lists for `json.dumps` (which escapes odd file names; `orjson` refuses them)."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Split:
        """Make a split from what `to_json` returned."""
        return cls(value["index"], tuple(Part(**part) for part in value["parts"]), value["size"])


class Range(NamedTuple):
    """A range of a file.

    Attributes:
        start: First byte, or row group.
        end: One past the last; None for the end of the file.
        size: Bytes as stored.
    """

    start: int
    end: int | None
    size: int


def byte_ranges(size: int, split_bytes: int) -> list[Range]:
    """Cut `size` bytes into ranges of equal length, at most `split_bytes` each.

    Example:
        >>> byte_ranges(10, 6)
        [Range(start=0, end=5, size=5), Range(start=5, end=None, size=5)]
    """
    count = -(-size // split_bytes)
    bounds = [size * k // count for k in range(count + 1)]
    ranges = [Range(start, end, end - start) for start, end in pairwise(bounds)]
    return [*ranges[:-1], ranges[-1]._replace(end=None)]


def printable_path(path: str) -> str:
    r"""Return a path that is valid text on one line: odd bytes and controls as escapes such as `\xff` and `\n`.

    Of standard input it is the name alone: where it was kept in the meantime says nothing.
    """
    readable = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    plain = _UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), readable)
    return str(_SPOOL.sub("", plain))
