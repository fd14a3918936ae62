"""Character references (`&amp;`, `&#8217;`) left over in text that is not markup.

Only references that HTML defines and that end in a semicolon are decoded, however deep they are nested
(`&amp;amp;lt;`). A line stays whole where decoding would touch or make markup, where references are what the text is
about, and in code.
"""

from __future__ import annotations

import html
import re
from html.entities import html5

from pydantic import Field

from corpusmill.transforms.kernels.boilerplate.lines.code_lines import code_lines
from corpusmill.transforms.kernels.cleaning.rules import Change, Rule
from corpusmill.transforms.kernels.settings import Settings

RULE = "encoding.decode-entities"

PROOF = r"&(?:[0-9A-Za-z]{2,31}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});"
"""The longest name of HTML 5 has 31 letters (CounterClockwiseContourIntegral); 0x10FFFF has 7 decimal digits."""

_REFERENCE = re.compile(PROOF)
_TWICE = re.compile(rf"&amp;(?:amp;)*{PROOF[1:]}")
_LONGEST = 34
_MARKUP = re.compile(r"<(?:/?[A-Za-z][A-Za-z0-9:-]{0,30}(?:[\s/][^<>]{0,2000})?>|!--|!DOCTYPE|\?xml)", re.IGNORECASE)
_QUOTED = re.compile(
    rf"[`\"'\N{{LEFT DOUBLE QUOTATION MARK}}\N{{LEFT SINGLE QUOTATION MARK}}(]{PROOF}"
    rf"[`\"'\N{{RIGHT DOUBLE QUOTATION MARK}}\N{{RIGHT SINGLE QUOTATION MARK}})]|=[ ]?&[A-Za-z]+;\s*$"
)
"""A reference alone in quotes or brackets is spoken about; `p = &phi;` at the end of a line is C."""


class EntitySettings(Settings):
    """What is done about character references."""

    decode: bool = Field(
        default=True, description="Decode HTML character references in text that is not markup or code."
    )
    twice_escaped: bool = Field(
        default=False,
        description="Decode lines with references that were escaped twice (`&amp;lt;`) even where markup comes out.",
    )


def decode_reference(reference: str) -> str | None:
    """Return the character(s) of a reference such as `&eacute;`, or None where HTML has no such name."""
    name = reference[1:]
    if name.startswith("#"):
        return html.unescape(reference)
    if name in html5:
        return html5[name]
    # Shouted text: PE&NTILDE;A. A name of its own in lower case, one letter, is put in upper case.
    if name.isupper() and len(small := html5.get(name.lower(), "")) == 1 and small.isalpha():
        return small.upper()
    return None


def _decode_line(line: str) -> tuple[str, int]:
    """Decode references from left to right; a decoded character may complete an outer reference (`&amp;lt;`)."""
    done: list[str] = []  # finished text
    tail = ""  # its last characters, which may begin a reference
    count = 0
    *closed, last = line.split(";")
    for part in closed:
        tail += part + ";"
        while tail.endswith(";"):
            start = tail.rfind("&", max(0, len(tail) - _LONGEST))
            if start < 0 or not _REFERENCE.fullmatch(tail, start):
                break
            character = decode_reference(tail[start:])
            if character is None or character == tail[start:]:
                break
            tail = tail[:start] + character
            count += 1
        if len(tail) > 4 * _LONGEST:
            done.append(tail[:-_LONGEST])
            tail = tail[-_LONGEST:]
    return "".join(done) + tail + last, count


def decode_entities(text: str, twice_escaped: bool = False) -> list[Change]:
    """Decode the references of every line that is neither markup nor about markup nor code.

    Args:
        text: The text.
        twice_escaped: Let markup come out of lines that hold a reference within a reference.
    """
    if not _REFERENCE.search(text) or _MARKUP.search(text):
        return []
    lines = text.split("\n")
    code = code_lines(lines)
    total = 0
    for index, line in enumerate(lines):
        if code[index] or "<" in line or not _REFERENCE.search(line) or _QUOTED.search(line):
            continue
        decoded, count = _decode_line(line)
        if count and (not _MARKUP.search(decoded) or (twice_escaped and _TWICE.search(line))):
            lines[index] = decoded
            total += count
    return [Change(RULE, "\n".join(lines), total)] if total else []


def entity_rules(settings: EntitySettings) -> list[Rule]:
    """Return the rules that the settings ask for, in order."""
    if not settings.decode:
        return []
    return [
        Rule(
            RULE,
            lambda text: decode_entities(text, settings.twice_escaped),
            "A reference in plain text is markup that was escaped once too often.",
            (PROOF,),
            ascii=True,
        )
    ]
