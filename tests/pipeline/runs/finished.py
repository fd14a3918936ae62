"""A finished run, of which other corpora are made."""

from pathlib import Path
from typing import Any

from corpusmill.runs.remake import Order, config_of, read_finished
from corpusmill.transforms.layout import Output
from tests.support import run_corpus, write_jsonl

SETS = (
    "boilerplate.enabled=false",
    "normalize.enabled=false",
    "dedup.threshold=0.6",
    "input.keep_columns={score: int64}",
)


def finished(folder: Path, documents: list[dict[str, Any]], *sets: str) -> Path:
    """Run on documents; return the output folder."""
    run_corpus(write_jsonl(folder / "in.jsonl", documents), folder / "out", *SETS, *sets)
    return folder / "out"


def order_of(out: Path, target: Path, command: str = "remake") -> Order:
    """Return the order to make another corpus of a finished run, with its own settings."""
    manifest = read_finished(str(out), "other settings")
    Path(Output(str(target)).state.path).mkdir(parents=True, exist_ok=True)
    return Order(command, str(out), str(target), manifest, config_of(manifest))
