"""What earlier attempts of a run have staged: taken as it is where it is intact, made again where it is not."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import apache_beam as beam
from apache_beam import typehints
from apache_beam.pvalue import TaggedOutput

from corpusmill.transforms import sealed
from corpusmill.transforms.layout import State
from corpusmill.transforms.reading.splits import Split
from corpusmill.transforms.staging.stage import StagedFile, Totals, open_staged, read_totals

_LOG = logging.getLogger("corpusmill")


class Resumed(NamedTuple):
    """The outputs of `ResumeStaged`.

    Attributes:
        staged: (split, (`StagedFile`, `Totals`)) of the splits that are intact.
        again: The splits of which a file is damaged or gone; they have to be read and staged again.
    """

    staged: beam.PCollection[tuple[int, tuple[StagedFile, Totals]]]
    again: beam.PCollection[Split]


@dataclass
class ResumeStaged(beam.PTransform):
    """Look through the staged files of earlier attempts.

    Input: the pipeline.
    Output: `Resumed`.
    Guarantees: every byte of a file that is taken has been checked.

    Attributes:
        state: The state folder.
        earlier: Path of the list that `write_earlier` wrote; None if there was no earlier attempt.
    """

    state: str
    earlier: str | None

    def expand(self, begin: beam.pvalue.PBegin) -> Resumed:
        """Wire the transform."""
        checked = (
            begin
            | "Earlier" >> beam.Create([self.earlier] if self.earlier else [], reshuffle=False)
            | "ListEarlier" >> beam.FlatMap(_list_earlier)
            | "SpreadEarlier" >> beam.GroupByKey()
            | "CheckEarlier" >> beam.ParDo(_CheckFn(self.state)).with_outputs("again", main="staged")
        )
        checked.again.element_type = Split
        checked.staged.element_type = typehints.Tuple[int, typehints.Tuple[StagedFile, Totals]]
        return Resumed(checked.staged, checked.again)


def write_earlier(path: str, staged: Iterable[tuple[Split, list[str]]], state: str) -> None:
    """Write down which splits are staged, and the names of their files."""
    sealed.write_json(path, [{"split": split.to_json(), "files": names} for split, names in staged], state)


def _list_earlier(path: str) -> list[tuple[int, tuple[Split, list[str]]]]:
    found = [(Split.from_json(entry["split"]), entry["files"]) for entry in sealed.read_json(path)]
    return [(split.index, (split, names)) for split, names in found]


class _CheckFn(beam.DoFn):
    def __init__(self, state: str) -> None:
        self._state = state

    def process(
        self, element: tuple[int, Iterable[tuple[Split, list[str]]]]
    ) -> Iterator[tuple[int, tuple[StagedFile, Totals]] | TaggedOutput]:
        split, names = next(iter(element[1]))
        paths = [State(self._state).staged(name) for name in names]
        broken = [path for path in paths if not sealed.is_intact(path)]
        if broken:
            _LOG.warning("the working file %s is damaged: its part of the input is read again", broken[0])
            yield TaggedOutput("again", split)
            return
        for name in names:
            staged = open_staged(self._state, name)
            yield staged.split, (staged, read_totals(self._state, staged))
