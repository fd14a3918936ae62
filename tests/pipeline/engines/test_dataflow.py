"""What is checked of a job for Dataflow without Google's packages; tests/engines/test_dataflow.py translates one."""

from types import SimpleNamespace

import pytest
from apache_beam.portability.api import beam_runner_api_pb2

from corpusmill.engines.dataflow import JOB_BYTES, JobRefusedError, _described


def graph_of(*shuffles: str) -> beam_runner_api_pb2.Pipeline:
    graph = beam_runner_api_pb2.Pipeline()
    for name in shuffles:
        graph.components.transforms[name].unique_name = name
        graph.components.transforms[name].spec.urn = "beam:transform:group_by_key:v1"
    graph.components.transforms["Map"].spec.urn = "beam:transform:pardo:v1"
    environment = graph.components.environments["docker"]
    environment.urn = "beam:env:docker:v1"
    environment.payload = beam_runner_api_pb2.DockerPayload(container_image="images.example/a:1").SerializeToString()
    return graph


def test_a_job_is_described_by_its_size_its_shuffles_and_its_image() -> None:
    graph = graph_of("B/Group", "A/Group")
    found = _described(SimpleNamespace(json=lambda: "x" * 100), graph)
    assert found.shuffles == ("A/Group", "B/Group")
    assert found.image == "images.example/a:1"
    assert found.job_bytes == 100 + len(graph.SerializeToString())


def test_a_job_that_is_too_large_is_refused() -> None:
    with pytest.raises(JobRefusedError, match="bytes long and Dataflow takes 10,000,000"):
        _described(SimpleNamespace(json=lambda: "x" * JOB_BYTES), graph_of())
