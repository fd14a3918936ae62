"""The title of a document repeated at its end, as share widgets of blogs leave it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import regex

from transforms.kernels.boilerplate.blocks import Sequence
from transforms.kernels.boilerplate.lines import Lines

TITLE = "boilerplate.title-repeat"

_TAIL = 10  # lines from the end
_MIN_LINES = 5
_MIN_LETTERS = 8
_VERSE_SHARE = 0.4  # of short lines
_SHORT_LINE = 45  # letters; verse has shorter lines, paragraphs longer ones
_SENTENCE = regex.compile(r"""[.…。]["'”’»)\]]*\s*$|^\s*["“«„]""")


def find_repeated_titles(
    lines: Lines, seq: Sequence, titles: npt.NDArray[np.uint64] | None, taken: dict[int, str]
) -> dict[int, str]:
    """Return the entries of `seq` that repeat the title at the end of their document, with the rule id.

    The title is the first line, or the one given. It must stand after everything that stays. Where nothing but it goes,
    the document must not look like verse, and the title must stand nowhere else.

    Args:
        lines: The lines of the batch.
        seq: Those of them that hold text.
        titles: Line key of each row's title, 0 where it has none.
        taken: Entries that go already.
    """
    rows = np.flatnonzero(np.diff(seq.first) >= _MIN_LINES)
    if not len(rows):
        return {}
    start, stop = seq.first[rows], seq.first[rows + 1]
    heads = [seq.key[start]] + ([titles[rows]] if titles is not None else [])
    free = np.ones(len(seq.line), bool)
    free[np.fromiter(taken, np.int64, len(taken))] = False
    # The last entry that stays, up to _TAIL lines from the end.
    last = stop - 1
    for _ in range(_TAIL):
        last = np.where((last > start) & ~free[last], last - 1, last)
    gone: dict[int, str] = {}
    for head in heads:
        equal = (head != 0) & (seq.key[last] == head) & (last - start >= _MIN_LINES - 1) & free[last]
        for k in np.flatnonzero(equal):
            low, entry, key = int(start[k]), int(last[k]), head[k]
            body = seq.size[low:entry]
            certain = entry + 1 < int(stop[k])  # share lines follow
            if not certain and (
                seq.size[entry] < _MIN_LETTERS
                or int((seq.key[low:entry] == key).sum()) > 1
                or float((body[1:] < _SHORT_LINE).mean()) > _VERSE_SHARE
                or _SENTENCE.search(lines.text(int(seq.line[entry])))
            ):
                continue
            gone[entry] = TITLE
    return gone
