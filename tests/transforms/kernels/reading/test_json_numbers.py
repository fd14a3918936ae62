import json
import re

import orjson
import pytest

from corpusmill.transforms.kernels.reading.json_numbers import (
    LARGE_FLOAT,
    MAX_DEPTH,
    NestedTooDeepError,
    NotANumber,
    as_text,
    dump,
    load_exactly,
)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_no_float_holds_are_kept_as_their_text(text: str) -> None:
    (value,) = load_exactly(f"[{text}]")
    assert isinstance(value, NotANumber)
    assert value == text
    assert load_exactly('["NaN"]') == ["NaN"]
    assert not isinstance(load_exactly('["NaN"]')[0], NotANumber)


def test_depth_is_counted_outside_of_strings() -> None:
    assert load_exactly("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    with pytest.raises(NestedTooDeepError, match=f"more than {MAX_DEPTH} levels"):
        load_exactly("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))
    brackets = '"' + r"\"[{" * MAX_DEPTH + '"'
    assert load_exactly(brackets) == json.loads(brackets)


@pytest.mark.parametrize("value", [2**64, -(2**63) - 1, 10**40])
def test_integers_of_any_size_are_written_and_read(value: int) -> None:
    assert load_exactly(dump({"n": value}).decode()) == {"n": value}


def test_what_json_has_no_form_for_is_written_as_text() -> None:
    assert json.loads(dump({"a": b"\xff", "b": {1: 2**70}, "c": "\ud83d"})) == {
        "a": "\\xff",
        "b": {"1": 2**70},
        "c": "\N{REPLACEMENT CHARACTER}",
    }
    assert as_text(b"caf\xc3\xa9") == "café"


@pytest.mark.parametrize(("value", "found"), [(1e18, True), (1.5e300, True), (1e17, False), (2**64 - 1, False)])
def test_large_floats_are_found_in_what_orjson_writes(value: float, found: bool) -> None:
    assert bool(re.search(LARGE_FLOAT, orjson.dumps([value]).decode())) == found
