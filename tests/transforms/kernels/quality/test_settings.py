import pytest
from pydantic import ValidationError

from corpusmill.transforms.kernels.quality.settings import PRESETS, C4Settings, QualitySettings


def test_presets_are_those_that_there_are_in_their_own_order() -> None:
    assert QualitySettings(presets=tuple(reversed(PRESETS))).presets == PRESETS
    with pytest.raises(ValidationError, match="did you mean 'gopher'"):
        QualitySettings(presets=("gohper",))
    with pytest.raises(ValidationError, match="there are gopher"):
        QualitySettings(presets=("xyz",))
    with pytest.raises(ValidationError, match="named twice"):
        QualitySettings(presets=("c4", "c4"))


@pytest.mark.parametrize(("variant", "numbers"), [("arxiv", (5, 3)), ("jmlr", (3, 5))])
def test_c4_has_two_pairs_of_numbers_unless_they_are_set(variant: str, numbers: tuple[int, int]) -> None:
    settings = C4Settings.model_validate({"variant": variant})
    assert (settings.sentences, settings.words_per_line) == numbers
    own = C4Settings.model_validate({"variant": variant, "min_sentences": 0, "min_words_per_line": 9})
    assert (own.sentences, own.words_per_line) == (0, 9)


def test_shares_are_from_zero_to_one() -> None:
    with pytest.raises(ValidationError, match="max_bullet_lines"):
        QualitySettings.model_validate({"gopher": {"max_bullet_lines": 1.5}})
