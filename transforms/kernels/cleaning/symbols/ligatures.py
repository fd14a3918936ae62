"""Latin ligatures that PDF extraction leaves: `deﬁne`, torn from their words (`ﬁ eld`), as glyph names (`/uniFB01`).

A ligature is a choice of the font, so spelling it out loses nothing where a text is full of them. One or two may be
what somebody wrote, and a text about type speaks of them: both stay.
"""

from __future__ import annotations

import re

from corpusmill.transforms.kernels.boilerplate.lines.code_lines import code_lines
from corpusmill.transforms.kernels.cleaning.rules import Rule, counting_rule

_SPELLED = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "ſt", "ﬆ": "st"}
_TABLE = str.maketrans(_SPELLED)
_ANY = "ﬀ-ﬆ"
_LETTER = r"[^\W\d_]"

_IN_WORD = re.compile(rf"{_LETTER}+[{_ANY}]|[{_ANY}]{_LETTER}")
_PLAIN = re.compile(r"f[fil]")
_TORN = re.compile(r"(?<![\w'’`\"“”(\[-])[ﬁﬂﬃﬄ] (?=([a-z]{2,}))")
_TORN_INSIDE = re.compile(r"(?<=[a-z]{2})(?<!\bwi)[ﬁﬂﬃﬄ] (?=([a-z]{2,}))")
_ALONE = re.compile(rf"(?<!\w)[{_ANY}](?!\w)")
_ABOUT = re.compile(r"ligatur|glyph|typogra|unicode|U\+FB0|font", re.IGNORECASE)
"""What a text about type mentions."""
_FUNCTION_WORDS = frozenset(
    (
        *"is are was were and or as in on at by to of the an for with from has had may can will does that".split(),
        *"not but if ist sind war und oder als im mit von wird est et ou de la le les dans es son se un una el".split(),
        *"which los que non sono di".split(),
    )
)
"""What follows a ligature that is spoken about, and no rest of a word."""
_FI_IS_A_WORD = re.compile("[ăĂșȘşŞțȚţŢ]")
"""Letters of Romanian, in which `fi` is the verb "to be"."""
MIN_WORDS = 3
"""Words with a ligature that make a text one that was set with them, if hardly a word has `f` and `i` apart."""
MAX_PLAIN_SHARE = 0.25

GLYPH_NAME = "/uni[0-9A-F]{4}"
_NAME_APART = re.compile(r"(?<![A-Za-z])/uni(FB0[0-6])(?= ?[a-z])")
_NAME_INSIDE = re.compile(r"(?<=[a-z])/uni([0-9A-F]{4})(?=[a-z])")
_OTHER_NAME = re.compile(r"(?<!\S)/(?!uniFB0)[A-Za-z]+\b|[{}<>]|\b(?:def|show|glyph)", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z]{2,}")
_MIN_WORDS_BESIDE_NAME = 4


def _is_about_type(text: str) -> bool:
    """Return whether a text speaks of ligatures: it says so, or one is alone as no torn word does."""
    if _ABOUT.search(text):
        return True
    torn = {match.start() for match in _TORN.finditer(text) if match[1] not in _FUNCTION_WORDS}
    return any(match.start() not in torn for match in _ALONE.finditer(text))


def _spell_out(text: str) -> tuple[str, int]:
    lines = text.split("\n")
    code = code_lines(lines)
    prose = "\n".join(line for line, is_code in zip(lines, code, strict=True) if not is_code)
    words, torn = len(_IN_WORD.findall(prose)), len(_TORN.findall(prose))
    if words + torn < MIN_WORDS or len(_PLAIN.findall(prose)) > MAX_PLAIN_SHARE * (words + torn):
        return text, 0
    if _is_about_type(prose) or (torn and _FI_IS_A_WORD.search(prose)):
        return text, 0
    count = 0
    for index, line in enumerate(lines):
        if code[index]:
            continue
        found = sum(map(line.count, _SPELLED))
        if found:
            count += found
            if torn:
                line = _TORN_INSIDE.sub(_join, _TORN.sub(_join, line))  # noqa: PLW2901
            lines[index] = line.translate(_TABLE)
    return "\n".join(lines), count


def _join(match: re.Match[str]) -> str:
    return match[0] if match[1] in _FUNCTION_WORDS else match[0][0]


def ligatures() -> Rule:
    """Ligatures of a text that was set with them are spelled out, and joined with the rest of their word."""
    return counting_rule(
        "symbols.spell-ligatures",
        _spell_out,
        "A ligature is a choice of the font; searches and models know the letters.",
        among=frozenset(map(ord, _SPELLED)),
        proof=(r"[\x{fb00}-\x{fb06}]",),
    )


def glyph_names() -> Rule:
    """Names of letters inside of words become the letters, names of ligatures before words the ligatures."""

    def letter(match: re.Match[str]) -> str:
        character = chr(int(match[1], 16))
        return character if character.isalpha() and not character.isascii() else match[0]

    def apply(text: str) -> tuple[str, int]:
        if "/uni" not in text:
            return text, 0
        lines = text.split("\n")
        code = code_lines(lines)
        total = 0
        for index, line in enumerate(lines):
            if code[index] or "/uni" not in line or _OTHER_NAME.search(line):
                continue
            lines[index], count = _NAME_INSIDE.subn(letter, line)
            if len(_WORD.findall(_NAME_APART.sub("", line))) >= _MIN_WORDS_BESIDE_NAME:
                lines[index], more = _NAME_APART.subn(letter, lines[index])
                count += more
            total += count
        return "\n".join(lines), total

    return counting_rule(
        "symbols.decode-glyph-names",
        apply,
        "The PDF had the name of a glyph but not the letters that it is.",
        proof=(GLYPH_NAME,),
        ascii=True,
    )
