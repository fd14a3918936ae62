"""Which legacy charset a text is in, decided by what it then says.

The detector is good at long texts. A short one it reads as Greek or Cyrillic for the sake of one letter (`Josι Muρoz`),
so with few bytes above ASCII every charset is tried, and the cheapest reading under the model of character pairs is
taken, rare charsets being asked for more. With many such bytes the detector decides between families, and the
model between relatives, which differ in a few signs only (`€` or `¤`, `œ` or `½`).
"""

from __future__ import annotations

from functools import cache

import numpy as np

from corpusmill.transforms.kernels.cleaning.mojibake.language_model import languages
from corpusmill.transforms.kernels.cleaning.mojibake.language_model.model import MODEL, UNITS

FEW_HIGH_BYTES = 24
"""Up to so many bytes above ASCII every charset is tried."""

PRIOR_BITS = {
    "cp1252": 0,
    "iso8859-15": 5,
    "cp1251": 4,
    "cp1250": 4,
    "cp1253": 5,
    "cp1254": 5,
    "cp1255": 5,
    "cp1256": 5,
    "cp1257": 5,
    "cp1258": 6,
    "cp874": 5,
    "iso8859-2": 6,
    "iso8859-7": 7,
    "iso8859-13": 8,
    "iso8859-5": 7,
    "iso8859-6": 8,
    "iso8859-8": 8,
    "koi8-r": 7,
    "koi8-u": 8,
    "cp866": 10,
    "cp437": 12,
    "cp850": 12,
    "cp852": 12,
    "mac-roman": 12,
    "iso8859-4": 12,
    "iso8859-10": 12,
    "iso8859-16": 10,
    "cp857": 14,
    "mac-cyrillic": 12,
    "mac-latin2": 14,
    "mac-turkish": 14,
    "mac-greek": 14,
    "cp775": 15,
    "cp737": 13,
    "cp862": 13,
    "cp932": 5,
    "euc_jp": 6,
    "gb18030": 5,
    "big5hkscs": 6,
    "cp949": 5,
    "johab": 12,
}
"""Charsets that are tried, with the bits of plausibility that each must gain over windows-1252: roughly the logarithm
of how much rarer its files are (w3techs.com, encodings of web pages; archives for those of DOS and Macintosh)."""

DETECTED_BITS = 6
"""What the detector's word is worth."""
NEIGHBOURS_BITS = 6
"""What it is worth that most other lines of the file are in a charset."""
RELATIVE_BITS = 8
"""What a relative must gain to be taken instead of what the detector named."""

LONE_LETTER_BITS = 14
"""Asked of a charset of another script where no two bytes above ASCII are adjacent: no word is in that script."""

