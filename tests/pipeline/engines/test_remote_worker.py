import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent import futures
from typing import Any

import grpc
import pytest
from apache_beam.portability.api import beam_provision_api_pb2, beam_provision_api_pb2_grpc

from corpusmill.engines.remote_worker import _environment


class _Provision(beam_provision_api_pb2_grpc.ProvisionServiceServicer):
    def GetProvisionInfo(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802  (the service's own names)
        self.asked = dict(context.invocation_metadata())
        info = beam_provision_api_pb2.ProvisionInfo(runner_capabilities=["a", "b"])
        info.pipeline_options["endpoint"] = "s3.example"
        info.control_endpoint.url = "host:1"
        return beam_provision_api_pb2.GetProvisionInfoResponse(info=info)


@pytest.fixture
def provision() -> Iterator[tuple[_Provision, str]]:
    server = grpc.server(futures.ThreadPoolExecutor(1))
    service = _Provision()
    beam_provision_api_pb2_grpc.add_ProvisionServiceServicer_to_server(service, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield service, f"127.0.0.1:{port}"
    server.stop(None)


def test_a_worker_has_what_the_runner_says(provision: tuple[_Provision, str]) -> None:
    service, address = provision
    given = argparse.Namespace(
        id="worker-7", provision_endpoint=address, control_endpoint="host:8", logging_endpoint="host:9"
    )
    found = _environment(given)
    assert service.asked["worker_id"] == "worker-7"
    assert json.loads(found["PIPELINE_OPTIONS"]) == {"endpoint": "s3.example"}
    assert 'url: "host:1"' in found["CONTROL_API_SERVICE_DESCRIPTOR"]
    assert 'url: "host:9"' in found["LOGGING_API_SERVICE_DESCRIPTOR"]
    assert (found["WORKER_ID"], found["RUNNER_CAPABILITIES"]) == ("worker-7", "a b")
    assert "STATUS_API_SERVICE_DESCRIPTOR" not in found


def test_without_its_addresses_a_worker_says_what_it_is() -> None:
    command = [sys.executable, "-m", "corpusmill.engines.remote_worker"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "usage: corpusmill-worker" in done.stderr
    assert "--id, --provision_endpoint" in done.stderr
