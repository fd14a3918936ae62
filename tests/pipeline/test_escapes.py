"""What a terminal would obey reaches no terminal: not from documents, their files and columns, nor from the command."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from corpusmill.cli import app
from tests.support import write_jsonl

pytestmark = pytest.mark.beam

EVIL = "\x1b]0;title\x07\x1b[31mred\x9b1m\N{RIGHT-TO-LEFT OVERRIDE}\x08<script>alert(1)</script>[bold]"
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
SENTENCE = "The old miller of the village ground the corn of farm number {} , and all that have eaten of it were fed. "
SETS = (
    "input.max_rejected_share=1",
    f"input.keep_columns={json.dumps({'kept' + EVIL: 'string'})}",
    "normalize.enabled=false",
)
OPTIONS = [part for value in SETS for part in ("--set", value)]


def _answer(*arguments: str | Path, code: int = 0) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == code, (arguments, result.output, result.exception)
    found = OBEYED.search(result.output)
    assert found is None, (arguments, result.output[max(0, found.start() - 80) : found.end() + 20])
    return result.output


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evil")
    line = f"Share this {EVIL}"
    records = [
        {
            "id": f"{n}{EVIL}",
            "text": f"{line}\n{SENTENCE.format(n % 4) * 8}{EVIL}",
            "url": f"https://{'ab'[n % 2]}.example/{EVIL}",
            "kept" + EVIL: EVIL,
            "more" + EVIL: EVIL,
        }
        for n in range(6)
    ]
    source = write_jsonl(folder / f"in{EVIL.replace('/', '')}" / "a\x1b[2J.jsonl", [*records, {"id": f"no text{EVIL}"}])
    with source.open("a", encoding="utf-8") as stream:
        stream.write("{broken \x1b[31m\n")
    target = folder / "out\x1b]0;x\x07"
    _answer("plan", source.parent, "--output", target, *OPTIONS)
    assert "<U+001B>" in _answer("run", source.parent, "--output", target, *OPTIONS)
    return target


def test_what_reads_an_output_shows_it_escaped(out: Path) -> None:
    for command in ("report", "sample"):
        _answer(command, out)
        json.loads(_answer(command, out, "--json"))
    _answer("sample", out, "--reason", "rejected")
    _answer("ids", out, "*")
    json.loads(_answer("ids", out, "*", "--json"))
    for identifier in ("0", "5", "no text"):
        assert "<U+001B>" in _answer("explain", out, f"{identifier}{EVIL}")
    _answer("explain", out, "0\x1b]0;", code=2)
    _answer("diff", out, out)
    _answer("export", out, "--output", f"{out}-export")
    _answer("rethreshold", out, "--threshold", "0.95", "--output", f"{out}-higher")
    assert "<script>alert" not in _answer("report", out, "--html", "-")
    assert not OBEYED.search((out / "README.md").read_text(encoding="utf-8"))
    _answer("report", out, "--html", f"{out}.html")


def test_learned_lines_are_shown_escaped(out: Path) -> None:
    pages = [
        {
            "id": str(n),
            "text": f"{SENTENCE.format(n) * 3}\nFiled under: tides\x9b{EVIL}\nPosted by the lighthouse",
            "url": f"https://a.example/{n}",
        }
        for n in range(12)
    ]
    source = write_jsonl(out.with_name("pages.jsonl"), pages)
    learned = _answer("boilerplate", "learn", source, "-o", f"{out}.parquet", "--set", "normalize.enabled=false")
    assert "<U+001B>" in learned


def test_errors_and_logs_show_it_escaped(out: Path, tmp_path: Path) -> None:
    source, target = out.with_name("pages.jsonl"), str(tmp_path / "new")
    source.touch()
    settings = tmp_path / "a\x1b.yaml"
    for content in ('"a\\eb": 1\n', 'dedup:\n  keep: "x\\e[31m"\n', '"a\\eb": 1\n"a\\eb": 2\n', "a: [1\x1b\n"):
        settings.write_text(content)
        _answer("run", settings, source, "--output", target, code=2)
    for wrong in (["--set", "a\x1b.b=1"], ["--aga\x1binst", "x"], ["--against", "a\x1b"], ["--decontaminate", "a\x1b"]):
        _answer("run", source, "--output", target, *wrong, code=2)
    _answer("run", "no\x1bfile", "--output", target, code=2)
    _answer("init", tmp_path / "new\x1b.yaml")
    assert "<U+001B>" in _answer("run", out.with_name("pages.jsonl"), "--output", target, "--runner=a\x1b", code=1)
