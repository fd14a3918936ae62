import json
from pathlib import Path

import yaml
from typer.testing import CliRunner

from corpusmill.cli import app
from corpusmill.config import Config, load_config


def invoke(*arguments: object, code: int = 0) -> str:
    done = CliRunner().invoke(app, list(map(str, arguments)))
    assert done.exit_code == code, done.output
    return done.stdout if code == 0 else done.stderr


def test_what_is_shown_is_a_configuration_with_the_keys_that_were_changed() -> None:
    shown = yaml.safe_load(invoke("config", "show", "--set", "dedup.threshold=0.9"))
    assert Config.model_validate(shown) == load_config(None, ["dedup.threshold=0.9"])


def test_the_schema_has_every_section() -> None:
    assert set(json.loads(invoke("config", "schema"))["properties"]) == set(Config.model_fields)


def test_a_file_is_written_once_and_read_as_the_preset(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    invoke("init", path, "--preset", "dedup-only")
    assert load_config(str(path)) == load_config(None, preset="dedup-only")
    assert "already exists; name another file, or give --overwrite" in invoke("init", path, code=2)
    invoke("init", path, "--overwrite")
    assert load_config(str(path)) == Config()
    assert "cannot write" in invoke("init", tmp_path / "no" / "such.yaml", code=2)
