"""Menus and paths in one line: "Home | About | Contact", "Home > Boats > Ropes"."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import regex

from corpusmill.transforms.kernels.arrays import Bools, Int64s
from corpusmill.transforms.kernels.boilerplate.lines.folded_lines import AFFIX_LETTERS, keys_of
from corpusmill.transforms.kernels.boilerplate.lines.folding import fold_line
from corpusmill.transforms.kernels.boilerplate.lines.lines import KeySet, Lines, line_affixes
from corpusmill.transforms.kernels.boilerplate.matching.rule_files import built_in_rules
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import (
    BRAND,
    PAGE,
    PATH_SLOT,
    SITE,
    STRONG,
    RuleTable,
)
from corpusmill.transforms.kernels.boilerplate.matching.sequence import NEVER, Sequence, announced

MENU: Final = "boilerplate.menu-line"
PATH: Final = "boilerplate.breadcrumb"

_PARTS = regex.compile(r"\\?\||[·•»›]")
_STEPS = regex.compile(r"\s*(?:[>»›→]|::|(?<=\s)/(?=\s))\s*")
_SENTENCE = regex.compile(r"[.!?…。！？]\s*$")
_SYNTAX = regex.compile(r"""\s*(?:[-\[<{("'`$%#&=*]|/\p{L})|.*(?:::=|\s=\s)""")
"""How the options of a command, the signs of a grammar and code begin."""
_MARK_BYTES: Final = tuple(mark.encode() for mark in "|·•»›")
_NEWLINE: Final = 10
_BACKSLASH: Final = 0x5C
_ENTRY_LETTERS: Final = 30
_MARKS: Final = 2  # of a menu
_WORDS: Final = 3  # of a row without marks


def count_marks(lines: Lines) -> Int64s:
    """Return for each line how many of the marks it holds that part the entries of a menu."""
    likely, data = lines.marks, np.append(lines.data, np.zeros(2, np.uint8))
    one, two, three = data[likely], data[likely + 1], data[likely + 2]
    dots = (one == 0xC2) & ((two == 0xB7) | (two == 0xBB))  # · »
    bullets = (one == 0xE2) & (two == 0x80) & ((three == 0xA2) | (three == 0xBA))  # • ›
    marks = likely[(one == 0x7C) | dots | bullets]
    return np.bincount(np.searchsorted(lines.end, marks), minlength=len(lines))


def find_menu_lines(seq: Sequence, marks: Int64s, table: RuleTable, taken: dict[int, str]) -> dict[int, str]:
    """Return the entries of `seq` that are a menu in one line, or the path to the page, with the rule id.

    Between the paragraphs of a text is what the text speaks of: there a menu needs more words of a site, and a
    path stays.

    Args:
        seq: Lines that hold text.
        marks: How many marks each line of the batch holds, see `count_marks`.
        table: The rules.
        taken: Entries that are removed already.
    """
    lines, count = seq.lines, marks[seq.line]
    first, last = seq.long_lines
    entries = np.arange(len(seq.row))
    before, after = entries < first[seq.row], entries > last[seq.row]
    wanted = np.flatnonzero((count >= _MARKS) & (lines.key[seq.line] != 0) & (seq.bits == 0) & (seq.size < NEVER))
    wanted = wanted[may_be_menus(lines, seq.line[wanted], count[wanted], table)]
    same = np.zeros(len(count) + 1, bool)
    same[1:-1] = (count[1:] == count[:-1]) & (seq.row[1:] == seq.row[:-1])
    found = {
        entry: MENU
        for entry in wanted.tolist()
        if entry not in taken
        and is_menu_line(
            lines.visible(int(seq.line[entry])),
            table,
            in_table=bool(same[entry] or same[entry + 1]),
            in_text=not (before[entry] or after[entry]),
        )
        and not (before[entry] < after[entry] and announced(seq, entry))
    }
    for entry in np.flatnonzero(
        ((seq.slot == PATH_SLOT) | _home_heads().holds(lines.head[seq.line])) & (seq.bits == 0) & before
    ).tolist():
        if entry in taken or announced(seq, entry):
            continue
        line = lines.visible(int(seq.line[entry]))
        if is_path(line):
            found[entry] = PATH
        elif is_row_of_words(line, table):
            found[entry] = MENU
    return found


def may_be_menus(lines: Lines, wanted: Int64s, marks: Int64s, table: RuleTable) -> Bools:
    """Return which lines `is_menu_line` has to look at: an entry is of a site, or a mark has a backslash before it.

    Most lines with marks are rows of tables. All parts of all lines are looked up at once.

    Args:
        lines: The lines of the batch.
        wanted: Which of them; each has a key.
        marks: How many marks each of these holds.
        table: The rules.
    """
    likely = np.isin(wanted, lines.linked)  # what a reader sees of these has other parts
    plain = np.flatnonzero(~likely)
    if not len(plain):
        return likely
    raw = lines.raw(wanted[plain])
    data = np.frombuffer(raw, np.uint8)
    escaped = np.flatnonzero((data[:-1] == _BACKSLASH) & (data[1:] == _MARK_BYTES[0][0]))
    likely[plain[np.searchsorted(np.flatnonzero(data == _NEWLINE), escaped)]] = True
    for mark in _MARK_BYTES:
        raw = raw.replace(mark, b"\n")
    bits, parts = table.match(keys_of(raw)), marks[plain] + 1
    of_site = ((bits & (SITE | STRONG)) != 0) & ((bits & BRAND) == 0)
    likely[plain] |= np.logical_or.reduceat(of_site, np.cumsum(parts) - parts)
    return likely


def is_menu_line(line: str, table: RuleTable, *, in_table: bool = False, in_text: bool = False) -> bool:
    """Return whether a line is a row of entries of which enough are known, and one is of a site and of nothing else.

    "File | Edit | Help" are known words, and so is the "-help" of a command; "Contact" or "Privacy policy" only a site
    has.

    Args:
        line: One line.
        table: The rules.
        in_table: The line beside it has as many marks, so that both may be rows of a table.
        in_text: It is between the paragraphs of a text.
    """
    folded = {part: fold_line(part) for part in _PARTS.split(line)}
    raw = [part for part in _PARTS.split(line) if folded[part]]
    parts = [folded[part] for part in raw]
    bits = [table.forms.get(part, 0) & ~PAGE for part in parts]
    known = sum(1 for part, of in zip(parts, bits, strict=True) if of and not of & BRAND and not part.isdigit())
    of_site = sum(1 for of in bits if of & (SITE | STRONG) and not of & BRAND)
    in_a_cell = "\\|" in line and not in_text  # as extractors write the marks of a menu that is in a table
    if not (of_site or (in_a_cell and known > 1)) or any(_SYNTAX.match(part) for part in raw):
        return False
    if in_table and (in_text or (line.lstrip().startswith("|") and "\\|" not in line)):
        return False
    if (known >= 3 and known >= 0.3 * len(parts)) or (known >= 2 and known >= 0.75 * len(parts)):
        return not in_text or of_site > 1
    if in_text or in_table or max(map(len, parts)) > _ENTRY_LETTERS or _SENTENCE.search(line):
        return False
    dated = any(char.isdigit() for char in line)  # a byline
    return (in_a_cell and len(parts) > 1) or (len(parts) > _MARKS and not dated and not line.lstrip().startswith("|"))


def is_row_of_words(line: str, table: RuleTable) -> bool:
    """Return whether a line is nothing but known words of a site, run together: "Home Contact Search Login"."""
    bits = [table.forms.get(fold_line(word), 0) & ~(PAGE | BRAND) for word in line.split()]
    return len(bits) > _WORDS and all(bits) and sum(1 for of in bits if of & SITE) > 1


def is_path(line: str) -> bool:
    """Return whether a line is the path to a page, from the site's first page on."""
    steps = [fold_line(step) for step in _STEPS.split(line)]
    return (
        len(steps) > 1
        and steps[0] in home_names()
        and all(0 < len(step) <= _ENTRY_LETTERS for step in steps)
        and not _SENTENCE.search(line)
    )


@cache
def home_names() -> frozenset[str]:
    """Return what sites call their first page, in all languages of the rules."""
    return frozenset(fold_line(rule.text) for rule in built_in_rules() if rule.id.split(".")[1] == "home")


@cache
def _home_heads() -> KeySet:
    return KeySet(line_affixes([name for name in sorted(home_names()) if len(name) >= AFFIX_LETTERS])[0])
