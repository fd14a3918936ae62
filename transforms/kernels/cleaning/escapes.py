r"""Escapes of other layers left in texts: quoted-printable of mail (`=C3=A9`), Unicode escapes of programs (`\u00e9`).

Both are off by default: sound text holds them (mail headers, code, texts on encodings), and nothing in the text tells.
"""

from __future__ import annotations

import re

from pydantic import Field

from corpusmill.transforms.kernels.boilerplate.lines.code_lines import code_lines
from corpusmill.transforms.kernels.cleaning.rules import Rule, counting_rule
from corpusmill.transforms.kernels.settings import Settings

_BYTES = re.compile(r"(?:=[0-9A-F]{2})+")
_SOFT_BREAK = re.compile(r"=[ \t]*\r?\n")
_SEQUENCE = re.compile(r"=(?:C[2-9A-F]|D[0-9A-F]|E[0-9A-F]=[89AB][0-9A-F]|F[0-4](?:=[89AB][0-9A-F]){2})=[89AB][0-9A-F]")
"""UTF-8 of one character: what proves quoted-printable."""
_ESCAPES = re.compile(r"(?<!\\)((?:\\\\)*)((?:\\u[0-9A-Fa-f]{4})+)")
_UNIT = re.compile(r"\\u([0-9A-Fa-f]{4})")
_FIRST_PRINTABLE = 0xA0


class EscapeSettings(Settings):
    """What is done about escapes of other layers."""

    quoted_printable: bool = Field(
        default=False,
        description="Decode quoted-printable (`=C3=A9`, `=` at line ends) in texts that hold UTF-8 in it.",
    )
    unicode_escapes: bool = Field(
        default=False, description=r"Decode escapes such as `\u00e9` of characters beyond ASCII, not in code."
    )


def decode_quoted_printable(text: str) -> tuple[str, int]:
    """Decode quoted-printable (RFC 2045, 6.7) where a text proves to hold it; runs that are not UTF-8 stay."""
    if not _SEQUENCE.search(text):
        return text, 0
    count = 0

    def decode(match: re.Match[str]) -> str:
        nonlocal count
        try:
            decoded = bytes.fromhex(match[0].replace("=", "")).decode("utf-8")
        except UnicodeDecodeError:
            return match[0]
        count += 1
        return decoded

    joined, breaks = _SOFT_BREAK.subn("", text)
    return _BYTES.sub(decode, joined), count + breaks


def decode_unicode_escapes(text: str) -> tuple[str, int]:
    r"""Decode runs of `\uXXXX` that are characters beyond ASCII; halves of surrogate pairs and code stay."""
    if "\\u" not in text:
        return text, 0
    total = 0

    def decode(match: re.Match[str]) -> str:
        nonlocal total
        units = b"".join(int(unit, 16).to_bytes(2, "little") for unit in _UNIT.findall(match[2]))
        try:
            decoded = units.decode("utf-16-le")
        except UnicodeDecodeError:
            return match[0]
        if any(ord(character) < _FIRST_PRINTABLE for character in decoded):
            return match[0]
        total += 1
        return match[1] + decoded

    lines = text.split("\n")
    code = code_lines(lines)
    lines = [line if is_code else _ESCAPES.sub(decode, line) for line, is_code in zip(lines, code, strict=True)]
    return "\n".join(lines), total


def escape_rules(settings: EscapeSettings) -> list[Rule]:
    """Return the rules that the settings ask for, in order."""
    rules = []
    if settings.quoted_printable:
        rule = "encoding.decode-quoted-printable"
        rules.append(
            counting_rule(
                rule,
                decode_quoted_printable,
                "The configuration says that mail was stored as it was sent.",
                proof=(r"=[C-F][0-9A-F]=[89AB][0-9A-F]",),
                ascii=True,
            )
        )
    if settings.unicode_escapes:
        rule = "encoding.decode-unicode-escapes"
        rules.append(
            counting_rule(
                rule,
                decode_unicode_escapes,
                "The configuration says that texts were printed by programs.",
                proof=(r"\\u[0-9A-Fa-f]{4}",),
                ascii=True,
            )
        )
    return rules
