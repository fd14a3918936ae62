"""Staging: cleaned documents as Parquet files, so that everything behind them reads columns and never shuffles text."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any, NamedTuple

import apache_beam as beam
import pyarrow as pa
import pyarrow.compute as pc

import corpusmill.transforms.coders  # noqa: F401  (registers the coder of record batches)
from corpusmill.transforms import sealed, storage
from corpusmill.transforms.kernels.arrays import Int64s
from corpusmill.transforms.kernels.columns import one_array
from corpusmill.transforms.kernels.quality.histograms import Counts, add_counts
from corpusmill.transforms.kernels.reading.refusal import Example, earliest
from corpusmill.transforms.kernels.schema import KEPT, REJECTED, BatchPosition, batch_position, mark_batch
from corpusmill.transforms.layout import STAGED, State
from corpusmill.transforms.staging.kept_columns import count_columns

_TOTALS_KEY = b"corpusmill.totals"
_NAME = re.compile(r"(\d{5,})-(\d{6,})(-last)?\.parquet")
_TOP_LINES = 32
"""Distinct removed lines that the totals of a batch or a split remember (the audit has every one)."""
_LINE_CHARS = 160
"""Characters of a removed line that the totals remember."""


@dataclass(frozen=True)
class StagedFile:
    """One staged batch: a Parquet file whose name tells its position.

    Attributes:
        split: Number of the split.
        batch: Number of the batch within the split.
        last: Whether the split ends with this batch.
        rows: Documents in it, whatever their decision.
        folder: Folder under the state folder.
    """

    split: int
    batch: int
    last: bool
    rows: int
    folder: str = STAGED

    @property
    def name(self) -> str:
        """File name."""
        return f"{self.split:05d}-{self.batch:06d}{'-last' if self.last else ''}.parquet"

    def path(self, state: str) -> str:
        """Path under a state folder."""
        return State(state).staged(self.name, self.folder)


@dataclass(frozen=True)
class Totals:
    """Counts over staged documents. They are made of data and kept with it, so that retries do not inflate them.

    Attributes:
        rows: Documents, whatever their decision.
        decisions: Decision -> documents.
        reasons: Rule id of the decision -> documents.
        chars_in: Characters read.
        text_bytes: UTF-8 bytes of the texts that are kept so far.
        repairs: Rule id -> places changed.
        lines: Rule id -> lines removed.
        top_lines: Frequent removed lines: [text, rule id, count], most frequent first; approximate over many splits,
            as each remembers a few.
        rejections: Rule id of what could not be read -> the first such record.
        columns: Kept column -> [documents with a value, without one, with a value that does not fit its type, an
            example of these or ""].
        without_address: Documents kept so far that have no URL, so that lines are not learned from them.
        scores: Histograms of scores (`corpusmill.transforms.kernels.quality.histograms.Counts`).
        languages: Language -> [documents in it, those that stay].
    """

    rows: int = 0
    decisions: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    chars_in: int = 0
    text_bytes: int = 0
    repairs: dict[str, int] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    top_lines: list[tuple[str, str, int]] = field(default_factory=list)
    rejections: dict[str, Example] = field(default_factory=dict)
    columns: dict[str, list[Any]] = field(default_factory=dict)
    without_address: int = 0
    scores: dict[str, list[int]] = field(default_factory=dict)
    languages: dict[str, list[int]] = field(default_factory=dict)


def add_totals(all_totals: Iterable[Totals], top_lines: int = _TOP_LINES) -> Totals:
    """Add up totals; the order does not matter."""
    counters: dict[str, Counter[str]] = {name: Counter() for name in ("decisions", "reasons", "repairs", "lines")}
    top: Counter[tuple[str, str]] = Counter()
    rejections: dict[str, Example] = {}
    columns: dict[str, list[Any]] = {}
    scores: Counts = {}
    languages: Counts = {}
    rows = chars_in = text_bytes = without_address = 0
    for totals in all_totals:
        rows += totals.rows
        chars_in += totals.chars_in
        text_bytes += totals.text_bytes
        without_address += totals.without_address
        scores = add_counts(scores, totals.scores)
        languages = add_counts(languages, totals.languages)
        for name, counter in counters.items():
            counter.update(getattr(totals, name))
        top.update({(text, rule): count for text, rule, count in totals.top_lines})
        rejections = earliest(rejections, totals.rejections)
        for name, (found, missing, unfit, example) in totals.columns.items():
            before = columns.get(name, [0, 0, 0, ""])
            examples = sorted(filter(None, (before[3], example)))
            columns[name] = [before[0] + found, before[1] + missing, before[2] + unfit, *(examples or [""])[:1]]
    return Totals(
        rows=rows,
        chars_in=chars_in,
        text_bytes=text_bytes,
        top_lines=_most_frequent(top, top_lines),
        rejections=rejections,
        columns=columns,
        without_address=without_address,
        scores=scores,
        languages=languages,
        **{name: dict(sorted(counter.items())) for name, counter in counters.items()},
    )


def _most_frequent(lines: Counter[tuple[str, str]], n: int) -> list[tuple[str, str, int]]:
    ordered = sorted(lines.items(), key=lambda item: (-item[1], item[0]))[:n]
    return [(text, rule, count) for (text, rule), count in ordered]


@dataclass(frozen=True)
class StagedSplit:
    """A split of which every batch is staged.

    Attributes:
        split: Number of the split.
        files: Its files in order.
        totals: What they hold.
    """

    split: int
    files: tuple[StagedFile, ...]
    totals: Totals


class StageInput(NamedTuple):
    """The inputs of `StageDocuments` of a run that goes on.

    Attributes:
        batches: Batches of documents.
        earlier: (split, (`StagedFile`, `Totals`)) of splits that are staged already.
    """

    batches: beam.PCollection[pa.RecordBatch]
    earlier: beam.PCollection[tuple[int, tuple[StagedFile, Totals]]]


@dataclass
class StageDocuments(beam.PTransform):
    """Write each batch to a Parquet file under `state`/staged and gather what was written, split by split.

    Input: batches of documents, numbered within their split (`mark_batch`); or `StageInput`.
    Output: (split, `StagedSplit`), behind a GroupByKey: no element leaves before all files are written.
    Guarantees: a file appears whole or not at all; its name and bytes follow from its position and content, so
        that retried, doubled or resumed work changes nothing. A split of which a file is missing is an error.
    """

    state: str

    def expand(
        self, inputs: beam.PCollection[pa.RecordBatch] | StageInput
    ) -> beam.PCollection[tuple[int, StagedSplit]]:
        """Wire the transform."""
        batches, earlier = inputs if isinstance(inputs, StageInput) else (inputs, None)
        written = batches | "Write" >> beam.ParDo(_StageFn(self.state))
        staged = written if earlier is None else (written, earlier) | "WithEarlier" >> beam.Flatten()
        return staged | "BySplit" >> beam.GroupByKey() | "CheckComplete" >> beam.ParDo(_CompleteFn())


class _StageFn(beam.DoFn):
    def __init__(self, state: str) -> None:
        self._state = state

    def process(self, element: pa.RecordBatch) -> Iterator[tuple[int, tuple[StagedFile, Totals]]]:
        position = batch_position(element)
        staged = StagedFile(position.split, position.index, position.last, len(element))
        totals = count_batch(element)
        write_staged(element, staged, totals, self._state)
        yield position.split, (staged, totals)


class _CompleteFn(beam.DoFn):
    def process(self, element: tuple[int, Iterable[tuple[StagedFile, Totals]]]) -> Iterator[tuple[int, StagedSplit]]:
        split, found = element
        by_batch = {staged.batch: (staged, totals) for staged, totals in found}
        files = [by_batch[batch][0] for batch in sorted(by_batch)]
        if [staged.batch for staged in files] != list(range(len(files))) or not files[-1].last:
            names = ", ".join(staged.name for staged in files[:8])
            raise RuntimeError(f"split {split}: staged batches are missing; there are {len(files)}: {names} ...")
        totals = add_totals(by_batch[staged.batch][1] for staged in files)
        yield split, StagedSplit(split, tuple(files), totals)


def count_batch(batch: pa.RecordBatch) -> Totals:
    """Count what a batch of documents holds.

    Raises:
        ValueError: The batch holds rows of another split than it says.
    """
    position = batch_position(batch)
    foreign = set(pc.unique(batch["split"]).to_pylist()) - {position.split}
    if foreign:
        raise ValueError(f"a batch of split {position.split} holds rows of split {min(foreign)}")
    kept = batch["text"].filter(pc.equal(batch["decision"], KEPT))
    removed = batch["removed_lines"].flatten()
    lines = Counter(zip(removed.field("text").to_pylist(), removed.field("rule").to_pylist(), strict=True))
    short = Counter({(text[:_LINE_CHARS], rule): count for (text, rule), count in lines.items()})
    return Totals(
        rows=len(batch),
        decisions=_counts(batch["decision"]),
        reasons=_counts(batch["reason"]),
        chars_in=pc.sum(batch["chars_in"]).as_py() or 0,
        text_bytes=pc.sum(pc.cast(pc.binary_length(kept), pa.int64())).as_py() or 0,
        repairs=_repair_counts(batch["repairs"]),
        lines=_counts(removed.field("rule")),
        top_lines=_most_frequent(short, _TOP_LINES),
        rejections=_first_of_each_reason(batch),
        columns=count_columns(batch),
        without_address=batch["url"].filter(pc.equal(batch["decision"], KEPT)).null_count,
    )


def _first_of_each_reason(batch: pa.RecordBatch) -> dict[str, Example]:
    rejected = pc.equal(batch["decision"], REJECTED)
    if not pc.any(rejected).as_py():
        return {}
    rows = batch.select([*Example._fields, "reason"]).filter(rejected)
    found: dict[str, Example] = {}
    for reason in sorted(pc.unique(rows["reason"]).to_pylist()):
        row = rows.slice(pc.index(rows["reason"], reason).as_py(), 1).to_pylist()[0]
        found[reason] = Example(*(row[name] for name in Example._fields))
    return found


def _counts(values: pa.Array) -> dict[str, int]:
    found = {item["values"]: item["counts"] for item in pc.value_counts(values.drop_null()).to_pylist()}
    return dict(sorted(found.items()))


def _repair_counts(repairs: pa.ListArray) -> dict[str, int]:
    totals: Counter[str] = Counter()
    flat = repairs.flatten()
    for rule, count in zip(flat.field("rule").to_pylist(), flat.field("count").to_pylist(), strict=True):
        totals[rule] += count
    return dict(sorted(totals.items()))


def write_staged(batch: pa.RecordBatch, staged: StagedFile, totals: Totals, state: str) -> None:
    """Write one batch, with its totals in the file's metadata."""
    receipt = json.dumps(asdict(totals), ensure_ascii=True, sort_keys=True).encode()
    table = pa.Table.from_batches([batch]).replace_schema_metadata({_TOTALS_KEY: receipt})
    sealed.write_table(table, staged.path(state), state)


