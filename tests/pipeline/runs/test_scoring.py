"""Scores and decisions in whole runs."""

import itertools
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from corpusmill.config import ConfigError, load_config
from corpusmill.reports.document_history import Story, render_story
from corpusmill.runs.rethreshold import rethreshold
from corpusmill.transforms.kernels.errors import UsageError
from corpusmill.transforms.layout import RESULTS
from tests.quality_texts import SENTENCES, texts
from tests.support import check_accounts, digests, rows, run_corpus, write_jsonl

GOOD = " ".join(SENTENCES["eng"])
PRESETS = "filter.presets=[gopher, gopher-repetition, c4, fineweb, refinedweb]"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    records = [{"id": f"t{row}", "text": text, "edu": row % 4} for row, text in enumerate(texts())]
    records += [{"id": f"good-{name}", "text": GOOD.replace("baker", name), "edu": 3} for name in ("miller", "tailor")]
    records += [
        {"id": "near", "text": GOOD.replace("baker", "miller").replace("river rose", "stream grew"), "edu": 3},
        {"id": "bad"},
    ]
    return write_jsonl(tmp_path_factory.mktemp("scoring") / "in.jsonl", records), len(records)


@pytest.mark.beam
def test_scores_decide_and_the_audit_names_rule_score_and_limit(source: tuple[Path, int], tmp_path: Path) -> None:
    path, count = source
    out = tmp_path / "out"
    sets = ("filter.presets=[gopher]", "filter.gopher.max_mean_word_length=null", "dedup.threshold=0.7")
    manifest = run_corpus(path, out, *sets)
    check_accounts(out, count)
    audit = {row["id"]: row for row in rows(out, "audit")}
    scores = {row["id"]: row for row in rows(out, "scores")}
    assert set(scores) == {name for name, row in audit.items() if row["decision"] != "rejected"}
    assert (audit["t3"]["decision"], audit["t3"]["reason"], audit["t3"]["detail"]) == (
        "filtered",
        "quality.gopher-min-words",
        "1 < 50",
    )
    assert scores["t3"]["gopher_words"] == 1
    assert (audit["good-miller"]["decision"], audit["good-miller"]["detail"]) == ("kept", None)
    assert scores["good-miller"]["gopher_words"] > 50
    assert audit["near"]["decision"] == "duplicate"
    assert scores["near"]["gopher_words"] == scores["good-miller"]["gopher_words"]
    histogram = manifest["scores"]["gopher_words"]
    numbers = [row["gopher_words"] for row in scores.values() if row["gopher_words"] is not None]
    edges = [*histogram["from"], float("inf")]
    bins = itertools.pairwise(edges)
    assert histogram["documents"] == [sum(low <= number < high for number in numbers) for low, high in bins]
    assert sum(histogram["stay"]) == manifest["documents"]["kept"] + manifest["documents"]["duplicate"]
    assert manifest["reasons"]["quality.gopher-min-words"] == sum(
        row["reason"] == "quality.gopher-min-words" for row in audit.values()
    )
    assert "dropped by the rule quality.gopher-min-words: 1 < 50" in render_story(Story(audit["t3"])).plain
    again = tmp_path / "higher"
    changed = rethreshold(str(out), 0.95, str(again))
    assert changed["documents"]["kept"] > manifest["documents"]["kept"]
    assert {row["id"]: row["decision"] for row in rows(again, "audit")}["near"] == "kept"
    check_accounts(again, count)
    assert rows(again, "scores") == rows(out, "scores")
    assert {row["id"]: row["detail"] for row in rows(again, "audit")} == {
        name: row["detail"] for name, row in audit.items()
    }


@pytest.mark.beam
def test_without_a_preset_nothing_is_scored(source: tuple[Path, int], tmp_path: Path) -> None:
    path, _ = source
    run_corpus(path, tmp_path / "out")
    assert not (tmp_path / "out" / "scores").exists()
    audit = next((tmp_path / "out" / "audit").glob("*.parquet"))
    assert "detail" not in pq.read_schema(audit).names


