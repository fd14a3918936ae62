"""The same input gives the same bytes on every engine, with any number of workers.

Threads and processes on this machine are compared in tests/pipeline/runs/test_shuffle_accounts.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from corpusmill.engines.cache import EngineMissingError
from corpusmill.engines.flink.cluster import FlinkCluster, local_options
from corpusmill.engines.prism import prism_options
from tests.engines.runs import Corpus, Result, check_same, lacking, run_well

pytestmark = pytest.mark.engine


def _finished_jobs(flink: FlinkCluster) -> int:
    return sum(job["state"] == "FINISHED" for job in flink.ask("/jobs/overview")["jobs"])


def test_prism_gives_the_bytes_of_one_process(corpus: Corpus, plain: Result, tmp_path: Path) -> None:
    try:
        options = prism_options()
    except EngineMissingError as missing:
        lacking(missing)
    run_well(corpus.command(tmp_path / "out", options))
    check_same(tmp_path / "out", plain)


def test_a_flink_cluster_gives_the_bytes_of_one_process(
    corpus: Corpus, plain: Result, tmp_path: Path, flink: FlinkCluster
) -> None:
    before = _finished_jobs(flink)
    run_well(corpus.command(tmp_path / "out", flink.beam_options(parallelism=4)))
    assert _finished_jobs(flink) > before, "the run did not reach the cluster"
    check_same(tmp_path / "out", plain)


def test_the_installed_package_is_all_that_a_flink_cluster_needs(
    corpus: Corpus, plain: Result, tmp_path: Path, flink: FlinkCluster, installed: Path
) -> None:
    before = _finished_jobs(flink)
    options = flink.beam_options(parallelism=1, worker=installed / "corpusmill-worker")
    run_well(corpus.command(tmp_path / "out", options, [str(installed / "corpusmill")]), folder=tmp_path)
    assert _finished_jobs(flink) > before, "the run did not reach the cluster"
    check_same(tmp_path / "out", plain)


def test_embedded_flink_gives_the_bytes_of_one_process(corpus: Corpus, plain: Result, tmp_path: Path) -> None:
    try:
        options = local_options(parallelism=2)
    except EngineMissingError as missing:
        lacking(missing)
    run_well(corpus.command(tmp_path / "out", options))
    check_same(tmp_path / "out", plain)
