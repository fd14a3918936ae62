"""Groups of documents with equal words, found before anything is compared: one of each represents all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import apache_beam as beam
import numpy as np
import pyarrow as pa
from apache_beam import typehints
from apache_beam.pvalue import TaggedOutput

from corpusmill.transforms.duplicates.exchange import Exchange
from corpusmill.transforms.duplicates.ranges import PlanTasksFn, RangeTask, range_of
from corpusmill.transforms.kernels.arrays import Int64s
from corpusmill.transforms.kernels.duplicates.groups import resolve_groups
from corpusmill.transforms.kernels.duplicates.keep_order import STAYS
from corpusmill.transforms.kernels.duplicates.within import group_keys_within
from corpusmill.transforms.keyed import (
    KeyedBatch,
    Keys,
    by_group_bounded,
    from_binary,
    join_columns,
    keys_of,
    make_batch,
    row_of,
    split_of,
)
from corpusmill.transforms.staging.index import IndexedSplit
from corpusmill.transforms.staging.split_files import SplitFiles

_PARTITIONS = 16
_BYTES_PER_ENTRY = 100
"""Both halves of the key, document key and priority, the parts that they are put together from, room to sort."""


class Groups(NamedTuple):
    """The outputs of `ResolveGroups`.

    Attributes:
        demoted: (split, batch of `row`), documents that another one represents.
        members: (split of the representative, batch of `member`, `representative`): the same as document keys, but
            without the documents of earlier corpora, which stay.
    """

    demoted: beam.PCollection[KeyedBatch]
    members: beam.PCollection[KeyedBatch]


@dataclass
class ResolveGroups(beam.PTransform):
    """Find documents with equal words and choose the one that represents all, the first by priority.

    Input: (split, `IndexedSplit`).
    Output: `Groups`.
    Guarantees: the groups follow from the documents alone; not from `exchange`. `within`: the members of a group have
        the same value there, see `dedup.within`.
    """

    state: str
    exchange: Exchange = field(default_factory=Exchange)
    within: bool = False

    def expand(self, splits: beam.PCollection[tuple[int, IndexedSplit]]) -> Groups:
        """Wire the transform."""
        if self.exchange.through_files:
            plan = PlanTasksFn(1, _BYTES_PER_ENTRY, self.exchange.memory_bytes)
            keys = (
                splits
                | "ToOne" >> beam.Map(_size).with_output_types(KeyedBatch)
                | "Gather" >> beam.GroupByKey()
                | "PlanTasks" >> beam.ParDo(plan).with_output_types(KeyedBatch)
                | "ByTask" >> beam.GroupByKey()
                | "Resolve"
                >> beam.ParDo(_ResolveStoredFn(self.state, self.within))
                .with_output_types(KeyedBatch)
                .with_outputs("members", main="demoted")
            )
        else:
            keys = (
                splits
                | "EmitKeys" >> beam.ParDo(_EmitKeysFn(self.state, self.within)).with_output_types(KeyedBatch)
                | "ByRange" >> beam.GroupByKey()
                | "ResolveShuffled"
                >> beam.ParDo(_ResolveShuffledFn())
                .with_output_types(KeyedBatch)
                .with_outputs("members", main="demoted")
            )
        keys.members.element_type = typehints.Tuple[int, pa.RecordBatch]  # else it would be pickled
        return Groups(keys.demoted, keys.members)


def _size(element: tuple[int, IndexedSplit]) -> KeyedBatch:
    return 0, make_batch(split=np.array([element[0]]), rows=np.array([element[1].rows]))


def _active(files: SplitFiles, split: int, *, within: bool) -> tuple[Keys, Keys, Int64s]:
    """Group key, document key and priority of the documents of a split that take part."""
    index = files.index(split, ["active", "group_key", "priority", *(["within"] if within else [])])
    rows = np.flatnonzero(index["active"].to_numpy())
    group = from_binary(index["group_key"])[rows]
    if within:
        group = group_keys_within(group, from_binary(index["within"])[rows])
    return group, keys_of(split, rows), index["priority"].to_numpy()[rows]


def _resolve(group: Keys, document: Keys, priority: Int64s) -> Iterator[KeyedBatch | TaggedOutput]:
    is_first, first = resolve_groups(group, document, priority)
    member, representative = document[~is_first], first[~is_first]
    for split, at in by_group_bounded(split_of(member)):
        yield split, make_batch(row=row_of(member[at]))
    own = priority[~is_first] != STAYS  # those of earlier corpora among them
    member, representative = member[own], representative[own]
    for split, at in by_group_bounded(split_of(representative)):
        yield TaggedOutput("members", (split, make_batch(member=member[at], representative=representative[at])))


class _ResolveStoredFn(beam.DoFn):
    def __init__(self, state: str, within: bool) -> None:
        self._files = SplitFiles(state)
        self._within = within

    def process(self, element: tuple[int, Iterable[pa.RecordBatch]]) -> Iterator[KeyedBatch | TaggedOutput]:
        task = RangeTask.from_batches(element[1])
        parts: list[tuple[Keys, Keys, Int64s]] = []
        for split in task.splits:
            group, document, priority = _active(self._files, split, within=self._within)
            own = range_of(group[:, 0], task.ranges) == task.part if task.ranges > 1 else slice(None)
            parts.append((group[own], document[own], priority[own]))
        groups, documents, priorities = (np.concatenate(column) for column in zip(*parts, strict=True))
        del parts
        yield from _resolve(groups, documents, priorities)


class _EmitKeysFn(beam.DoFn):
    def __init__(self, state: str, within: bool) -> None:
        self._files = SplitFiles(state)
        self._within = within

    def process(self, element: tuple[int, IndexedSplit]) -> Iterator[KeyedBatch]:
        split, indexed = element
        if indexed.rows == 0:
            return
        group, document, priority = _active(self._files, split, within=self._within)
        for partition, at in by_group_bounded(range_of(group[:, 0], _PARTITIONS)):
            columns = {"group_0": group[at, 0], "group_1": group[at, 1]}
            yield partition, make_batch(document=document[at], priority=priority[at], **columns)


class _ResolveShuffledFn(beam.DoFn):
    def process(self, element: tuple[int, Iterable[pa.RecordBatch]]) -> Iterator[KeyedBatch | TaggedOutput]:
        document, group_0, group_1, priority = join_columns(element[1], "document", "group_0", "group_1", "priority")
        yield from _resolve(np.stack([group_0, group_1], axis=1), document, priority)
