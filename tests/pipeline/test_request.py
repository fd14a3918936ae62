import dataclasses

import pytest

from corpusmill.config import Config
from corpusmill.request import Request


def test_a_request_asks_for_nothing_that_was_not_given() -> None:
    request = Request(Config(), ["in"], "out")
    assert (request.beam_options, request.against, request.overwrite) == ((), (), False)


def test_a_request_does_not_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Request(Config(), ["in"], "out").overwrite = True  # type: ignore[misc]
