"""Ending a run, before the long work, whose input can for the most part not be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import apache_beam as beam

from corpusmill.transforms import sealed, storage
from corpusmill.transforms.kernels.errors import DataRefusedError
from corpusmill.transforms.kernels.reading.refusal import describe_refusal, is_refused
from corpusmill.transforms.kernels.schema import REJECTED
from corpusmill.transforms.layout import State
from corpusmill.transforms.staging.stage import StagedSplit, Totals, add_totals


@dataclass
class RefuseUnreadable(beam.PTransform):
    """Let staged splits pass when all are staged and enough of their records could be read.

    Input: (split, `StagedSplit`), from `StageDocuments`.
    Output: the same.
    Guarantees: where too much could not be read, nothing passes: the run fails with a `DataRefusedError`, whose text
        is also in the state folder (`raise_if_refused`), since engines wrap errors in texts of their own.

    Attributes:
        state: The state folder.
        max_share: Share of the records that may be unreadable.
    """

    state: str
    max_share: float

    def expand(self, staged: beam.PCollection[tuple[int, StagedSplit]]) -> beam.PCollection[tuple[int, StagedSplit]]:
        """Wire the transform."""
        accepted = (
            staged
            | "Count" >> beam.Map(_reading_of).with_output_types(tuple[int, Totals])
            | "GatherCounts" >> beam.GroupByKey()
            | "Judge" >> beam.ParDo(_JudgeFn(self.state, self.max_share))
        )
        return staged | "Pass" >> beam.ParDo(_PassFn(), beam.pvalue.AsList(accepted))


def _reading_of(element: tuple[int, StagedSplit]) -> tuple[int, Totals]:
    totals = element[1].totals
    rejected = totals.decisions.get(REJECTED, 0)
    reasons = {reason: totals.reasons[reason] for reason in totals.rejections}
    return 0, Totals(rows=totals.rows, decisions={REJECTED: rejected}, reasons=reasons, rejections=totals.rejections)


class _JudgeFn(beam.DoFn):
    def __init__(self, state: str, max_share: float) -> None:
        self._state = state
        self._max_share = max_share

    def process(self, element: tuple[int, Iterable[Totals]]) -> Iterator[bool]:
        found = add_totals(element[1])
        if is_refused(found.rows, found.decisions.get(REJECTED, 0), self._max_share):
            message = describe_refusal(found.rows, found.reasons, found.rejections, self._max_share, of="records")
            sealed.write_json(State(self._state).refusal, {"message": message}, self._state)
            raise DataRefusedError(message)
        yield True


class _PassFn(beam.DoFn):
    def process(self, element: tuple[int, StagedSplit], accepted: list[bool]) -> Iterator[tuple[int, StagedSplit]]:
        del accepted  # waited for
        yield element


def forget_refusal(state: str) -> None:
    """Remove what an earlier attempt has left: the settings may accept it now."""
    storage.remove_file(State(state).refusal)


def raise_if_refused(state: str) -> None:
    """Raise the error that ended the run, if it was the reading.

    Raises:
        DataRefusedError: Too much of the input could not be read.
    """
    if storage.exists(State(state).refusal):
        raise DataRefusedError(sealed.read_json(State(state).refusal)["message"])
