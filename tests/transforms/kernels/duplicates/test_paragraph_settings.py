import pytest
from pydantic import ValidationError

from corpusmill.transforms.kernels.duplicates.paragraph_settings import ParagraphSettings


def test_paragraphs_stay_unless_told_otherwise() -> None:
    assert ParagraphSettings().keep == "every"
    for values in ({"keep": "last"}, {"min_chars": 0}):
        with pytest.raises(ValidationError, match=next(iter(values))):
            ParagraphSettings.model_validate(values)
