"""Finding duplicates: exact groups, LSH candidates, exact verification, greedy cover.

Texts cross a shuffle only where a candidate pair has to be verified, packed; everything else that does are keys.
A document's key is `split << 32 | row`, so keys order documents as the input does.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import apache_beam as beam
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from apache_beam.metrics import Metrics
from apache_beam.pvalue import TaggedOutput

import transforms.coders  # noqa: F401  (registers the coder of record batches)
from transforms.index import IndexedSplit, read_index
from transforms.kernels.cover import greedy_cover
from transforms.kernels.dedup import DedupSettings
from transforms.kernels.groups import resolve_groups
from transforms.kernels.pairs import iter_candidate_pairs
from transforms.kernels.similarity import exact_similarity
from transforms.stage import read_staged, take_rows

Keys = npt.NDArray[np.uint64]
Groups = dict[str, Iterable[Any]]
"""What CoGroupByKey gives for a key: values of several types, each under its tag."""

DUPLICATES_SCHEMA = pa.schema(
    [
        pa.field("row", pa.int64()),
        pa.field("partner_id", pa.string()),
        pa.field("partner_text_0", pa.uint64()),
        pa.field("partner_text_1", pa.uint64()),
        pa.field("similarity", pa.float64()),
    ]
)
"""One row for each duplicate: its row in the split, the kept partner's id and text hash, the exact similarity."""

TOP_FAMILIES = 10
_GROUP_PARTITIONS = 16
_PACK_BYTES = 4 << 20
"""UTF-8 bytes of text that travel in one element to the verification (before compression)."""
_ROW_BITS = np.uint64(32)


class Family(NamedTuple):
    """A kept document and what was removed because of it.

    Attributes:
        removed: Number of its duplicates.
        id: The kept document.
        lowest: The lowest similarity among them.
    """

    removed: int
    id: str
    lowest: float


class Duplicates(NamedTuple):
    """The outputs of `FindDuplicates`.

    Attributes:
        decisions: (split, batch of `DUPLICATES_SCHEMA`); splits without a duplicate are absent.
        families: The largest families of each split of partners.
    """

    decisions: beam.PCollection[tuple[int, pa.RecordBatch]]
    families: beam.PCollection[Family]


@dataclass
class FindDuplicates(beam.PTransform):
    """Decide which documents are duplicates of a kept one.

    Input: (split, `IndexedSplit`), from `IndexDocuments` with the same settings.
    Output: `Duplicates`.
    Guarantees: every duplicate has a partner that is kept and whose exact similarity is at least the threshold; no
        two kept documents are a verified pair; the result depends on the documents and their order alone.
    Counters: `FindDuplicates/candidate-pairs`, `FindDuplicates/verified-pairs`.
    """

    state: str
    settings: DedupSettings
    ranges_per_band: int = 1
    """Key ranges into which each band is cut: the sort of one range has to fit a worker's memory."""

    def expand(self, indexed: beam.PCollection[tuple[int, IndexedSplit]]) -> Duplicates:
        """Wire the transform."""
        grouped = (
            indexed
            | "EmitGroupKeys" >> beam.ParDo(_GroupKeysFn(self.state))
            | "ByGroupRange" >> beam.GroupByKey()
            | "ResolveGroups" >> beam.ParDo(_ResolveGroupsFn()).with_outputs("members", main="demoted")
        )
        edges = (
            {"demoted": grouped.demoted, "indexed": indexed}
            | "JoinDemoted" >> beam.CoGroupByKey()
            | "EmitBandKeys" >> beam.ParDo(_BandKeysFn(self.state, self.settings, self.ranges_per_band))
            | "ByBandRange" >> beam.GroupByKey()
            | "ProposePairs" >> beam.ParDo(_ProposePairsFn(self.settings))
        )
        packed = (
            {"pairs": edges, "indexed": indexed}
            | "JoinLeft" >> beam.CoGroupByKey()
            | "PackLeftTexts" >> beam.ParDo(_PackTextsFn(self.state))
        )
        removed = (
            {"packs": packed, "indexed": indexed}
            | "JoinRight" >> beam.CoGroupByKey()
            | "VerifyPairs" >> beam.ParDo(_VerifyFn(self.state, self.settings))
            | "GatherEdges" >> beam.GroupByKey()
            | "Cover" >> beam.ParDo(_CoverFn())
        )
        decided = (
            {"removed": removed, "members": grouped.members}
            | "JoinMembers" >> beam.CoGroupByKey()
            | "SpreadToMembers" >> beam.ParDo(_SpreadFn())
        )
        named = (
            {"decided": decided, "indexed": indexed}
            | "JoinPartners" >> beam.CoGroupByKey()
            | "NamePartners" >> beam.ParDo(_NamePartnersFn(self.state)).with_outputs("families", main="decisions")
        )
        return Duplicates(named.decisions, named.families)


