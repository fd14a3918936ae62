"""Lines that are parts of sentences: what is left where each link or emphasis of a text became a line of its own.

"The full post can be found", "here", "." are three lines then, and on a site that often says so the first two look
like lines that the site puts on its pages.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Bools, Int64s
from corpusmill.transforms.kernels.boilerplate.lines.lines import Lines
from corpusmill.transforms.kernels.boilerplate.matching.sequence import PROSE, Sequence
from corpusmill.transforms.kernels.columns import bools, matches

_REACH = 8  # lines before and after, to look for the sentence in
_CLAUSE = 40  # letters; a line of so many that is joined to others is of a sentence, not of a menu
_BETWEEN = 6  # short lines that may be between two paragraphs
_CONTINUES = pa.array(list(".,;:!?)]}%’”，。、；：！？）"), pa.large_string())
_UNCASED = r"\p{Georgian}"  # its letters count as small ones, but it has capitals for headlines only
_COMMAS = pa.array(list(",，、"), pa.large_string())
_STOPS = pa.array(list(".!?…:;。！？：；"), pa.large_string())


def in_sentences(lines: Lines, wanted: Int64s) -> Bools:
    """Return which lines go on with the line before them, or go on in the next one, in a way that menus do not.

    A line is joined to the next where that begins with punctuation that closes something or where a bracket is left
    open; also where it ends in a comma, or the next begins in lower case without a stop before it. The latter two are
    seen in menus as well, so what is joined only by them must hold a line of some length.

    Args:
        lines: The lines of the batch.
        wanted: Which of them, in order.

    Returns:
        bool, shape (len(wanted),).
    """
    if not len(wanted):
        return np.zeros(0, bool)
    reach = np.arange(-_REACH, _REACH + 1)
    around = wanted[:, None] + reach
    row = lines.row[wanted][:, None]
    around = np.clip(around, lines.first[row], lines.first[row + 1] - 1)
    mask = np.zeros(len(lines), bool)
    mask[around] = True
    near = np.flatnonzero(mask)
    text = pc.utf8_trim_whitespace(lines.texts(near))
    begin, finish = pc.utf8_slice_codeunits(text, 0, 1), pc.utf8_slice_codeunits(text, -1)
    filled = bools(pc.not_equal(text, ""))
    open_bracket = bools(pc.greater(pc.count_substring(text, "("), pc.count_substring(text, ")")))
    follows = np.zeros(len(near), bool)  # on the line before, without a blank line between
    follows[1:] = (np.diff(near) == 1) & (lines.row[near[1:]] == lines.row[near[:-1]]) & filled[1:] & filled[:-1]
    surely, perhaps = np.zeros(len(near), bool), np.zeros(len(near), bool)
    surely[1:] = open_bracket[:-1]
    surely |= bools(pc.is_in(begin, value_set=_CONTINUES))
    perhaps[1:] = bools(pc.is_in(finish, value_set=_COMMAS))[:-1]
    small = bools(pc.utf8_is_lower(begin)) & ~matches(begin, _UNCASED)
    perhaps[1:] |= (small & ~np.roll(bools(pc.is_in(finish, value_set=_STOPS)), 1))[1:]
    joined = follows & (surely | perhaps)
    run = np.cumsum(~joined)
    size = lines.size[near]
    proof = follows & surely
    proof[:-1] |= proof[1:]
    has_proof = np.bincount(run, proof | (size >= _CLAUSE) | (size < 0)) > 0
    several = np.bincount(run) > 1
    found: Bools = (has_proof & several)[run][np.searchsorted(near, wanted)]
    return found


def between_paragraphs(seq: Sequence, wanted: Int64s) -> Bools:
    """Return which entries are in the text: no more than a few short lines lie between two long ones.

    Args:
        seq: Lines that hold text.
        wanted: Entries.
    """
    long = np.flatnonzero(seq.size >= PROSE)
    if not len(long):
        return np.zeros(len(wanted), bool)
    after = np.searchsorted(long, wanted)
    inside = (after > 0) & (after < len(long))
    low, high = long[np.maximum(after - 1, 0)], long[np.minimum(after, len(long) - 1)]
    same = (seq.row[low] == seq.row[wanted]) & (seq.row[high] == seq.row[wanted])
    found: Bools = inside & same & (high - low - 1 <= _BETWEEN)
    return found
