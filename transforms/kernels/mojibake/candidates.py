"""Vectorised proof that nothing can be repaired: which texts hold no trace of wrong decoding at all.

`repair.py` looks at nothing but such traces, so a text without one comes out unchanged by construction.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.kernels.mojibake import lattice, multibyte, reverse
from transforms.kernels.mojibake.codecs import INDEX, TABLES
from transforms.kernels.mojibake.settings import RepairSettings

SLAB = 1 << 18
"""Bytes of text looked at together: larger slabs fall out of the processor's cache."""
_CP1252 = np.uint64(1 << INDEX["cp1252"])
_BEFORE_SPACE = np.zeros(len(TABLES.lead2), dtype=bool)
_BEFORE_SPACE[TABLES.number[[0xC2, 0xC3, 0xC5, 0xCE, 0xD0, 0xD9]]] = True
_LOST = (0x20, 0x3F, 0x1A, 0xFFFD)
"""What stands where a byte was lost: space for NBSP, question mark, substitute, replacement character."""


def lossy_traces(codes: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Positions where windows-1252 shows the beginning of a sequence whose rest was lost.

    `Â `, `Ã ` and the like before a lost byte, or two good bytes of three.

    Args:
        codes: uint32 code points, padded.
        numbers: Their character numbers.
    """
    at = np.flatnonzero(numbers[:-3])
    number = numbers[at]
    three = (TABLES.lead3[number] & TABLES.trail[numbers[at + 1]] & _CP1252) != 0
    two = _BEFORE_SPACE[number] & np.isin(codes[at + 1], _LOST)
    gap = codes[at + 1] == 0xFFFD
    found: np.ndarray = at[three | two | gap]
    return found


def damaged(codes: np.ndarray, starts: np.ndarray, settings: RepairSettings) -> np.ndarray:
    """Which texts hold any trace that repair would look at.

    Args:
        codes: uint32 code points of some texts, `lattice.PADDING` spaces before, between and after them.
        starts: int64, where each text starts.
        settings: What may be repaired.

    Returns:
        bool for each text.
    """
    result = np.zeros(len(starts), dtype=bool)
    numbers = lattice.number(codes)
    at, mask = lattice.find(numbers)
    places = [at] if settings.ftfy else [at[mask & np.uint64(settings.mask) != 0]]
    if settings.ftfy or settings.lossy:
        places.append(lossy_traces(codes, numbers))
    for some in places:
        result[np.searchsorted(starts, some, side="right") - 1] = True
    if settings.multibyte:
        result |= multibyte.likely(codes, starts)
    if settings.reverse:
        result |= reverse.likely(codes, starts)
    return result


def damaged_lines(text: str) -> list[int]:
    """Lines (split at U+000A) of a text that hold a trace of wrong decoding through a single-byte codec."""
    codes, _ = lattice.join([text])
    numbers = lattice.number(codes)
    at = np.concatenate([lattice.find(numbers)[0], lossy_traces(codes, numbers)])
    ends = np.flatnonzero(codes == ord("\n"))
    return [int(i) for i in np.unique(np.searchsorted(ends, at))]


def damaged_texts(texts: Sequence[str], settings: RepairSettings) -> np.ndarray:
    """Which texts hold any trace that repair would look at: bool for each."""
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
        result[some] = damaged_texts(texts, settings)
    return result
