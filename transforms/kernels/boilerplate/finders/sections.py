"""What a site puts after its text: lists under headings of their own, and the footer with the copyright notice.

"Recent Posts" heads a list of titles that no rule can know and that change from page to page. But it is after the
text, and nothing of the text follows it: from such a heading on, everything up to the end of the document is removed,
as long as no long line comes. Likewise from a copyright notice on.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import regex

from corpusmill.transforms.kernels.arrays import Bools, Int64s
from corpusmill.transforms.kernels.boilerplate.lines.folding import fold_line
from corpusmill.transforms.kernels.boilerplate.lines.lines import KeySet, line_affixes
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import (
    AFFIX,
    BRAND,
    PAGE,
    SECTION,
    STRONG,
    UNSURE,
)
from corpusmill.transforms.kernels.boilerplate.matching.sequence import PROSE, SHORT, Sequence

SITE_SECTION: Final = "boilerplate.site-section"
FOOTER: Final = "boilerplate.copyright-footer"

_TAIL: Final = 80  # lines of a document's end in which the notice is looked for
_LAST: Final = 6  # lines from the notice to the end, at most
_NOTICE_LETTERS: Final = 120
_RESERVED: Final = (
    r"(?:all rights reserved|alle rechte vorbehalten|tous droits réservés|todos los derechos reservados"
    r"|todos os direitos reservados|tutti i diritti riservati|alle rechten voorbehouden|wszelkie prawa zastrzeżone"
    r"|все права защищены|tüm hakları saklıdır|版权所有|版權所有|無断転載)"
)
_SIGN: Final = "©".encode()
_YEAR: Final = r"\b(?:19|20)\d\d\b"
_MARK: Final = r"[^\pL\pN]{0,4}(?:\([cC]\)|©)?[^\pL\pN]{0,4}"
_NOTICE = regex.compile(
    rf"©[^\pL\pN]{{0,4}}.{{0,40}}{_YEAR}|{_YEAR}.{{0,5}}©|^[^\pL\pN]*©"
    rf"|^[^\pL\pN]*\([cC]\)[^\pL\pN]{{0,3}}{_YEAR}[^\pL]*(?:$|(?:by )?\p{{Lu}}|\p{{Lo}})"
    # "The copyright expired in 1998" and "Copyright Act 1968" are none.
    rf"|(?:^[^\pL\pN]*|[.|·•–—-] ?|\p{{Lu}}\pL+ )(?i:copyright){_MARK}(?:(?i:by) )?(?:{_YEAR}|\p{{Lu}}.{{0,40}}{_YEAR})"
    rf"|(?i:{_YEAR}.*{_RESERVED}|{_RESERVED}.*{_YEAR})"
)
_NO_NOTICE = regex.compile(
    r"(?i)copyright,? (?:(?:and|designs|patents|related|rights) ?)*"
    r"(?:act|law|directive|ordinance|regulations?|code|office|bill)\b"
)
_ITEM = regex.compile(r"\s*\([abAB]\)\s")
_FIGURE = regex.compile(r"[^\pL\pN]*\pN[\pN.,:/ -]*\s?(?:\pL{1,3}\b|[%‰€$£¥°]|\p{Sc})?[^\pL\pN]*$")
_STOPS = regex.compile(r"[.!?。！？]\s*$")
_SHORT_STOPS = regex.compile(r"\p{L}\S*\s+\S+\s+[\p{Ll}\p{Lo}\p{M}]{2,}\.\s*$|[\p{Lo}\p{M}]{4}。\s*$")
_LICENCE: Final = frozenset(
    fold_line(word)
    for word in ("License", "Licence", "Licensing", "Lizenz", "Licencia", "Licença", "Copyright", "Legal", "Authors")
)
_COLON = regex.compile(r"[:：]\s*$")
_MANY: Final = 3  # different lines of a site, to prove what one heading does not
_SEVERAL: Final = 2  # headings
_SHORT_LIST: Final = 15  # lines that one heading, or the notice, proves
_SHARE: Final = 0.2  # of a document's letters that are under one heading
_SHARE_SEVERAL: Final = 0.5  # under several
_SENTENCES: Final = 0.2  # of the lines under several
_CODE = regex.compile(
    r"<-|[{};]\s*$|\w\([^)]*\)?\s*$|^\s*(?:```|>>>|[>#$%] \S|\[\d+\]|</?\w+[^>]*>)|==|=>|:=|->|%>%|\w = \S|^\t| {4}\S"
)
_CODE_LINES: Final = 2
_CODE_SHARE: Final = 0.1  # of the lines that match nothing
_LONG: Final = 1000  # letters that a line counts for at most


def find_sections(seq: Sequence, taken: dict[int, str]) -> dict[int, str]:
    """Return the entries of `seq` from the first heading of a list of the site's own, or its notice, to the end.

    Args:
        seq: Lines that hold text.
        taken: Entries that are removed already.
    """
    notice = _notices(seq)
    closing = _last_long(seq, notice)
    gone: dict[int, str] = {}
    heading = np.flatnonzero((seq.bits & SECTION) != 0)
    for starts, rule in ((heading, SITE_SECTION), (np.flatnonzero(notice), FOOTER)):
        after = starts[(closing[seq.row[starts]] >= 0) & (starts > closing[seq.row[starts]])]
        _, first = np.unique(seq.row[after], return_index=True)  # of each row the first
        for start in after[first].tolist():
            stop = int(seq.first[seq.row[start] + 1])
            if _is_proven(seq, start, stop, rule):
                gone |= {entry: rule for entry in range(start, stop) if entry not in gone}
    return {entry: rule for entry, rule in gone.items() if entry not in taken}


def _notices(seq: Sequence) -> Bools:
    """Return which entries at the ends of documents are copyright notices."""
    entry = np.arange(len(seq.row))
    near = (seq.first[seq.row + 1] - entry <= _TAIL) & (seq.size <= _NOTICE_LETTERS)
    wanted = np.flatnonzero(near & _may_be_notice(seq))
    found = np.zeros(len(entry), bool)
    for at in wanted.tolist():
        line = seq.lines.text(int(seq.line[at]))
        if _NOTICE.search(line) and not _NO_NOTICE.search(line):
            before = seq.lines.text(int(seq.line[at - 1])) if at > seq.first[seq.row[at]] else ""
            found[at] = not _ITEM.match(before)  # "(c) 2004 and later" after "(b)"
    return found


def _may_be_notice(seq: Sequence) -> Bools:
    """Return which entries hold a mark of copyright, begin with the word, or match a rule."""
    lines = seq.lines
    likely, data = lines.marks, np.append(lines.data, np.zeros(2, np.uint8))
    marked = np.zeros(len(lines), bool)
    one, two = data[likely], data[likely + 1]
    sign = (one == _SIGN[0]) & (two == _SIGN[1])
    in_c = (one == ord("(")) & ((two | 0x20) == ord("c")) & (data[likely + 2] == ord(")"))
    marked[np.searchsorted(lines.end, likely[sign | in_c])] = True
    found: Bools = marked[seq.line] | ((seq.bits & AFFIX) != 0) | _words().holds(lines.head[seq.line])
    return found


@cache
def _words() -> KeySet:
    return KeySet(line_affixes(["copyright"])[0])


def _last_long(seq: Sequence, notice: Bools) -> Int64s:
    """Return for each row the entry of its last long line that is not of the site; -1 if it has none."""
    last = np.full(len(seq.first) - 1, -1, np.int64)
    prose = np.flatnonzero((seq.size >= PROSE) & (seq.bits == 0) & ~notice)
    last[seq.row[prose]] = prose  # of several the last one stays
    return last


def _is_proven(seq: Sequence, start: int, stop: int, rule: str) -> bool:
    """Return whether what begins at an entry is the site's: by its heading, and by what is under it."""
    before = seq.lines.text(int(seq.line[start - 1])) if start > seq.first[seq.row[start]] else ""
    if rule == FOOTER:
        return stop - start <= _LAST and fold_line(before) not in _LICENCE and not _COLON.search(before)
    if _COLON.search(before) or _is_of_text(seq, start, stop):
        return False
    bits, keys = seq.bits[start:stop], seq.key[start:stop]
    headings = len(np.unique(keys[(bits & SECTION) != 0]))
    hits = len(np.unique(keys[((bits & ~np.uint16(PAGE)) != 0) & ((bits & BRAND) == 0)]))
    several = headings >= _SEVERAL or hits >= _MANY
    if not (bits & (STRONG | UNSURE)).any() and 2 * np.count_nonzero(bits) > stop - start:
        return False  # nothing but single words: a list of vocabulary
    if not several and not (seq.bits[start] & STRONG and stop - start <= _SHORT_LIST):
        return False
    if _sentences(seq, start, stop) > (_SENTENCES if several else 0) * (stop - start):
        return False
    sure = headings >= _SEVERAL or bool((bits & STRONG).any())
    if _is_code(seq, start, stop) or _is_table(seq, start, stop) or (not sure and stop - start > _SHORT_LIST):
        return False
    letters = np.minimum(seq.size[seq.first[seq.row[start]] : stop], _LONG)
    listed = letters[start - stop :].sum()
    return bool(listed <= (_SHARE_SEVERAL if several else _SHARE) * letters.sum())


