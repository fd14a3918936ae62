from typing import Any

import pytest

from corpusmill.transforms.kernels.reading.json_text import (
    BAD_JSON,
    TOO_DEEP,
    JsonError,
    decode,
    read_exactly,
    read_text,
    replace_lone_escapes,
)


def test_sound_json_is_read_and_raw_controls_are_counted() -> None:
    assert read_text('{"a": [1, "b"]}') == ({"a": [1, "b"]}, 0)
    assert read_text('{"a": "tab\there"}') == ({"a": "tab\there"}, 1)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('{"a": 1} {"b": 2}', "put a line feed between them"),
        ('{"a": 1},', "take the comma off its end"),
        ("{'a': 1}", "JSON strings need double quotes"),
        ('{"a": "cut', "the line is cut off"),
        ('{"a" 1}', "write one complete JSON object a line"),
    ],
)
def test_what_is_not_json_says_what_is_wrong_and_what_helps(text: str, hint: str) -> None:
    with pytest.raises(JsonError, match=hint) as raised:
        read_text(text)
    assert raised.value.reason == BAD_JSON
    assert "character" in str(raised.value)


def test_what_is_nested_too_deep_has_a_reason_of_its_own() -> None:
    with pytest.raises(JsonError, match="flatten it") as raised:
        read_text("[" * 1100 + "]" * 1100)
    assert raised.value.reason == TOO_DEEP
    assert read_exactly(b'{"a":' * 600 + b"1" + b"}" * 600, None) == {}


@pytest.mark.parametrize(
    ("text", "after", "lone"),
    [
        (r'"\ud83d\ude00"', r'"\ud83d\ude00"', 0),
        (r'"\ud83d alone"', r'"\ufffd alone"', 1),
        (r'"\\ud83d"', r'"\\ud83d"', 0),
        (r'"\uDE00\uD83D"', r'"\ufffd\ufffd"', 2),
        ('"plain"', '"plain"', 0),
    ],
)
def test_half_characters_become_replacement_characters(text: str, after: str, lone: int) -> None:
    assert replace_lone_escapes(text) == (after, lone)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (b'{"n": 123456789012345678901234567890}', {"n": 123456789012345678901234567890}),
        (b'{"n": 1e999}', {"n": "1e999"}),
        (b"[1]", {}),
    ],
)
def test_numbers_of_any_size_are_read_exactly(line: bytes, value: dict[str, Any]) -> None:
    assert read_exactly(line, None) == value


def test_a_stated_encoding_is_taken_and_another_is_found() -> None:
    assert decode("Straße".encode("cp1252"), "cp1252").text == "Straße"
    assert decode("Straße".encode(), None).text == "Straße"
