from typing import Any

import pytest
from pydantic import ValidationError

from corpusmill.transforms.kernels.decontamination.settings import DecontaminateSettings


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"ngram_words": 5}, r"min_words \(8\) is above decontaminate.ngram_words \(5\); lower it"),
        ({"fields": ()}, "names no field; name those that hold the items"),
        ({"action": "mask"}, "action"),
        ({"min_share": 1.5}, "min_share"),
    ],
)
def test_settings_that_cannot_work_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        DecontaminateSettings(**values)


def test_short_items_may_be_as_long_as_the_runs() -> None:
    assert DecontaminateSettings(ngram_words=8, min_words=8).min_words == 8
