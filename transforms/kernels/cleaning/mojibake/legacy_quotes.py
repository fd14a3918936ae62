"""Quotes and dashes of GB 2312 or Mac Roman in a text that is English otherwise: `node¡¯s`, `ItÕs`."""

from __future__ import annotations

import re

import numpy as np

_CHINESE_SIGNS = {"¡®": "‘", "¡¯": "’", "¡°": "“", "¡±": "”", "¡ª": "—", "¡\xad": "…", "¡\xa0": "\u3000"}
"""Punctuation of GB 2312 as Latin-1 shows it. No sound text has an inverted exclamation mark before such signs."""
_CHINESE = re.compile("¡[®¯°±ª\xad]")
_MAC_APOSTROPHE = re.compile(r"(?<=[A-Za-z])Õ(?=(?:s|t|d|m|ll|re|ve)\b)")
_MAC_QUOTED = re.compile(r"(?<![^\s(\[])Ò(?=[^\s\x80-\uffff])([^ÒÓ\n]{0,300})(?<=[^\s\x80-\uffff])Ó(?!\w)")
TRACE = r"[A-Za-z]\x{d5}[stdmlrv]"


def traces(codes: np.ndarray) -> np.ndarray:
    """Positions of signs that `restore` looks for.

    Args:
        codes: uint32 code points, padded.
    """
    some = np.flatnonzero((codes[:-1] == 0xA1) | (codes[:-1] == 0xD5))
    at, mac = some[codes[some] == 0xA1], some[codes[some] == 0xD5]
    at = at[codes[at + 1] > 0x7F]
    mac = mac[((codes[mac - 1] | 0x20) >= ord("a")) & ((codes[mac - 1] | 0x20) <= ord("z"))]
    return np.concatenate([at, mac])


def restore(text: str) -> tuple[str, int, str]:
    """Read quotes and dashes of GB 2312 or Mac Roman in a text that is English otherwise: `node¡¯s`, `ItÕs`.

    Returns:
        The text, how many signs were read, and the encoding; the same text where other characters speak against it.
    """
    if "¡" in text and _CHINESE.search(text):
        read, count = _CHINESE.subn(lambda m: _CHINESE_SIGNS[m.group()], text)
        if "¡" not in read and not any("\xa0" < c < "\u0250" for c in read):
            return read, count, "gb2312"
    if "Õ" in text and _MAC_APOSTROPHE.search(text):
        read, count = _MAC_APOSTROPHE.subn("’", text)
        read, pairs = _MAC_QUOTED.subn("“\\1”", read)
        if not any(c > "\x7f" and c.isalpha() for c in read):
            return read, count + 2 * pairs, "mac-roman"
    return text, 0, ""
