"""Vectorised proof that nothing can be repaired: which texts hold no trace of wrong decoding at all.

`repair.py` looks at nothing but such traces, so a text without one comes out unchanged by construction.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.cleaning.mojibake import legacy_quotes, multibyte, punctuation, reverse
from corpusmill.transforms.kernels.cleaning.mojibake.codecs import INDEX, TABLES
from corpusmill.transforms.kernels.cleaning.mojibake.settings import RepairSettings
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search import lattice

SLAB = 1 << 18
"""Bytes of text looked at together: larger slabs fall out of the processor's cache."""
BLOCK = 1 << 15
"""Characters of a block of a long text."""
LONG = 1 << 17
"""Longer texts are repaired in blocks."""
FTFY_CODECS = np.uint64(
    sum(
        1 << INDEX[name]
        for name in ("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "iso8859-2", "mac-roman", "cp437")
    )
)
"""Mask of the codecs that ftfy undoes (`ftfy.chardata.CHARMAP_ENCODINGS`)."""
_CP1252 = np.uint64(1 << INDEX["cp1252"])
_BEFORE_SPACE = np.zeros(len(TABLES.lead2), dtype=bool)
_BEFORE_SPACE[TABLES.number[[0xC2, 0xC3, 0xC5, 0xCE, 0xD0, 0xD9]]] = True
_MAY_LOSE = _BEFORE_SPACE | ((TABLES.lead3 & _CP1252) != 0)
_REPLACEMENT = 0xFFFD
_LOST = (0x20, 0x3F, 0x1A, 0xFFFD)
"""What is left where a byte was lost: space for NBSP, question mark, substitute, replacement character."""


def lossy_traces(codes: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Positions where windows-1252 shows the beginning of a sequence whose rest was lost.

    `Â `, `Ã ` and the like before a lost byte, or two good bytes of three.

    Args:
        codes: uint32 code points, padded.
        numbers: Their character numbers.
    """
    at = np.flatnonzero(_MAY_LOSE[numbers[:-3]])
    number = numbers[at]
    three = at[(TABLES.lead3[number] & TABLES.trail[numbers[at + 1]] & _CP1252) != 0]
    two = at[_BEFORE_SPACE[number]]
    two = two[np.isin(codes[two + 1], _LOST)]
    gap = np.flatnonzero(codes[1:-2] == _REPLACEMENT)
    found: np.ndarray = np.concatenate([three, two, gap[numbers[gap] != 0]])
    return found


class Traces(NamedTuple):
    """Which texts hold what traces: bool for each text.

    Attributes:
        any: Anything that repair would look at.
        ftfy: Something that ftfy might undo.
        reverse: It may be in a legacy encoding, see `reverse.likely`; looked for where settings allow its repair.
    """

    any: np.ndarray
    ftfy: np.ndarray
    reverse: np.ndarray


def damaged(codes: np.ndarray, starts: np.ndarray, settings: RepairSettings) -> Traces:
    """Which texts hold any trace that repair would look at.

    Args:
        codes: uint32 code points of some texts, `lattice.PADDING` spaces before, between and after them.
        starts: int64, where each text starts.
        settings: What may be repaired.
    """
    result, by_ftfy, legacy = np.zeros((3, len(starts)), dtype=bool)
    numbers = lattice.number(codes)
    at, mask = lattice.find(numbers)
    wide = at[mask & np.uint64(settings.mask) != 0]
    lossy = lossy_traces(codes, numbers) if settings.ftfy or settings.lossy else at[:0]
    if settings.ftfy:
        for some in (at[mask & FTFY_CODECS != 0], lossy):
            by_ftfy[np.searchsorted(starts, some, side="right") - 1] = True
        result |= by_ftfy
    for some in (wide, lossy):
        result[np.searchsorted(starts, some, side="right") - 1] = True
    if settings.lossy:
        result[np.searchsorted(starts, punctuation.traces(codes), side="right") - 1] = True
    if settings.multibyte:
        result |= multibyte.likely(codes, starts)
    if settings.reverse:
        legacy = reverse.likely(codes, starts)
        result |= legacy
        result[np.searchsorted(starts, legacy_quotes.traces(codes), side="right") - 1] = True
    return Traces(result, by_ftfy, legacy)


def pieces(text: str) -> list[str]:
    """Cut a long text into blocks: at line ends, else after an ASCII character, so that no damaged run is cut."""
    parts, start = [], 0
    while len(text) - start > BLOCK:
        stop = text.rfind("\n", start, start + BLOCK) + 1
        if stop <= start:
            stop = start + BLOCK
            while stop > start + BLOCK // 2 and text[stop - 1] > "\x7f":
                stop -= 1
        parts.append(text[start:stop])
        start = stop
    return [*parts, text[start:]]


def damaged_lines(text: str) -> list[int]:
    """Lines (split at U+000A) of a text that hold a trace of damage that ftfy might undo."""
    codes, _ = lattice.join([text])
    numbers = lattice.number(codes)
    at, mask = lattice.find(numbers)
    at = np.concatenate([at[mask & FTFY_CODECS != 0], lossy_traces(codes, numbers)])
    ends = np.flatnonzero(codes == ord("\n"))
    return [int(i) for i in np.unique(np.searchsorted(ends, at))]


def damaged_texts(texts: Sequence[str], settings: RepairSettings) -> Traces:
    """Which texts hold any trace that repair would look at."""
    return damaged(*lattice.join(texts), settings)


def candidate_rows(text: pa.StringArray, settings: RepairSettings) -> np.ndarray:
    """Prove rows free of damage.

    Args:
        text: A string or large_string array; nulls count as empty.
        settings: What may be repaired.

    Returns:
        bool, one for each row. False proves that `repair_text` would return the row unchanged; True proves nothing.
    """
    result = np.zeros(len(text), dtype=bool)
    plain = pc.fill_null(pc.string_is_ascii(text), True).to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(~plain)
    if not len(rows):
        return result
    sizes = pc.binary_length(text).take(pa.array(rows)).to_numpy(zero_copy_only=False).astype(np.int64)
    slab = np.cumsum(sizes) // SLAB
    for some in np.split(rows, np.flatnonzero(np.diff(slab)) + 1):
        texts = text.take(pa.array(some)).to_pylist()
        short = [len(value) <= LONG for value in texts]
        result[some[short]] = damaged_texts(list(itertools.compress(texts, short)), settings).any
        for row, value in zip(some.tolist(), texts, strict=True):
            if len(value) > LONG:
                result[row] = _damaged_block(value, settings)
    return result


def _damaged_block(text: str, settings: RepairSettings) -> bool:
    """Return whether some block of a long text holds a trace."""
    parts = pieces(text)
    size = SLAB // BLOCK
    return any(damaged_texts(parts[i : i + size], settings).any.any() for i in range(0, len(parts), size))
