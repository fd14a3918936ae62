"""Documents of one address, found before texts are compared: one of each page stays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from apache_beam import typehints
from apache_beam.pvalue import TaggedOutput

from corpusmill.transforms import sealed
from corpusmill.transforms.duplicates.ranges import range_of
from corpusmill.transforms.kernels.columns import one_array
from corpusmill.transforms.kernels.duplicates.addresses import address_keys
from corpusmill.transforms.kernels.duplicates.groups import resolve_groups
from corpusmill.transforms.kernels.duplicates.keep_order import STAYS
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.schema import KEPT
from corpusmill.transforms.keyed import (
    KeyedBatch,
    by_group_bounded,
    join_columns,
    keys_of,
    make_batch,
    row_of,
    split_of,
)
from corpusmill.transforms.layout import State
from corpusmill.transforms.staging.index import column_of, document_priorities
from corpusmill.transforms.staging.stage import StagedSplit, read_staged

_PARTITIONS = 16


class Addresses(NamedTuple):
    """The outputs of `ResolveAddresses`.

    Attributes:
        staged: (split, `StagedSplit`), as they came.
        members: (split of the representative, batch of `member`, `representative`): documents that are removed, and the
            one of the same page that stays, as document keys.
    """

    staged: beam.PCollection[tuple[int, StagedSplit]]
    members: beam.PCollection[KeyedBatch]


@dataclass
class ResolveAddresses(beam.PTransform):
    """Find documents with the same address and choose the one that stays, the first by `dedup.by_url`.

    Input: (split, `StagedSplit`).
    Output: `Addresses`. The rows that are removed are in a file for each split (`State.of_one_address`), written when
        `staged` has the split.
    Guarantees: the result depends on the documents and their order alone, on any engine. Documents without an address,
        and those that were dropped, take no part; those of `dedup.exempt` stay.

    Attributes:
        state: The state folder.
        settings: Settings of the duplicate stage, `by_url` set.
    """

    state: str
    settings: DedupSettings

    def expand(self, staged: beam.PCollection[tuple[int, StagedSplit]]) -> Addresses:
        """Wire the transform."""
        resolved = (
            staged
            | "EmitAddresses" >> beam.ParDo(_EmitFn(self.state, self.settings)).with_output_types(KeyedBatch)
            | "ByAddress" >> beam.GroupByKey()
            | "Resolve"
            >> beam.ParDo(_ResolveFn()).with_output_types(KeyedBatch).with_outputs("members", main="removed")
        )
        resolved.members.element_type = typehints.Tuple[int, pa.RecordBatch]  # else it would be pickled
        written = (
            {"staged": staged, "removed": resolved.removed}
            | "JoinRemoved" >> beam.CoGroupByKey()
            | "WriteRemoved" >> beam.ParDo(_WriteFn(self.state)).with_output_types(tuple[int, StagedSplit])
        )
        return Addresses(written, resolved.members)


class _EmitFn(beam.DoFn):
    def __init__(self, state: str, settings: DedupSettings) -> None:
        self._state = state
        self._settings = settings.model_copy(update={"keep": settings.by_url})

    def process(self, element: tuple[int, StagedSplit]) -> Iterator[KeyedBatch]:
        split, staged = element
        first = 0
        wanted = sorted({"url", "decision", "source", column_of(self._settings.keep_policy)})
        for file in staged.files:
            table = read_staged(self._state, [file], wanted).combine_chunks()
            keys, known = address_keys(one_array(table["url"]))
            rows = np.flatnonzero(known & pc.equal(table["decision"], KEPT).to_numpy())
            priority = document_priorities(table, self._settings)[rows] if len(rows) else np.zeros(0, np.int64)
            keys, document = keys[rows], keys_of(split, rows + first)
            for partition, at in by_group_bounded(range_of(keys[:, 0], _PARTITIONS)):
                columns = {"key_0": keys[at, 0], "key_1": keys[at, 1], "priority": priority[at]}
                yield partition, make_batch(document=document[at], **columns)
            first += len(table)


class _ResolveFn(beam.DoFn):
    def process(self, element: tuple[int, Iterable[pa.RecordBatch]]) -> Iterator[KeyedBatch | TaggedOutput]:
        document, key_0, key_1, priority = join_columns(element[1], "document", "key_0", "key_1", "priority")
        is_first, first = resolve_groups(np.stack([key_0, key_1], axis=1), document, priority)
        goes = ~is_first & (priority != STAYS)
        member, representative = document[goes], first[goes]
        for split, at in by_group_bounded(split_of(member)):
            yield split, make_batch(row=row_of(member[at]))
        for split, at in by_group_bounded(split_of(representative)):
            yield TaggedOutput("members", (split, make_batch(member=member[at], representative=representative[at])))


class _WriteFn(beam.DoFn):
    def __init__(self, state: str) -> None:
        self._state = state

    def process(self, element: tuple[int, dict[str, Iterable[Any]]]) -> Iterator[tuple[int, StagedSplit]]:
        split, groups = element
        (staged,) = groups["staged"]
        found = list(groups["removed"])
        rows = np.sort(join_columns(found, "row")[0]) if found else np.zeros(0, np.int64)
        sealed.write_table(pa.table({"row": rows}), State(self._state).of_one_address(split), self._state)
        yield split, staged


class SpreadAddressesInput(NamedTuple):
    """The inputs of `SpreadAddresses`.

    Attributes:
        decided: (any number, batch of `document`, `partner`, `similarity`), documents removed for their texts.
        members: From `ResolveAddresses`.
    """

    decided: beam.PCollection[KeyedBatch]
    members: beam.PCollection[KeyedBatch]


@dataclass
class SpreadAddresses(beam.PTransform):
    """Give the documents that are removed for their address a partner that is kept.

    Input: `SpreadAddressesInput`.
    Output: (split of the partner, batch of `document`, `partner`, `similarity`): what was decided, and for each that
        is removed for its address the document of the same page that stays; or, where that one is removed for its text,
        the one that it is removed for. Their similarity is null, for their texts were not compared.
    """

    def expand(self, inputs: SpreadAddressesInput) -> beam.PCollection[KeyedBatch]:
        """Wire the transform."""
        decided = inputs.decided | "ToDocument" >> beam.ParDo(_ToDocumentFn()).with_output_types(KeyedBatch)
        return (
            {"decided": decided, "members": inputs.members}
            | "BySplit" >> beam.CoGroupByKey()
            | "Spread" >> beam.ParDo(_SpreadFn()).with_output_types(KeyedBatch)
        )


class _ToDocumentFn(beam.DoFn):
    def process(self, element: KeyedBatch) -> Iterator[KeyedBatch]:
        batch = element[1]
        for split, at in by_group_bounded(split_of(batch["document"].to_numpy())):
            yield split, batch.take(pa.array(at))


class _SpreadFn(beam.DoFn):
    def process(self, element: tuple[int, dict[str, Iterable[pa.RecordBatch]]]) -> Iterator[KeyedBatch]:
        decided, members = (list(element[1][name]) for name in ("decided", "members"))
        gone, partner_of = np.zeros(0, np.uint64), np.zeros(0, np.uint64)
        for batch in decided:
            for split, at in by_group_bounded(split_of(batch["partner"].to_numpy())):
                yield split, batch.take(pa.array(at))
        if not members:
            return
        if decided:
            gone, partner_of = join_columns(decided, "document", "partner")
            order = np.argsort(gone)
            gone, partner_of = gone[order], partner_of[order]
        member, partner = join_columns(members, "member", "representative")
        if len(gone):
            place = np.searchsorted(gone, partner).clip(max=len(gone) - 1)
            partner = np.where(gone[place] == partner, partner_of[place], partner)
        for split, at in by_group_bounded(split_of(partner)):
            similarity = pa.nulls(len(at), pa.float64())
            yield split, make_batch(document=member[at], partner=partner[at], similarity=similarity)
