from typing import Any

import pytest
from pydantic import ValidationError

from corpusmill.transforms.kernels.language.settings import LanguageSettings


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"enabled": True, "detector": "fasttext"}, "name its file, such as language.model="),
        ({"keep": ["eng"]}, "keep needs the languages of documents: set language.enabled=true"),
        ({"min_score": 0.5}, "min_score needs the languages of documents"),
        ({"enabled": True, "keep": ["en"]}, "'en' is .*three letters of ISO 639-3"),
        ({"enabled": True, "keep": ["ENG"]}, "'ENG' is "),
    ],
)
def test_settings_that_cannot_work_name_the_value_and_the_remedy(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        LanguageSettings(**values)


def test_what_fits_together_is_taken() -> None:
    settings = LanguageSettings(enabled=True, detector="fasttext", model="lid.bin", keep=("eng", "deu"), min_score=0.5)
    assert settings.keep == ("eng", "deu")