def _batch(**columns: npt.NDArray[np.generic] | pa.Array) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({name: pa.array(values) for name, values in columns.items()})


def _numpy(batches: Iterable[pa.RecordBatch], *columns: str) -> list[npt.NDArray[Any]]:
    """Concatenate columns of several batches; each shape (n,)."""
    found = list(batches)
    return [np.concatenate([batch[name].to_numpy(zero_copy_only=False) for batch in found]) for name in columns]


def _keys_of(split: int, rows: npt.NDArray[np.integer]) -> Keys:
    return (np.uint64(split) << _ROW_BITS) | rows.astype(np.uint64)


def _split_of(keys: Keys) -> npt.NDArray[np.int64]:
    return (keys >> _ROW_BITS).astype(np.int64)


def _row_of(keys: Keys) -> npt.NDArray[np.int64]:
    return (keys & np.uint64(0xFFFFFFFF)).astype(np.int64)


def _by(groups: npt.NDArray[np.int64]) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
    """Yield (group, positions that hold it), groups ascending, positions in order."""
    if not len(groups):
        return
    order = np.argsort(groups, kind="stable")
    values, starts = np.unique(groups[order], return_index=True)
    for value, positions in zip(values, np.split(order, starts[1:]), strict=True):
        yield int(value), positions


def _only_split(groups: Groups) -> IndexedSplit:
    (indexed,) = groups["indexed"]
    assert isinstance(indexed, IndexedSplit)  # noqa: S101
    return indexed


class _GroupKeysFn(beam.DoFn):
    def __init__(self, state: str) -> None:
        self._state = state

    def process(self, element: tuple[int, IndexedSplit]) -> Iterator[tuple[int, pa.RecordBatch]]:
        split, indexed = element
        if indexed.rows == 0:
            return
        index = read_index(self._state, split, ["active", "group_0", "group_1", "priority"])
        rows = np.flatnonzero(index["active"].to_numpy())
        group = index["group_0"].to_numpy()[rows]
        shift = np.uint64(64 - (_GROUP_PARTITIONS - 1).bit_length())
        for partition, at in _by((group >> shift).astype(np.int64)):
            taken = rows[at]
            yield (
                partition,
                _batch(
                    document=_keys_of(split, taken),
                    group_0=group[at],
                    group_1=index["group_1"].to_numpy()[taken],
                    priority=index["priority"].to_numpy()[taken],
                ),
            )


class _ResolveGroupsFn(beam.DoFn):
    def process(self, element: tuple[int, Iterable[pa.RecordBatch]]) -> Iterator[tuple[int, pa.RecordBatch]]:
        document, group_0, group_1, priority = _numpy(element[1], "document", "group_0", "group_1", "priority")
        is_first, first = resolve_groups(np.stack([group_0, group_1], axis=1), document, priority)
        member, representative = document[~is_first], first[~is_first]
        for split, at in _by(_split_of(member)):
            yield split, _batch(row=_row_of(member[at]))
        for split, at in _by(_split_of(representative)):
            yield TaggedOutput("members", (split, _batch(member=member[at], representative=representative[at])))


