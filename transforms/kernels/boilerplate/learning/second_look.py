"""The second look at the pages of a corpus, with the lines at hand that the first one found.

With them it is known which lines are a page's own, which learned lines are evidence themselves, and which pages have
which titles. So lines are counted anew, and with them the slots of lines of which a part changes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from corpusmill.transforms.kernels.arrays import Int64s, UInt64s
from corpusmill.transforms.kernels.boilerplate.learning.furniture import Furniture, bond_keys, look_with
from corpusmill.transforms.kernels.boilerplate.learning.interface import TEXT
from corpusmill.transforms.kernels.boilerplate.learning.learned_table import LearnedTable
from corpusmill.transforms.kernels.boilerplate.learning.line_statistics import (
    Pages,
    count_lines,
    count_rows,
    host_of,
    look_at,
    merge_statistics,
    title_keys,
)
from corpusmill.transforms.kernels.boilerplate.lines.lines import pair_keys
from corpusmill.transforms.kernels.boilerplate.matching.changing_lines import (
    BOND,
    GAP,
    TITLE_LABEL,
    Slots,
    find_labels,
    find_slots,
)
from corpusmill.transforms.kernels.boilerplate.matching.packed import unpack_entries
from corpusmill.transforms.kernels.boilerplate.matching.rule_files import LineRule
from corpusmill.transforms.kernels.boilerplate.settings import BoilerplateSettings


def look_again(  # noqa: PLR0913 (the last three are for callers that have them)
    text: pa.Array,
    urls: pa.Array | None,
    table: LearnedTable,
    settings: BoilerplateSettings,
    *,
    titles: pa.Array | None = None,
    extra_rules: tuple[LineRule, ...] = (),
    packed: pa.Array | None = None,
) -> pa.RecordBatch:
    """Count the learned lines of a batch of documents, and slots, for `learn_table`.

    Args:
        text: string column of n texts, as they were before rules took lines out; a null is no document.
        urls: string column of n addresses, or None.
        table: Lines that were learned from the first look, and titles.
        settings: Which lines can be learned.
        titles: string column of n titles, null where there is none.
        extra_rules: Lines of the user's own files.
        packed: The lines of the texts, if they were looked at before, see `pack_lines`.

    Returns:
        Rows of `STATISTICS_SCHEMA`, in order of host, line, signature. None counts documents: those of the first look
        (`line_statistics.documents_of`) are to be merged with these.
    """
    host = table.hosts(host_of(pa.nulls(len(text), pa.string()) if urls is None else urls))
    entries = unpack_entries(packed, text)
    rows = np.flatnonzero(table.concerned(text, host, entries) | table.teaches(host))
    if not len(rows):
        return merge_statistics([])
    at = pa.array(rows)
    columns = (text, urls, titles, packed)
    text, urls, titles, packed = (None if column is None else column.take(at) for column in columns)
    pages = look_at(text, urls, settings, extra_rules, packed)
    furniture = look_with(pages.seq, urls, titles, table)
    slots = find_slots(pages.seq, furniture.open())
    short = (furniture.place.zone != TEXT) & (furniture.host[pages.seq.row] >= 0)
    labels = find_labels(pages.seq, np.flatnonzero(short)) if table.has_titles else None
    return merge_statistics(
        [
            count_lines(pages, furniture.known, furniture.place.enclosed, settings),
            *_slots(pages, slots),
            *([] if labels is None else [_teasers(pages, labels, furniture, table)]),
            *_gaps(pages, furniture),
            *_bonds(pages, furniture),
        ]
    )


def _once(row: npt.NDArray[np.integer], key: UInt64s) -> Int64s:
    """Return the places of the first of each key in each row."""
    once: Int64s = np.unique(pair_keys(row, key), return_index=True)[1]
    return once


def _slots(pages: Pages, slots: Slots) -> list[pa.Table]:
    row = pages.seq.row[slots.entry]
    once = _once(row, slots.key)
    kinds = slots.kind[once]
    return [
        count_rows(pages, row[own], int(kind), slots.key[own], slots.part.take(pa.array(own)))
        for kind in np.unique(kinds)
        for own in [once[kinds == kind]]
    ]


def _teasers(pages: Pages, labels: Slots, furniture: Furniture, table: LearnedTable) -> pa.Table:
    """Count what precedes the titles of other pages of the same host."""
    row = pages.seq.row[labels.entry]
    title = furniture.title[row]
    own = np.where(title >= 0, pages.seq.key[title], 0)
    is_title = table.slots(title_keys(labels.rest), furniture.host[row]) & (labels.rest != own)
    found = np.flatnonzero(is_title)
    once = found[_once(row[found], labels.key[found])]
    key = pair_keys(np.full(len(once), TITLE_LABEL), labels.key[once])
    return count_rows(pages, row[once], TITLE_LABEL, key, labels.part.take(pa.array(once)))


def _gaps(pages: Pages, furniture: Furniture) -> list[pa.Table]:
    gaps, seq = furniture.gaps(), pages.seq
    row = seq.row[gaps.first]
    whole = _once(row, gaps.pair)
    some = np.flatnonzero(gaps.size > 0)
    some = some[_once(row[some], gaps.key[some])]
    texts = pages.lines.texts(seq.line[gaps.first[some]])
    return [
        count_rows(pages, row[whole], GAP, gaps.pair[whole], pa.nulls(len(whole))),
        count_rows(pages, row[some], GAP, gaps.key[some], texts, of=gaps.pair[some]),
    ]


def _bonds(pages: Pages, furniture: Furniture) -> list[pa.Table]:
    seq, inner = pages.seq, furniture.inner()
    key = bond_keys(seq.key[inner])
    whole = _once(seq.row[inner], key)
    entry, of, pair = furniture.bonds(inner)
    once = _once(seq.row[entry], pair)
    texts = pages.lines.texts(seq.line[entry[once]])
    return [
        count_rows(pages, seq.row[inner[whole]], BOND, key[whole], pa.nulls(len(whole))),
        count_rows(pages, seq.row[entry[once]], BOND, pair[once], texts, of=of[once]),
    ]
