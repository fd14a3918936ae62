import pytest
from pydantic import Field, ValidationError

from corpusmill.transforms.kernels.settings import Settings


class _Sails(Settings):
    count: int = Field(2, ge=1, description="How many.")


class _Torn(Settings):
    count: int = Field(0, ge=1, description="How many.")


def test_unknown_keys_are_errors() -> None:
    with pytest.raises(ValidationError, match="cuont"):
        _Sails(cuont=3)  # type: ignore[call-arg]


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        _Sails().count = 3  # type: ignore[misc]


def test_a_default_has_to_be_a_value_that_is_allowed() -> None:
    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        _Torn()
