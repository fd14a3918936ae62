"""JSON numbers that floats and 64-bit integers cannot hold."""

from __future__ import annotations

import json
from typing import Any

import orjson

from transforms.kernels.decode import replace_lone_surrogates

LARGEST_EXACT_FLOAT = 2.0**53
"""Beyond it a float may stand for an integer that it cannot hold."""

LARGE_FLOAT = r"e\+?(?:1[89]|[2-9][0-9]|[0-9]{3})"
"""RE2 pattern that is found in every JSON text by `orjson` that holds a float from 1e18 on.

Integers from -(2**63) to 2**64 - 1 are read as such; the others, from 9.2e18 on, as floats.
"""


class NotANumber(str):
    """A JSON number that no float can hold, as its text: `NaN`, `Infinity`, `1e999`."""

    __slots__ = ()


def _finite(number: str) -> float | NotANumber:
    value = float(number)
    return NotANumber(number) if value in (float("inf"), float("-inf")) else value


def load_exactly(text: str) -> Any:
    """Read JSON with integers of any size, raw control characters, NaN and Infinity; the latter as `NotANumber`.

    Raises:
        ValueError: It is no JSON.
        RecursionError: It is nested too deep.
    """
    return json.loads(text, strict=False, parse_constant=NotANumber, parse_float=_finite)


def dump(value: Any) -> bytes:
    """Return compact JSON in UTF-8: integers of any size; what JSON has no form for as its `str`."""
    try:
        return orjson.dumps(value, default=as_text, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:  # an integer of more than 64 bits, or a lone surrogate
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=as_text)
        return replace_lone_surrogates(text)[0].encode()


def as_text(value: Any) -> str:
    """Return bytes as text, anything else as its `str`."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return str(value)
