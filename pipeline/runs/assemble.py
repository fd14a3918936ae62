"""The one Beam pipeline of a run, put together from the transforms."""

from __future__ import annotations

import apache_beam as beam
import pyarrow as pa

from corpusmill.runs.output_files import output_files
from corpusmill.runs.run_folder import Job
from corpusmill.transforms import sealed
from corpusmill.transforms.cleaning.block_lists import DropListed
from corpusmill.transforms.cleaning.boilerplate import StripBoilerplate
from corpusmill.transforms.cleaning.decontaminate import Decontaminate
from corpusmill.transforms.cleaning.filter import FilterDocuments
from corpusmill.transforms.cleaning.learned_lines import ApplyLearned, ApplyLearnedInput, LearnBoilerplate, write_table
from corpusmill.transforms.cleaning.normalize import NormalizeText
from corpusmill.transforms.cleaning.personal_data import MaskPersonalData
from corpusmill.transforms.duplicates.addresses import ResolveAddresses
from corpusmill.transforms.duplicates.copies import CountCopies
from corpusmill.transforms.duplicates.exchange import Exchange
from corpusmill.transforms.duplicates.find import Duplicates, FindDuplicates
from corpusmill.transforms.duplicates.paragraphs import RemoveParagraphs, RemoveParagraphsInput
from corpusmill.transforms.keyed import KeyedBatch
from corpusmill.transforms.layout import FINAL_INDEX, INDEX
from corpusmill.transforms.reading.read import ReadDocuments
from corpusmill.transforms.reading.splits import Split
from corpusmill.transforms.scoring.score import ScoreDocuments
from corpusmill.transforms.staging.index import IndexDocuments, IndexEarlier
from corpusmill.transforms.staging.refuse import RefuseUnreadable
from corpusmill.transforms.staging.resume import ResumeStaged
from corpusmill.transforms.staging.stage import StageDocuments, StagedSplit, StageInput
from corpusmill.transforms.writing.shards import WriteCorpusInput
from corpusmill.transforms.writing.write import WriteCorpus

_DOCUMENTS_PER_RANGE = 32_000_000
"""Documents whose shuffled keys of one band are sorted in one go: a gigabyte, if they are as small as assumed here."""
_DOCUMENTS_PER_COVER = 50_000_000
"""Documents for whose verified pairs one more worker is taken."""
_SMALL_DOCUMENT_BYTES = 500


def assemble(pipeline: beam.Pipeline, job: Job, *, local: bool = True) -> None:
    """Add all steps of a run to a pipeline.

    Args:
        pipeline: An empty pipeline.
        job: The run; its output folder is open (`corpusmill.runs.run_folder.open_output`).
        local: Whether the run stays on this machine: then band keys are exchanged through files, since the local
            engine holds in memory what is shuffled.
    """
    config = job.config
    staged = _stage(pipeline, job)
    if config.boilerplate.enabled and config.boilerplate.learned.enabled:
        staged = _without_learned_lines(pipeline, staged, job)
    if config.scoring.active:
        staged |= "Score" >> ScoreDocuments(job.state, config.scoring)
    of_one_address: tuple[beam.PCollection[KeyedBatch], ...] = ()
    if config.dedup.enabled and config.dedup.by_url is not None:
        addresses = staged | "ResolveAddresses" >> ResolveAddresses(job.state, config.dedup)
        staged, of_one_address = addresses.staged, (addresses.members,)
    indexed = staged | "Index" >> IndexDocuments(job.state, config.dedup, config.dedup.within in config.scoring.columns)
    if config.dedup.enabled:
        documents = sum(split.size for split in job.splits) // _SMALL_DOCUMENT_BYTES
        documents += sum(shard.rows for shard in job.earlier_shards)
        compared = indexed
        if job.earlier_shards:
            earlier = (
                pipeline
                | "EarlierShards" >> beam.Create(job.earlier_shards, reshuffle=False)
                | "IndexEarlier" >> IndexEarlier(job.state, config.dedup)
            )
            compared = (indexed, earlier) | "WithEarlier" >> beam.Flatten()
        exchange = Exchange(
            through_files=local,
            ranges_per_band=1 + documents // _DOCUMENTS_PER_RANGE,
            memory_bytes=config.run.memory,
            cover_partitions=1 + documents // _DOCUMENTS_PER_COVER,
        )
        keep_pairs = config.output.corpus and config.output.pairs
        find = FindDuplicates(job.state, config.dedup, exchange, keep_pairs, of_one_address)
        found = compared | "FindDuplicates" >> find
    else:
        found = Duplicates(
            pipeline | "NoDuplicates" >> beam.Create([], reshuffle=False).with_output_types(KeyedBatch),
            pipeline | "NoFamilies" >> beam.Create([], reshuffle=False),
            pipeline | "NoPairs" >> beam.Create([], reshuffle=False).with_output_types(tuple[int, int]),
        )
    index_folder = INDEX
    if config.dedup.enabled and config.dedup.paragraphs.keep != "every":
        remove = RemoveParagraphs(job.state, config.dedup)
        indexed = RemoveParagraphsInput(indexed, found.decisions) | "RemoveParagraphs" >> remove
        index_folder = FINAL_INDEX
    files = output_files(job.output, config, job.file_metadata())
    copies = (found.decisions | "CountCopies" >> CountCopies(job.state),) if config.output.copies else ()
    decided = WriteCorpusInput(indexed, found.decisions, found.families, found.pairs, copies)
    _ = decided | "Write" >> WriteCorpus(files, index_folder)


