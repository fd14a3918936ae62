"""Bytes of a document to text: byte order mark, wide and 7-bit encodings, strict UTF-8, then charset detection.

The result always says how the bytes were read and never holds a lone surrogate.
"""

from __future__ import annotations

import codecs
from collections import Counter
from typing import NamedTuple

import chardet
import regex
from chardet import EncodingEra

from corpusmill.transforms.kernels.reading.control_bytes import MAX_CONTROLS, MAX_CONTROLS_LEGACY, control_bytes
from corpusmill.transforms.kernels.reading.legacy_charsets import (
    FEW_HIGH_BYTES,
    best_charset,
    high_bytes,
    settle_relatives,
)
from corpusmill.transforms.kernels.reading.seven_bit import decode_seven_bit, names_two_byte_set
from corpusmill.transforms.kernels.reading.utf16_utf32 import wide_codec

LONE_SURROGATE = "read.lone-surrogate"
INVALID_BYTES = "read.invalid-bytes"

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS: tuple[tuple[bytes, str, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig", "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le", "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16-be"),
)

# Detectors name the smaller set when the bytes that they looked at fit it; what follows may need the larger one.
_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "shift_jis_2004": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "tis-620": "cp874",
}

# Text that mixes UTF-8 with a few bytes of something else counts as UTF-8 when at least this many multi-byte
# sequences are sound for every broken one. Text in a legacy charset has hardly any sound sequence, by chance at most
# one for ten broken ones (GBK).
_SOUND_PER_BROKEN = 2

_ASCII_BASED = EncodingEra.ALL & ~EncodingEra.MAINFRAME

_SURROGATE = regex.compile("[\ud800-\udfff]")


class Decoded(NamedTuple):
    """A decoded document.

    Attributes:
        text: The text, free of surrogates and of a byte order mark.
        encoding: Python codec name, e.g. `utf-8`, `utf-16-le`, `cp1251`; `cesu-8` for UTF-8 that holds surrogates.
        findings: (rule id, count) of what could not be read exactly.
    """

    text: str
    encoding: str
    findings: tuple[tuple[str, int], ...] = ()


class CharsetMemory:
    """The charsets that were detected in a file of lines so far.

    The detector takes a millisecond, however short the document, and errs with short ones. So when most of a file's
    documents are in one charset, it is tried first; and after many documents the detector is not asked any more.
    """

    _ENOUGH = 64  # documents before the file's usual charset goes first
    _SOME = 4  # documents before the usual charset of the file weighs
    _USUAL_SHARE = 0.75
    _LIMIT = 1000  # detections a file

    def __init__(self) -> None:
        """Remember nothing."""
        self._seen: Counter[str] = Counter()

    def usual(self) -> str | None:
        """Return the charset to try before asking the detector, if there is one."""
        if self._seen.total() < self._ENOUGH:
            return None
        name, count = min(self._seen.items(), key=lambda item: (-item[1], item[0]))
        return name if count >= self._USUAL_SHARE * self._seen.total() or self.is_full() else None

    def leaning(self) -> str | None:
        """Return the charset of most documents so far, if there are some."""
        if self._seen.total() < self._SOME:
            return None
        name, count = min(self._seen.items(), key=lambda item: (-item[1], item[0]))
        return name if count >= self._USUAL_SHARE * self._seen.total() else None

    def is_full(self) -> bool:
        """Return whether the detector has been asked often enough."""
        return self._seen.total() >= self._LIMIT

    def add(self, name: str) -> None:
        """Remember what the detector said."""
        self._seen[name] += 1


class UndecodableError(ValueError):
    """The bytes are not text in any charset that is known here."""


def byte_order_mark(data: bytes) -> tuple[str, int]:
    """Return the codec named by the byte order mark and the mark's length, or `("", 0)`."""
    for mark, name, _ in _MARKS:
        if data.startswith(mark):
            return name, len(mark)
    return "", 0


def decode_document(data: bytes, memory: CharsetMemory | None = None) -> Decoded:
    """Decode the bytes of one document.

    Tried in this order: byte order mark, 7-bit encodings, UTF-16 and UTF-32, strict UTF-8, UTF-8 with encoded
    surrogates, UTF-8 with a few stray bytes, charset detection.

    Args:
        data: The whole document; the detector looks at its first 200,000 bytes.
        memory: What was detected for other lines of the same file. Charsets that are not based on ASCII are out of the
            question then, and controls are the business of whoever reads the line.

    Raises:
        UndecodableError: The bytes look like binary data, or are in an encoding that cannot be read.
    """
    for mark, name, codec in _MARKS:
        if data.startswith(mark):
            return _decode_as(data[len(mark) :], codec, name)
    if seven_bit := decode_seven_bit(data):
        return _noting_cut(seven_bit.text, seven_bit.codec, seven_bit.cut)
    try:
        text: str | None = data.decode("utf-8")
    except UnicodeDecodeError:
        text = None
    if memory is None and (wide := _wide_or_refuse(data, is_utf8=text is not None)):
        return wide
    if text is not None:
        return Decoded(text, "utf-8")
    return _surrogates_in_utf8(data) or _mostly_utf8(data) or _detected(data, memory)


def decode_stated(data: bytes, codec: str) -> Decoded:
    """Decode a document whose encoding is stated; a byte order mark says more than the statement.

    Args:
        data: The whole document.
        codec: As `canonical_encoding` returns it.
    """
    for mark, name, marked in _MARKS:
        if data.startswith(mark):
            return _decode_as(data[len(mark) :], marked, name)
    return _decode_as(data, codec, codec)


