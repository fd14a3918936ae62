from collections import Counter

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.writing.copies import COPIES_FIELDS, COUNTS_SCHEMA, copies_columns, count_copies

Rows = list[tuple[int, str, int]]
COUNTS = st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["a", "b/é", "c"]), st.integers(1, 5)), max_size=20)


def _batch(rows: Rows) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([dict(zip(COUNTS_SCHEMA.names, row, strict=True)) for row in rows], COUNTS_SCHEMA)


@given(COUNTS, st.integers(0, 20), st.integers(0, 9))
def test_counts_are_sums_by_row_and_source_however_they_come(rows: Rows, cut: int, start: int) -> None:
    counted = count_copies([_batch(rows[cut:]), _batch(rows[:cut])])
    expected: Counter[tuple[int, str]] = Counter()
    for row, source, n in rows:
        expected[row, source] += n
    assert [tuple(row.values()) for row in counted.to_pylist()] == [(*key, n) for key, n in sorted(expected.items())]
    columns = copies_columns(counted, start, 10 - start)
    assert columns["copies"].to_pylist() == [
        sum(n for (of, _), n in expected.items() if of == row) for row in range(start, 10)
    ]
    assert columns["copies_by_source"].to_pylist() == [
        [{"source": source, "count": n} for (of, source), n in sorted(expected.items()) if of == row]
        for row in range(start, 10)
    ]
    assert [columns[field.name].type for field in COPIES_FIELDS] == [field.type for field in COPIES_FIELDS]


def test_a_split_without_copies_has_zeros() -> None:
    columns = copies_columns(COUNTS_SCHEMA.empty_table(), 0, 2)
    assert columns["copies"].to_pylist() == [0, 0]
    assert columns["copies_by_source"].to_pylist() == [[], []]
