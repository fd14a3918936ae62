import os
from typing import Any

import pytest
from apache_beam.options.pipeline_options import DebugOptions, DirectOptions, PortableOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.runners.worker import sdk_worker_main

from corpusmill.config import RunSettings
from corpusmill.engines.runners import SMALL_RUN_BYTES, OptionError, choose_runner, parse_beam_options

LARGE = 10 * SMALL_RUN_BYTES


def _choose(*arguments: str, size: int = LARGE, splits: int = 50, **settings: Any) -> tuple[Any, str, int]:
    options = parse_beam_options(arguments)
    runner, described = choose_runner(arguments, options, RunSettings(**settings), splits=splits, size=size)
    return runner, described, options.view_as(DirectOptions).direct_num_workers


@pytest.mark.parametrize("name", [[], ["--runner=DirectRunner"]])
def test_a_local_run_takes_its_runner_deliberately(name: list[str]) -> None:
    runner, _, _ = _choose(*name)
    assert isinstance(runner, FnApiRunner)


def test_another_runner_is_left_to_beam() -> None:
    runner, described, _ = _choose("--runner=FlinkRunner", "--flink_master=localhost:8081")
    assert runner is None
    assert described == "FlinkRunner"


@pytest.mark.parametrize(("given", "millis"), [((), 60_000), (("--environment_cache_millis=0",), 0)])
def test_the_workers_of_an_engine_outlive_a_stage_unless_told_otherwise(given: tuple[str, ...], millis: int) -> None:
    arguments = ("--runner=FlinkRunner", *given)
    options = parse_beam_options(arguments)
    choose_runner(arguments, options, RunSettings(), splits=1, size=1)
    assert int(options.view_as(PortableOptions).environment_cache_millis) == millis


@pytest.mark.parametrize("runner", ["FlinkRunner", "PrismRunner", "DataflowRunner"])
@pytest.mark.parametrize("given", [(), ("--experiments=data_buffer_time_limit_ms=0",), ("--experiments=other",)])
def test_the_workers_of_an_engine_flush_without_a_timer(runner: str, given: tuple[str, ...]) -> None:
    arguments = (f"--runner={runner}", *given)
    options = parse_beam_options(arguments)
    choose_runner(arguments, options, RunSettings(), splits=1, size=1)
    experiments = options.view_as(DebugOptions).experiments
    assert sdk_worker_main._get_data_buffer_time_limit_ms(experiments) == 0
    assert experiments.count("data_buffer_time_limit_ms=0") == 1


def test_a_timer_that_would_lose_elements_is_refused() -> None:
    arguments = ("--runner=FlinkRunner", "--experiments=data_buffer_time_limit_ms=200")
    with pytest.raises(OptionError, match="data_buffer_time_limit_ms=200 makes Beam's workers lose elements"):
        choose_runner(arguments, parse_beam_options(arguments), RunSettings(), splits=1, size=1)


def test_a_small_input_runs_in_the_process_itself() -> None:
    assert _choose(size=SMALL_RUN_BYTES - 1)[1:] == ("local, this process", 1)


def test_a_large_input_takes_one_worker_a_core() -> None:
    cores = os.cpu_count() or 1
    _, described, workers = _choose()
    assert workers == cores
    if cores == 2:
        assert described == "local, 2 threads"


@pytest.mark.parametrize(
    ("settings", "described"),
    [
        ({"workers": 1}, "local, this process"),
        ({"workers": 2}, "local, 2 threads"),
        ({"workers": 3}, "local, 3 processes"),
        ({"workers": 2, "mode": "processes"}, "local, 2 processes"),
        ({"workers": 5, "mode": "threads"}, "local, 5 threads"),
    ],
)
def test_the_configuration_decides(settings: dict[str, Any], described: str) -> None:
    assert _choose(**settings)[1] == described


@pytest.mark.parametrize(
    ("arguments", "described"),
    [
        (("--direct_num_workers=1",), "local, this process"),
        (("--direct_num_workers=2",), "local, 2 processes"),
        (("--direct_num_workers=3", "--direct_running_mode=multi_threading"), "local, 3 threads"),
        (("--direct_running_mode=in_memory",), "local, this process"),
    ],
)
def test_beams_own_options_have_the_last_word(arguments: tuple[str, ...], described: str) -> None:
    assert _choose(*arguments, workers=4)[1] == described


def test_there_are_no_more_workers_than_splits() -> None:
    assert _choose(splits=1)[1] == "local, this process"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--direct_num_worker=2"], "did you mean --direct_num_workers"),
        (["--direct_num_workers=two"], "does not accept"),
        (["stray.jsonl"], "unexpected argument 'stray.jsonl'"),
        (["--verbose", "--direct_num_workers=2", "x"], "unexpected argument 'x'"),
    ],
)
def test_an_option_that_nobody_knows_is_an_error(arguments: list[str], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        parse_beam_options(arguments)


def test_options_of_a_remote_engine_that_only_it_knows_are_passed_on() -> None:
    options = parse_beam_options(["--runner=FlinkRunner", "--checkpointing_interval=10000"])
    assert options is not None
