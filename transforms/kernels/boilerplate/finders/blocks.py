"""Share blocks, comment forms and site navigation: single lines prove little, their company does.

Lines that match a rule and are adjacent form a cluster. A cluster is removed if it holds enough evidence for its place:
much in the middle of a text, less at the head, one line with no other use at the end. Names of sites (Facebook, X)
count as evidence only together with something that is said of sharing, since texts list them too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import regex

from corpusmill.transforms.kernels.arrays import Bools, Int64s
from corpusmill.transforms.kernels.boilerplate.finders.comments import find_repeated
from corpusmill.transforms.kernels.boilerplate.lines.lines import Lines, line_keys
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import (
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
)
from corpusmill.transforms.kernels.boilerplate.matching.sequence import (
    PROSE,
    SHORT,
    Sequence,
    announced,
    is_heading,
)
from corpusmill.transforms.kernels.boilerplate.protection.quoting import is_spoken_of
from corpusmill.transforms.kernels.boilerplate.protection.verse import in_verse

BLOCK: Final = "boilerplate.share-block"
LINE: Final = "boilerplate.site-line"
TAUGHT: Final = "boilerplate.taught-line"
WIDGET: Final = "boilerplate.comment-widget"

HEAD_LINES: Final = 6  # title, byline, date, lead
_LISTED = regex.compile(r"\s*(?:[-*•·–—+]|\d{1,3}[.)])\s")
_SENTENCE_END = regex.compile(r"[.!?…。！？:;,\"”»]\s*$")
_FACEBOOK, _X, _TWITTER, _PINTEREST = (int(k) for k in line_keys(["Facebook", "X", "Twitter", "Pinterest"]))


_Prose = tuple[Int64s, Int64s]  # first and last long line of each row


@dataclass
class Blocks:
    """Entries of a sequence that go.

    Attributes:
        gone: Entry -> the rule that says so.
        certain: Those of blocks that can be nothing else, and are removed whatever share of the text they are.
    """

    gone: dict[int, str] = field(default_factory=dict)
    certain: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class _Clusters:
    """Lines that match a rule and are adjacent; arrays of one value for each cluster.

    Attributes:
        low: First entry.
        high: Last entry.
        brand: Different names of sites.
        strong: Different lines with no other use.
        total: Different lines.
        share_block: Names of sites, and something that is said of sharing.
        signed: With names in the order in which Blogger has them.
        anywhere: With a line that is removed wherever it is, and no strangers.
        at_end: Nothing follows in the document.
        between: Long lines are before and after it in the document.
        in_tail: No long line is after it.
    """

    low: Int64s
    high: Int64s
    brand: Int64s
    strong: Int64s
    total: Int64s
    share_block: Bools
    signed: Bools
    anywhere: Bools
    at_end: Bools
    between: Bools
    in_tail: Bools


def find_blocks(seq: Sequence) -> Blocks:
    """Return the entries of `seq` that are removed, with the rule that says so.

    Args:
        seq: Lines that hold text.
    """
    found = Blocks()
    bits = seq.bits & ~np.uint16(PAGE)
    if not bits.any():
        return found
    prose = seq.long_lines
    for single in find_repeated(seq, bits).tolist():
        found.gone[single] = WIDGET
    hits = np.flatnonzero(bits)
    verse = in_verse(seq, bits)
    for single in _unquoted(seq, bits, prose, np.flatnonzero(((bits & ANYWHERE) != 0) & ~verse)):
        found.gone.setdefault(single, LINE)
    of = _describe(seq, bits, hits, prose)
    for c in np.flatnonzero(_taken(seq, of, verse) | (of.signed & (of.brand >= 3))).tolist():
        _take(seq, bits, of, c, found)
    return found


def _unquoted(seq: Sequence, bits: npt.NDArray[np.uint16], prose: _Prose, singles: Int64s) -> Iterator[int]:
    """Yield lines that are removed wherever they are and not quoted: after a colon, or beside words of the line."""
    if not len(singles):
        return
    # Runs of lines that match something, in one document.
    parted = np.r_[True, (seq.row[1:] != seq.row[:-1]) | (bits[1:] == 0) | (bits[:-1] == 0)]
    begins = np.flatnonzero(parted)
    of = np.searchsorted(begins, singles, "right") - 1
    for run in np.split(singles, np.flatnonzero(np.diff(of)) + 1):
        first = int(begins[np.searchsorted(begins, run[0], "right") - 1])
        last = int(begins[begins.searchsorted(first, "right")]) - 1 if first < begins[-1] else len(bits) - 1
        if _is_headed(seq, first) or _is_item(seq, first, last):
            continue
        whole: bool | None = None
        for entry in run.tolist():
            if _is_between(seq, prose, entry) and not bits[entry] & AFFIX:
                if whole is None:
                    whole = is_spoken_of(seq, first, last, whole=True)
                if whole or is_spoken_of(seq, entry, entry):
                    continue
            yield entry


def _taken(seq: Sequence, of: _Clusters, verse: Bools) -> Bools:
    """Return which clusters hold enough evidence for their place; in verse only what proves itself in the middle."""
    at_head = seq.offset(of.low) <= HEAD_LINES
    anywhere = of.share_block | ((of.strong >= 2) & (of.total >= 3))
    by_place = (
        (of.at_end & (of.strong >= 1))
        | (of.anywhere & (of.total >= 2))
        | (of.in_tail & (of.strong >= 1) & (of.total >= 2))
        | (at_head & (of.strong >= 1) & (of.total >= 3))
    )
    taken: Bools = anywhere | (by_place & ~verse[of.low])
    return taken


def _describe(seq: Sequence, bits: npt.NDArray[np.uint16], hits: Int64s, prose: _Prose) -> _Clusters:
    """Return the clusters of a sequence and what is known of each."""
    cluster = _clusters(seq, hits)
    starts = np.flatnonzero(np.r_[True, cluster[1:] != cluster[:-1]])
    low, high = hits[starts], hits[np.r_[starts[1:], len(hits)] - 1]
    # Different lines of each kind, not lines: "Reply" forty times is one.
    order = np.lexsort((seq.key[hits], cluster))
    fresh = np.ones(len(hits), bool)
    fresh[1:] = (cluster[order][1:] != cluster[order][:-1]) | (seq.key[hits][order][1:] != seq.key[hits][order][:-1])
    kinds, of = bits[hits][order][fresh], cluster[order][fresh]
    count = len(starts)
    opening, closing = (of_row[seq.row[low]] for of_row in prose)

    def distinct(mask: Bools) -> Int64s:
        return np.bincount(of[mask], minlength=count)

    strong = distinct((kinds & STRONG) != 0)
    brand = distinct((kinds & BRAND) != 0)
    share = distinct(((kinds & (SHARE | EMAIL)) != 0) & ((kinds & BRAND) == 0))
    total = distinct(kinds > 0)
    strong += np.where(total >= 2, distinct((kinds & (STRONG | UNSURE)) == UNSURE), 0)
    whole = np.bincount(cluster, minlength=count) == high - low + 1  # without strangers
    return _Clusters(
        low, high, brand, strong, total,
        share_block=(brand >= 2) & (share + strong >= 1) & (total >= 3) & (whole | (strong >= 1)),
        signed=_has_signature(seq, low, high),
        anywhere=whole & (distinct((kinds & ANYWHERE) != 0) > 0),
        at_end=high + 1 == seq.first[seq.row[high] + 1],
        between=(opening >= 0) & (low > opening) & (high < closing),
        in_tail=low > closing,
    )  # fmt: skip


def _take(seq: Sequence, bits: npt.NDArray[np.uint16], of: _Clusters, c: int, found: Blocks) -> None:
    """Add the lines of one cluster to what is removed, unless they are a list of the text's own."""
    lines, first, last = seq.lines, int(of.low[c]), int(of.high[c])
    certain, share_block, signed = bool(of.strong[c]), bool(of.share_block[c]), bool(of.signed[c])
    sure = share_block and certain
    if not (sure and of.at_end[c]) and _is_enumeration(seq, first, last, sure=sure):
        return
    if of.between[c] and not sure and is_spoken_of(seq, first, last):
        return
    before, after = _neighbours(lines, seq, first, last)
    if not share_block and not of.strong[c] and not (before and after):
        return  # names only, and not the strangers on both sides that a share block has
    rule = BLOCK if share_block or signed else LINE
    if share_block:  # a word such as "Link" or "News" before it may be the text's last line
        while not bits[first] & (STRONG | BRAND | SHARE | EMAIL):
            first += 1
    for entry in range(first, last + 1):
        if bits[entry]:
            found.gone[entry] = rule
        elif share_block and _is_entry(lines, seq, entry):
            found.gone[entry] = TAUGHT
    if signed:
        if before and not (seq.bits[first] & ~np.uint16(BRAND | WEAK | INNER)):
            found.gone[first - 1] = TAUGHT
        for entry in range(last + 1, last + 1 + after):
            found.gone[entry] = TAUGHT
    if sure or signed or (share_block and not of.between[c]):
        whole = range(first - signed, last + 1 + after)
        found.certain.update(entry for entry in whole if entry in found.gone)


