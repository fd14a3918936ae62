"""The one Beam pipeline of a run, put together from the transforms."""

from __future__ import annotations

from collections.abc import Iterable

import apache_beam as beam
import pyarrow as pa

from pipeline.job import Job
from transforms import storage
from transforms.boilerplate import StripBoilerplate
from transforms.duplicates import FindDuplicates
from transforms.filter import FilterDocuments
from transforms.index import IndexDocuments
from transforms.learn import ApplyLearned, LearnBoilerplate, write_table
from transforms.normalize import NormalizeText
from transforms.read import ReadDocuments
from transforms.splits import Split
from transforms.stage import StageDocuments, StagedSplit
from transforms.write import WriteCorpus

_DOCUMENTS_PER_RANGE = 16_000_000
"""Documents whose keys of one band are sorted in one go: about half a gigabyte."""
_SMALL_DOCUMENT_BYTES = 500


def assemble(pipeline: beam.Pipeline, job: Job) -> None:
    """Add all steps of a run to a pipeline.

    Args:
        pipeline: An empty pipeline.
        job: The run; its output folder is open (`pipeline.job.open_output`).
    """
    config = job.config
    batches = (
        pipeline
        | "Todo" >> beam.Create([job.todo], reshuffle=False)
        | "ListSplits" >> beam.FlatMap(_list_splits).with_output_types(Split)
        | "Read" >> ReadDocuments(config.input)
    )
    if config.normalize.enabled:
        batches |= "Normalize" >> NormalizeText(config.normalize)
    if config.boilerplate.enabled:
        batches |= "StripBoilerplate" >> StripBoilerplate(config.boilerplate, job.resources.rules)
    batches |= "Filter" >> FilterDocuments(config.filter)
    staged = batches | "Stage" >> StageDocuments(job.state, job.earlier)
    if config.boilerplate.enabled and config.boilerplate.learned.enabled:
        staged = _without_learned_lines(pipeline, staged, job)
    indexed = staged | "Index" >> IndexDocuments(job.state, config.dedup)
    if config.dedup.enabled:
        decisions, families = indexed | "FindDuplicates" >> FindDuplicates(
            job.state, config.dedup, ranges_per_band=_ranges_per_band(job.splits)
        )
    else:
        decisions = pipeline | "NoDuplicates" >> beam.Create([], reshuffle=False).with_output_types(
            tuple[int, pa.RecordBatch]
        )
        families = pipeline | "NoFamilies" >> beam.Create([], reshuffle=False)
    _ = {"indexed": indexed, "duplicates": decisions, "families": families} | "Write" >> WriteCorpus(
        job.output, job.state, config.output, config.kept_columns(), job.file_metadata()
    )


def _without_learned_lines(
    pipeline: beam.Pipeline, staged: beam.PCollection[tuple[int, StagedSplit]], job: Job
) -> beam.PCollection[tuple[int, StagedSplit]]:
    settings = job.config.boilerplate
    if job.resources.learned is not None:
        table = pipeline | "LearnedLines" >> beam.Create([job.resources.learned], reshuffle=False)
    else:
        table = staged | "LearnBoilerplate" >> LearnBoilerplate(job.state, settings)
        _ = table | "WriteLearnedLines" >> beam.Map(write_table, job.learned_lines, job.state)
    return {"staged": staged, "table": table} | "ApplyLearned" >> ApplyLearned(job.state, settings, job.resources.rules)


def _ranges_per_band(splits: Iterable[Split]) -> int:
    documents = sum(split.size for split in splits) // _SMALL_DOCUMENT_BYTES
    return 1 + documents // _DOCUMENTS_PER_RANGE


def _list_splits(path: str) -> list[Split]:
    return [Split.from_json(value) for value in storage.read_json(path)]
