"""The greedy cover over all verified pairs of a run, on one worker or in rounds on many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import apache_beam as beam
import numpy as np
import pyarrow as pa
from apache_beam import typehints
from apache_beam.pvalue import TaggedOutput

from corpusmill.transforms.kernels.duplicates.cover import greedy_cover
from corpusmill.transforms.kernels.duplicates.cover_rounds import (
    NO_DECISIONS,
    CoverPart,
    Decisions,
    OpenEdges,
    choose_partners,
    cover_round,
    finish,
    join_parts,
    open_edges,
    split_edges,
)
from corpusmill.transforms.keyed import MAX_ROWS, KeyedBatch, by_group_bounded, join_columns, make_batch, split_of

ROUNDS = 3
"""Rounds before what is still open is sent to one worker: only the ends of long chains are."""

EDGE_COLUMNS = ("left", "right", "similarity", "left_priority", "right_priority")


@dataclass
class CoverDuplicates(beam.PTransform):
    """Choose which documents of verified pairs are removed, and the kept partner of each.

    Input: (any number, batch of `EDGE_COLUMNS`), from `VerifyPairs`.
    Output: (split of the removed document, batch of `document`, `partner`, `similarity`).
    Guarantees: the result of `kernels.duplicates.cover.greedy_cover` over all pairs, whatever the number of partitions.
        With one partition a single worker holds all pairs (some 40 bytes each); with more, none holds more than its
        share, and one holds what is open after the rounds.
    """

    partitions: int = 1

    def expand(self, edges: beam.PCollection[KeyedBatch]) -> beam.PCollection[KeyedBatch]:
        """Wire the transform."""
        if self.partitions == 1:
            return (
                edges
                | "ToOne" >> beam.Map(_to_one).with_output_types(KeyedBatch)
                | "Gather" >> beam.GroupByKey()
                | "Cover" >> beam.ParDo(_CoverFn()).with_output_types(KeyedBatch)
            )
        state = edges | "SplitEdges" >> beam.ParDo(_SplitEdgesFn(self.partitions)).with_output_types(_Message)
        for number in range(1, ROUNDS + 1):
            last = number == ROUNDS
            state = (
                state
                | f"GatherRound{number}" >> beam.GroupByKey()
                | f"Round{number}"
                >> beam.ParDo(_RoundFn(self.partitions, last=last))
                .with_output_types(_Message)
                .with_outputs("open", main="state")
            )
            opened = state.open
            opened.element_type = _MESSAGE  # else it would be pickled
            state = state.state
        finished = (
            opened
            | "GatherOpen" >> beam.GroupByKey()
            | "Finish" >> beam.ParDo(_FinishFn(self.partitions)).with_output_types(_Message)
        )
        return (
            (state, finished)
            | "WithFinished" >> beam.Flatten()
            | "GatherDecided" >> beam.GroupByKey()
            | "ChoosePartners" >> beam.ParDo(_ChooseFn()).with_output_types(KeyedBatch)
        )


def _to_one(element: KeyedBatch) -> KeyedBatch:
    return 0, element[1]


class _CoverFn(beam.DoFn):
    def process(self, element: tuple[int, Iterable[pa.RecordBatch]]) -> Iterator[KeyedBatch]:
        yield from _by_split(*greedy_cover(*join_columns(element[1], *EDGE_COLUMNS)))


def _by_split(document: np.ndarray, partner: np.ndarray, similarity: np.ndarray) -> Iterator[KeyedBatch]:
    for split, at in by_group_bounded(split_of(document)):
        yield split, make_batch(document=document[at], partner=partner[at], similarity=similarity[at])


_PART, _DECISIONS, _FINISHED = range(3)
"""Kinds of messages to a partition: edges, decisions of others, and those of the worker that finished."""

_Message = tuple[int, tuple[int, pa.RecordBatch]]
"""Partition, kind, columns."""

_MESSAGE = typehints.Tuple[int, typehints.Tuple[int, pa.RecordBatch]]


class _Received(NamedTuple):
    """What arrived for a partition: its edges, decisions, and those of the worker that finished."""

    parts: list[CoverPart]
    decisions: list[Decisions]
    finished: list[Decisions]


def _receive(messages: Iterable[tuple[int, pa.RecordBatch]]) -> _Received:
    received = _Received([], [], [])
    for kind, batch in messages:
        columns = [column.to_numpy(zero_copy_only=False) for column in batch.columns]
        if kind == _PART:
            received.parts.append(CoverPart._make(columns))
        else:
            (received.finished if kind == _FINISHED else received.decisions).append(Decisions._make(columns))
    return received


def _send(partition: int, kind: int, columns: CoverPart | Decisions) -> Iterator[_Message]:
    for start in range(0, len(columns.document), MAX_ROWS):
        batch = make_batch(**{name: c[start : start + MAX_ROWS] for name, c in columns._asdict().items()})
        yield partition, (kind, batch)


class _SplitEdgesFn(beam.DoFn):
    def __init__(self, partitions: int) -> None:
        self._partitions = partitions

    def process(self, element: KeyedBatch) -> Iterator[_Message]:
        columns = join_columns([element[1]], *EDGE_COLUMNS)
        for partition, part in sorted(split_edges(*columns, partitions=self._partitions).items()):
            yield from _send(partition, _PART, part)


class _RoundFn(beam.DoFn):
    def __init__(self, partitions: int, *, last: bool) -> None:
        self._partitions = partitions
        self._last = last

    def process(self, element: tuple[int, Iterable[tuple[int, pa.RecordBatch]]]) -> Iterator[_Message | TaggedOutput]:
        partition, messages = element
        received = _receive(messages)
        part, news = cover_round(join_parts(received.parts), received.decisions, self._partitions)
        yield from _send(partition, _PART, part)
        for target, decisions in sorted(news.items()):
            yield from _send(target, _DECISIONS, decisions)
        if self._last:
            edges, decided = open_edges(part, news)
            for sent in (*_send(0, _PART, edges), *_send(0, _DECISIONS, decided)):
                yield TaggedOutput("open", sent)


class _FinishFn(beam.DoFn):
    def __init__(self, partitions: int) -> None:
        self._partitions = partitions

    def process(self, element: tuple[int, Iterable[tuple[int, pa.RecordBatch]]]) -> Iterator[_Message]:
        received = _receive(element[1])
        if not received.parts:
            return
        known = [OpenEdges(part, NO_DECISIONS) for part in received.parts]
        known += [OpenEdges(_empty_part(received.parts[0]), decisions) for decisions in received.decisions]
        decided = finish(known)
        for partition in range(self._partitions):
            yield from _send(partition, _FINISHED, decided)


def _empty_part(part: CoverPart) -> CoverPart:
    return CoverPart._make(column[:0] for column in part)


class _ChooseFn(beam.DoFn):
    def process(self, element: tuple[int, Iterable[tuple[int, pa.RecordBatch]]]) -> Iterator[KeyedBatch]:
        received = _receive(element[1])
        if not received.parts:  # told of what was finished, and holds nothing
            return
        finished = received.finished or [NO_DECISIONS]
        joined = Decisions(
            np.concatenate([found.document for found in finished]), np.concatenate([found.status for found in finished])
        )
        yield from _by_split(*choose_partners(join_parts(received.parts), received.decisions, joined))
