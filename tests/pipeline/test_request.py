import dataclasses

import pytest

from corpusmill.config import Config, load_config
from corpusmill.request import Request


def test_a_request_asks_for_nothing_that_was_not_given() -> None:
    request = Request(Config(), ["in"], "out")
    assert (request.beam_options, request.against, request.overwrite) == ((), (), False)


def test_a_request_does_not_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Request(Config(), ["in"], "out").overwrite = True  # type: ignore[misc]


@pytest.mark.parametrize(
    "request_",
    [
        Request(Config(), ["gs://bucket/in"], "out"),
        Request(Config(), ["in"], "s3://bucket/out"),
        Request(Config(), ["in"], "out", against=("gs://bucket/old",)),
        Request(Config(), ["in"], "out", ["--runner=FlinkRunner"]),
        Request(Config(), ["in"], "out", ["--runner", "DataflowRunner"]),
        Request(load_config(None, ["boilerplate.learned.table=gs://bucket/lines.parquet"]), ["in"], "out"),
    ],
)
def test_a_request_that_names_another_place_does_not_stay_here(request_: Request) -> None:
    assert not request_.stays_here


def test_a_request_for_local_files_stays_here() -> None:
    assert Request(Config(), ["in", "/data/*.jsonl"], "out", ["--direct_num_workers=2"]).stays_here
