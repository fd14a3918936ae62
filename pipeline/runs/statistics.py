"""The largest sources, hosts, languages and rules of an output, from the sums that its shards have written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.config import Config, ConfigError
from corpusmill.transforms import storage
from corpusmill.transforms.kernels.writing.statistics import (
    MEASURES,
    STATISTICS_SCHEMA,
    Sums,
    describe,
    largest,
    of_part,
)
from corpusmill.transforms.layout import STATISTICS, Output

TOP = 100
"""Values of a column that are named one by one in the manifest; the others are one sum."""
COLUMNS = {"rule": "reason", "language": "language", "source": "source", "host": "url_host"}
"""What the manifest sums by -> its column in statistics/."""

_MAX_SUMS = 1 << 22
"""Sums that are held in memory at a time; where there are more, the files are read once for each part of the values."""
_MORE_PARTS = 8


def gather_statistics(output: str, names: Iterable[str], *, top: int = TOP, most: int = _MAX_SUMS) -> dict[str, Any]:
    """Add up what the shards have written.

    Args:
        output: The output folder.
        names: Names of the files of statistics/.
        top: Values that are named one by one.
        most: Sums that are held in memory at a time.

    Returns:
        For each of `COLUMNS`: `top`, the values of most documents, each with `value` and its sums
        (`corpusmill.transforms.kernels.writing.statistics.describe`); `others`, the sums of the other values and their
        number `values`; `without`, the sums of documents that have no value.
    """
    files = [Output(output).file(STATISTICS, name) for name in names]
    return {name: _by(files, column, top, most) for name, column in COLUMNS.items()}


def _by(files: list[str], column: str, top: int, most: int) -> dict[str, Any]:
    parts = 1
    while True:
        try:
            return _in_parts(files, column, top, parts, most)
        except OverflowError:
            parts *= _MORE_PARTS


def _in_parts(files: list[str], column: str, top: int, parts: int, most: int) -> dict[str, Any]:
    """Add up the values of a column, one part of them after the other."""
    keys = (column, "decision")
    chosen = pa.schema([STATISTICS_SCHEMA.field(name) for name in (*keys, *MEASURES)]).empty_table()
    others, without = Sums(("decision",)), Sums(("decision",))
    values = 0
    for part in range(parts):
        sums = Sums(keys, most)
        for table in _tables(files, column):
            sums.add(of_part(table, column, part, parts))
        found = sums.table()
        without.add(found.filter(pc.is_null(found[column])))
        found = found.filter(pc.is_valid(found[column]))
        chosen, rest = largest(pa.concat_tables([chosen, found]), column, top)
        others.add(rest)
        values += pc.count_distinct(rest[column]).as_py()
    rows = [{"value": value, **describe(own)} for value, own in _each(chosen, column)]
    rows.sort(key=lambda row: (-row["documents"]["in"], row["value"]))
    return {
        "top": rows,
        "others": {"values": values, **describe(others.table())},
        "without": describe(without.table()),
    }


def _each(sums: pa.Table, column: str) -> Iterator[tuple[str, pa.Table]]:
    for value in pc.unique(sums[column]).to_pylist():
        yield value, sums.filter(pc.equal(sums[column], value))


def _tables(files: list[str], column: str) -> Iterator[pa.Table]:
    for path in files:
        with storage.open_parquet(path) as parquet:
            for group in range(parquet.num_row_groups):
                names = [column, "decision", *MEASURES]
                yield parquet.read_row_group(group, columns=names, use_threads=False).replace_schema_metadata(None)


def digest_of_tokenizer(config: Config) -> str | None:
    """Return the hash of the tokenizer that the configuration names; None without one.

    Raises:
        ConfigError: It cannot be read.
    """
    path = config.output.tokenizer
    if path is None:
        return None
    try:
        with storage.open_read(path) as stream:
            return hashlib.sha256(stream.read()).hexdigest()
    except OSError as error:
        raise ConfigError(
            f"output.tokenizer: cannot read {path!r}: {error.strerror or error}; check the path"
        ) from None