class _BandKeysFn(beam.DoFn):
    def __init__(self, state: str, settings: DedupSettings, ranges: int) -> None:
        self._state = state
        self._ranges = ranges
        self._ranked = settings.keep_policy.rule != "first"  # else the keys are the order already

    def process(self, element: tuple[int, Groups]) -> Iterator[tuple[int, pa.RecordBatch]]:
        split, groups = element
        if _only_split(groups).rows == 0:
            return
        index = read_index(self._state, split, ["active", "near", "priority", "bands"])
        taking_part = index["active"].to_numpy() & index["near"].to_numpy()
        for batch in groups["demoted"]:
            taking_part[batch["row"].to_numpy()] = False
        rows = np.flatnonzero(taking_part)
        if not len(rows):
            return
        column = index["bands"].combine_chunks()
        bands = column.values.to_numpy().reshape(len(index), -1)[rows]
        priority = index["priority"].to_numpy()[rows]
        for band in range(bands.shape[1]):
            keys = bands[:, band]
            # The range of a key is the high half of key * ranges.
            ranges = ((keys >> _ROW_BITS) * np.uint64(self._ranges) >> _ROW_BITS).astype(np.int64)
            for part, at in _by(ranges):
                columns = {"document": _keys_of(split, rows[at]), "key": keys[at]}
                if self._ranked:
                    columns["priority"] = priority[at]
                yield band * self._ranges + part, _batch(**columns)


class _ProposePairsFn(beam.DoFn):
    def __init__(self, settings: DedupSettings) -> None:
        self._settings = settings

    def process(self, element: tuple[int, Iterable[pa.RecordBatch]]) -> Iterator[tuple[int, pa.RecordBatch]]:
        batches = list(element[1])
        keys, documents = _numpy(batches, "key", "document")
        priority = _numpy(batches, "priority")[0] if "priority" in batches[0].schema.names else None
        for left, right in iter_candidate_pairs(keys, documents, self._settings, priority):
            for split, at in _by(_split_of(left)):
                yield split, _batch(left=left[at], right=right[at])


class _PackTextsFn(beam.DoFn):
    """Send the left text of every pair to the split of the right one."""

    def __init__(self, state: str) -> None:
        self._state = state

    def process(self, element: tuple[int, Groups]) -> Iterator[tuple[int, bytes]]:
        split, groups = element
        batches = list(groups["pairs"])
        if not batches:
            return
        left, right = _numpy(batches, "left", "right")
        order = np.lexsort((right, left))  # several bands propose the same pair
        left, right = left[order], right[order]
        new = np.ones(len(left), bool)
        new[1:] = (left[1:] != left[:-1]) | (right[1:] != right[:-1])
        left, right = left[new], right[new]
        Metrics.counter(FindDuplicates, "candidate-pairs").inc(len(left))
        indexed = _only_split(groups)
        text = read_staged(self._state, indexed.files, ["text"])["text"]
        index = read_index(self._state, split, ["priority", "bytes"])
        priority, size = index["priority"].to_numpy(), index["bytes"].to_numpy()
        for target, at in _by(_split_of(right)):
            rows = _row_of(left[at])
            # Cut where the texts of the distinct left documents reach the size of a pack; rows are ascending here.
            first = np.ones(len(rows), bool)
            first[1:] = rows[1:] != rows[:-1]
            volume = np.cumsum(np.where(first, size[rows], 0)) // _PACK_BYTES
            for _, part in _by(volume):
                distinct, where = np.unique(rows[part], return_inverse=True)
                pairs = _batch(left=where, right=_row_of(right[at][part]))
                texts = _batch(
                    document=_keys_of(split, distinct), priority=priority[distinct], text=take_rows(text, distinct)
                )
                yield target, _pack(pairs, texts)


def _pack(pairs: pa.RecordBatch, texts: pa.RecordBatch) -> bytes:
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    for batch in (pairs, texts):
        with pa.ipc.new_stream(sink, batch.schema, options=options) as writer:
            writer.write_batch(batch)
    return bytes(sink.getvalue())


def _unpack(pack: bytes) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    source = pa.BufferReader(pack)
    with pa.ipc.open_stream(source) as reader:
        pairs = reader.read_next_batch()
        reader.read_all()
    with pa.ipc.open_stream(source) as reader:
        texts = reader.read_next_batch()
    return pairs, texts


