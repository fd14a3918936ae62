import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from corpusmill.reports.card import render_card, write_card
from corpusmill.reports.corpus import read_manifest

pytestmark = pytest.mark.beam


def header_of(card: bytes) -> dict[str, Any]:
    _, header, _ = card.decode().split("---\n", 2)
    return dict(yaml.safe_load(header))


def test_the_header_names_the_tables_that_there_are(demo_output: Path) -> None:
    manifest = read_manifest(str(demo_output))
    card = render_card(manifest, learned=True)
    assert b"- `learned_lines.parquet`: " in card
    header = header_of(card)
    names = [config["config_name"] for config in header["configs"]]
    assert names == ["corpus", "audit", "rejected", "removed", "pairs", "index", "statistics", "learned_lines"]
    assert [config["config_name"] for config in header["configs"] if config.get("default")] == ["corpus"]
    assert header["size_categories"] == ["n<1K"]
    assert "license" not in header
    manifest["config"]["output"]["license"] = "cc-by-4.0"
    manifest["documents"]["kept"] = 1000
    header = header_of(render_card(manifest))
    assert (header["license"], header["size_categories"]) == ("cc-by-4.0", ["1K<n<10K"])


def test_settings_cannot_end_the_code_that_shows_them(demo_output: Path) -> None:
    manifest = read_manifest(str(demo_output))
    manifest["config"]["input"]["text_column"] = "a`\nb"
    assert b"- `input.text_column: " in render_card(manifest)
    assert b"a`" not in render_card(manifest)


def test_a_card_that_somebody_has_changed_is_kept(demo_output: Path, tmp_path: Path) -> None:
    shutil.copytree(demo_output, tmp_path / "out")
    card, manifest = tmp_path / "out" / "README.md", read_manifest(str(demo_output))
    manifest["documents"]["kept"] = 29
    write_card(str(tmp_path / "out"), manifest, str(tmp_path))
    assert "29 documents" in card.read_text()
    card.write_text(card.read_text().replace("29 documents", "my documents"))
    write_card(str(tmp_path / "out"), manifest, str(tmp_path))
    assert "my documents" in card.read_text()
