"""The title of a document repeated at its end, as share widgets of blogs leave it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import regex

from corpusmill.transforms.kernels.arrays import Int64s
from corpusmill.transforms.kernels.boilerplate.lines.folding import fold_line
from corpusmill.transforms.kernels.boilerplate.lines.lines import Lines
from corpusmill.transforms.kernels.boilerplate.matching.sequence import Sequence

TITLE = "boilerplate.title-repeat"

_TAIL = 30  # lines from the end
_MIN_LINES = 5
_MIN_LETTERS = 8
_MIN_LIKE_LETTERS = 16  # of a title that is not repeated letter by letter
_SAME = 0.9  # share of a title that counts as the title
_WITHOUT_SITE = 0.4  # the same of a title that may name the site
_VERSE_SHARE = 0.4  # of short lines
_SHORT_LINE = 45  # letters; verse has shorter lines, paragraphs longer ones
_SENTENCE = regex.compile(r"""[.…。]["'”’»)\]]*\s*$|^\s*["“«„]""")


def find_repeated_titles(seq: Sequence, titles: Lines | None, taken: dict[int, str]) -> dict[int, str]:
    """Return the entries of `seq` that repeat the title at the end of their document, with the rule id.

    The title is the first line, or the one given, which may name the site as well. The line must be after everything
    that stays. Where nothing but it is removed, the document must not look like verse, and the title must be nowhere
    else.

    Args:
        seq: The lines that hold text.
        titles: The given titles, one text a row.
        taken: Entries that are removed already.
    """
    rows = np.flatnonzero(np.diff(seq.first) >= _MIN_LINES)
    if not len(rows):
        return {}
    start, stop = seq.first[rows], seq.first[rows + 1]
    free = np.ones(len(seq.line), bool)
    free[np.fromiter(taken, np.int64, len(taken))] = False
    # The last entry that stays, up to _TAIL lines from the end.
    last = stop - 1
    for _ in range(_TAIL):
        last = np.where((last > start) & ~free[last], last - 1, last)
    possible = free[last] & (last - start >= _MIN_LINES - 1) & (seq.key[last] != 0)
    gone: dict[int, str] = {}
    for lines, line, least in _titles(seq, rows, titles):
        equal = seq.key[last] == lines.key[line]
        alike = (seq.lines.head[seq.line[last]] == lines.head[line]) & (seq.size[last] >= _MIN_LIKE_LETTERS)
        for k in np.flatnonzero(possible & (equal | alike)).tolist():
            entry = int(last[k])
            if not equal[k] and not _is_like(seq.lines.text(int(seq.line[entry])), lines.text(int(line[k])), least):
                continue
            if entry + 1 < int(stop[k]) or _may_go_alone(seq, int(start[k]), entry):
                gone[entry] = TITLE
    return gone


def _titles(seq: Sequence, rows: Int64s, titles: Lines | None) -> Iterator[tuple[Lines, Int64s, float]]:
    """Yield where the titles of the rows are, and how much of one its repetition must be."""
    yield seq.lines, seq.line[seq.first[rows]], _SAME
    if titles is not None:
        yield titles, titles.first[rows], _WITHOUT_SITE


def _is_like(line: str, title: str, least: float) -> bool:
    """Return whether a line is at least a share of the title and hardly more, and one of the two begins the other."""
    one, other = fold_line(line), fold_line(title)
    shorter = min(len(one), len(other))
    return (
        len(one) >= least * len(other)
        and len(other) >= _SAME * len(one)
        and shorter >= _MIN_LIKE_LETTERS
        and one[:shorter] == other[:shorter]
    )


def _may_go_alone(seq: Sequence, start: int, entry: int) -> bool:
    """Return whether a repeated title may be removed although no share line follows it."""
    body = seq.size[start + 1 : entry]
    return (
        int(seq.size[entry]) >= _MIN_LETTERS
        and int((seq.key[start:entry] == seq.key[entry]).sum()) <= 1
        and float((body < _SHORT_LINE).mean()) <= _VERSE_SHARE
        and not _SENTENCE.search(seq.lines.text(int(seq.line[entry])))
    )
