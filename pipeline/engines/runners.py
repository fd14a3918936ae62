"""Choosing the engine, deliberately: nothing is downloaded, nothing falls back to something else."""

from __future__ import annotations

import contextlib
import difflib
import io
import os
import shlex
import sys
from collections.abc import Sequence

from apache_beam.options.pipeline_options import (
    DirectOptions,
    PipelineOptions,
    PortableOptions,
    SetupOptions,
    StandardOptions,
)
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.runners.runner import PipelineRunner
from apache_beam.transforms.environments import SubprocessSDKEnvironment

from corpusmill.config import RunSettings
from corpusmill.engines.job_server import leash_job_server

SMALL_RUN_BYTES = 48_000_000
"""Inputs below this run in the process itself: starting workers would take longer than they save."""

_MOST_THREADS = 2
"""Most of the time is spent in NumPy and Arrow, outside the interpreter's lock: two threads seldom wait, more do."""

_WORKER_WAITS_MS = 60_000
"""How long a Python worker of a Flink job waits for the job's next stage. Beam's default is not at all: each of some
ten stages would start workers of its own."""

_WITH_JOB_SERVER = ("FlinkRunner", "SparkRunner")
_LOCAL_NAMES = ("", "DirectRunner", "FnApiRunner", "direct", "local")


class OptionError(ValueError):
    """An option that neither corpusmill nor Beam knows."""


def parse_beam_options(arguments: Sequence[str]) -> PipelineOptions:
    """Read what was given behind corpusmill's own options.

    Raises:
        OptionError: An argument is unknown to Beam. (Options of a remote engine are passed on as they are.)
    """
    for position, argument in enumerate(arguments):
        before = arguments[position - 1] if position else ""
        if not argument.startswith("-") and (not before.startswith("--") or "=" in before):
            raise OptionError(
                f"unexpected argument {argument!r}; inputs are given with --input, options with --name=value"
            )
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):  # argparse ends the process on a bad value, after printing all options
            options = PipelineOptions(list(arguments))
            known = options.get_all_options()
            given = options.get_all_options(retain_unknown_options=True)
    except SystemExit:
        reason = said.getvalue().strip().rsplit("error: ", 1)[-1] or " ".join(arguments)
        raise OptionError(f"Beam does not accept an option: {reason}") from None
    unknown = sorted(set(given) - set(known))
    if unknown and is_local(options):
        own = ["input", "output", "set", "overwrite", "verbose", "quiet"]
        near = difflib.get_close_matches(unknown[0], [*own, *known], n=1)
        hint = f"; did you mean --{near[0]}?" if near else ""
        raise OptionError(f"unknown option --{unknown[0]}{hint}")
    return options


def _running_mode(settings: RunSettings, workers: int) -> str:
    if workers == 1:
        return "in_memory"
    if settings.mode == "auto":
        return "multi_threading" if workers <= _MOST_THREADS else "multi_processing"
    return {"threads": "multi_threading", "processes": "multi_processing"}[settings.mode]


def is_local(options: PipelineOptions) -> bool:
    """Say whether the run stays on this machine, in corpusmill's own choice of runner."""
    return (options.view_as(StandardOptions).runner or "") in _LOCAL_NAMES


def choose_runner(
    arguments: Sequence[str], options: PipelineOptions, settings: RunSettings, *, splits: int, size: int
) -> tuple[PipelineRunner | None, str]:
    """Choose the runner and, for a local run, the workers; `options` is changed accordingly.

    Args:
        arguments: Beam's options as given; what they say of workers is respected.
        options: The same, parsed.
        settings: The configuration's word on workers.
        splits: Number of splits still to be done.
        size: Bytes of input still to be read.

    Returns:
        The runner (None: Beam makes it from the options) and a description for the log.
    """
    # The transforms are found by import: pickling the main session would only drag the command line along.
    options.view_as(SetupOptions).save_main_session = False
    if not is_local(options):
        portable = options.view_as(PortableOptions)
        if not any("environment_cache_millis" in argument for argument in arguments):
            portable.environment_cache_millis = _WORKER_WAITS_MS
        runner = str(options.view_as(StandardOptions).runner)
        if runner.rpartition(".")[2] in _WITH_JOB_SERVER:
            leash_job_server(options)
        return None, runner
    direct = options.view_as(DirectOptions)
    # From the arguments: an option that is given with its default value counts as given.
    given = {name for name in ("direct_num_workers", "direct_running_mode") for flag in arguments if name in flag}
    if not given:
        wanted = settings.workers
        if wanted == "auto":
            wanted = 1 if size < SMALL_RUN_BYTES else (os.cpu_count() or 1)
        direct.direct_num_workers = max(1, min(wanted, splits))
        direct.direct_running_mode = _running_mode(settings, direct.direct_num_workers)
    elif "direct_running_mode" not in given and direct.direct_num_workers != 1:
        direct.direct_running_mode = "multi_processing"
    workers = direct.direct_num_workers or os.cpu_count() or 1
    if direct.direct_running_mode == "multi_processing":
        # The runner would start Beam's own worker program; this one is quiet and ends with the run.
        direct.direct_running_mode = "in_memory"
        # exec: the run is the worker's parent, not a shell.
        command = f"exec {shlex.quote(sys.executable)} -m corpusmill.engines.local_worker"
        environment = SubprocessSDKEnvironment.from_command_string(command_string=command)
        return FnApiRunner(default_environment=environment), f"local, {workers} processes"
    kind = {"in_memory": "this process", "multi_threading": f"{workers} threads"}
    return FnApiRunner(), f"local, {kind[direct.direct_running_mode]}"
