"""One run from the configuration to the manifest."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import apache_beam as beam
from apache_beam.io.filesystems import FileSystems
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.runner import PipelineRunner
from rich.console import Console

from corpusmill.cross_checks import idle_settings
from corpusmill.engines.collector import collect_from_here
from corpusmill.engines.memory import settle_allocators
from corpusmill.engines.runners import choose_runner, parse_beam_options
from corpusmill.inputs.against import load_earlier
from corpusmill.inputs.benchmarks import load_benchmarks
from corpusmill.inputs.fields import guess_fields
from corpusmill.inputs.lists import load_lists
from corpusmill.inputs.plan import plan_splits
from corpusmill.inputs.resources import load_resources
from corpusmill.inputs.sample import reason_to_refuse, take_sample
from corpusmill.inputs.screening import Screening
from corpusmill.reports.fields import correct_fields, name_fields
from corpusmill.reports.figures import counted, human_bytes
from corpusmill.reports.views import write_views
from corpusmill.request import Request
from corpusmill.runs.accounts import LostElementsError
from corpusmill.runs.assemble import assemble
from corpusmill.runs.lock import hold
from corpusmill.runs.manifest import Attempt, Outcome, gather_outcome, stands_written, write_manifest
from corpusmill.runs.output_folder import refuse_overlap, remove_state
from corpusmill.runs.progress import Monitor
from corpusmill.runs.run_folder import Job, Progress, discard_output, is_complete, open_output, remove_stray_results
from corpusmill.runs.shuffles import Shuffle, measure_shuffles, shuffles_of
from corpusmill.transforms import storage
from corpusmill.transforms.cleaning.block_lists import write_lists
from corpusmill.transforms.cleaning.decontaminate import write_benchmarks
from corpusmill.transforms.kernels.errors import DataRefusedError
from corpusmill.transforms.staging.refuse import raise_if_refused

_LOG = logging.getLogger("corpusmill")


def run(request: Request, console: Console) -> dict[str, Any]:
    """Run the pipeline, or what is left of it, and return the manifest.

    Args:
        request: What to do.
        console: Where progress is shown.

    Raises:
        corpusmill.transforms.storage.FilesystemError: Nothing here serves the output's address.
        corpusmill.inputs.plan.InputError: No input file is found.
        corpusmill.runs.run_folder.OutputError: The output folder cannot be used.
        corpusmill.engines.runners.OptionError: A Beam option is not known.
        corpusmill.transforms.kernels.errors.DataRefusedError: Too much of the input cannot be read.
        corpusmill.runs.accounts.AccountingError: Documents in and out do not agree.
    """
    with _opened(request) as prepared:
        return _finish(prepared, console)


def _finish(prepared: _Prepared, console: Console) -> dict[str, Any]:
    """Do what is left of a run."""
    started = time.monotonic()
    job = prepared.job
    if prepared.complete:
        _LOG.info("the output is complete already; nothing to do")
        manifest: dict[str, Any] = storage.read_json(job.manifest)
        return manifest
    shuffles: dict[str, Shuffle] = {}
    if stands_written(job):
        _LOG.info("every shard is written already, by an attempt that was not waited for; checking the accounts")
    else:
        pipeline = _assembled(prepared)
        collect_from_here()
        with Monitor(job, console):
            try:
                result = pipeline.run()
                result.wait_until_finish()
            except Exception:
                raise_if_refused(job.state)
                raise
        shuffles = shuffles_of(result)
    outcome = _trusted_outcome(job)
    remove_stray_results(job, outcome.files)
    attempt = Attempt(prepared.described, time.monotonic() - started, prepared.input_bytes, shuffles)
    manifest = write_manifest(job, outcome, attempt)
    _tidy_up(job, manifest)
    return manifest


def _tidy_up(job: Job, manifest: dict[str, Any]) -> None:
    write_views(job.output, manifest, job.state)
    if not job.config.output.keep_state:
        remove_state(job.output)


def _trusted_outcome(job: Job) -> Outcome:
    try:
        return gather_outcome(job)
    except LostElementsError as error:
        discard_output(job)  # else another attempt would trust what is there
        raise LostElementsError(
            f"{error}. What the run had written is removed; the same command starts afresh. Please report this"
        ) from error


def submit(request: Request) -> None:
    """Give the run to its engine without waiting for the end: `run`, with the same request, finishes it then.

    This is for programs that may not wait, such as the launcher of a Dataflow template.

    Raises:
        corpusmill.inputs.plan.InputError: No input file is found.
        corpusmill.runs.run_folder.OutputError: The output folder cannot be used.
        corpusmill.engines.runners.OptionError: A Beam option is not known.
    """
    with _opened(request) as prepared:
        if not prepared.complete:
            _assembled(prepared).run()


@dataclass(frozen=True)
class _Prepared:
    """A run whose output is open and whose engine is chosen.

    Attributes:
        job: The run.
        complete: An earlier attempt has finished it.
        options: Beam's options.
        runner: The local runner; None where Beam makes one from the options.
        described: The engine, in words.
        input_bytes: Bytes of the input files as stored.
    """

    job: Job
    complete: bool
    options: PipelineOptions
    runner: PipelineRunner | None
    described: str
    input_bytes: int


@contextlib.contextmanager
def _opened(request: Request) -> Iterator[_Prepared]:
    """Prepare a run, and hold the lock of its output folder while the block runs."""
    settle_allocators()
    options = parse_beam_options(request.beam_options)
    FileSystems.set_options(options)  # addresses and credentials of object stores, before the first look at one
    storage.require_filesystem(request.output)
    plan = plan_splits(request.inputs, request.config.input, Screening(request.output))
    config, guessed = guess_fields(plan.splits, request.config)
    request = replace(request, config=config)
    resources = load_resources(config)
    job = Job(request.output, config, plan.fingerprint, plan.splits, resources, guessed=guessed)
    against, earlier_shards = load_earlier(request.against, request.config, request.output, job.state)
    benchmarks = load_benchmarks(request.config)
    job = replace(job, against=against, earlier_shards=earlier_shards, benchmarks=benchmarks)
    job = replace(job, lists=load_lists(request.config))
    refuse_overlap(job.output, job.sources())
    complete = _Prepared(job, True, options, None, "", plan.total_bytes)
    if not request.overwrite and is_complete(job):
        yield complete
        return
    if refusal := reason_to_refuse(take_sample(job.splits, request.config.input), request.config):
        raise DataRefusedError(refusal)
    if guessed:
        _LOG.info("%s (%s)", name_fields(guessed), correct_fields(guessed))
    for note in idle_settings(config):
        _LOG.warning("%s", note)
    with hold(job.output):
        before = open_output(job, overwrite=request.overwrite)
        if before.untidy:
            _tidy_up(job, storage.read_json(job.manifest))
        yield complete if before.complete else _with_runner(request, complete, before)


def _with_runner(request: Request, prepared: _Prepared, before: Progress) -> _Prepared:
    """Choose the engine for what is left to do."""
    job, options = prepared.job, prepared.options
    pending = [split for split in job.splits if split.index not in before.staged]
    runner, described = choose_runner(
        request.beam_options,
        options,
        request.config.run,
        splits=len(job.splits),
        size=sum(split.size for split in pending),
    )
    _LOG.info("%s in %s; runner: %s", human_bytes(prepared.input_bytes), counted(len(job.splits), "splits"), described)
    return replace(prepared, complete=False, runner=runner, described=described)


def _assembled(prepared: _Prepared) -> beam.Pipeline:
    if prepared.job.lists is not None:
        write_lists(prepared.job.lists.lists, prepared.job.state)
    if prepared.job.benchmarks is not None:
        write_benchmarks(prepared.job.benchmarks.index, prepared.job.state, prepared.job.benchmarks_digest)
    pipeline = beam.Pipeline(runner=prepared.runner, options=prepared.options)
    assemble(pipeline, prepared.job, local=prepared.runner is not None)
    measure_shuffles(pipeline, prepared.job.state)
    return pipeline
