import pytest
from pydantic import Field, ValidationError

from corpusmill.transforms.kernels.settings import Settings, Size


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


class _Hold(Settings):
    room: Size = Field(100, ge=10, description="Bytes.")


@pytest.mark.parametrize(
    ("given", "size"),
    [("400kB", 400_000), ("128MiB", 128 << 20), (" 1.5 gib ", 3 << 29), ("77", 77), ("90 b", 90), (12, 12)],
)
def test_sizes_may_have_units(given: str | int, size: int) -> None:
    assert _Hold.model_validate({"room": given}).room == size


@pytest.mark.parametrize("given", ["4 cows", "MB", "-3kB", "1e3", "9"])
def test_what_is_no_size_or_not_allowed_is_an_error(given: str) -> None:
    with pytest.raises(ValidationError, match=r"is no size: give bytes|greater than or equal to 10"):
        _Hold.model_validate({"room": given})
