import json
import re
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from corpusmill.cli import app
from corpusmill.commands.options import tell_apart
from corpusmill.config import PRESETS, load_config
from corpusmill.transforms import storage
from tests.support import DEFAULTS, DEMO

RULE_FILE = """
platform: harbour
source: the harbour's own pages
strings:
  bell: {role: credit, strength: strong, position: tail, anchoring: line}
languages:
  en:
    bell: [Ring the bell]
"""

runner = CliRunner()
README = DEFAULTS.parents[1] / "README.md"


def _commands(group: Any, above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name, command in group.commands.items():
        inner = _commands(command, (*above, name)) if hasattr(command, "commands") else [(*above, name)]
        found += inner
    return found


COMMANDS = _commands(typer.main.get_command(app))


def _invoke(*arguments: str, code: int = 0, text: str | None = None) -> Result:
    result = runner.invoke(app, list(arguments), input=text)
    assert result.exit_code == code, result.output + str(result.exception)
    return result


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_and_every_option_is_described(command: tuple[str, ...]) -> None:
    shown = _invoke(*command, "--help").output
    assert len(shown.split("Usage:")[1].split("\n", 3)[2].strip()) > 20
    node: Any = typer.main.get_command(app)
    for name in command:
        node = node.commands[name]
    for parameter in node.params:
        assert getattr(parameter, "help", None) or parameter.name == "help", f"{command}: {parameter.name}"


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_is_in_the_readme(command: tuple[str, ...]) -> None:
    assert f"corpusmill {' '.join(command)}" in README.read_text(encoding="utf-8")


def test_the_program_says_its_version() -> None:
    assert re.fullmatch(r"corpusmill \d\S*\n", _invoke("--version").output)


def test_clean_mends_standard_input() -> None:
    title = "Forty kites over the sea wall"
    body = "They think it’s “fine”, and that is a sentence.\n\nBring gloves.\n\nThe line cuts, the wind does not ask.\n"
    text = f"{title} πŸ’₯πŸ’₯πŸ’₯\n\n{body}\n{title}\nGet link\n"
    assert _invoke("clean", "-", text=text).stdout == f"{title} 💥💥💥\n\n{body}"


def test_clean_explains_each_step_with_its_rule_and_a_diff(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(
        "Tea &amp; cake\u200b πŸ’₯\n\nA line that stays as it is.\n\nGet link\n", encoding="utf-8"
    )
    shown = _invoke("clean", str(tmp_path / "page.txt"), "--explain").stdout
    assert "encoding.decode-entities" in shown
    assert "encoding.repair-mojibake" in shown
    assert "iso8859-7" in shown
    assert "- Get link" in shown
    assert "+ Tea & cake" in shown
    assert "U+200B" in shown


def test_clean_says_when_there_is_nothing_to_do() -> None:
    assert "No step changes this text." in _invoke("clean", "-", "--explain", text="A sound line.").stdout


def test_clean_obeys_the_configuration() -> None:
    assert "&amp;" in _invoke("clean", "-", "--set", "normalize.enabled=false", text="a &amp; b").stdout


def test_clean_names_a_file_that_is_not_there() -> None:
    result = _invoke("clean", "nowhere.txt", code=2)
    assert "cannot read 'nowhere.txt'" in result.stderr


def test_config_schema_is_a_schema_of_the_default_file() -> None:
    schema = json.loads(_invoke("config", "schema").stdout)
    assert set(schema["properties"]) >= {"input", "normalize", "boilerplate", "filter", "dedup", "output"}
    assert _invoke("config", "show").stdout == DEFAULTS.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "no input: name files or folders"),
        (("--input", "x"), "--output is missing"),
        (("--input", "no-such-file.jsonl", "--output", "OUT"), "no-such-file.jsonl"),
        (("--input", str(DEMO), "--output", "OUT", "--set", "dedup.treshold=1"), "did you mean 'dedup.threshold'"),
        (("--input", str(DEMO), "--output", "OUT", "--overwite"), "did you mean --overwrite"),
        (("--input", str(DEMO), "--output", "OUT", "stray"), "'stray'"),
        (("--input", str(DEMO), "--output", "/proc/nowhere/out"), "cannot write to the output"),
        (
            ("--input", str(DEMO), "--output", "ftp://host/out"),
            "there is no filesystem for ftp://; there are local paths",
        ),
        (("--input", "ftp://host/in", "--output", "OUT"), "input 'ftp://host/in': there is no filesystem"),
        (("--input", str(DEMO), "--output", "OUT", "--direct_running_mode=x"), "invalid choice: 'x'"),
    ],
)
def test_a_mistake_is_named_with_its_remedy_and_no_traceback(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    given = [str(tmp_path / "out") if part == "OUT" else part for part in arguments]
    result = _invoke("run", str(DEFAULTS), *given, code=2)
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--aganist", "x", str(DEMO), "-o", "OUT"), "did you mean --against"),
        (("--imput", str(DEMO), "-o", "OUT"), "unknown option --imput; did you mean --input?"),
        ((str(DEMO), "--outptu", "OUT"), "unknown option --outptu; did you mean --output?"),
        (("-o", "OUT"), "no input: name files or folders"),
        ((str(DEMO), "-o", "OUT", "--config", "a.yaml"), "a configuration file is given by itself, as in"),
        ((str(DEMO), "-o", "OUT", "--confg=a.yaml"), "unknown option --confg; a configuration file is given by itself"),
        ((str(DEMO), "-o", "OUT", "--num_workers=4"), "--set run.workers=N"),
        (("a.yaml", "b.yaml", str(DEMO), "-o", "OUT"), "two configuration files, 'a.yaml' and 'b.yaml'"),
        ((str(DEMO), "-o", "OUT", "--preset", "dedup-onli"), "did you mean 'dedup-only'"),
    ],
)
def test_a_misspelt_option_gets_a_suggestion(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    given = [str(tmp_path / "out") if part == "OUT" else part for part in arguments]
    assert message in _invoke("run", *given, code=2).stderr


def test_arguments_are_told_apart() -> None:
    given = ["mine.yaml", "in/", "--streaming", "more/", "--flink_master", "host:1", "--runner=FlinkRunner", "-"]
    told = tell_apart(given, ["last"])
    assert told.config == "mine.yaml"
    assert told.inputs == ("in/", "more/", "-", "last")
    assert told.beam == ("--streaming", "--flink_master", "host:1", "--runner=FlinkRunner")


def test_init_writes_a_configuration_that_is_accepted_and_replaces_nothing(tmp_path: Path) -> None:
    path = str(tmp_path / "mine.yaml")
    _invoke("init", path, "--preset", "dedup-only")
    assert load_config(path) == load_config(None, preset="dedup-only")
    assert "already exists" in _invoke("init", path, code=2).stderr


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_accepted_and_says_what_it_is_for(name: str) -> None:
    load_config(None, preset=name)
    assert (DEFAULTS.parent / "presets" / f"{name}.yaml").read_text(encoding="utf-8").startswith("# ")


def test_clean_takes_the_lines_of_rule_files_out_and_misses_none(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULE_FILE, encoding="utf-8")
    text = "A long sentence about the harbour wall and its lamps.\n\nAnother, which follows it.\n\nRing the bell\n"
    shown = _invoke("clean", "-", "--set", f"boilerplate.rule_files=[{rules}]", text=text).stdout
    assert "Ring the bell" not in shown
    missing = _invoke("clean", "-", "--set", "boilerplate.rule_files=[nowhere.yaml]", text=text, code=2)
    assert "nowhere.yaml" in missing.stderr


def test_clean_refuses_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "image.bin").write_bytes(bytes(range(256)) * 40)
    result = _invoke("clean", str(tmp_path / "image.bin"), code=2)
    assert "is not text" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("command", [("plan", str(DEMO)), ("rethreshold", "OUT", "--threshold", "0.9")])
