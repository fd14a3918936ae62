"""Dropping documents that lists of the user's own name, by host, address or words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import apache_beam as beam
import pyarrow as pa
import pyarrow.compute as pc
from apache_beam.metrics import Metrics

import corpusmill.transforms.coders  # noqa: F401  (registers the coder of record batches)
from corpusmill.transforms import sealed
from corpusmill.transforms.kernels.cleaning.block_lists import Lists, Names, listed_column
from corpusmill.transforms.kernels.columns import replace_column
from corpusmill.transforms.kernels.schema import FILTERED, KEPT
from corpusmill.transforms.layout import State


def write_lists(lists: Lists, state: str) -> None:
    """Write lists to the state folder, for the workers to load."""
    for name, names in (("domains", lists.domains), ("urls", lists.urls)):
        table = pa.table({"hash": names.hashes, "name": names.names})
        sealed.write_table(table, State(state).lists(f"{name}.parquet"), state)
    sealed.write_json(State(state).lists("words.json"), list(lists.words), state)


@lru_cache(maxsize=1)
def load_lists(state: str, digest: str) -> Lists:
    """Load what `write_lists` wrote; once in a process, whatever the number of its threads.

    Args:
        state: The state folder.
        digest: Tells the lists of one run from those of another with the same folder.
    """
    del digest
    tables = (sealed.read_parquet(State(state).lists(f"{name}.parquet")) for name in ("domains", "urls"))
    domains, urls = (Names(table["hash"].to_numpy(), table["name"].combine_chunks()) for table in tables)
    words = sealed.read_json(State(state).lists("words.json"))
    return Lists(domains, urls, tuple(words))


@dataclass
class DropListed(beam.PTransform):
    """Mark documents whose host, address or words are in a list; the rows stay, so that the audit has them.

    Input: batches of documents (`corpusmill.transforms.kernels.schema`).
    Output: the same batches, with `decision` = `filtered` and `reason` = the rule's id where a list has the document.
    Guarantees: rows, their order and their text do not change.
    Counters: `DropListed/<rule id>`.

    Attributes:
        state: The state folder, in which the lists are (`write_lists`).
        digest: Hash of the lists.
    """

    state: str
    digest: str

    def expand(self, batches: beam.PCollection[pa.RecordBatch]) -> beam.PCollection[pa.RecordBatch]:
        """Wire the transform."""
        return batches | "Drop" >> beam.ParDo(_DropFn(self.state, self.digest))


class _DropFn(beam.DoFn):
    def __init__(self, state: str, digest: str) -> None:
        self._state = state
        self._digest = digest

    def process(self, element: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        yield drop_listed(element, load_lists(self._state, self._digest))


def drop_listed(batch: pa.RecordBatch, lists: Lists) -> pa.RecordBatch:
    """Apply `listed_column` to the rows of a batch that are still kept."""
    kept = pc.equal(batch["decision"], KEPT)
    reason = listed_column(pc.if_else(kept, batch["text"], None), batch["url"], lists)
    for count in pc.value_counts(reason.drop_null()).to_pylist():
        Metrics.counter(DropListed, count["values"]).inc(count["counts"])
    batch = replace_column(batch, "decision", pc.if_else(reason.is_valid(), FILTERED, batch["decision"]))
    return replace_column(batch, "reason", pc.coalesce(reason, batch["reason"]))
