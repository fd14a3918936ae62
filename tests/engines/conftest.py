"""Fixtures of the tests on real engines: a corpus, the plain run of it, a Flink cluster.

These tests fetch some hundred megabytes the first time and take minutes: they run when `CORPUSMILL_ENGINES` is `auto`
(what this machine lacks is skipped) or `require` (nothing may be lacking).
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpusmill.engines.cache import EngineMissingError, run_tool
from corpusmill.engines.flink.cluster import FlinkCluster
from tests.engines.runs import CONFIG, DOCUMENTS, TOP, Corpus, Result, lacking, make_documents, result_of, run_well

_HERE = Path(__file__).resolve().parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leaves the engine tests out unless they are asked for."""
    if os.environ.get("CORPUSMILL_ENGINES", "off") != "off":
        return
    skip = pytest.mark.skip(reason="takes minutes and real engines; set CORPUSMILL_ENGINES=auto")
    for item in items:
        if item.get_closest_marker("engine") and Path(item.path).parent == _HERE:
            item.add_marker(skip)


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Three input files, one of them with lines that are no JSON."""
    folder = tmp_path_factory.mktemp("input")
    lines = [json.dumps(document, ensure_ascii=False) for document in make_documents(DOCUMENTS)]
    lines[250:250] = ['{"id": "broken", "text": ']
    third = len(lines) // 3
    paths = []
    for number in range(3):
        path = folder / f"pages-{number}.jsonl"
        end = len(lines) if number == 2 else (number + 1) * third
        path.write_text("".join(line + "\n" for line in lines[number * third : end]), encoding="utf-8")
        paths.append(path)
    config = folder / "config.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    return Corpus(tuple(paths), config)


@pytest.fixture(scope="session")
def plain(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """The result of the run in one process: what every engine has to give."""
    output = tmp_path_factory.mktemp("plain") / "out"
    run_well(corpus.command(output, ["--direct_num_workers=1", "--direct_running_mode=in_memory"]))
    result = result_of(output)
    decisions = {row["decision"] for row in result.audit}
    assert len(result.audit) == DOCUMENTS + 1
    assert {"kept", "duplicate", "rejected"} <= decisions, "a corpus that cannot show a difference proves nothing"
    assert len(result.corpus) > 1
    return result


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment in which the project's wheel is installed, and no checkout is near."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    run_tool([*pip, "wheel", "--no-deps", f"--wheel-dir={folder}", str(TOP)], "Building the wheel")
    (wheel,) = folder.glob("*.whl")
    run_tool([sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")], "Making an environment")
    python = folder / "venv" / "bin" / "python"
    run_tool([*pip, f"--python={python}", "install", "--no-deps", str(wheel)], "Installing the wheel")
    # The packages that it needs are those of this environment; the wheel's own come first.
    (own,) = (folder / "venv" / "lib").glob("python*/site-packages")
    (own / "needed.pth").write_text(f"{sysconfig.get_paths()['purelib']}\n")
    return folder / "venv" / "bin"


@pytest.fixture(scope="session")
def flink() -> Iterator[FlinkCluster]:
    """A running Flink cluster: JobManager, two TaskManagers, a pool of Python workers; tests leave it whole."""
    with contextlib.ExitStack() as stack:
        try:
            cluster = stack.enter_context(FlinkCluster(taskmanagers=2, restarts=4))
        except EngineMissingError as missing:
            lacking(missing)
        yield cluster
