"""When is a reading believed? Gates on what the runs of one codec in one document show together."""

from __future__ import annotations

from typing import NamedTuple

import ftfy
import numpy as np

from corpusmill.transforms.kernels.cleaning.mojibake.codecs import TABLES
from corpusmill.transforms.kernels.cleaning.mojibake.language_model.model import MODEL
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search import lattice

TYPOGRAPHIC = "\u00a0‘’“”–—…«»"
"""Signs that sound text of any script has, so that they say nothing about how much of it is damaged."""
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
QUOTES = (("“", "”"), ("«", "»"), ("‹", "›"), ("„", "“"))
_TYPOGRAPHIC = np.zeros(TABLES.held.shape[1], dtype=bool)
_TYPOGRAPHIC[TABLES.number[[ord(c) for c in TYPOGRAPHIC]]] = True


class CodecEvidence(NamedTuple):
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


def coverage(codes: np.ndarray, numbers: np.ndarray, found: CodecEvidence) -> float:
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


def _begun(codes: np.ndarray, numbers: np.ndarray, found: CodecEvidence, held: np.ndarray) -> int:
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
_IS_MARK = np.array([name.endswith("-mark") for name in MODEL.names])


def touches_letter(codes: np.ndarray, start: int, end: int) -> bool:
    """Return whether a letter of any script is right before or behind a part of a text."""
    around = [int(codes[i]) for i in (start - 1, end) if 0 <= i < len(codes)]
    return bool(scripts(np.array(around, dtype=np.int64)))


def harms(line: str, repaired: str) -> bool:
    """Return whether a repair breaks a line: a quotation mark loses its partner, a Latin letter gets a foreign mark.

    Most quotation marks are later bytes of UTF-8 in some codec: `(“ISLÃ”)` is no `(“ISLÔ)`.
    """
    for opening, closing in QUOTES:
        if 0 < line.count(opening) == line.count(closing) and repaired.count(opening) != repaired.count(closing):
            return True
    codes = lattice.as_codes(repaired)
    kind = MODEL.classes[codes]
    odd = np.flatnonzero(_IS_MARK[kind[1:]] & (MODEL.script[kind[:-1]] == LATIN)) + 1
    return any(chr(code) not in line for code in codes[odd].tolist())


def distinct_bytes(text: str, found: CodecEvidence) -> int:
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
