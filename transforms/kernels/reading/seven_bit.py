r"""Text in seven bits that is not ASCII: ISO-2022 with its escape sequences, HZ between `~{` and `~}`, UTF-7.

Read as UTF-8 such bytes are valid, and without their escapes they are nonsense. The reading counts only if every
sequence decodes, none is left, and what comes out is plausible.
"""

from __future__ import annotations

import codecs
from typing import NamedTuple

import regex

from corpusmill.transforms.kernels.cleaning.mojibake.language_model.model import MODEL, UNITS

_ESC = b"\x1b"
_DESIGNATIONS = regex.compile(rb"\x1b\$(?:[@AB]|[()*+][@-~])")
"""Of two-byte sets (ISO/IEC 2022, 14.3.2). Terminals designate one-byte sets only, so sound text holds none."""

_ISO_2022 = ("iso2022_kr", "iso2022_jp", "iso2022_jp_2", "iso2022_jp_3", "iso2022_jp_2004", "iso2022_jp_ext")
_JIS_SEGMENT = regex.compile(rb"\x1b\$[@B]([^\x1b]*)|\x1b\([BJ]")

_NO_SHIFT_JIS = b"\x81\x00"

_EAST_ASIAN = regex.compile(r"(?V1)[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Bopomofo}\u3000-\u303f\uff01-\uffef]")
_UTF7_RUN = regex.compile(rb"\+[A-Za-z0-9+/]{3,}+-?")
_UTF7_MIN_RUNS = 2
_UTF7_MIN_BITS, _UTF7_MIN_BITS_EACH = 40, 15
"""Gained by all runs and, on average, by each; a part number that decodes by chance gains 10 to 20."""
_FIRST_PRINTABLE = 0xA0
_HZ_SEGMENT = regex.compile(rb"~\{((?:[\x21-\x77][\x21-\x7e])+)~\}")
_HZ_COMMON_ROWS = range(0x30, 0x58)
"""Rows of GB 2312 that hold the 3,755 characters of level 1, in which nine tenths of any text are written."""
_HZ_SIGNS = b"\x21\x23"  # rows of punctuation and full-width forms
_HZ_COMMON_SHARE = 0.9
_HZ_MAX_BITS = 19
"""Bits a character: Chinese has 7 to 18, a word in capitals between `~{` and `~}` (Lisp, patterns) 20 and more."""


class SevenBit(NamedTuple):
    """A text that was written in seven bits.

    Attributes:
        text: The text.
        codec: Python codec name.
        cut: Whether the last character is cut off.
    """

    text: str
    codec: str
    cut: bool = False


def decode_seven_bit(data: bytes) -> SevenBit | None:
    r"""Decode ISO-2022, HZ or UTF-7, if the bytes are text in them.

    Example:
        >>> decode_seven_bit(b"\x1b$B4A;z\x1b(B kanji")
        SevenBit(text='漢字 kanji', codec='iso2022_jp', cut=False)
    """
    if b"~{" in data and data.isascii() and (text := _decode_hz(data)) is not None:
        return SevenBit(text, "hz")
    if b"+" in data and (text := _decode_utf7(data)) is not None:
        return SevenBit(text, "utf-7")
    if not names_two_byte_set(data):
        return None
    for codec in _ISO_2022:
        decoder = codecs.getincrementaldecoder(codec)()
        try:
            text = decoder.decode(data)
        except UnicodeDecodeError:
            continue
        cut = bool(decoder.getstate()[0])
        if "\x1b" not in text and _EAST_ASIAN.search(text):
            return SevenBit(text, codec, cut)
    return _vendor_jis(data)


def names_two_byte_set(data: bytes) -> bool:
    """Return whether the bytes hold an escape sequence that announces two-byte characters."""
    return _ESC in data and _DESIGNATIONS.search(data) is not None


def _vendor_jis(data: bytes) -> SevenBit | None:
    """Decode ISO-2022-JP with the characters that vendors added (`①`, `㈱`), as mail programs write it.

    Microsoft's code page 932 has them at the places that JIS X 0208 leaves empty (row 13, rows 89 to 92).
    """
    if not data.isascii():
        return None
    made = _JIS_SEGMENT.sub(lambda match: _shifted(match[1] or b""), data)
    if _ESC in made:
        return None
    try:
        return SevenBit(made.decode("cp932"), "iso2022_jp")
    except UnicodeDecodeError:
        return None


def _shifted(pairs: bytes) -> bytes:
    """Return the Shift-JIS bytes of pairs of JIS X 0208 (JIS X 0208:1997, annex 1)."""
    made = bytearray()
    at = 0
    while at < len(pairs):
        row = pairs[at]
        if row in b"\r\n":
            made.append(row)
            at += 1
            continue
        cell = pairs[at + 1] if at + 1 < len(pairs) else 0
        if not (0x21 <= row <= 0x7E and 0x21 <= cell <= 0x7E):
            return _NO_SHIFT_JIS
        made.append((row - 0x21) // 2 + (0x81 if row < 0x5F else 0xC1))
        made.append(cell + 0x7E if row % 2 == 0 else cell + 0x1F + (cell >= 0x60))
        at += 2
    return bytes(made)


def _decode_utf7(data: bytes) -> str | None:
    """Decode UTF-7 (RFC 2152) if every plus sign begins a sequence and what they spell is far more plausible."""
    runs = _UTF7_RUN.findall(data)
    if len(runs) < _UTF7_MIN_RUNS or b"+" in _UTF7_RUN.sub(b"", data).replace(b"+-", b"") or not data.isascii():
        return None
    gain = 0
    for run in runs:
        try:
            said = run.decode("utf-7")
        except UnicodeDecodeError:
            return None
        if any(ord(character) < _FIRST_PRINTABLE for character in said) or not said.isprintable():
            return None
        gain += MODEL.price(run.decode("ascii")) - MODEL.price(said)
    try:
        return data.decode("utf-7") if gain >= max(_UTF7_MIN_BITS, _UTF7_MIN_BITS_EACH * len(runs)) * UNITS else None
    except UnicodeDecodeError:
        return None


def _decode_hz(data: bytes) -> str | None:
    """Decode HZ (RFC 1843) if nearly all characters between `~{` and `~}` are common ones."""
    rows = b"".join(match[1][::2] for match in _HZ_SEGMENT.finditer(data)).translate(None, _HZ_SIGNS)
    if not rows or sum(row in _HZ_COMMON_ROWS for row in rows) < _HZ_COMMON_SHARE * len(rows):
        return None
    try:
        text = data.decode("hz")
    except UnicodeDecodeError:
        return None
    said = "".join(_EAST_ASIAN.findall(text))
    return text if MODEL.price(said) <= _HZ_MAX_BITS * UNITS * len(said) else None
