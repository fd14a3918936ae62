"""What is under every comment of a page: Reply, Share, Report.

A word that returns is not yet a widget: poems have refrains, litanies responses, leaflets the same heading over each
answer. A widget is beside other widget words, or beside the date or the name that a site writes over each comment.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import regex

from corpusmill.transforms.kernels.arrays import Bools, Int64s
from corpusmill.transforms.kernels.boilerplate.lines.lines import Lines
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import (
    ACTION,
    AFFIX,
    BRAND,
    PAGE,
    SHARE,
    STRONG,
)
from corpusmill.transforms.kernels.boilerplate.matching.sequence import PROSE, Sequence
from corpusmill.transforms.kernels.hashing import mix64

REPEATS: Final = 3  # of a line such as Reply, to be the mark of a list of comments
HEADINGS: Final = 6  # the same where each is before a long line
_DATED_LETTERS: Final = 60  # of a line that says when, or by whom, a comment was written
_BRACKETS: Final = np.frombuffer(b"[(", np.uint8)
_BESIDE: Final = 0.5  # of the occurrences
_DATED = regex.compile(
    r"(?i)\b(?:19|20)\d\d\b|\b\d{1,2}[:.h]\d\d\b|\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b|(?:19|20)\d\d年"
    r"|\b\d{1,3} ?(?:[smhdwy]|mins?|hrs?)\b"
    r"|\d.{0,14}\b(?:ago|temu|önce|sitten|sedan|siden|geleden|lalu)\b"
    r"|\d.{0,14} (?:назад|тому|преди|πριν|trước|पहले|قبل|پیش)"
    r"|^(?:vor|hace|il y a|há|acum|před|prije|pred|πριν|לפני|منذ|قبل)\b.{0,12}\d"
    r"|\d ?(?:秒|分|分钟|分鐘|小时|小時|時間|天|日|周|週|月|年)前|\d ?\p{Hangul}{1,2} ?전"
    r"|\b(?:says|said|wrote|writes|schreibt|sagt|schrieb|meint|dit|dice|dijo|disse|diz|пишет|пише|schreef|zegt"
    r"|skrev|säger|siger|mówi|pisze|yazdı|diyor)\s*:?\s*$"
    r"|^@\w+$"
)


def find_repeated(seq: Sequence, bits: npt.NDArray[np.uint16]) -> Int64s:
    """Return the entries that are under every comment of a page."""
    wanted = (bits & (STRONG | ACTION | SHARE)) != 0
    entries = np.flatnonzero(wanted & ((bits & (BRAND | AFFIX)) == 0))
    if len(entries) < REPEATS:
        return np.zeros(0, np.int64)
    pair = mix64(seq.key[entries] + mix64(seq.row[entries].astype(np.uint64)))
    _, which, count = np.unique(pair, return_inverse=True, return_counts=True)
    # Before long lines only, it may be a heading of several sections.
    after = np.append(seq.size, 0)[entries + 1]
    after[entries + 1 == seq.first[seq.row[entries] + 1]] = 0
    heads = np.bincount(which, after >= PROSE, len(count)) == count
    often = count >= np.where(heads, HEADINGS, REPEATS)
    if not often.any():
        return np.zeros(0, np.int64)
    kept = often[which]
    beside = np.zeros(len(entries), bool)
    beside[kept] = _beside_widgets(seq, bits, entries[kept])
    proven = often & (np.bincount(which, beside, len(count)) >= _BESIDE * count)
    repeated: Int64s = entries[proven[which]]
    return repeated


def _beside_widgets(seq: Sequence, bits: npt.NDArray[np.uint16], entries: Int64s) -> Bools:
    """Return which entries are next to another widget word, within two lines of a date or a name, or in brackets."""
    beside = np.isin(seq.lines.data[seq.lines.start[seq.line[entries]]], _BRACKETS)
    last = len(seq.row) - 1
    for step in (-2, -1, 1, 2):
        other = np.clip(entries + step, 0, last)
        inside = (other == entries + step) & (seq.row[other] == seq.row[entries])
        if abs(step) == 1:
            words = (bits[other] & ~np.uint16(PAGE | BRAND)) != 0
            beside |= inside & words & (seq.key[other] != seq.key[entries]) & ~seq.parted(entries, other)
        asked = np.flatnonzero(inside & ~beside & (seq.size[other] <= _DATED_LETTERS))
        beside[asked] |= _dated(seq.lines, seq.line[other[asked]])
    return beside


def _dated(lines: Lines, line: Int64s) -> Bools:
    """Return which lines say when or by whom something was written."""
    if not len(line):
        return np.zeros(0, bool)
    return np.array([_DATED.search(lines.text(at)) is not None for at in line.tolist()])
