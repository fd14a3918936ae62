"""How much crosses each shuffle of a run, counted by the run itself, on any engine.

Engines have limits for what one element may be, and slow down near them. So a run measures the encoded size of every
element in front of every GroupByKey, its own and those inside Beam's transforms, and puts the figures in the manifest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.coders import registry
from apache_beam.metrics import Metrics
from apache_beam.metrics.metric import MetricsFilter
from apache_beam.pipeline import AppliedPTransform, PTransformOverride
from apache_beam.runners.runner import PipelineResult

LARGEST_ELEMENT_BYTES = 16_000_000
"""What no element of a shuffle is larger than; tests hold it to that. (Dataflow refuses some from 80 MB on.)"""

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


def measure_shuffles(pipeline: beam.Pipeline) -> None:
    """Let every GroupByKey of a pipeline count what it is given."""
    pipeline.replace_all([_Measured()])


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


class _Measured(PTransformOverride):
    def matches(self, applied_ptransform: AppliedPTransform) -> bool:
        return type(applied_ptransform.transform) is beam.GroupByKey

    def get_replacement_transform_for_applied_ptransform(
        self, applied_ptransform: AppliedPTransform
    ) -> beam.PTransform:
        return _MeasuredGroupByKey(applied_ptransform.full_label.removesuffix(_INSIDE))


class _GroupByKey(beam.GroupByKey):
    """A type of its own, so that it is not replaced again."""


class _MeasuredGroupByKey(beam.PTransform):
    def __init__(self, label: str) -> None:
        super().__init__()
        self._name = label

    def expand(self, elements: beam.PCollection[tuple[Any, Any]]) -> beam.PCollection[tuple[Any, Iterable[Any]]]:
        kind = elements.element_type
        grouped = (
            elements | "Measure" >> beam.ParDo(_MeasureFn(self._name, kind)).with_output_types(kind) | _GroupByKey()
        )
        return grouped | "CountKeys" >> beam.ParDo(_CountKeysFn(self._name)).with_output_types(grouped.element_type)


class _MeasureFn(beam.DoFn):
    def __init__(self, label: str, kind: object) -> None:
        self._sent = Metrics.distribution(_SENT, label)
        self._coder = registry.get_coder(kind)

    def process(self, element: tuple[Any, Any]) -> Iterator[tuple[Any, Any]]:
        self._sent.update(len(self._coder.encode(element)))
        yield element


class _CountKeysFn(beam.DoFn):
    def __init__(self, label: str) -> None:
        self._keys = Metrics.counter(_KEYS, label)

    def process(self, element: tuple[Any, Iterable[Any]]) -> Iterator[tuple[Any, Iterable[Any]]]:
        self._keys.inc()
        yield element
