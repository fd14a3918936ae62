"""JSON numbers that floats and 64-bit integers cannot hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from corpusmill.transforms.kernels.reading.decode import replace_lone_surrogates

LARGEST_EXACT_FLOAT = 2.0**53
"""Beyond it a float may replace an integer that it cannot hold."""

LARGE_FLOAT = r"e\+?(?:1[89]|[2-9][0-9]|[0-9]{3})"
"""RE2 pattern that is found in every JSON text by `orjson` that holds a float from 1e18 on.

Integers from -(2**63) to 2**64 - 1 are read as such; the others, from 9.2e18 on, as floats.
"""


MAX_DEPTH = 500
"""Levels that `load_exactly` reads; the interpreter's limit depends on its version and on who calls."""

_STRING_OR_BRACKET = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)


class NestedTooDeepError(ValueError):
    """JSON with more levels than can be read."""


class NotANumber(str):
    """A JSON number that no float can hold, as its text: `NaN`, `Infinity`, `1e999`."""

    __slots__ = ()


def _finite(number: str) -> float | NotANumber:
    value = float(number)
    return NotANumber(number) if value in (float("inf"), float("-inf")) else value


_LENIENT = json.JSONDecoder(strict=False, parse_constant=NotANumber, parse_float=_finite)


def load_exactly(text: str) -> Any:
    """Read JSON with integers of any size, raw control characters, NaN and Infinity; the latter as `NotANumber`.

    Raises:
        NestedTooDeepError: It is nested more than `MAX_DEPTH` levels deep.
        ValueError: It is not JSON.
    """
    if text.count("[") + text.count("{") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        raise NestedTooDeepError(f"nested more than {MAX_DEPTH} levels deep")
    return _LENIENT.decode(text)


def _depth(text: str) -> int:
    """Return how deep brackets outside of strings are nested."""
    depth = deepest = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        first = text[match.start()]
        if first in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif first in "]}":
            depth -= 1
    return deepest


def dump(value: Any) -> bytes:
    """Return compact JSON in UTF-8: integers of any size, any depth; what JSON has no form for as its `str`."""
    try:
        encoded: bytes = orjson.dumps(value, default=as_text, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:  # an integer of more than 64 bits, a lone surrogate, more than 254 levels
        encoded = "".join(_tokens(value)).encode()
    return encoded


class _Token(str):
    """A piece of JSON, ready to be written."""

    __slots__ = ()


def _tokens(value: Any) -> Iterator[str]:
    """Write JSON without recursion."""
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, _Token):
            yield item
        elif isinstance(item, Mapping):
            todo.append(_Token("}"))
            for place, (name, inner) in reversed(list(enumerate(item.items()))):
                key = json.dumps(replace_lone_surrogates(str(name))[0], ensure_ascii=False)
                todo += [inner, _Token(f"{',' if place else ''}{key}:")]
            yield "{"
        elif isinstance(item, (list, tuple)):
            todo.append(_Token("]"))
            for place, inner in reversed(list(enumerate(item))):
                todo += [inner, _Token(",")] if place else [inner]
            yield "["
        elif isinstance(item, str):
            yield json.dumps(replace_lone_surrogates(str(item))[0], ensure_ascii=False)
        elif isinstance(item, int) and not isinstance(item, bool):
            yield str(int(item))
        else:
            yield orjson.dumps(item, default=as_text).decode()


def as_text(value: Any) -> str:
    """Return bytes as text, anything else as its `str`."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return str(value)
