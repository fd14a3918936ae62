"""The last screen of a run: shares, where the characters went, examples, and what to look at next."""

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from corpusmill.config import load_config
from corpusmill.inputs.estimate import estimate_request, render_estimate
from corpusmill.reports.corpus import read_manifest
from corpusmill.reports.losses import gather_losses
from corpusmill.reports.summary import print_summary
from corpusmill.request import Request
from tests.support import rows, run_corpus, write_jsonl

pytestmark = pytest.mark.beam


@pytest.fixture
def demo(demo_output: Path) -> str:
    return str(demo_output)


def shown(out: str, width: int) -> list[str]:
    stream = io.StringIO()
    print_summary(Console(file=stream, width=width), read_manifest(out), out)
    return [line.rstrip() for line in stream.getvalue().splitlines()]


def test_the_summary_has_shares_the_way_of_the_characters_examples_and_next_commands(demo: Any) -> None:
    lines = shown(demo, 200)
    assert "30  68.2 %  kept                   7,490 characters, 63.6 %" in lines
    assert (
        "Characters: 11,774 read = 7,490 kept + 3,270 in duplicates + 140 in filtered documents + 586 in removed lines "
        "+ 288 by repairs."
    ) in lines
    assert "dedup.near         blog/kites-rewritten, 0.895 like blog/kites" in lines
    assert any(line.startswith("Lines removed: 51 (boilerplate.learned-line 18, ") for line in lines)
    (following,) = (line for line in lines if line.startswith("Next: "))
    first, second = f"corpusmill sample {demo} --reason dedup.exact", f"corpusmill explain {demo} blog/kites-copy"
    assert following == f"Next: {first}   or   {second}"


def test_where_the_characters_went_adds_up(demo: Any) -> None:
    manifest = read_manifest(demo)
    found = gather_losses(demo, manifest)
    assert found is not None
    gone = found.duplicates + found.filtered + found.lines + found.repairs
    assert manifest["chars"]["in"] == manifest["chars"]["out"] + gone
    audit = rows(Path(demo), "audit")
    assert found.duplicates == sum(row["chars_in"] for row in audit if row["decision"] == "duplicate")
    assert set(found.examples) == set(manifest["reasons"])
    for reason, example in found.examples.items():
        assert example["id"] == next(row["id"] for row in audit if row["reason"] == reason)


@pytest.mark.parametrize("width", [60, 120])
def test_no_line_but_those_to_be_copied_is_wider_than_the_terminal(demo: Any, width: int) -> None:
    whole = ("Corpus: ", "Look at: ", "Next: ")
    assert all(len(line) <= width for line in shown(demo, width) if not line.startswith(whole))


def test_compressed_input_is_called_so_and_plain_input_is_not(demo: Any, tmp_path: Path) -> None:
    assert any("of files in, compressed; 8.3 kB of text out" in line for line in shown(demo, 200))
    run_corpus(write_jsonl(tmp_path / "in.jsonl", [{"text": "Rope."}]), tmp_path / "out")
    lines = shown(str(tmp_path / "out"), 200)
    assert any("of files in; 5 bytes of text out" in line for line in lines)
    assert any(line.startswith("1 ") and "document in " in line for line in lines)
    assert not any(line.startswith("Next: ") for line in lines)  # nothing was removed


def test_one_is_singular_in_a_plan(tmp_path: Path) -> None:
    inputs = write_jsonl(tmp_path / "in.jsonl", [{"text": "Rope."}])
    config = load_config(None)
    stream = io.StringIO()
    found = estimate_request(Request(config, [str(inputs)], ""))
    Console(file=stream, width=200).print(render_estimate(found, config.dedup))
    assert "in 1 file, 1 split " in stream.getvalue()
