"""What scores decide."""

from importlib.util import find_spec

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from corpusmill.transforms.kernels.cleaning.filter import FilterSettings
from corpusmill.transforms.kernels.errors import UsageError
from corpusmill.transforms.kernels.language.settings import LanguageSettings
from corpusmill.transforms.scoring.decisions import (
    Verdict,
    groups,
    is_score_rule,
    judge_again,
    judge_columns,
    judge_languages,
)
from corpusmill.transforms.scoring.scorer import Scorer, Scoring
from tests.quality_texts import texts
from tests.transforms.scoring.test_scorer import ENGLISH, GERMAN, documents


def test_the_first_decision_counts() -> None:
    verdict = Verdict(3)
    verdict.filter(0, "language.keep", "eng not in deu")
    verdict.filter(0, "quality.gopher-min-words", "1 < 50")
    verdict.reject(0, "too late")
    verdict.reject(2, "own:grade raised ValueError")
    assert [verdict.is_open(row) for row in range(3)] == [False, True, False]
    assert {name: column.to_pylist() for name, column in verdict.columns().items()} == {
        "decision": ["filtered", None, "rejected"],
        "reason": ["language.keep", None, "filter.function-failed"],
        "detail": ["eng not in deu", None, "own:grade raised ValueError"],
    }


def test_rules_of_scores_are_told_from_others() -> None:
    own = [
        "language.keep",
        "language.min-score",
        "quality.gopher-min-words",
        "filter.columns.edu",
        "filter.functions.a:b",
    ]
    others = ["filter.empty", "dedup.near", "language.keeper", "filter.function-failed", None, ""]
    found = is_score_rule(pa.array([*own, *others], pa.string())).to_pylist()
    assert found == [True] * len(own) + [False] * len(others)


def test_documents_are_grouped_by_the_settings_of_their_language() -> None:
    limits = {"deu": {"presets": ["gopher"], "gopher": {"min_words": 9}}}
    scoring = Scoring(FilterSettings(languages=limits), LanguageSettings(enabled=True))
    found = groups(scoring, pa.array(["deu", None, "eng", "fra", "deu"]), 5)
    assert sorted(row for group in found for row in group.rows.tolist()) == list(range(5))
    by_rows = {tuple(group.rows.tolist()): group.settings for group in found}
    assert by_rows[0, 4].gopher.min_words == 9
    assert set(by_rows) == {(0, 4), (1, 3), (2,)}
    (all_rows,) = groups(scoring, None, 3)
    assert all_rows.rows.tolist() == [0, 1, 2]


def test_a_language_may_ask_for_a_surer_detector() -> None:
    own: dict[str, dict[str, object]] = {"deu": {"min_language_score": 0.9}}
    scoring = Scoring(FilterSettings(languages=own), LanguageSettings(enabled=True, keep=("deu", "eng"), min_score=0.5))
    verdict = Verdict(5)
    judge_languages(
        scoring,
        pa.array(["deu", "deu", "eng", "fra", None]),
        pa.array([0.8, 0.95, 0.8, 0.99, None]),
        pa.array([True, True, True, True, False]),
        verdict,
    )
    found = verdict.columns()
    assert found["reason"].to_pylist() == ["language.min-score", None, None, "language.keep", None]
    assert found["detail"].to_pylist() == ["0.8 < 0.9", None, None, "fra not in deu, eng", None]


def test_conditions_on_columns_drop_the_documents_that_are_judged() -> None:
    scoring = Scoring(FilterSettings(columns={"edu": ">= 3"}))
    verdict = Verdict(3)
    judge_columns(scoring, pa.table({"edu": [2, 2, None]}), pa.array([True, False, True]), verdict)
    assert verdict.columns()["reason"].to_pylist() == ["filter.columns.edu", None, None]
    with pytest.raises(UsageError, match=r"filter\.columns\.edu: .*input\.keep_columns"):
        judge_columns(scoring, pa.table({"edu": ["a"]}), pa.array([True]), Verdict(1))


@pytest.mark.skipif(find_spec("pycld2") is None, reason="needs pycld2")
def test_scores_that_stand_are_judged_as_if_they_were_computed_now() -> None:
    language = LanguageSettings(enabled=True, keep=("eng", "deu"))
    deu: dict[str, dict[str, object]] = {"deu": {"presets": ["gopher", "c4"], "gopher": {"min_words": 9}}}
    before = Scoring(FilterSettings(presets=("gopher",), languages=deu, columns={"edu": ">= 1"}), language)
    fewer: dict[str, dict[str, object]] = {"deu": {"presets": ["c4"], "c4": {"min_sentences": 3}}}
    after = Scoring(
        FilterSettings(presets=("gopher",), languages=fewer, columns={"edu": ">= 2"}), LanguageSettings(enabled=True)
    )
    table = documents([*texts(), GERMAN, ENGLISH, None], edu=pa.array([row % 4 for row in range(len(texts()) + 3)]))
    stands, wanted = (Scorer(scoring).score(table) for scoring in (before, after))
    taken = stands["scored"].combine_chunks()
    rows = table.drop_columns(["decision", "reason"])
    decided = pc.coalesce(stands["decision"], pa.array(["kept"] * len(table)))
    rows = rows.append_column("decision", pc.if_else(taken, decided, "rejected"))
    for name in stands.column_names:
        if name not in {"scored", "decision"}:
            rows = rows.append_column(name, stands[name])
    found = judge_again(rows, taken, after)
    for name in ("reason", "detail", *(own.name for own in after.fields)):
        assert found[name].to_pylist() == wanted[name].to_pylist(), name
    assert len(set(wanted["reason"].to_pylist())) > 4
