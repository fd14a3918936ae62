"""Lists in which lines of an interface and lines of the text take turns: verse, glossaries, tables, commands.

A site's lines are adjacent. Where a known line, each time as many other short lines, and a known line again follow
each other, the step is the text's: a word of the poem and the rest of its sentence, a term and what it means, a label
and a figure. Between the words of a menu are names of pages: they begin with capitals, end as no sentence
does, and are not repeated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import regex

from corpusmill.transforms.kernels.arrays import Bools, Int64s
from corpusmill.transforms.kernels.boilerplate.lines.lines import Lines, pair_keys
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import AFFIX

if TYPE_CHECKING:
    from corpusmill.transforms.kernels.boilerplate.matching.sequence import Sequence

_TURNS: Final = 3  # different lines of an interface, each alone
_STEPS: Final = range(2, 5)  # entries from one of them to the next
_REPEATS: Final = 3  # of a line that is under every comment
_NAME = regex.compile(r"\W*\p{Lu}.*(?<![.!?;:,])$")
"""A line as an entry of a menu or a title is written, in scripts with capitals."""


def is_name(lines: Lines, line: int) -> bool:
    """Return whether a line is written as an entry of a menu or a title is, in a script with capitals."""
    return _NAME.match(lines.text(line)) is not None


def turns_of(seq: Sequence, long: Bools, short: Bools) -> Int64s:
    """Return the entries that match a rule and take turns with short lines of the text, in steps of one length.

    What a page has many times is under its comments; a line that is known by how it begins has no other use.

    Args:
        seq: Lines that hold text.
        long: bool, shape (n,), which of them are long lines.
        short: bool, shape (n,), which have the length of an entry of a menu.
    """
    hits = np.flatnonzero(seq.bits)
    found = _take_turns(seq, hits, long, short)
    if not len(found):
        return found
    _, which, count = np.unique(pair_keys(seq.row[hits], seq.key[hits]), return_inverse=True, return_counts=True)
    rare = hits[(count < _REPEATS)[which]]
    own: Int64s = found[np.isin(found, rare) & ((seq.bits[found] & AFFIX) == 0)]
    return own


def _take_turns(seq: Sequence, hits: Int64s, long: Bools, short: Bools) -> Int64s:
    """Return the hits that take turns with other lines, in steps of one length."""
    if len(hits) < _TURNS:
        return hits[:0]
    # A long line between two of them parts them, and so does the end of a document.
    barrier = np.cumsum(long)
    step = np.diff(hits)
    linked = (seq.row[hits[1:]] == seq.row[hits[:-1]]) & (barrier[hits[1:]] == barrier[hits[:-1]])
    alone = np.ones(len(hits), bool)
    alone[1:] &= ~linked | (step > 1)
    alone[:-1] &= ~linked | (step > 1)
    linked &= (step < _STEPS.stop) & alone[1:] & alone[:-1]
    found: list[Int64s] = []
    # Runs of equal steps; a hit may end one and begin the next.
    at = np.flatnonzero(linked)
    parted = np.flatnonzero((np.diff(at) != 1) | (np.diff(step[at]) != 0)) + 1
    for run in np.split(at, parted):
        turns = hits[run[0] : run[-1] + 2] if len(run) else run
        if len(turns) >= _TURNS and len(np.unique(seq.key[turns])) >= _TURNS and _is_of_text(seq, turns, short):
            found.append(turns)
    return np.unique(np.concatenate(found)) if found else hits[:0]


def _is_of_text(seq: Sequence, turns: Int64s, short: Bools) -> bool:
    """Return whether what is between some hits is mostly not written as entries of a menu, which are not repeated."""
    own = np.setdiff1d(np.arange(turns[0], turns[-1]), turns)
    names = {int(seq.key[entry]) for entry in own[short[own]].tolist() if is_name(seq.lines, int(seq.line[entry]))}
    return 2 * len(names) < len(own)
