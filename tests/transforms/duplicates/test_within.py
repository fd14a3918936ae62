"""`dedup.within`: duplicates only of documents with an equal value of a column, in whole runs."""

import random
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from corpusmill.cli import app
from corpusmill.config import ConfigError, load_config
from corpusmill.runs.rethreshold import rethreshold
from corpusmill.transforms.duplicates import candidates
from corpusmill.transforms.kernels.duplicates.document_keys import document_keys
from corpusmill.transforms.kernels.duplicates.keep_order import STAYS
from corpusmill.transforms.kernels.duplicates.near_duplicates import find_duplicates
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.errors import DataRefusedError
from tests.families import corpus
from tests.support import check_accounts, decisions, rows, run_corpus, write_jsonl

pytestmark = pytest.mark.beam

LANGS = ("de", None)
SETS = (
    "boilerplate.enabled=false",
    "dedup.recall=0.999999",
    "dedup.num_perm=256",
    "input.keep_columns={lang: string}",
    "output.shard_size=4000",
)
WITHIN = (*SETS, "dedup.within=lang")


def _documents(seed: int, n: int, name: str = "") -> list[dict[str, Any]]:
    rng = random.Random(seed)
    found = []
    for document in corpus(seed, n):
        lang = rng.choice(LANGS)
        own = {"lang": lang} if lang or rng.random() < 0.5 else {}
        found.append(document | own | {"id": f"{name}{document['id']}"})
    return [document for document in found if document["text"]]


def _value_by_value(
    documents: list[dict[str, Any]], old: Sequence[dict[str, Any]] = (), threshold: float = 0.8
) -> dict[str, str]:
    """Removed document -> partner, each value looked at by itself."""
    settings = DedupSettings(threshold=threshold, recall=0.999999, num_perm=256)
    removed: dict[str, str] = {}
    for lang in LANGS:
        own = [document for document in [*old, *documents] if document.get("lang") == lang]
        stays = np.array([STAYS if document in old else 0 for document in own], np.int64)
        found = find_duplicates(pa.array([document["text"] for document in own]), settings, stays)
        removed |= {
            own[document]["id"]: own[partner]["id"]
            for document, partner in zip(found.removed.tolist(), found.partner.tolist(), strict=True)
        }
    return removed


def _removed(out: Any) -> dict[str, str]:
    return {name: partner for name, (kind, _, partner) in decisions(out).items() if kind == "duplicate"}


