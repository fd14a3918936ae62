"""Starts a Python worker of a remote engine on a machine where corpusmill is installed, without a container.

Beam's PROCESS environment and its external worker pool (`--container_executable`) call such a program once a worker,
with the addresses of the runner's services, as they call the `boot` program of Beam's images: see docs/engines.md.
It asks the provision service for the pipeline's options, so that the worker has them (endpoints of object stores, cache
sizes, log level), installs nothing, and becomes the worker.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Any

WORKER_FOLDER = "CORPUSMILL_WORKER_FOLDER"
"""Environment variable: the folder to run in, for relative paths of inputs; unset: where the engine starts workers."""
_ANSWER_S = 60
"""Seconds that the provision service may take to answer."""


def main() -> None:
    """Run `corpusmill-worker`."""
    parser = argparse.ArgumentParser(
        prog="corpusmill-worker",
        description="Start a Python worker; called by the engine: "
        "--environment_type=PROCESS --environment_options=process_command=/path/to/corpusmill-worker",
    )
    parser.add_argument("--id", required=True, help="name of the worker, given by the runner")
    parser.add_argument("--provision_endpoint", required=True, help="host:port of the runner's provision service")
    for name in ("control", "logging", "artifact"):
        parser.add_argument(f"--{name}_endpoint", default="", help=f"host:port of the runner's {name} service")
    given, _ = parser.parse_known_args()

    # Beam's worker pool hands over a pipe that nobody reads: a worker that prints much would stop for ever.
    os.dup2(2, 1)
    import pyarrow as pa  # noqa: PLC0415  (help and wrong arguments need none of these)
    from apache_beam.runners.worker import sdk_worker_main  # noqa: PLC0415

    from corpusmill.engines.memory import settle_allocators  # noqa: PLC0415

    os.environ.update(_environment(given))
    os.chdir(os.environ.get(WORKER_FOLDER, "."))
    pa.set_cpu_count(1)  # the engine runs tasks side by side
    settle_allocators()
    sdk_worker_main.main(sys.argv)


def _environment(given: argparse.Namespace) -> dict[str, str]:
    """Ask the runner what the worker has to know, and give it as the environment variables that Beam's worker reads."""
    import grpc  # noqa: PLC0415
    from apache_beam.portability.api import (  # noqa: PLC0415
        beam_provision_api_pb2,
        beam_provision_api_pb2_grpc,
        endpoints_pb2,
    )
    from google.protobuf import json_format, text_format  # noqa: PLC0415

    with grpc.insecure_channel(given.provision_endpoint) as channel:
        answer = beam_provision_api_pb2_grpc.ProvisionServiceStub(channel).GetProvisionInfo(
            beam_provision_api_pb2.GetProvisionInfoRequest(),
            timeout=_ANSWER_S,
            metadata=[("worker_id", given.id)],  # runners give each worker its own options
        )
    info = answer.info

    def service(found: Any, otherwise: str = "") -> str:
        return str(text_format.MessageToString(endpoints_pb2.ApiServiceDescriptor(url=found.url or otherwise)))

    environment = {
        "WORKER_ID": given.id,
        "PIPELINE_OPTIONS": json.dumps(json_format.MessageToDict(info.pipeline_options)),
        "CONTROL_API_SERVICE_DESCRIPTOR": service(info.control_endpoint, given.control_endpoint),
        "LOGGING_API_SERVICE_DESCRIPTOR": service(info.logging_endpoint, given.logging_endpoint),
        "RUNNER_CAPABILITIES": " ".join(info.runner_capabilities),
    }
    if info.status_endpoint.url:
        environment["STATUS_API_SERVICE_DESCRIPTOR"] = service(info.status_endpoint)
    return environment


if __name__ == "__main__":
    main()
