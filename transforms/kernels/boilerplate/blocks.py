"""Share blocks, comment forms and site navigation: single lines prove little, their company does.

Lines that match a rule and stand together form a cluster. A cluster goes if it holds enough evidence for its place:
much in the middle of a text, less at the head, one line with no other use at the end. Names of sites (Facebook, X)
count as evidence only together with something that is said of sharing, since texts list them too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import regex

from corpusmill.transforms.kernels.boilerplate.lines import Lines, line_keys
from corpusmill.transforms.kernels.boilerplate.rules import (
    ACTION,
    AFFIX,
    ANYWHERE,
    BRAND,
    EMAIL,
    INNER,
    PAGE,
    SHARE,
    STRONG,
    UNSURE,
    WEAK,
    RuleTable,
)
from corpusmill.transforms.kernels.hashing import mix64

BLOCK = "boilerplate.share-block"
LINE = "boilerplate.site-line"
TAUGHT = "boilerplate.taught-line"
WIDGET = "boilerplate.comment-widget"

SHORT = 25  # letters; an entry of a menu is rarely longer
PROSE = 80  # letters; from here on a line counts as part of the text
REPEATS = 3  # of a line such as Reply, to be the mark of a list of comments
HEADINGS = 6  # the same where each stands before a long line
HEAD_LINES = 6  # title, byline, date, lead
_TAB, _SPACE = 0x09, 0x20
_CODE_INDENT = 4
_STOPS = np.frombuffer(b".!?", np.uint8)
_LISTED = regex.compile(r"\s*(?:[-*•·–—+]|\d{1,3}[.)])\s")
_SENTENCE_END = regex.compile(r"[.!?…。！？:;,\"”»]\s*$")
_COLON = regex.compile(r"[:：]\s*$")
_FACEBOOK, _X, _TWITTER, _PINTEREST = (int(k) for k in line_keys(["Facebook", "X", "Twitter", "Pinterest"]))


@dataclass(frozen=True)
class Sequence:
    """The lines that hold text, without blank ones and those of symbols only: what stands beside what.

    Attributes:
        lines: All lines of the batch.
        line: int64, index into them.
        row: int32, the row of each.
        size: int32, letters and digits; a very large number where the line is long.
        key: uint64, line keys.
        bits: uint16, what each matches.
        first: int64, for each row its first entry, and at the end the number of entries.
    """

    lines: Lines
    line: npt.NDArray[np.int64]
    row: npt.NDArray[np.int32]
    size: npt.NDArray[np.int32]
    key: npt.NDArray[np.uint64]
    bits: npt.NDArray[np.uint16]
    first: npt.NDArray[np.int64]

    def offset(self, entries: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return how many entries of the same row stand before each of these."""
        return entries - self.first[self.row[entries]]

    def subset(self, kept: npt.NDArray[np.bool_]) -> Sequence:
        """Return the sequence without some of its entries."""
        row = self.row[kept]
        first = np.searchsorted(row, np.arange(len(self.first)))
        return Sequence(self.lines, self.line[kept], row, self.size[kept], self.key[kept], self.bits[kept], first)


def sequence(lines: Lines, table: RuleTable) -> Sequence:
    """Return the lines that hold text, with what they match."""
    line = np.flatnonzero(lines.size != 0)
    row = lines.row[line]
    size = np.where(lines.size[line] < 0, np.int32(1 << 30), lines.size[line])
    key = lines.key[line]
    rows = len(lines.first) - 1
    first = np.searchsorted(row, np.arange(rows + 1))
    bits = table.match(key) | table.match_affixes(lines, line)
    hits = np.flatnonzero(bits)
    bits[hits[_is_indented(lines, line[hits])]] = 0
    return Sequence(lines, line, row, size, key, bits, first)


