import gc
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# The gate tries the same examples each time; at the desk new ones are tried, and what fails is kept as an example.
settings.register_profile("gate", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("desk", deadline=None, print_blob=True)
settings.load_profile("gate" if os.environ.get("CI") else "desk")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name cases of bytes by their argument: what is compressed holds the time, and processes must collect the same."""
    return argname if isinstance(val, bytes) and len(val) > 16 else None


@pytest.fixture(autouse=True)
def _log_handlers() -> Iterator[None]:
    """Take back what a command has done to the log: its handlers write to a stream that ends with the test."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)


@pytest.fixture(autouse=True)
def _collector() -> Iterator[None]:
    """Let the collector of garbage work again, which a command that fails early leaves at rest."""
    yield
    gc.enable()


@pytest.fixture(scope="session")
def demo_output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of a plain run on the demo, to be read only."""
    from tests.support import DEMO, run_corpus  # noqa: PLC0415  (Beam, which not every test needs)

    out = tmp_path_factory.mktemp("demo") / "out"
    run_corpus(DEMO, out)
    return out
