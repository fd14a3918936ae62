"""What a shell offers on TAB, and that starting the program is cheap."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from corpusmill.cli import app
from corpusmill.commands.completion import complete_export, complete_preset, complete_rule, complete_set, keys
from corpusmill.config import PRESETS, Config, walk_fields
from corpusmill.runs.export import FORMATS


def test_every_key_is_offered_with_its_description() -> None:
    sections = {names[:-1] for names, _ in walk_fields(Config)}
    leaves = {".".join(names): info.description for names, info in walk_fields(Config) if names not in sections}
    offered = {key: words for key, words, _ in keys()}
    assert set(offered) == set(leaves)
    assert all(" ".join((leaves[key] or "").split()) in offered[key] for key in leaves)


def test_values_are_offered_where_there_are_few() -> None:
    assert complete_set("output.compression=z") == [("output.compression=zstd", "")]
    assert [name for name, _ in complete_set("dedup.thr")] == ["dedup.threshold="]
    assert complete_set("dedup.threshold=") == []
    assert complete_set("no.such.key=") == []


def test_presets_and_formats_are_those_that_there_are() -> None:
    assert set(complete_preset("")) == set(PRESETS)
    assert complete_preset("cl") == ["clean-only"]
    assert tuple(complete_export("")) == FORMATS


def test_rules_are_those_of_the_output(tmp_path: Path) -> None:
    manifest = {"reasons": {"dedup.near": 1}, "repairs": {"whitespace.trim": 2}, "lines_removed": {}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    context = typer.Context(get_command(app))
    context.params = {"output": str(tmp_path)}
    assert complete_rule(context, "") == ["kept", "duplicate", "filtered", "rejected", "dedup.near", "whitespace.trim"]
    assert complete_rule(context, "ded") == ["dedup.near"]
    context.params = {"output": str(tmp_path / "nowhere")}
    assert complete_rule(context, "k") == ["kept"]


def _answer(words: str, place: int, folder: Path) -> list[str]:
    environment = {
        **os.environ,
        "_CORPUSMILL_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(place),
    }
    program = "import sys; sys.argv = ['corpusmill']; from corpusmill.cli import app; app(prog_name='corpusmill')"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout.split()


def test_a_shell_is_answered(tmp_path: Path) -> None:
    assert "output.compression=zstd" in _answer("corpusmill run --set output.compression=z", 3, tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "manifest.json").write_text(
        '{"reasons": {"dedup.near": 1}, "repairs": {}, "lines_removed": {}}'
    )
    assert _answer("corpusmill sample out --reason ded", 4, tmp_path) == ["dedup.near"]
    assert _answer("corpusmill sample out -n 5 --reason ded", 6, tmp_path) == ["dedup.near"]
    assert _answer("corpusmill sample --reason ded", 3, tmp_path) == []


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_nothing_heavy_is_imported_to_say_what_there_is(argument: str) -> None:
    program = (
        "import sys; sys.argv = ['corpusmill', sys.argv[1]]\n"
        "from corpusmill.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit:\n    pass\n"
        "heavy = {'apache_beam', 'pyarrow', 'numpy', 'pydantic', 'rich', 'yaml', 'regex'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", program, argument], check=True, capture_output=True)


def test_a_document_is_explained_without_beam() -> None:
    program = (
        "import sys, corpusmill.reports.document_history, corpusmill.reports.originals, corpusmill.reports.listings\n"
        "assert 'apache_beam' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
