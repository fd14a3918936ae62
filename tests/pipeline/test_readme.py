import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import DEFAULTS, ROOT, run_corpus

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONSOLE = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
PAGES = [path.read_text(encoding="utf-8") for path in (ROOT / "README.md", ROOT / "docs" / "python.md")]
"""What docs/tasks/ holds runs in tests/packaging/test_docs.py."""
PYTHON = [block for page in PAGES for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL)]


def test_the_two_commands_are_there_once() -> None:
    assert len(re.findall(r"^python3 -m venv .*corpusmill run", README, re.MULTILINE)) == 1
    assert len(re.findall(r"^python3 -m venv .*pytest( .*)?$", README, re.MULTILINE)) == 1


def test_links_point_to_files() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("http") or (ROOT / target).exists(), target


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 150


@pytest.mark.beam
@pytest.mark.parametrize("block", PYTHON, ids=[f"block{k}" for k in range(len(PYTHON))])
def test_the_python_blocks_run(block: str, tmp_path: Path) -> None:
    (tmp_path / "configs").symlink_to(DEFAULTS.parent)
    command = [sys.executable, "-W", "ignore", "-c", block]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    if "print(row" in block:
        assert done.stdout.strip() == "Fish & chips on the pier 💥"
    if "corpusmill.run" in block and "configs/demo" in block:
        assert (tmp_path / "out" / "manifest.json").is_file()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo, named as the README names it, and its output."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "configs").symlink_to(DEFAULTS.parent)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        run_corpus("configs/demo", folder / "out")
    return folder


@pytest.mark.beam
def test_the_accounts_shown_are_those_of_the_demo(place: Path) -> None:
    manifest = json.loads((place / "out" / "manifest.json").read_text())
    counts = manifest["documents"]
    total = " + ".join(str(counts[kind]) for kind in ("kept", "duplicate", "filtered", "rejected"))
    assert f"Accounts: {counts['in']} in = {total}." in README
    for rule, number in manifest["reasons"].items():
        assert f"{rule} {number}" in README
    assert f"{manifest['chars']['out']:,} characters" in README


@pytest.mark.beam
@pytest.mark.parametrize("block", CONSOLE, ids=[f"block{k}" for k in range(len(CONSOLE))])
def test_the_console_blocks_show_what_is_printed(block: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    corpusmill = f"{sys.executable} -m corpusmill"
    environment = {**os.environ, "COLUMNS": "120"}
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        command = command.replace("corpusmill", corpusmill)
        done = subprocess.run(command, shell=True, env=environment, capture_output=True, text=True, check=True)
        shown = [line.rstrip() for line in done.stdout.rstrip("\n").split("\n")]
        wanted = expected.rstrip("\n").split("\n")
        assert len(shown) == len(wanted)
        for line, want in zip(shown, wanted, strict=True):
            assert line.startswith(want.removesuffix(" ...")) if want.endswith(" ...") else line == want