def _is_indented(lines: Lines, line: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Tell which lines begin with a tab or four spaces, as code does."""
    data, start = lines.data, lines.start[line]
    spaces = np.ones(len(line), bool)
    for k in range(_CODE_INDENT):
        spaces &= data[np.minimum(start + k, len(data) - 1)] == _SPACE
    indented: npt.NDArray[np.bool_] = spaces | (data[start] == _TAB)
    return indented


def find_blocks(lines: Lines, seq: Sequence) -> dict[int, str]:
    """Return the entries of `seq` that go, with the rule that says so.

    Args:
        lines: The lines of the batch.
        seq: Those of them that hold text.
    """
    gone: dict[int, str] = {}
    bits = seq.bits & ~np.uint16(PAGE)
    for single in np.flatnonzero(bits & ANYWHERE).tolist():
        gone[single] = LINE
    for single in _repeated(seq, bits).tolist():
        gone[single] = WIDGET
    hits = np.flatnonzero(bits)
    if not len(hits):
        return gone
    cluster = _clusters(seq, hits)
    starts = np.flatnonzero(np.r_[True, cluster[1:] != cluster[:-1]])
    low, high = hits[starts], hits[np.r_[starts[1:], len(hits)] - 1]
    # Different lines of each kind, not lines: "Reply" forty times is one.
    order = np.lexsort((seq.key[hits], cluster))
    fresh = np.ones(len(hits), bool)
    fresh[1:] = (cluster[order][1:] != cluster[order][:-1]) | (seq.key[hits][order][1:] != seq.key[hits][order][:-1])
    kinds, of = bits[hits][order][fresh], cluster[order][fresh]
    count = len(starts)

    def distinct(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        return np.bincount(of[mask], minlength=count)

    strong = distinct((kinds & STRONG) != 0)
    brand = distinct((kinds & BRAND) != 0)
    share = distinct(((kinds & (SHARE | EMAIL)) != 0) & ((kinds & BRAND) == 0))
    total = distinct(kinds > 0)
    strong += np.where(total >= 2, distinct((kinds & (STRONG | UNSURE)) == UNSURE), 0)
    at_end = high + 1 == seq.first[seq.row[high] + 1]
    at_head = seq.offset(low) <= HEAD_LINES
    in_tail = low > _last_prose(seq, bits)[seq.row[low]]
    whole = np.bincount(cluster, minlength=count) == high - low + 1  # without strangers
    share_block = (brand >= 2) & (share + strong >= 1) & (total >= 3) & (whole | (strong >= 1))
    taken = (
        share_block
        | ((strong >= 2) & (total >= 3))
        | (at_end & (strong >= 1))
        | (in_tail & (strong >= 1) & (total >= 2))
        | (at_head & (strong >= 1) & (total >= 3))
    )
    signed = _has_signature(seq, low, high)
    for c in np.flatnonzero(taken | (signed & (brand >= 3))):
        first, last = int(low[c]), int(high[c])
        certain = bool(strong[c])
        if not (certain and at_end[c]) and _is_enumeration(lines, seq, first, last, certain=certain):
            continue
        before, after = _neighbours(lines, seq, first, last)
        if not taken[c] and not (before and after):
            continue  # names only, and not the strangers on both sides that a share block has
        rule = BLOCK if share_block[c] or signed[c] else LINE
        if share_block[c]:  # a word such as "Link" or "News" before it may be the text's last line
            while not bits[first] & (STRONG | BRAND | SHARE | EMAIL):
                first += 1
        for entry in range(first, last + 1):
            if bits[entry]:
                gone[entry] = rule
            elif share_block[c] and _is_entry(lines, seq, entry):
                gone[entry] = TAUGHT
        if signed[c]:
            if before and not (seq.bits[first] & ~np.uint16(BRAND | WEAK | INNER)):
                gone[first - 1] = TAUGHT
            for entry in range(last + 1, last + 1 + after):
                gone[entry] = TAUGHT
    return gone


def _repeated(seq: Sequence, bits: npt.NDArray[np.uint16]) -> npt.NDArray[np.int64]:
    """Return the lines that stand under every comment of a page: Reply, Share, Report."""
    spoken = np.isin(seq.lines.data[np.maximum(seq.lines.end[seq.line] - 1, 0)], _STOPS)
    wanted = ((bits & STRONG) != 0) | (((bits & (ACTION | SHARE)) != 0) & ~spoken)
    entries = np.flatnonzero(wanted & ((bits & (BRAND | AFFIX)) == 0))
    pair = mix64(seq.key[entries] + mix64(seq.row[entries].astype(np.uint64)))
    _, which, count = np.unique(pair, return_inverse=True, return_counts=True)
    # Before long lines only, it may be a heading of several sections.
    after = np.append(seq.size, 0)[entries + 1]
    after[entries + 1 == seq.first[seq.row[entries] + 1]] = 0
    heads = np.bincount(which, after >= PROSE, len(count)) == count
    repeated: npt.NDArray[np.int64] = entries[count[which] >= np.where(heads, HEADINGS, REPEATS)[which]]
    return repeated


def _clusters(seq: Sequence, hits: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return a cluster number for each hit; one short stranger between two hits does not part them."""
    gap = np.diff(hits)
    near = gap == 1
    one = np.flatnonzero(gap == 2)
    near[one] = seq.size[hits[one] + 1] <= SHORT
    near &= seq.row[hits[1:]] == seq.row[hits[:-1]]
    return np.concatenate([[0], np.cumsum(~near)])


def _last_prose(seq: Sequence, bits: npt.NDArray[np.uint16]) -> npt.NDArray[np.int64]:
    """Return for each row the entry of its last long line that matches nothing; -1 if it has none."""
    last = np.full(len(seq.first) - 1, -1, np.int64)
    prose = np.flatnonzero((seq.size >= PROSE) & (bits == 0))
    last[seq.row[prose]] = prose  # of several the last one stays
    return last


def _has_signature(seq: Sequence, low: npt.NDArray[np.int64], high: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Tell which clusters hold Facebook, X or Twitter, Pinterest in the order in which Blogger has them."""
    steps = np.zeros(len(seq.key) + 1, np.int64)
    key = seq.key
    facebook = np.flatnonzero(key[:-2] == _FACEBOOK) if len(key) > 2 else np.zeros(0, np.int64)
    for shift in (1, 2):  # BlogThis! may stand between
        at = facebook[facebook + shift + 1 < len(key)]
        follows = ((key[at + shift] == _X) | (key[at + shift] == _TWITTER)) & (key[at + shift + 1] == _PINTEREST)
        steps[at[follows] + shift + 1] = 1
    counts = np.concatenate([[0], np.cumsum(steps)])
    return counts[high + 1] > counts[np.minimum(low + 2, high + 1)]


def _is_entry(lines: Lines, seq: Sequence, entry: int) -> bool:
    """Tell whether a line that matches nothing looks like an entry of a menu."""
    if seq.size[entry] > SHORT:
        return False
    text = lines.text(int(seq.line[entry]))
    return len(text.split()) <= 4 and not _SENTENCE_END.search(text)


def _neighbours(lines: Lines, seq: Sequence, first: int, last: int) -> tuple[bool, int]:
    """Return whether the line before a block looks like one of its entries, and how many after it do.

    Lines after it count only as far as the end of the document or the next long line.
    """
    row = int(seq.row[first])
    before = first - 1 > seq.first[row] and not seq.bits[first - 1] and _is_entry(lines, seq, first - 1)
    stop = int(seq.first[row + 1])
    after = last + 1
    while after < stop and seq.size[after] < PROSE:
        if after - last > 2 or not _is_entry(lines, seq, after):
            return before, 0
        after += 1
    if after < stop and (not before or not seq.bits[last] & BRAND):
        return before, 0  # a block with a known end, and text goes on
    return before, after - last - 1


def _is_enumeration(lines: Lines, seq: Sequence, first: int, last: int, *, certain: bool) -> bool:
    """Tell whether a block is a list that belongs to the text.

    It is where a colon announces it, or, unless one of its lines is certain, where it goes on with entries of the same
    kind that match nothing.
    """
    row = int(seq.row[first])
    has_before, has_after = first > seq.first[row], last + 1 < seq.first[row + 1]
    if has_before and _COLON.search(lines.text(int(seq.line[first - 1]))):
        return True
    if not certain and _LISTED.match(lines.text(int(seq.line[first]))):
        near = ([first - 1] if has_before else []) + ([last + 1] if has_after else [])
        return any(_LISTED.match(lines.text(int(seq.line[entry]))) for entry in near)
    return False
