"""What each code point is for tokens: separator, word character, mark, or a token by itself.

The tables come from the `regex` package and from pyarrow's normaliser, whose Unicode is newer than that of the oldest
supported Python, so that tokens do not depend on the interpreter.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import regex

from corpusmill.transforms.kernels.arrays import Bools, UInt8s

SEPARATOR, WORD, MARK, SINGLE = 0, 1, 2, 3
KIND_BITS = 3
"""The bits of a character's properties that hold one of the four kinds."""

UNSTABLE = 4
"""Set where compatibility decomposition (NFKD) changes the character in a way that tokens can see. Text without such
characters, and without two reordering marks in a row, has the tokens of its NFKD."""

REORDERS = 8
"""Set for marks with a combining class other than 0: normalisation sorts runs of them."""

SCRIPTS_WITHOUT_SPACES = (
    "Han",
    "Hiragana",
    "Katakana",
    "Bopomofo",
    "Yi",
    "Tangut",
    "Nushu",
    "Khitan_Small_Script",
    "Thai",
    "Lao",
    "Khmer",
    "Myanmar",
    "Tai_Le",
    "New_Tai_Lue",
    "Tai_Tham",
    "Tai_Viet",
    "Ahom",
)
"""Scripts whose text does not put spaces between words: each letter, with the marks on it, is a token."""

_CODE_POINTS = 0x110000
# Planes without characters (4 to 13, private use) stay separators; this keeps the tables quick to build.
_ASSIGNED = ((0, 0x40000), (0xE0000, 0xE0200))
_SURROGATES = slice(0xD800, 0xE000)


def _characters(first: int, end: int) -> str:
    """The code points of a range as text, surrogates replaced by spaces to keep positions."""
    code_points = np.arange(_CODE_POINTS, dtype="<u4")
    code_points[_SURROGATES] = ord(" ")
    return code_points[first:end].tobytes().decode("utf-32-le")


def _matching(pattern: str, text: str) -> Bools:
    found = np.zeros(len(text), dtype=bool)
    for match in regex.finditer(f"(?:{pattern})+", text, regex.V1):
        found[match.start() : match.end()] = True
    return found


def _unstable(text: str, kind: UInt8s) -> Bools:
    characters = pa.array(list(text), pa.string())
    # Only the decomposing forms: pyarrow's composing ones return decomposed text up to version 25 (arrow#51225).
    decomposed = pc.utf8_normalize(characters, "NFKD")
    unstable: Bools = pc.not_equal(characters, decomposed).to_numpy(zero_copy_only=False).copy()
    for position in np.flatnonzero(unstable).tolist():
        if kind[ord(text[position])] == SEPARATOR:
            # A separator that turns into separators (an ellipsis, a no-break space) stays one. Marks in the
            # replacement hang on a separator and so belong to no token either.
            kinds = [kind[ord(part)] for part in decomposed[position].as_py()]
            unstable[position] = kinds[0] != SEPARATOR or any(k not in (SEPARATOR, MARK) for k in kinds)
    return unstable


@cache
def character_properties() -> UInt8s:
    """Return kind, `UNSTABLE` and `REORDERS` of every code point as one byte, indexed by code point, read-only.

    The first call in a process builds the table, in about a quarter of a second.
    """
    properties = np.zeros(_CODE_POINTS, dtype=np.uint8)
    scripts = "".join(rf"\p{{scx={script}}}" for script in SCRIPTS_WITHOUT_SPACES)
    for first, end in _ASSIGNED:
        text = _characters(first, end)
        part = properties[first:end]
        part[_matching(r"[\p{L}\p{N}_]", text)] = WORD
        part[_matching(r"\p{M}", text)] = MARK
        part[_matching(rf"[[{scripts}]&&\p{{L}}]", text)] = SINGLE
    kind = properties.copy()
    for first, end in _ASSIGNED:
        text = _characters(first, end)
        part = properties[first:end]
        part[_matching(r"\P{ccc=0}", text)] |= REORDERS
        part[_unstable(text, kind)] |= UNSTABLE
    properties.setflags(write=False)
    return properties
