"""The fields of the records that were guessed, in words."""

from __future__ import annotations

from collections.abc import Mapping

_WORDS = {"text_column": "text", "url_column": "address"}


def name_fields(guessed: Mapping[str, str]) -> str:
    """Name the fields that were guessed.

    Example:
        >>> name_fields({"text_column": "body", "url_column": "link"})
        'text: column body, address: column link'
    """
    return ", ".join(f"{_WORDS[key]}: column {name}" for key, name in guessed.items())


def correct_fields(guessed: Mapping[str, str]) -> str:
    """Say how to name other fields.

    Example:
        >>> correct_fields({"text_column": "body"})
        'guessed; --set input.text_column=... names another'
    """
    keys = " or ".join(f"input.{key}=..." for key in guessed)
    return f"guessed; --set {keys} names another"
