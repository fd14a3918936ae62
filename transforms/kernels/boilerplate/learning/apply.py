"""Taking learned lines out of texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Bools, Int64s
from corpusmill.transforms.kernels.boilerplate.cutting import Stripped, cut
from corpusmill.transforms.kernels.boilerplate.finders.page_titles import names_page
from corpusmill.transforms.kernels.boilerplate.learning.furniture import Furniture, look_with
from corpusmill.transforms.kernels.boilerplate.learning.interface import FULL, HEAD, TAIL, TEXT, goes_on
from corpusmill.transforms.kernels.boilerplate.learning.learned_table import LearnedTable
from corpusmill.transforms.kernels.boilerplate.learning.line_statistics import host_of
from corpusmill.transforms.kernels.boilerplate.learning.neighbors import find_learned, is_text
from corpusmill.transforms.kernels.boilerplate.lines.fences import in_fences
from corpusmill.transforms.kernels.boilerplate.lines.lines import Lines, pair_keys
from corpusmill.transforms.kernels.boilerplate.matching.changing_lines import TITLE_LABEL, find_labels, find_slots
from corpusmill.transforms.kernels.boilerplate.matching.packed import unpack_entries, unpack_lines
from corpusmill.transforms.kernels.boilerplate.matching.rule_files import LineRule
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import rule_table
from corpusmill.transforms.kernels.boilerplate.matching.sequence import PROSE
from corpusmill.transforms.kernels.boilerplate.protection.protected import measures, of_pair, only_answers
from corpusmill.transforms.kernels.boilerplate.settings import BoilerplateSettings

LEARNED: Final = "boilerplate.learned-line"
"""A line that the site has on many pages."""


@dataclass(frozen=True)
class Before:
    """What rules took out of texts before.

    Attributes:
        text: string column, each text as it was; null where nothing was taken.
        removed: list column, the lines that were taken, see `corpusmill.transforms.kernels.schema.REMOVED_LINES_TYPE`.
    """

    text: pa.Array
    removed: pa.Array

    def lines(self, lines: Lines) -> Int64s:
        """Return the lines, by their index among all lines of the batch."""
        there = pc.and_(self.text.is_valid(), self.removed.is_valid())
        rows = np.flatnonzero(there.to_numpy(zero_copy_only=False))
        lists = self.removed.take(pa.array(rows))
        own = lists.flatten().field("line").to_numpy(zero_copy_only=False).astype(np.int64)
        count = pc.list_value_length(lists).to_numpy(zero_copy_only=False).astype(np.int64)
        return np.unique(lines.first[np.repeat(rows, count)] + own)


def apply_learned(  # noqa: PLR0913 (the last five are for callers that have them)
    text: pa.Array,
    urls: pa.Array | None,
    table: LearnedTable | pa.Table,
    settings: BoilerplateSettings,
    *,
    titles: pa.Array | None = None,
    extra_rules: tuple[LineRule, ...] = (),
    before: Before | None = None,
    packed: pa.Array | None = None,
) -> Stripped:
    """Remove from each text of a column what its site, as was learned, puts on its pages.

    Args:
        text: string column of n texts; a null stays null.
        urls: string column of n addresses, or None; lines of a host are removed only from its texts, and a line that
            spells what the address calls the page stays.
        table: What was learned.
        settings: How much evidence is wanted.
        titles: string column of n titles, null where there is none; a title stays.
        extra_rules: Lines of the user's own files.
        before: What rules took out of the texts before; their lines count as evidence.
        packed: The lines of the texts as they were then, see `pack_lines`.

    Returns:
        The texts and all that was removed. Each row is treated by itself, so the result does not depend on the batch.
        The share of a text that may be removed is one of the text as it comes in here: what rules took before does not
        count, so that a share block does not change what else is removed.
    """
    table = table if isinstance(table, LearnedTable) else LearnedTable(table)
    if LEARNED in settings.disabled_rules or not table.rows:
        return Stripped(text)
    whole = text if before is None else pc.coalesce(before.text, text)
    host = table.hosts(host_of(pa.nulls(len(text), pa.string()) if urls is None else urls))
    rows = np.flatnonzero(table.concerned(whole, host, unpack_entries(packed, whole)))
    if not len(rows):
        return Stripped(text)
    # Only pages that hold something that was learned are looked at as a whole; often these are few.
    at = pa.array(rows)
    some, urls, titles, packed = (
        None if column is None else column.take(at) for column in (text, urls, titles, packed)
    )
    before = None if before is None else Before(before.text.take(at), before.removed.take(at))
    seq = unpack_lines(packed, whole.take(at), rule_table(settings.disabled_rules, extra_rules))
    furniture = look_with(seq, urls, titles, table)
    taken = np.zeros(0, np.int64) if before is None else before.lines(seq.lines)
    gone = _find(furniture, settings, table)
    gone[np.isin(seq.line, taken)] = False
    entries = np.flatnonzero(gone)
    gone[entries[names_page(seq, entries, urls, titles, furniture.most)]] = False
    found = dict.fromkeys(np.flatnonzero(gone).tolist(), LEARNED)
    certain = frozenset(np.flatnonzero(gone & furniture.site).tolist())
    stripped = cut(some, seq, found, settings.max_removed_share, certain, taken, in_blocks=False)
    return stripped.spread(text, rows)


def _find(furniture: Furniture, settings: BoilerplateSettings, table: LearnedTable) -> Bools:
    """Return which entries are the site's."""
    seq = furniture.seq
    gone = np.zeros(len(seq.row), bool)
    company = find_learned(seq.lines, seq, furniture.known, furniture.most, settings.learned)
    gone[company[furniture.proven[company]]] = True
    gone[_alone(furniture, gone)] = True
    gone[_slotted(furniture, table)] = True
    gone[furniture.labels()] = True
    inner = furniture.inner()
    entry, _, pair = furniture.bonds(inner)
    gone[entry[table.slots(pair, furniture.host[seq.row[entry]])]] = True
    gaps = furniture.gaps()
    steady = (gaps.size > 0) & table.slots(gaps.key, furniture.host[seq.row[gaps.first]])
    for first, count in zip(gaps.first[steady].tolist(), gaps.size[steady].tolist(), strict=True):
        if gone[first] and gone[first + count + 1]:
            gone[first + 1 : first + count + 1] = True
    gone[furniture.may_be_title(gone)] = False
    gone &= ~goes_on(seq, furniture.known)
    entries = np.flatnonzero(gone)
    gone[entries[of_pair(seq.lines.texts(seq.line[entries]))]] = False
    entries = np.flatnonzero(gone & furniture.varies)
    gone[entries[measures(seq.lines.texts(seq.line[entries]))]] = False
    gone &= ~in_fences(seq.lines, to_end=True)[seq.line]
    gone &= furniture.place.enclosed | ~only_answers(seq, gone)
    return gone


def _alone(furniture: Furniture, gone: Bools) -> Int64s:
    """Return the lines that need no company: behind an interface, after the text, or far before it."""
    place = furniture.place
    far = (place.zone == TAIL) | ((place.zone == HEAD) & (place.passed >= 2 * FULL))
    entries = np.flatnonzero(furniture.known & furniture.proven & far & place.enclosed & ~gone)
    return entries[~is_text(furniture.seq.lines, furniture.seq, entries)]


def _slotted(furniture: Furniture, table: LearnedTable) -> Int64s:
    """Return the lines that begin or end as lines of the site do whose rest changes."""
    seq = furniture.seq
    slots = find_slots(seq, furniture.open())
    found = slots.entry[table.slots(slots.key, furniture.host[seq.row[slots.entry]])]
    if not table.has_teasers:
        return found
    short = np.flatnonzero((furniture.place.zone != TEXT) & (seq.size < PROSE) & (furniture.host[seq.row] >= 0))
    labels = find_labels(seq, short)
    key = pair_keys(np.full(len(labels.key), TITLE_LABEL), labels.key)
    return np.concatenate([found, labels.entry[table.slots(key, furniture.host[seq.row[labels.entry]])]])
