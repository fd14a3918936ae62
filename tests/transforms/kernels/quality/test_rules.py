import pytest

from corpusmill.transforms.kernels.quality.rules import RULES, score_fields
from corpusmill.transforms.kernels.quality.settings import PRESETS, QualitySettings


def test_each_rule_has_an_id_a_source_and_a_limit_in_the_settings() -> None:
    settings = QualitySettings(presets=PRESETS)
    assert len({rule.id for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.id.startswith("quality.")
        assert "arXiv" in rule.source
        assert rule.below == rule.key.startswith("min_")
        assert rule.limit(settings) is not None
        assert rule.limit(QualitySettings()) is None


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_has_the_scores_of_its_rules(preset: str) -> None:
    wanted = {rule.score: rule.kind for rule in RULES if rule.preset == preset}
    found = {field.name: field.type for field in score_fields(QualitySettings(presets=(preset,)))}
    assert found == wanted
    assert found


def test_a_limit_of_null_switches_a_rule_off() -> None:
    (rule,) = [rule for rule in RULES if rule.id == "quality.gopher-min-words"]
    settings = QualitySettings.model_validate({"presets": ["gopher"], "gopher": {"min_words": None}})
    assert rule.limit(settings) is None
    assert rule.limit(QualitySettings(presets=("gopher",))) == 50
