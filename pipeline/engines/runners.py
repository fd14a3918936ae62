"""Choosing the engine, deliberately: nothing is downloaded, nothing falls back to something else."""

from __future__ import annotations

import argparse
import contextlib
import difflib
import io
import os
from collections.abc import Sequence

from apache_beam.options.pipeline_options import (
    DebugOptions,
    DirectOptions,
    PipelineOptions,
    PortableOptions,
    SetupOptions,
    StandardOptions,
)
from apache_beam.runners.runner import PipelineRunner

from corpusmill.config import RunSettings
from corpusmill.engines.job_server import leash_job_server
from corpusmill.engines.local_runner import NO_TIMER_MS, LocalRunner
from corpusmill.engines.start_up import RememberedOptions, remember_dofn_specs, remember_functions
from corpusmill.transforms.kernels.errors import UsageError

SMALL_RUN_BYTES = 48_000_000
"""Inputs below this run in the process itself: starting workers would take longer than they save."""

_MAX_THREADS = 2
"""Most of the time is spent in NumPy and Arrow, outside the interpreter's lock: two threads seldom wait, more do."""

_WORKER_WAITS_MS = 60_000
"""How long a Python worker of a Flink job waits for the job's next stage. Beam's default is not at all: each of some
ten stages would start workers of its own."""

_WITH_JOB_SERVER = ("FlinkRunner", "SparkRunner")
OWN_OPTIONS = tuple("input output preset set config against report-only dry-run overwrite verbose quiet".split())
"""corpusmill's own options, to suggest where one is misspelt."""

_FLUSH_TIMER = "data_buffer_time_limit_ms"
"""Beam's experiment: milliseconds after which a worker flushes output from a timer."""

_LOCAL_NAMES = ("", "DirectRunner", "FnApiRunner", "direct", "local")


class OptionError(UsageError, ValueError):
    """An option that neither corpusmill nor Beam knows."""


def beam_flags() -> frozenset[str]:
    """Return the names of Beam's options that take no value."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, conflict_handler="resolve")
    for group in PipelineOptions.__subclasses__():
        group._add_argparse_args(parser)  # noqa: SLF001  (Beam has no public list)
    actions = parser._actions  # noqa: SLF001
    return frozenset(name.lstrip("-") for action in actions if action.nargs == 0 for name in action.option_strings)


def parse_beam_options(arguments: Sequence[str]) -> PipelineOptions:
    """Read what was given behind corpusmill's own options.

    Raises:
        OptionError: An argument is unknown to Beam. (Options of a remote engine are passed on as they are.)
    """
    for position, argument in enumerate(arguments):
        before = arguments[position - 1] if position else ""
        if not argument.startswith("-") and (not before.startswith("--") or "=" in before):
            raise OptionError(f"unexpected argument {argument!r} among Beam's options; they are given as --name=value")
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):  # argparse ends the process on a bad value, after printing all options
            options = RememberedOptions(list(arguments))
            known = options.get_all_options()
            given = options.get_all_options(retain_unknown_options=True)
    except SystemExit:
        reason = said.getvalue().strip().rsplit("error: ", 1)[-1] or " ".join(arguments)
        raise OptionError(f"Beam does not accept an option: {reason}") from None
    unknown = sorted(set(given) - set(known))
    if unknown and is_local(options):
        near = difflib.get_close_matches(unknown[0], [*OWN_OPTIONS, *known], n=1)
        hint = f"; did you mean --{near[0]}?" if near and near != unknown[:1] else ""
        if near == ["config"]:
            hint = "; a configuration file is given by itself, as in corpusmill run FILE.yaml"
        raise OptionError(f"unknown option --{unknown[0]}{hint}")
    if is_local(options) and any(argument.startswith("--num_workers") for argument in arguments):
        raise OptionError("--num_workers is for remote engines; on this machine it is --set run.workers=N")
    return options


def _running_mode(settings: RunSettings, workers: int) -> str:
    if workers == 1:
        return "in_memory"
    if settings.mode == "auto":
        return "multi_threading" if workers <= _MAX_THREADS else "multi_processing"
    return {"threads": "multi_threading", "processes": "multi_processing"}[settings.mode]


def is_local(options: PipelineOptions) -> bool:
    """Return whether the run stays on this machine, in corpusmill's own choice of runner."""
    return (options.view_as(StandardOptions).runner or "") in _LOCAL_NAMES


def _switch_off_flush_timer(options: PipelineOptions) -> None:
    """Let the Python workers of another engine flush their output without a timer, which loses elements.

    They are Beam's own, in a container, in a process (`remote_worker`) or in this one (LOOPBACK), and read the limit
    from this experiment; see `corpusmill.engines.local_runner`.

    Raises:
        OptionError: A timer was asked for.
    """
    debug = options.view_as(DebugOptions)
    wanted = f"{_FLUSH_TIMER}={NO_TIMER_MS}"
    for experiment in debug.experiments or ():
        if experiment.startswith(f"{_FLUSH_TIMER}=") and experiment != wanted:
            raise OptionError(
                f"the experiment {experiment} makes Beam's workers lose elements: the timer and the writing thread "
                f"share a buffer without a lock; leave it out (it is {wanted})"
            )
    debug.add_experiment(wanted)


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

    Raises:
        OptionError: An option would make the engine lose elements.
    """
    remember_dofn_specs()
    remember_functions()
    # The transforms are found by import: pickling the main session would only drag the command line along.
    options.view_as(SetupOptions).save_main_session = False
    if not is_local(options):
        portable = options.view_as(PortableOptions)
        if not any("environment_cache_millis" in argument for argument in arguments):
            portable.environment_cache_millis = _WORKER_WAITS_MS
        _switch_off_flush_timer(options)
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
        # The runner would start Beam's own worker program; this one is quiet and ends with the run: Ctrl-C is not for
        # it, from its first moment on, and with exec the run is its parent, not a shell.
        direct.direct_running_mode = "in_memory"
        return LocalRunner(processes=True), f"local, {workers} processes"
    kind = {"in_memory": "this process", "multi_threading": f"{workers} threads"}
    return LocalRunner(), f"local, {kind[direct.direct_running_mode]}"
