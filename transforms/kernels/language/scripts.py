"""The script that most letters of a text belong to."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import regex

from corpusmill.transforms.kernels.arrays import UInt8s
from corpusmill.transforms.kernels.duplicates.token_scan import PAD, decode_characters
from corpusmill.transforms.kernels.duplicates.tokens import text_buffers
from corpusmill.transforms.kernels.quality.windows import windows

SCRIPTS = {
    "Latn": "Latin",
    "Cyrl": "Cyrillic",
    "Grek": "Greek",
    "Arab": "Arabic",
    "Hebr": "Hebrew",
    "Deva": "Devanagari",
    "Beng": "Bengali",
    "Guru": "Gurmukhi",
    "Gujr": "Gujarati",
    "Orya": "Oriya",
    "Taml": "Tamil",
    "Telu": "Telugu",
    "Knda": "Kannada",
    "Mlym": "Malayalam",
    "Sinh": "Sinhala",
    "Thai": "Thai",
    "Laoo": "Lao",
    "Khmr": "Khmer",
    "Mymr": "Myanmar",
    "Tibt": "Tibetan",
    "Geor": "Georgian",
    "Armn": "Armenian",
    "Ethi": "Ethiopic",
    "Cher": "Cherokee",
    "Cans": "Canadian_Aboriginal",
    "Mong": "Mongolian",
    "Thaa": "Thaana",
    "Syrc": "Syriac",
    "Tfng": "Tifinagh",
    "Nkoo": "Nko",
    "Vaii": "Vai",
    "Yiii": "Yi",
    "Olck": "Ol_Chiki",
    "Limb": "Limbu",
    "Hang": "Hangul",
    "Hira": "Hiragana",
    "Kana": "Katakana",
    "Bopo": "Bopomofo",
    "Hani": "Han",
}
"""Code of ISO 15924 -> name of the Unicode script."""

_CODES = (None, *SCRIPTS)
_JAPANESE = ("Hira", "Kana")
_LATIN = 1
_MIN_KANA = 0.05
"""Share of kana among the letters of a text in Han and kana from which it is Japanese."""
_END = 0x40000


@cache
def _table() -> UInt8s:
    """Return the number of the script of each letter's code point, from 1; 0 for what is none of these."""
    code_points = np.arange(_END, dtype="<u4")
    code_points[0xD800:0xE000] = ord(" ")
    text = code_points.tobytes().decode("utf-32-le")
    table = np.zeros(_END, np.uint8)
    for number, name in enumerate(SCRIPTS.values(), 1):
        for match in regex.finditer(rf"[\p{{Script={name}}}&&\p{{L}}]+", text, regex.V1):
            table[match.start() : match.end()] = number
    table.setflags(write=False)
    return table


def scripts_of(text: pa.Array) -> pa.Array:
    """Return the script of each text as a code of ISO 15924.

    Args:
        text: string; null rows give null.

    Returns:
        string[n]. `Jpan` for Han with kana, `Kore` for Hangul; null for a text without letters.
    """
    parts = [_scripts_of_window(part) for part in windows(text)]
    return pa.concat_arrays(parts) if parts else pa.array([], pa.string())


def _scripts_of_window(text: pa.Array) -> pa.Array:
    data, offsets = text_buffers(text)
    first, end = int(offsets[0]), int(offsets[-1])
    padded = np.zeros(end - first + PAD, np.uint8)
    padded[:-PAD] = data[first:end]
    offsets = offsets - first
    n = len(text)
    counts = np.zeros((n, len(_CODES)), np.int64)
    lead = np.flatnonzero(padded >= 0xC0)
    if lead.size:
        code_points, _ = decode_characters(padded, lead)
        script = _table()[np.minimum(code_points, _END - 1)]
        row = np.searchsorted(offsets, lead, side="right") - 1
        counts = np.bincount(row * len(_CODES) + script, minlength=n * len(_CODES)).reshape(n, len(_CODES))
    filled = np.flatnonzero(np.diff(offsets))
    if filled.size:
        letter = (padded[:-PAD] | 0x20) - ord("a") < 26
        counts[filled, _LATIN] += np.add.reduceat(letter.view(np.uint8), offsets[:-1][filled], dtype=np.int64)
    counts[:, 0] = 0
    han, kana, hangul = _CODES.index("Hani"), [_CODES.index(code) for code in _JAPANESE], _CODES.index("Hang")
    written = counts[:, han] + counts[:, kana].sum(axis=1)
    japanese = (counts[:, kana].sum(axis=1) > _MIN_KANA * written) & (written > 0)
    counts[japanese, han] = written[japanese]
    best = counts.argmax(axis=1)
    found = np.array(_CODES, object)[best]
    found[japanese & (best == han)] = "Jpan"
    found[best == hangul] = "Kore"
    found[counts.max(axis=1, initial=0) == 0] = None
    return pa.array(found, pa.string())
