import sys
from pathlib import Path

import pytest

from corpusmill.engines.cache import EngineMissingError, cache_dir, made_once, need_tool, run_tool


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CORPUSMILL_ENGINE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_environment_names_the_directory(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cache_dir() == cache
    monkeypatch.delenv("CORPUSMILL_ENGINE_CACHE")
    monkeypatch.setenv("HOME", "/home/somebody")
    assert cache_dir() == Path("/home/somebody/.cache/corpusmill/engines")


def test_a_thing_is_made_once(cache: Path) -> None:
    calls = []

    def make(directory: Path) -> None:
        calls.append(directory)
        (directory / "part").write_text("whole", encoding="utf-8")

    assert made_once("thing-1", make) == made_once("thing-1", make) == cache / "thing-1"
    assert len(calls) == 1
    assert (cache / "thing-1" / "part").read_text(encoding="utf-8") == "whole"


def test_of_a_thing_that_fails_nothing_is_kept_and_it_is_made_the_next_time(cache: Path) -> None:
    def fail(directory: Path) -> None:
        (directory / "part").write_text("half", encoding="utf-8")
        raise OSError("the network went away")

    with pytest.raises(OSError, match="went away"):
        made_once("thing-1", fail)
    assert [path.name for path in cache.iterdir()] == [".thing-1.lock"]
    assert list(made_once("thing-1", lambda directory: (directory / "part").touch()).iterdir())


def test_a_program_that_is_not_there_is_named_with_its_remedy() -> None:
    with pytest.raises(EngineMissingError, match="'no-such-program' is not on the PATH: install it so"):
        need_tool("no-such-program", "install it so")


def test_a_program_that_fails_shows_the_end_of_its_output() -> None:
    program = "print('early ' + 'x' * 3000); print('the proxy refuses'); raise SystemExit(3)"
    with pytest.raises(EngineMissingError, match="fetching parts failed") as failed:
        run_tool([sys.executable, "-c", program], "fetching parts")
    assert "ended with 3" in str(failed.value)
    assert str(failed.value).endswith("the proxy refuses")
    assert "early" not in str(failed.value)
