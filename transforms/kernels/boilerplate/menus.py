"""Menus and paths in one line: "Home | About | Contact", "Home > Boats > Ropes"."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
import regex

from corpusmill.transforms.kernels.boilerplate.blocks import Sequence
from corpusmill.transforms.kernels.boilerplate.folding import fold_line
from corpusmill.transforms.kernels.boilerplate.lines import AFFIX_LETTERS, KeySet, Lines, line_affixes
from corpusmill.transforms.kernels.boilerplate.rules import BRAND, PAGE, RuleTable, built_in_rules

MENU: Final = "boilerplate.menu-line"
PATH: Final = "boilerplate.breadcrumb"

_PARTS = regex.compile(r"\\?\||[·•»›]")
_STEPS = regex.compile(r"\s*(?:[>»›→]|::|(?<=\s)/(?=\s))\s*")
_SENTENCE = regex.compile(r"[.!?…。！？]\s*$")
_ENTRY_LETTERS: Final = 30
_MARKS: Final = 2  # of a menu


def count_marks(lines: Lines) -> npt.NDArray[np.int64]:
    """Return for each line how many of the marks it holds that part the entries of a menu."""
    data = np.append(lines.data, np.zeros(2, np.uint8))
    two, three = np.flatnonzero(data == 0xC2), np.flatnonzero(data == 0xE2)
    dots = two[(data[two + 1] == 0xB7) | (data[two + 1] == 0xBB)]  # · »
    bullets = three[(data[three + 1] == 0x80) & ((data[three + 2] == 0xA2) | (data[three + 2] == 0xBA))]  # • ›
    marks = np.concatenate([np.flatnonzero(data == 0x7C), dots, bullets])
    return np.bincount(np.searchsorted(lines.end, marks), minlength=len(lines))


def find_menu_lines(
    seq: Sequence, marks: npt.NDArray[np.int64], table: RuleTable, taken: dict[int, str]
) -> dict[int, str]:
    """Return the entries of `seq` that are a menu in one line, or the path to the page, with the rule id.

    Args:
        seq: Lines that hold text.
        marks: How many marks each line of the batch holds, see `count_marks`.
        table: The rules.
        taken: Entries that go already.
    """
    lines, count = seq.lines, marks[seq.line]
    wanted = np.flatnonzero((count >= _MARKS) & (lines.key[seq.line] != 0) & (seq.bits == 0))
    same = np.zeros(len(count) + 1, bool)
    same[1:-1] = (count[1:] == count[:-1]) & (seq.row[1:] == seq.row[:-1])
    found = {
        entry: MENU
        for entry in wanted.tolist()
        if entry not in taken
        and is_menu_line(lines.text(int(seq.line[entry])), table, in_table=bool(same[entry] or same[entry + 1]))
    }
    for entry in np.flatnonzero(_home_heads().holds(lines.head[seq.line]) & (seq.bits == 0)).tolist():
        if entry not in taken and is_path(lines.text(int(seq.line[entry]))):
            found[entry] = PATH
    return found


def is_menu_line(line: str, table: RuleTable, *, in_table: bool = False) -> bool:
    """Tell whether a line is a row of entries of which enough are known, and not all names of sites.

    Args:
        line: One line.
        table: The rules.
        in_table: The line beside it has as many marks, so that both may be rows of a table.
    """
    parts = [folded for part in _PARTS.split(line) if (folded := fold_line(part))]
    known = sum(
        1 for part in parts if (bits := table.forms.get(part, 0) & ~PAGE) and not bits & BRAND and not part.isdigit()
    )
    if (known >= 3 and known >= 0.3 * len(parts)) or (known >= 2 and known >= 0.75 * len(parts)):
        return True
    if not known or in_table or max(map(len, parts)) > _ENTRY_LETTERS or _SENTENCE.search(line):
        return False
    in_a_cell = "\\|" in line  # as extractors write the marks of a menu that stands in a table
    dated = any(char.isdigit() for char in line)  # a byline
    return (in_a_cell and len(parts) > 1) or (len(parts) > _MARKS and not dated and not line.lstrip().startswith("|"))


def is_path(line: str) -> bool:
    """Tell whether a line is the path to a page, from the site's first page on."""
    steps = [fold_line(step) for step in _STEPS.split(line)]
    return (
        len(steps) > 1
        and steps[0] in _home_names()
        and all(0 < len(step) <= _ENTRY_LETTERS for step in steps)
        and not _SENTENCE.search(line)
    )


@cache
def _home_names() -> frozenset[str]:
    """Return what sites call their first page, in all languages of the rules."""
    return frozenset(fold_line(rule.text) for rule in built_in_rules() if rule.id.split(".")[1] == "home")


@cache
def _home_heads() -> KeySet:
    return KeySet(line_affixes([name for name in sorted(_home_names()) if len(name) >= AFFIX_LETTERS])[0])
