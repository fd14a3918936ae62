"""Sums by source, host, language, decision and rule, compared with counting in plain Python."""

import random
from collections import Counter

import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.schema import DECISIONS
from corpusmill.transforms.kernels.writing.statistics import (
    STATISTICS_SCHEMA,
    Sums,
    describe,
    document_sums,
    largest,
    of_part,
)


def _rows(seed: int, count: int) -> pa.Table:
    rng = random.Random(seed)
    decisions = [rng.choice(DECISIONS) for _ in range(count)]
    return pa.table(
        {
            "source": [f"file{rng.randrange(5)}.jsonl" for _ in range(count)],
            "url_host": pa.array([rng.choice((None, f"h{rng.randrange(30)}.example")) for _ in range(count)]),
            "decision": decisions,
            "reason": pa.array([None if decision == "kept" else f"rule.{decision}" for decision in decisions]),
            "chars_in": [rng.randrange(1000) for _ in range(count)],
            "chars_out": [rng.randrange(1000) for _ in range(count)],
            "tokens": pa.array([rng.randrange(99) if decision == "kept" else None for decision in decisions]),
        }
    )


def test_sums_do_not_depend_on_how_rows_arrive() -> None:
    table = document_sums(_rows(1, 3000))
    whole, pieces = Sums(), Sums()
    whole.add(table)
    for begin in range(0, 3000, 70):
        pieces.add(table.slice(begin, 70))
    assert whole.table().equals(pieces.table())
    assert whole.table().schema.equals(STATISTICS_SCHEMA)
    assert sum(whole.table()["documents"].to_pylist()) == 3000
    expected: Counter[tuple[object, ...]] = Counter()
    for row in table.to_pylist():
        expected[row["source"], row["url_host"], row["decision"], row["reason"]] += row["chars_in"]
    found = {
        (row["source"], row["url_host"], row["decision"], row["reason"]): row["chars_in"]
        for row in whole.table().to_pylist()
    }
    assert found == dict(expected)


def test_no_more_sums_are_held_than_allowed() -> None:
    sums = Sums(("source",), most=4)
    sums.add(document_sums(_rows(2, 500)))
    with pytest.raises(OverflowError):
        sums.table()


def test_parts_of_the_values_hold_each_value_once() -> None:
    table = document_sums(_rows(3, 800))
    parts = [of_part(table, "url_host", part, 7) for part in range(7)]
    assert sum(map(len, parts)) == 800
    values = [set(part["url_host"].to_pylist()) for part in parts]
    assert sum(map(len, values)) == len(set().union(*values))


def test_the_largest_values_are_those_of_most_documents_then_the_first_ones() -> None:
    sums = Sums(("source", "decision"))
    sources = ["b", "a", "c", "c", "d"]
    sums.add(
        document_sums(
            pa.table({"source": sources, "decision": ["kept"] * 5, "chars_in": [1] * 5, "chars_out": [1] * 5})
        )
    )
    chosen, rest = largest(sums.table(), "source", 2)
    assert set(chosen["source"].to_pylist()) == {"c", "a"}
    assert set(rest["source"].to_pylist()) == {"b", "d"}


def test_before_is_what_came_in_and_after_what_is_kept() -> None:
    sums = Sums()
    decisions = ["kept", "duplicate", "rejected"]
    columns = {"chars_in": [10, 20, 0], "chars_out": [9, 0, 0], "tokens": pa.array([3, None, None], pa.int64())}
    sums.add(document_sums(pa.table({"source": ["a"] * 3, "decision": decisions, **columns})))
    assert describe(sums.table()) == {
        "documents": {"in": 3, "kept": 1, "duplicate": 1, "filtered": 0, "rejected": 1},
        "chars": {"in": 30, "out": 9},
        "tokens": 3,
    }
    assert "tokens" not in describe(Sums().table())
