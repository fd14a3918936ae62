"""One S3 client for a process: Beam makes a new one for every look at an object, at 0.2 s of CPU each."""

from __future__ import annotations

import copy
import functools
import threading
from typing import Any

_OPTIONS = (
    "s3_access_key_id",
    "s3_secret_access_key",
    "s3_session_token",
    "s3_endpoint_url",
    "s3_disable_ssl",
    "s3_region_name",
    "s3_api_version",
    "s3_verify",
)


@functools.cache
def share_clients() -> None:
    """Let Beam's S3 filesystem use one client of boto3 for the same options; those may be used by many threads.

    Beam's own client around it also keeps the place of a download, so each caller gets a copy that was never used.
    """
    from apache_beam.io.aws.clients.s3 import boto3_client  # noqa: PLC0415
    from apache_beam.options.pipeline_options import PipelineOptions, S3Options  # noqa: PLC0415

    make = boto3_client.Client
    unused: dict[tuple[object, ...], Any] = {}
    making = threading.Lock()

    def values_of(options: PipelineOptions | dict[str, object]) -> tuple[object, ...]:
        if isinstance(options, dict):
            return tuple(options.get(name) for name in _OPTIONS)
        view = options.view_as(S3Options)
        return tuple(getattr(view, name) for name in _OPTIONS)

    def client(options: PipelineOptions | dict[str, object]) -> Any:
        chosen = values_of(options)
        with making:
            if chosen not in unused:
                unused[chosen] = make(options)
        return copy.copy(unused[chosen])

    boto3_client.Client = client
