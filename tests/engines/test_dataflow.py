"""The job as Dataflow would get it: translated by Beam's own runner, not sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from dataflow import Translation, translate
from engine_cache import PackageMissingError
from engine_runs import Corpus, lacking

pytestmark = pytest.mark.engine


def _translate(corpus: Corpus, inputs: list[str], *options: str) -> Translation:
    try:
        return translate(str(corpus.config), inputs, "gs://none/out", options)
    except PackageMissingError as missing:
        lacking(missing)


def test_dataflow_takes_the_pipeline_and_the_keys_of_all_its_shuffles(corpus: Corpus) -> None:
    job = _translate(corpus, [str(path) for path in corpus.inputs])
    assert "SpreadSplits" in job.shuffles
    assert job.job_bytes < 1_000_000  # of the 10 MB that Dataflow takes


def test_the_job_does_not_grow_with_the_input(corpus: Corpus, tmp_path: Path) -> None:
    few = _translate(corpus, [str(corpus.inputs[0])])
    folder = tmp_path / "many"
    folder.mkdir()
    line = corpus.inputs[0].read_text(encoding="utf-8").splitlines()[0]
    for number in range(500):
        (folder / f"{number}.jsonl").write_text(line + "\n", encoding="utf-8")
    many = _translate(corpus, [str(folder)])
    assert abs(many.job_bytes - few.job_bytes) < 2_000


def test_a_custom_container_is_what_the_workers_start(corpus: Corpus) -> None:
    image = "europe-docker.pkg.dev/project/repository/corpusmill:0.1"
    job = _translate(corpus, [str(corpus.inputs[0])], f"--sdk_container_image={image}")
    assert job.image == image