@pytest.fixture(scope="module")
def scored(source: tuple[Path, int], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of all presets, with its state."""
    out = tmp_path_factory.mktemp("scored") / "out"
    run_corpus(source[0], out, PRESETS, "output.keep_state=true")
    return out


@pytest.mark.beam
def test_scores_do_not_depend_on_splits_batches_and_workers(
    source: tuple[Path, int], scored: Path, tmp_path: Path
) -> None:
    small = ("input.split_bytes=16384", "input.batch_bytes=8192", PRESETS)
    manifest = run_corpus(source[0], tmp_path / "out", *small, "run.workers=2", "run.mode=threads")
    assert manifest["input"]["splits"] > 3
    assert rows(tmp_path / "out", "scores") == rows(scored, "scores")
    assert rows(tmp_path / "out", "audit") == rows(scored, "audit")


@pytest.mark.beam
def test_a_damaged_score_is_made_again(source: tuple[Path, int], scored: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(scored, out)
    before = digests(out, *RESULTS)
    for folder in ("scores", "scored"):
        (file,) = (out / "_state" / folder).glob("*")
        file.write_bytes(file.read_bytes()[:-40])
    (out / "manifest.json").unlink()
    for file in [*(out / "_state" / "shards").glob("*"), *(out / "scores").glob("*")]:
        file.unlink()
    run_corpus(source[0], out, PRESETS, "output.keep_state=true")
    assert digests(out, *RESULTS) == before


@pytest.mark.beam
def test_columns_functions_and_languages_in_one_run(
    source: tuple[Path, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pycld2")
    path, count = source
    (tmp_path / "own_length.py").write_text(
        "import pyarrow.compute as pc\n"
        "def characters(batch):\n"
        "    if 'good-tailor' in batch['id'].to_pylist():\n"
        "        raise RuntimeError('no tailors')\n"
        "    return pc.utf8_length(batch['text'])\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    out = tmp_path / "out"
    manifest = run_corpus(
        path,
        out,
        "language.enabled=true",
        "language.keep=[eng]",
        "input.keep_columns={edu: int64}",
        'filter.columns={edu: ">= 2"}',
        'filter.functions=["own_length:characters > 100"]',
    )
    check_accounts(out, count)
    reasons = {row["reason"] for row in rows(out, "audit")}
    assert {"language.keep", "filter.columns.edu", "filter.functions.own_length:characters"} <= reasons
    (rejected,) = (row for row in rows(out, "rejected") if row["reason"] == "filter.function-failed")
    assert (rejected["id"], rejected["error"]) == (
        "good-tailor",
        "own_length:characters raised RuntimeError: no tailors",
    )
    assert manifest["languages"]["eng"]["stay"] == manifest["documents"]["kept"] + manifest["documents"]["duplicate"]
    assert manifest["languages"]["rus"]["stay"] == 0 < manifest["languages"]["rus"]["documents"]
    corpus = rows(out, "corpus")
    assert {(row["language"], row["script"]) for row in corpus} == {("eng", "Latn")}
    assert all(row["edu"] >= 2 and len(row["text"]) > 100 and 0 < row["language_score"] <= 1 for row in corpus)


@pytest.mark.beam
def test_duplicates_are_looked_for_within_the_languages_that_were_found(tmp_path: Path) -> None:
    pytest.importorskip("pycld2")
    german, english = SENTENCES["deu"], SENTENCES["eng"]
    records = [
        {"id": "german", "text": "\n".join([*german, english[0]])},
        {"id": "english", "text": "\n".join([*german, *english[:2]])},
    ]
    path = write_jsonl(tmp_path / "in.jsonl", records)
    sets = ("language.enabled=true", "dedup.threshold=0.5")
    run_corpus(path, tmp_path / "all", *sets)
    assert sorted(row["decision"] for row in rows(tmp_path / "all", "audit")) == ["duplicate", "kept"]
    run_corpus(path, tmp_path / "within", *sets, "dedup.within=language")
    assert [row["language"] for row in rows(tmp_path / "within", "corpus")] == ["deu", "eng"]
    with pytest.raises(ConfigError, match=r"dedup\.within looks at the column 'language'"):
        load_config(None, ["dedup.within=language"])


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("filter.presets=[gofer]", "there is no preset 'gofer'; did you mean 'gopher'?"),
        ("filter.presets=[xyz]", "there are gopher, gopher-repetition, c4, fineweb, refinedweb"),
        ("filter.gopher.min_word=3", "did you mean 'filter.gopher.min_words'?"),
        ('filter.columns={edu: ">= 3"}', "add it to input.keep_columns"),
        ("filter.columns={edu: 3}", "filter.columns.edu"),
        ("filter.functions=[score]", "'score' names no function"),
        ("filter.languages={deu: {}}", "set language.enabled=true"),
        ("filter.languages={deu: {gopher: {min_wrods: 3}}}", "languages.deu.gopher.min_wrods"),
        ("filter.languages={german: {presets: []}}", "'german' is no language"),
        ("language.keep=[eng]", "set language.enabled=true"),
        ("language={enabled: true, detector: fasttext}", "detector fasttext needs a model"),
    ],
)
def test_what_cannot_be_is_said_with_the_remedy(override: str, message: str) -> None:
    with pytest.raises(ConfigError) as found:
        load_config(None, [override])
    assert message in str(found.value)


def test_a_column_of_the_input_cannot_hide_the_language() -> None:
    sets = ["language.enabled=true", "input.keep_columns={language: string}"]
    with pytest.raises(ConfigError, match=r"language\.enabled adds"):
        load_config(None, sets)


@pytest.mark.parametrize("name", ["detail", "gopher_words", "score"])
def test_a_column_of_the_input_cannot_hide_a_score(name: str) -> None:
    sets = ["filter.presets=[gopher]", "filter.functions=[own:score]", f"input.keep_columns={{{name}: string}}"]
    with pytest.raises(ConfigError, match=rf"keep_columns names '{name}', a column that the scores"):
        load_config(None, sets)
    assert load_config(None, sets[2:]).input.keep_columns == {name: "string"}


def test_a_function_that_is_not_there_ends_a_run_before_it_begins(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "in.jsonl", [{"id": "a", "text": "One."}])
    with pytest.raises(UsageError, match="cannot be imported"):
        run_corpus(path, tmp_path / "out", "filter.functions=[no_such_module:score]")
