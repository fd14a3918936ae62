"""The repair itself: the wide search and ftfy, each repair on record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import ftfy
import numpy as np
import pyarrow as pa
from ftfy.badness import is_bad

from corpusmill.transforms.kernels.cleaning.mojibake import (
    evidence,
    gates,
    lattice,
    multibyte,
    punctuation,
    reverse,
    search,
)
from corpusmill.transforms.kernels.cleaning.mojibake.candidates import (
    BLOCK,
    LONG,
    candidate_rows,
    damaged_lines,
    damaged_texts,
    pieces,
)
from corpusmill.transforms.kernels.cleaning.mojibake.codecs import CP1252, NAMES
from corpusmill.transforms.kernels.cleaning.mojibake.lossy import incomplete, recover
from corpusmill.transforms.kernels.cleaning.mojibake.lost_bytes import LOST
from corpusmill.transforms.kernels.cleaning.mojibake.model import MODEL, UNITS
from corpusmill.transforms.kernels.cleaning.mojibake.settings import RepairSettings
from corpusmill.transforms.kernels.findings import Findings

MOJIBAKE, DOUBLE, LOSSY, MULTIBYTE, REVERSE, FTFY, SUSPECT = (
    "encoding.repair-mojibake",
    "encoding.repair-double",
    "encoding.repair-lossy",
    "encoding.repair-multibyte",
    "encoding.repair-reverse",
    "encoding.ftfy-fix-encoding",
    "encoding.suspect",
)
GROUP = 1 << 18
"""Characters repaired together."""
GUESS_BYTES = 10
"""Distinct bytes of evidence for a codec that allow guessing bytes that are lost altogether."""
STRONG_BYTES = 16
"""Distinct bytes of evidence with which the wide search's reading is taken without asking ftfy."""
MOST_GAPS = 0.3
"""Share of the characters beyond ASCII of a text read anew that may be gaps which were none before."""
MOSTLY = 0.6
"""Share of the characters beyond ASCII that sequences of UTF-8 make up in a text that was UTF-8."""
FEW_SIGNS = 15
"""Damaged signs that make up less than one in so many of the characters beyond ASCII may show by chance."""
ROUNDS = 4
"""Repair is repeated until nothing changes, at most so often."""
_SINGLE_BYTE = RepairSettings(multibyte=False)
_SHOW_CONTROLS = {b: CP1252[b] for b in range(0x80, 0xA0) if CP1252[b] != "\N{REPLACEMENT CHARACTER}"}


class Repair(NamedTuple):
    """One applied repair; replacing the text by each `text` in turn replays them.

    Attributes:
        text: The whole text after the repair.
        rule: Rule id.
        codec: The codec that the text had been read through, or the tool that repaired it.
        runs: How many places were rewritten.
        bits: Plausibility gained.
    """

    text: str
    rule: str
    codec: str
    runs: int
    bits: float


class Outcome(NamedTuple):
    """The repaired text, how it came about, and how many suspect runs were left alone."""

    text: str
    repairs: list[Repair]
    suspects: int


def _ftfy(text: str) -> tuple[str, int]:
    """Take ftfy's reading of each line; say how many lines it changes. Showing C1 controls is not its business here."""
    lines = text.split("\n")
    changed = 0
    for i in damaged_lines(text):
        line = lines[i]
        if not is_bad(line):
            continue
        fixed = ftfy.fix_encoding(line, evidence.FTFY_CONFIG)
        if fixed == line or fixed == line.translate(_SHOW_CONTROLS):
            continue
        if not evidence.harms(line, fixed) and not gates.refuses(line, fixed):
            lines[i] = fixed
            changed += 1
    return "\n".join(lines), changed


def _by_ftfy(before: str, after: str, lines: int) -> Repair:
    return Repair(after, FTFY, "ftfy", lines, (MODEL.price(before) - MODEL.price(after)) / UNITS)


