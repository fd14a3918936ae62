import json
import sys
from pathlib import Path

import pytest

from corpusmill.engines.cache import EngineError
from corpusmill.engines.flink import cluster as flink
from corpusmill.engines.flink.cluster import FlinkCluster

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="engines are started on Linux only")


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FlinkCluster:
    monkeypatch.setattr(flink, "job_server_jar", lambda: tmp_path / "job-server.jar")
    (tmp_path / "cluster.json").write_text(json.dumps({"rest_port": 4321}), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return FlinkCluster(directory=tmp_path)


def test_a_cluster_that_is_not_started_does_not_run(cluster: FlinkCluster) -> None:
    assert not cluster.is_running()
    assert cluster.registered_taskmanagers() == -1


def test_options_name_the_cluster_the_worker_program_and_the_folder_of_the_run(
    cluster: FlinkCluster, tmp_path: Path
) -> None:
    options = cluster.beam_options(parallelism=3, worker_life_s=8)
    assert "--flink_master=localhost:4321" in options
    assert "--parallelism=3" in options
    assert "--environment_expiration_millis=8000" in options
    assert f"--environment_options=process_command={tmp_path}/boot" in options
    assert f"--environment_options=process_variables=CORPUSMILL_WORKER_FOLDER={tmp_path}" in options
    assert f"--flink_job_server_jar={tmp_path}/job-server.jar" in options
    other = cluster.beam_options(worker=tmp_path / "other" / "worker")
    assert f"--environment_options=process_command={tmp_path}/other/worker" in other


@pytest.mark.parametrize("name", ["two words", "a,b"])
def test_a_folder_that_an_option_cannot_hold_is_named(
    cluster: FlinkCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / name)
    with pytest.raises(EngineError, match=name):
        cluster.beam_options()


def test_clusters_have_ports_of_their_own_and_listen_on_the_loopback_interface_only(
    cluster: FlinkCluster, tmp_path: Path
) -> None:
    cluster._configure(1234)
    settings = dict(line.split(": ", 1) for line in (tmp_path / "flink-conf.yaml").read_text().splitlines())
    assert cluster.rest_port == 1234
    assert settings["rest.port"] == "1234"
    assert {settings[key] for key in settings if key.endswith(("bind-host", "bind-address"))} == {"localhost"}
    assert settings["classloader.resolve-order"] == "parent-first"
    assert (tmp_path / "boot").stat().st_mode & 0o111


def test_only_the_logs_of_the_last_clusters_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORPUSMILL_ENGINE_CACHE", str(tmp_path))
    made = [FlinkCluster().directory for _ in range(9)]
    assert sum(directory.exists() for directory in made) == 6
    assert made[-1].exists()
