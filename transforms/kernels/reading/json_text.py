"""One record of JSON from its bytes, leniently: any charset, lone surrogates, raw controls, numbers of any size."""

from __future__ import annotations

import json
from typing import Any

import orjson
import regex

from corpusmill.transforms.kernels.reading.decode import CharsetMemory, Decoded, decode_document, decode_stated
from corpusmill.transforms.kernels.reading.json_numbers import NestedTooDeepError, load_exactly

BAD_JSON = "read.bad-json"
TOO_DEEP = "read.too-deep"

# Any escape of a JSON string; a surrogate pair is one.
_PAIR = r"u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_ESCAPE = regex.compile(r"\\(?:" + _PAIR + r"|u[dD][89a-fA-F][0-9a-fA-F]{2}|.)")
_LONE_ESCAPE_LENGTH = len(r"\ud800")

_CONTROLS = tuple(map(chr, range(32)))


def decode(data: bytes, codec: str | None, memory: CharsetMemory | None = None) -> Decoded:
    """Decode a record or a file.

    Args:
        data: Its bytes.
        codec: The encoding, if it is stated.
        memory: In which charset the records before were.

    Raises:
        UndecodableError: The bytes are not valid in any charset that fits.
    """
    return decode_stated(data, codec) if codec else decode_document(data, memory)


class JsonError(ValueError):
    """A record that is not JSON, with the rule id of the reason."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def read_text(text: str) -> tuple[Any, int]:
    """Read a record of JSON, leniently.

    Returns:
        The value, and the number of raw control characters in its strings.

    Raises:
        JsonError: It is not JSON.
    """
    try:
        return orjson.loads(text), 0
    except ValueError as error:
        if "depth limit" in str(error):
            message = "the record is nested more than 1,024 levels deep; flatten it or take that field out"
            raise JsonError(TOO_DEEP, message) from error
    try:
        value = load_exactly(text)
    except NestedTooDeepError as error:
        raise JsonError(TOO_DEEP, f"the record is {error}; flatten it or take that field out") from error
    except ValueError as error:
        raise JsonError(BAD_JSON, _explain(text, error)) from error
    return value, sum(map(text.strip().count, _CONTROLS))


def replace_lone_escapes(text: str) -> tuple[str, int]:
    r"""Turn `\ud800` without its partner into `\ufffd`; return the JSON and how many."""
    if "\\ud" not in text and "\\uD" not in text:
        return text, 0
    lone = 0

    def fix(match: regex.Match[str]) -> str:
        nonlocal lone
        found = str(match[0])
        if len(found) != _LONE_ESCAPE_LENGTH:
            return found
        lone += 1
        return "\\ufffd"

    return str(_ESCAPE.sub(fix, text)), lone


def read_exactly(line: bytes, codec: str | None) -> dict[str, Any]:
    """Read a record that was read before, with integers of any size; nothing if it is nested too deep for that."""
    try:
        value = load_exactly(replace_lone_escapes(decode(line, codec).text)[0])
    except NestedTooDeepError:
        return {}
    return value if isinstance(value, dict) else {}


def _explain(text: str, error: ValueError) -> str:
    """Say what is wrong with a record of JSON, and how to fix it."""
    message = str(error)
    if isinstance(error, json.JSONDecodeError):
        message = f"{error.msg.removesuffix(' starting at')} at character {error.pos + 1:,}"
    hint = "write one complete JSON object a line"
    if message.startswith("Extra data"):
        hint = "two records on one line? put a line feed between them"
        if isinstance(error, json.JSONDecodeError) and text[error.pos :].strip() == ",":
            hint = "take the comma off its end: JSON lines are no list"
    elif "property name enclosed in double quotes" in message and "'" in text[:40]:
        hint = "this looks like Python's notation; JSON strings need double quotes"
    elif message.startswith("Unterminated string") or text.rstrip().endswith(("{", "[", ",", ":")):
        hint = "the line is cut off; look for a line break inside the record"
    return f"the line is not valid JSON: {message}; {hint}"
