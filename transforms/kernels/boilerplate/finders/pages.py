"""Pages that are nothing but what a site or server says in the place of an article."""

from __future__ import annotations

from typing import Final

import numpy as np

from corpusmill.transforms.kernels.arrays import Int64s
from corpusmill.transforms.kernels.boilerplate.lines.lines import Lines
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import PAGE, RuleTable
from corpusmill.transforms.kernels.boilerplate.matching.sequence import Sequence

ONLY: Final = "filter.boilerplate-only"
ERROR: Final = "filter.error-page"

MAX_LETTERS = 1500  # of a page that can be judged by its lines; articles about cookies are longer


def find_pages(lines: Lines, seq: Sequence, table: RuleTable) -> Int64s:
    """Return the rows whose every line is one that stands for a missing page, or is not text of any length.

    Args:
        lines: The lines of the batch.
        seq: Those of them that hold text.
        table: The rules.
    """
    count = np.diff(seq.first)
    letters = np.bincount(seq.row, np.minimum(seq.size, MAX_LETTERS + 1), len(count))
    rows = np.flatnonzero((count > 0) & (letters <= MAX_LETTERS))
    wanted = np.zeros(len(count), bool)
    wanted[rows] = True
    entries = np.flatnonzero(wanted[seq.row])
    bits = seq.bits[entries] | table.match_affixes(lines, seq.line[entries], pages=True)
    hit = (bits & PAGE) != 0
    known = hit | (seq.bits[entries] != 0)
    row = seq.row[entries]
    page = np.bincount(row[hit], seq.size[entries[hit]], len(count))
    strange = np.bincount(row[~known], seq.size[entries[~known]], len(count))
    return np.flatnonzero((page > 0) & (strange <= page / 3))
