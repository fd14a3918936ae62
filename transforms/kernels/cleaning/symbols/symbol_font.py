r"""Operators of Word's Symbol font, whose bytes are private-use characters: `n \uf03d 35` is `n = 35`.

Icon fonts use the same code points. So an operator is read only between operands: a figure, a bracket, a variable of
one letter; once a text has such a place, also between words. A line with any other private-use character is one of
icons and stays for the rule that removes them.

Source: Adobe, Symbol Encoding to Unicode (unicode.org/Public/MAPPINGS/VENDORS/ADOBE/symbol.txt).
"""

from __future__ import annotations

import re

from corpusmill.transforms.kernels.cleaning.rules import Rule, counting_rule
from corpusmill.transforms.kernels.unicode.charsets import PRIVATE_USE, python_class

OPERATORS = {
    "\uf02b": "+",
    "\uf02d": "\N{MINUS SIGN}",
    "\uf03c": "<",
    "\uf03d": "=",
    "\uf03e": ">",
    "\uf040": "\N{APPROXIMATELY EQUAL TO}",
    "\uf07e": "\N{TILDE OPERATOR}",
    "\uf0a3": "\N{LESS-THAN OR EQUAL TO}",
    "\uf0ac": "\N{LEFTWARDS ARROW}",
    "\uf0ae": "\N{RIGHTWARDS ARROW}",
    "\uf0b1": "\N{PLUS-MINUS SIGN}",
    "\uf0b3": "\N{GREATER-THAN OR EQUAL TO}",
    "\uf0b4": "\N{MULTIPLICATION SIGN}",
    "\uf0b5": "\N{PROPORTIONAL TO}",
    "\uf0b8": "\N{DIVISION SIGN}",
    "\uf0b9": "\N{NOT EQUAL TO}",
    "\uf0ba": "\N{IDENTICAL TO}",
    "\uf0bb": "\N{ALMOST EQUAL TO}",
    "\uf0ce": "\N{ELEMENT OF}",
    "\uf0d7": "\N{DOT OPERATOR}",
    "\uf0de": "\N{RIGHTWARDS DOUBLE ARROW}",
}
BULLETS = {"\uf0b7": "\N{BULLET}", "\uf0a7": "\N{BLACK SMALL SQUARE}"}
"""Of Word's lists, at the start of a line, in the fonts Symbol and Wingdings."""
_BULLETS_INSIDE = "".join(BULLETS)
_INSIDE = "".join(OPERATORS)
_LEFT = re.compile(r"(?:[\d)\]%°²³]|(?:^|[^\w'’])[^\W\d_])[ \u00a0]{0,2}$")
_RIGHT = re.compile(r"[ \u00a0]{0,2}(?:[-\N{MINUS SIGN}+]?[.\d(\[]|[^\W\d_](?![\w'’]))")
_COUNTS = re.compile(rf"(?:^|[ \u00a0])\d+[ \u00a0]+[{_INSIDE}][ \u00a0]+\d+(?=$|[ \u00a0])")
"""Integers with spaces around the sign may be counts behind icons: they are no operands by themselves."""
_CONTEXT = 8


def symbol_font() -> Rule:
    """Operators between operands become the characters they show."""
    bullet = re.compile(rf"^[{_BULLETS_INSIDE}](?=[ \t\u00a0])", re.MULTILINE)
    operator = re.compile(f"[{_INSIDE}]")
    private = re.compile(f"[{python_class(PRIVATE_USE)}]")

    def is_between(line: str, at: int, sure: bool) -> bool:
        left = line[max(0, at - _CONTEXT) : at]
        if sure:
            return bool(left.strip()) and bool(line[at + 1 : at + 1 + _CONTEXT].strip())
        return bool(_LEFT.search(left)) and bool(_RIGHT.match(line, at + 1))

    def decode(line: str, sure: bool) -> tuple[str, int]:
        places = [match.start() for match in private.finditer(line) if match.start() or line[:1] not in BULLETS]
        if not all(line[at] in OPERATORS and is_between(line, at, sure) for at in places):
            return line, 0
        if not sure and len(_COUNTS.findall(line)) == len(places):
            return line, 0
        return operator.sub(lambda match: OPERATORS[match.group()], line), len(places)

    def apply(text: str) -> tuple[str, int]:
        lines, total = text.split("\n"), 0
        for sure in (False, True):
            for index, line in enumerate(lines):
                if operator.search(line):
                    lines[index], count = decode(line, sure)
                    total += count
            if not total:
                break
        after, bullets = bullet.subn(lambda match: BULLETS[match.group()], "\n".join(lines))
        return after, total + bullets

    return counting_rule(
        "symbols.decode-symbol-font",
        apply,
        "Word keeps the bytes of its Symbol font as private-use characters.",
        among=frozenset(map(ord, OPERATORS.keys() | BULLETS.keys())),
        proof=(rf"[{_INSIDE}{_BULLETS_INSIDE}]",),
    )
