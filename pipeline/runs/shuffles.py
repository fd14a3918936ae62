"""What crosses each shuffle of a run: how much it is, and that all of it arrives, on any engine.

Engines have limits for what one element may be, and slow down near them. So a run measures the encoded size of every
element in front of every GroupByKey, its own and those inside Beam's transforms, and puts the figures in the manifest.

And an engine may lose elements without a word. So elements and rows are counted in front of and behind every GroupByKey
and every Flatten, bundle by bundle. The counts are elements themselves: a bundle that an engine repeats counts once, as
its output does. They are added up at the end (`shuffles.json` in the state folder), and a difference ends the run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import pyarrow as pa
from apache_beam import typehints
from apache_beam.coders import registry
from apache_beam.metrics import Metrics
from apache_beam.metrics.metric import MetricsFilter
from apache_beam.pipeline import AppliedPTransform, PTransformOverride
from apache_beam.portability import python_urns
from apache_beam.pvalue import TaggedOutput
from apache_beam.runners.runner import PipelineResult
from apache_beam.transforms.window import GlobalWindows

from corpusmill.transforms import sealed
from corpusmill.transforms.layout import State

_SENT = "corpusmill.sent"
_KEYS = "corpusmill.keys"
_INSIDE = "/CoGroupByKeyImpl/GroupByKey"


@dataclass(frozen=True)
class Shuffle:
    """What crossed a shuffle, attempts that the engine repeated included.

    Attributes:
        elements: Elements.
        bytes: Sum of their encoded sizes.
        largest: The largest encoded size.
        keys: Distinct keys.
    """

    elements: int
    bytes: int
    largest: int
    keys: int


@dataclass(frozen=True)
class Account:
    """What went into a shuffle or a Flatten and what came out, each bundle counted once.

    Attributes:
        elements_in: Elements sent.
        rows_in: Rows of the batches sent, bytes of packed values, one for anything else.
        elements_out: Elements that arrived.
        rows_out: Their rows, counted as in `rows_in`.
    """

    elements_in: int
    rows_in: int
    elements_out: int
    rows_out: int

    @property
    def agrees(self) -> bool:
        """Whether all arrived, and no more."""
        return (self.elements_in, self.rows_in) == (self.elements_out, self.rows_out)


def measure_shuffles(pipeline: beam.Pipeline, state: str) -> None:
    """Let every GroupByKey and Flatten of a pipeline count what it is given and what it gives.

    Args:
        pipeline: A pipeline that is complete.
        state: Folder in which the accounts are written down when all has ended; see `read_accounts`.
    """
    tallies: list[beam.PCollection[_Tally]] = []
    pipeline.replace_all([_Opened(), _Measured(beam.GroupByKey, tallies), _Measured(beam.Flatten, tallies)])
    joined = tuple(tallies) | "ShuffleTallies" >> _Flatten()
    _ = joined | "GatherShuffleTallies" >> _GroupByKey() | "WriteShuffleAccounts" >> beam.ParDo(_WriteAccountsFn(state))


def read_accounts(state: str) -> dict[str, Account]:
    """Return label -> account of the last attempt that came to its end."""
    return {label: Account(*counts) for label, counts in sealed.read_json(State(state).accounts).items()}


def describe_losses(accounts: dict[str, Account]) -> list[str]:
    """Name the shuffles of which not all arrived, or more than was sent."""
    return [
        f"shuffle {label}: {account.elements_in:,} elements ({account.rows_in:,} rows) sent, "
        f"{account.elements_out:,} ({account.rows_out:,}) arrived"
        for label, account in sorted(accounts.items())
        if not account.agrees
    ]


def shuffles_of(result: PipelineResult) -> dict[str, Shuffle]:
    """Return the figures of a run that has ended: label -> `Shuffle`; empty where the engine keeps no counts.

    Flink runs what follows a Flatten once for each of its inputs, and reports the counts of one of them only.
    """
    metrics = result.metrics()
    keys: Counter[str] = Counter()
    for found in metrics.query(MetricsFilter().with_namespace(_KEYS))["counters"]:
        keys[found.key.metric.name] += found.result
    figures: dict[str, Shuffle] = {}
    # An engine may run a step in several places and report each by itself.
    for found in metrics.query(MetricsFilter().with_namespace(_SENT))["distributions"]:
        label, data = found.key.metric.name, found.result
        before = figures.get(label, Shuffle(0, 0, 0, keys[label]))
        figures[label] = Shuffle(
            before.elements + data.count, before.bytes + data.sum, max(before.largest, data.max), before.keys
        )
    return dict(sorted(figures.items()))


_Tally = tuple[int, tuple[str, tuple[int, int, int, int]]]
"""0, so that one task gathers them all; label of the shuffle; the fields of an `Account`."""


class _Measured(PTransformOverride):
    def __init__(self, kind: type[beam.PTransform], tallies: list[beam.PCollection[_Tally]]) -> None:
        self._kind = kind
        self._tallies = tallies

    def matches(self, applied_ptransform: AppliedPTransform) -> bool:
        several = self._kind is beam.GroupByKey or len(applied_ptransform.main_inputs) > 1
        return several and type(applied_ptransform.transform) is self._kind

    def get_replacement_transform_for_applied_ptransform(
        self, applied_ptransform: AppliedPTransform
    ) -> beam.PTransform:
        label = applied_ptransform.full_label.removesuffix(_INSIDE)
        replacement = _MeasuredGroupByKey if self._kind is beam.GroupByKey else _MeasuredFlatten
        return replacement(label, self._tallies)


class _OpenReshuffle(beam.Reshuffle):
    """A Reshuffle that engines do not know by name: they would replace it whole, and what counts inside it with it."""

    def to_runner_api_parameter(self, _context: Any) -> tuple[str, None]:
        """Return the name of any composite."""
        return python_urns.GENERIC_COMPOSITE_TRANSFORM, None


class _Opened(PTransformOverride):
    def matches(self, applied_ptransform: AppliedPTransform) -> bool:
        return type(applied_ptransform.transform) is beam.Reshuffle

    def get_replacement_transform_for_applied_ptransform(
        self,
        applied_ptransform: AppliedPTransform,  # noqa: ARG002  (Beam's interface)
    ) -> beam.PTransform:
        return _OpenReshuffle()


class _GroupByKey(beam.GroupByKey):
    """A type of its own, so that it is not replaced again."""


class _Flatten(beam.Flatten):
    """A type of its own, so that it is not replaced again."""


class _MeasuredGroupByKey(beam.PTransform):
    def __init__(self, label: str, tallies: list[beam.PCollection[_Tally]]) -> None:
        super().__init__()
        self._name = label
        self._tallies = tallies

    def expand(self, elements: beam.PCollection[tuple[Any, Any]]) -> beam.PCollection[tuple[Any, Iterable[Any]]]:
        measure = _MeasureFn(self._name, elements.element_type)
        grouped = _counted(elements, "Measure", measure, self._tallies) | _GroupByKey()
        return _counted(grouped, "CountKeys", _CountKeysFn(self._name), self._tallies)


class _MeasuredFlatten(beam.PTransform):
    def __init__(self, label: str, tallies: list[beam.PCollection[_Tally]]) -> None:
        super().__init__()
        self._name = label
        self._tallies = tallies

    def expand(self, inputs: tuple[beam.PCollection[Any], ...]) -> beam.PCollection[Any]:
        count = _CountFn(self._name, arrived=False)
        sent = tuple(
            _counted(elements, f"Count{number}", count, self._tallies) for number, elements in enumerate(inputs)
        )
        return _counted(sent | _Flatten(), "CountAll", _CountFn(self._name, arrived=True), self._tallies)


def _counted(
    elements: beam.PCollection[Any], label: str, count: beam.DoFn, tallies: list[beam.PCollection[_Tally]]
) -> beam.PCollection[Any]:
    kind = elements.element_type
    outputs = elements | label >> beam.ParDo(count).with_output_types(kind).with_outputs(_TALLIES, main="elements")
    outputs.elements.element_type = kind
    outputs[_TALLIES].element_type = typehints.Tuple[int, typehints.Tuple[str, typehints.Tuple[int, int, int, int]]]
    tallied = outputs[_TALLIES]
    if not elements.windowing.is_default():  # a Reshuffle counts in windows of its own
        tallied |= f"{label}Everywhere" >> beam.WindowInto(GlobalWindows())
    tallies.append(tallied)
    return outputs.elements


_TALLIES = "tallies"


def _rows_of(value: object) -> int:
    if isinstance(value, pa.RecordBatch | bytes):
        return len(value)
    if type(value) is tuple:
        return sum(map(_rows_of, value))
    return 1


class _CountFn(beam.DoFn):
    """Passes elements on, and sends a tally of them with each bundle."""

    def __init__(self, label: str, *, arrived: bool) -> None:
        self._label = label
        self._arrived = arrived

    def start_bundle(self) -> None:
        self._elements = self._rows = 0

    def process(self, element: Any) -> Iterator[Any]:
        self._add(element)
        yield element

    def _add(self, value: object) -> None:
        self._elements += 1
        self._rows += _rows_of(value)

    def finish_bundle(self) -> Iterator[TaggedOutput]:
        if self._elements:
            counts = (0, 0, self._elements, self._rows) if self._arrived else (self._elements, self._rows, 0, 0)
            yield TaggedOutput(_TALLIES, GlobalWindows.windowed_value((0, (self._label, counts))))


class _MeasureFn(_CountFn):
    """Counts the input of a GroupByKey, and its size."""

    def __init__(self, label: str, kind: object) -> None:
        super().__init__(label, arrived=False)
        self._sent = Metrics.distribution(_SENT, label)
        self._coder = registry.get_coder(kind)

    def process(self, element: tuple[Any, Any]) -> Iterator[tuple[Any, Any]]:
        self._sent.update(len(self._coder.encode(element)))
        self._add(element[1])
        yield element


class _CountKeysFn(_CountFn):
    """Counts what comes out of a GroupByKey."""

    def __init__(self, label: str) -> None:
        super().__init__(label, arrived=True)
        self._keys = Metrics.counter(_KEYS, label)

    def process(self, element: tuple[Any, Iterable[Any]]) -> Iterator[tuple[Any, Iterable[Any]]]:
        self._keys.inc()
        for value in element[1]:
            self._add(value)
        yield element


class _WriteAccountsFn(beam.DoFn):
    def __init__(self, state: str) -> None:
        self._state = state

    def process(self, element: tuple[int, Iterable[tuple[str, tuple[int, int, int, int]]]]) -> None:
        accounts: dict[str, list[int]] = {}
        for label, counts in element[1]:
            before = accounts.get(label, [0, 0, 0, 0])
            accounts[label] = [a + b for a, b in zip(before, counts, strict=True)]
        sealed.write_json(State(self._state).accounts, accounts, self._state)
