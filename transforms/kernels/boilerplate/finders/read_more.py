"""Lines that send the reader on, name a photographer or file a text: "Read more: TITLE", "Photo: NAME", "Tags: WORDS".

What follows the mark no list can know, so the place decides. Such a line is by itself: before and after it are
paragraphs, other lines of the site, or an end of the document. Among short lines it may be a field of a form, an entry
of a list, a caption that belongs to the next line; there it stays. So does what the text itself says: a sentence, a
phrase in lower case, a line in quotation marks.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import regex

from corpusmill.transforms.kernels.boilerplate.matching.rule_table import (
    BRAND,
    NAME_SLOT,
    PAGE,
    PATH_SLOT,
    TAIL_SLOT,
    TITLE_SLOT,
    WEAK_SLOT,
    RuleTable,
    is_advertisement,
)
from corpusmill.transforms.kernels.boilerplate.matching.sequence import PROSE, Sequence, announced

SLOT: Final = "boilerplate.slot-line"
TEASER: Final = "boilerplate.teaser"

_PARAGRAPH: Final = 45  # letters; from here on a line is more than an entry of a form or list
_MARK = regex.compile(r"[:>|：︱｜–—»›▶►→]")
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}'’.-]+")
_WIDE = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}]")
_CASED = regex.compile(r"(?!\p{Georgian})[\p{Lu}\p{Ll}]")  # Georgian has capitals for headlines only
_SENTENCE = regex.compile(r"(?<!\.)[.。؟।;,]\s*[\"”’»]?\s*$")
_CITED = regex.compile(r"\(\d{4}[a-z]?\)|\bet al\b")
_SPEECH = regex.compile(r"\s*[\"“„«‚‘「『]")
_FIELD = regex.compile(r"[^:：]{1,30}[:：]\s*\S")
_NAME_WORDS: Final = 7
_NAME_LETTERS: Final = 60
_WIDE_NAME: Final = 20
_TITLE_WORDS: Final = 3  # at least, to be a title under a heading
_WIDE_TITLE: Final = 8  # letters, in scripts that do not part words
_TEASERS: Final = 3  # titles under one heading
_TEASERS_LISTED: Final = 12  # the same where every other line is the site's own
_TEASER_LETTERS: Final = 110
_MANY_TAGS: Final = 20  # words


def find_slot_lines(seq: Sequence, taken: dict[int, str]) -> dict[int, str]:
    """Return the entries of `seq` that are of the site by how they begin and where they are, with the rule id.

    Args:
        seq: Lines that hold text.
        taken: Entries that are removed already.
    """
    entries = np.flatnonzero((seq.slot != 0) & (seq.slot != PATH_SLOT))
    if not len(entries):
        return {}
    closing = seq.long_lines[1]
    found: dict[int, str] = {}
    for entry in entries.tolist():
        if entry in taken:
            continue
        kind = int(seq.slot[entry])
        if kind in {TAIL_SLOT, WEAK_SLOT} and not 0 <= closing[seq.row[entry]] < entry:
            continue
        if kind == WEAK_SLOT and not _is_beside(seq, entry):
            continue
        if _is_filled(seq.lines.visible(int(seq.line[entry])), kind) and _stands_alone(seq, entry):
            found[entry] = SLOT
            labels = [other for other in (entry - 1, entry + 1) if _is_label(seq, row=int(seq.row[entry]), entry=other)]
            found |= {label: SLOT for label in labels if label not in taken}
    return found


def _is_label(seq: Sequence, *, row: int, entry: int) -> bool:
    """Return whether an entry is the label of an advertisement."""
    if not seq.first[row] <= entry < seq.first[row + 1]:
        return False
    return bool(is_advertisement(seq.bits[entry]))


def find_teasers(seq: Sequence, table: RuleTable, taken: dict[int, str]) -> dict[int, str]:
    """Return the entries of `seq` that send the reader on, and the titles under them up to the next paragraph.

    Args:
        seq: Lines that hold text.
        table: The rules.
        taken: Entries that are removed already.
    """
    found: dict[int, str] = {}
    last = len(seq.key)
    first, closing = seq.long_lines
    for entry in np.flatnonzero(table.read_on.holds(seq.key) & (seq.slot == 0)).tolist():
        row = int(seq.row[entry])
        if entry in found or not 0 <= first[row] < entry or announced(seq, entry):
            continue
        stop = min(int(seq.first[row + 1]), entry + _TEASERS_LISTED + 2, last)
        after = entry + 1
        while after < stop and seq.size[after] < PROSE:
            after += 1
        whole = after == int(seq.first[row + 1]) or (after < stop and entry < closing[row])
        titles = [other for other in range(entry + 1, after) if not seq.bits[other]]
        listed = 2 * len(titles) <= after - entry
        if not whole or not 1 <= len(titles) <= (_TEASERS_LISTED if listed else _TEASERS):
            continue
        if all(_is_title(seq, other) for other in titles):
            found |= dict.fromkeys(range(entry, after), TEASER)
    return {entry: rule for entry, rule in found.items() if entry not in taken}


def _is_filled(line: str, kind: int) -> bool:
    """Return whether what follows the mark is a title, a name or a list of words, as the kind asks for."""
    mark = _MARK.search(line)
    if mark is None or _SPEECH.match(line):
        return False
    filling = line[mark.end() :].strip(" \t:|：»›▶►→-–—")
    words, wide = _WORD.findall(filling), _WIDE.search(filling) is not None
    if not words:
        return False
    if kind in {TAIL_SLOT, WEAK_SLOT}:
        return len(words) <= _MANY_TAGS and not _SENTENCE.search(filling)
    if kind == NAME_SLOT:
        named = all(not _CASED.search(word[0]) or word[0].isupper() or len(word) < 4 for word in words)
        short = len(filling) <= (_WIDE_NAME if wide else _NAME_LETTERS) and len(words) <= _NAME_WORDS
        return short and named and any(word[0].isupper() or not _CASED.search(word[0]) for word in words)
    long_enough = len(filling) >= 5 if wide else len(words) > 1
    if kind != TITLE_SLOT or not long_enough or _is_lower(filling[0]):
        return False
    return not _CITED.search(filling) and not _SENTENCE.search(filling)


def _is_lower(letter: str) -> bool:
    return letter.islower() and _CASED.match(letter) is not None


def _stands_alone(seq: Sequence, entry: int) -> bool:
    """Return whether paragraphs, lines of the site or the end of the document are on both sides."""
    row = int(seq.row[entry])
    if announced(seq, entry):
        return False
    for step in (-1, 1):
        other = entry + step
        while seq.first[row] <= other < seq.first[row + 1] and seq.slot[other]:
            other += step  # such lines are adjacent; what counts is what is around them
        if not seq.first[row] <= other < seq.first[row + 1] or seq.bits[other] & ~np.uint16(PAGE):
            continue
        if seq.size[other] < _PARAGRAPH or _FIELD.match(seq.lines.text(int(seq.line[other]))[:200]):
            return False
    return True


def _is_beside(seq: Sequence, entry: int) -> bool:
    """Return whether a line of the site is before or after an entry."""
    row = int(seq.row[entry])
    near = (other for other in (entry - 1, entry + 1) if seq.first[row] <= other < seq.first[row + 1])
    return any(seq.bits[other] & ~np.uint16(PAGE | BRAND) for other in near)


def _is_title(seq: Sequence, entry: int) -> bool:
    """Return whether a line may be the title of another text."""
    if seq.size[entry] > _TEASER_LETTERS:
        return False
    line = seq.lines.visible(int(seq.line[entry])).strip()
    words = _WORD.findall(line)
    long_enough = len(line) >= _WIDE_TITLE if _WIDE.search(line) else len(words) >= _TITLE_WORDS
    return bool(long_enough) and not _SENTENCE.search(line) and not _SPEECH.match(line) and not _is_lower(words[0][0])
