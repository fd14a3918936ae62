"""`corpusmill refilter` gives what a fresh run with the other limits gives, byte for byte."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from corpusmill.cli import app
from corpusmill.config import ConfigError, load_config
from corpusmill.reports.corpus import read_corpus
from corpusmill.runs.refilter import refilter
from corpusmill.runs.run_folder import OutputError
from corpusmill.transforms.layout import RESULTS, STATISTICS
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
    "statistics",
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


def _rows(out: Path) -> dict[str, list[dict[str, Any]]]:
    """All rows but the sums, which are of whole shards, and those may begin elsewhere."""
    return {folder: rows(out, folder) for folder in RESULTS if folder != STATISTICS}


def test_other_limits_give_what_a_fresh_run_gives(tmp_path: Path) -> None:
    documents = _documents(2, 80)
    inputs = write_jsonl(tmp_path / "in.jsonl", documents)
    sets = (*SETS, "dedup.keep=longest", "dedup.max_bucket_all_pairs=2", "dedup.leaders=1")
    made = {name: run_corpus(inputs, tmp_path / name, *sets, *LIMITS[name]) for name in ("loose", "some")}
    assert made["loose"]["documents"]["kept"] > made["some"]["documents"]["kept"] > 9
    assert made["some"]["documents"]["duplicate"] > 5
    before = digests(tmp_path / "some", "*")
    for name, other in (("some", "loose"), ("loose", "some")):
        refilter(str(tmp_path / name), LIMITS[other], str(tmp_path / f"to-{other}"))
        _equal(tmp_path / f"to-{other}", tmp_path / other)
        check_accounts(tmp_path / f"to-{other}", len(documents))
    assert digests(tmp_path / "some", "*") == before


def test_shards_kept_documents_and_values_within_which_duplicates_are_looked_for(tmp_path: Path) -> None:
    inputs = write_jsonl(tmp_path / "in.jsonl", _documents(3, 80))
    small = ("input.split_bytes=3000", "output.shard_size=3000", "output.index=false")
    sets = (*SETS, *small, "dedup.within=score", "dedup.keep=highest score", "dedup.exempt=['*.none']")
    for name in ("some", "strict"):
        run_corpus(inputs, tmp_path / name, *sets, *LIMITS[name])
    refilter(str(tmp_path / "some"), LIMITS["strict"], str(tmp_path / "made"))
    assert len([*(tmp_path / "made" / "corpus").iterdir()]) > 1
    assert _rows(tmp_path / "made") == _rows(tmp_path / "strict")
    nothing = refilter(str(tmp_path / "some"), ["filter.gopher.min_words=9999"], str(tmp_path / "nothing"))
    assert nothing["documents"]["kept"] == 0
    assert read_corpus(str(tmp_path / "nothing")).empty
    refilter(str(tmp_path / "nothing"), LIMITS["some"], str(tmp_path / "back"))
    assert _rows(tmp_path / "back") == _rows(tmp_path / "some")


def test_presets_conditions_and_functions_change_as_in_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "refilter_length.py").write_text(
        "import pyarrow.compute as pc\ndef letters(batch):\n    return pc.utf8_length(batch['text'])\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    inputs = write_jsonl(tmp_path / "in.jsonl", _documents(4, 60))
    before = ("filter.presets=[gopher, fineweb]", *LIMITS["some"], "filter.functions=['refilter_length:letters > 9']")
    after = (
        "filter.presets=[gopher]",
        *LIMITS["strict"],
        "filter.columns={score: '>= 1'}",
        "filter.functions=['refilter_length:letters > 300']",
    )
    fineweb = "filter.fineweb={min_terminal_lines: null, max_repeated_characters: null, max_short_lines: null}"
    run_corpus(inputs, tmp_path / "out", *SETS, fineweb, *before)
    fresh = run_corpus(inputs, tmp_path / "fresh", *SETS, fineweb, *after)
    refilter(str(tmp_path / "out"), after, str(tmp_path / "made"))
    assert {"filter.columns.score", "filter.functions.refilter_length:letters"} <= {*fresh["reasons"]}
    _equal(tmp_path / "made", tmp_path / "fresh")
    with pytest.raises(ConfigError, match=r"min_words \d+ documents would come.* before filter\.functions were"):
        refilter(str(tmp_path / "fresh"), ["filter.gopher.min_words=1"], str(tmp_path / "other"))


def test_conditions_on_columns_alone_change_in_any_order_of_names(tmp_path: Path) -> None:
    documents = [{**record, "age": len(record["text"]) % 5} for record in _documents(6, 40)]
    inputs = write_jsonl(tmp_path / "in.jsonl", documents)
    sets = ("boilerplate.enabled=false", "dedup.threshold=0.6", "input.keep_columns={score: int64, age: int64}")
    looser, stricter = ("filter.columns={score: '>= 1'}", "filter.columns={score: '>= 1', age: '!= 0'}")
    run_corpus(inputs, tmp_path / "out", *sets, looser)
    fresh = run_corpus(inputs, tmp_path / "fresh", *sets, stricter)
    assert {"filter.columns.score", "filter.columns.age"} <= {*fresh["reasons"]}
    refilter(str(tmp_path / "out"), [stricter], str(tmp_path / "made"))
    _equal(tmp_path / "made", tmp_path / "fresh")


def test_without_the_texts_of_dropped_documents_limits_can_only_drop_more(tmp_path: Path) -> None:
    inputs = write_jsonl(tmp_path / "in.jsonl", _documents(5, 40))
    sets = (*SETS, "output.filtered=false", "filter.columns={score: '!= 2'}")
    run_corpus(inputs, tmp_path / "out", *sets, *LIMITS["some"])
    run_corpus(inputs, tmp_path / "fresh", *sets, *LIMITS["strict"])
    assert not (tmp_path / "out" / "filtered").exists()
    arguments = ["refilter", str(tmp_path / "out"), "--output", str(tmp_path / "made")]
    result = CliRunner().invoke(app, [*arguments, *(f"--set={limit}" for limit in LIMITS["strict"])])
    assert result.exit_code == 0, result.output
    _equal(tmp_path / "made", tmp_path / "fresh")
    result = CliRunner().invoke(app, [*arguments, "--overwrite", "--set=filter.gopher.min_words=5"])
    assert result.exit_code == 2
    shown = " ".join(result.output.split())
    assert "with filter.gopher.min_words" in shown
    assert "run it again with --set output.filtered=true" in shown
    again = refilter(str(tmp_path / "out"), LIMITS["strict"], str(tmp_path / "made"))
    assert again["refilter"]["changed"] == ["filter.gopher.max_ellipsis_ratio", "filter.gopher.min_words"]
    with pytest.raises(OutputError, match="--overwrite"):
        refilter(str(tmp_path / "out"), ["filter.gopher.min_words=60"], str(tmp_path / "made"))


def _finished(folder: Path, change: dict[str, Any], sets: tuple[str, ...] = ("filter.presets=[gopher]",)) -> str:
    """The manifest of a run, without its files."""
    manifest = {
        "identity": {},
        "documents": {},
        "files": {},
        "metadata": {},
        "against": [],
        "reasons": {},
        "config": load_config(None, sets).model_dump(mode="json"),
        **change,
    }
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return str(folder)


@pytest.mark.parametrize(
    ("change", "sets", "message"),
    [
        ({}, (), r"has no scores.*--set 'filter\.presets=\[gopher\]'"),
        ({"against": [{"path": "old"}]}, None, "made --against earlier corpora"),
        ({"reasons": {"filter.function-failed": 3}}, None, r"a function of filter\.functions raised on 3 documents"),
        ({}, ("filter.presets=[c4]", "output.pairs=false"), r"run it again with --set output\.pairs=true"),
        ({}, ("filter.presets=[c4]", "output.corpus=false"), "no texts"),
        ({}, ("filter.presets=[c4]", "dedup.paragraphs.keep=first"), "run it again with the other limits"),
    ],
)
def test_runs_that_hold_too_little_are_refused(
    tmp_path: Path, change: dict[str, Any], sets: tuple[str, ...] | None, message: str
) -> None:
    out = _finished(tmp_path / "out", change, ("filter.presets=[gopher]",) if sets is None else sets)
    with pytest.raises(ConfigError, match=message):
        refilter(out, ["filter.gopher.min_words=80"], str(tmp_path / "new"))
