#!/usr/bin/env python3
"""Translates the pipeline for Dataflow as far as Google's servers: nothing is sent, no account is needed.

    python tests/engines/dataflow.py CONFIG.yaml --input 'data/*.jsonl' [--graph graph.json]

Beam's DataflowRunner checks the options, replaces transforms by Dataflow's own, insists on coders whose bytes are the
same each time for every key, and makes the job; with `--dry_run` it stops there. This prints what the job consists of,
and fails where Dataflow would refuse it. Needs `apache-beam[gcp]`.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":  # run by name, from anywhere
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.portability.api import beam_runner_api_pb2
from engine_cache import PackageMissingError
from google.protobuf import json_format

from corpusmill.config import load_config
from corpusmill.inputs.plan import plan_splits
from corpusmill.inputs.resources import load_resources
from corpusmill.runs.assemble import assemble
from corpusmill.runs.job import Job

JOB_BYTES = 10_000_000
"""Dataflow refuses larger job descriptions (https://cloud.google.com/dataflow/quotas)."""
# The options of a translation that stops before anything is sent.
DRY_RUN = ["--runner=DataflowRunner", "--dry_run=True", "--project=none", "--region=us-central1"]
DRY_RUN += ["--temp_location=gs://none/tmp", "--job_name=corpusmill", "--sdk_location=container"]
_GROUP_BY_KEY = "beam:transform:group_by_key:v1"
_RESHUFFLE = "beam:transform:reshuffle:v1"


@dataclasses.dataclass(frozen=True)
class Translation:
    """A job as Dataflow would get it.

    Attributes:
        graph: The pipeline, as JSON.
        job_bytes: Length of the job description.
        shuffles: Names of the transforms that shuffle.
        image: The worker image.
    """

    graph: str
    job_bytes: int
    shuffles: tuple[str, ...]
    image: str


def translate(config: str | None, inputs: Sequence[str], output: str, extra: Sequence[str] = ()) -> Translation:
    """Makes the Dataflow job of a run.

    Raises:
        PackageMissingError: `apache-beam[gcp]` is not installed.
        ValueError: Dataflow would refuse the pipeline or the options.
    """
    try:
        from apache_beam.runners.dataflow.dataflow_runner import DataflowRunner  # noqa: PLC0415  (optional packages)
        from apache_beam.runners.dataflow.internal import apiclient  # noqa: PLC0415
    except ImportError as error:
        raise PackageMissingError(f"{error}; pip install 'apache-beam[gcp]'") from error
    settings = load_config(config, ())
    plan = plan_splits(list(inputs), settings.input)
    job = Job(output, settings, plan.fingerprint, plan.splits, load_resources(settings))
    runner = DataflowRunner()
    pipeline = beam.Pipeline(runner=runner, options=PipelineOptions([*DRY_RUN, *extra]))
    assemble(pipeline, job, local=False)
    described = pipeline.run().job
    assert isinstance(described, apiclient.Job)
    graph = runner.proto_pipeline
    names = [t.unique_name for t in graph.components.transforms.values() if t.spec.urn in (_GROUP_BY_KEY, _RESHUFFLE)]
    images = {e.urn: e for e in graph.components.environments.values()}
    payload = beam_runner_api_pb2.DockerPayload.FromString(images["beam:env:docker:v1"].payload)
    text = json_format.MessageToJson(graph, sort_keys=True)
    size = len(described.json()) + len(graph.SerializeToString())
    if size > JOB_BYTES:
        raise ValueError(f"the job is {size:,} bytes long; Dataflow takes {JOB_BYTES:,}")
    return Translation(text, size, tuple(sorted(names)), payload.container_image)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", help="configuration file")
    parser.add_argument("--input", action="append", required=True, help="file, folder or pattern; repeatable")
    parser.add_argument("--graph", help="write the translated pipeline here, as JSON")
    given, extra = parser.parse_known_args()
    try:
        job = translate(given.config, given.input, "gs://none/out", extra)
    except PackageMissingError as missing:
        sys.exit(f"error: {missing}")
    if given.graph:
        Path(given.graph).write_text(job.graph, encoding="utf-8")
    sys.stdout.write(f"image: {job.image}\njob: {job.job_bytes:,} bytes of {JOB_BYTES:,}\n")
    sys.stdout.write(f"{len(job.shuffles)} shuffles:\n" + "".join(f"  {name}\n" for name in job.shuffles))


if __name__ == "__main__":
    main()
