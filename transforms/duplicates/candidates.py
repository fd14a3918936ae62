"""Candidate pairs: documents that share a band key, proposed band by band and range by range of the key space."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import apache_beam as beam
import numpy as np
import pyarrow as pa

from corpusmill.transforms import sealed
from corpusmill.transforms.duplicates.exchange import Exchange
from corpusmill.transforms.duplicates.ranges import PlanTasksFn, RangeTask, range_of
from corpusmill.transforms.kernels.arrays import Int64s
from corpusmill.transforms.kernels.duplicates.candidates import Pairs, iter_candidate_pairs
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.duplicates.within import band_keys_within
from corpusmill.transforms.keyed import (
    KeyedBatch,
    Keys,
    by_group_bounded,
    from_binary,
    is_earlier,
    keys_of,
    make_batch,
    pack_pairs,
    pack_words,
    split_of,
    unpack_words,
)
from corpusmill.transforms.layout import State
from corpusmill.transforms.staging.index import IndexedSplit
from corpusmill.transforms.staging.split_files import SplitFiles

BYTES_PER_ENTRY = 40
"""Key and document key, the parts that they are put together from, and room to sort a slice."""
_GATHERED_PAIRS = 1 << 21
"""Pairs that a task holds before it sends them off."""


class ProposePairsInput(NamedTuple):
    """The inputs of `ProposePairs`.

    Attributes:
        splits: (split, `IndexedSplit`).
        demoted: (split, batch of `row`), documents that another one of equal shingles represents.
    """

    splits: beam.PCollection[tuple[int, IndexedSplit]]
    demoted: beam.PCollection[KeyedBatch]


@dataclass
class ProposePairs(beam.PTransform):
    """Propose pairs of documents to compare.

    Input: `ProposePairsInput`.
    Output: (split of the left document, `keyed.pack_pairs`), left before right; never two documents of earlier corpora.
        A pair may be proposed by several bands.
    Guarantees: the set of pairs follows from the documents alone, not from `exchange`. Stored keys are in column files
        under `state`/bands, and each task reads one range of a band from all of them.
    """

    state: str
    settings: DedupSettings
    exchange: Exchange = field(default_factory=Exchange)

    def expand(self, inputs: ProposePairsInput) -> beam.PCollection[tuple[int, bytes]]:
        """Wire the transform."""
        every = inputs.splits | "EverySplit" >> beam.Map(_no_rows).with_output_types(KeyedBatch)
        demoted = (every, inputs.demoted) | "Flatten" >> beam.Flatten() | "BySplit" >> beam.GroupByKey()
        if not self.exchange.through_files:
            emit = _EmitBandKeysFn(self.state, self.settings, self.exchange.ranges_per_band)
            return (
                demoted
                | "EmitBandKeys" >> beam.ParDo(emit).with_output_types(tuple[int, bytes])
                | "ByBandRange" >> beam.GroupByKey()
                | "PairShuffled" >> beam.ParDo(_PairShuffledFn(self.settings)).with_output_types(tuple[int, bytes])
            )
        plan = PlanTasksFn(self.settings.banding.bands, BYTES_PER_ENTRY, self.exchange.memory_bytes)
        return (
            demoted
            | "WriteBandKeys" >> beam.ParDo(_WriteBandKeysFn(self.state, self.settings)).with_output_types(KeyedBatch)
            | "Gather" >> beam.GroupByKey()
            | "PlanTasks" >> beam.ParDo(plan).with_output_types(KeyedBatch)
            | "ByTask" >> beam.GroupByKey()
            | "PairStored" >> beam.ParDo(_PairStoredFn(self.state, self.settings)).with_output_types(tuple[int, bytes])
        )


def _no_rows(element: tuple[int, IndexedSplit]) -> KeyedBatch:
    return element[0], make_batch(row=np.zeros(0, np.int64))


class _BandKeys:
    """The band keys of the documents of a split that take part."""

    def __init__(
        self, files: SplitFiles, split: int, demoted: Iterable[pa.RecordBatch], settings: DedupSettings
    ) -> None:
        ranked, within = is_ranked(settings), settings.within is not None
        more = [*(["priority"] if ranked else []), *(["within"] if within else [])]
        index = files.index(split, ["active", "near", "band_keys", *more])
        taking_part = index["active"].to_numpy() & index["near"].to_numpy()
        for batch in demoted:
            taking_part[batch["row"].to_numpy()] = False
        self.rows: Int64s = np.flatnonzero(taking_part)
        self.keys = from_binary(index["band_keys"])[self.rows] if len(self.rows) else np.zeros((0, 0), np.uint64)
        if within and len(self.rows):
            self.keys = band_keys_within(self.keys, from_binary(index["within"])[self.rows])
        self.priority = index["priority"].to_numpy()[self.rows] if ranked else None


def is_ranked(settings: DedupSettings) -> bool:
    """Return whether leaders have to be chosen by priority; for `keep: first` the document keys are in that order."""
    return settings.keep_policy.rule != "first" or bool(settings.exempt)


class _EmitBandKeysFn(beam.DoFn):
    def __init__(self, state: str, settings: DedupSettings, ranges: int) -> None:
        self._files = SplitFiles(state)
        self._ranges = ranges
        self._settings = settings

    def process(self, element: tuple[int, Iterable[pa.RecordBatch]]) -> Iterator[tuple[int, bytes]]:
        split, demoted = element
        own = _BandKeys(self._files, split, demoted, self._settings)
        documents = keys_of(split, own.rows)
        for band in range(own.keys.shape[1]):
            keys = own.keys[:, band]
            for part, at in by_group_bounded(range_of(keys, self._ranges)):
                # With many ranges an element holds few documents: no overhead, please.
                columns = (keys[at], documents[at], *(() if own.priority is None else (own.priority[at],)))
                yield band * self._ranges + part, pack_words(*columns)


class _PairShuffledFn(beam.DoFn):
    def __init__(self, settings: DedupSettings) -> None:
        self._settings = settings

    def process(self, element: tuple[int, Iterable[bytes]]) -> Iterator[tuple[int, bytes]]:
        keys, documents, *ranked = unpack_words(element[1], 3 if is_ranked(self._settings) else 2)
        priority = ranked[0].view(np.int64) if ranked else None
        yield from _by_left(propose(keys, documents, self._settings, priority))


def _by_left(pairs: Iterable[Pairs]) -> Iterator[tuple[int, bytes]]:
    """Send pairs to the split of the left document, gathered to few elements: each costs about a kilobyte."""
    pending: list[Pairs] = []
    for block in pairs:
        pending.append(block)
        if sum(len(left) for left, _ in pending) >= _GATHERED_PAIRS:
            yield from _packed_by_left(pending)
            pending = []
    if pending:
        yield from _packed_by_left(pending)


def _packed_by_left(pairs: list[Pairs]) -> Iterator[tuple[int, bytes]]:
    left, right = (np.concatenate(side) for side in zip(*pairs, strict=True))
    for split, at in by_group_bounded(split_of(left)):
        yield split, pack_pairs(left[at], right[at])


def propose(keys: Keys, documents: Keys, settings: DedupSettings, priority: Int64s | None = None) -> Iterator[Pairs]:
    """Yield the pairs of `kernels.duplicates.candidates.iter_candidate_pairs`, but none of two earlier documents.

    The documents of earlier corpora may outnumber the new ones by far: those whose key no new document has are left
    out at once. And they lead every bucket that they are in; so in such buckets the new documents are paired by
    themselves too, as if the earlier ones were not there.

    Args:
        keys: uint64[m], band keys of one band or range.
        documents: uint64[m], document keys.
        settings: Settings of the duplicate stage.
        priority: int64[m], or None where the document keys are in order of priority.
    """
    earlier = is_earlier(documents)
    if not earlier.any():
        yield from iter_candidate_pairs(keys, documents, settings, priority)
        return
    shared = np.isin(keys, keys[~earlier])
    keys, documents, earlier = keys[shared], documents[shared], earlier[shared]
    priority = None if priority is None else priority[shared]
    for left, right in iter_candidate_pairs(keys, documents, settings, priority):
        of_interest = ~is_earlier(right)  # the left one comes first
        if of_interest.any():
            yield left[of_interest], right[of_interest]
    led = ~earlier & np.isin(keys, keys[earlier])
    yield from iter_candidate_pairs(keys[led], documents[led], settings, None if priority is None else priority[led])


class _WriteBandKeysFn(beam.DoFn):
    def __init__(self, state: str, settings: DedupSettings) -> None:
        self._state = state
        self._files = SplitFiles(state)
        self._settings = settings

    def process(self, element: tuple[int, Iterable[pa.RecordBatch]]) -> Iterator[KeyedBatch]:
        split, demoted = element
        own = _BandKeys(self._files, split, demoted, self._settings)
        if not len(own.rows):
            return
        columns = {"row": own.rows.astype(np.uint32)}
        if own.priority is not None:
            columns["priority"] = own.priority
        columns |= {band_name(k): np.ascontiguousarray(own.keys[:, k]) for k in range(own.keys.shape[1])}
        sealed.write_table(pa.table(columns), State(self._state).bands(split), self._state, compression="none")
        yield 0, make_batch(split=np.array([split]), rows=np.array([len(own.rows)]))


class _PairStoredFn(beam.DoFn):
    def __init__(self, state: str, settings: DedupSettings) -> None:
        self._state = state
        self._settings = settings
        self._ranked = is_ranked(settings)

    def process(self, element: tuple[int, Iterable[pa.RecordBatch]]) -> Iterator[tuple[int, bytes]]:
        task = RangeTask.from_batches(element[1])
        bands = range(task.first_band, task.end_band)
        keys: dict[int, list[Keys]] = {band: [] for band in bands}
        documents: list[Keys] = []
        priorities: list[Int64s] = []
        names = ["row", *(["priority"] if self._ranked else []), *map(band_name, bands)]
        for split in task.splits:
            table = sealed.read_parquet(State(self._state).bands(split), names)
            own: slice | Int64s = slice(None)
            if task.ranges > 1:
                own = np.flatnonzero(range_of(table[band_name(task.first_band)].to_numpy(), task.ranges) == task.part)
            for band, found in keys.items():
                found.append(table[band_name(band)].to_numpy()[own])
            documents.append(keys_of(split, table["row"].to_numpy()[own]))
            if self._ranked:
                priorities.append(table["priority"].to_numpy()[own])
        document = np.concatenate(documents)
        del documents
        priority = np.concatenate(priorities) if self._ranked else None
        yield from _by_left(self._propose(bands, keys, document, priority))

    def _propose(
        self, bands: range, keys: dict[int, list[Keys]], document: Keys, priority: Int64s | None
    ) -> Iterator[Pairs]:
        for band in bands:
            joined = np.concatenate(keys.pop(band))
            yield from propose(joined, document, self._settings, priority)


def band_name(number: int) -> str:
    """Return the name of the column of a band."""
    return f"band_{number:03d}"
