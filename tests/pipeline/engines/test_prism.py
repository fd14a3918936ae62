import json
import os
from pathlib import Path

import apache_beam
import pytest

from corpusmill.engines.cache import EngineMissingError
from corpusmill.engines.prism import prism_options

GO = """#!/bin/sh
printf '{"command": "%s", "gobin": "%s"}' "$*" "$GOBIN" > "$GOBIN/prism"
chmod +x "$GOBIN/prism"
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CORPUSMILL_ENGINE_CACHE", str(tmp_path / "cache"))
    (tmp_path / "bin").mkdir()
    return tmp_path / "cache"


def test_without_go_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(EngineMissingError, match=r"'go' is not on the PATH: install Go"):
        prism_options()


def test_prism_is_built_once_of_the_version_of_beam(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin" / "go").write_text(GO)
    (tmp_path / "bin" / "go").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    options = prism_options()
    binary = cache / f"prism-v{apache_beam.__version__}" / "prism"
    assert options == ["--runner=PrismRunner", f"--prism_location={binary}", "--environment_type=LOOPBACK"]
    assert json.loads(binary.read_text())["command"].endswith(f"/cmd/prism@v{apache_beam.__version__}")
    (tmp_path / "bin" / "go").unlink()
    assert prism_options() == options