@pytest.mark.parametrize(
    "more", [("input.split_bytes=2000", "input.batch_bytes=1500", "run.memory=1000000"), ("dedup.seed=7",)]
)
def test_a_run_decides_each_value_by_itself_whatever_the_batches(
    tmp_path: Path, more: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = _documents(1, 150)
    inputs = write_jsonl(tmp_path / "in.jsonl", documents)
    if "dedup.seed=7" in more:  # documents with different values meet, as they may by chance
        monkeypatch.setattr(candidates, "band_keys_within", lambda keys, _values: keys)
    run_corpus(inputs, tmp_path / "out", *WITHIN, *more)
    check_accounts(tmp_path / "out", len(documents))
    found = _removed(tmp_path / "out")
    assert found == _value_by_value(documents)
    everywhere = find_duplicates(pa.array([document["text"] for document in documents]), DedupSettings())
    assert 10 < len(found) < len(everywhere.removed)
    assert {reason for _, reason, _ in decisions(tmp_path / "out").values()} == {None, "dedup.exact", "dedup.near"}


EARLIER = _documents(5, 140, "x")
OLD, NEW = EARLIER[:60], EARLIER[60:]


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An earlier corpus."""
    folder = tmp_path_factory.mktemp("old")
    run_corpus(write_jsonl(folder / "in.jsonl", OLD), folder / "out", *WITHIN)
    return folder / "out"


@pytest.mark.parametrize("index", [True, False])
def test_earlier_corpora_are_compared_value_by_value_too(old: Path, tmp_path: Path, index: bool) -> None:
    """Their index knows nothing of the column: it serves every run, also one that names a column."""
    shutil.copytree(old, tmp_path / "old", ignore=None if index else shutil.ignore_patterns("index"))
    run_corpus(write_jsonl(tmp_path / "new.jsonl", NEW), tmp_path / "new", *WITHIN, against=(tmp_path / "old",))
    kept = [document for document in OLD if document["id"] not in _value_by_value(OLD)]
    assert _removed(tmp_path / "new") == _value_by_value(NEW, kept)
    assert any(row["partner_corpus"] for row in rows(tmp_path / "new", "audit"))


def test_an_earlier_corpus_without_the_column_is_refused_with_the_nearest_name(old: Path, tmp_path: Path) -> None:
    inputs = write_jsonl(tmp_path / "in.jsonl", NEW)
    other = (*SETS, "input.keep_columns={language: string}", "dedup.within=language")
    with pytest.raises(ConfigError, match=r"its corpus has no column 'language'.*dedup.*did you mean 'lang'\?"):
        run_corpus(inputs, tmp_path / "new", *other, against=(old,))


def test_another_threshold_keeps_to_the_column_and_the_index_knows_nothing_of_it(tmp_path: Path) -> None:
    documents = _documents(7, 150)
    inputs = write_jsonl(tmp_path / "in.jsonl", documents)
    run_corpus(inputs, tmp_path / "low", *WITHIN, "dedup.threshold=0.6")
    made = rethreshold(str(tmp_path / "low"), 0.85, str(tmp_path / "made"))
    assert made["config"]["dedup"]["within"] == "lang"
    expected = _value_by_value(documents, threshold=0.85)
    assert _removed(tmp_path / "made") == expected
    assert len(expected) < len(_removed(tmp_path / "low"))
    texts = {document["id"]: document["text"] for document in documents}
    index = rows(tmp_path / "made", "index")
    keys = document_keys(pa.array([texts[row["id"]].strip() for row in index]), DedupSettings())
    assert [row["group_key"] for row in index] == [key.astype("<u8").tobytes() for key in keys.group_key]


def test_the_source_may_be_the_column_and_paragraphs_keep_to_it(tmp_path: Path) -> None:
    shared = "All rights to the drawings on this page remain with the harbour museum and with the heirs of the painter."
    own = [
        f"The {k}th letter from the capital was about the railway and the {k + 30} bridges on the way."
        for k in range(4)
    ]
    for name in ("one", "two"):
        write_jsonl(
            tmp_path / f"{name}.jsonl", [{"id": f"{name}{k}", "text": f"{own[k]}\n\n{shared}"} for k in range(2)]
        )
    sets = ("boilerplate.enabled=false", "dedup.within=source", "dedup.paragraphs.keep=first")
    run_corpus([tmp_path / "one.jsonl", tmp_path / "two.jsonl"], tmp_path / "out", *sets)
    texts = {row["id"]: row["text"] for row in rows(tmp_path / "out", "corpus")}
    assert texts == {
        "one0": f"{own[0]}\n\n{shared}",
        "one1": own[1],
        "two0": f"{own[0]}\n\n{shared}",
        "two1": own[1],
    }


def test_a_column_that_is_not_kept_or_holds_lists_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"'lagn', which is not kept: .*\{lagn: string\}; did you mean 'lang'\?"):
        load_config(None, ["input.keep_columns={lang: string}", "dedup.within=lagn"])
    with pytest.raises(ConfigError, match=r"'tags', which holds lists \(list<string>\)"):
        load_config(None, ["input.keep_columns={tags: list<string>}", "dedup.within=tags"])


MISSING = ("input.keep_columns={lagn: string}", "dedup.within=lagn", "boilerplate.enabled=false")


def test_a_column_that_no_input_has_ends_the_run_with_the_nearest_name(tmp_path: Path) -> None:
    inputs = write_jsonl(tmp_path / "in.jsonl", _documents(8, 20))
    with pytest.raises(DataRefusedError) as error:
        run_corpus(inputs, tmp_path / "out", *MISSING)
    said = "no record of the input has a value of the column 'lagn' (dedup.within); did you mean 'lang'?"
    assert str(error.value) == said
    assert not (tmp_path / "out").exists()
    planned = CliRunner().invoke(app, ["plan", str(inputs), *(part for key in MISSING for part in ("--set", key))])
    assert planned.exit_code == 3
    assert said in " ".join(planned.output.split())
    run_corpus(inputs, tmp_path / "out", *MISSING, "dedup.enabled=false")


def test_what_a_sample_cannot_tell_of_the_column_is_told_when_all_is_read(tmp_path: Path) -> None:
    long = [{"id": f"l{n}", "lang": "en", "text": f"{n} " + "Rain on the quay. " * 60_000} for n in range(12)]
    inputs = write_jsonl(tmp_path / "in.jsonl", long)
    with pytest.raises(DataRefusedError, match=r"the column 'lagn' \(dedup.within\); did you mean 'lang'\?"):
        run_corpus(inputs, tmp_path / "out", *MISSING)
    with pytest.raises(DataRefusedError, match=r"fits its type, but 12 have others, such as .*en.*keep_columns"):
        run_corpus(inputs, tmp_path / "number", *SETS, "input.keep_columns={lang: int64}", "dedup.within=lang")
