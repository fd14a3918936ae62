"""The means of repair, each on record: the wide search, ftfy, East Asian and legacy encodings, everyday signs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import ftfy
import numpy as np
from ftfy.badness import badness, is_bad

from corpusmill.transforms.kernels.cleaning.mojibake import gates, legacy_quotes, multibyte, punctuation, reverse
from corpusmill.transforms.kernels.cleaning.mojibake.candidates import damaged_lines, damaged_texts
from corpusmill.transforms.kernels.cleaning.mojibake.codecs import CP1252, NAMES
from corpusmill.transforms.kernels.cleaning.mojibake.language_model.model import MODEL, UNITS
from corpusmill.transforms.kernels.cleaning.mojibake.lossy.losses import LOST, incomplete
from corpusmill.transforms.kernels.cleaning.mojibake.lossy.lossy_repair import recover
from corpusmill.transforms.kernels.cleaning.mojibake.settings import RepairSettings
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search import evidence, lattice, search

MOJIBAKE, DOUBLE, LOSSY, MULTIBYTE, REVERSE, FTFY, SUSPECT = (
    "encoding.repair-mojibake",
    "encoding.repair-double",
    "encoding.repair-lossy",
    "encoding.repair-multibyte",
    "encoding.repair-reverse",
    "encoding.ftfy-fix-encoding",
    "encoding.suspect",
)
GUESS_BYTES = 10
"""Distinct bytes of evidence for a codec that allow guessing bytes that are lost altogether."""
STRONG_BYTES = 16
"""Distinct bytes of evidence with which the wide search's reading is taken without asking ftfy."""
MAX_GAPS, USUAL_GAPS, FEW_GAPS = 0.3, 0.15, 20
"""Share of the characters beyond ASCII of a text read anew that may be gaps which were none before; of a longer one,
with so many gaps besides: where most words have one, nothing can be read."""
FEW_REMAINS = 10
"""A further step that rewrites less than one run to so many of the first one's may work on what that one broke off."""
MOSTLY = 0.6
"""Share of the characters beyond ASCII that sequences of UTF-8 make up in a text that was UTF-8."""
FEW_SIGNS = 15
"""Damaged signs that make up less than one in so many of the characters beyond ASCII may show by chance."""
LONG_TEXT, MAX_BAD = 2000, 0.1
"""Characters by which a text is judged, and the share of them that are bad in a text that ftfy cannot mend either."""
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
        left: Places of the same kind that were left damaged.
    """

    text: str
    rule: str
    codec: str
    runs: int
    bits: float
    left: int = 0


class Repaired(NamedTuple):
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


def _ours(text: str, reading: search.SearchResult, settings: RepairSettings) -> list[Repair]:
    """The wide search's reading, and the lines with lost bytes read anew with its codec."""
    ours = [
        Repair(
            lattice.as_text(_with_gaps(step.codes, step.unsure if step is reading.steps[-1] else ())),
            DOUBLE if step.layers > 1 or step.again else MOJIBAKE,
            NAMES[step.codecs[0]],
            step.runs,
            step.bits,
        )
        for step in reading.steps
    ]
    if settings.lossy and len(ours) > 1 and _on_remains(text, reading):
        del ours[1:]
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
                ours.append(Repair(read.text, LOSSY, NAMES[step.codecs[0]], read.losses, read.bits, read.left))
    return ours


def _with_gaps(codes: np.ndarray, places: Sequence[int]) -> np.ndarray:
    """Code points with gaps for some of them."""
    if not places:
        return codes
    codes = codes.copy()
    codes[list(places)] = ord(LOST)
    return codes


def _on_remains(text: str, reading: search.SearchResult) -> bool:
    """Return whether what follows the first step reads, by another codec, what lost a byte in the first one's."""
    first, *others = reading.steps
    few = sum(step.runs for step in others) * FEW_REMAINS < first.runs
    return few and all(step.codecs[0] != first.codecs[0] for step in others) and bool(incomplete(text, first.codecs[0]))


def _too_much_lost(before: str, after: str) -> bool:
    """Return whether a reading is a ruin: so many gaps that the damaged text itself tells more."""
    gaps = after.count(LOST) - before.count(LOST)
    beyond = sum(c > "\x7f" for c in after)
    return gaps > min(MAX_GAPS * beyond, USUAL_GAPS * beyond + FEW_GAPS)


def _hopeless(text: str) -> bool:
    """Return whether a long text is bad throughout: the wide search knows all of ftfy's codecs and found nothing."""
    return len(text) > LONG_TEXT and badness(text[:LONG_TEXT]) > MAX_BAD * LONG_TEXT


