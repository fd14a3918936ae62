"""The formats of input files: one line in a table for each.

A format's module, beside this file, has two functions: `read(part, source, settings)` yields the documents of a file or
of a range of it, and `cut(path, size, settings)` returns the ranges that can be read apart. It is imported when a file
of the format is met.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, cast

from corpusmill.transforms.reading.splits import UNKNOWN

if TYPE_CHECKING:
    import pyarrow as pa

    from corpusmill.transforms.kernels.reading.rows import Rows
    from corpusmill.transforms.kernels.reading.settings import InputSettings
    from corpusmill.transforms.reading.splits import Part, Range


class FormatModule(Protocol):
    """What the module of a format offers."""

    def read(self, part: Part, source: str, settings: InputSettings, /) -> Iterator[Rows | pa.RecordBatch]:
        """Read a file or a range of it.

        Args:
            part: What to read.
            source: Its printable path.
            settings: Columns and limits.

        Yields:
            Documents in order; records that cannot be read as rejected rows.

        Raises:
            ReadError: The file cannot be read, or not on.
        """
        ...

    def cut(self, path: str, size: int, settings: InputSettings, /) -> list[Range]:
        """Cut a file that is larger than `settings.split_bytes`.

        Args:
            path: Local path or URL.
            size: Bytes of the file as stored.
            settings: Columns and limits.

        Returns:
            Ranges that can be read apart and cover the file; none if it has to be read in one.

        Raises:
            ReadError: The file cannot be read.
        """
        ...


@dataclass(frozen=True)
class Format:
    """A format of input files.

    Attributes:
        name: As `input.format` names it.
        suffixes: Ends of file names, in lower case.
        module: Its module in this package.
    """

    name: str
    suffixes: tuple[str, ...]
    module: str

    def load(self) -> FormatModule:
        """Import the module."""
        return cast(FormatModule, importlib.import_module(f"{__package__}.{self.module}"))


_TABLE = (
    Format("jsonl", (".jsonl", ".ndjson", ".json"), "json_lines"),
    Format("text", (".txt", ".text", ".md"), "text"),
    Format("csv", (".csv",), "delimited"),
    Format("tsv", (".tsv", ".tab"), "delimited"),
    Format("parquet", (".parquet", ".pq"), "parquet"),
)

FORMATS: Mapping[str, Format] = MappingProxyType({entry.name: entry for entry in _TABLE})
"""All formats by name."""

COMPRESSIONS = (".gz", ".zst", ".bz2", ".xz")
"""Ends of names of compressed files; what a file is, its first bytes say."""


def format_named(path: str) -> Format | None:
    """Return the format that the name of a file tells, compressed or not; None where it tells none.

    Example:
        >>> format_named("crawl/Pages.JSONL.gz").name
        'jsonl'
        >>> format_named("crawl/pages.dat")
    """
    name = os.path.basename(path).lower()
    for ending in COMPRESSIONS:
        name = name.removesuffix(ending)
    suffix = os.path.splitext(name)[1]
    return next((entry for entry in _TABLE if suffix in entry.suffixes), None)


def known_suffixes() -> str:
    """Return all ends of file names, for messages."""
    return ", ".join(suffix for entry in _TABLE for suffix in entry.suffixes)


def format_of(path: str, settings: InputSettings) -> str:
    """Return the format that a path's name tells, or the configured one."""
    if settings.format != "auto":
        return settings.format
    entry = format_named(path)
    return entry.name if entry else UNKNOWN
