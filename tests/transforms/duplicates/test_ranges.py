"""Tasks over stored keys: together they read every key of every band once."""

from collections import Counter

import numpy as np
import pytest

from corpusmill.transforms.duplicates.ranges import PlanTasksFn, RangeTask, plan_ranges, range_of
from corpusmill.transforms.keyed import make_batch


@pytest.mark.parametrize("ranges", [1, 3, 16])
def test_ranges_are_even_and_ascend_with_the_keys(ranges: int) -> None:
    keys = np.sort(np.random.default_rng(1).integers(0, 1 << 64, 10_000, dtype=np.uint64))
    found = range_of(keys, ranges)
    assert (np.diff(found) >= 0).all()
    counts = np.bincount(found, minlength=ranges)
    assert len(counts) == ranges
    # Each is binomial(n, 1 / ranges): six standard deviations.
    assert (abs(counts - len(keys) / ranges) <= 6 * np.sqrt(len(keys) / ranges)).all()


@pytest.mark.parametrize("memory", [1 << 30, 4000, 20])  # the last one: more ranges than keys
@pytest.mark.parametrize("bands", [1, 5, 40])
def test_every_range_of_every_band_belongs_to_one_task(bands: int, memory: int) -> None:
    batches = [make_batch(split=np.array([split]), rows=np.array([rows])) for split, rows in ((3, 70), (1, 30), (2, 0))]
    found = list(PlanTasksFn(bands, 40, memory).process((0, batches)))
    tasks = [RangeTask.from_batches([batch]) for _, batch in found]
    ranges = plan_ranges(100, 40, memory)
    assert len({number for number, _ in found}) == len(found)
    assert {task.ranges for task in tasks} == {ranges}
    assert all(task.splits == [1, 3] for task in tasks)  # split 2 has no key
    assert all(task.end_band - task.first_band == 1 for task in tasks if ranges > 1)
    pieces = Counter((band, task.part) for task in tasks for band in range(task.first_band, task.end_band))
    assert pieces == {(band, part): 1 for band in range(bands) for part in range(ranges)}


def test_without_keys_there_is_no_task() -> None:
    assert not list(PlanTasksFn(5, 40, 1000).process((0, [make_batch(split=np.array([0]), rows=np.array([0]))])))
