"""The blocks of code in the pages beside docs/tasks/: Python and commands run, settings load.

What needs an engine, an account or an object store is parsed only. Each page has a folder of its own, in which its
blocks run one after the other.
"""

import importlib.util
import itertools
import os
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from corpusmill.cli import app
from corpusmill.config import load_config
from corpusmill.inputs.resources import load_resources
from tests.packaging.test_docs import TASKS, Block, blocks_of
from tests.support import DEFAULTS, ROOT, run_corpus, write_jsonl

pytestmark = pytest.mark.beam

ELSEWHERE = {"python.md"}
"""Pages whose blocks another test runs (tests/pipeline/test_readme.py)."""
PAGES = [page for page in sorted((ROOT / "docs").glob("*.md")) if page not in TASKS and page.name not in ELSEWHERE]
PARSED = re.compile(r"gs://|s3://|--runner=|\bengine (?:flink|prism|dataflow)\b|workers=8")
"""Commands that need more than this machine, or all of it."""
OTHER_PROGRAMS = {"pip", "python", "pytest", "gcloud", "export"}
TEXT = "The ferry left the quay before the rain, and nobody on the pier had seen the heron. " * 3


def commands_of(block: Block) -> Iterator[list[str]]:
    """The words of each command of a block of shell, or of one that shows what is printed."""
    code = re.sub(r"\$\((corpusmill [^)]*)\)", r"--from='\1'", block.code.replace("\\\n", " "))
    lines = code.splitlines()
    if block.language == "console":
        lines = [line[2:] for line in lines if line.startswith("$ ")]
    for line in lines:
        words = shlex.split(line, comments=True)
        while words and re.match(r"[A-Z_]+=", words[0]):
            words.pop(0)
        if words:
            yield words


def commands_in(words: list[str]) -> Iterator[list[str]]:
    """A command, and those whose output is put into it."""
    for word in words:
        if word.startswith("--from="):
            yield shlex.split(word.removeprefix("--from="))
    yield [word for word in words if not word.startswith("--from=")]


def check_words(words: list[str]) -> None:
    """The command, its options and the keys that it sets are there."""
    done = CliRunner().invoke(app, [*words[1:], "--help"])
    assert done.exit_code == 0, f"{words}\n{done.output}"
    load_config(None, [value for name, value in itertools.pairwise(words) if name == "--set"])


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the pages speak of."""
    (tmp_path / "configs").symlink_to(DEFAULTS.parent)
    (tmp_path / "CONFIG.yaml").symlink_to(DEFAULTS)
    records = [{"id": f"page-{n}", "lang": "en", "text": f"Page {n}. {TEXT}", "kind": "blog"} for n in range(18)]
    for name in ("in", "letters", "pages", "crawl", "2026-11"):
        write_jsonl(tmp_path / name / "a.jsonl", records)
    write_jsonl(tmp_path / "evals" / "a.jsonl", [{"id": "q", "question": " ".join(f"w{n}" for n in range(20))}])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def prepare(page: Path, place: Path) -> None:
    """Make the outputs that a page takes for granted."""
    if page.name == "duplicates.md":
        run_corpus("in", place / "out-10", "boilerplate.enabled=false")
        shutil.copytree(place / "out-10", place / "out-09")
    if page.name == "outputs.md":
        for module in ("datasets", "duckdb", "polars"):
            pytest.importorskip(module)
        run_corpus("in", place / "out", "boilerplate.enabled=false")
        run_corpus("in", place / "by-kind", "input.keep_columns={kind: string}", "output.partition_by=kind")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_blocks_of_a_page_run_in_order(page: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(place / "hub"))
    blocks = blocks_of(page)
    assert page.read_text(encoding="utf-8").count("```") == 2 * len(blocks), "a block without a language"
    if any(block.language in {"python", "sh", "console"} for block in blocks):
        prepare(page, place)
    for block in blocks:
        if block.language == "python":
            exec(compile(block.code, str(page), "exec"), {"__name__": page.stem})
        elif block.language == "yaml":
            check_yaml(block.code, place)
        elif block.language in {"sh", "console"}:
            for words in commands_of(block):
                run_words(words, place)
        else:
            assert block.language == "text"


def check_yaml(code: str, place: Path) -> None:
    """A block of settings is a configuration, or a file of lines of a platform."""
    path = place / "block.yaml"
    path.write_text(code, encoding="utf-8")
    if code.startswith("platform:"):
        load_resources(load_config(None, [f"boilerplate.rule_files=[{path}]"]))
    else:
        load_config(str(path))


def run_words(words: list[str], place: Path) -> None:
    """Run a command, or parse what needs more than this machine."""
    words = ["CONFIG.yaml" if word == "CONFIG" else word for word in words]
    if words[0] != "corpusmill":
        assert words[0] in OTHER_PROGRAMS, words
        check_other(words)
    elif PARSED.search(" ".join(words)):
        for own in commands_in(words):
            check_words(own)
    else:
        if "--output" in words:
            shutil.rmtree(place / words[words.index("--output") + 1], ignore_errors=True)
        done = CliRunner().invoke(app, words[1:])
        assert done.exit_code == 0, f"{words}\n{done.output}"


def check_other(words: list[str]) -> None:
    """Extras that are installed and files that are named are there, and modules that are run."""
    extras = re.findall(r"\.\[([\w,]+)\]", " ".join(words))
    known = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for extra in itertools.chain(*(found.split(",") for found in extras)):
        assert re.search(rf"^{extra} = \[", known, re.MULTILINE), extra
    for path in re.findall(r"configs/[\w./-]+", " ".join(words)):
        assert os.path.exists(path), path
    if words[:2] == ["python", "-m"]:
        assert importlib.util.find_spec(words[2]) is not None


def test_the_commands_of_the_readme_are_there() -> None:
    """The test of a newcomer in .ci/run runs them."""
    blocks = [block for block in blocks_of(ROOT / "README.md") if block.language == "sh"]
    found = [words for block in blocks for words in commands_of(block) if words[0] == "corpusmill"]
    assert len(found) > 20
    for words in found:
        for own in commands_in(words):
            check_words(own)