def _choose(text: str, ours: list[Repair]) -> list[Repair]:
    """The better of the wide search's reading and ftfy's; where only one finds something, that one."""
    if not ours and _hopeless(text):
        return ours
    theirs, lines = _ftfy(text)
    if lines and not (ours and MODEL.price(ours[-1].text) <= MODEL.price(theirs)):
        return [_by_ftfy(text, theirs, lines)]
    return ours


class Damaged(NamedTuple):
    """A text to repair, and what is known of its traces.

    Attributes:
        text: The text.
        by_ftfy: ftfy might undo something in it.
        legacy: It may be in a legacy encoding; None where that is not known.
    """

    text: str
    by_ftfy: bool
    legacy: bool | None


class Signs(NamedTuple):
    """What speaks for other means than the wide search: traces that it leaves, runs as of an East Asian encoding."""

    left: bool
    eastern: bool


def repair_once(damaged: Sequence[Damaged], settings: RepairSettings, *, wide: bool) -> list[Repaired]:
    """Repair some texts by each means once; `wide` says whether the wide search is among them."""
    texts = [one.text for one in damaged]
    eastern = multibyte.likely_texts(texts) if settings.multibyte else np.zeros(len(texts), dtype=bool)
    codes = [lattice.as_codes(t) for t in texts]
    readings = search.solve(codes, settings.mask) if wide else [search.SearchResult(c) for c in codes]
    ours = [_ours(text, reading, settings) for text, reading in zip(texts, readings, strict=True)]
    left = damaged_texts([repairs[-1].text if repairs else "" for repairs in ours], _SINGLE_BYTE).any
    rows = zip(damaged, readings, ours, left.tolist(), eastern.tolist(), strict=True)
    return [_best_of(one, reading, some, settings, Signs(*signs)) for one, reading, some, *signs in rows]


def _best_of(
    damaged: Damaged, reading: search.SearchResult, wide: list[Repair], settings: RepairSettings, signs: Signs
) -> Repaired:
    """Choose between what the means make of one text.

    Args:
        damaged: The text.
        reading: The wide search's reading.
        wide: The repairs that it comes to.
        settings: What may be repaired.
        signs: What speaks for other means.
    """
    text = damaged.text
    clear = bool(wide) and (not signs.left or reading.steps[0].evidence >= STRONG_BYTES) and LOST not in text
    repairs = wide if clear or not damaged.by_ftfy else _choose(text, wide)
    if not repairs and signs.eastern and (found := multibyte.repair(text)) is not None:
        repairs = [Repair(found.text, MULTIBYTE, found.codec, found.runs, found.bits)]
    suspects = reading.suspects
    if reading.steps and not repairs:
        suspects = max(suspects, reading.steps[0].runs)
    partial = _partial(text, repairs[-1].text) if repairs else settings.reverse and not _mostly_utf8(text, reading)
    read = reverse.repair(text, is_likely=damaged.legacy) if partial else None
    # bytes of a legacy encoding are well-formed UTF-8 here and there: the more plausible whole document wins
    if read is not None and not (repairs and MODEL.price(repairs[-1].text) <= MODEL.price(read.text)):
        suspects = max(suspects, 1, sum(repair.runs for repair in repairs))
        proven = settings.reverse and read.proven
        repairs = [Repair(read.text, REVERSE, read.codec, 1, read.bits)] if proven else []
    return Repaired(repairs[-1].text if repairs else text, repairs, suspects)


def punctuated(state: Repaired, settings: RepairSettings) -> Repaired:
    """Restore everyday signs of a text: before anything could take their beginning for a gap."""
    means = [(settings.reverse, REVERSE, legacy_quotes.restore), (settings.lossy, LOSSY, punctuation.restore)]
    for allowed, rule, restore in means:
        text, count, codec = restore(state.text) if allowed else (state.text, 0, "")
        if count and not (settings.reverse and _legacy(state.text, count)):
            bits = (MODEL.price(state.text) - MODEL.price(text)) / UNITS
            state = Repaired(text, [*state.repairs, Repair(text, rule, codec, count, bits)], 0)
    return state


def _mostly_utf8(text: str, reading: search.SearchResult) -> bool:
    """Return whether most of a text is UTF-8, so that what is left lost bytes and is no legacy encoding."""
    if not reading.steps:
        return False
    saved = len(text) - len(reading.steps[0].codes)
    return saved * 2 >= MOSTLY * sum(c > "\x7f" for c in text)


def _legacy(text: str, signs: int) -> bool:
    """Return whether a text is one of a legacy encoding, in which so few signs may show by chance."""
    if signs * FEW_SIGNS > sum(c > "\x7f" for c in text):
        return False
    read = reverse.repair(text)
    return read is not None and read.proven


def _partial(text: str, repaired: str) -> bool:
    """Return whether a repair leaves more characters above ASCII than it decodes."""
    return sum(c > "\x7f" for c in repaired) > len(text) - len(repaired)
