"""Repair of UTF-8 that was read as an East Asian multibyte encoding.

`Würde` read as EUC-KR is `W체rde`: encoded again, the run is well-formed UTF-8. East Asian text of its own hardly ever
is, run after run: the reading is believed where nearly all East Asian runs of a document decode and the result is more
plausible. Where a decoder met an illegal pair, bytes are lost and the run stays as it is.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from corpusmill.transforms.kernels.cleaning.mojibake.language_model.model import MODEL, UNITS
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search import lattice

CODECS = ("gb18030", "big5", "cp932", "euc_jp", "cp949")
"""gb18030 holds GBK and GB 2312, cp932 Shift-JIS, cp949 EUC-KR."""
PRIOR_BITS = 14
SCORE_BITS = 6
"""All runs together must gain this much more than the prior."""
RUN_BITS = 3
MIN_SHARE = 0.8
"""Share of the East Asian runs of a document that must decode."""
MIN_GLUED = 0.5
"""Where all runs are of one character, so many of them must touch a letter: tables list single characters."""
_FIRST_EAST = 0x2E80
_LAST_BMP = 0xFFFF
_RUN = re.compile(r"[^\x00-\x7f]+")
_SOUND_ENDS = "“”‘’«»„‚…–—\u00a0"


class MultibyteReading(NamedTuple):
    """The reading of a document: the text, the codec, how many runs, bits gained."""

    text: str
    codec: str
    runs: int
    bits: float


@functools.cache
def _openings() -> np.ndarray:
    """For each BMP code point the bits of the codecs in which it may begin UTF-8: a first byte and a later one."""
    table = np.zeros(0x10000, dtype=np.uint8)
    leads = [bytes([lead]) for lead in range(0xC2, 0xF5)]
    # In these codecs what begins so is one byte or two.
    wanted = [*leads, *(lead + bytes([second]) for lead in leads for second in range(0x80, 0xC0))]
    for i, name in enumerate(CODECS):
        for data in wanted:
            char = data.decode(name, "ignore")
            if len(char) == 1 and _FIRST_EAST <= ord(char) <= _LAST_BMP and char.encode(name, "ignore") == data:
                table[ord(char)] |= 1 << i
    return table


def likely(codes: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Which texts may hold UTF-8 read as an East Asian encoding.

    Args:
        codes: uint32 code points of some texts with at least one ASCII character before each.
        starts: int64, where each text starts.

    Returns:
        bool for each text. False proves that `repair` returns None.
    """
    rows = len(starts)
    east = codes >= _FIRST_EAST
    if not east.any():
        return np.zeros(rows, dtype=bool)
    high = codes > 0x7F
    bounds = np.flatnonzero(high[1:] != high[:-1]) + 1
    opens, closes = bounds[0::2], np.append(bounds[1::2], len(codes))[: len(bounds[0::2])]
    count = np.concatenate([[0], np.cumsum(east, dtype=np.int32)])
    eastern = count[closes] > count[opens]
    opens = opens[eastern]
    row = np.searchsorted(starts, opens, side="right") - 1
    total = np.bincount(row, minlength=rows)
    # punctuation at the beginning of a run may be sound, so the first East Asian character may begin the sequence too
    first_east = np.flatnonzero(east)
    first_east = first_east[np.searchsorted(first_east, opens)]
    table = _openings()
    bits = table[np.minimum(codes[first_east], 0xFFFF)]
    result = np.zeros(rows, dtype=bool)
    for i in range(len(CODECS)):
        fits = np.bincount(row[(bits >> i & 1) != 0], minlength=rows)
        result |= (fits > 0) & (fits >= MIN_SHARE * total)
    return result


def likely_texts(texts: Sequence[str]) -> np.ndarray:
    """Which texts may hold UTF-8 read as an East Asian encoding; see `likely`."""
    return likely(*lattice.join(texts))


@functools.lru_cache(maxsize=1 << 16)
def _decode(run: str, codec: str) -> tuple[int, str, int] | None:
    """What a run decodes to: leading and trailing signs left as they are, the decoded middle."""
    for start in range(len(run)):
        if start and run[start - 1] not in _SOUND_ENDS:
            return None
        stop = len(run)
        while stop > start:
            try:
                text = run[start:stop].encode(codec).decode()
            except (UnicodeEncodeError, UnicodeDecodeError):
                if run[stop - 1] not in _SOUND_ENDS:
                    break
                stop -= 1
                continue
            codes = lattice.as_codes(text)
            if (MODEL.classes[codes] < 2).any() or "\x00" in text:
                return None
            return start, text, stop
    return None


def _east(run: str) -> bool:
    return max(run) >= "\u2e80"


def _read(text: str, codec: str) -> MultibyteReading | None:
    runs = [(m.start(), m.group()) for m in _RUN.finditer(text)]
    eastern = sum(_east(run) for _, run in runs)
    spans: list[tuple[int, int, str]] = []
    decoded = 0
    for at, run in runs:
        found = _decode(run, codec)
        if found is not None and _east(run):
            decoded += 1
            spans.append((at + found[0], at + found[2], found[1]))
        elif found is not None:
            spans.append((at + found[0], at + found[2], found[1]))
    if decoded == 0 or decoded < MIN_SHARE * eastern:
        return None
    contexts = []
    for a, b, new in spans:
        before, after = text[max(a - 1, 0) : a], text[b : b + 1]
        contexts += [before + text[a:b] + after, before + new + after]
    batch = lattice.lay_out([lattice.as_codes(c) for c in contexts])
    gains = [batch.price(2 * i) - batch.price(2 * i + 1) for i in range(len(spans))]
    kept = [(span, gain) for span, gain in zip(spans, gains, strict=True) if gain > RUN_BITS * UNITS]
    score = sum(gain for _, gain in kept) - PRIOR_BITS * UNITS
    if score < SCORE_BITS * UNITS:
        return None
    if all(b - a == 1 for (a, b, _), _ in kept):
        glued = [text[max(a - 1, 0) : a].isalpha() or text[b : b + 1].isalpha() for (a, b, _), _ in kept]
        if sum(glued) < MIN_GLUED * len(kept):
            return None
    out, last = [], 0
    for (a, b, new), _ in kept:
        out += [text[last:a], new]
        last = b
    return MultibyteReading("".join([*out, text[last:]]), codec, len(kept), score / UNITS)


def repair(text: str) -> MultibyteReading | None:
    """Undo one reading of UTF-8 as an East Asian encoding.

    Args:
        text: The whole document.

    Returns:
        The most plausible repair, or None.
    """
    if text.isascii() or not _east(text):
        return None
    found = [f for f in (_read(text, codec) for codec in CODECS) if f is not None]
    return max(found, key=lambda f: f.bits, default=None)
