"""Tasks over stored keys: each sorts one range of the keys of one band, or of several bands if there are few keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import apache_beam as beam
import numpy as np
import pyarrow as pa

from corpusmill.transforms.kernels.arrays import Int64s
from corpusmill.transforms.keyed import KeyedBatch, Keys, join_columns, make_batch

_MIN_TASKS = 8
"""Tasks to cut the bands into, however few documents there are, so that workers have something to share."""


def range_of(keys: Keys, ranges: int) -> Int64s:
    """Return int64[n], the range of each key if the key space is cut into so many: the high half of key * ranges."""
    half = np.uint64(32)
    return ((keys >> half) * np.uint64(ranges) >> half).astype(np.int64)


def plan_ranges(entries: int, bytes_per_entry: int, memory_bytes: int) -> int:
    """Return into how many ranges the keys of a band are cut, so that a task can sort one within so much memory."""
    return max(1, -(-entries * bytes_per_entry // memory_bytes))


class RangeTask(NamedTuple):
    """One range of the keys of some bands.

    Attributes:
        first_band: The first band.
        end_band: The band after the last.
        part: Number of the range.
        ranges: Number of ranges; if there are several, the task has one band.
        splits: Splits whose keys are stored, ascending.
    """

    first_band: int
    end_band: int
    part: int
    ranges: int
    splits: list[int]

    def to_batch(self) -> pa.RecordBatch:
        """Return the task as a batch, which crosses a shuffle with a compact coder."""
        *bounds, splits = self
        return make_batch(bounds=pa.array([bounds]), splits=pa.array([splits]))

    @classmethod
    def from_batches(cls, batches: Iterable[pa.RecordBatch]) -> RangeTask:
        """Return the task of a key; an engine may hand it over more than once."""
        batch = next(iter(batches))
        first_band, end_band, part, ranges = batch["bounds"][0].as_py()
        return cls(first_band, end_band, part, ranges, batch["splits"][0].as_py())


class PlanTasksFn(beam.DoFn):
    """Cut the keys of all splits into tasks.

    Input: (0, batches of `split`, `rows`: how many keys a band of it has).
    Output: (number, `RangeTask` as a batch).

    Attributes:
        bands: Number of bands.
        bytes_per_entry: Memory that a task needs for each key.
        memory_bytes: Memory that a task may use.
    """

    def __init__(self, bands: int, bytes_per_entry: int, memory_bytes: int) -> None:
        self._bands = bands
        self._bytes_per_entry = bytes_per_entry
        self._memory_bytes = memory_bytes

    def process(self, element: tuple[int, Iterable[pa.RecordBatch]]) -> Iterator[KeyedBatch]:
        """Yield the tasks; none if there is no key."""
        splits, rows = join_columns(element[1], "split", "rows")
        splits = np.sort(splits[rows > 0]).tolist()
        if not splits:
            return
        ranges = plan_ranges(int(rows.sum()), self._bytes_per_entry, self._memory_bytes)
        tasks = self._bands if ranges > 1 else min(self._bands, _MIN_TASKS)
        for number, own in enumerate(np.array_split(np.arange(self._bands), tasks)):
            for part in range(ranges):
                task = RangeTask(int(own[0]), int(own[-1]) + 1, part, ranges, splits)
                yield number * ranges + part, task.to_batch()