def _ours(text: str, reading: search.Reading, settings: RepairSettings) -> list[Repair]:
    """The wide search's reading, and the lines with lost bytes read anew with its codec."""
    ours = [
        Repair(
            lattice.as_text(step.codes),
            DOUBLE if step.layers > 1 or step.again else MOJIBAKE,
            NAMES[step.codecs[0]],
            step.runs,
            step.bits,
        )
        for step in reading.steps
    ]
    if ours and ours[-1].rule == DOUBLE and gates.mixes_scripts(ours[-1].text):
        return []
    if settings.lossy and len(ours) == 1 and ours[0].rule == MOJIBAKE:
        step = reading.steps[0]
        guess = step.evidence >= GUESS_BYTES
        if incomplete(text, step.codecs[0]):
            read = recover(text, ours[0].text, step.codecs[0], guess=guess)
            if read.odd or (read.losses and _too_much_lost(text, read.text)):
                return []
            if read.losses:
                ours.append(Repair(read.text, LOSSY, NAMES[step.codecs[0]], read.losses, read.bits))
    return ours


def _too_much_lost(before: str, after: str) -> bool:
    """Whether a reading is a ruin: so many gaps that the damaged text itself tells more."""
    gaps = after.count(LOST) - before.count(LOST)
    return gaps > MOST_GAPS * sum(c > "\x7f" for c in after)


def _choose(text: str, ours: list[Repair]) -> list[Repair]:
    """The better of the wide search's reading and ftfy's; where only one finds something, that one."""
    theirs, lines = _ftfy(text)
    if lines and not (ours and MODEL.price(ours[-1].text) <= MODEL.price(theirs)):
        return [_by_ftfy(text, theirs, lines)]
    return ours


def _once(texts: Sequence[str], by_ftfy: Sequence[bool], settings: RepairSettings, *, wide: bool) -> list[Outcome]:
    eastern = multibyte.likely_texts(texts) if settings.multibyte else np.zeros(len(texts), dtype=bool)
    codes = [lattice.as_codes(t) for t in texts]
    readings = search.solve(codes, settings.mask) if wide else [search.Reading(c) for c in codes]
    ours = [_ours(text, reading, settings) for text, reading in zip(texts, readings, strict=True)]
    left = damaged_texts([repairs[-1].text if repairs else "" for repairs in ours], _SINGLE_BYTE).any
    out = []
    for text, reading, wide_repairs, more, theirs, east in zip(
        texts, readings, ours, left.tolist(), by_ftfy, eastern.tolist(), strict=True
    ):
        clear = bool(wide_repairs) and (not more or reading.steps[0].evidence >= STRONG_BYTES) and LOST not in text
        repairs = wide_repairs if clear or not theirs else _choose(text, wide_repairs)
        if not repairs and east and (found := multibyte.repair(text)) is not None:
            repairs = [Repair(found.text, MULTIBYTE, found.codec, found.runs, found.bits)]
        suspects = reading.suspects
        if reading.steps and not repairs:
            suspects = max(suspects, reading.steps[0].runs)
        partial = _partial(text, repairs[-1].text) if repairs else settings.reverse and not _mostly_utf8(text, reading)
        read = reverse.repair(text) if partial else None
        # bytes of a legacy encoding are well-formed UTF-8 here and there: the more plausible whole document wins
        if read is not None and not (repairs and MODEL.price(repairs[-1].text) <= MODEL.price(read.text)):
            suspects = max(suspects, 1, sum(repair.runs for repair in repairs))
            proven = settings.reverse and read.proven
            repairs = [Repair(read.text, REVERSE, read.codec, 1, read.bits)] if proven else []
        out.append(Outcome(repairs[-1].text if repairs else text, repairs, suspects))
    return out


