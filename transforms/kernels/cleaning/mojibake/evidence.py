"""When is a reading believed? Gates on what the runs of one codec in one document show together."""

from __future__ import annotations

from typing import NamedTuple

import ftfy
import numpy as np
from ftfy.badness import is_bad

from corpusmill.transforms.kernels.cleaning.mojibake.codecs import CODECS, TABLES
from corpusmill.transforms.kernels.cleaning.mojibake.model import MODEL, UNITS

TYPOGRAPHIC = "\u00a0‘’“”–—…«»"
"""Signs that sound text of any script has, so that they say nothing about how much of it is damaged."""
COMMON = frozenset(TYPOGRAPHIC + "„‚‹›¿¡•€™→✓❤★©®\ufeff")
FTFY_CONFIG = ftfy.TextFixerConfig(
    unescape_html=False,
    remove_terminal_escapes=False,
    fix_c1_controls=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    fix_surrogates=False,
    remove_control_chars=False,
    normalization=None,
    explain=False,
)
"""Only the repair of encodings; everything else is the business of other rules."""
SMALL = 8
"""Under this many distinct bytes of evidence the reading must also look like a usual kind of damage."""
ENOUGH = 64
SAMPLE = 64
"""Runs looked at for that."""
MIN_COVERAGE = 0.6
SIGN_BITS = 18
"""Asked of a lone emoji or typographic sign."""
GLUED_BITS = 18
"""Asked of a run that no orthography has: a Latin letter beside a foreign one."""
BOXED_BITS = 35
"""Asked of the best run where a letter stands beside line-drawing characters: some people draw with them."""
STRIKING_BITS = 37
"""What the best run of sound text hardly ever gains."""
SURE_BITS = 60
"""Asked where ftfy sees nothing wrong with the line."""
LONG = 6
"""Bytes: sound text of the usual codecs that decodes by chance is shorter."""
LINE = 200
"""Characters around a run that ftfy is shown."""
PAIR = 2
"""Bytes of the shortest sequence."""
QUOTES = (("“", "”"), ("«", "»"), ("‹", "›"), ("„", "“"))
PICTURES = ("emoji", "dingbat", "variation-selector", "joiner", "flag", "skin-tone")
_TYPOGRAPHIC = np.zeros(TABLES.held.shape[1], dtype=bool)
_TYPOGRAPHIC[TABLES.number[[ord(c) for c in TYPOGRAPHIC]]] = True


def _long(gains: dict[str, int]) -> bool:
    """Whether some run is so long and gains so much that no sound text was ever seen to hold one like it."""
    return any(len(run) >= LONG and gain >= SURE_BITS * UNITS for run, gain in gains.items())


class Found(NamedTuple):
    """What one codec explains in one document.

    Attributes:
        codec: Position in `CODECS`.
        score: Units of plausibility gained, less the codec's prior.
        start: int64, sequence positions in the text.
        length: int64, characters of each.
        char: int64, their code points.
        run_start: int64, positions of the runs that are rewritten.
        run_end: int64, their ends.
        gain: int64, their gains.
        left: Runs of the codec that are left alone.
    """

    codec: int
    score: int
    start: np.ndarray
    length: np.ndarray
    char: np.ndarray
    run_start: np.ndarray
    run_end: np.ndarray
    gain: np.ndarray
    left: int


def coverage(codes: np.ndarray, numbers: np.ndarray, found: Found) -> float:
    """Share of the codec's characters, in the non-ASCII stretches touched by a rewritten run, that the runs explain."""
    high = codes > 0x7F
    held = np.zeros(len(codes) + 1, dtype=np.int64)
    np.cumsum(TABLES.held[found.codec][numbers] & ~_TYPOGRAPHIC[numbers] & high, out=held[1:])
    edges = np.flatnonzero(np.diff(np.concatenate([[False], high, [False]])))
    opens, closes = edges[0::2], edges[1::2]
    touched = np.unique(np.searchsorted(opens, found.run_start, side="right") - 1)
    total = int((held[closes[touched]] - held[opens[touched]]).sum())
    explained = int((held[found.run_end] - held[found.run_start]).sum())
    if explained < MIN_COVERAGE * total and 2 * explained >= MIN_COVERAGE * total:
        explained += _begun(codes, numbers, found, held)
    return explained / max(total, 1)


def _begun(codes: np.ndarray, numbers: np.ndarray, found: Found, held: np.ndarray) -> int:
    """Characters of sequences that lost their last byte: first bytes that whole sequences have too, and the next."""
    inside = np.zeros(len(codes) + 1, dtype=np.int64)
    inside[found.run_start] += 1
    inside[found.run_end] -= 1
    outside = np.cumsum(inside[:-1]) == 0
    first = TABLES.first[found.codec][numbers]
    later = ((TABLES.own[found.codec][numbers] | TABLES.alias[found.codec][numbers]) != 0) & outside
    begins = np.flatnonzero(outside & np.isin(first, first[found.start]) & (first != 0))
    two = begins[(begins + 1 < len(codes)) & (first[begins] >= 0xE0)]
    seconds = two + 1
    seconds = seconds[later[np.minimum(seconds, len(codes) - 1)]]
    counted = np.union1d(begins, seconds)
    return int((held[counted + 1] - held[counted]).sum())


def scripts(codes: np.ndarray) -> set[int]:
    """Scripts of the letters and marks among some characters, as numbers of `MODEL.script_names`."""
    return set(MODEL.script[MODEL.classes[codes]].tolist()) - {-1}


