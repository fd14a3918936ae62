"""`corpusmill refilter` gives what a fresh run with the other limits gives, byte for byte."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from corpusmill.cli import app
from corpusmill.config import ConfigError
from corpusmill.runs.refilter import refilter
from corpusmill.transforms.layout import RESULTS
from tests.families import WORDS, corpus
from tests.support import check_accounts, digests, rows, run_corpus, write_jsonl

pytestmark = pytest.mark.beam

SETS = (
    "boilerplate.enabled=false",
    "dedup.threshold=0.6",
    "input.keep_columns={score: int64}",
    "filter.presets=[gopher]",
    "filter.gopher={min_mean_word_length: null, max_mean_word_length: null, min_stop_words: null}",
)
FIGURES = (
    "documents",
    "reasons",
    "chars",
    "text_bytes",
    "scores",
    "languages",
    "capped",
    "unranked",
    "config",
    "metadata",
    "files",
    "checksums",
    "repairs",
    "lines_removed",
    "columns",
    "repeated_ids",
)


def _documents(seed: int, count: int) -> list[dict[str, Any]]:
    """Families whose members differ in length, or in ellipses only: one rule drops some, and not their duplicates."""
    rng = random.Random(seed)
    found = []
    for record in corpus(seed, count):
        found.append(record)
        for copy in range(rng.choice((0, 0, 1, 2))):
            end = rng.choice((" ... ...", " ...", f" {WORDS[copy]} {WORDS[5]}", " ... ... ..."))
            found.append({"id": f"{record['id']}-{copy}", "text": f"{record['text']}{end}", "score": record["score"]})
    rng.shuffle(found)
    return found


LIMITS = {
    "loose": ("filter.gopher.min_words=10", "filter.gopher.max_ellipsis_ratio=0.5"),
    "some": ("filter.gopher.min_words=40", "filter.gopher.max_ellipsis_ratio=0.03"),
    "strict": ("filter.gopher.min_words=50", "filter.gopher.max_ellipsis_ratio=0"),
}


def _equal(made: Path, fresh: Path) -> None:
    assert digests(made, *RESULTS) == digests(fresh, *RESULTS)
    ours, theirs = (json.loads((out / "manifest.json").read_text()) for out in (made, fresh))
    assert {name: ours[name] for name in FIGURES} == {name: theirs[name] for name in FIGURES}
    names = ("removed", "id", "lowest", "highest", "samples")
    families = [[{name: family[name] for name in names} for family in one["families"]] for one in (ours, theirs)]
    assert families[0] == families[1]


@pytest.mark.parametrize(
    ("seed", "more"),
    [
        (1, ("dedup.keep=first",)),
        (2, ("dedup.keep=longest", "dedup.max_bucket_all_pairs=2", "dedup.leaders=1")),
        (3, ("dedup.keep=highest score", "dedup.within=score", "dedup.max_bucket_all_pairs=3", "dedup.leaders=1")),
    ],
)
def test_other_limits_give_what_a_fresh_run_gives(tmp_path: Path, seed: int, more: tuple[str, ...]) -> None:
    documents = _documents(seed, 100)
    inputs = write_jsonl(tmp_path / "in.jsonl", documents)
    made = {name: run_corpus(inputs, tmp_path / name, *SETS, *more, *limits) for name, limits in LIMITS.items()}
    kept = [made[name]["documents"]["kept"] for name in LIMITS]
    assert kept[0] > kept[1] > kept[2] > 0
    assert made["some"]["documents"]["duplicate"] > 5
    before = digests(tmp_path / "some", "*")
    for name, limits in LIMITS.items():
        refilter(str(tmp_path / "some"), limits, str(tmp_path / f"to-{name}"))
        _equal(tmp_path / f"to-{name}", tmp_path / name)
        check_accounts(tmp_path / f"to-{name}", len(documents))
    assert digests(tmp_path / "some", "*") == before
    refilter(str(tmp_path / "to-strict"), LIMITS["loose"], str(tmp_path / "back"))
    _equal(tmp_path / "back", tmp_path / "loose")