def _punctuated(state: Outcome, settings: RepairSettings) -> Outcome:
    """Restore everyday signs: before anything could take their beginning for a gap."""
    means = [(settings.reverse, REVERSE, reverse.quotes), (settings.lossy, LOSSY, punctuation.restore)]
    for allowed, rule, restore in means:
        text, count, codec = restore(state.text) if allowed else (state.text, 0, "")
        if count and not (settings.reverse and _legacy(state.text, count)):
            bits = (MODEL.price(state.text) - MODEL.price(text)) / UNITS
            state = Outcome(text, [*state.repairs, Repair(text, rule, codec, count, bits)], 0)
    return state


def _mostly_utf8(text: str, reading: search.Reading) -> bool:
    """Whether most of a text is UTF-8, so that what is left lost bytes and is no legacy encoding."""
    if not reading.steps:
        return False
    saved = len(text) - len(reading.steps[0].codes)
    return saved * 2 >= MOSTLY * sum(c > "\x7f" for c in text)


def _legacy(text: str, signs: int) -> bool:
    """Whether a text is one of a legacy encoding, in which so few signs may show by chance."""
    if signs * FEW_SIGNS > sum(c > "\x7f" for c in text):
        return False
    read = reverse.repair(text)
    return read is not None and read.proven


def _partial(text: str, repaired: str) -> bool:
    """Whether a repair leaves more characters above ASCII than it decodes."""
    return sum(c > "\x7f" for c in repaired) > len(text) - len(repaired)


def repair_group(texts: Sequence[str], settings: RepairSettings) -> list[Outcome]:
    """Repair some texts together; each comes out as it would alone."""
    done = [Outcome(t, [], 0) for t in texts]
    traces = damaged_texts(texts, settings)
    active = np.flatnonzero(traces.any).tolist()
    by_ftfy = traces.ftfy[active].tolist()
    ended: set[int] = set()
    for _ in range(ROUNDS):
        for i in active:
            done[i] = _punctuated(done[i], settings)
        changed = []
        # the search has nothing to add to an end of its own; the other means may
        for wide in (True, False):
            some = [(i, ftfy) for i, ftfy in zip(active, by_ftfy, strict=True) if (i in ended) != wide]
            new = _once([done[i].text for i, _ in some], [ftfy for _, ftfy in some], settings, wide=wide)
            for (i, _), outcome in zip(some, new, strict=True):
                suspects = 0 if outcome.repairs else outcome.suspects
                done[i] = Outcome(outcome.text, done[i].repairs + outcome.repairs, suspects)
                if outcome.repairs:
                    changed.append(i)
        ended = {i for i in changed if done[i].repairs[-1].rule in (MOJIBAKE, DOUBLE)}
        traces = damaged_texts([done[i].text for i in changed], settings)
        active = [i for i, more in zip(changed, traces.any, strict=True) if more]
        by_ftfy = traces.ftfy[traces.any].tolist()
        if not active:
            break
    return [_with_gaps_counted(outcome) for outcome in done]


def _with_gaps_counted(outcome: Outcome) -> Outcome:
    """A gap that is left where a letter was is suspect as well."""
    if not any(repair.rule == LOSSY for repair in outcome.repairs):
        return outcome
    return outcome._replace(suspects=outcome.suspects + outcome.text.count(LOST))


def _long(text: str, settings: RepairSettings) -> Outcome:
    """Repair a long text block by block; what most blocks show decides about blocks that show little."""
    parts = pieces(text)
    outcomes: list[Outcome] = []
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


def _by_codec(outcome: Outcome, codec: int) -> Outcome:
    found = search.apply_codec(lattice.as_codes(outcome.text), codec)
    if found is None:
        return outcome
    text = lattice.as_text(found.codes)
    return Outcome(text, [Repair(text, MOJIBAKE, NAMES[codec], found.runs, found.bits)], 0)


def _joined(pieces: Sequence[str], outcomes: Sequence[Outcome]) -> Outcome:
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
    return Outcome("".join(o.text for o in outcomes), repairs, sum(o.suspects for o in outcomes))


def repair_texts(texts: Sequence[str], settings: RepairSettings) -> list[Outcome]:
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
