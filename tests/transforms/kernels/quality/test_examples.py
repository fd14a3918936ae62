"""The examples of docs/filters.md go and stay as it says, and its tables are those of the registry."""

import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.quality.evaluate import decide, score_texts
from corpusmill.transforms.kernels.quality.rules import RULES, QualityRule
from corpusmill.transforms.kernels.quality.settings import PRESETS, QualitySettings
from tests.tools.make_filter_docs import EXAMPLES, PAGE, table, text_of, written


def _only(rule: QualityRule) -> QualitySettings:
    """Settings in which one rule alone is on."""
    values: dict[str, dict[str, int | None]] = {}
    for other in RULES:
        if other.id != rule.id and other.preset == rule.preset:
            off = 0 if other.key == "min_sentences" else None
            values.setdefault(other.section, {})[other.key] = off
    values.get(rule.section, {}).pop(rule.key, None)
    return QualitySettings.model_validate({"presets": [rule.preset], **values})


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_an_example_goes_and_another_stays(rule: QualityRule) -> None:
    column = pa.array([text_of(EXAMPLES[rule.id][name]) for name in ("dropped", "kept")])
    settings = _only(rule)
    assert decide(score_texts(column, settings), settings).reason.to_pylist() == [rule.id, None]


def test_every_rule_has_examples_and_every_example_a_rule() -> None:
    assert list(EXAMPLES) == [rule.id for rule in RULES]


def test_the_tables_of_the_page_are_those_of_the_registry() -> None:
    page = PAGE.read_text("utf-8")
    assert all(table(preset) in page for preset in PRESETS), "run python -m tests.tools.make_filter_docs"
    assert written(page) == page
