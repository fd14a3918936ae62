"""The base of every stage's configuration, and what its keys share."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

_UNITS = {
    "b": 1,
    **{f"{prefix}b": 1000**power for power, prefix in enumerate("kmgt", 1)},
    **{f"{prefix}ib": 1024**power for power, prefix in enumerate("kmgt", 1)},
}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)")


class Settings(BaseModel):
    """A frozen, validated configuration object; unknown keys are errors.

    Each stage has one subclass beside its kernel. Every field has a default and a `Field(description=...)` of one
    sentence, from which the documentation, the JSON schema and the comments of `configs/default.yaml` are made.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


def parse_size(value: object) -> object:
    """Return the bytes that a size such as `128MiB` is; what is not text is left as it is.

    Raises:
        ValueError: It is no size.

    Example:
        >>> parse_size("400kB"), parse_size("1.5 MiB"), parse_size("90")
        (400000, 1572864, 90)
    """
    if not isinstance(value, str):
        return value
    match = _SIZE.fullmatch(value.strip().lower())
    unit = _UNITS.get(match[2] or "b") if match else None
    if match is None or unit is None:
        raise ValueError(f"{value!r} is no size: give bytes, or a number with kB, MB, GB, TB, KiB, MiB, GiB or TiB")
    return round(float(match[1]) * unit)


Size = Annotated[int, BeforeValidator(parse_size, json_schema_input_type=int | str)]
"""A number of bytes, which may be given with a unit."""
