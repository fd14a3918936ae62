"""Ending a run, before the long work, whose input can for the most part not be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NoReturn

import apache_beam as beam

from corpusmill.transforms import sealed, storage
from corpusmill.transforms.kernels.errors import DataRefusedError
from corpusmill.transforms.kernels.reading.refusal import describe_missing_column, describe_refusal, is_refused
from corpusmill.transforms.kernels.schema import REJECTED
from corpusmill.transforms.layout import State
from corpusmill.transforms.staging.kept_columns import columns_found, field_names
from corpusmill.transforms.staging.stage import (
    StagedSplit,
    Totals,
    add_totals,
    open_staged,
    staged_splits,
)


@dataclass
class RefuseUnreadable(beam.PTransform):
    """Let staged splits pass when all are staged and enough of their records could be read.

    Input: (split, `StagedSplit`), from `StageDocuments`.
    Output: the same.
    Guarantees: where too much could not be read, or nothing has the needed column, nothing passes: the run fails with
        a `DataRefusedError`, whose text is also in the state folder (`raise_if_refused`), since engines wrap errors
        in texts of their own.

    Attributes:
        state: The state folder.
        max_share: Share of the records that may be unreadable.
        within: Kept column that at least one record must have (`dedup.within`); None for none.
    """

    state: str
    max_share: float
    within: str | None = None

    def expand(self, staged: beam.PCollection[tuple[int, StagedSplit]]) -> beam.PCollection[tuple[int, StagedSplit]]:
        """Wire the transform."""
        accepted = (
            staged
            | "Count" >> beam.Map(_reading_of).with_output_types(tuple[int, Totals])
            | "GatherCounts" >> beam.GroupByKey()
            | "Judge" >> beam.ParDo(_JudgeFn(self.state, self.max_share, self.within))
        )
        return staged | "Pass" >> beam.ParDo(_PassFn(), beam.pvalue.AsList(accepted))


def _reading_of(element: tuple[int, StagedSplit]) -> tuple[int, Totals]:
    totals = element[1].totals
    rejected = totals.decisions.get(REJECTED, 0)
    reasons = {reason: totals.reasons[reason] for reason in totals.rejections}
    return 0, Totals(
        rows=totals.rows,
        decisions={REJECTED: rejected},
        reasons=reasons,
        rejections=totals.rejections,
        columns=totals.columns,
    )


class _JudgeFn(beam.DoFn):
    def __init__(self, state: str, max_share: float, within: str | None) -> None:
        self._state = state
        self._max_share = max_share
        self._within = within

    def process(self, element: tuple[int, Iterable[Totals]]) -> Iterator[bool]:
        found = add_totals(element[1])
        if is_refused(found.rows, found.decisions.get(REJECTED, 0), self._max_share):
            self._refuse(describe_refusal(found.rows, found.reasons, found.rejections, self._max_share, of="records"))
        counts = columns_found(found.columns).get(self._within or "")
        if self._within is not None and counts is not None and found.rows > found.decisions.get(REJECTED, 0):
            self._refuse(describe_missing_column(self._within, self._fields(), counts, key="dedup.within"))
        yield True

    def _refuse(self, message: str) -> None:
        if message:
            refuse(self._state, message)

    def _fields(self) -> set[str]:
        """Names of fields of some records."""
        first = [names[0] for names in staged_splits(self._state).values()][:_NAMING_SPLITS]
        paths = (open_staged(self._state, name).path(self._state) for name in first)
        return set().union(*(field_names(sealed.read_parquet(path, ["metadata"])["metadata"]) for path in paths))


_NAMING_SPLITS = 8


class _PassFn(beam.DoFn):
    def process(self, element: tuple[int, StagedSplit], accepted: list[bool]) -> Iterator[tuple[int, StagedSplit]]:
        del accepted  # waited for
        yield element


def refuse(state: str, message: str) -> NoReturn:
    """End the run for what its data are, and leave the message where `raise_if_refused` finds it."""
    sealed.write_json(State(state).refusal, {"message": message}, state)
    raise DataRefusedError(message)


def forget_refusal(state: str) -> None:
    """Remove what an earlier attempt has left: the settings may accept it now."""
    storage.remove_file(State(state).refusal)


def raise_if_refused(state: str) -> None:
    """Raise the error that ended the run, if it was what the data are.

    Raises:
        DataRefusedError: Too much of the input could not be read, or a column has too many values.
    """
    if storage.exists(State(state).refusal):
        raise DataRefusedError(sealed.read_json(State(state).refusal)["message"])
