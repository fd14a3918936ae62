#!/usr/bin/env python3
"""An object store with S3's interface on this machine (moto's server), to try and to test runs that live on `s3://`.

    python tests/engines/s3.py serve --bucket corpus         # prints the options, runs until it is interrupted
    corpusmill run CONFIG ... --output s3://corpus/out $(python tests/engines/s3.py options --port PORT)

Needs `moto[server]` and `apache-beam[aws]`. The store keeps everything in memory and knows no passwords.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib.util
import os
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType

from engine_cache import EngineError, PackageMissingError
from engine_processes import Processes, free_port, wait_until

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
            wait_until(self._makes_bucket, "start of the object store", timeout_s=60, log=log)
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

    def client(self):  # type: ignore[no-untyped-def]
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

    def beam_options(self) -> list[str]:
        """Gives the options by which Beam finds the store, in the driver and in the workers."""
        return s3_options(self.url)


def s3_options(url: str) -> list[str]:
    """Gives the pipeline options for an S3 endpoint that takes any key."""
    return [
        f"--s3_endpoint_url={url}",
        "--s3_region_name=us-east-1",
        f"--s3_access_key_id={_KEY}",
        f"--s3_secret_access_key={_KEY}",
        "--s3_disable_ssl",
    ]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    serve = verbs.add_parser("serve", help="run the store until it is interrupted")
    serve.add_argument("--bucket", default="corpus", help="bucket to make (default %(default)s)")
    serve.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: a free one)")
    options = verbs.add_parser("options", help="print the pipeline options for a store, for use in $(...)")
    options.add_argument("--port", type=int, required=True, help="port of the store")
    given = parser.parse_args()
    if given.verb == "options":
        sys.stdout.write(" ".join(s3_options(f"http://127.0.0.1:{given.port}")) + "\n")
        return
    try:
        with ObjectStore(given.bucket, given.port) as store:
            sys.stdout.write(" ".join(store.beam_options()) + "\n")
            sys.stdout.flush()
            while store.processes.pid_of("s3") is not None:
                time.sleep(1)
    except EngineError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    main()