def _is_between(seq: Sequence, prose: _Prose, entry: int) -> bool:
    row = int(seq.row[entry])
    return bool(0 <= prose[0][row] < entry < prose[1][row])


def _clusters(seq: Sequence, hits: Int64s) -> Int64s:
    """Return a cluster number for each hit; one short stranger between two hits does not part them."""
    gap = np.diff(hits)
    near = gap == 1
    one = np.flatnonzero(gap == 2)
    near[one] = (seq.size[hits[one] + 1] <= SHORT) & ~is_heading(seq, hits[one] + 1)
    near &= seq.row[hits[1:]] == seq.row[hits[:-1]]
    near &= ~seq.parted(hits[1:], hits[:-1])
    return np.concatenate([[0], np.cumsum(~near)])


def _has_signature(seq: Sequence, low: Int64s, high: Int64s) -> Bools:
    """Return which clusters hold Facebook, X or Twitter, Pinterest in the order in which Blogger has them."""
    steps = np.zeros(len(seq.key) + 1, np.int64)
    key = seq.key
    facebook = np.flatnonzero(key[:-2] == _FACEBOOK) if len(key) > 2 else np.zeros(0, np.int64)
    for shift in (1, 2):  # BlogThis! may be between
        at = facebook[facebook + shift + 1 < len(key)]
        follows = ((key[at + shift] == _X) | (key[at + shift] == _TWITTER)) & (key[at + shift + 1] == _PINTEREST)
        steps[at[follows] + shift + 1] = 1
    counts = np.concatenate([[0], np.cumsum(steps)])
    return counts[high + 1] > counts[np.minimum(low + 2, high + 1)]


