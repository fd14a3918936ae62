"""Exact verification of candidate pairs, at the split of the right document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import apache_beam as beam
import numpy as np
import pyarrow as pa
from apache_beam.metrics import Metrics

from corpusmill.transforms import sealed
from corpusmill.transforms.duplicates.exchange import Exchange
from corpusmill.transforms.duplicates.packs import Pack, PackReader, SendLeftTexts
from corpusmill.transforms.kernels.arrays import Float64s, Int64s
from corpusmill.transforms.kernels.duplicates.comparison import Side, verify_pairs
from corpusmill.transforms.kernels.duplicates.keep_order import STAYS
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.duplicates.within import same_values
from corpusmill.transforms.keyed import KeyedBatch, Keys, from_binary, keys_of, make_batch
from corpusmill.transforms.layout import State
from corpusmill.transforms.staging.split_files import SplitFiles


@dataclass
class VerifyPairs(beam.PTransform):
    """Compute the exact similarity of candidate pairs and let through those at or above the threshold.

    Input: (split of the left document, packed pairs), from `ProposePairs`; repeated pairs count once.
    Output: (split of the right document, batch of `left`, `right`, `similarity`, `with_operators`, `left_priority`,
        `right_priority`).
    Guarantees: no pair of two documents that stay whatever comes (of an earlier corpus, or exempt), nor of two with
        different values of `dedup.within`. With `similarity: containment` such a document is not a partner of a longer
        one: the new whole is not removed for the old excerpt. The result does not depend on `exchange`.
    """

    state: str
    settings: DedupSettings
    exchange: Exchange = field(default_factory=Exchange)

    def expand(self, pairs: beam.PCollection[tuple[int, bytes]]) -> beam.PCollection[KeyedBatch]:
        """Wire the transform."""
        send = SendLeftTexts(self.state, self.settings.within is not None, self.exchange)
        compare = _CompareFn(self.state, self.settings)
        return pairs | "SendLeftTexts" >> send | "Compare" >> beam.ParDo(compare).with_output_types(KeyedBatch)


class _CompareFn(beam.DoFn):
    def __init__(self, state: str, settings: DedupSettings) -> None:
        self._state = state
        self._files = SplitFiles(state)
        self._settings = settings

    def process(self, element: tuple[int, Iterable[bytes]]) -> Iterator[KeyedBatch]:
        split, packs = element[0], PackReader(self._state, element[1])
        needed = packs.right_rows()
        index = self._files.index(split, ["priority", *(["within"] if self._settings.within is not None else [])])
        priority = index["priority"].to_numpy()
        for rows, text in self._files.joined_texts(split, needed):
            for pack in packs.merged():
                found = self._compare(pack, needed[rows], text, index)
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
        with sealed.open_write(State(self._state).compared(split), self._state):
            pass  # for those who wait

    def _compare(
        self, pack: Pack, rows: Int64s, text: pa.Array, index: pa.Table
    ) -> tuple[Keys, Int64s, Int64s, Float64s, Float64s] | None:
        """Compare the pairs of a pack whose right document is one of some rows.

        Returns:
            Left document and its priority, row of the right one, similarity, and similarity with operators as words, of
            the pairs at or above the threshold; None if there are none.
        """
        left, right, left_texts = pack
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
