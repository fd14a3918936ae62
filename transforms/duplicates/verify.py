"""Exact verification of candidate pairs: texts travel packed to the split of the later document."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from apache_beam.metrics import Metrics

from corpusmill.transforms import sealed
from corpusmill.transforms.duplicates.exchange import Exchange
from corpusmill.transforms.kernels.arrays import Float64s, Int64s
from corpusmill.transforms.kernels.duplicates.candidates import distinct_pairs
from corpusmill.transforms.kernels.duplicates.comparison import Side, verify_pairs
from corpusmill.transforms.kernels.duplicates.keep_order import STAYS
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.duplicates.within import same_values
from corpusmill.transforms.kernels.sorted_runs import starts_run
from corpusmill.transforms.keyed import (
    MAX_BYTES,
    MAX_ROWS,
    KeyedBatch,
    Keys,
    by_group,
    from_binary,
    keys_of,
    make_batch,
    pack,
    row_of,
    split_of,
    unpack,
    unpack_pairs,
)
from corpusmill.transforms.layout import State
from corpusmill.transforms.staging.split_files import SplitFiles
from corpusmill.transforms.staging.stage import take_rows

_PACK_BYTES = 4 << 20
"""UTF-8 bytes of text that travel in one element to the verification (before compression)."""
_PACK_PAIRS = MAX_ROWS
"""Pairs that travel in one element."""
_JOINED_BYTES = 64 << 20
"""Bytes of a split's texts that are compared in one go."""


@dataclass
class VerifyPairs(beam.PTransform):
    """Compute the exact similarity of candidate pairs and let through those at or above the threshold.

    Input: (split of the left document, packed pairs), from `ProposePairs`; repeated pairs count once.
    Output: (split of the right document, batch of `left`, `right`, `similarity`, `with_operators`, `left_priority`,
        `right_priority`).
    Guarantees: no pair of two documents that stay whatever comes (of an earlier corpus, or exempt), nor of two with
        different values of `dedup.within`. With `similarity: containment` such a document is not a partner of a longer
        one: the new whole is not removed for the old excerpt. The result does not depend on `exchange`. Stored texts
        are packed in files under `state`/packs, and the engine holds their places only; shuffled, only a pack that is
        too large for an element is stored.
    """

    state: str
    settings: DedupSettings
    exchange: Exchange = field(default_factory=Exchange)

    def expand(self, pairs: beam.PCollection[tuple[int, bytes]]) -> beam.PCollection[KeyedBatch]:
        """Wire the transform."""
        packs = _Packs(self.state, 0 if self.exchange.through_files else MAX_BYTES)
        pack = _PackTextsFn(self.state, packs, within=self.settings.within is not None)
        return (
            pairs
            | "ByLeft" >> beam.GroupByKey()
            | "PackLeftTexts" >> beam.ParDo(pack).with_output_types(tuple[int, bytes])
            | "ByRight" >> beam.GroupByKey()
            | "Compare" >> beam.ParDo(_CompareFn(self.state, self.settings, packs)).with_output_types(KeyedBatch)
        )


