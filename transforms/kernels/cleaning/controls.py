r"""Control characters: what they stood for is kept (line ends, overstruck letters), others are removed.

TAB and LF stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

import numpy as np
from pydantic import Field

from corpusmill.transforms.kernels.cleaning.mojibake import c1
from corpusmill.transforms.kernels.cleaning.mojibake.repair_stages import SUSPECT
from corpusmill.transforms.kernels.cleaning.rules import Change, Rule, counting_rule, in_one
from corpusmill.transforms.kernels.settings import Settings
from corpusmill.transforms.kernels.unicode.charsets import points, python_class, re2_class

C1 = points(range(0x80, 0xA0))
C1_AS_WINDOWS_1252 = {
    point: bytes([point]).decode("cp1252") for point in C1 if point not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
"""Windows-1252 leaves five bytes undefined; they say nothing and count as controls."""

NEXT_LINE = "\x85"
DECODE_C1 = "encoding.decode-c1"

SURROGATES = points(range(0xD800, 0xE000))
INTERLINEAR = points(
    "\N{INTERLINEAR ANNOTATION ANCHOR}\N{INTERLINEAR ANNOTATION SEPARATOR}"
    "\N{INTERLINEAR ANNOTATION TERMINATOR}\N{OBJECT REPLACEMENT CHARACTER}"
)
DEPRECATED_FORMAT = points(range(0x206A, 0x2070))
"""Symmetric swapping, Arabic form shaping, national digit shapes (Unicode 3.0 deprecates them)."""

NONCHARACTERS = points(range(0xFDD0, 0xFDF0), (0xFFFE, 0xFFFF))
"""Those of the Basic Multilingual Plane; `re` and RE2 are slow on classes with many ranges beyond it."""
LINE_CONTROLS = points("\t\n\v\f\r")
CONTROLS = (
    points(range(0x20), [0x7F], C1 - C1_AS_WINDOWS_1252.keys(), INTERLINEAR, DEPRECATED_FORMAT, NONCHARACTERS)
    - LINE_CONTROLS
)


class ControlSettings(Settings):
    """What is done about control characters and line ends."""

    strip: bool = Field(
        default=True,
        description="Remove control characters but TAB and line ends, with them terminal escapes and overstrikes.",
    )
    line_ends: bool = Field(
        default=True, description="Turn CR LF, CR, VT, FF, LINE SEPARATOR and PARAGRAPH SEPARATOR into LF."
    )
    lost_letters: Literal["mark", "strip"] = Field(
        default="mark",
        description="A NUL in a word, where PDF extraction lost a ligature: mark the gap by U+FFFD, or strip it.",
    )
    c1: Literal["windows-1252", "keep"] = Field(
        default="windows-1252",
        description="Controls U+0080-U+009F left after repair: read them as Windows-1252 (as DOS or Mac characters"
        " where only those make words), or keep them.",
    )
    next_line: Literal["windows-1252", "line-end"] = Field(
        default="windows-1252",
        description="U+0085 among them: an ellipsis as in Windows-1252, or the line end of EBCDIC systems.",
    )


_LINE_END = re.compile("\r\n|[\r\v\f\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}]")
_OVERSTRIKE = re.compile(r"(?:_\x08([^\s\x08])|([^\s\x08])(?:\x08\2)+)")
_TERMINAL_ESCAPE = re.compile(
    r"\x1b\[[0-9;:?]{0,64}[A-Za-z]|\x1b\][^\x07\x1b\n]{0,2000}(?:\x07|\x1b\\)|\x1b[()][A-Z0-9]"
)
_LOST_LETTERS = re.compile(r"(?<=[^\W\d_]{2})\x00(?=[^\W\d_])")
_CONTROLS = re.compile(f"[{python_class(CONTROLS)}]")
_C1_CONTROL = re.compile(f"[{python_class(C1)}]")
_SURROGATE = re.compile(f"[{python_class(SURROGATES)}]")


def decode_c1(text: str, next_line: str) -> list[Change]:
    """Read C1 controls as the encoding that the words around them are in; flag them where nothing tells it."""
    if not _C1_CONTROL.search(text):
        return []
    codec = c1.decide(text)
    if not codec:
        return [Change(SUSPECT, text, len(_C1_CONTROL.findall(text)))]
    line_end = "\n" if next_line == "line-end" else "\N{HORIZONTAL ELLIPSIS}"
    out, last = [], 0
    for start, end in [*c1.tables(text), (len(text), len(text))]:
        part = text[last:start]
        if codec == c1.WINDOWS:
            part = part.translate(C1_AS_WINDOWS_1252 | {ord(NEXT_LINE): line_end})
        else:
            part = c1.read_as(part, codec)
        table = text[start:end]
        out += [part, line_end if table == NEXT_LINE and line_end == "\n" else table]
        last = end
    after = "".join(out)
    count = sum(a != b for a, b in zip(text, after, strict=True))
    return [Change(DECODE_C1, after, count, codec)] if count else []


def unify_line_ends(text: str) -> tuple[str, int]:
    """Turn all line ends into LF; return the text and the number changed."""
    others = ("\r\n", "\r", "\v", "\f", "\N{LINE SEPARATOR}", "\N{PARAGRAPH SEPARATOR}")
    if not any(other in text for other in others[1:]):
        return text, 0
    count = len(_LINE_END.findall(text))
    for other in others:
        text = text.replace(other, "\n")
    return text, count


def undo_overstrikes(text: str) -> tuple[str, int]:
    r"""Undo bold and underline of line printers: `N\bN` and `_\bN` are `N`. Other backspaces are left for later."""
    if "\b" not in text:
        return text, 0
    return _OVERSTRIKE.subn(lambda match: match[1] or match[2], text)


def mark_lost_letters(text: str) -> tuple[str, int]:
    """Put U+FFFD in the place of NULs inside of words; return the text and their number."""
    return _LOST_LETTERS.subn("\N{REPLACEMENT CHARACTER}", text) if "\0" in text else (text, 0)


def replace_surrogates(text: str) -> tuple[str, int]:
    """Join surrogate pairs, replace lone surrogates by U+FFFD; return the text and the number of surrogates."""
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return joined, len(_SURROGATE.findall(text))


def surrogate_rules() -> list[Rule]:
    """Return the rule for surrogates, which a Python string can hold and an Arrow column cannot."""

    def apply(text: str) -> tuple[str, int]:
        return replace_surrogates(text) if _SURROGATE.search(text) else (text, 0)

    return [
        counting_rule(
            "encoding.replace-surrogates",
            apply,
            "A surrogate is half a character.",
            suspects=lambda column: np.zeros(len(column), dtype=np.bool_),
        )
    ]


def c1_rules(settings: ControlSettings) -> list[Rule]:
    """Return the rule for C1 controls that no repair explained."""
    if settings.c1 == "keep":
        return []
    return [
        Rule(
            DECODE_C1,
            lambda text: decode_c1(text, settings.next_line),
            "Browsers read U+0080-U+009F as Windows-1252, so authors saw those characters; DOS and the Mac had others.",
            proof=(f"[{re2_class(C1)}]",),
        )
    ]


def control_rules(settings: ControlSettings) -> list[Rule]:
    """Return the rules that the settings ask for, in order."""

    def rule(name: str, function: Callable[[str], tuple[str, int]], why: str, proof: str, inert: bool = False) -> Rule:
        return counting_rule(name, function, why, proof=(proof,), ascii=True, inert=inert)

    rules = []
    if settings.line_ends:
        rules.append(
            rule(
                "controls.line-ends",
                unify_line_ends,
                "Line ends of other systems.",
                r"[\r\v\f\x{2028}\x{2029}]",
                inert=True,
            )
        )
    if settings.strip:
        rules += [
            rule("controls.undo-overstrikes", undo_overstrikes, "Bold and underline of line printers.", r"\x08"),
            rule(
                "controls.strip-terminal-escapes",
                lambda text: _TERMINAL_ESCAPE.subn("", text),
                "Colours and cursor movements of terminals.",
                r"\x1b",
            ),
        ]
        strip = rule(
            "controls.strip",
            lambda text: _CONTROLS.subn("", text),
            "Controls, noncharacters and annotation marks have no meaning in plain text.",
            f"[{re2_class(CONTROLS)}]",
        )
        mark = rule(
            "controls.mark-lost-letters",
            mark_lost_letters,
            "A NUL in a word replaces letters that were lost (`speci\\0cation`).",
            r"\x00",
        )
        rules.append(
            in_one("controls.strip", [mark, strip], strip.proof[0]) if settings.lost_letters == "mark" else strip
        )
    return rules
