"""Staging: cleaned documents as Parquet files, so that everything behind them reads columns and never shuffles text."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import transforms.coders  # noqa: F401  (registers the coder of record batches)
from transforms import storage
from transforms.schema import KEPT, batch_position

STAGED = "staged"
"""Folder of the staged batches under the state folder."""

_RECEIPT_KEY = b"corpusmill.receipt"
_NAME = re.compile(r"(\d{5,})-(\d{6,})(-last)?\.parquet")
_TOP_LINES = 200
"""Distinct removed lines whose counts a staged file remembers for the summary (the audit has every one)."""
_LINE_CHARS = 200
"""Characters of a removed line that the summary remembers."""


@dataclass(frozen=True)
class StagedFile:
    """What a staged batch holds; kept in the file itself, so that a file that is there is complete and counted.

    Attributes:
        split: Number of the split.
        batch: Number of the batch within the split.
        last: Whether the split ends with this batch.
        rows: Documents, whatever their decision.
        decisions: Decision -> documents.
        reasons: Rule id of the decision -> documents.
        chars_in: Characters read.
        text_bytes: UTF-8 bytes of the texts that are kept so far.
        repairs: Rule id -> places changed.
        lines: Rule id -> lines removed.
        top_lines: The most frequent removed lines: [text, rule id, count].
    """

    split: int
    batch: int
    last: bool
    rows: int
    decisions: dict[str, int]
    reasons: dict[str, int]
    chars_in: int
    text_bytes: int
    repairs: dict[str, int]
    lines: dict[str, int]
    top_lines: list[tuple[str, str, int]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """File name; the position in the split is part of it."""
        return f"{self.split:05d}-{self.batch:06d}{'-last' if self.last else ''}.parquet"


@dataclass
class StageDocuments(beam.PTransform):
    """Write each batch to a Parquet file under `state`/staged and gather what was written, split by split.

    Input: batches of documents, numbered within their split (`transforms.schema.mark_batch`).
    Output: (split, its `StagedFile`s in order), behind a GroupByKey: no element leaves before all files stand.
    Guarantees: a file appears whole or not at all; its name and bytes follow from its position and content, so
        that retried, doubled or resumed work changes nothing. A split of which a file is missing is an error.
    """

    state: str
    done: tuple[StagedFile, ...] = ()
    """Files of earlier attempts that are complete (`staged_splits`); they are passed on and not written again."""

    def expand(self, batches: beam.PCollection[pa.RecordBatch]) -> beam.PCollection[tuple[int, list[StagedFile]]]:
        """Wire the transform."""
        written = batches | "Write" >> beam.ParDo(_StageFn(self.state))
        earlier = batches.pipeline | "Earlier" >> beam.Create([(staged.split, staged) for staged in self.done])
        return (
            (written, earlier)
            | "Flatten" >> beam.Flatten().with_output_types(tuple[int, StagedFile])
            | "BySplit" >> beam.GroupByKey()
            | "CheckComplete" >> beam.Map(_check_complete)
        )


class _StageFn(beam.DoFn):
    def __init__(self, state: str) -> None:
        self._state = state

    def process(self, element: pa.RecordBatch) -> Iterator[tuple[int, StagedFile]]:
        staged = describe_batch(element)
        write_staged(element, staged, self._state)
        yield staged.split, staged


def describe_batch(batch: pa.RecordBatch) -> StagedFile:
    """Count what a batch holds.

    Raises:
        ValueError: The batch is not numbered, or holds rows of several splits.
    """
    position = batch_position(batch)
    foreign = set(pc.unique(batch["split"]).to_pylist()) - {position.split}
    if foreign:
        raise ValueError(f"a batch of split {position.split} holds rows of split {min(foreign)}")
    kept = batch["text"].filter(pc.equal(batch["decision"], KEPT))
    removed = batch["removed_lines"].flatten()
    lines = Counter(zip(removed.field("text").to_pylist(), removed.field("rule").to_pylist(), strict=True))
    top = sorted(lines.items(), key=lambda item: (-item[1], item[0]))[:_TOP_LINES]
    return StagedFile(
        split=position.split,
        batch=position.index,
        last=position.last,
        rows=len(batch),
        decisions=_counts(batch["decision"]),
        reasons=_counts(batch["reason"]),
        chars_in=pc.sum(batch["chars_in"]).as_py() or 0,
        text_bytes=pc.sum(pc.binary_length(kept)).as_py() or 0,
        repairs=_repair_counts(batch["repairs"]),
        lines=_counts(removed.field("rule")),
        top_lines=[(text[:_LINE_CHARS], rule, count) for (text, rule), count in top],
    )


def _counts(values: pa.Array) -> dict[str, int]:
    found = {item["values"]: item["counts"] for item in pc.value_counts(values.drop_null()).to_pylist()}
    return dict(sorted(found.items()))


def _repair_counts(repairs: pa.MapArray) -> dict[str, int]:
    totals: Counter[str] = Counter()
    valid = repairs.drop_null()
    for rule, count in zip(valid.keys.to_pylist(), valid.items.to_pylist(), strict=True):
        totals[rule] += count
    return dict(sorted(totals.items()))


def write_staged(batch: pa.RecordBatch, staged: StagedFile, state: str) -> None:
    """Write one batch with its receipt."""
    receipt = json.dumps(asdict(staged), ensure_ascii=False, sort_keys=True).encode("utf-8", "backslashreplace")
    table = pa.Table.from_batches([batch]).replace_schema_metadata({_RECEIPT_KEY: receipt})
    with storage.open_atomic(storage.join(state, STAGED, staged.name), state) as stream:
        # lz4: written once and read two or three times, so speed counts for more than size.
        pq.write_table(table, stream, compression="lz4", use_dictionary=False, write_statistics=False)


def read_receipt(path: str) -> StagedFile:
    """Read the receipt of a staged file."""
    with storage.open_parquet(path) as parquet:
        fields = json.loads(parquet.schema_arrow.metadata[_RECEIPT_KEY])
    fields["top_lines"] = [tuple(line) for line in fields["top_lines"]]
    return StagedFile(**fields)


def _check_complete(element: tuple[int, Iterable[StagedFile]]) -> tuple[int, list[StagedFile]]:
    split, found = element
    files = sorted({staged.batch: staged for staged in found}.values(), key=lambda staged: staged.batch)
    if [staged.batch for staged in files] != list(range(len(files))) or not files[-1].last:
        raise RuntimeError(f"split {split}: staged batches are missing; there are {[staged.name for staged in files]}")
    return split, files


def staged_splits(state: str) -> dict[int, list[str]]:
    """List the splits of which every batch is staged.

    Returns:
        Split -> names of its files in order.
    """
    found: dict[int, dict[int, str]] = {}
    ends: dict[int, int] = {}
    for name in storage.list_names(storage.join(state, STAGED)):
        if match := _NAME.fullmatch(name):
            split, batch = int(match[1]), int(match[2])
            found.setdefault(split, {})[batch] = name
            if match[3]:
                ends[split] = batch
    return {
        split: [found[split][batch] for batch in range(end + 1)]
        for split, end in sorted(ends.items())
        if all(batch in found[split] for batch in range(end + 1))
    }


def read_staged(state: str, files: list[StagedFile], columns: list[str] | None = None) -> pa.Table:
    """Read columns of the staged files of one split, rows in order."""
    return pa.concat_tables(storage.read_parquet(storage.join(state, STAGED, staged.name), columns) for staged in files)


def take_rows(array: pa.ChunkedArray | pa.Array, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pa.Array:
    """Take rows of a column as one contiguous array."""
    taken = array.take(pa.array(rows))
    return taken.combine_chunks() if isinstance(taken, pa.ChunkedArray) else taken