_NOT_LATIN = frozenset(
    (
        *("cp1251", "cp1253", "cp1255", "cp1256", "cp874", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8"),
        *("koi8-r", "koi8-u", "cp866", "cp737", "cp862", "mac-cyrillic", "mac-greek"),
    )
)
_RELATIVES = (("cp1252", "iso8859-15"), ("koi8-r", "koi8-u"))
"""Charsets that differ in a few places: currency sign and euro, fractions and `œ`; box drawing and `ї`."""
_CONTEXT = 8
_SAMPLE_HIGH_BYTES = 4000
_CANDIDATES = 8
"""Charsets whose letters are asked what company they keep; that costs more than everything else."""
_NO_TEXT = 0
_MULTI_BYTE = ("cp932", "euc_jp", "gb18030", "big5hkscs", "cp949", "johab")
_SINGLE_BYTE = tuple(name for name in PRIOR_BITS if name not in _MULTI_BYTE)


def high_bytes(data: bytes) -> np.ndarray:
    """Return the positions of bytes above ASCII, int64."""
    return np.flatnonzero(np.frombuffer(data, np.uint8) > 0x7F)


def extract(data: bytes, positions: np.ndarray) -> bytes:
    """Return what is around some bytes, stretches of a line each.

    A character of several bytes is never cut: all of its bytes above ASCII are among the positions, and those in ASCII
    follow one of them at once.
    """
    starts = np.maximum(positions - _CONTEXT, 0)
    ends = np.minimum(positions + _CONTEXT + 1, len(data))
    apart = np.flatnonzero(starts[1:] > ends[:-1]) + 1
    first = np.concatenate([[0], apart])
    last = np.concatenate([apart - 1, [len(positions) - 1]])
    bounds = zip(starts[first].tolist(), ends[last].tolist(), strict=True)
    return b"\n".join(data[start:end] for start, end in bounds)


def best_charset(data: bytes, detected: str | None, neighbours: str | None) -> str | None:
    """Return the charset in which a text with few bytes above ASCII is most plausible; None if it fits none.

    Args:
        data: The document.
        detected: What the detector named.
        neighbours: The charset of most other lines of the file.
    """
    positions = high_bytes(data)
    part = extract(data, positions)
    costs = _single_byte_bits(part)
    if not (np.diff(positions) == 1).any():
        for name in _NOT_LATIN & costs.keys():
            costs[name] += LONE_LETTER_BITS
    for name in _MULTI_BYTE:
        if (text := _decode(part, name)) is not None:
            costs[name] = _pair_bits(text)
    for name in costs:
        costs[name] += PRIOR_BITS[name] - DETECTED_BITS * (name == detected) - NEIGHBOURS_BITS * (name == neighbours)
    likely = sorted(costs, key=lambda name: (costs[name], name))[:_CANDIDATES]
    for name in likely:
        costs[name] -= _coherence(_decode(part, name) or "")
    return min(likely, key=lambda name: (costs[name], name), default=None)


def settle_relatives(data: bytes, detected: str) -> str:
    """Return the charset of the detected one's family in which the signs that tell them apart are most plausible."""
    family = next((names for names in _RELATIVES if detected in names), ())
    if not family:
        return detected
    codes = np.frombuffer(data, np.uint8)
    tables = [_table(name) for name in family]
    differ = np.zeros(256, dtype=bool)
    for table in tables[1:]:
        differ |= table != tables[0]
    telling = np.flatnonzero(differ[codes])[:_SAMPLE_HIGH_BYTES]
    if not len(telling):
        return detected
    part = extract(data, telling)
    costs = _single_byte_bits(part)
    rivals = [(costs[name], name) for name in family if name in costs and name != detected]
    if not rivals:
        return detected
    bits, name = min(rivals)
    return name if detected not in costs or bits + RELATIVE_BITS < costs[detected] else detected


@cache
def _table(name: str) -> np.ndarray:
    """Return byte -> code point of a single-byte charset; `_NO_TEXT` for C1 controls and where it has none."""
    table = np.full(256, _NO_TEXT, dtype=np.int64)
    for byte in range(256):
        character = bytes([byte]).decode(name, "ignore")
        if character and not "\x80" <= character <= "\x9f" and MODEL.classes[ord(character)] > 1:
            table[byte] = ord(character)
    return table


@cache
def _tables() -> np.ndarray:
    return np.stack([_table(name) for name in _SINGLE_BYTE])


def _single_byte_bits(part: bytes) -> dict[str, float]:
    """Return what a piece of text costs in each single-byte charset in which it holds nothing but text."""
    values = np.frombuffer(b" " + part + b" ", np.uint8)
    codes = _tables()[:, values]
    sound = (codes != _NO_TEXT).all(axis=1)
    beside = np.flatnonzero((values[:-1] > 0x7F) | (values[1:] > 0x7F))
    codes = codes[sound]
    bits = MODEL.steps(codes[:, beside], codes[:, beside + 1]).sum(axis=1) / UNITS
    names = [name for name, good in zip(_SINGLE_BYTE, sound.tolist(), strict=True) if good]
    return dict(zip(names, bits.tolist(), strict=True))


def _decode(part: bytes, name: str) -> str | None:
    try:
        return part.decode(name)
    except UnicodeDecodeError:
        return None


def _pair_bits(text: str) -> float:
    """Return what the characters beyond ASCII cost with their neighbours; without bound if one is private."""
    codes = np.frombuffer(f" {text} ".encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    if (MODEL.classes[codes] <= 1).any():
        return float("inf")
    beside = (codes[:-1] > 0x7F) | (codes[1:] > 0x7F)
    return float(int(MODEL.steps(codes[:-1][beside], codes[1:][beside]).sum())) / UNITS


def _coherence(text: str) -> float:
    """Return the bits by which the letters beyond ASCII keep company in one language."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    return languages.coherence(codes[codes > 0x7F]) / UNITS
