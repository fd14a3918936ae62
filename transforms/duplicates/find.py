"""Finding duplicates: exact groups, LSH candidates, exact verification, greedy cover.

Texts cross a shuffle only where a candidate pair has to be verified, packed; everything else that does are keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import apache_beam as beam
import numpy as np
import pyarrow as pa
from apache_beam.pvalue import TaggedOutput

from corpusmill.transforms.duplicates.addresses import SpreadAddresses, SpreadAddressesInput
from corpusmill.transforms.duplicates.candidates import ProposePairs, ProposePairsInput
from corpusmill.transforms.duplicates.cover import CoverDuplicates
from corpusmill.transforms.duplicates.exchange import Exchange
from corpusmill.transforms.duplicates.groups import ResolveGroups
from corpusmill.transforms.duplicates.pair_files import KeepPairs, KeepPairsInput
from corpusmill.transforms.duplicates.verify import VerifyPairs
from corpusmill.transforms.kernels.duplicates.cover import Cover
from corpusmill.transforms.kernels.duplicates.families import Family, largest_families
from corpusmill.transforms.kernels.duplicates.groups import expand_groups
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.keyed import (
    KeyedBatch,
    bounded,
    by_group_bounded,
    join_columns,
    make_batch,
    row_of,
    split_of,
)
from corpusmill.transforms.staging.index import IndexedSplit
from corpusmill.transforms.staging.split_files import SplitFiles
from corpusmill.transforms.staging.stage import take_rows

DUPLICATES_SCHEMA = pa.schema(
    [
        pa.field("row", pa.int64()),
        pa.field("partner", pa.uint64()),
        pa.field("partner_id", pa.string()),
        pa.field("partner_source", pa.string()),
        pa.field("partner_offset", pa.int64()),
        pa.field("partner_corpus", pa.string()),
        pa.field("partner_text", pa.binary(16)),
        pa.field("similarity", pa.float64()),
    ]
)
"""One row for each duplicate: its row in the split, the kept partner's document key, id, source and offset, the earlier
corpus that it is in (null for the run's own), its text hash, and the exact similarity; null if it is removed for its
address."""


class Duplicates(NamedTuple):
    """The outputs of `FindDuplicates`.

    Attributes:
        decisions: (split, batch of `DUPLICATES_SCHEMA`); splits without a duplicate are absent.
        families: The largest families of each split of partners (`largest_families`).
        pairs: (split, rows) of each file of verified pairs that was written; empty without `keep_pairs`.
    """

    decisions: beam.PCollection[KeyedBatch]
    families: beam.PCollection[Family]
    pairs: beam.PCollection[tuple[int, int]]


@dataclass
class FindDuplicates(beam.PTransform):
    """Decide which documents are duplicates of a kept one.

    Input: (split, `IndexedSplit`), from `IndexDocuments` and `IndexEarlier` with the same settings.
    Output: `Duplicates`.
    Guarantees: every duplicate has a partner that is kept and whose exact similarity is at least the threshold, or, if
        it is removed for its address, the document of this address, or that one's partner; no
        two kept documents are a verified pair; documents of earlier corpora stay, and are compared with new ones only;
        the result depends on the documents and their order alone.

    Attributes:
        state: The state folder.
        settings: Settings of the duplicate stage.
        exchange: How keys, texts and pairs are exchanged between tasks.
        keep_pairs: Write the verified pairs down, see `KeepPairs`.
        of_one_address: `Addresses.members` of documents that are removed for their address; none where such are not
            looked for.
    """

    state: str
    settings: DedupSettings
    exchange: Exchange = field(default_factory=Exchange)
    keep_pairs: bool = False
    of_one_address: tuple[beam.PCollection[KeyedBatch], ...] = ()

    def expand(self, splits: beam.PCollection[tuple[int, IndexedSplit]]) -> Duplicates:
        """Wire the transform."""
        within = self.settings.within is not None
        groups = splits | "ResolveGroups" >> ResolveGroups(self.state, self.exchange, within=within)
        pairs = ProposePairsInput(splits, groups.demoted) | "ProposePairs" >> ProposePairs(
            self.state, self.settings, self.exchange
        )
        verified = pairs | "VerifyPairs" >> VerifyPairs(self.state, self.settings, self.exchange)
        removed = verified | "CoverDuplicates" >> CoverDuplicates(self.exchange.cover_partitions)
        decided = (
            {"removed": removed, "members": groups.members}
            | "BySplit" >> beam.CoGroupByKey()
            | "SpreadToMembers" >> beam.ParDo(_SpreadFn()).with_output_types(KeyedBatch)
        )
        for members in self.of_one_address:
            decided = SpreadAddressesInput(decided, members) | "SpreadAddresses" >> SpreadAddresses()
        named = (
            decided
            | "ByPartner" >> beam.GroupByKey()
            | "NamePartners"
            >> beam.ParDo(_NamePartnersFn(self.state))
            .with_output_types(KeyedBatch)
            .with_outputs("families", main="decisions")
        )
        if self.keep_pairs:
            stored = KeepPairsInput(verified, groups.members) | "KeepPairs" >> KeepPairs(self.state)
        else:
            stored = splits.pipeline | "NoPairs" >> beam.Create([], reshuffle=False).with_output_types(tuple[int, int])
        return Duplicates(named.decisions, named.families, stored)


class _SpreadFn(beam.DoFn):
    """Give the members of an exact group the fate of their representative."""

    def process(self, element: tuple[int, dict[str, Iterable[pa.RecordBatch]]]) -> Iterator[KeyedBatch]:
        removed, members = (list(element[1][name]) for name in ("removed", "members"))
        cover = Cover(np.zeros(0, np.uint64), np.zeros(0, np.uint64), np.zeros(0))
        if removed:
            document, partner, similarity = join_columns(removed, "document", "partner", "similarity")
            order = np.argsort(document)
            cover = Cover(document[order], partner[order], similarity[order])
        if members:
            member, representative = join_columns(members, "member", "representative")
            cover = expand_groups(member, representative, cover)
        for split, at in by_group_bounded(split_of(cover.partner)):
            columns = {"document": cover.removed[at], "partner": cover.partner[at], "similarity": cover.similarity[at]}
            yield split, make_batch(**columns)


class _NamePartnersFn(beam.DoFn):
    def __init__(self, state: str) -> None:
        self._files = SplitFiles(state)

    def process(self, element: tuple[int, Iterable[pa.RecordBatch]]) -> Iterator[KeyedBatch | TaggedOutput]:
        split, batches = element
        document, partner, similarity = join_columns(batches, "document", "partner", "similarity")
        order = np.argsort(document)
        document, partner, similarity = document[order], partner[order], similarity[order]
        index = self._files.index(split, ["id", "text_hash"])
        earlier = self._files.earlier(split)
        origin = earlier.origin if earlier else None
        row = row_of(partner)
        places = self._files.places(split)
        source, offset = take_rows(places["source"], row), take_rows(places["offset"], row)
        identifier, hashed = take_rows(index["id"], row), take_rows(index["text_hash"], row)
        for target, at in by_group_bounded(split_of(document)):
            columns = [
                pa.array(row_of(document[at])),
                pa.array(partner[at]),
                identifier.take(pa.array(at)),
                source.take(pa.array(at)),
                offset.take(pa.array(at)),
                pa.array([origin] * len(at), pa.string()),
                hashed.take(pa.array(at)),
                pa.array(similarity[at], mask=np.isnan(similarity[at])),
            ]
            for part in bounded(pa.RecordBatch.from_arrays(columns, schema=DUPLICATES_SCHEMA)):
                yield target, part
        compared = ~np.isnan(similarity)
        row, similarity, document = row[compared], similarity[compared], document[compared]
        for members in largest_families(row, similarity):
            yield TaggedOutput("families", members.named(index["id"][members.kept].as_py(), origin, document))
