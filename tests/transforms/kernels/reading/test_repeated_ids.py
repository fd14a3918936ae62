"""Ids that stand for several documents are counted, exactly or from a part of all hashes."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.reading.repeated_ids import count_repeated, id_hashes


@given(st.lists(st.lists(st.sampled_from("abcdefghij"), max_size=12), max_size=5))
def test_the_count_is_that_of_a_set(splits: list[list[str]]) -> None:
    every = [name for split in splits for name in split]
    found = count_repeated(((n, id_hashes(pa.array(split, pa.string()))) for n, split in enumerate(splits)), len(every))
    assert found.documents == len(every) - len(set(every))
    assert found.exact
    if found.documents:
        seen = set()
        first = next(
            (n, row)
            for n, split in enumerate(splits)
            for row, name in enumerate(split)
            if name in seen or seen.add(name)  # type: ignore[func-returns-value]  # it returns None, which is false
        )
        assert (found.split, found.row) == first


def test_a_part_of_the_hashes_stands_for_all() -> None:
    """3,000 of 20,000 ids are twice; an eighth of them is looked at, so the standard error is 8 * sqrt(3000 / 8)."""
    ids = [f"d{n}" for n in range(20_000)] + [f"d{n}" for n in range(3000)]
    found = count_repeated([(0, id_hashes(pa.array(ids)))], len(ids), most=len(ids) // 5)
    assert not found.exact
    assert abs(found.documents - 3000) < 5 * 8 * np.sqrt(3000 / 8)
