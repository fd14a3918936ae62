"""Links of Markdown: what a reader sees of a line that holds some.

`[Share](https://a.example/?u=...)` and `* [Home](/)` are the lines "Share" and "Home" to a reader, and are matched,
measured and learned as such. Code that happens to hold the same signs (`f[k](x)`) loses only what is in the
parentheses, for the comparison, never in the text.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Int64s, UInt8s
from corpusmill.transforms.kernels.columns import matches

SOME: Final = 1  # the line holds a link among other words
ONLY: Final = 2  # it is nothing but links
FRAGMENT: Final = 3  # it is nothing but one link to a place on the same page

_BRACKET, _PARENTHESIS = 0x5D, 0x28
_TARGET: Final = r"\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+\"[^\"\n]*\")?\)"
_TEXT: Final = rf"(?:[^\[\]\n]|!\[[^\[\]\n]*{_TARGET})*"  # it may hold images
_LINK: Final = rf"!?\[({_TEXT}){_TARGET}"
_BULLET: Final = r"^\s*(?:[-*+•]|\d{1,3}[.)])?\s*"
_ONLY: Final = rf"{_BULLET}(?:{_LINK}[\s|·•/,]*)+$"
_FRAGMENT: Final = rf"{_BULLET}\[{_TEXT}\]\(#[^()\s]*\)\s*$"
MAX_BYTES: Final = 4096  # of a line that is looked at


def linked_lines(data: UInt8s, start: Int64s, end: Int64s) -> Int64s:
    """Return which lines of at most `MAX_BYTES` hold `](`.

    Args:
        data: uint8, the bytes of all lines.
        start: int64, where each begins.
        end: int64, where it ends.
    """
    brackets = np.flatnonzero(data[:-1] == _BRACKET)
    opened = brackets[data[brackets + 1] == _PARENTHESIS]
    if not len(opened):
        return np.zeros(0, np.int64)
    found = np.unique(np.searchsorted(end, opened))
    chosen: Int64s = found[(end - start)[found] <= MAX_BYTES]
    return chosen


def visible_text(lines: pa.Array) -> tuple[pa.Array, npt.NDArray[np.int8]]:
    """Return what a reader sees of lines with links, and what kind of line each is.

    Args:
        lines: large_string array of single lines.

    Returns:
        The lines without the addresses, and int8 kinds: 0 where there is no link after all, else `SOME`, `ONLY` or
        `FRAGMENT`.
    """
    seen = lines
    for _ in range(2):  # links, then the images in their texts
        seen = pc.replace_substring_regex(seen, _LINK, r"\1")
    kinds = pc.not_equal(seen, lines).to_numpy(zero_copy_only=False).astype(np.int8) * SOME
    kinds[matches(lines, _ONLY) & (kinds > 0)] = ONLY
    kinds[matches(lines, _FRAGMENT) & (kinds > 0)] = FRAGMENT
    return seen, kinds
