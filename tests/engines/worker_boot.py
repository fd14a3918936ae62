#!/usr/bin/env python3
"""Boots one Beam Python worker without a container, as the `boot` program of Beam's images does, but installs nothing.

Beam's PROCESS environment and its external worker pool (`--container_executable`) start such a program once a worker,
with the addresses of the runner's services. It asks the provision service for the pipeline options, so that the worker
sees them (object storage endpoints, cache sizes, log level; the pool alone would start workers without any), and
becomes the worker.
The interpreter that runs this file must have the project installed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys

import grpc
from apache_beam.portability.api import beam_provision_api_pb2, beam_provision_api_pb2_grpc, endpoints_pb2
from google.protobuf import json_format, text_format


def main() -> None:
    """Reads the addresses, fetches the options, replaces this process by the worker."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--id", required=True, help="name of the worker, given by the runner")
    parser.add_argument("--provision_endpoint", required=True, help="host:port of the runner's provision service")
    for name in ("control", "logging", "artifact"):
        parser.add_argument(f"--{name}_endpoint", default="", help=f"host:port of the runner's {name} service")
    given, _ = parser.parse_known_args()

    channel = grpc.intercept_channel(grpc.insecure_channel(given.provision_endpoint), _WorkerId(given.id))
    answer = beam_provision_api_pb2_grpc.ProvisionServiceStub(channel).GetProvisionInfo(
        beam_provision_api_pb2.GetProvisionInfoRequest(), timeout=60
    )
    info = answer.info

    def service(url: str) -> str:
        return text_format.MessageToString(endpoints_pb2.ApiServiceDescriptor(url=url))

    environment = dict(
        os.environ,
        WORKER_ID=given.id,
        PIPELINE_OPTIONS=json.dumps(json_format.MessageToDict(info.pipeline_options)),
        CONTROL_API_SERVICE_DESCRIPTOR=service(info.control_endpoint.url or given.control_endpoint),
        LOGGING_API_SERVICE_DESCRIPTOR=service(info.logging_endpoint.url or given.logging_endpoint),
        RUNNER_CAPABILITIES=" ".join(info.runner_capabilities),
    )
    if info.status_endpoint.url:
        environment["STATUS_API_SERVICE_DESCRIPTOR"] = service(info.status_endpoint.url)
    # Beam's worker pool hands over a pipe that nobody reads: a worker that prints much would stop for ever.
    os.dup2(2, 1)
    os.execve(sys.executable, [sys.executable, "-m", "apache_beam.runners.worker.sdk_worker_main"], environment)


class _WorkerId(grpc.UnaryUnaryClientInterceptor):
    """Names the worker in each call: runners give each worker its own options."""

    def __init__(self, worker_id: str) -> None:
        self._worker_id = worker_id

    def intercept_unary_unary(self, continuation, client_call_details, request):  # type: ignore[no-untyped-def]
        details = client_call_details._replace(metadata=[("worker_id", self._worker_id)])
        return continuation(details, request)


if __name__ == "__main__":
    main()
