"""Scoring the staged documents, and marking those that a limit drops."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import apache_beam as beam
import pyarrow as pa
import pyarrow.compute as pc
from apache_beam.metrics import Metrics

import corpusmill.transforms.coders  # noqa: F401  (registers the coder of record batches)
from corpusmill.transforms import sealed
from corpusmill.transforms.kernels.columns import replace_column
from corpusmill.transforms.kernels.quality.histograms import count_languages, count_scores
from corpusmill.transforms.kernels.schema import REJECTED
from corpusmill.transforms.layout import SCORED, State
from corpusmill.transforms.scoring.scorer import Scorer, Scoring, kept_columns
from corpusmill.transforms.staging.stage import (
    StagedFile,
    StagedSplit,
    Totals,
    add_totals,
    read_staged,
    read_totals,
    restage,
)

_EXCERPT_CHARS = 200


@dataclass
class ScoreDocuments(beam.PTransform):
    """Score the documents that are still kept, and mark those that a limit drops.

    Input: (split, `StagedSplit`), from `StageDocuments` or `ApplyLearned`.
    Output: (split, `StagedSplit`), its files replaced where a decision changed. Scores are under `state`/scores, one
        row for each document (`corpusmill.transforms.layout.State.scores`).
    Guarantees: as for `StageDocuments`. Texts do not change, but of documents that a function of the user's own raises
        on: these are rejected. A score that is null drops nothing.
    Counters: `ScoreDocuments/<rule id>`, documents dropped.
    """

    state: str
    scoring: Scoring = field(default_factory=Scoring)

    def __post_init__(self) -> None:
        """Check that all that is asked can be done."""
        self.scoring.check()

    def expand(self, staged: beam.PCollection[tuple[int, StagedSplit]]) -> beam.PCollection[tuple[int, StagedSplit]]:
        """Wire the transform."""
        return staged | "Score" >> beam.ParDo(_ScoreFn(self.state, self.scoring))


@dataclass
class ScoreBatches(beam.PTransform):
    """Score batches of documents that are not staged, and mark documents that a limit drops.

    Input: batches of documents (`corpusmill.transforms.kernels.schema`).
    Output: the same batches, with `decision` and `reason` where a limit drops a document. Scores are not kept.
    Guarantees: as for `ScoreDocuments`.
    Counters: `ScoreDocuments/<rule id>`, documents dropped.
    """

    scoring: Scoring = field(default_factory=Scoring)

    def __post_init__(self) -> None:
        """Check that all that is asked can be done."""
        self.scoring.check()

    def expand(self, batches: beam.PCollection[pa.RecordBatch]) -> beam.PCollection[pa.RecordBatch]:
        """Wire the transform."""
        return batches | "Score" >> beam.ParDo(_ScoreBatchFn(self.scoring)) if self.scoring.active else batches


class _ScoreBatchFn(beam.DoFn):
    def __init__(self, scoring: Scoring) -> None:
        self._scoring = scoring

    def setup(self) -> None:
        self._scorer = Scorer(self._scoring)

    def process(self, element: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        columns = self._scorer.columns(kept_columns(element.schema.names))
        scores = self._scorer.score(pa.Table.from_batches([element]).select(columns))
        _count(scores)
        yield _decided(element, scores)


def _count(scores: pa.Table) -> None:
    for item in pc.value_counts(scores["reason"].combine_chunks().drop_null()).to_pylist():
        Metrics.counter(ScoreDocuments, item["values"]).inc(item["counts"])


class _ScoreFn(beam.DoFn):
    def __init__(self, state: str, scoring: Scoring) -> None:
        self._state = state
        self._scoring = scoring

    def setup(self) -> None:
        self._scorer = Scorer(self._scoring)

    def process(self, element: tuple[int, StagedSplit]) -> Iterator[tuple[int, StagedSplit]]:
        split, staged = element
        results = [self._score(file) for file in staged.files]
        totals = add_totals(totals for _, totals in results)
        yield split, replace(staged, files=tuple(file for file, _ in results), totals=totals)

    def _score(self, staged: StagedFile) -> tuple[StagedFile, Totals]:
        path = State(self._state).scores(staged.name)
        if sealed.is_intact(path):
            scores = sealed.read_parquet(path)
        else:
            with sealed.open_parquet(staged.path(self._state)) as parquet:
                names = kept_columns(parquet.schema_arrow.names)
            scores = self._scorer.score(read_staged(self._state, [staged], self._scorer.columns(names)))
            sealed.write_table(scores, path, self._state)
        if scores["decision"].null_count == len(scores):
            return staged, _with_statistics(read_totals(self._state, staged), scores)
        changed = replace(staged, folder=SCORED)
        if sealed.is_intact(changed.path(self._state)):
            return changed, _with_statistics(read_totals(self._state, changed), scores)
        (batch,) = read_staged(self._state, [staged]).combine_chunks().to_batches()
        changed, totals = restage(_decided(batch, scores), staged, SCORED, self._state)
        _count(scores)
        return changed, _with_statistics(totals, scores)


def _with_statistics(totals: Totals, scores: pa.Table) -> Totals:
    """Add histograms of the scores, and documents by language, to the totals of a batch."""
    own = scores.filter(scores["scored"]).combine_chunks()
    if not len(own):
        return totals
    stays = own["decision"].combine_chunks().is_null().to_numpy(zero_copy_only=False)
    languages = count_languages(own["language"].combine_chunks(), stays) if "language" in own.column_names else {}
    return replace(totals, scores=count_scores(own, stays), languages=languages)


def _decided(batch: pa.RecordBatch, scores: pa.Table) -> pa.RecordBatch:
    """Write the decisions into a batch of documents."""
    decision, reason, detail = (scores[name].combine_chunks() for name in ("decision", "reason", "detail"))
    batch = replace_column(batch, "decision", pc.coalesce(decision, batch["decision"]))
    batch = replace_column(batch, "reason", pc.coalesce(reason, batch["reason"]))
    rejected = pc.fill_null(pc.equal(decision, REJECTED), False)
    if pc.any(rejected).as_py():
        excerpt = pc.utf8_slice_codeunits(batch["text"], 0, _EXCERPT_CHARS)
        batch = replace_column(batch, "error", pc.if_else(rejected, detail, batch["error"]))
        batch = replace_column(batch, "excerpt", pc.if_else(rejected, excerpt, batch["excerpt"]))
        batch = replace_column(batch, "chars_in", pc.if_else(rejected, 0, batch["chars_in"]))
        batch = replace_column(batch, "text", pc.if_else(rejected, None, batch["text"]))
    return batch
