"""Rules that drop a whole document after cleaning."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from corpusmill.transforms.kernels.settings import Settings

EMPTY = "filter.empty"
TOO_SHORT = "filter.too-short"
TOO_LONG = "filter.too-long"

_VISIBLE = r"[^\s\p{Cc}\p{Cf}\p{Z}\x{FFFD}]"
"""A character that a reader sees: not white space, a control, a format character, or the mark of a lost character."""


class FilterSettings(Settings):
    """Which documents are dropped after cleaning."""

    min_chars: int = Field(0, ge=0, description="Drop documents with fewer characters than this (0 = off).")
    max_chars: int = Field(0, ge=0, description="Drop documents with more characters than this (0 = off).")
    domain_lists: tuple[str, ...] = Field(
        (),
        description="Files of hosts, one a line, or a folder as UT1 has it: drop documents of these hosts and of those "
        "below them.",
    )
    url_lists: tuple[str, ...] = Field(
        (),
        description="Files of addresses, one a line: drop documents from these and from those that go on behind them.",
    )
    word_lists: tuple[str, ...] = Field(
        (), description="Files of words or phrases, one a line, as LDNOOBW has them: drop documents that hold one."
    )


def filter_column(text: pa.StringArray, settings: FilterSettings) -> pa.StringArray:
    """Return the rule id that drops each document, or null where it stays.

    Args:
        text: Cleaned texts, shape (n,); null rows are left alone.
        settings: The limits. A document without any visible character is always dropped.

    Returns:
        Shape (n,), type string.
    """
    length = pc.utf8_length(text)
    reason = pa.nulls(len(text), pa.string())
    if settings.max_chars:
        reason = pc.if_else(pc.fill_null(pc.greater(length, settings.max_chars), False), TOO_LONG, reason)
    if settings.min_chars:
        reason = pc.if_else(pc.fill_null(pc.less(length, settings.min_chars), False), TOO_SHORT, reason)
    visible = pc.match_substring_regex(text, _VISIBLE)
    return pc.if_else(pc.fill_null(pc.invert(visible), False), EMPTY, reason)
