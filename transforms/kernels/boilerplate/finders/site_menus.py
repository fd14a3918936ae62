"""Menus whose entries are lines of their own, before or after the text: short lines that name a site's pages."""

from __future__ import annotations

from typing import Final

import numpy as np
import regex

from corpusmill.transforms.kernels.arrays import Int64s
from corpusmill.transforms.kernels.boilerplate.finders.menus import MENU, home_names
from corpusmill.transforms.kernels.boilerplate.lines.folding import fold_line
from corpusmill.transforms.kernels.boilerplate.lines.links import FRAGMENT, ONLY
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import BRAND, PAGE, SITE
from corpusmill.transforms.kernels.boilerplate.matching.sequence import SHORT, Sequence, announced

_LINKS: Final = 3  # lines that are nothing but links, to be a list of them
_ENTRIES: Final = 4  # short lines from "Home" to the last word of a site
_MOST: Final = 30  # lines of one menu
_WORDS_SHARE: Final = 0.2  # of these that are words of a site
_OF_SITE: Final = 2  # different words that only sites have
_TITLE: Final = 60  # letters of a line before it
_BAR_SIGN: Final = "|"
_BAR: Final = ord(_BAR_SIGN)
_ROWS: Final = 5  # of a table of links
_KNOWN_ROWS: Final = 3  # different ones of these that are known
_FIRST_LINES: Final = 3  # in which the menu of a page begins
_NO_ENTRY = regex.compile(r"[.!?…。！？:;,：]\s*$|\d")
_HEADING = regex.compile(r"\s*#{1,6}\s")
_CONTENTS: Final = frozenset(
    fold_line(text)
    for text in (
        "On this page", "In this article", "In this page", "Jump to section", "Auf dieser Seite", "In diesem Artikel",
        "Sur cette page", "Dans cet article", "En esta página", "En este artículo", "Nesta página", "Neste artigo",
        "In questa pagina", "In questo articolo", "Op deze pagina", "In dit artikel", "Na tej stronie",
        "Na této stránce", "Na tejto stránke", "Pe această pagină", "Ezen az oldalon", "Na ovoj stranici",
        "På den här sidan", "På denne side", "På denne siden", "Tällä sivulla", "Σε αυτή τη σελίδα", "Bu sayfada",
        "На этой странице", "В этой статье", "На цій сторінці", "На тази страница", "في هذه الصفحة", "در این صفحه",
        "בדף זה", "בעמוד זה", "इस पृष्ठ पर", "इस पेज पर", "এই পৃষ্ঠায়", "ในหน้านี้", "Trên trang này", "Di halaman ini",
        "이 페이지에서", "이 페이지의 내용", "このページの内容", "このページの目次", "本页内容", "本頁內容",
        "在此页面上",
    )
)  # fmt: skip
"""Headings of the list of a page's own sections, as sites write it beside the text."""


def find_site_menus(seq: Sequence, taken: dict[int, str]) -> dict[int, str]:
    """Return the entries of `seq` that are menus of several lines, with the rule id.

    Args:
        seq: Lines that hold text.
        taken: Entries that are removed already.
    """
    found = _lists_of_links(seq) | _tables_of_links(seq) | _menu_at_the_top(seq)
    return {entry: rule for entry, rule in found.items() if entry not in taken}


def _lists_of_links(seq: Sequence) -> dict[int, str]:
    """Find lines that are nothing but links, outside of the text, with a word of a site or a heading among them."""
    if not len(seq.lines.linked):
        return {}
    kinds = seq.lines.links()[seq.line]
    only = np.flatnonzero(kinds >= ONLY)
    first, last = seq.long_lines
    found: dict[int, str] = {}
    parted = (np.diff(only) != 1) | (np.diff(seq.row[only]) != 0)
    for run in np.split(only, np.flatnonzero(parted) + 1):
        if len(run) < _LINKS:
            continue
        row = int(seq.row[run[0]])
        before = int(run[0]) - 1
        heading = before >= seq.first[row] and fold_line(seq.lines.visible(int(seq.line[before]))) in _CONTENTS
        if heading and (kinds[run] == FRAGMENT).all():
            found |= dict.fromkeys([before, *run.tolist()], MENU)
            continue
        outside = run[-1] < first[row] or run[0] > last[row] >= 0
        if outside and (seq.bits[run] & SITE).any() and not _is_headed(seq, int(run[0])):
            found |= dict.fromkeys([*run.tolist(), *_known_beside(seq, run)], MENU)
    return found


