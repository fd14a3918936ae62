"""An object store with S3's interface on this machine (moto's server), for tests of runs that live on `s3://`.

It needs `moto[server]` and `apache-beam[aws]`, keeps everything in memory and knows no passwords.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

from corpusmill.engines.cache import PackageMissingError
from corpusmill.engines.processes import Processes, free_port, wait_until

_KEY = "local"  # moto takes any; Beam's client insists on one


@dataclasses.dataclass
class ObjectStore:
    """A server of S3's interface on the loopback interface.

    Attributes:
        bucket: A bucket that it makes.
        port: Where it listens; 0: a free port.
    """

    bucket: str = "corpus"
    port: int = 0
    processes: Processes = dataclasses.field(init=False)

    @property
    def url(self) -> str:
        """The endpoint."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> ObjectStore:
        """Starts the server and makes the bucket.

        Raises:
            PackageMissingError: a package is missing.
            EngineError: the server did not come up.
        """
        lacking = [name for name in ("moto", "flask", "boto3") if importlib.util.find_spec(name) is None]
        if lacking:
            raise PackageMissingError(
                f"not installed: {', '.join(lacking)}; pip install 'moto[server]' 'apache-beam[aws]'"
            )
        self.port = self.port or free_port()
        directory = Path(tempfile.mkdtemp(prefix="object-store-"))
        self.processes = Processes(directory)
        self.processes.start("s3", [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)])
        try:
            log = self.processes.log_of("s3")
            wait_until(self._makes_bucket, "object store", timeout_s=60, log=log)
        except BaseException:
            self.processes.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.processes.stop()

    def _makes_bucket(self) -> bool:
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415  (an optional package)

        try:
            self.client().create_bucket(Bucket=self.bucket)
        except BotoCoreError:
            return False
        return True

    def client(self) -> Any:
        """Gives a boto3 client of the store."""
        import boto3  # noqa: PLC0415  (an optional package)

        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=_KEY,
            aws_secret_access_key=_KEY,
        )

    def names(self, prefix: str = "") -> list[str]:
        """Lists the keys of all objects under a prefix."""
        pages = self.client().get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return sorted(found["Key"] for page in pages for found in page.get("Contents", ()))

    def environment(self) -> dict[str, str]:
        """Gives the environment variables by which AWS's libraries find the store, in every process that has them.

        Beam's options alone do not reach the worker processes of the local runner.
        """
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": _KEY,
            "AWS_SECRET_ACCESS_KEY": _KEY,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
