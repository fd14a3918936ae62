"""Keep policies as one order over all documents."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.duplicates.keep_order import LAST, KeepPolicy, parse_keep, priorities


def order(policy: str, column: pa.Array) -> list[int]:
    found: list[int] = np.argsort(priorities(parse_keep(policy), column), kind="stable").tolist()
    return found


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("first", KeepPolicy("first")),
        (" longest ", KeepPolicy("longest")),
        ("newest published_at", KeepPolicy("newest", "published_at")),
        ("highest quality score", KeepPolicy("highest", "quality score")),
        ("sources [gold/, 'b.jsonl', *.parquet]", KeepPolicy("sources", sources=("gold/", "b.jsonl", "*.parquet"))),
    ],
)
def test_policies_are_parsed(text: str, policy: KeepPolicy) -> None:
    assert parse_keep(text) == policy


@pytest.mark.parametrize(
    "text", ["", "last", "newest", "highest ", "longest x", "sources", "sources []", "sources [a, a]"]
)
def test_what_is_no_policy_is_refused_with_the_grammar(text: str) -> None:
    with pytest.raises(ValueError, match=r"keep: .*(first \| longest|at least one source)"):
        parse_keep(text)


def test_first_leaves_the_order_to_the_document_key() -> None:
    assert priorities(parse_keep("first"), pa.array(["b", None, "a"])).tolist() == [0, 0, 0]


def test_longest_counts_characters_and_puts_null_last() -> None:
    assert order("longest", pa.array(["abc", None, "ééé", "abcd", ""])) == [3, 0, 2, 4, 1]


FLOATS = st.one_of(st.none(), st.floats())


@given(st.lists(FLOATS, max_size=20))
def test_highest_orders_numbers_as_python_does_with_nothing_to_compare_last(values: list[float | None]) -> None:
    found = priorities(parse_keep("highest x"), pa.array(values, pa.float64())).tolist()
    usable = [i for i, value in enumerate(values) if value is not None and not math.isnan(value)]
    for i in usable:
        assert found[i] < LAST
        for j in usable:
            assert (found[i] < found[j]) == (values[i] > values[j])  # type: ignore[operator]
    assert all(found[i] == LAST for i in range(len(values)) if i not in usable)


@pytest.mark.parametrize("kind", [pa.int8(), pa.int64(), pa.float32(), pa.float64(), pa.string(), pa.large_string()])
def test_highest_gives_equal_numbers_of_any_type_equal_priorities(kind: pa.DataType) -> None:
    column = pa.array([1, -3, 7, None, 0], pa.int64()).cast(kind)
    reference = priorities(parse_keep("highest x"), pa.array([1, -3, 7, None, 0], pa.float64()))
    assert priorities(parse_keep("highest x"), column).tolist() == reference.tolist()


def test_highest_reads_numbers_in_text_and_leaves_other_text_last() -> None:
    assert order("highest x", pa.array(["10", " 9.5 ", "n/a", "1e2", "", "-3"])) == [3, 0, 1, 5, 2, 4]


MOMENT = dt.datetime(2021, 3, 4, 5, 6, 7, 250000)
MICROS = int((MOMENT - dt.datetime(1970, 1, 1)).total_seconds() * 1e6)


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("2021-03-04T05:06:07.25Z", MICROS),
        ("2021-03-04 05:06:07,250", MICROS),
        ("2021-03-04T06:06:07.250+01:00", MICROS),
        ("2021-03-04T00:06:07.250-0500", MICROS),
        ("2021-03-04", MICROS - (5 * 3600 + 6 * 60 + 7) * 10**6 - 250000),
        ("2021-03", int(dt.timedelta(days=18687).total_seconds()) * 10**6),
        ("1969-12-31T23:59:59Z", -(10**6)),
    ],
)
def test_newest_reads_iso_times(text: str, micros: int) -> None:
    assert priorities(parse_keep("newest t"), pa.array([text])).tolist() == [~micros]


def test_newest_gives_equal_moments_of_any_type_equal_priorities() -> None:
    columns = [
        pa.array([MOMENT], pa.timestamp("us")),
        pa.array([MOMENT], pa.timestamp("ns")),
        pa.array([MOMENT], pa.timestamp("ms", tz="UTC")),
        pa.array([MICROS / 1e6], pa.float64()),
        pa.array([MOMENT.isoformat()]),
    ]
    assert {priorities(parse_keep("newest t"), column).tolist()[0] for column in columns} == {~MICROS}
    day = priorities(parse_keep("newest t"), pa.array([MOMENT.date()], pa.date32()))
    assert day.tolist() == priorities(parse_keep("newest t"), pa.array(["2021-03-04"])).tolist()


@pytest.mark.parametrize(
    "text", ["yesterday", "2021-13-01", "2021-02-30", "2021-01-01T25:00", "", "20210101", "2021-01-01T00:61Z"]
)
def test_newest_puts_what_is_no_time_last(text: str) -> None:
    assert order("newest t", pa.array([text, None, "1970-01-01"])) == [2, 0, 1]


def test_sources_go_by_the_first_pattern_that_matches() -> None:
    column = pa.array(["web/x.jsonl", "gold/a.txt", "gold2/a.txt", "b.jsonl", None, "b.jsonl", "deep/gold/z"])
    assert order("sources [gold/, b.jsonl, *.txt]", column) == [1, 3, 5, 2, 0, 4, 6]


def test_a_column_without_order_is_refused() -> None:
    with pytest.raises(TypeError, match="keep: column 'tags' of type list"):
        priorities(parse_keep("highest tags"), pa.array([[1]]))
    with pytest.raises(TypeError, match="keep: column 'tags' of type list"):
        priorities(parse_keep("newest tags"), pa.array([[1]]))