def test_an_address_that_nothing_serves_ends_no_command_in_a_traceback(command: tuple[str, ...]) -> None:
    result = _invoke(*command, "--output", "foo://x/y", code=2)
    assert "Traceback" not in result.stderr


@pytest.mark.beam
def test_run_takes_inputs_as_arguments_and_needs_no_configuration(tmp_path: Path) -> None:
    shown = _invoke("run", str(DEMO), "-o", str(tmp_path / "out")).stderr
    assert "44 in = 30 + 8 + 3 + 3" in shown
    assert "in 7 files, 1 split " in _invoke("run", str(DEMO), "-o", str(tmp_path / "new"), "--dry-run").stdout
    assert not (tmp_path / "new").exists()


@pytest.mark.beam
@pytest.mark.parametrize(
    ("text", "documents"), [('{"text": "One."}\n{"text": "Two."}\n', 2), ("A text.\n\nOf two parts.", 1)]
)
def test_run_reads_records_or_a_text_from_standard_input(tmp_path: Path, text: str, documents: int) -> None:
    _invoke("run", "-", "-o", str(tmp_path / "out"), text=text)
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["documents"]["in"] == documents


@pytest.mark.beam
def test_the_demo_runs_from_the_installed_package(tmp_path: Path) -> None:
    shown = _invoke("demo", "--output", str(tmp_path / "demo")).stderr
    assert "44 in = 30 + 8 + 3 + 3" in shown
    assert shown.count("Next: ") == 1
    assert " or   corpusmill explain" in shown


