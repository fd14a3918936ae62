"""Learning boilerplate lines without running the rest."""

from __future__ import annotations

import logging

import apache_beam as beam
import pyarrow as pa
from apache_beam.io.filesystems import FileSystems
from rich.console import Console, Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from corpusmill.engines.runners import choose_runner, parse_beam_options
from corpusmill.inputs.plan import plan_splits
from corpusmill.inputs.resources import load_resources
from corpusmill.reports.summary import human_bytes
from corpusmill.request import Request
from corpusmill.runs.assemble import assemble_learning
from corpusmill.runs.job import Job, OutputError, open_output
from corpusmill.runs.manifest import LostElementsError
from corpusmill.runs.progress import Monitor
from corpusmill.runs.shuffles import describe_losses, measure_shuffles, read_accounts
from corpusmill.transforms import storage

_LOG = logging.getLogger("corpusmill")


def learn_lines(request: Request, console: Console) -> pa.Table:
    """Learn which lines are boilerplate, write them to a Parquet file, and return them.

    Args:
        request: Inputs and configuration; `output` is the file, beside which a folder of working files stands for as
            long as the work takes.
        console: Where progress is shown.

    Raises:
        corpusmill.inputs.plan.InputError: No input file is found.
        corpusmill.runs.job.OutputError: The file is there already, or its folder cannot be used.
        corpusmill.engines.runners.OptionError: A Beam option is not known.
        corpusmill.runs.manifest.LostElementsError: Something was lost in a shuffle.
    """
    storage.require_filesystem(request.output)
    if storage.exists(request.output) and not request.overwrite:
        raise OutputError(f"{request.output!r} is there already; name another file, or give --overwrite to replace it")
    options = parse_beam_options(request.beam_options)
    FileSystems.set_options(options)
    plan = plan_splits(request.inputs, request.config.input, [request.output, f"{request.output}.work"])
    job = Job(f"{request.output}.work", request.config, plan.fingerprint, plan.splits, load_resources(request.config))
    open_output(job, overwrite=request.overwrite)
    runner, described = choose_runner(
        request.beam_options, options, request.config.run, splits=len(plan.splits), size=plan.total_bytes
    )
    _LOG.info("%s in %d splits; runner: %s", human_bytes(plan.total_bytes), len(plan.splits), described)
    pipeline = beam.Pipeline(runner=runner, options=options)
    assemble_learning(pipeline, job, request.output)
    measure_shuffles(pipeline, job.state)
    with Monitor(job, console):
        pipeline.run().wait_until_finish()
    losses = describe_losses(read_accounts(job.state))
    if losses:
        storage.remove_file(request.output)
        storage.remove_tree(job.output)
        raise LostElementsError(f"the engine has lost or damaged a part of the work: {'; '.join(losses)}")
    storage.remove_tree(job.output)
    return storage.read_parquet(request.output)


_SHOWN_LINES = 20


def render_lines(table: pa.Table, path: str) -> Group:
    """Show the most frequent learned lines."""
    shown = Table("documents", "host", "line", box=None, pad_edge=False, header_style="dim")
    for row in table.slice(0, _SHOWN_LINES).to_pylist():
        shown.add_row(str(row["independent_documents"]), escape(row["host"] or "(any)"), escape(row["sample"]))
    return Group(Text(f"{len(table):,} lines learned, written to {path}. The most frequent:"), shown)