class _VerifyFn(beam.DoFn):
    def __init__(self, state: str, settings: DedupSettings) -> None:
        self._state = state
        self._settings = settings

    def process(self, element: tuple[int, Groups]) -> Iterator[tuple[int, pa.RecordBatch]]:
        split, groups = element
        packs = iter(groups["packs"])
        first = next(packs, None)
        if first is None:
            return
        text = read_staged(self._state, _only_split(groups).files, ["text"])["text"]
        priority = read_index(self._state, split, ["priority"])["priority"].to_numpy()
        for pack in itertools.chain([first], packs):
            pairs, texts = _unpack(pack)
            left, right = pairs["left"].to_numpy(), pairs["right"].to_numpy()
            distinct, where = np.unique(right, return_inverse=True)
            similarity = exact_similarity(texts["text"], take_rows(text, distinct), left, where, self._settings)
            verified = similarity >= self._settings.threshold
            if verified.any():
                left, right = left[verified], right[verified]
                Metrics.counter(FindDuplicates, "verified-pairs").inc(len(left))
                yield (
                    0,
                    _batch(
                        left=texts["document"].to_numpy()[left],
                        right=_keys_of(split, right),
                        similarity=similarity[verified],
                        left_priority=texts["priority"].to_numpy()[left],
                        right_priority=priority[right],
                    ),
                )


class _CoverFn(beam.DoFn):
    def process(self, element: tuple[int, Iterable[pa.RecordBatch]]) -> Iterator[tuple[int, pa.RecordBatch]]:
        columns = _numpy(element[1], "left", "right", "similarity", "left_priority", "right_priority")
        document, partner, similarity = greedy_cover(*columns)
        for split, at in _by(_split_of(document)):
            yield split, _batch(document=document[at], partner=partner[at], similarity=similarity[at])


class _SpreadFn(beam.DoFn):
    """Give the members of an exact group the fate of their representative."""

    def process(self, element: tuple[int, Groups]) -> Iterator[tuple[int, pa.RecordBatch]]:
        removed, members = list(element[1]["removed"]), list(element[1]["members"])
        document = partner = np.zeros(0, np.uint64)
        similarity = np.zeros(0)
        if removed:
            document, partner, similarity = _numpy(removed, "document", "partner", "similarity")
            order = np.argsort(document)
            document, partner, similarity = document[order], partner[order], similarity[order]
        if members:
            member, representative = _numpy(members, "member", "representative")
            member_partner, member_similarity = representative.copy(), np.ones(len(member))
            if len(document):
                at = np.searchsorted(document, representative).clip(max=len(document) - 1)
                gone = document[at] == representative
                member_partner[gone] = partner[at[gone]]
                member_similarity[gone] = similarity[at[gone]]
            document = np.concatenate([document, member])
            partner = np.concatenate([partner, member_partner])
            similarity = np.concatenate([similarity, member_similarity])
        for split, at in _by(_split_of(partner)):
            yield split, _batch(document=document[at], partner=partner[at], similarity=similarity[at])


class _NamePartnersFn(beam.DoFn):
    def __init__(self, state: str) -> None:
        self._state = state

    def process(self, element: tuple[int, Groups]) -> Iterator[tuple[int, pa.RecordBatch]]:
        split, groups = element
        batches = list(groups["decided"])
        if not batches:
            return
        document, partner, similarity = _numpy(batches, "document", "partner", "similarity")
        order = np.argsort(document)
        document, partner, similarity = document[order], partner[order], similarity[order]
        index = read_index(self._state, split, ["id", "text_hash_0", "text_hash_1"])
        row = _row_of(partner)
        identifier = take_rows(index["id"], row)
        hashes = [index[name].to_numpy()[row] for name in ("text_hash_0", "text_hash_1")]
        for target, at in _by(_split_of(document)):
            columns = [
                pa.array(_row_of(document[at])),
                identifier.take(pa.array(at)),
                *(pa.array(hashed[at]) for hashed in hashes),
                pa.array(similarity[at]),
            ]
            yield target, pa.RecordBatch.from_arrays(columns, schema=DUPLICATES_SCHEMA)
        sizes = Counter(row.tolist())
        for kept, removed in sorted(sizes.items(), key=lambda item: (-item[1], item[0]))[:TOP_FAMILIES]:
            family = Family(removed, index["id"][kept].as_py(), float(similarity[row == kept].min()))
            yield TaggedOutput("families", family)
