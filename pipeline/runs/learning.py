"""Learning boilerplate lines without running the rest."""

from __future__ import annotations

import logging
import os

import apache_beam as beam
import pyarrow as pa
from apache_beam.io.filesystems import FileSystems
from rich.console import Console, Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from corpusmill.engines.collector import collect_from_here
from corpusmill.engines.runners import choose_runner, parse_beam_options
from corpusmill.inputs.fields import guess_fields
from corpusmill.inputs.path_identity import place_of
from corpusmill.inputs.plan import plan_splits
from corpusmill.inputs.resources import load_resources
from corpusmill.inputs.screening import Screening
from corpusmill.reports.fields import correct_fields, name_fields
from corpusmill.reports.figures import counted, human_bytes
from corpusmill.reports.visible import visible
from corpusmill.request import Request
from corpusmill.runs.accounts import LostElementsError
from corpusmill.runs.assemble import assemble_learning
from corpusmill.runs.lock import hold
from corpusmill.runs.output_folder import look_at, remove_state
from corpusmill.runs.progress import Monitor
from corpusmill.runs.run_folder import Job, OutputError, open_output
from corpusmill.runs.shuffles import describe_losses, measure_shuffles, read_accounts
from corpusmill.transforms import storage
from corpusmill.transforms.kernels.boilerplate.learning.learn import lines_of
from corpusmill.transforms.layout import LOCK, STATE, Output
from corpusmill.transforms.staging.refuse import raise_if_refused

_LOG = logging.getLogger("corpusmill")


def learn_lines(request: Request, console: Console) -> pa.Table:
    """Learn which lines are boilerplate, write them to a Parquet file, and return them.

    Args:
        request: Inputs and configuration; `output` is the file, beside which a folder of working files exists for as
            long as the work takes.
        console: Where progress is shown.

    Raises:
        corpusmill.inputs.plan.InputError: No input file is found.
        corpusmill.runs.run_folder.OutputError: The file is there already, or its folder cannot be used.
        corpusmill.engines.runners.OptionError: A Beam option is not known.
        corpusmill.runs.accounts.LostElementsError: Something was lost in a shuffle.
    """
    storage.require_filesystem(request.output)
    if storage.is_local(request.output) and os.path.isdir(request.output):
        raise OutputError(f"{request.output!r} is a folder; name a file, such as {request.output.rstrip('/')}.parquet")
    if storage.exists(request.output) and not request.overwrite:
        raise OutputError(f"{request.output!r} already exists; name another file, or give --overwrite to replace it")
    options = parse_beam_options(request.beam_options)
    FileSystems.set_options(options)
    work = f"{request.output}.work"
    plan = plan_splits(request.inputs, request.config.input, Screening(work, [request.output]))
    config, guessed = guess_fields(plan.splits, request.config)
    if guessed:
        _LOG.info("%s (%s)", name_fields(guessed), correct_fields(guessed))
    job = Job(work, config, plan.fingerprint, plan.splits, load_resources(config), purpose=LEARN)
    _refuse_named_files(job, request.output)
    _refuse_others_folder(job)
    with hold(job.output):
        open_output(job, overwrite=request.overwrite)
        runner, described = choose_runner(
            request.beam_options, options, request.config.run, splits=len(plan.splits), size=plan.total_bytes
        )
        _LOG.info("%s in %s; runner: %s", human_bytes(plan.total_bytes), counted(len(plan.splits), "splits"), described)
        pipeline = beam.Pipeline(runner=runner, options=options)
        assemble_learning(pipeline, job, request.output)
        measure_shuffles(pipeline, job.state)
        collect_from_here()
        with Monitor(job, console):
            try:
                pipeline.run().wait_until_finish()
            except Exception:
                raise_if_refused(job.state)
                raise
        losses = describe_losses(read_accounts(job.state))
        if losses:
            storage.remove_file(request.output)
        _remove_work(job)
        if losses:
            raise LostElementsError(f"the engine has lost or damaged a part of the work: {'; '.join(losses)}")
    storage.remove_empty_folder(job.output)
    return storage.read_parquet(request.output)


LEARN = "learn"
"""What a folder of working files is for; one of another purpose is never taken for it."""


def _refuse_others_folder(job: Job) -> None:
    """Make sure that the folder of working files is not there yet, or is one that was left by learning."""
    remains = look_at(job.output)
    others = set(storage.list_all(job.output)) - {LOCK}
    if others <= {STATE} and not remains.foreign:
        return  # left by an attempt that was killed in its first moment
    left = remains.begun is not None and remains.begun.get("purpose") == LEARN and remains.manifest is None
    if not left:
        raise OutputError(
            f"{job.output!r}, the folder for the working files, already exists and holds something else; it was "
            "left as it is. Move it away, or name another --output"
        )


def _remove_work(job: Job) -> None:
    """Remove the working files, and their folders as far as nothing else is in them."""
    remove_state(job.output)
    for path in Output(job.output).own:
        storage.remove_empty_folder(path)


def _refuse_named_files(job: Job, table: str) -> None:
    """Make sure that the table does not replace a file that the configuration names."""
    for key, files in job.sources().files.items():
        for file in files:
            if place_of(file) == place_of(table):
                raise OutputError(f"{key}: {file!r} is the output itself; name another --output")


_SHOWN_LINES = 20


def render_lines(table: pa.Table, path: str) -> Group:
    """Show the most frequent learned lines."""
    shown = Table("documents", "host", "line", box=None, pad_edge=False, header_style="dim")
    table = lines_of(table)
    for row in table.slice(0, _SHOWN_LINES).to_pylist():
        shown.add_row(
            str(row["independent_documents"]), *(escape(visible(row[name] or "(any)")) for name in ("host", "sample"))
        )
    written = f"{counted(len(table), 'lines')} learned, written to {visible(path)}. The most frequent:"
    return Group(Text(written), shown)
