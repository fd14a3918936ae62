"""The transforms in Beam YAML: the example of configs/beam-yaml/ as a user runs it."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from corpusmill.engines.cache import PackageMissingError
from tests.engines.runs import lacking, run_well

pytestmark = pytest.mark.engine

_EXAMPLE = "configs/beam-yaml/clean.yaml"


def test_the_example_cleans_documents(tmp_path: Path) -> None:
    for package in ("jinja2", "jsonschema", "pandas"):
        if importlib.util.find_spec(package) is None:
            lacking(PackageMissingError(f"{package} is not installed; pip install 'apache-beam[yaml]'"))
    documents = {
        "repaired": "The caf\u00c3\u00a9 is open.",
        "empty": " \n ",
        "kept": "Fish &amp; chips",  # the example's configuration says: decode no character references
    }
    source = tmp_path / "in.jsonl"
    source.write_text("".join(json.dumps({"id": key, "text": text}) + "\n" for key, text in documents.items()))
    variables = json.dumps({"input": str(source), "output": str(tmp_path / "out" / "clean")})
    # Beam's own default would fetch another runner first.
    runner = "--runner=apache_beam.runners.portability.fn_api_runner.FnApiRunner"
    command = [sys.executable, "-m", "apache_beam.yaml.main", f"--yaml_pipeline_file={_EXAMPLE}", runner]
    run_well([*command, f"--jinja_variables={variables}"])
    written = [line for part in sorted((tmp_path / "out").glob("clean-*")) for line in part.read_text().splitlines()]
    assert sorted((json.loads(line) for line in written), key=lambda row: str(row["id"])) == [
        {"id": "kept", "text": "Fish &amp; chips"},
        {"id": "repaired", "text": "The caf\u00e9 is open."},
    ]