class _Packs:
    """Packs on their way: the elements themselves, or in one file for each split that they come from."""

    def __init__(self, state: str, sent_bytes: int) -> None:
        """Say how packs travel.

        Args:
            state: The state folder.
            sent_bytes: Packs up to this size are elements; larger ones, which hold a single long text, are stored.
        """
        self._state = state
        self._files = State(state)
        self._sent_bytes = sent_bytes

    def send(self, split: int, packs: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
        """Yield an element for each pack of a split; those of stored packs once their file is complete."""
        places = []
        start = 0
        with contextlib.ExitStack() as stack:
            stream: IO[bytes] | None = None
            for target, packed in packs:
                if len(packed) <= self._sent_bytes:
                    yield target, _SENT + packed
                    continue
                stream = stream or stack.enter_context(sealed.open_write(self._files.packs(split), self._state))
                stream.write(packed)
                places.append((target, _STORED + _PLACE.pack(split, start, len(packed))))
                start += len(packed)
        yield from places

    def fetch(self, element: bytes) -> bytes:
        """Return the pack of an element."""
        if element[:1] == _SENT:
            return element[1:]
        split, start, length = _PLACE.unpack(element[1:])
        with sealed.open_read(self._files.packs(split)) as stream:
            stream.seek(start)
            return stream.read(length) or b""


_SENT, _STORED = b"s", b"f"
_PLACE = struct.Struct("<3q")
"""Split, first byte and number of bytes of a pack."""


class _PackTextsFn(beam.DoFn):
    """Send the left text of every pair to the split of the right one."""

    def __init__(self, state: str, packs: _Packs, *, within: bool) -> None:
        self._files = SplitFiles(state)
        self._packs = packs
        self._columns = ["priority", *(["within"] if within else [])]

    def process(self, element: tuple[int, Iterable[bytes]]) -> Iterator[tuple[int, bytes]]:
        split, packed = element
        yield from self._packs.send(split, self._pack(split, *unpack_distinct(packed)))

    def _pack(self, split: int, left: Keys, right: Keys) -> Iterator[tuple[int, bytes]]:
        Metrics.counter(VerifyPairs, "candidate-pairs").inc(len(left))
        distinct, where = np.unique(row_of(left), return_inverse=True)
        first_pair = np.searchsorted(where, np.arange(len(distinct) + 1))
        index = self._files.index(split, self._columns)
        for places, text in self._files.texts(split, distinct):
            begin, end = first_pair[places[0]], first_pair[places[-1] + 1]
            own = where[begin:end] - places[0]
            sizes = np.asarray(pc.fill_null(pc.binary_length(text), 0).to_numpy(), dtype=np.int64)
            for target, at in by_group(split_of(right[begin:end])):
                for part in _cut(own[at], sizes):
                    rows, local = np.unique(own[at][part], return_inverse=True)
                    pairs = make_batch(left=local, right=row_of(right[begin:end][at][part]))
                    documents = distinct[places[rows]]
                    texts = make_batch(
                        document=keys_of(split, documents),
                        text=text.take(pa.array(rows)),
                        **{name: take_rows(index[name], documents) for name in self._columns},
                    )
                    yield target, pack(pairs, texts)


def unpack_distinct(packed: Iterable[bytes]) -> tuple[Keys, Keys]:
    """Return the left and right documents of packed pairs, ascending; a pair that several bands propose counts once."""
    parts: list[tuple[Keys, Keys]] = []
    for pairs in packed:
        parts.append(unpack_pairs(pairs))
        if sum(len(left) for left, _ in parts[1:]) > max(len(parts[0][0]), _PACK_PAIRS):
            parts = [_merged(parts)]  # so that a hot bucket is not held once a band
    return _merged(parts)


def _merged(parts: list[tuple[Keys, Keys]]) -> tuple[Keys, Keys]:
    left, right = (np.concatenate(keys) for keys in zip(*parts, strict=True))
    return distinct_pairs(left, right)


def _cut(rows: Int64s, sizes: Int64s) -> Iterator[Int64s]:
    """Cut pairs, ascending by the row of the left text, where the distinct texts reach the size of a pack."""
    volume = np.cumsum(np.where(starts_run(rows), sizes[rows], 0)) // _PACK_BYTES + np.arange(len(rows)) // _PACK_PAIRS
    for _, part in by_group(volume):
        yield part


def _joined(parts: Iterable[tuple[Int64s, pa.Array]]) -> Iterator[tuple[Int64s, pa.Array]]:
    """Join the texts of consecutive parts of a split up to a size; usually to one."""
    pending: list[tuple[Int64s, pa.Array]] = []
    for part in parts:
        pending.append(part)
        if sum(text.nbytes for _, text in pending) >= _JOINED_BYTES:
            yield _concatenated(pending)
            pending = []
    if pending:
        yield _concatenated(pending)


def _concatenated(parts: list[tuple[Int64s, pa.Array]]) -> tuple[Int64s, pa.Array]:
    return np.concatenate([rows for rows, _ in parts]), pa.concat_arrays([text for _, text in parts])


class _CompareFn(beam.DoFn):
    def __init__(self, state: str, settings: DedupSettings, packs: _Packs) -> None:
        self._files = SplitFiles(state)
        self._settings = settings
        self._packs = packs

    def process(self, element: tuple[int, Iterable[bytes]]) -> Iterator[KeyedBatch]:
        split = element[0]
        packs = list(element[1])
        needed = np.unique(
            np.concatenate([unpack(self._packs.fetch(packed))[0]["right"].to_numpy() for packed in packs])
        )
        index = self._files.index(split, ["priority", *(["within"] if self._settings.within is not None else [])])
        priority = index["priority"].to_numpy()
        for rows, text in _joined(self._files.texts(split, needed)):
            for packed in packs:
                found = self._compare(self._packs.fetch(packed), needed[rows], text, index)
                if found is not None:
                    left, left_priority, right, similarity, with_operators = found
                    Metrics.counter(VerifyPairs, "verified-pairs").inc(len(left))
                    yield (
                        split,
                        make_batch(
                            left=left,
                            right=keys_of(split, right),
                            similarity=similarity,
                            with_operators=with_operators,
                            left_priority=left_priority,
                            right_priority=priority[right],
                        ),
                    )

    def _compare(
        self, packed: bytes, rows: Int64s, text: pa.Array, index: pa.Table
    ) -> tuple[Keys, Int64s, Int64s, Float64s, Float64s] | None:
        """Compare the pairs of a pack whose right document is one of some rows.

        Returns:
            Left document and its priority, row of the right one, similarity, and similarity with operators as words, of
            the pairs at or above the threshold; None if there are none.
        """
        pairs, left_texts = unpack(packed)
        left, right = pairs["left"].to_numpy(), pairs["right"].to_numpy()
        if len(rows) == 0:
            return None
        place = np.searchsorted(rows, right).clip(max=len(rows) - 1)
        own = np.flatnonzero(rows[place] == right)
        if not len(own):
            return None
        if self._settings.within is not None:
            values = from_binary(left_texts["within"]), from_binary(index["within"])
            own = own[same_values(values[0][left[own]], values[1][right[own]])]
            if not len(own):
                return None
        left, distinct, where = left[own], *np.unique(place[own], return_inverse=True)
        right_texts = text.take(pa.array(distinct))
        stays = (
            left_texts["priority"].to_numpy()[left] == STAYS,
            index["priority"].to_numpy()[rows[distinct[where]]] == STAYS,
        )
        found = verify_pairs(
            Side(left_texts["text"], left, stays[0]), Side(right_texts, where, stays[1]), self._settings
        )
        if not len(found.place):
            return None
        left, right = left[found.place], rows[distinct[where[found.place]]]
        document, priority = left_texts["document"].to_numpy(), left_texts["priority"].to_numpy()
        return document[left], priority[left], right, found.similarity, found.with_operators
