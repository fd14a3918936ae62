import json
import shutil
from pathlib import Path

import pytest

from corpusmill.config import Config, ConfigError, load_config
from corpusmill.inputs.resources import Resources
from corpusmill.reports import preview as module
from corpusmill.reports.preview import foretell

TEXT = "The ferry waits at the pier until the fog has lifted, and nobody minds."


def reason(text: str, *sets: str) -> str | None:
    return foretell(text, load_config(None, sets), Resources()).reason


@pytest.mark.parametrize(
    ("text", "sets", "wanted"),
    [
        (TEXT, (), None),
        (TEXT, ("filter.min_chars=1000",), "filter.too-short"),
        (f"{TEXT} ann@pier.org", ("personal_data.drop=[email]",), "personal-data.email"),
        (" ", (), "filter.empty"),
    ],
)
def test_the_rule_that_would_drop_a_text_is_named(text: str, sets: tuple[str, ...], wanted: str | None) -> None:
    assert reason(text, *sets) == wanted


@pytest.mark.beam
def test_the_configuration_of_a_run_is_taken_with_the_lines_that_it_learned(demo_output: Path, tmp_path: Path) -> None:
    assert module.config_of(None) == Config()
    config = module.config_of(str(demo_output))
    assert config.boilerplate.learned.table == str(demo_output / "learned_lines.parquet")
    shutil.copytree(demo_output, tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    manifest["config"]["dedup"]["old_key"] = 1
    (tmp_path / "out" / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ConfigError, match="written by another version of corpusmill, with other keys"):
        module.config_of(str(tmp_path / "out"))
