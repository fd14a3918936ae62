import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from corpusmill.cli import app
from corpusmill.engines.processes import Processes
from tests.support import DEFAULTS, DEMO

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="engines are started on Linux only")
runner = CliRunner()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of engines, and no program on the PATH."""
    monkeypatch.setenv("CORPUSMILL_ENGINE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path / "cache"


def _invoke(*arguments: str, code: int = 0) -> Result:
    result = runner.invoke(app, ["engine", *arguments])
    assert result.exit_code == code, result.output + str(result.exception)
    assert "Traceback" not in result.output
    return result


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("flink", "start"), "'java' is not on the PATH: install Java 17"),
        (("flink", "start", "--taskmanagers", "0"), "Invalid value for '--taskmanagers'"),
        (("flink", "options"), "Flink does not run; start it: corpusmill engine flink start"),
        (("flink", "options", "--local"), "'mvn' is not on the PATH: install Maven"),
        (("prism", "options"), "'go' is not on the PATH: install Go"),
        (("dataflow", "check", "nowhere.yaml", "--input", str(DEMO)), "nowhere.yaml"),
    ],
)
def test_what_is_missing_is_named_with_its_remedy(arguments: tuple[str, ...], message: str) -> None:
    assert message in _invoke(*arguments, code=2).stderr


def test_a_cluster_that_was_never_started_does_not_run() -> None:
    assert _invoke("flink", "stop").stdout == "Flink does not run.\n"
    assert _invoke("flink", "status").stdout == "Flink does not run.\n"


def test_status_shows_processes_and_stop_ends_them(cache: Path) -> None:
    directory = cache / "clusters" / "default"
    processes = Processes(directory)
    pid = processes.start("jobmanager", [sys.executable, "-c", "import time; time.sleep(600)"])
    (directory / "cluster.json").write_text('{"rest_port": 4321}', encoding="utf-8")
    shown = _invoke("flink", "status").stdout
    assert f"jobmanager: pid {pid}  {directory}/jobmanager.log\n" in shown
    assert "http://localhost:4321" in shown
    assert _invoke("flink", "stop").stdout == "Flink is stopped: jobmanager\n"
    assert processes.running() == []
    processes.stop()  # collects the exit status, which only the parent can


def test_the_dataflow_check_says_what_it_needs_or_shows_the_job(tmp_path: Path) -> None:
    pytest.importorskip("apache_beam.runners.dataflow.internal.apiclient")
    graph = tmp_path / "graph.json"
    arguments = ["dataflow", "check", str(DEFAULTS), "--input", str(DEMO)]
    shown = _invoke(*arguments, "--graph", str(graph), "--sdk_container_image=images.example/mill:1").stdout
    assert "Image: images.example/mill:1\n" in shown
    assert "bytes of 10,000,000" in shown
    assert "  SpreadSplits\n" in shown
    assert "components" in graph.read_text(encoding="utf-8")
    unwritable = str(tmp_path / "no" / "file")
    assert f"No such file or directory '{unwritable}'" in _invoke(*arguments, "--graph", unwritable, code=1).stderr
    assert "nowhere" in _invoke("dataflow", "check", str(tmp_path / "nowhere"), code=2).stderr
    assert "no input" in _invoke("dataflow", "check", code=2).stderr
