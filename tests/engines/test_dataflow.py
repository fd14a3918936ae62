"""The job as Dataflow would get it: translated by Beam's own runner, not sent."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import apache_beam
import pytest

from corpusmill.config import load_config
from corpusmill.engines.cache import PackageMissingError
from corpusmill.engines.dataflow import DRY_RUN, Translation, translate
from tests.engines.runs import TOP, Corpus, lacking, run_well

pytestmark = pytest.mark.engine

_CONFIGS = TOP / "configs" / "dataflow"


def _translate(corpus: Corpus, inputs: list[str], *options: str) -> Translation:
    try:
        return translate(load_config(str(corpus.config), ()), inputs, "gs://none/out", options)
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
    image = "images.example/corpusmill:0.1"
    job = _translate(corpus, [str(corpus.inputs[0])], f"--sdk_container_image={image}")
    assert job.image == image


def test_the_flex_template_launches_with_the_parameters_that_it_offers(corpus: Corpus, tmp_path: Path) -> None:
    _translate(corpus, [str(corpus.inputs[0])])  # skips where Google's packages are not installed
    values = {
        "input": " ".join(map(str, corpus.inputs)),
        "output": str(tmp_path / "out"),
        "config": str(corpus.config),
        "set": "dedup.threshold=0.9 boilerplate.learned.enabled=false",
        "overwrite": "true",
    }
    offered = {
        parameter["name"]: parameter for parameter in json.loads((_CONFIGS / "metadata.json").read_text())["parameters"]
    }
    assert set(values) <= set(offered)
    for name, value in values.items():
        # The template's users have no local files.
        remote = value.replace(str(corpus.inputs[0].parent), "gs://bucket").replace(str(tmp_path), "gs://bucket")
        assert all(re.search(pattern, remote) for pattern in offered[name]["regexes"]), name
    launch = [sys.executable, str(_CONFIGS / "main.py"), *(f"--{name}={value}" for name, value in values.items())]
    run_well([*launch, *DRY_RUN])
    state = json.loads((tmp_path / "out" / "_state" / "run.json").read_text())
    assert state["value"]["splits"] > 1
    help_text = run_well([sys.executable, str(_CONFIGS / "main.py"), "--help"])
    assert set(re.findall(r"^  --(\w+)", help_text, re.MULTILINE)) == set(offered)


def test_the_image_has_the_version_of_beam_that_the_project_needs() -> None:
    (version,) = re.findall(
        r"^FROM apache/beam_python3\.\d+_sdk:(\S+)$", (_CONFIGS / "Dockerfile").read_text(), re.MULTILINE
    )
    assert version == apache_beam.__version__
