"""What a run shows of itself is what is on disk."""

import io
import logging
import shutil
import time
from pathlib import Path

import pytest
from rich.console import Console

from corpusmill.config import load_config
from corpusmill.inputs.plan import plan_splits
from corpusmill.runs.progress import Figures, Monitor
from corpusmill.runs.run_folder import Job
from tests.support import run_corpus, write_jsonl

pytestmark = pytest.mark.beam
SETTINGS = ("input.split_bytes=4096", "output.keep_state=true", "output.shard_size=6000")
DOCUMENTS = 40


def _documents() -> list[dict[str, str]]:
    """Each of the last ten is nearly one of the first ten."""
    things = [" ".join(f"{k % 30}-thing-{n}" for n in range(24)) for k in range(DOCUMENTS)]
    return [{"id": f"{k}", "text": f"Document {k}, about {things[k]}."} for k in range(DOCUMENTS)]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Job]:
    """The folder of a finished run with its working files, and its job."""
    folder = tmp_path_factory.mktemp("progress")
    inputs = write_jsonl(folder / "in.jsonl", _documents())
    run_corpus(inputs, folder / "out", *SETTINGS)
    config = load_config(None, SETTINGS)
    plan = plan_splits([str(inputs)], config.input)
    assert len(plan.splits) > 2
    return folder / "out", Job(str(folder / "out"), config, plan.fingerprint, plan.splits)


def _copy(finished: tuple[Path, Job], tmp_path: Path, *gone: str) -> Job:
    """A job whose run has not come so far: without some of the working files."""
    out, job = finished
    shutil.copytree(out, tmp_path / "out")
    for pattern in gone:
        for path in (tmp_path / "out" / "_state").glob(pattern):
            path.unlink()
    return Job(str(tmp_path / "out"), job.config, job.fingerprint, job.splits)


def _monitor(job: Job, console: Console | None = None) -> Monitor:
    return Monitor(job, console or Console(file=io.StringIO()))


def test_a_finished_run_reads_as_finished(finished: tuple[Path, Job]) -> None:
    _, job = finished
    reading = _monitor(job).read()
    splits = len(job.splits)
    size = sum(split.size for split in job.splits)
    assert reading == Figures(
        splits, size, DOCUMENTS, splits, reading.packed, reading.compared, reading.shards, reading.shards
    )
    assert 0 < reading.packed < splits
    assert 0 < reading.compared < splits
    assert reading.shards > 1


def test_a_split_that_is_not_whole_counts_by_its_batches_but_not_as_done(
    finished: tuple[Path, Job], tmp_path: Path
) -> None:
    job = _copy(finished, tmp_path, "staged/00001-*", "index/*", "shards/*")
    whole = _monitor(_copy(finished, tmp_path / "other", "index/*", "shards/*")).read()
    reading = _monitor(job).read()
    assert (reading.staged, reading.indexed, reading.shards) == (len(job.splits) - 1, 0, 0)
    assert reading.documents < whole.documents == DOCUMENTS
    assert reading.staged_bytes == whole.staged_bytes - job.splits[1].size


@pytest.mark.parametrize(
    ("gone", "message"),
    [
        (("staged/00001-*", "index/*", "shards/*"), "read and clean: {less} of {splits} splits"),
        (("index/*", "shards/*"), "index: 0 of {splits} splits, learning the lines of sites"),
        (("index/00001*", "shards/*"), "index: {less} of {splits} splits"),
        (("shards/*", "packs/*", "compared/*"), "find duplicates: 40 documents indexed, comparing candidates"),
        (("shards/*", "compared/00000"), "find duplicates: 40 documents indexed, texts packed of "),
        (("shards/00000-*",), "write: "),
    ],
)
def test_the_log_names_the_phase(
    finished: tuple[Path, Job], tmp_path: Path, caplog: pytest.LogCaptureFixture, gone: tuple[str, ...], message: str
) -> None:
    monitor = _monitor(_copy(finished, tmp_path, *gone))
    with caplog.at_level(logging.INFO, "corpusmill"):
        monitor._log(monitor.read())
    splits = len(finished[1].splits)
    assert message.format(splits=splits, less=splits - 1) in caplog.text


def test_a_terminal_shows_bars_that_go_away(finished: tuple[Path, Job], tmp_path: Path) -> None:
    job = _copy(finished, tmp_path, "index/00001*", "shards/*")
    screen = io.StringIO()
    with _monitor(job, Console(file=screen, force_terminal=True, width=120)):
        end = time.monotonic() + 20
        while "splits" not in screen.getvalue() and time.monotonic() < end:
            time.sleep(0.05)
    splits = len(job.splits)
    assert f"{splits}/{splits} splits" in screen.getvalue()
    assert f"{splits - 1}/{splits} splits" in screen.getvalue()
    assert screen.getvalue().endswith("\x1b[2K")


def test_a_narrow_terminal_shows_how_far_the_comparison_is(finished: tuple[Path, Job], tmp_path: Path) -> None:
    job = _copy(finished, tmp_path, "shards/*", "compared/00000")
    screen = io.StringIO()
    reading = (monitor := _monitor(job, Console(file=screen, force_terminal=True, width=80))).read()
    with monitor:
        end = time.monotonic() + 20
        while "compared" not in screen.getvalue() and time.monotonic() < end:
            time.sleep(0.05)
    splits = len(job.splits)
    assert f"{reading.packed}/{splits} packed, {reading.compared}/{splits} compared" in screen.getvalue()


def test_a_run_that_goes_on_says_from_where(
    finished: tuple[Path, Job], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    job = _copy(finished, tmp_path, "staged/00001-*")
    with caplog.at_level(logging.INFO, "corpusmill"), _monitor(job):
        pass
    assert f"resuming: {len(job.splits) - 1} of {len(job.splits)} splits are read and cleaned already" in caplog.text
