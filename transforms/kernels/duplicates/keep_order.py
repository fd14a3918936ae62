"""Which document of a family of near-duplicates stays: one order over all documents."""

from __future__ import annotations

import fnmatch
import re
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Bools, Int64s

GRAMMAR = "first | longest | newest COLUMN | highest COLUMN | sources [A, B, ...]"
LAST = np.iinfo(np.int64).max
"""Priority of documents that have nothing to compare (null, unreadable, no listed source): after all others."""

STAYS = np.iinfo(np.int64).min
"""Priority of documents that are never removed, whatever the policy: they come before all others."""


class KeepPolicy(NamedTuple):
    """A parsed keep policy.

    Attributes:
        rule: `first`, `longest`, `newest`, `highest` or `sources`.
        column: The column of `newest` and `highest`, else empty.
        sources: The patterns of `sources`, best first, else empty.
    """

    rule: str
    column: str = ""
    sources: tuple[str, ...] = ()


def parse_keep(text: str) -> KeepPolicy:
    """Parse a keep policy.

    Raises:
        ValueError: The text is not of the grammar `GRAMMAR`.
    """
    words = text.strip()
    if words in ("first", "longest"):
        return KeepPolicy(words)
    if match := re.fullmatch(r"(newest|highest)\s+(\S.*)", words):
        return KeepPolicy(match[1], column=match[2])
    if match := re.fullmatch(r"sources\s*\[(.*)\]", words, re.DOTALL):
        sources = tuple(part.strip().strip("'\"") for part in match[1].split(",") if part.strip())
        if sources and len(set(sources)) == len(sources):
            return KeepPolicy("sources", sources=sources)
        raise ValueError(f"keep: {text!r} must list at least one source, and none twice")
    raise ValueError(f"keep: {text!r} is not one of {GRAMMAR}")


def priorities(policy: KeepPolicy, column: pa.Array) -> Int64s:
    """Return int64[n], the priority of each document: the least is kept; equal ones go by document key.

    Args:
        policy: The policy.
        column: What it looks at: the text for `longest`, the column for `newest` and `highest`, the source paths
            for `sources`; for `first` any column of n rows.

    Raises:
        TypeError: The column cannot be put in order.
    """
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if policy.rule == "first":
        return np.zeros(len(column), dtype=np.int64)
    if policy.rule == "longest":
        return _descending(pc.utf8_length(column).cast(pa.int64()))
    if policy.rule == "newest":
        return _descending(_microseconds(column, policy.column))
    if policy.rule == "highest":
        return _descending(_ordered(column, policy.column))
    return _source_ranks(column, policy.sources)


def _descending(values: pa.Array) -> Int64s:
    """Priorities from int64 values, high ones first, nulls last."""
    numbers = pc.fill_null(values, np.iinfo(np.int64).min).to_numpy(zero_copy_only=False)
    return np.asarray(~numbers, dtype=np.int64)


def _ordered(column: pa.Array, name: str) -> pa.Array:
    """Numbers as int64 in the same order, through float64; null and NaN stay null."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        plain = pc.match_substring_regex(column, r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$")
        column = pc.cast(pc.utf8_trim_whitespace(pc.if_else(plain, column, None)), pa.float64())
    elif pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    try:
        numbers = column.cast(pa.float64(), safe=False)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise TypeError(f"keep: column {name!r} of type {column.type} is not a number") from error
    valid = pc.fill_null(pc.is_finite(numbers), False).to_numpy(zero_copy_only=False)
    infinite = pc.fill_null(pc.is_inf(numbers), False).to_numpy(zero_copy_only=False)
    floats = pc.fill_null(numbers, 0.0).to_numpy(zero_copy_only=False) + 0.0  # -0.0 becomes 0.0
    bits = floats.view(np.int64)
    # Floats as integers: positive ones are in order already, negative ones in reverse.
    ordered = np.where(bits < 0, bits ^ np.int64(np.iinfo(np.int64).max), bits)
    return pa.array(ordered, mask=~(valid | infinite))


def _microseconds(column: pa.Array, name: str) -> pa.Array:
    """Times as microseconds since 1970, UTC; numbers are seconds; what is not a time becomes null."""
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _parsed_times(column)
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        stamps = column.cast(
            pa.timestamp("us", tz="UTC" if pa.types.is_timestamp(kind) and kind.tz else None), safe=False
        )
        return stamps.cast(pa.int64())
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        micros = pc.multiply(column.cast(pa.float64(), safe=False), 1e6)
        usable = pc.fill_null(pc.less(pc.abs(micros), 9e18), False)
        return pc.if_else(usable, micros, None).cast(pa.int64(), safe=False)
    raise TypeError(f"keep: column {name!r} of type {kind} is not a time")


_ISO_TIME = re.compile(
    r"\s*(?P<date>\d{4}(-\d{2}(-\d{2})?)?)"
    r"([T ](?P<hour>\d{2}):(?P<minute>\d{2})(:(?P<second>\d{2})(?P<fraction>[.,]\d+)?)?"
    r"\s*(?P<zone>Z|[+-]\d{2}:?(\d{2})?)?)?\s*",
    re.ASCII | re.IGNORECASE,
)


def _parsed_times(column: pa.Array) -> pa.Array:
    """ISO 8601 text as microseconds; distinct values are few, so they are parsed one by one."""
    encoded = column.dictionary_encode()
    values = [_parse_time(text) for text in encoded.dictionary.to_pylist()]
    return pa.array(values, pa.int64()).take(encoded.indices)


def _parse_time(text: str) -> int | None:
    match = _ISO_TIME.fullmatch(text)
    if match is None:
        return None
    date = (match["date"] + "-01-01")[:10]
    try:
        day = int(np.datetime64(date, "D").astype(np.int64))
    except ValueError:
        return None
    hour, minute, second = (int(match[part] or 0) for part in ("hour", "minute", "second"))
    if hour > 24 or minute > 59 or second > 60:
        return None
    micros = int(((match["fraction"] or ".")[1:] + "000000")[:6])
    zone = match["zone"] or "Z"
    shift = 0
    if zone not in ("Z", "z"):
        digits = zone[1:].replace(":", "")
        shift = (int(digits[:2]) * 60 + int(digits[2:] or 0)) * (-1 if zone[0] == "-" else 1)
    return (((day * 24 + hour) * 60 + minute - shift) * 60 + second) * 1_000_000 + micros


def _source_ranks(column: pa.Array, patterns: tuple[str, ...]) -> Int64s:
    """The place of the first pattern that matches each source."""
    encoded = column.dictionary_encode()
    ranks = np.array([_source_rank(source, patterns) for source in encoded.dictionary.to_pylist()] + [LAST], np.int64)
    indices = pc.fill_null(encoded.indices, len(encoded.dictionary)).to_numpy(zero_copy_only=False)
    return np.asarray(ranks[indices], dtype=np.int64)


def is_listed(sources: pa.Array, patterns: tuple[str, ...]) -> Bools:
    """Return bool[n], whether each source path matches a pattern, as in `sources [...]`."""
    listed: Bools = _source_ranks(sources, patterns) != LAST
    return listed


def _source_rank(source: str, patterns: tuple[str, ...]) -> int:
    for rank, pattern in enumerate(patterns):
        folder = pattern.rstrip("/") + "/"
        if source == pattern or source.startswith(folder) or fnmatch.fnmatchcase(source, pattern):
            return rank
    return int(LAST)
