"""Scores follow from each text alone, and decisions from scores and limits."""

import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.quality.evaluate import comparison, decide, score_texts
from corpusmill.transforms.kernels.quality.rules import RULES, QualityRule, score_fields
from corpusmill.transforms.kernels.quality.settings import PRESETS, QualitySettings
from corpusmill.transforms.kernels.quality.windows import LONGEST_BYTES
from tests.quality_texts import SENTENCES, texts

ALL = QualitySettings(presets=PRESETS)


def test_scores_of_a_text_do_not_depend_on_its_neighbours() -> None:
    together = score_texts(pa.array([*texts(), None]), ALL)
    assert len(together) == len(texts()) + 1
    for row, text in enumerate([*texts(), None]):
        alone = score_texts(pa.array([text], pa.string()), ALL)
        assert together.slice(row, 1).to_pylist() == alone.to_pylist(), text


def test_texts_of_several_windows_are_scored_in_order() -> None:
    long = [("word " * 100_000) + str(k) for k in range(4)]
    found = score_texts(pa.array(long), QualitySettings(presets=("gopher",)))
    assert found["gopher_words"].to_pylist() == [100_001] * 4


def test_of_a_very_long_text_the_beginning_is_scored() -> None:
    settings = QualitySettings(presets=("gopher",))
    long = "é " * (LONGEST_BYTES // 3) + "é" + " word" * 9
    found = score_texts(pa.array(["short", long, "two words"]), settings)
    assert found["gopher_words"].to_pylist() == [1, LONGEST_BYTES // 3 + 1, 2]


def test_only_the_presets_asked_for_are_computed() -> None:
    settings = QualitySettings(presets=("fineweb",))
    names = score_texts(pa.array(["One line."]), settings).column_names
    assert names == [field.name for field in score_fields(settings)]
    assert all(name.startswith("fineweb_") for name in names)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_score_at_the_limit_stays_and_one_beyond_drops(rule: QualityRule) -> None:
    limit = rule.limit(ALL)
    assert limit is not None
    step = 1 if pa.types.is_integer(rule.kind) else 1e-6
    beyond = limit - step if rule.below else limit + step
    scores = pa.table(
        {field.name: pa.array([limit, beyond, None] if field.name == rule.score else [None] * 3, field.type)
         for field in score_fields(ALL)}
    )  # fmt: skip
    decisions = decide(scores, ALL)
    assert decisions.reason.to_pylist() == [None, rule.id, None]
    sign = "<" if rule.below else ">"
    assert sign in decisions.detail[1].as_py()
    assert [detail is None for detail in decisions.detail.to_pylist()] == [True, False, True]


def test_the_first_rule_of_the_registry_is_the_reason() -> None:
    scores = score_texts(pa.array(["too short\ntoo short"]), ALL)
    decisions = decide(scores, ALL)
    assert (decisions.reason[0].as_py(), decisions.detail[0].as_py()) == ("quality.gopher-min-words", "4 < 50")


def test_null_switches_a_single_rule_off() -> None:
    off = ALL.gopher.model_copy(update={"min_words": None, "min_stop_words": None})
    settings = QualitySettings(presets=("gopher",), gopher=off)
    scores = score_texts(pa.array(["Nine boats lay at anchor behind our little island."]), settings)
    assert scores["gopher_words"].to_pylist() == [9]
    assert decide(scores, settings).reason.to_pylist() == [None]


@pytest.mark.parametrize("language", ["zho", "jpn", "tha"])
def test_texts_without_spaces_are_not_judged_by_rules_on_words(language: str) -> None:
    found = score_texts(pa.array(["".join(SENTENCES[language]) * 9]), ALL).to_pylist()[0]
    needs = {rule.score for rule in RULES if rule.spaces}
    assert {name for name, value in found.items() if value is None} == needs
    assert found["gopher_words"] > 50


@pytest.mark.parametrize("language", ["eng", "rus", "ara", "hin"])
def test_texts_with_spaces_have_all_scores(language: str) -> None:
    found = score_texts(pa.array([" ".join(SENTENCES[language])]), ALL).to_pylist()[0]
    assert None not in found.values()


def test_ids_and_scores_are_unique_and_keys_exist() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert {rule.preset for rule in RULES} == set(PRESETS)
    for rule in RULES:
        assert rule.key in type(getattr(ALL, rule.section)).model_fields


def test_comparisons_show_enough_digits() -> None:
    assert comparison(12, "<", 50) == "12 < 50"
    assert comparison(0.25, ">", 0.1) == "0.25 > 0.1"
    assert comparison(0.300000001, ">", 0.3) == "0.300000001 > 0.3"
