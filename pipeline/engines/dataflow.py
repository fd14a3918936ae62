"""Translate a run for Dataflow as far as Google's servers: nothing is sent, no account is needed.

Beam's DataflowRunner checks the options, replaces transforms by Dataflow's own, insists on coders that give equal keys
equal bytes, and makes the job; with `--dry_run` it stops there.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import apache_beam as beam
from apache_beam.portability.api import beam_runner_api_pb2
from google.protobuf import json_format

from corpusmill.engines.cache import EngineError, PackageMissingError
from corpusmill.engines.runners import parse_beam_options
from corpusmill.inputs.plan import plan_splits
from corpusmill.inputs.resources import load_resources
from corpusmill.runs.assemble import assemble
from corpusmill.runs.run_folder import Job

if TYPE_CHECKING:
    from corpusmill.config import Config

JOB_BYTES = 10_000_000
"""Dataflow refuses larger job descriptions (https://cloud.google.com/dataflow/quotas)."""
DRY_RUN = ["--runner=DataflowRunner", "--dry_run=True", "--project=none", "--region=us-central1"]
DRY_RUN += ["--temp_location=gs://none/tmp", "--job_name=corpusmill", "--sdk_location=container"]
"""The options of a translation that stops before anything is sent."""
_GROUP_BY_KEY = "beam:transform:group_by_key:v1"
_RESHUFFLE = "beam:transform:reshuffle:v1"


class JobRefusedError(EngineError):
    """Dataflow would refuse the job; the text says why."""


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


def translate(config: Config, inputs: Sequence[str], output: str, beam_options: Sequence[str] = ()) -> Translation:
    """Make the Dataflow job of a run.

    Args:
        config: The resolved configuration.
        inputs: Files, folders, patterns or URLs.
        output: Output folder; it is not opened.
        beam_options: Options beside or instead of `DRY_RUN`.

    Raises:
        corpusmill.inputs.patterns.InputError: An input cannot be found.
        corpusmill.engines.runners.OptionError: A Beam option is not known.
        JobRefusedError: Dataflow would refuse the pipeline or the options.
        PackageMissingError: `apache-beam[gcp]` is not installed.
    """
    try:
        from apache_beam.runners.dataflow.dataflow_runner import DataflowRunner  # noqa: PLC0415  (optional packages)
        from apache_beam.runners.dataflow.internal import apiclient  # noqa: F401, PLC0415
    except ImportError as error:
        raise PackageMissingError(f"{error}: pip install 'corpusmill[gcp]'") from error
    plan = plan_splits(list(inputs), config.input)
    job = Job(output, config, plan.fingerprint, plan.splits, load_resources(config))
    runner = DataflowRunner()
    pipeline = beam.Pipeline(runner=runner, options=parse_beam_options([*DRY_RUN, *beam_options]))
    assemble(pipeline, job, local=False)
    try:
        described = pipeline.run().job
    except ValueError as error:
        raise JobRefusedError(f"Dataflow would refuse the job: {error}") from error
    return _described(described, runner.proto_pipeline)


def _described(job: Any, graph: beam_runner_api_pb2.Pipeline) -> Translation:
    """Measure a translated job.

    Raises:
        JobRefusedError: It is larger than Dataflow takes.
    """
    size = len(job.json()) + len(graph.SerializeToString())
    if size > JOB_BYTES:
        raise JobRefusedError(
            f"the job is {size:,} bytes long and Dataflow takes {JOB_BYTES:,}: are there long lists among the options?"
        )
    names = [t.unique_name for t in graph.components.transforms.values() if t.spec.urn in (_GROUP_BY_KEY, _RESHUFFLE)]
    images = {e.urn: e for e in graph.components.environments.values()}
    payload = beam_runner_api_pb2.DockerPayload.FromString(images["beam:env:docker:v1"].payload)
    text = json_format.MessageToJson(graph, sort_keys=True)
    return Translation(text, size, tuple(sorted(names)), payload.container_image)