def assemble_learning(pipeline: beam.Pipeline, job: Job, table: str) -> None:
    """Add the steps that only learn boilerplate lines to a pipeline.

    Args:
        pipeline: An empty pipeline.
        job: What to read and how to clean it.
        table: Path of the Parquet file that the learned lines are written to.
    """
    learned = _stage(pipeline, job) | "LearnBoilerplate" >> LearnBoilerplate(
        job.state, job.config.boilerplate, job.resources.rules
    )
    _ = learned | "WriteLearnedLines" >> beam.Map(write_table, table, job.state)


def _stage(pipeline: beam.Pipeline, job: Job) -> beam.PCollection[tuple[int, StagedSplit]]:
    """Read, clean and stage what is still to be done."""
    config = job.config
    resumed = pipeline | "Resume" >> ResumeStaged(job.state, job.earlier)
    todo = (
        pipeline
        | "Todo" >> beam.Create([job.todo], reshuffle=False)
        | "ListSplits" >> beam.FlatMap(_list_splits).with_output_types(Split)
    )
    batches = (
        (todo, resumed.again)
        | "WithDamagedSplits" >> beam.Flatten()
        | "SpreadSplits" >> beam.Reshuffle()
        | "Read" >> ReadDocuments(config.input)
    )
    if config.normalize.enabled:
        batches |= "Normalize" >> NormalizeText(config.normalize)
    if config.personal_data.kinds:
        batches |= "MaskPersonalData" >> MaskPersonalData(config.personal_data)
    if config.boilerplate.enabled:
        batches |= "StripBoilerplate" >> StripBoilerplate(config.boilerplate, job.resources.rules)
    batches |= "Filter" >> FilterDocuments(config.filter)
    if job.lists is not None:
        batches |= "DropListed" >> DropListed(job.state, job.lists.digest)
    if job.benchmarks is not None:
        batches |= "Decontaminate" >> Decontaminate(job.state, job.benchmarks_digest, config.decontaminate)
    staged = StageInput(batches, resumed.staged) | "Stage" >> StageDocuments(job.state)
    within = config.dedup.within if config.dedup.enabled else None
    return staged | "RefuseUnreadable" >> RefuseUnreadable(job.state, config.input.max_rejected_share, within)


def _without_learned_lines(
    pipeline: beam.Pipeline, staged: beam.PCollection[tuple[int, StagedSplit]], job: Job
) -> beam.PCollection[tuple[int, StagedSplit]]:
    settings = job.config.boilerplate
    if job.resources.learned is not None:
        table = pipeline | "LearnedLines" >> beam.Create([job.resources.learned], reshuffle=False)
    else:
        table = staged | "LearnBoilerplate" >> LearnBoilerplate(job.state, settings, job.resources.rules)
        # They are written before they are used: once all shards are there, nothing of the run is missing.
        table |= "WriteLearnedLines" >> beam.Map(_written, job.learned_lines, job.state)
    inputs = ApplyLearnedInput(staged, table)
    return inputs | "ApplyLearned" >> ApplyLearned(job.state, settings, job.resources.rules)


def _written(table: pa.RecordBatch, path: str, state: str) -> pa.RecordBatch:
    write_table(table, path, state)
    return table


def _list_splits(path: str) -> list[Split]:
    return [Split.from_json(value) for value in sealed.read_json(path)]
