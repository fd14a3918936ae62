"""Fields that the data tell, where the configuration does not name them."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from corpusmill.cli import app
from corpusmill.config import load_config
from corpusmill.inputs.fields import guess_fields
from corpusmill.inputs.plan import plan_splits
from tests.support import rows, run_corpus, write_jsonl

LINES = ["The ferry left before the rain.", "Nobody saw the heron.", "Nets dry on the wall."]


def _guess(path: Path, *sets: str) -> dict[str, str]:
    config = load_config(None, sets)
    changed, guessed = guess_fields(plan_splits([str(path)], config.input).splits, config)
    assert all(getattr(changed.input, key) == name for key, name in guessed.items())
    return guessed


def _records(**fields: str) -> list[dict[str, Any]]:
    return [{name: value.format(n=n, line=line) for name, value in fields.items()} for n, line in enumerate(LINES)]


@pytest.mark.parametrize(
    ("fields", "guessed"),
    [
        ({"text": "{line}", "content": "{line}"}, {}),
        ({"content": "{line}", "body": "{line}"}, {"text_column": "content"}),
        ({"html": "{line}"}, {}),
        ({"text": "{line}", "link": "https://pier.example/{n}"}, {"url_column": "link"}),
        ({"text": "{line}", "link": "see page {n}"}, {}),
        ({"text": "{line}", "url": "https://pier.example/{n}", "link": "https://pier.example/{n}"}, {}),
        (
            {"body": "{line}", "uri": "https://pier.example/{n}"},
            {"text_column": "body", "url_column": "uri"},
        ),
    ],
)
def test_fields_are_guessed_by_name_and_values(tmp_path: Path, fields: dict[str, str], guessed: dict[str, str]) -> None:
    assert _guess(write_jsonl(tmp_path / "in.jsonl", _records(**fields))) == guessed


def test_what_is_named_is_not_guessed(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "in.jsonl", _records(body="{line}", uri="https://pier.example/{n}"))
    assert _guess(path, "input.text_column=text", "input.url_column=null") == {}
    assert _guess(path, "input.keep_columns={uri: string}") == {"text_column": "body"}


def test_all_formats_with_fields_are_looked_at(tmp_path: Path) -> None:
    pq.write_table(pa.table({"body": LINES}), tmp_path / "a.parquet")
    assert _guess(tmp_path) == {"text_column": "body"}
    (tmp_path / "b.csv").write_text("body\n" + "\n".join(LINES), encoding="utf-8")
    (tmp_path / "c.txt").write_text(LINES[0], encoding="utf-8")
    assert _guess(tmp_path, "input.split_bytes=1024") == {"text_column": "body"}
    write_jsonl(tmp_path / "d.jsonl", _records(text="{line}"))
    assert _guess(tmp_path, "input.split_bytes=1024") == {}


@pytest.mark.beam
def test_the_run_the_plan_and_the_summary_say_what_was_guessed(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "in.jsonl", _records(content="{line}"))
    said = "text: column content"
    planned = CliRunner().invoke(app, ["plan", str(path)])
    assert said in planned.output
    ran = CliRunner().invoke(app, ["run", str(path), "--output", str(tmp_path / "out")])
    assert f"{said} (guessed; --set input.text_column=... names another)" in ran.output
    assert f"Fields: {said} (guessed;" in ran.output
    named = run_corpus(path, tmp_path / "named", "input.text_column=content")
    assert [row["text"] for row in rows(tmp_path / "out", "corpus")] == LINES
    assert rows(tmp_path / "out", "corpus") == rows(tmp_path / "named", "corpus")
    assert named["input"]["guessed"] == {}
