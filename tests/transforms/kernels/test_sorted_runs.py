"""Runs of equal values against looking at neighbours one by one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.sorted_runs import is_shared, starts_run

SMALL = st.integers(0, 2)


@given(st.lists(st.tuples(SMALL, SMALL, SMALL), max_size=12))
def test_a_run_starts_where_a_row_differs_from_the_one_before(rows: list[tuple[int, int, int]]) -> None:
    table = np.array(rows, np.uint64).reshape(-1, 3)
    expected = [place == 0 or rows[place] != rows[place - 1] for place in range(len(rows))]
    assert starts_run(table[:, 0], table[:, 1:]).tolist() == expected
    assert starts_run(*table.T).tolist() == expected


@given(st.lists(SMALL, max_size=12))
def test_a_value_is_shared_if_there_is_another_one(values: list[int]) -> None:
    assert is_shared(np.sort(np.array(values, np.int64))).tolist() == [values.count(v) > 1 for v in sorted(values)]
