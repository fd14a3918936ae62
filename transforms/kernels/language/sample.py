"""A part of a long text that tells its language as well as all of it does."""

from __future__ import annotations

PIECE_CHARS = 500
WHOLE_CHARS = 3 * PIECE_CHARS
"""Texts of up to so many characters are taken whole."""
_WORD_CHARS = 40
"""How far from where a piece begins or ends a space is looked for."""


def sample_text(text: str) -> str:
    """Return the beginning, the middle and the end of a long text, cut at spaces, in lines; a short one as it is.

    Which it is depends on the text alone.

    Example:
        >>> len(sample_text("the tide came in at noon " * 1000)) <= WHOLE_CHARS + 2
        True
        >>> sample_text("the tide came in")
        'the tide came in'
    """
    if len(text) <= WHOLE_CHARS:
        return text
    middle, end = (len(text) - PIECE_CHARS) // 2, len(text) - PIECE_CHARS
    return "\n".join(_piece(text, start) for start in (0, middle, end))


def _piece(text: str, start: int) -> str:
    """Up to `PIECE_CHARS` characters from a place on, without parts of words where words have spaces between them."""
    end = start + PIECE_CHARS
    first = text.find(" ", start, start + _WORD_CHARS) + 1 if start else 0
    last = text.rfind(" ", end - _WORD_CHARS, end) if end < len(text) else end
    return text[first or start : last if last >= 0 else end]
