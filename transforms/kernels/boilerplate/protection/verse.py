"""Texts of short lines, in which words of an interface are the text's own: verse, lists, tables, commands.

A site's lines are adjacent, and beside names of pages, which begin with capitals and are no sentences. In a text of
other short lines a word that is in a paragraph with them is of the text; a paragraph of names and known lines, such
as the title again and "Get link", is the site's.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from corpusmill.transforms.kernels.arrays import Bools
from corpusmill.transforms.kernels.boilerplate.matching.sequence import PROSE, Sequence
from corpusmill.transforms.kernels.boilerplate.matching.turns import is_name

_LONGEST: Final = 1000  # letters that a line counts for at most


def in_verse(seq: Sequence, bits: npt.NDArray[np.uint16]) -> Bools:
    """Return which entries are in one paragraph with lines of a text of short lines, of which one is no name.

    Of such a text the short lines that match nothing and are not written as names hold more letters than all others.

    Args:
        seq: Lines that hold text.
        bits: What each of them matches.
    """
    rows = len(seq.first) - 1
    size = np.minimum(seq.size, _LONGEST)
    short, long = (bits == 0) & (seq.size < PROSE), (bits == 0) & (seq.size >= PROSE)
    more = np.bincount(seq.row[short], size[short], rows) - np.bincount(seq.row[long], size[long], rows)
    hit = np.bincount(seq.row[(bits != 0) & seq.mixed], minlength=rows) > 0
    paragraph = np.cumsum(seq.opens)
    found, own_words = np.zeros(rows, bool), np.zeros(len(paragraph) + 1, bool)
    for row in np.flatnonzero((more > 0) & hit).tolist():
        low = int(seq.first[row])
        own = (low + np.flatnonzero(short[low : seq.first[row + 1]])).tolist()
        named = {entry for entry in own if is_name(seq.lines, int(seq.line[entry]))}
        found[row] = more[row] > 2 * sum(int(size[entry]) for entry in named)  # which count on the other side
        own_words[paragraph[[entry for entry in own if entry not in named]]] = True
    marked: Bools = found[seq.row] & seq.mixed & own_words[paragraph]
    return marked