def restage(batch: pa.RecordBatch, staged: StagedFile, folder: str, state: str) -> tuple[StagedFile, Totals]:
    """Write what a later stage has made of a batch into that stage's folder; return the file and its totals."""
    batch = mark_batch(batch, BatchPosition(staged.split, staged.batch, staged.last))
    changed = replace(staged, folder=folder)
    totals = count_batch(batch)
    write_staged(batch, changed, totals, state)
    return changed, totals


def open_staged(state: str, name: str) -> StagedFile:
    """Return the staged file of a name in the folder `staged`.

    Raises:
        ValueError: It is not the name of a staged file.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise ValueError(f"{name!r} is not the name of a staged file")
    with sealed.open_parquet(State(state).staged(name)) as parquet:
        rows = parquet.metadata.num_rows
    return StagedFile(int(match[1]), int(match[2]), bool(match[3]), rows)


def read_totals(state: str, staged: StagedFile) -> Totals:
    """Read the totals that a staged file holds."""
    with sealed.open_parquet(staged.path(state)) as parquet:
        fields = json.loads(parquet.schema_arrow.metadata[_TOTALS_KEY])
    fields["top_lines"] = [tuple(line) for line in fields["top_lines"]]
    fields["rejections"] = {reason: Example(*values) for reason, values in fields["rejections"].items()}
    return Totals(**fields)


def staged_splits(state: str) -> dict[int, list[str]]:
    """List the splits of which every batch is staged.

    Returns:
        Split -> names of its files in order.
    """
    found: dict[int, dict[int, str]] = {}
    ends: dict[int, int] = {}
    for name in storage.list_names(State(state).folder(STAGED)):
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


def staged_batches(state: str) -> dict[int, int]:
    """Count the staged batches of each split, complete or not."""
    names = (_NAME.fullmatch(name) for name in storage.list_names(State(state).folder(STAGED)))
    return dict(sorted(Counter(int(match[1]) for match in names if match).items()))


def read_staged(state: str, files: Iterable[StagedFile], columns: list[str] | None = None) -> pa.Table:
    """Read columns of staged files of one split, rows in order."""
    return pa.concat_tables(sealed.read_parquet(staged.path(state), columns) for staged in files)


def take_rows(array: pa.ChunkedArray | pa.Array, rows: Int64s) -> pa.Array:
    """Take rows of a column as one contiguous array."""
    return one_array(array.take(pa.array(rows)))