def _wide_or_refuse(data: bytes, *, is_utf8: bool) -> Decoded | None:
    """Decode UTF-16 or UTF-32 without a mark; refuse what is not text.

    Raises:
        UndecodableError: There are too many controls, or escape sequences that do not decode.
    """
    controls = control_bytes(data)
    odd = controls.nuls or data[:1] == b"\0" or data[-1:] == b"\0" or controls.many_others(MAX_CONTROLS_LEGACY)
    if odd or not is_utf8:
        if codec := wide_codec(data):
            return _decode_as(data, codec, codec)
        if controls.many_nuls():
            raise UndecodableError(
                "the bytes hold many NULs and are neither UTF-16 nor UTF-32; they look like binary data"
            )
        if controls.many_others(MAX_CONTROLS if is_utf8 else MAX_CONTROLS_LEGACY):
            raise UndecodableError("the bytes look like binary data: too many of them are control characters")
    if names_two_byte_set(data):
        raise UndecodableError("the bytes hold escape sequences of ISO-2022, but are no sound text in it")
    return None


def _noting_cut(text: str, name: str, cut: bool) -> Decoded:
    return Decoded(text + REPLACEMENT, name, ((INVALID_BYTES, 1),)) if cut else Decoded(text, name)


def replace_lone_surrogates(text: str) -> tuple[str, int]:
    """Join surrogate pairs and replace lone surrogates by U+FFFD; return the text and the number replaced."""
    if not _SURROGATE.search(text):
        return text, 0
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    text, lone = _SURROGATE.subn(REPLACEMENT, joined)
    return text, lone


def _decode_as(data: bytes, codec: str, name: str) -> Decoded:
    """Decode with a charset that is certain: what does not fit it is replaced and counted."""
    try:
        return Decoded(data.decode(codec), name)
    except UnicodeDecodeError:
        pass
    if codec == "utf-8":
        sound = _surrogates_in_utf8(data)
        if sound:
            return sound
        return _with_stray_bytes(data, name, data.decode("utf-8", "ignore"))
    findings = []
    try:
        text, lone = replace_lone_surrogates(data.decode(codec, "surrogatepass"))
        findings.append((LONE_SURROGATE, lone))
    except UnicodeDecodeError:
        known = data.decode(codec, "ignore").count(REPLACEMENT)
        text = data.decode(codec, "replace")
        findings.append((INVALID_BYTES, text.count(REPLACEMENT) - known))
    return Decoded(text, name, tuple(findings))


def _surrogates_in_utf8(data: bytes) -> Decoded | None:
    """Decode UTF-8 in which surrogates are encoded like characters (CESU-8, Java's modified UTF-8)."""
    if b"\xed" not in data:
        return None
    try:
        text = data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None
    text, lone = replace_lone_surrogates(text)
    return Decoded(text, "cesu-8", ((LONE_SURROGATE, lone),) if lone else ())


def _mostly_utf8(data: bytes) -> Decoded | None:
    """Decode UTF-8 that holds a few bytes of something else."""
    sound = data.decode("utf-8", "ignore")
    characters = len(sound) - len(sound.encode("ascii", "ignore"))
    if characters < _SOUND_PER_BROKEN * _broken_sequences(data, sound):
        return None
    return _with_stray_bytes(data, "utf-8", sound)


def _broken_sequences(data: bytes, sound: str) -> int:
    return data.decode("utf-8", "replace").count(REPLACEMENT) - sound.count(REPLACEMENT)


def _with_stray_bytes(data: bytes, name: str, sound: str) -> Decoded:
    """Decode UTF-8; stray single bytes are read as Windows-1252, cut sequences become U+FFFD."""
    text = data.decode("utf-8", _STRAY_BYTES)
    return Decoded(text, name, ((INVALID_BYTES, _broken_sequences(data, sound)),))


def _read_stray(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    stray = error.object[error.start : error.end]
    if len(stray) > 1 or error.end == len(error.object):
        return REPLACEMENT, error.end
    return stray.decode("cp1252", "replace"), error.end


_STRAY_BYTES = "corpusmill.stray-bytes"
codecs.register_error(_STRAY_BYTES, _read_stray)


def _detected(data: bytes, memory: CharsetMemory | None) -> Decoded:
    """Decode with the charset that the detector names, or that the file's other documents are in."""
    usual = memory.usual() if memory else None
    if memory and usual:
        try:
            return _without_surrogates(data.decode(usual), usual)
        except UnicodeDecodeError:
            if memory.is_full():
                return _replacing(data, usual)
    era = EncodingEra.ALL if memory is None else _ASCII_BASED
    guess = chardet.detect(data, encoding_era=era, compat_names=False)["encoding"]
    high = len(high_bytes(data))
    if guess is not None or 0 < high <= FEW_HIGH_BYTES:
        named = _SUPERSETS.get(guess, guess) if guess else None
        if high <= FEW_HIGH_BYTES:
            guess = best_charset(data, named, memory.leaning() if memory else None) or guess
        elif named:
            guess = settle_relatives(data, named)
    if guess is None:
        raise UndecodableError("the bytes look like binary data, not like text in any known charset")
    if memory:
        memory.add(guess)
    for name in (guess, _SUPERSETS.get(guess)):
        if name:
            try:
                return _without_surrogates(data.decode(name), name)
            except (UnicodeDecodeError, LookupError):
                continue
    return _replacing(data, _SUPERSETS.get(guess, guess))


def _without_surrogates(text: str, name: str) -> Decoded:
    text, lone = replace_lone_surrogates(text)
    return Decoded(text, name, ((LONE_SURROGATE, lone),) if lone else ())


def _replacing(data: bytes, name: str) -> Decoded:
    text = data.decode(name, "replace")
    broken = text.count(REPLACEMENT)
    return Decoded(text, name, ((INVALID_BYTES, broken),) if broken else ())
