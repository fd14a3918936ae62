"""Arabic presentation forms: letters in the shape they take in their word, as PDF extraction leaves them.

The plain letters take these shapes by themselves, so nothing is lost. Lines that show shapes (charts of letters), words
whose shapes do not join (text in visual order, backwards) and signs such as `ﷺ` stay.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import pairwise

from corpusmill.transforms.kernels.boilerplate.lines.code_lines import code_lines
from corpusmill.transforms.kernels.cleaning.rules import Rule, counting_rule

_SIGNS_FROM = 0xFDF0
_JOINS_BEFORE = ("medial", "final")
_JOINS_AFTER = ("initial", "medial")
MIN_LETTERS = 2
"""A word in presentation forms; a single one may be shown as itself."""


@cache
def _forms() -> dict[str, tuple[str, str]]:
    """Return presentation form -> (shape, letters)."""
    found = {}
    for point in (*range(0xFB50, _SIGNS_FROM), *range(0xFE80, 0xFEFD)):
        shape, _, letters = unicodedata.decomposition(chr(point)).partition(" ")
        plain = "".join(chr(int(code, 16)) for code in letters.split())
        if shape[1:-1] in ("isolated", "final", "initial", "medial") and " " not in plain:
            found[chr(point)] = shape[1:-1], plain
    return found


@cache
def _two_sided() -> frozenset[str]:
    """Return the last letters that join with a following one: those that have an initial form."""
    return frozenset(plain for shape, plain in _forms().values() if shape == "initial")


def _joins(word: str) -> bool:
    """Return whether each form of a word (marks taken out) fits its neighbours."""
    forms = [_forms()[letter] for letter in word]
    for (shape, plain), (following, _) in pairwise(forms):
        if (shape in _JOINS_AFTER) != (following in _JOINS_BEFORE):
            return False
        if shape not in _JOINS_AFTER and plain[-1] in _two_sided():
            return False
    return forms[0][0] not in _JOINS_BEFORE and forms[-1][0] not in _JOINS_AFTER


def arabic_forms() -> Rule:
    """Words in presentation forms become words in letters."""
    forms = _forms()
    shapes, marks = re.escape("".join(sorted(forms))), "\u064b-\u0652\u0640"
    word = re.compile(f"[{shapes}][{shapes}{marks}]*")
    not_forms = re.compile(f"[{marks}]")
    table = {ord(form): plain for form, (_, plain) in forms.items()}

    def is_word(letters: str) -> bool:
        return len(letters) >= MIN_LETTERS and len({forms[x][1] for x in letters}) > 1 and _joins(letters)

    def fold(line: str) -> tuple[str, int]:
        words = [not_forms.sub("", match.group()) for match in word.finditer(line)]
        lone = [letters for letters in words if len(letters) == 1]
        longer = [letters for letters in words if len(letters) > 1]
        shown = any(forms[letter][0] != "isolated" for letter in lone) or len(lone) > len(longer)
        if not longer or shown or not all(map(is_word, longer)):
            return line, 0
        return line.translate(table), len(words)

    def apply(text: str) -> tuple[str, int]:
        lines, total = text.split("\n"), 0
        code = code_lines(lines)
        for index, line in enumerate(lines):
            if not code[index] and word.search(line):
                lines[index], count = fold(line)
                total += count
        return "\n".join(lines), total

    return counting_rule(
        "symbols.fold-arabic-forms",
        apply,
        "The letters take these shapes by themselves; in forms of their own no search finds them.",
        among=frozenset(map(ord, forms)),
        proof=(r"[\x{fb50}-\x{fdef}\x{fe80}-\x{fefc}]",),
    )
