"""When is a reading believed? Gates on what the runs of one codec in one document show together."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from ftfy.badness import is_bad

from transforms.kernels.mojibake.codecs import CODECS, TABLES
from transforms.kernels.mojibake.model import MODEL, UNITS

TYPOGRAPHIC = "\u00a0‘’“”–—…«»"
"""Signs that sound text of any script has, so that they say nothing about how much of it is damaged."""
COMMON = frozenset(TYPOGRAPHIC + "•€™→✓❤★©®\ufeff")
SMALL = 8
"""Under this many distinct bytes of evidence the reading must also look like a usual kind of damage."""
SAMPLE = 64
"""Runs looked at for that."""
MIN_COVERAGE = 0.6
PICTURES = ("emoji", "dingbat", "variation-selector", "joiner", "flag", "skin-tone")
_TYPOGRAPHIC = np.zeros(TABLES.held.shape[1], dtype=bool)
_TYPOGRAPHIC[TABLES.number[[ord(c) for c in TYPOGRAPHIC]]] = True


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
    return explained / max(total, 1)


def _scripts(codes: np.ndarray) -> set[int]:
    return set(MODEL.script[MODEL.classes[codes]].tolist()) - {-1}


_LATIN_SCRIPT = MODEL.script_names.index("Latin")
_PICTURES = frozenset(i for i, name in enumerate(MODEL.names) if name in PICTURES)
_ODD = frozenset(i for i, name in enumerate(MODEL.names) if name in ("box", "c1"))


def _glued(codes: np.ndarray, start: int, end: int) -> bool:
    """A Latin letter beside a foreign letter, box or control: no orthography has that."""
    around = [int(codes[i]) for i in (start - 1, end) if 0 <= i < len(codes)]
    if _LATIN_SCRIPT not in _scripts(np.array(around, dtype=np.int64)):
        return False
    inside = codes[start:end]
    return bool(_scripts(inside) - {_LATIN_SCRIPT}) or not _ODD.isdisjoint(MODEL.classes[inside].tolist())


def believable(text: str, codes: np.ndarray, found: Found) -> bool:
    """Judge small evidence: is this a usual kind of damage?

    Large evidence (`SMALL` distinct bytes and more) passes: it hardly ever decodes by chance.
    """
    runs = list(zip(found.run_start[:SAMPLE].tolist(), found.run_end[:SAMPLE].tolist(), strict=True))
    evidence = sum(len(run) for run in {text[a:b] for a, b in runs})
    if evidence >= SMALL:
        return True
    inside = (found.start >= runs[0][0]) & (found.start < runs[-1][1])
    decoded = found.char[inside]
    brought = _scripts(decoded)
    keep = np.ones(len(codes), dtype=bool)
    for a, b in runs:
        keep[a:b] = False
    present = _scripts(codes[keep])
    if (
        brought
        and brought <= present | {_LATIN_SCRIPT}
        and int(found.gain.sum()) > 18 * UNITS
        and any(_glued(codes, a, b) for a, b in runs)
    ):
        return True
    codec = CODECS[found.codec]
    if codec.latin and not any(is_bad(text[max(0, a - 2) : b + 2]) for a, b in runs):
        return False
    signs = set(map(chr, decoded.tolist()))
    if signs <= COMMON:
        return evidence >= 3 or codec.core
    classes = MODEL.classes[decoded].tolist()
    if evidence >= 4 and all(
        k in _PICTURES or chr(c) in COMMON for k, c in zip(classes, decoded.tolist(), strict=True)
    ):
        return True
    if present and brought - present:
        return False
    return evidence >= 4 or (codec.core and evidence >= 2)
