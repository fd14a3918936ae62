"""The documentation: made from the code where it can be, and every block of code in it runs.

A block that cannot run here has a comment before it that says why: `<!-- not run: needs Java -->`.
"""

import gzip
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from typer.testing import CliRunner

from corpusmill.cli import app
from corpusmill.config import Config, walk_fields
from tests.support import DEFAULTS, DEMO, ROOT, run_corpus
from tests.tools import reference

TASKS = [ROOT / "docs" / "index.md", *sorted((ROOT / "docs" / "tasks").glob("*.md"))]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
_BLOCK = re.compile(r"(<!-- not run: [^\n]+ -->\n+)?```(\w+)\n(.*?)```", re.DOTALL)


class Block(NamedTuple):
    language: str
    code: str
    runs: bool


def blocks_of(page: Path) -> list[Block]:
    found = _BLOCK.findall(page.read_text(encoding="utf-8"))
    return [Block(language, code, not reason) for reason, language, code in found]


@pytest.mark.parametrize("name", reference.PAGES)
def test_the_reference_is_what_the_code_gives(name: str) -> None:
    """If this fails: python -m tests.tools.reference."""
    assert (reference.FOLDER / name).read_text(encoding="utf-8") == reference.PAGES[name]()


def test_every_key_column_and_rule_is_described() -> None:
    configuration = (reference.FOLDER / "configuration.md").read_text(encoding="utf-8")
    for names, info in walk_fields(Config):
        assert ".".join(names) in configuration
        assert info.description
    columns = {field.name for _, schema in reference.TABLES.values() for field in schema}
    assert columns == set(reference.COLUMNS)
    assert set(reference.rule_texts()) == reference.rule_ids()


def test_the_site_names_every_page_and_links_to_pages_that_are_there() -> None:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    named = re.findall(r"[\w/-]+\.md", text)
    assert sorted(named) == sorted(page.relative_to(ROOT / "docs").as_posix() for page in PAGES)
    assert yaml.safe_load(text)["theme"]["name"] == "material"
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if target.endswith(".md"):
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_source_files_that_pages_name_are_there() -> None:
    folders = ("pipeline", "transforms", "configs", "tests")
    files = [f"/{path.relative_to(ROOT).as_posix()}" for folder in folders for path in (ROOT / folder).rglob("*.*")]
    for page in (*PAGES, ROOT / "README.md", ROOT / "CONTRIBUTING.md"):
        for named in re.findall(r"`((?:\w+/)+\w+\.(?:py|npz|mjs))`", page.read_text(encoding="utf-8")):
            assert any(file.endswith(f"/{named}") for file in files), f"{page.name}: {named}"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the pages speak of, and an `out` of the demo."""
    folder = tmp_path_factory.mktemp("docs")
    shutil.copytree(DEMO, folder / "configs" / "demo")
    shutil.copy(DEFAULTS, folder / "configs")
    for name in ("crawl", "clean"):
        (folder / name).mkdir()
        shutil.copy(DEMO / "gazette.jsonl", folder / name)
    with gzip.open(folder / "crawl" / "blogs.jsonl.gz", "wb") as stream:
        stream.write((DEMO / "blogs.jsonl").read_bytes())
    shutil.copytree(DEMO / "notes", folder / "notes")
    (folder / "page.txt").write_text("Fish &amp; chips on the pier.\n\nRing the bell\n", encoding="utf-8")
    (rules,) = (block for block in blocks_of(ROOT / "docs" / "tasks" / "own-rules.md") if block.language == "yaml")
    (folder / "rules.yaml").write_text(rules.code, encoding="utf-8")
    here = os.getcwd()
    os.chdir(folder)
    try:
        run_corpus("configs/demo", folder / "out")
    finally:
        os.chdir(here)
    return folder


def run_line(line: str) -> None:
    """Run a line of shell in this process, which has imported Beam already: a command, and perhaps `|| true`."""
    words = shlex.split(line)
    may_fail = words[-2:] == ["||", "true"]
    name, *arguments = words[:-2] if may_fail else words
    assert name == "corpusmill", f"only corpusmill is run here: {line}"
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0 or may_fail, f"{line}\n{done.output}"


@pytest.mark.beam
@pytest.mark.parametrize("page", TASKS, ids=lambda page: page.stem)
def test_the_blocks_of_a_task_run_in_order(page: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    blocks = [block for block in blocks_of(page) if block.runs and block.language not in {"yaml", "text"}]
    assert blocks_of(page)
    for block in blocks:
        if block.language == "python":
            for module in re.findall(r"^import (datasets|duckdb|polars)$", block.code, re.MULTILINE):
                pytest.importorskip(module)
            environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(place / "hub")}
            command = [sys.executable, "-W", "ignore", "-c", block.code]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{block.code}\n{done.stdout}\n{done.stderr}"
        elif block.language == "sh":
            for line in block.code.splitlines():
                run_line(line)
        else:
            duckdb = pytest.importorskip("duckdb")
            assert block.language == "sql"
            assert duckdb.connect().sql(block.code).fetchall()


@pytest.mark.parametrize("line", ["ls", "corpusmill no-such-command", "corpusmill plan nowhere/"])
def test_a_line_that_does_not_run_would_be_found(line: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    with pytest.raises(AssertionError, match=re.escape(line)):
        run_line(line)


def test_only_what_needs_more_than_this_machine_is_not_run() -> None:
    reasons = re.findall(r"<!-- not run: ([^\n]+) -->", "".join(page.read_text(encoding="utf-8") for page in TASKS))
    assert set(reasons) == {"needs Java", "needs a cluster", "needs corpusmill[gcp]", "needs an account"}
