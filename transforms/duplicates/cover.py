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
"""Rounds before what is still open goes to one worker: only the ends of long chains are."""

EDGE_COLUMNS = ("left", "right", "similarity", "left_priority", "right_priority")


@dataclass
class CoverDuplicates(beam.PTransform):
    """Choose which documents of verified pairs go, and the kept partner of each.

    Input: (any number, batch of `EDGE_COLUMNS`), from `VerifyPairs`.
    Output: (split of the removed document, batch of `document`, `partner`, `similarity`).
    Guarantees: the result of `kernels.cover.greedy_cover` over all pairs, whatever the number of partitions. With one
        partition a single worker holds all pairs (some 40 bytes each); with more, none holds more than its share, and
        one what is open after the rounds.
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
        state = edges | "SplitEdges" >> beam.ParDo(_SplitEdgesFn(self.partitions)).with_output_types(KeyedBatch)
        for number in range(1, ROUNDS + 1):
            last = number == ROUNDS
            state = (
                state
                | f"GatherRound{number}" >> beam.GroupByKey()
                | f"Round{number}"
                >> beam.ParDo(_RoundFn(self.partitions, last=last))
                .with_output_types(KeyedBatch)
                .with_outputs("open", main="state")
            )
            opened = state.open
            opened.element_type = typehints.Tuple[int, pa.RecordBatch]  # else it would be pickled
            state = state.state
        finished = (
            opened
            | "GatherOpen" >> beam.GroupByKey()
            | "Finish" >> beam.ParDo(_FinishFn(self.partitions)).with_output_types(KeyedBatch)
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


_FINISHED = "finished"


class _Received(NamedTuple):
    """What arrived for a partition: its edges, decisions, and those of the worker that finished."""

    parts: list[CoverPart]
    decisions: list[Decisions]
    finished: list[Decisions]


def _receive(batches: Iterable[pa.RecordBatch]) -> _Received:
    received = _Received([], [], [])
    for batch in batches:
        columns = [column.to_numpy(zero_copy_only=False) for column in batch.columns]
        if "neighbour" in batch.schema.names:
            received.parts.append(CoverPart._make(columns))
        elif _FINISHED in batch.schema.names:
            received.finished.append(Decisions(columns[0], columns[1]))
        else:
            received.decisions.append(Decisions._make(columns))
    return received


def _send(key: int, columns: CoverPart | Decisions) -> Iterator[KeyedBatch]:
    for start in range(0, len(columns.document), MAX_ROWS):
        yield key, make_batch(**{n: c[start : start + MAX_ROWS] for n, c in columns._asdict().items()})


class _SplitEdgesFn(beam.DoFn):
    def __init__(self, partitions: int) -> None:
        self._partitions = partitions

    def process(self, element: KeyedBatch) -> Iterator[KeyedBatch]:
        columns = join_columns([element[1]], *EDGE_COLUMNS)
        for partition, part in sorted(split_edges(*columns, partitions=self._partitions).items()):
            yield from _send(partition, part)


class _RoundFn(beam.DoFn):
    def __init__(self, partitions: int, *, last: bool) -> None:
        self._partitions = partitions
        self._last = last

    def process(self, element: tuple[int, Iterable[pa.RecordBatch]]) -> Iterator[KeyedBatch | TaggedOutput]:
        partition, batches = element
        received = _receive(batches)
        part, news = cover_round(join_parts(received.parts), received.decisions, self._partitions)
        yield from _send(partition, part)
        for target, decisions in sorted(news.items()):
            yield from _send(target, decisions)
        if self._last:
            opened = open_edges(part, news)
            for columns in opened:
                for sent in _send(0, columns):
                    yield TaggedOutput("open", sent)


class _FinishFn(beam.DoFn):
    def __init__(self, partitions: int) -> None:
        self._partitions = partitions

    def process(self, element: tuple[int, Iterable[pa.RecordBatch]]) -> Iterator[KeyedBatch]:
        received = _receive(element[1])
        if not received.parts:
            return
        known = [OpenEdges(part, _NOTHING) for part in received.parts]
        known += [OpenEdges(_empty_part(received.parts[0]), decisions) for decisions in received.decisions]
        decided = finish(known)
        for start in range(0, len(decided.document), MAX_ROWS):
            batch = make_batch(
                **{
                    _FINISHED: decided.document[start : start + MAX_ROWS],
                    "status": decided.status[start : start + MAX_ROWS],
                }
            )
            for partition in range(self._partitions):
                yield partition, batch


_NOTHING = Decisions(np.zeros(0, np.uint64), np.zeros(0, np.int8))


def _empty_part(part: CoverPart) -> CoverPart:
    return CoverPart._make(column[:0] for column in part)


class _ChooseFn(beam.DoFn):
    def process(self, element: tuple[int, Iterable[pa.RecordBatch]]) -> Iterator[KeyedBatch]:
        received = _receive(element[1])
        if not received.parts:  # told of what was finished, and holds nothing
            return
        finished = received.finished or [_NOTHING]
        joined = Decisions(
            np.concatenate([found.document for found in finished]), np.concatenate([found.status for found in finished])
        )
        yield from _by_split(*choose_partners(join_parts(received.parts), received.decisions, joined))
