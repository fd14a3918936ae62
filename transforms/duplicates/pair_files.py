"""Verified pairs, written down beside the documents that they could remove."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms import sealed
from corpusmill.transforms.keyed import KeyedBatch, bounded, by_group_bounded, make_batch, row_of, split_of
from corpusmill.transforms.layout import State
from corpusmill.transforms.staging.split_files import SplitFiles
from corpusmill.transforms.staging.stage import take_rows

NEAR, SHINGLES, TEXT = "near", "shingles", "text"
"""Kinds of pairs: similar; equal in all words (the left one represents the right one); equal in their text."""

STORED_SCHEMA = pa.schema(
    [
        pa.field("right_row", pa.int64()),
        pa.field("left", pa.uint64()),
        pa.field("left_id", pa.string()),
        pa.field("left_source", pa.string()),
        pa.field("left_offset", pa.int64()),
        pa.field("right_source", pa.string()),
        pa.field("right_offset", pa.int64()),
        pa.field("left_corpus", pa.string()),
        pa.field("left_priority", pa.int64()),
        pa.field("right_priority", pa.int64()),
        pa.field("similarity", pa.float64()),
        pa.field("with_operators", pa.float64()),
        pa.field("kind", pa.string()),
    ]
)
"""One row for each pair, in the file of its right document's split; `left` is a document key."""


class KeepPairsInput(NamedTuple):
    """The inputs of `KeepPairs`.

    Attributes:
        verified: From `VerifyPairs`.
        members: From `ResolveGroups`.
    """

    verified: beam.PCollection[KeyedBatch]
    members: beam.PCollection[KeyedBatch]


@dataclass
class KeepPairs(beam.PTransform):
    """Write the verified pairs of each split to `state`/pairs, the names of the left documents with them.

    Input: `KeepPairsInput`.
    Output: (split, number of its pairs).
    Guarantees: ascending by right document, then left; the bytes follow from the pairs alone.
    """

    state: str

    def expand(self, inputs: KeepPairsInput) -> beam.PCollection[tuple[int, int]]:
        """Wire the transform."""
        verified = inputs.verified | "ToLeft" >> beam.ParDo(_ToLeftFn()).with_output_types(KeyedBatch)
        return (
            {"verified": verified, "members": inputs.members}
            | "ByLeft" >> beam.CoGroupByKey()
            | "NameLeft" >> beam.ParDo(_NameLeftFn(self.state)).with_output_types(KeyedBatch)
            | "ByRight" >> beam.GroupByKey()
            | "WritePairs" >> beam.ParDo(_WritePairsFn(self.state)).with_output_types(tuple[int, int])
        )


class _ToLeftFn(beam.DoFn):
    def process(self, element: KeyedBatch) -> Iterator[KeyedBatch]:
        batch = element[1]
        for split, at in by_group_bounded(split_of(batch["left"].to_numpy())):
            yield split, batch.take(pa.array(at))


class _NameLeftFn(beam.DoFn):
    def __init__(self, state: str) -> None:
        self._files = SplitFiles(state)

    def process(self, element: tuple[int, dict[str, Iterable[pa.RecordBatch]]]) -> Iterator[KeyedBatch]:
        split, groups = element
        index = self._files.index(split, ["id", "text_hash", "priority"])
        priority = index["priority"].to_numpy()
        places = self._files.places(split)
        verified = ((batch, False) for batch in groups["verified"])
        members = ((_as_pairs(batch), True) for batch in groups["members"])
        for batch, group in itertools.chain(verified, members):
            left, right = batch["left"].to_numpy(), batch["right"].to_numpy()
            rows = row_of(left)
            columns = {
                "left": batch["left"],
                "right": batch["right"],
                "left_id": take_rows(index["id"], rows),
                "left_source": take_rows(places["source"], rows),
                "left_offset": take_rows(places["offset"], rows),
                "left_text": take_rows(index["text_hash"], rows),
                "left_priority": pa.array(priority[rows]),
                "similarity": batch["similarity"],
                "with_operators": batch["with_operators"],
                "group": pa.array(np.full(len(left), group)),
            }
            named = pa.RecordBatch.from_pydict(columns)
            for target, at in by_group_bounded(split_of(right)):
                for part in bounded(named.take(pa.array(at))):
                    yield target, part


def _as_pairs(members: pa.RecordBatch) -> pa.RecordBatch:
    """Documents and their representatives as pairs of similarity 1."""
    same = np.ones(len(members))
    return make_batch(left=members["representative"], right=members["member"], similarity=same, with_operators=same)


class _WritePairsFn(beam.DoFn):
    def __init__(self, state: str) -> None:
        self._state = state
        self._files = SplitFiles(state)

    def process(self, element: tuple[int, Iterable[pa.RecordBatch]]) -> Iterator[tuple[int, int]]:
        split, batches = element
        table = pa.Table.from_batches(list(batches)).sort_by([("right", "ascending"), ("left", "ascending")])
        index = self._files.index(split, ["text_hash", "priority"])
        rows = row_of(table["right"].to_numpy())
        same_text = pc.equal(table["left_text"].combine_chunks(), take_rows(index["text_hash"], rows))
        places = self._files.places(split)
        left_split = split_of(table["left"].to_numpy())
        stored = {
            "right_row": pa.array(rows),
            "left": table["left"],
            "left_id": table["left_id"],
            "left_source": table["left_source"],
            "left_offset": table["left_offset"],
            "right_source": take_rows(places["source"], rows),
            "right_offset": take_rows(places["offset"], rows),
            "left_corpus": self._origins(left_split),
            "left_priority": table["left_priority"],
            "right_priority": pa.array(index["priority"].to_numpy()[rows]),
            "similarity": table["similarity"],
            "with_operators": table["with_operators"],
            "kind": pc.if_else(table["group"].combine_chunks(), pc.if_else(same_text, TEXT, SHINGLES), NEAR),
        }
        stored_table = pa.table(stored, schema=STORED_SCHEMA)
        sealed.write_table(stored_table, State(self._state).pairs(split), self._state, dictionary=True)
        yield split, len(table)

    def _origins(self, splits: np.ndarray) -> pa.Array:
        names = {split: shard.origin for split in np.unique(splits).tolist() if (shard := self._files.earlier(split))}
        if not names:
            return pa.nulls(len(splits), pa.string())
        return pa.array([names.get(split) for split in splits.tolist()], pa.string())
