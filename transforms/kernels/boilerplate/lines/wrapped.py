"""Hard-wrapped text: lines that end because the next word did not fit, and so are parts of one paragraph."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Bools
from corpusmill.transforms.kernels.boilerplate.lines.lines import Lines
from corpusmill.transforms.kernels.columns import matches

_NARROW: Final = 50  # characters of the longest line of wrapped text, from typewriter columns ...
_WIDE: Final = 110  # ... to the widest that editors and mail programs wrap at
_BYTES: Final = 3  # of a character of a script that texts are written in, at most
_LONG: Final = 0.6  # of the width: a shorter line ends for another reason
_POINT: Final = r"^(?:[-*+•·–—]|\d{1,3}[.)])$"  # of a list; what it begins ends the line before
_FEWEST: Final = 4  # joined lines, for a text to count as wrapped
_MOST: Final = 0.6  # of its long lines that must be joined to the next


def wrapped_lines(lines: Lines) -> Bools:
    """Return which lines are parts of hard-wrapped paragraphs.

    A line is joined to the next one if that is right below, is not indented, and begins with a word for which the
    line had no room. A text is taken as wrapped if most of its long lines are joined: verse and lists end earlier.

    Args:
        lines: The lines of a batch.

    Returns:
        bool, shape (len(lines),).
    """
    found = np.zeros(len(lines), bool)
    if not len(lines):
        return found
    length = lines.end - lines.start
    longest = np.maximum.reduceat(length, lines.first[:-1])
    letters = np.maximum.reduceat(lines.size, lines.first[:-1])
    likely = (longest >= _NARROW) & (longest <= _BYTES * _WIDE) & (letters <= _WIDE)
    likely &= np.diff(lines.first) > _FEWEST
    if not likely.any():
        return found
    chosen = np.flatnonzero(likely[lines.row])
    texts = lines.texts(chosen)
    size = pc.utf8_length(pc.utf8_rtrim_whitespace(texts)).to_numpy(zero_copy_only=False).astype(np.int64)
    width = np.zeros(len(likely), np.int64)
    np.maximum.at(width, lines.row[chosen], size)
    of = width[lines.row[chosen]]
    long = (size >= _LONG * of) & (of >= _NARROW) & (of <= _WIDE)
    follows = np.zeros(len(chosen), bool)
    follows[:-1] = (lines.row[chosen[1:]] == lines.row[chosen[:-1]]) & (size[1:] > 0)
    ends = np.flatnonzero(long & follows)
    # The first word of the next line; none where it is indented or a point of a list.
    words = pc.replace_substring_regex(texts.take(ends + 1), r"\s.*$", "")
    word = pc.utf8_length(words).to_numpy(zero_copy_only=False).astype(np.int64)
    word[matches(words, _POINT)] = 0
    joined = ends[(word > 0) & (size[ends] + 1 + word > of[ends])]
    joins = np.bincount(lines.row[chosen[joined]], minlength=len(likely))
    longs = np.bincount(lines.row[chosen[long]], minlength=len(likely))
    wrapped = (joins >= _FEWEST) & (joins >= _MOST * longs)
    joined = joined[wrapped[lines.row[chosen[joined]]]]
    found[chosen[joined]] = True
    found[chosen[joined + 1]] = True
    return found
