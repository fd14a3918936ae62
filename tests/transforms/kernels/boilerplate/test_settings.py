"""What a user can choose about boilerplate removal."""

from typing import Any

import pytest
from pydantic import ValidationError

from corpusmill.transforms.kernels.boilerplate.settings import BoilerplateSettings, LearnedSettings


@pytest.mark.parametrize(
    "values",
    [
        {"max_removed_share": -0.1},
        {"max_removed_share": 1.1},
        {"packs": ["emacs"]},
        {"title_repeats": True},
        {"learned": {"min_hosts": 1}},
        {"learned": {"max_letters": 257}},
        {"learned": {"min_neighbour_share": 2}},
        {"lines": {"profiles": ["c5"]}},
    ],
    ids=str,
)
def test_values_out_of_range_and_unknown_keys_are_refused_by_name(values: dict[str, Any]) -> None:
    ((name, inner),) = values.items()
    with pytest.raises(ValidationError, match=next(iter(inner)) if isinstance(inner, dict) else name):
        BoilerplateSettings.model_validate(values)


def test_the_bounds_of_ranges_are_taken() -> None:
    for share in (0.0, 1.0):
        assert BoilerplateSettings(max_removed_share=share).max_removed_share == share
    assert LearnedSettings(max_letters=256, min_hosts=2, min_host_documents=2).max_letters == 256


def test_nothing_that_changes_texts_of_programs_or_by_profile_is_on_by_default() -> None:
    plain = BoilerplateSettings()
    assert (plain.packs, plain.lines.profiles, plain.rule_files, plain.disabled_rules) == ((), (), (), ())
    assert plain.max_removed_share < 0.5
