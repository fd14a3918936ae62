"""What each character is for the quality rules: blank, part of a word, mark, symbol; letter, punctuation, capital."""

from __future__ import annotations

import string
from functools import cache

import numpy as np
import regex

from corpusmill.transforms.kernels.arrays import Bools, UInt8s
from corpusmill.transforms.kernels.unicode import token_classes

BLANK, WORD, SINGLE, MARK, SYMBOL = 0, 1, 2, 3, 4
KIND_BITS = 7
"""The bits of a character's properties that hold one of the five kinds."""
IS_LETTER = 8
IS_PUNCTUATION = 16
"""Set for what datatrove counts as punctuation; a word of such characters alone is no word for the limits on words."""
IS_CAPITAL = 32

_KHMER_ENDS = "\N{KHMER SIGN CAMNUC PII KUUH}\N{KHMER SIGN PHNAEK MUAN}\N{KHMER SIGN KOOMUUT}"
_PUNCTUATION = (
    string.punctuation
    + "\N{ACUTE ACCENT}\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}"
    "\N{EN DASH}\N{EM DASH}\N{RIGHT SINGLE QUOTATION MARK}\N{LEFT DOUBLE QUOTATION MARK}"
    "\N{RIGHT DOUBLE QUOTATION MARK}\N{DOUBLE LOW-9 QUOTATION MARK}\N{HORIZONTAL ELLIPSIS}\N{RATIO}"
    "\N{BOX DRAWINGS HEAVY HORIZONTAL}\N{BLACK RIGHT-POINTING POINTER}\N{IDEOGRAPHIC COMMA}"
    "\N{LEFT ANGLE BRACKET}\N{RIGHT ANGLE BRACKET}\N{LEFT DOUBLE ANGLE BRACKET}\N{RIGHT DOUBLE ANGLE BRACKET}"
    "\N{LEFT CORNER BRACKET}\N{RIGHT CORNER BRACKET}\N{LEFT BLACK LENTICULAR BRACKET}"
    "\N{RIGHT BLACK LENTICULAR BRACKET}\N{FULLWIDTH PERCENT SIGN}\N{FULLWIDTH LEFT PARENTHESIS}"
    "\N{FULLWIDTH RIGHT PARENTHESIS}\N{FULLWIDTH COMMA}\N{FULLWIDTH DIGIT ONE}\N{FULLWIDTH COLON}"
    "\N{FULLWIDTH SEMICOLON}\N{FULLWIDTH TILDE}"
)
"""Source: datatrove 0.10.1, utils/text.py, which has it from cc_net; with the controls and the sentence ends below."""

_CODE_POINTS = 0x110000
_ASSIGNED = ((0, 0x40000), (0xE0000, 0xE0200))
_SURROGATES = slice(0xD800, 0xE000)


def _matching(pattern: str, first: int, end: int) -> Bools:
    code_points = np.arange(_CODE_POINTS, dtype="<u4")
    code_points[_SURROGATES] = ord(" ")
    text = code_points[first:end].tobytes().decode("utf-32-le")
    found = np.zeros(len(text), dtype=bool)
    for match in regex.finditer(f"(?:{pattern})+", text, regex.V1):
        found[match.start() : match.end()] = True
    return found


@cache
def sentence_ends() -> tuple[str, ...]:
    """Return the marks that end a sentence in any script, ascending.

    Source: the Unicode property Sentence_Terminal and three Khmer signs, which is what datatrove 0.10.1 looks for at
    the ends of lines, but for what newer versions of Unicode have added.
    """
    found = [
        first + int(place) for first, end in _ASSIGNED for place in np.flatnonzero(_matching(r"\p{STerm}", first, end))
    ]
    return tuple(sorted({*map(chr, found), *_KHMER_ENDS}))


@cache
def character_table() -> UInt8s:
    """Return the properties of every code point as one byte, indexed by code point, read-only.

    The first call in a process builds the table, in about half a second.
    """
    tokens = token_classes.character_properties() & token_classes.KIND_BITS
    table = np.zeros(_CODE_POINTS, np.uint8)
    table[tokens == token_classes.WORD] = WORD
    table[tokens == token_classes.MARK] = MARK
    table[tokens == token_classes.SINGLE] = SINGLE
    for first, end in _ASSIGNED:
        part = table[first:end]
        own = tokens[first:end]
        part[(own == token_classes.SEPARATOR) & ~_matching(r"[\s\p{Z}\p{C}]", first, end)] = SYMBOL
        part[_matching(r"\p{L}", first, end)] |= IS_LETTER
        part[_matching(r"\p{Lu}", first, end)] |= IS_CAPITAL
        part[_matching(r"[\p{Cc}--[\t\n]]", first, end)] |= IS_PUNCTUATION
    for character in {*_PUNCTUATION, *sentence_ends()}:
        table[ord(character)] |= IS_PUNCTUATION
    table.setflags(write=False)
    return table