def _is_entry(lines: Lines, seq: Sequence, entry: int, beside: int | None = None) -> bool:
    """Return whether a line that matches nothing looks like an entry of a menu.

    Args:
        lines: The lines of the batch.
        seq: Those of them that hold text.
        entry: The line.
        beside: The end of the menu beside it: after a blank line, an entry is a paragraph of its own.
    """
    if seq.size[entry] > SHORT:
        return False
    if beside is not None and seq.opens[max(entry, beside)]:
        after = entry + 1
        if not seq.opens[entry] or (after < len(seq.opens) and not seq.opens[after]):
            return False
    text = lines.text(int(seq.line[entry]))
    return len(text.split()) <= 4 and not _SENTENCE_END.search(text)


def _neighbours(lines: Lines, seq: Sequence, first: int, last: int) -> tuple[bool, int]:
    """Return whether the line before a block looks like one of its entries, and how many after it do.

    Lines after it count only as far as the end of the document or the next long line.
    """
    row = int(seq.row[first])
    before = first - 1 > seq.first[row] and not seq.bits[first - 1] and _is_entry(lines, seq, first - 1, first)
    stop = int(seq.first[row + 1])
    after = last + 1
    while after < stop and seq.size[after] < PROSE:
        if after - last > 2 or not _is_entry(lines, seq, after, after - 1):
            return before, 0
        after += 1
    if after < stop and (not before or not seq.bits[last] & BRAND):
        return before, 0  # a block with a known end, and text goes on
    return before, after - last - 1


def _is_enumeration(seq: Sequence, first: int, last: int, *, sure: bool) -> bool:
    """Return whether a block is a list that belongs to the text.

    It is where the line above heads it, or, unless it is a share block with a line that has no other use, where it goes
    on with entries of the same kind that match nothing.
    """
    return _is_headed(seq, first) or (not sure and _is_item(seq, first, last))


def _is_headed(seq: Sequence, first: int) -> bool:
    """Return whether a line of the text's own heads what begins at an entry.

    It ends in a colon; or it is a heading of Markdown, not the title, and the items of a list are right under it.
    """
    if announced(seq, first):
        return True
    above = first - 1
    if above <= seq.first[seq.row[first]] or seq.bits[above]:
        return False
    lines = seq.lines
    return bool(is_heading(seq, above)) and _LISTED.match(lines.text(int(seq.line[first]))) is not None


def _is_item(seq: Sequence, first: int, last: int) -> bool:
    """Return whether some entries are in a list that goes on with items which match nothing."""
    if not _LISTED.match(seq.lines.text(int(seq.line[first]))):
        return False
    row = int(seq.row[first])
    near = (entry for entry in (first - 1, last + 1) if seq.first[row] <= entry < seq.first[row + 1])
    return any(_LISTED.match(seq.lines.text(int(seq.line[entry]))) for entry in near)