LATIN = MODEL.script_names.index("Latin")
_PICTURES = frozenset(i for i, name in enumerate(MODEL.names) if name in PICTURES)
_IS_MARK = np.array([name.endswith("-mark") for name in MODEL.names])
_ODD = frozenset(i for i, name in enumerate(MODEL.names) if name in ("box", "c1"))


def _glued(codes: np.ndarray, start: int, end: int, *, also_signs: bool) -> bool:
    """A Latin letter beside a foreign letter (or a box or control character): no orthography has that."""
    around = [int(codes[i]) for i in (start - 1, end) if 0 <= i < len(codes)]
    if LATIN not in scripts(np.array(around, dtype=np.int64)):
        return False
    inside = codes[start:end]
    if scripts(inside) - {LATIN}:
        return True
    return also_signs and not _ODD.isdisjoint(MODEL.classes[inside].tolist())


def touches_letter(codes: np.ndarray, start: int, end: int) -> bool:
    """Whether a letter of any script stands right before or behind a part of a text."""
    around = [int(codes[i]) for i in (start - 1, end) if 0 <= i < len(codes)]
    return bool(scripts(np.array(around, dtype=np.int64)))


def _ftfy_agrees(text: str, start: int, end: int) -> bool:
    first, last = _line(text, start, end)
    line = text[max(first, start - LINE) : min(last, end + LINE)]
    return ftfy.fix_encoding(line, FTFY_CONFIG) != line


def _line(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the line (or lines) around a part of a text start and end."""
    first, last = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    return first, last if last >= 0 else len(text)


def _unpairs(text: str, start: int, end: int) -> bool:
    """Whether a part of a line is one half of a pair of quotation marks there."""
    first, last = _line(text, start, end)
    return harms(text[first:last], text[first:start] + text[end:last])


def harms(line: str, repaired: str) -> bool:
    """Whether a repair breaks a line: a pair of quotation marks loses one, a Latin letter gets another script's mark.

    Most quotation marks are later bytes of UTF-8 in some codec: `(“ISLÃ”)` is no `(“ISLÔ)`.
    """
    for opening, closing in QUOTES:
        if 0 < line.count(opening) == line.count(closing) and repaired.count(opening) != repaired.count(closing):
            return True
    codes = np.array([ord(c) for c in repaired], dtype=np.int64)
    kind = MODEL.classes[codes]
    odd = np.flatnonzero(_IS_MARK[kind[1:]] & (MODEL.script[kind[:-1]] == LATIN)) + 1
    return any(chr(code) not in line for code in codes[odd].tolist())


def distinct_bytes(text: str, found: Found) -> int:
    """How many bytes of evidence the first runs hold, each different run counted once; counted up to `ENOUGH`."""
    seen: set[str] = set()
    total = 0
    for a, b in zip(found.run_start[:SAMPLE].tolist(), found.run_end[:SAMPLE].tolist(), strict=True):
        run = text[a:b]
        if run not in seen:
            seen.add(run)
            total += b - a
            if total >= ENOUGH:
                break
    return total


def believable(text: str, codes: np.ndarray, found: Found) -> bool:
    """Judge small evidence (under `SMALL` distinct bytes): is this a usual kind of damage?

    Large evidence needs no such judgement: it hardly ever decodes by chance.
    """
    gains: dict[str, int] = {}
    runs = list(zip(found.run_start[:SAMPLE].tolist(), found.run_end[:SAMPLE].tolist(), strict=True))
    for (a, b), gain in zip(runs, found.gain[:SAMPLE].tolist(), strict=True):
        gains[text[a:b]] = max(gain, gains.get(text[a:b], 0))
    evidence = sum(map(len, gains))
    bits = sum(gains.values()) / UNITS
    codec = CODECS[found.codec]
    bad = not codec.latin or any(is_bad(text[max(0, a - 2) : b + 2]) for a, b in runs)
    decoded = found.char[(found.start >= runs[0][0]) & (found.start < runs[-1][1])]
    classes = MODEL.classes[decoded].tolist()
    if all(k in _PICTURES or chr(c) in COMMON for k, c in zip(classes, decoded.tolist(), strict=True)):
        if evidence > 2:
            return bits >= SIGN_BITS
        glued = any(_glued(codes, a, b, also_signs=True) for a, b in runs)
        return (glued and bits >= GLUED_BITS) or (bad and codec.core)
    brought = scripts(decoded)
    if all(b - a == PAIR and _unpairs(text, a, b) for a, b in runs):
        return False
    keep = np.ones(len(codes), dtype=bool)
    for a, b in runs:
        keep[a:b] = False
    present = scripts(codes[keep])
    if present and brought - present - {LATIN} and not (codec.core and _long(gains)):
        return False
    if len(decoded) == len(runs) and not any(touches_letter(codes, a, b) for a, b in runs):
        return False
    if bits >= GLUED_BITS and any(_glued(codes, a, b, also_signs=False) for a, b in runs):
        return True
    if any(_glued(codes, a, b, also_signs=True) for a, b in runs):
        return max(gains.values()) >= BOXED_BITS * UNITS or bits >= SURE_BITS
    striking = max(gains.values()) >= STRIKING_BITS * UNITS
    if not bad:
        return striking or bits >= SURE_BITS
    if present and brought - present:
        return False
    if evidence == 2 and codec.core and codec.latin:
        return (striking and len(runs) > 1) or _ftfy_agrees(text, *runs[0])
    return evidence >= 4 or (codec.core and evidence >= 2)
