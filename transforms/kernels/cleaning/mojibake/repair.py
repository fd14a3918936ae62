"""The repair itself: the means of repair in rounds, on texts of any length, and on columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from corpusmill.transforms.kernels.cleaning.mojibake.candidates import (
    BLOCK,
    LONG,
    candidate_rows,
    damaged_texts,
    pieces,
)
from corpusmill.transforms.kernels.cleaning.mojibake.codecs import NAMES
from corpusmill.transforms.kernels.cleaning.mojibake.lossy.losses import LOST
from corpusmill.transforms.kernels.cleaning.mojibake.repair_stages import (
    DOUBLE,
    LOSSY,
    MOJIBAKE,
    SUSPECT,
    Damaged,
    Repair,
    Repaired,
    punctuated,
    repair_once,
)
from corpusmill.transforms.kernels.cleaning.mojibake.settings import RepairSettings
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search import lattice, search
from corpusmill.transforms.kernels.findings import Findings

GROUP = 1 << 18
"""Characters repaired together."""
ROUNDS = 4
"""Repair is repeated until nothing changes, at most so often."""


def repair_group(texts: Sequence[str], settings: RepairSettings) -> list[Repaired]:
    """Repair some texts together; each comes out as it would alone."""
    done = [Repaired(t, [], 0) for t in texts]
    active = list(range(len(texts)))
    ended: set[int] = set()
    for _ in range(ROUNDS):
        active, damaged = _still_damaged(done, active, settings)
        if not active:
            break
        changed = []
        # the search has nothing to add to an end of its own; the other means may
        for wide in (True, False):
            some = [(i, one) for i, one in zip(active, damaged, strict=True) if (i in ended) != wide]
            new = repair_once([one for _, one in some], settings, wide=wide)
            for (i, _), outcome in zip(some, new, strict=True):
                suspects = 0 if outcome.repairs else outcome.suspects
                done[i] = Repaired(outcome.text, done[i].repairs + outcome.repairs, suspects)
                if outcome.repairs:
                    changed.append(i)
        ended = {i for i in changed if done[i].repairs[-1].rule in (MOJIBAKE, DOUBLE)}
        # what is left damaged for want of time is left to no other codec
        active = [i for i in changed if not done[i].repairs[-1].left and not _in_disorder(done[i])]
    return [_with_gaps_counted(outcome) for outcome in done]


def _still_damaged(done: list[Repaired], rows: list[int], settings: RepairSettings) -> tuple[list[int], list[Damaged]]:
    """Return those of some texts that hold traces of damage, everyday signs in them restored; `done` is changed."""
    traces = damaged_texts([done[i].text for i in rows], settings)
    active, damaged = [], []
    for at in np.flatnonzero(traces.any).tolist():
        row = rows[at]
        traced = done[row].text
        done[row] = punctuated(done[row], settings)
        known = settings.reverse and done[row].text == traced
        active.append(row)
        damaged.append(Damaged(done[row].text, bool(traces.ftfy[at]), bool(traces.reverse[at]) if known else None))
    return active, damaged


def _in_disorder(outcome: Repaired) -> bool:
    """Return whether a long text was read through more codecs than texts pass; the result of one round stays."""
    return len(outcome.text) > search.LONG and len({repair.codec for repair in outcome.repairs}) >= search.MAX_CODECS


def _with_gaps_counted(outcome: Repaired) -> Repaired:
    """A gap that is left where a letter was is suspect as well, and so is what was left damaged."""
    if not any(repair.rule in (LOSSY, DOUBLE) for repair in outcome.repairs):
        return outcome
    left = sum(repair.left for repair in outcome.repairs)
    return outcome._replace(suspects=outcome.suspects + outcome.text.count(LOST) + left)


def _long(text: str, settings: RepairSettings) -> Repaired:
    """Repair a long text block by block; what most blocks show decides about blocks that show little."""
    parts = pieces(text)
    outcomes: list[Repaired] = []
    for i in range(0, len(parts), GROUP // BLOCK):
        outcomes += repair_group(parts[i : i + GROUP // BLOCK], settings)
    runs: Counter[str] = Counter()
    for outcome in outcomes:
        runs.update({r.codec: r.runs for r in outcome.repairs if r.rule == MOJIBAKE})
    if runs:
        codec = NAMES.index(max(sorted(runs), key=lambda name: runs[name]))
        for i, outcome in enumerate(outcomes):
            if outcome.suspects and not outcome.repairs:
                outcomes[i] = _by_codec(outcome, codec)
    return _joined(parts, outcomes)


def _by_codec(outcome: Repaired, codec: int) -> Repaired:
    found = search.apply_codec(lattice.as_codes(outcome.text), codec)
    if found is None:
        return outcome
    text = lattice.as_text(found.codes)
    return Repaired(text, [Repair(text, MOJIBAKE, NAMES[codec], found.runs, found.bits)], 0)


def _joined(pieces: Sequence[str], outcomes: Sequence[Repaired]) -> Repaired:
    """One outcome of all blocks: the repairs of each rule and codec count as one, in the order in which they appear."""
    kinds = list(dict.fromkeys((r.rule, r.codec) for outcome in outcomes for r in outcome.repairs))
    repairs = []
    for n, kind in enumerate(kinds, 1):
        so_far = set(kinds[:n])
        parts, runs, bits = [], 0, 0.0
        for piece, outcome in zip(pieces, outcomes, strict=True):
            state = piece
            for repair in outcome.repairs:
                if (repair.rule, repair.codec) not in so_far:
                    break
                state = repair.text
            parts.append(state)
            mine = [r for r in outcome.repairs if (r.rule, r.codec) == kind]
            runs += sum(r.runs for r in mine)
            bits += sum(r.bits for r in mine)
        repairs.append(Repair("".join(parts), *kind, runs, bits))
    return Repaired("".join(o.text for o in outcomes), repairs, sum(o.suspects for o in outcomes))


def repair_texts(texts: Sequence[str], settings: RepairSettings) -> list[Repaired]:
    """Repair texts of any length; each comes out as it would alone."""
    short = [i for i, t in enumerate(texts) if len(t) <= LONG]
    done = dict(zip(short, repair_group([texts[i] for i in short], settings), strict=True))
    return [done[i] if i in done else _long(t, settings) for i, t in enumerate(texts)]


def repair_text(text: str, settings: RepairSettings) -> tuple[str, list[Repair], int]:
    """Repair one text.

    Args:
        text: Any text.
        settings: What may be repaired.

    Returns:
        The repaired text, the repairs in order (see `Repair`), and how many suspect runs were left alone.

    Example:
        >>> repair_text("the “best” day πŸ’₯πŸ’₯πŸ’₯", RepairSettings())[0]
        'the “best” day 💥💥💥'
    """
    outcome = repair_texts([text], settings)[0]
    return outcome.text, outcome.repairs, outcome.suspects


def repair_column(text: pa.StringArray, settings: RepairSettings) -> tuple[pa.StringArray, Findings]:
    """Repair a column of texts.

    Args:
        text: A string or large_string array; nulls stay null.
        settings: What may be repaired.

    Returns:
        The column repaired, of the same type, and how often each rule changed which row; `encoding.suspect` counts
        runs that look damaged but were left alone for want of evidence.
    """
    findings = Findings()
    rows = np.flatnonzero(candidate_rows(text, settings)).tolist()
    values = text.take(pa.array(rows, type=pa.int64())).to_pylist()
    changed: dict[int, str] = {}
    start = 0
    while start < len(rows):
        stop, size = start, 0
        while stop < len(rows) and (stop == start or size + len(values[stop]) <= GROUP):
            size += len(values[stop])
            stop += 1
        for row, before, outcome in zip(
            rows[start:stop], values[start:stop], repair_texts(values[start:stop], settings), strict=True
        ):
            for repair in outcome.repairs:
                findings.add(row, repair.rule, repair.runs)
            if outcome.suspects:
                findings.add(row, SUSPECT, outcome.suspects)
            if outcome.text != before:
                changed[row] = outcome.text
        start = stop
    if not changed:
        return text, findings
    mask = np.zeros(len(text), dtype=bool)
    mask[list(changed)] = True
    values_changed = pa.array([changed[row] for row in sorted(changed)], type=text.type)
    return pa.compute.replace_with_mask(text, pa.array(mask), values_changed), findings
