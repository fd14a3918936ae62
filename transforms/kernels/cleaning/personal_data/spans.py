"""What finders of personal data share: where a value is, and characters that people put into long numbers."""

from __future__ import annotations

Span = tuple[int, int]
"""Where a value starts and ends in a text."""


# For classes of `re`.
BLANKS = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"
HYPHENS = "\\-\N{HYPHEN}\N{NON-BREAKING HYPHEN}"

WORD = r"0-9A-Za-z_\u00c0-\u024f\u0370-\u052f"
"""Characters of words in Latin, Greek and Cyrillic script, for a class of `re`. In scripts without spaces a value
is directly beside words, so their letters end it."""

RE2_WORD = r"0-9A-Za-z_\x{c0}-\x{24f}\x{370}-\x{52f}"
"""The same for a class of RE2."""

CONTEXT = 48
"""Characters before a value that are looked at to tell what it is."""


def before(text: str, start: int) -> str:
    """Return what comes before a place on its line, at most `CONTEXT` characters."""
    return text[max(0, start - CONTEXT, text.rfind("\n", max(0, start - CONTEXT), start) + 1) : start]
