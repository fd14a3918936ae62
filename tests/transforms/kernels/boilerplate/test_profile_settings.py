"""What a user can choose about line profiles."""

from typing import Any

import pytest
from pydantic import ValidationError

from corpusmill.transforms.kernels.boilerplate.profile_settings import LineProfileSettings


@pytest.mark.parametrize(
    "values",
    [{"profiles": ["c5"]}, {"min_words": -1}, {"max_removed_words": 1.5}, {"max_removed_words": -0.1}, {"words": 3}],
    ids=str,
)
def test_values_out_of_range_and_unknown_keys_are_refused_by_name(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(values))):
        LineProfileSettings.model_validate(values)


def test_no_profile_is_on_unless_it_is_named_and_null_drops_no_document() -> None:
    assert LineProfileSettings().profiles == ()
    both = LineProfileSettings(profiles=("c4", "refinedweb"), max_removed_words=None)
    assert (both.profiles, both.max_removed_words) == (("c4", "refinedweb"), None)
