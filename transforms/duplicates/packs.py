"""Left texts on their way to the split of the right document of a pair, shuffled or through files."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from typing import NamedTuple

import apache_beam as beam
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from apache_beam.metrics import Metrics

from corpusmill.transforms import sealed
from corpusmill.transforms.duplicates.exchange import Exchange
from corpusmill.transforms.kernels.arrays import Int64s
from corpusmill.transforms.kernels.duplicates.candidates import distinct_pairs
from corpusmill.transforms.kernels.sorted_runs import starts_run
from corpusmill.transforms.keyed import (
    MAX_BYTES,
    MAX_ROWS,
    KeyedBatch,
    Keys,
    by_group,
    join_columns,
    keys_of,
    make_batch,
    pack,
    pack_words,
    row_of,
    split_of,
    unpack,
    unpack_pairs,
    unpack_words,
)
from corpusmill.transforms.layout import State
from corpusmill.transforms.staging.split_files import SplitFiles
from corpusmill.transforms.staging.stage import take_rows

_PACK_BYTES = 4 << 20
"""UTF-8 bytes of the texts of a pack (before compression)."""
_PACK_PAIRS = MAX_ROWS
"""Pairs of a pack."""
_MERGED_BYTES = 2 << 20
"""UTF-8 bytes of the texts of packs that are merged; with the right texts they fill one scan of the comparison."""


class Pack(NamedTuple):
    """Pairs whose right documents are in one split.

    Attributes:
        left: int64[p], row of each pair in `texts`.
        right: int64[p], row of each pair in the split.
        texts: The left documents: `document`, `text`, `priority`, and with `dedup.within` `within`.
    """

    left: Int64s
    right: Int64s
    texts: pa.RecordBatch


@dataclass
class SendLeftTexts(beam.PTransform):
    """Send the left text of every pair to the split of the right one.

    Input: (split of the left document, packed pairs), from `ProposePairs`; repeated pairs count once.
    Output: (split of the right document, elements that `PackReader` takes).
    Guarantees: through files, a split's packs are one file under `state`/packs, and the engine holds their places only:
        24 bytes for each two splits that share a pair. Shuffled, only a pack that is too large for an element is
        stored.
    """

    state: str
    within: bool
    exchange: Exchange = field(default_factory=Exchange)

    def expand(self, pairs: beam.PCollection[tuple[int, bytes]]) -> beam.PCollection[tuple[int, Iterable[bytes]]]:
        """Wire the transform."""
        by_left = pairs | "ByLeft" >> beam.GroupByKey()
        if self.exchange.through_files:
            write = _WritePacksFn(self.state, within=self.within)
            sent = (
                by_left
                | "WritePacks" >> beam.ParDo(write).with_output_types(KeyedBatch)
                | "Gather" >> beam.GroupByKey()
                | "Direct" >> beam.ParDo(_DirectFn()).with_output_types(tuple[int, bytes])
            )
        else:
            send = _SendPacksFn(self.state, within=self.within)
            sent = by_left | "SendPacks" >> beam.ParDo(send).with_output_types(tuple[int, bytes])
        return sent | "ByRight" >> beam.GroupByKey()


_SENT, _STORED = b"s", b"f"
_HEAD = struct.Struct("<2q")
"""Number of pairs, bytes of the texts."""


class PackReader:
    """Reads the packs of a split from the elements that `SendLeftTexts` sent there, as often as is asked for."""

    def __init__(self, state: str, elements: Iterable[bytes]) -> None:
        self._files = State(state)
        self._elements = list(elements)

    def right_rows(self) -> Int64s:
        """Return int64[n], the rows of the right documents, ascending, each once."""
        return np.unique(np.concatenate([pairs[1] for pairs, _ in self._packed()]).astype(np.int64))

    def merged(self) -> Iterator[Pack]:
        """Yield the packs, small ones put together: comparing takes some time for each, however small it is."""
        pending: list[Pack] = []
        size = 0
        for (left, right), texts in self._packed():
            (batch,) = unpack(texts)
            pending.append(Pack(left.astype(np.int64), right.astype(np.int64), batch))
            size += batch.nbytes
            if size >= _MERGED_BYTES:
                yield _merge(pending)
                pending, size = [], 0
        if pending:
            yield _merge(pending)

    def _packed(self) -> Iterator[tuple[npt.NDArray[np.uint32], bytes]]:
        """Yield uint32[2, p], the pairs of each pack, and its texts as they travel."""
        for data in self._data():
            begin = 0
            while begin < len(data):
                pairs, size = _HEAD.unpack_from(data, begin)
                begin += _HEAD.size
                end = begin + 8 * pairs
                yield np.frombuffer(data[begin:end], "<u4").reshape(2, -1), data[end : end + size]
                begin = end + size

    def _data(self) -> Iterator[bytes]:
        for element in self._elements:
            if element[:1] == _SENT:
                yield element[1:]
                continue
            places = np.stack(unpack_words([element[1:]], 3), axis=1).view(np.int64).tolist()
            for split, own in itertools.groupby(places, key=itemgetter(0)):
                with sealed.open_read(self._files.packs(split)) as stream:
                    for _, start, length in own:
                        stream.seek(start)
                        yield stream.read(length) or b""


def _merge(packs: list[Pack]) -> Pack:
    if len(packs) == 1:
        return packs[0]
    first = np.cumsum([0, *(len(one.texts) for one in packs[:-1])])
    left = np.concatenate([one.left + begin for one, begin in zip(packs, first, strict=True)])
    (texts,) = pa.Table.from_batches([one.texts for one in packs]).combine_chunks().to_batches()
    return Pack(left, np.concatenate([one.right for one in packs]), texts)


class _PackTextsFn(beam.DoFn):
    """Packs pairs and left texts, for its subclasses to send."""

    def __init__(self, state: str, *, within: bool) -> None:
        self._state = state
        self._files = SplitFiles(state)
        self._columns = ["priority", *(["within"] if within else [])]

    def _pack(self, split: int, packed: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
        """Yield the packs of a split, and the split that each goes to."""
        left, right = unpack_distinct(packed)
        Metrics.counter(SendLeftTexts, "candidate-pairs").inc(len(left))
        distinct, where = np.unique(row_of(left), return_inverse=True)
        first_pair = np.searchsorted(where, np.arange(len(distinct) + 1))
        index = self._files.index(split, self._columns)
        for places, text in self._files.joined_texts(split, distinct):
            begin, end = first_pair[places[0]], first_pair[places[-1] + 1]
            own = where[begin:end] - places[0]
            sizes = np.asarray(pc.fill_null(pc.binary_length(text), 0).to_numpy(), dtype=np.int64)
            for target, at in by_group(split_of(right[begin:end])):
                for part in _cut(own[at], sizes):
                    rows, local = np.unique(own[at][part], return_inverse=True)
                    documents = distinct[places[rows]]
                    texts = make_batch(
                        document=keys_of(split, documents),
                        text=text.take(pa.array(rows)),
                        **{name: take_rows(index[name], documents) for name in self._columns},
                    )
                    pairs = np.stack((local, row_of(right[begin:end][at][part]))).astype("<u4")
                    body = pack(texts)
                    yield target, _HEAD.pack(pairs.shape[1], len(body)) + pairs.tobytes() + body


class _SendPacksFn(_PackTextsFn):
    """Send packs as elements; those that are too large, which hold a single long text, through a file."""

    def process(self, element: tuple[int, Iterable[bytes]]) -> Iterator[tuple[int, bytes]]:
        split, packed = element
        large = []
        for target, made in self._pack(split, packed):
            if len(made) <= MAX_BYTES:
                yield target, _SENT + made
            else:
                large.append((target, made))
        if large:
            yield from _directed(_store(large, split, self._state))


class _WritePacksFn(_PackTextsFn):
    """Write packs to the split's file; give where those of each target are."""

    def process(self, element: tuple[int, Iterable[bytes]]) -> Iterator[KeyedBatch]:
        split, packed = element
        yield 0, _store(self._pack(split, packed), split, self._state)


