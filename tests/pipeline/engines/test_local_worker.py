import os
import subprocess
import sys

import pytest

from corpusmill.engines import local_worker
from corpusmill.engines.local_channels import TOKEN_VARIABLE
from tests.support import ROOT


def test_a_worker_that_no_run_has_started_says_so() -> None:
    environment = {name: value for name, value in os.environ.items() if name != TOKEN_VARIABLE}
    command = [sys.executable, "-m", "corpusmill.engines.local_worker"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"{TOKEN_VARIABLE} is not set: worker processes are started by a run" in done.stderr


def test_a_worker_ends_when_its_parent_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    parents = iter([7, 7, 1])
    ended: list[int] = []
    monkeypatch.setattr("os.getppid", lambda: next(parents))
    monkeypatch.setattr("os._exit", ended.append)
    monkeypatch.setattr("time.sleep", lambda _: None)
    local_worker._end_with_parent(7)
    assert ended == [1]
    assert next(parents, None) is None