def _tables_of_links(seq: Sequence) -> dict[int, str]:
    """Find rows of tables with one short cell each, of which several name pages of a site.

    So extractors write the menu of a page whose layout is a table.
    """
    data, line = seq.lines.data, seq.line
    barred = (data[seq.lines.start[line]] == _BAR) & (data[seq.lines.end[line] - 1] == _BAR) & (seq.size <= _TITLE)
    only = np.flatnonzero(barred)
    if len(only) < _ROWS or not (seq.bits[only] & SITE).any():
        return {}
    single = [_BAR_SIGN not in seq.lines.text(entry).strip("|\N{NO-BREAK SPACE} ") for entry in line[only].tolist()]
    only = only[np.array(single)]
    found: dict[int, str] = {}
    parted = (np.diff(only) != 1) | (np.diff(seq.row[only]) != 0)
    for run in np.split(only, np.flatnonzero(parted) + 1):
        if len(run) < _ROWS:
            continue
        known = run[(seq.bits[run] & ~np.uint16(PAGE | BRAND)) != 0]
        words, of_site = (len(np.unique(seq.key[of])) for of in (known, run[(seq.bits[run] & SITE) != 0]))
        if of_site and words >= max(_KNOWN_ROWS, _WORDS_SHARE * len(run)) and not _is_headed(seq, int(run[0])):
            found |= dict.fromkeys(run.tolist(), MENU)
    return found


def _is_headed(seq: Sequence, entry: int) -> bool:
    """Return whether a heading of Markdown or a colon is before an entry: a list of the text's own."""
    before = entry - 1
    if before < seq.first[seq.row[entry]]:
        return False
    return announced(seq, entry) or _HEADING.match(seq.lines.text(int(seq.line[before]))) is not None


def _known_beside(seq: Sequence, run: Int64s) -> list[int]:
    """Return the entries just after a run that match a rule too."""
    beside, entry = [], int(run[-1]) + 1
    while entry < seq.first[seq.row[run[0]] + 1] and seq.bits[entry] & ~np.uint16(PAGE | BRAND):
        beside.append(entry)
        entry += 1
    return beside


def _menu_at_the_top(seq: Sequence) -> dict[int, str]:
    """Find short lines from "Home" to the last word that only sites have, at the top of a document."""
    heads = np.flatnonzero(((seq.bits & SITE) != 0) & (seq.offset(np.arange(len(seq.row))) < _FIRST_LINES))
    prose = seq.long_lines[0]
    found: dict[int, str] = {}
    for entry in heads.tolist():
        row = int(seq.row[entry])
        opening = range(int(seq.first[row]), entry)
        if any(_NO_ENTRY.search(seq.lines.text(int(seq.line[at]))) or seq.size[at] > _TITLE for at in opening):
            continue  # the text has begun, and speaks of it
        if entry in found or prose[row] < 0 or fold_line(seq.lines.visible(int(seq.line[entry]))) not in home_names():
            continue
        stop = min(int(prose[row]), entry + _MOST)
        last, words, at = entry, 1, entry + 1
        while at < stop and seq.size[at] <= SHORT and not _NO_ENTRY.search(seq.lines.text(int(seq.line[at]))):
            if seq.bits[at] & SITE:
                last, words = at, words + 1
            at += 1
        size = last - entry + 1
        if words >= max(_OF_SITE, _WORDS_SHARE * size) and size >= _ENTRIES:
            found |= dict.fromkeys(range(entry, last + 1), MENU)
    return found