def _is_of_text(seq: Sequence, start: int, stop: int) -> bool:
    """Return whether a heading is in a paragraph of the text, and a blank line before what follows that."""
    above = start
    while above > seq.first[seq.row[start]] and not seq.opens[above] and seq.bits[above]:
        above -= 1
    return not seq.bits[above] and bool(seq.opens[start:stop].any())


def _is_code(seq: Sequence, start: int, stop: int) -> bool:
    """Return whether lines of code are among some entries: what follows is a tutorial, not a list of titles."""
    wanted = start + np.flatnonzero(seq.bits[start:stop] == 0)
    found = 0
    for entry in wanted.tolist():
        found += _CODE.search(seq.lines.text(int(seq.line[entry]))) is not None
        if found >= max(_CODE_LINES, _CODE_SHARE * len(wanted)):
            return True
    return False


def _is_table(seq: Sequence, start: int, stop: int) -> bool:
    """Return whether what is under the headings is mostly figures: a table, not titles."""
    own = start + np.flatnonzero(seq.bits[start:stop] == 0)
    figures = sum(1 for entry in own.tolist() if _FIGURE.match(seq.lines.text(int(seq.line[entry]))))
    return len(own) > 1 and 2 * figures > len(own)


def _sentences(seq: Sequence, start: int, stop: int) -> int:
    """Count the entries that match nothing and end as a sentence does; a short one in a full stop behind some words."""
    wanted = start + np.flatnonzero(seq.bits[start:stop] == 0)
    ends = (_STOPS if size >= SHORT else _SHORT_STOPS for size in seq.size[wanted].tolist())
    lines = (seq.lines.text(int(seq.line[entry])) for entry in wanted.tolist())
    return sum(1 for end, line in zip(ends, lines, strict=True) if end.search(line))
