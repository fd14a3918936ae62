"""Whether so much of an input cannot be read that a run makes no sense, and what is said then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from corpusmill.transforms.kernels.errors import nearest_name

MIN_REJECTED = 20
"""Rejected records that a share is judged from: of a handful of records it says nothing about the settings."""


class Example(NamedTuple):
    """A record that could not be read.

    Attributes:
        split: Number of its split.
        row: Its row in there.
        source: Printable path.
        offset: Where it begins.
        error: What is wrong and what helps.
    """

    split: int
    row: int
    source: str
    offset: int
    error: str


def earliest(one: Mapping[str, Example], other: Mapping[str, Example]) -> dict[str, Example]:
    """Return for each reason the example that comes first in the input."""
    found = dict(one)
    for reason, example in other.items():
        found[reason] = min(found.get(reason, example), example)
    return dict(sorted(found.items()))


def is_refused(records: int, rejected: int, max_share: float) -> bool:
    """Return whether a run over so many records, of which some cannot be read, is to end.

    Args:
        records: All records.
        rejected: Those that cannot be read.
        max_share: What is accepted; 1 accepts everything.

    Example:
        >>> is_refused(5, 5, 0.5), is_refused(30, 19, 0.5), is_refused(30, 20, 0.5), is_refused(30, 30, 1)
        (True, False, True, False)
    """
    if not rejected or rejected <= max_share * records:
        return False
    return rejected == records or rejected >= MIN_REJECTED


def describe_missing_column(
    name: str, fields: Iterable[str], counts: Mapping[str, Any], *, key: str, of: str = "no record of the input"
) -> str:
    """Say that nothing has a value of a column that the run cannot do without, and what helps; "" if something has.

    Args:
        name: The column.
        fields: Names of the records' other fields.
        counts: Of the column: `found`, `unfit` (values that do not fit its type) and an `example` of these.
        key: The configuration key that names it.
        of: What was looked at.

    Example:
        >>> print(describe_missing_column("lagn", ["lang"], {"found": 0, "unfit": 0}, key="dedup.within"))
        no record of the input has a value of the column 'lagn' (dedup.within); did you mean 'lang'?
    """
    if counts["found"]:
        return ""
    if counts["unfit"]:
        return (
            f"{of} has a value of the column {name!r} ({key}) that fits its type, but {counts['unfit']:,} have others, "
            f"such as {counts['example']}; state another type in input.keep_columns"
        )
    remedy = nearest_name(name, fields) or f"; name a column that the records have, or leave {key} out"
    return f"{of} has a value of the column {name!r} ({key}){remedy}"


def describe_refusal(
    records: int, reasons: Mapping[str, int], examples: Mapping[str, Example], max_share: float, *, of: str
) -> str:
    """Say what cannot be read, why, and what helps.

    Args:
        records: All records that were looked at.
        reasons: Rule id -> records that cannot be read.
        examples: Rule id -> one of them.
        max_share: What is accepted.
        of: What was looked at, such as `records`.
    """
    ordered = sorted(examples, key=lambda reason: (-reasons.get(reason, 0), reason))
    rejected = sum(reasons.get(reason, 0) for reason in ordered)
    lines = [
        f"{rejected:,} of {records:,} {of} cannot be read, more than input.max_rejected_share = {max_share:g} accepts:"
    ]
    for reason in ordered:
        example = examples[reason]
        lines.append(f"  {reason} {reasons.get(reason, 0):,}, such as {example.source} at {example.offset:,}:")
        lines.append(f"    {example.error}")
    lines.append("Correct this, or accept it with --set input.max_rejected_share=1")
    return "\n".join(lines)