def _store(packs: Iterable[tuple[int, bytes]], split: int, state: str) -> pa.RecordBatch:
    """Write packs to the file of their split; return where they are: `target`, `split`, `start`, `length`."""
    places: list[tuple[int, int, int, int]] = []
    start = 0
    with sealed.open_write(State(state).packs(split), state) as stream:
        for target, made in packs:
            stream.write(made)
            places.append((target, split, start, len(made)))
            start += len(made)
    columns = np.array(places, np.int64).reshape(-1, 4).T
    return make_batch(**dict(zip(("target", "split", "start", "length"), columns, strict=True)))


def _directed(*places: pa.RecordBatch) -> Iterator[tuple[int, bytes]]:
    """Yield an element for each target: where its packs are, those of a file in order."""
    target, *columns = join_columns(places, "target", "split", "start", "length")
    order = np.lexsort((columns[1], columns[0]))
    for group, at in by_group(target[order]):
        yield group, _STORED + pack_words(*(column[order][at] for column in columns))


class _DirectFn(beam.DoFn):
    """Tell each split where its packs are."""

    def process(self, element: tuple[int, Iterable[pa.RecordBatch]]) -> Iterator[tuple[int, bytes]]:
        yield from _directed(*element[1])


def unpack_distinct(packed: Iterable[bytes]) -> tuple[Keys, Keys]:
    """Return the left and right documents of packed pairs, ascending; a pair that several bands propose counts once."""
    parts: list[tuple[Keys, Keys]] = []
    for pairs in packed:
        parts.append(unpack_pairs(pairs))
        if sum(len(left) for left, _ in parts[1:]) > max(len(parts[0][0]), _PACK_PAIRS):
            parts = [_distinct(parts)]  # so that a hot bucket is not held once a band
    return _distinct(parts)


def _distinct(parts: list[tuple[Keys, Keys]]) -> tuple[Keys, Keys]:
    left, right = (np.concatenate(keys) for keys in zip(*parts, strict=True))
    return distinct_pairs(left, right)


def _cut(rows: Int64s, sizes: Int64s) -> Iterator[Int64s]:
    """Cut pairs, ascending by the row of the left text, where the distinct texts reach the size of a pack."""
    volume = np.cumsum(np.where(starts_run(rows), sizes[rows], 0)) // _PACK_BYTES + np.arange(len(rows)) // _PACK_PAIRS
    for _, part in by_group(volume):
        yield part
