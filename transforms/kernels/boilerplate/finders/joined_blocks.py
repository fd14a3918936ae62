"""Share blocks whose entries were run together into one line: "Get link Facebook X Pinterest Email Other Apps".

A line counts if known strings fill it from end to end, and they would be removed as a block; between names of sites a
stranger or two may occur, as long as the line is neither a sentence nor a list with commas.
"""

from __future__ import annotations

import numpy as np
import regex

from corpusmill.transforms.kernels.arrays import Bools, Int64s
from corpusmill.transforms.kernels.boilerplate.lines.folding import fold_line
from corpusmill.transforms.kernels.boilerplate.lines.lines import Lines
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import (
    BRAND,
    EMAIL,
    SHARE,
    STRONG,
    UNSURE,
    RuleTable,
)
from corpusmill.transforms.kernels.boilerplate.matching.sequence import NEVER, Sequence
from corpusmill.transforms.kernels.columns import matches

JOINED = "boilerplate.joined-block"

MAX_LETTERS = 320
_EDGE = 8  # lines from either end of a document
_LIKELY = (
    r"(?i)facebook.*(?:twitter|pinterest|\bx\b|whats|linkedin)|(?:twitter|pinterest).*facebook|blogthis"
    r"|pinterest.*(?:e-?mail|twitter)"
)
_PROSE = regex.compile(r"[,;。，、؛،]|[.?؟।]\s+\p{Lu}|[.?؟।]\s*$")
_STRANGER = 30  # letters


def find_joined(lines: Lines, seq: Sequence, table: RuleTable, taken: dict[int, str]) -> dict[int, str]:
    """Return the entries of `seq` near the ends of documents that are run-together blocks, with the rule id.

    Args:
        lines: The lines of the batch.
        seq: Those of them that hold text.
        table: The rules.
        taken: Entries that are removed already.
    """
    length = (lines.end - lines.start)[seq.line]
    entries = np.arange(len(seq.line))
    free = np.ones(len(entries), bool)
    free[np.fromiter(taken, np.int64, len(taken))] = False
    from_end = _distance_from_end(seq, free)
    near = (seq.offset(entries) < _EDGE) | (from_end < _EDGE)
    wanted = np.flatnonzero(near & free & (seq.size < NEVER) & (length >= 12) & (length <= 4 * MAX_LETTERS))
    if not len(wanted):
        return {}
    chosen = wanted[matches(lines.texts(seq.line[wanted]), _LIKELY)]
    return {
        int(entry): JOINED for entry in chosen if is_joined_block(lines.text(int(seq.line[entry])), table.share_forms)
    }


def _distance_from_end(seq: Sequence, free: Bools) -> Int64s:
    """Return how many entries that stay follow each one in its row."""
    before = np.concatenate([[0], np.cumsum(free)])
    after: Int64s = before[seq.first[seq.row + 1]] - before[1:]
    return after


def is_joined_block(line: str, vocabulary: dict[str, list[tuple[str, int]]]) -> bool:
    """Return whether known strings of share blocks fill a line from end to end.

    Args:
        line: One line.
        vocabulary: Folded strings and what they stand for, by their first two letters.
    """
    folded = fold_line(line)
    if len(folded) > MAX_LETTERS or _PROSE.search(line):
        return False
    # best[i]: fewest strange letters of a reading of folded[:i], and the string that ends there.
    size = len(folded)
    best: list[tuple[int, int, str, int]] = [(size + 1, 0, "", 0)] * (size + 1)
    best[0] = (0, 0, "", 0)
    for i in range(size):
        strange, pieces, _, _ = best[i]
        stranger = (strange + 1, pieces, "", 0)
        best[i + 1] = min(best[i + 1], stranger, key=lambda found: found[:2])
        for form, bits in (*vocabulary.get(folded[i : i + 2], ()), *vocabulary.get(folded[i], ())):
            if folded.startswith(form, i):
                end = i + len(form)
                best[end] = min(best[end], (strange, pieces + 1, form, bits), key=lambda found: found[:2])
    found: dict[str, int] = {}
    at, strangers, run = size, [], 0
    while at:
        _, _, form, bits = best[at]
        if form:
            found[form] = bits
            at -= len(form)
            if run:
                strangers.append(run)
            run = 0
        else:
            run += 1
            at -= 1
    if run:
        strangers.append(run)
    strong = sum(1 for bits in found.values() if bits & STRONG)
    unsure = sum(1 for bits in found.values() if bits & UNSURE)
    strong += unsure if unsure + strong >= 2 else 0
    brand = sum(1 for bits in found.values() if bits & BRAND)
    share = sum(1 for bits in found.values() if bits & (SHARE | EMAIL) and not bits & BRAND)
    evidence = (brand >= 2 and strong + share >= 1) or strong >= 2
    if not strangers:
        return evidence and len(found) >= 3
    return (
        brand >= 3
        and strong + share >= 1
        and len(strangers) <= 2
        and max(strangers) <= _STRANGER
        and 2 * sum(strangers) <= size + _STRANGER
    )
