"""One client of S3 for a process; Beam's own module for it is there without boto3."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from apache_beam.io.aws.clients.s3 import boto3_client
from apache_beam.options.pipeline_options import PipelineOptions

from corpusmill.transforms.s3_clients import share_clients


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Stand in for Beam's client, which needs boto3; return the options that clients were made for."""
    found: list[object] = []

    class Client:
        def __init__(self, options: object) -> None:
            found.append(options)
            self.download: str | None = None

    monkeypatch.setattr(boto3_client, "Client", Client)
    share_clients.__wrapped__()
    return found


def test_equal_options_share_a_client_and_other_options_have_their_own(made: list[object]) -> None:
    for options in ({"s3_region_name": "north"}, {"s3_region_name": "north", "other": 1}):
        boto3_client.Client(options)
    assert len(made) == 1
    for region in ("south", "south", "west"):
        boto3_client.Client(PipelineOptions([f"--s3_region_name={region}"]))
    assert len(made) == 3


def test_a_caller_does_not_see_the_download_of_another(made: list[object]) -> None:
    first, second = boto3_client.Client({}), boto3_client.Client({})
    first.download = "half of a file"
    assert second.download is None
    assert boto3_client.Client({}).download is None
    assert len(made) == 1


def test_many_threads_make_one_client(made: list[object]) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(boto3_client.Client, [{}] * 40))
    assert len(made) == 1