@pytest.mark.beam
def test_run_ends_with_the_accounts(tmp_path: Path) -> None:
    shown = _invoke("run", str(DEFAULTS), "--input", str(DEMO), "--output", str(tmp_path / "out")).stderr
    assert "44 in = 30 + 8 + 3 + 3" in shown
    assert "Pinterest" in shown
    again = _invoke("run", str(DEFAULTS), "--input", str(DEMO), "--output", str(tmp_path / "out")).stderr
    assert "complete already" in again


@pytest.mark.beam
def test_report_prints_the_summary_again(demo_output: Path, tmp_path: Path) -> None:
    assert "44 in = 30 + 8 + 3 + 3" in _invoke("report", str(demo_output)).stdout
    assert "not the output of a finished run" in _invoke("report", str(tmp_path), code=2).stderr


@pytest.mark.beam
def test_explain_tells_the_story_of_a_document(demo_output: Path, tmp_path: Path) -> None:
    shown = _invoke("explain", str(demo_output), "blog/kites-rewritten").stdout
    assert "removed as a duplicate (dedup.near) of blog/kites (from " in shown
    assert "blogs.jsonl at 0), similarity 0.8952" in shown
    assert "the kept document blog/kites begins: Forty kites" in shown
    kites = _invoke("explain", str(demo_output), "blog/kites").stdout
    assert "kept: it is in the corpus" in kites
    assert "Get link" in kites
    assert "could not be read" in _invoke("explain", str(demo_output), "broken/no-text").stdout
    assert "no document" in _invoke("explain", str(demo_output), "nobody", code=2).stderr
    assert "not the output of a finished run" in _invoke("explain", str(tmp_path), "x", code=2).stderr


@pytest.mark.parametrize(("scheme", "extra", "module"), [("gs", "gcp", "google.cloud.storage"), ("s3", "aws", "boto3")])
def test_what_an_address_needs_and_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str, extra: str, module: str
) -> None:
    monkeypatch.setattr(storage, "_is_installed", lambda name: name != module)
    missing = f"pip install 'corpusmill[{extra}]'"
    address = f"{scheme}://bucket/x"
    assert missing in _invoke("run", str(DEFAULTS), "--input", address, "--output", str(tmp_path / "o"), code=2).stderr
    assert missing in _invoke("run", str(DEFAULTS), "--input", str(DEMO), "--output", address, code=2).stderr
    assert missing in _invoke("config", "show", "--config", f"{address}.yaml", code=2).stderr
    assert missing in _invoke("report", address, code=2).stderr
    assert missing in _invoke("explain", address, "a", code=2).stderr


def test_clean_refuses_what_is_no_text_and_reads_a_stated_encoding(tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    path.write_bytes(bytes(range(1, 9)) * 40)
    result = runner.invoke(app, ["clean", str(path)])
    assert (result.exit_code, "binary data" in result.output, "input.encoding" in result.output) == (2, True, True)
    path.write_bytes("нос".encode("koi8-r"))
    result = runner.invoke(app, ["clean", str(path), "--set", "input.encoding=koi8-r"])
    assert (result.exit_code, result.output) == (0, "нос\n")


def test_an_unknown_encoding_is_an_error_with_the_nearest_one(tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    path.write_text("x")
    result = runner.invoke(app, ["clean", str(path), "--set", "input.encoding=koi9-r"])
    assert result.exit_code == 2
    assert "did you mean 'koi8-r'" in " ".join(result.output.split())
