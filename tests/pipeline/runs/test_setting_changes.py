"""Which settings may differ in a corpus that is made from a finished run."""

import pytest

from corpusmill.config import ConfigError, load_config
from corpusmill.runs.setting_changes import changed_config


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("normalize.enabled=false", r"cannot change normalize\.enabled: it changes texts; .* normalize\.enabled=false"),
        ("dedup.threshold=0.9", r"cannot change dedup\.threshold"),
        ("filter.min_chars=9", r"cannot change filter\.min_chars: it decides about documents before they are scored"),
        ("filter.gopher.stop_words=[the]", r"cannot change filter\.gopher\.stop_words"),
        ("filter.presets=[gopher, c4]", r"cannot add 'c4' to filter\.presets.*filter\.presets=\[gopher, c4\]"),
        ("filter.functions=['a:b']", "cannot add a:b to filter.functions"),
        ("filter.gopher.min_word=9", r"did you mean 'filter\.gopher\.min_words'"),
        ("language.keep=[xx]", "xx"),
    ],
)
def test_settings_that_decide_more_are_refused_by_name(setting: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        changed_config(load_config(None, ["filter.presets=[gopher]"]), [setting])


def test_the_scores_of_a_language_are_of_its_own_settings() -> None:
    languages = "filter.languages={deu: {presets: [c4], c4: {min_words_per_line: 4}}}"
    config = load_config(None, ["language.enabled=true", "filter.presets=[gopher]", languages])
    deu = "filter.languages={deu: {presets: [c4], c4: {min_words_per_line: 4, min_sentences: 9}}}"
    changed, keys = changed_config(config, [deu, "language.keep=[deu]"])
    assert keys == ["filter.languages", "language.keep"]
    assert changed.filter.for_language("deu").c4.min_sentences == 9
    with pytest.raises(
        ConfigError, match=r"filter\.languages\.deu\.c4\.min_words_per_line: scores are computed with it"
    ):
        changed_config(config, [deu.replace("4, min", "5, min")])
    with pytest.raises(ConfigError, match=r"cannot add 'c4' to filter\.languages\.fra\.presets"):
        changed_config(config, ["filter.languages.fra={presets: [c4]}"])


def test_keys_that_differ_are_named_and_equal_values_are_no_change() -> None:
    config = load_config(
        None, ["filter.presets=[gopher, c4]", "language.enabled=true", "input.keep_columns={edu: int64}"]
    )
    assert changed_config(config, []) == (config, [])
    assert changed_config(config, [f"filter.gopher.min_words={config.filter.gopher.min_words}"])[1] == []
    changed, keys = changed_config(
        config, ["filter.presets=[c4]", "language.min_score=0.5", "filter.columns={edu: '>= 3'}"]
    )
    assert keys == ["filter.columns", "filter.presets", "language.min_score"]
    assert (changed.filter.presets, changed.language.min_score) == (("c4",), 0.5)
    assert config.filter.presets == ("gopher", "c4")


def test_functions_may_get_other_limits_but_no_company() -> None:
    config = load_config(None, ["filter.functions=['own:grade > 1', 'own:length']"])
    assert changed_config(config, ["filter.functions=['own:grade > 2']"])[1] == ["filter.functions"]
    with pytest.raises(ConfigError, match=r"cannot add own:other to filter\.functions"):
        changed_config(config, ["filter.functions=['own:grade > 1', 'own:other']"])
