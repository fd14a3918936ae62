"""Code tables of the wide repair: which byte a character may have been, in each of some forty single-byte encodings.

A wrong decoder leaves one of three traces for a byte that its table does not define (or defines as a C1 control): the
control character itself, the character that windows-1252 has there (browsers and ftfy do this), or an error. So a
character may stand for its codec's own byte or, as an alias, for the byte windows-1252 gives it: a lattice, which
`search.py` resolves by plausibility.

Sources: Python's codecs; the WHATWG Encoding Standard, section "Legacy single-byte encodings", for the list.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np


class Codec(NamedTuple):
    """One encoding.

    Attributes:
        name: Its name for Python.
        prior_bits: Bits of evidence asked of it before it may be believed.
        core: It is behind nearly all damage met in practice: two bytes of evidence may do.
        latin: Its accidental sequences look like words of living languages: small evidence must pass ftfy's `is_bad`.
    """

    name: str
    prior_bits: int
    core: bool = False
    latin: bool = False


CODECS = (
    Codec("cp1252", 6, core=True, latin=True),
    Codec("cp1250", 9, core=True, latin=True),
    Codec("cp1251", 9, core=True, latin=True),
    Codec("cp1253", 9, core=True, latin=True),
    Codec("cp1254", 9, core=True, latin=True),
    Codec("cp1257", 9, core=True, latin=True),
    Codec("iso8859-2", 9, core=True, latin=True),
    Codec("iso8859-7", 9, core=True),
    Codec("iso8859-15", 9, core=True, latin=True),
    Codec("cp437", 9, core=True, latin=True),
    Codec("cp850", 9, latin=True),
    Codec("mac-roman", 9, core=True, latin=True),
    Codec("cp866", 11),
    Codec("koi8-r", 11),
    Codec("cp852", 11, latin=True),
    Codec("cp1255", 11),
    Codec("cp1256", 11),
    Codec("cp1258", 11, latin=True),
    Codec("cp874", 11),
    Codec("koi8-u", 12),
    Codec("iso8859-5", 12),
    Codec("iso8859-6", 12),
    Codec("iso8859-8", 12),
    Codec("iso8859-9", 10, core=True, latin=True),
    Codec("iso8859-13", 12, latin=True),
    Codec("iso8859-3", 13, latin=True),
    Codec("iso8859-4", 13, latin=True),
    Codec("iso8859-10", 13, latin=True),
    Codec("iso8859-11", 13),
    Codec("iso8859-14", 13, latin=True),
    Codec("iso8859-16", 13, latin=True),
    Codec("mac-cyrillic", 12),
    Codec("mac-greek", 13),
    Codec("mac-latin2", 13, latin=True),
    Codec("mac-turkish", 13, latin=True),
    Codec("mac-croatian", 14, latin=True),
    Codec("mac-iceland", 14, latin=True),
    Codec("mac-romanian", 14, latin=True),
    Codec("cp720", 15),
    Codec("cp737", 14),
    Codec("cp775", 14, latin=True),
    Codec("cp855", 15),
    Codec("cp857", 13, latin=True),
    Codec("cp858", 13, latin=True),
    Codec("cp862", 14),
    Codec("cp865", 13, latin=True),
)
"""The repairable codecs, most usual first. latin-1 is part of cp1252: its controls are a reading of the same bytes."""

NAMES = tuple(codec.name for codec in CODECS)
INDEX = {name: i for i, name in enumerate(NAMES)}
CP1252 = bytes(range(256)).decode("cp1252", "replace")
LAST = 0xFFFF
"""Code points above are looked up as this one, which no codec holds."""


def own_characters(name: str) -> list[str | None]:
    """The 128 characters of the upper half of a codec; None where it has none of its own (a gap, or a C1 control)."""
    characters: list[str | None] = []
    for byte in range(0x80, 0x100):
        char = bytes([byte]).decode(name, "ignore")
        characters.append(char if char and not "\x80" <= char <= "\x9f" else None)
    return characters


def _readings(name: str) -> Iterator[tuple[str, int, bool]]:
    """Characters, the bytes they may stand for, and whether that is an alias.

    A control (or whatever has the byte's number) stands for its byte where the codec has no character of its own there,
    and in cp1252, as latin-1 shows it.
    """
    own = own_characters(name)
    for byte, char in enumerate(own, 0x80):
        if char is not None:
            yield char, byte, False
        elif CP1252[byte] != "\N{REPLACEMENT CHARACTER}" and byte < 0xA0:
            yield CP1252[byte], byte, True
        if (char is None and chr(byte) not in own) or (name == "cp1252" and byte < 0xA0):
            yield chr(byte), byte, False


class Tables(NamedTuple):
    """Look-up tables of all codecs over a compact numbering of their characters (0: in none of them).

    Attributes:
        number: uint16, shape (65536,): code point -> character number.
        lead2: uint64, shape (characters,): bit i says "first byte of a two-byte UTF-8 sequence in codec i".
        lead3: The same for three bytes.
        lead4: The same for four.
        trail: The same for a continuation byte.
        first: uint8, shape (codecs, characters): the first byte of a sequence that the character may stand for, or 0.
        own: uint8, the same shape: the continuation byte it may stand for, or 0.
        alias: uint8, the same shape: the one it may stand for as windows-1252's character, or 0.
        held: bool, the same shape: the codec has the character at all.
    """

    number: np.ndarray
    lead2: np.ndarray
    lead3: np.ndarray
    lead4: np.ndarray
    trail: np.ndarray
    first: np.ndarray
    own: np.ndarray
    alias: np.ndarray
    held: np.ndarray


def _tables() -> Tables:
    readings = [list(_readings(name)) for name in NAMES]
    characters = sorted({char for table in readings for char, _, _ in table})
    number = np.zeros(LAST + 1, dtype=np.uint16)
    number[[ord(char) for char in characters]] = np.arange(1, len(characters) + 1)
    shape = (len(NAMES), len(characters) + 1)
    first, own, alias = (np.zeros(shape, dtype=np.uint8) for _ in range(3))
    held = np.zeros(shape, dtype=bool)
    masks = {kind: np.zeros(len(characters) + 1, dtype=np.uint64) for kind in ("trail", "lead2", "lead3", "lead4")}
    for i, table in enumerate(readings):
        for char, byte, is_alias in table:
            at = int(number[ord(char)])
            held[i, at] = True
            kind = byte_kind(byte)
            if kind:
                masks[kind][at] |= np.uint64(1 << i)
                (first if kind != "trail" else alias if is_alias else own)[i, at] = byte
    return Tables(number, masks["lead2"], masks["lead3"], masks["lead4"], masks["trail"], first, own, alias, held)


_KINDS = (("trail", 0x80, 0xBF), ("lead2", 0xC2, 0xDF), ("lead3", 0xE0, 0xEF), ("lead4", 0xF0, 0xF4))


def byte_kind(byte: int) -> str:
    """What a byte is in UTF-8: trail, lead2, lead3, lead4, or nothing (a byte UTF-8 never has)."""
    for kind, first, last in _KINDS:
        if first <= byte <= last:
            return kind
    return ""


TABLES = _tables()
