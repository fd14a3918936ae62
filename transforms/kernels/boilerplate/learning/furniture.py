"""What of a page is the site's: its lines, looked at with what was learned of the host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from corpusmill.transforms.kernels.arrays import Bools, Int64s, UInt64s
from corpusmill.transforms.kernels.boilerplate.finders.page_titles import names_page
from corpusmill.transforms.kernels.boilerplate.learning.interface import (
    FULL,
    HEAD,
    MIDDLE,
    TAIL,
    Enclosure,
    Evidence,
    enclose,
    weigh,
)
from corpusmill.transforms.kernels.boilerplate.learning.learned_table import (
    GIVEN,
    KNOWN,
    MOST,
    OFTEN,
    OWN,
    PROVEN,
    SURE,
    VARIES,
    LearnedTable,
)
from corpusmill.transforms.kernels.boilerplate.learning.line_statistics import host_of
from corpusmill.transforms.kernels.boilerplate.lines.lines import line_keys, pair_keys, split_lines
from corpusmill.transforms.kernels.boilerplate.matching.changing_lines import BOND, Gaps, find_gaps
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import is_advertisement
from corpusmill.transforms.kernels.boilerplate.matching.sequence import PROSE, Sequence
from corpusmill.transforms.kernels.columns import matches

_DIGITS: Final = line_keys(["0"])[0]  # what all lines without letters share
_TITLE_LETTERS: Final = 8  # of a title that is looked for among the lines
_LETTERS: Final = 2  # of a line that stands for a word
_GIVEN_LETTERS: Final = 4  # of one that is given, and is there as it is
_NAME_LETTERS: Final = 150  # of one that is told by its words
_NAME_LINES: Final = 3  # of a page's own, to look for it in
_LAST_LINES: Final = 4  # before the first long one that would be removed, of which one may be the title


@dataclass(frozen=True)
class Furniture:
    """Lines that hold text, with what is known of them.

    Attributes:
        seq: The lines.
        host: int64, for each row the number of its host in the table, -1 for none.
        known: bool, in the table of learned lines, for all or for the host.
        most: bool, most pages of the host have it.
        often: bool, many of them have it.
        varies: bool, its digits change from page to page.
        proven: bool, is behind an interface, here and on other pages; or a person says so.
        evidence: What lines say of an interface, the learned ones included.
        place: Where they are, seen from the text.
        title: int64, for each row the entry of its title, -1 where it is not found.
    """

    seq: Sequence
    host: Int64s
    known: Bools
    most: Bools
    often: Bools
    varies: Bools
    proven: Bools
    evidence: Evidence
    place: Enclosure
    title: Int64s

    @property
    def site(self) -> Bools:
        """bool: lines outside the text, behind an interface, that are the site's beyond doubt."""
        outside = (self.place.zone == TAIL) | (self.place.zone == HEAD)
        found: Bools = outside & self.place.enclosed & self.most & self.proven
        return found

    def gaps(self) -> Gaps:
        """Return the runs of own lines between lines of the site."""
        after = self.site & (self.place.zone == TAIL)
        return find_gaps(self.seq, after, (self.seq.size >= PROSE) & (self.seq.bits == 0))

    def may_be_title(self, gone: Bools) -> Bools:
        """Return which of the lines before the first long one that would be removed may be the page's title.

        Where it is not known, these are the last few that neither match a rule nor are on most pages word for word.
        """
        seq, zone = self.seq, self.place.zone
        entry = np.arange(len(seq.row))
        title = self.title[seq.row]
        found: Bools = (zone == HEAD) & (entry == title)
        strange = (seq.bits == 0) & (seq.size >= _TITLE_LETTERS) & ~(self.most & ~self.varies)
        own = np.flatnonzero((zone == HEAD) & (title < 0) & gone & strange)
        after = np.searchsorted(seq.row[own], seq.row[own], side="right") - np.arange(len(own))
        found[own[after <= _LAST_LINES]] = True
        return found

    def open(self) -> Int64s:
        """Return the entries that may have slots: strange ones behind an interface, after text or before title."""
        zone = self.place.zone
        near = (zone == TAIL) | ((zone == HEAD) & (self.title[self.seq.row] >= 0))
        own = ~self.known & (self.evidence.weight == 0) & (self.seq.size < PROSE)
        wanted = near & self.place.enclosed & own & (self.host[self.seq.row] >= 0)
        return np.flatnonzero(wanted)

    def labels(self) -> Bools:
        """Return which lines label an advertisement, and are on many pages of the host."""
        found: Bools = is_advertisement(self.seq.bits) & self.often
        return found

    def bonds(self, entries: Int64s) -> tuple[Int64s, UInt64s, UInt64s]:
        """Return which of some lines are right beside such a line, and keys of the line and of the two.

        A line that has one on either side is there twice.
        """
        seq, label = self.seq, np.concatenate([[False], self.labels(), [False]])
        row = np.concatenate([[-1], seq.row, [-1]])
        key = np.concatenate([[np.uint64(0)], seq.key, [np.uint64(0)]])
        line = np.concatenate([[-9], seq.line, [-9]])
        found = []
        for side in (0, 2):
            beside = label[entries + side] & (row[entries + side] == seq.row[entries])
            beside &= np.abs(line[entries + side] - seq.line[entries]) == 1  # no blank line between
            own = entries[beside]
            found.append((own, pair_keys(np.full(len(own), BOND + side), pair_keys(key[own + side], seq.key[own]))))
        entry = np.concatenate([found[0][0], found[1][0]])
        return entry, bond_keys(seq.key[entry]), np.concatenate([found[0][1], found[1][1]])

    def inner(self) -> Int64s:
        """Return the entries that may be bound to such a line: known ones between the paragraphs that match a rule.

        A heading of the form may be beside an advertisement on every page, too.
        """
        inside = self.known & (self.place.zone == MIDDLE) & (self.seq.size < PROSE)
        return np.flatnonzero(inside & (self.evidence.weight != 0) & ~self.labels())


def bond_keys(key: UInt64s) -> UInt64s:
    """Return for line keys the keys under which the cases of these lines between paragraphs are counted."""
    return pair_keys(np.full(len(key), BOND), key)


def look_with(seq: Sequence, urls: pa.Array | None, titles: pa.Array | None, table: LearnedTable) -> Furniture:
    """Look at pages with what was learned.

    Args:
        seq: Their lines that hold text.
        urls: string column of addresses, or None.
        titles: string column of titles, null where there is none.
        table: What was learned.
    """
    rows = len(seq.first) - 1
    host = table.hosts(pa.array([""] * rows, pa.string()) if urls is None else host_of(urls))
    own, everywhere = table.lines(seq.key, host[seq.row])
    known = ((own | everywhere) & KNOWN) != 0
    # What a host shows on several pages of its own counts for more than what other hosts show.
    theirs = np.where((own & OWN) != 0, own, own | everywhere)
    sure = _says_itself(seq, np.flatnonzero(((own | theirs) & SURE) != 0))
    evidence = weigh(seq.bits).also(sure & ((own & SURE) != 0), sure & ((theirs & SURE) != 0))
    title = _titles(seq, titles)
    strange = ~known & (evidence.weight == 0) & (host[seq.row] >= 0) & (title[seq.row] < 0)
    _find_names(seq, np.flatnonzero(strange), urls, titles, title)
    most, often, varies = ((bits & bit) != 0 for bits, bit in ((own, MOST), (own, OFTEN), (theirs, VARIES)))
    place = enclose(seq, evidence, known & ~varies, title)
    # Here as well: a word of a menu may be the heading of a form.
    behind = known & ((own == 0) | ((theirs & PROVEN) != 0))
    proven = (behind & place.enclosed) | (((own | everywhere) & GIVEN) != 0)
    return Furniture(seq, host, known, most, often, varies, proven, evidence, place, title)


def _says_itself(seq: Sequence, entries: Int64s) -> Bools:
    """bool, for each entry: whether it is one of some that say something of what lies behind them.

    A month that is in a table of the text and in an archive beside it does not, nor the letter of a weekday, and
    neither do numbers: those of a table and those of a calendar are the same line.
    """
    entries = entries[seq.key[entries] != _DIGITS]
    pair = pair_keys(seq.row[entries], seq.key[entries])
    _, which, count = np.unique(pair, return_inverse=True, return_counts=True)
    again = entries[count[which] > 1]
    dated = matches(seq.lines.texts(seq.line[again]), r"\pN")
    found = np.zeros(len(seq.row), bool)
    found[entries] = True
    found[again[dated.astype(bool) | (seq.size[again] <= _LETTERS)]] = False
    return found


def _titles(seq: Sequence, titles: pa.Array | None) -> Int64s:
    """Return for each row the first line that spells its title, -1 where there is none."""
    rows = len(seq.first) - 1
    found = np.full(rows, -1, np.int64)
    if titles is None or not rows:
        return found
    filled = pa.compute.replace_substring(pa.compute.fill_null(titles, ""), "\n", " ")
    split = split_lines(filled)
    key = np.where(split.size >= _GIVEN_LETTERS, split.key, 0)
    at = np.flatnonzero((seq.key == key[seq.row]) & (seq.key != 0))
    found[seq.row[at[::-1]]] = at[::-1]  # of several the first one stays
    return found


def _find_names(seq: Sequence, own: Int64s, urls: pa.Array | None, titles: pa.Array | None, found: Int64s) -> None:
    """Fill in the first of the first few own lines of each row that names its page in other words than its title.

    Args:
        seq: Lines that hold text.
        own: The entries that are of no other page, of the rows whose title is not found, in order.
        urls: Address of each row.
        titles: Title of each row.
        found: For each row the entry of its title; changed.
    """
    first = np.searchsorted(seq.row[own], seq.row[own])
    few = own[np.arange(len(own)) - first < _NAME_LINES]
    few = few[(seq.size[few] >= _TITLE_LETTERS) & (seq.size[few] <= _NAME_LETTERS)]
    named = few[names_page(seq, few, urls, titles)]
    found[seq.row[named[::-1]]] = named[::-1]


__all__ = ["FULL", "Furniture", "bond_keys", "look_with"]
