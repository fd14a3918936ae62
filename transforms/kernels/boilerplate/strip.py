"""Boilerplate removal over a column of texts: what is removed, and the texts without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from corpusmill.transforms.kernels.arrays import Int64s
from corpusmill.transforms.kernels.boilerplate.cutting import RemovedLine, Stripped, cut, without
from corpusmill.transforms.kernels.boilerplate.finders import packs, pages
from corpusmill.transforms.kernels.boilerplate.finders.archives import ARCHIVE, find_archives
from corpusmill.transforms.kernels.boilerplate.finders.blocks import BLOCK, LINE, TAUGHT, WIDGET, find_blocks
from corpusmill.transforms.kernels.boilerplate.finders.joined_blocks import JOINED, find_joined
from corpusmill.transforms.kernels.boilerplate.finders.line_profiles import apply_profiles, explain_edits
from corpusmill.transforms.kernels.boilerplate.finders.menus import MENU, PATH, count_marks, find_menu_lines
from corpusmill.transforms.kernels.boilerplate.finders.packs import find_pack_lines
from corpusmill.transforms.kernels.boilerplate.finders.page_titles import names_page
from corpusmill.transforms.kernels.boilerplate.finders.read_more import SLOT, TEASER, find_slot_lines, find_teasers
from corpusmill.transforms.kernels.boilerplate.finders.sections import FOOTER, SITE_SECTION, find_sections
from corpusmill.transforms.kernels.boilerplate.finders.site_menus import find_site_menus
from corpusmill.transforms.kernels.boilerplate.finders.title import TITLE, find_repeated_titles
from corpusmill.transforms.kernels.boilerplate.lines.lines import Lines, split_lines
from corpusmill.transforms.kernels.boilerplate.matching.packed import pack_lines
from corpusmill.transforms.kernels.boilerplate.matching.rule_files import LineRule
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import RuleTable, rule_table
from corpusmill.transforms.kernels.boilerplate.matching.sequence import Sequence, sequence
from corpusmill.transforms.kernels.boilerplate.settings import BoilerplateSettings
from corpusmill.transforms.kernels.columns import matches
from corpusmill.transforms.kernels.findings import Step

_BLOGGER_HOST = r"(?i)^https?://[^/]*\.blogspot\.[a-z.]+(?:[:/]|$)"
_ROUNDS = 4
RULES = (
    BLOCK, LINE, TAUGHT, WIDGET, JOINED, MENU, PATH, SLOT, TEASER, SITE_SECTION, FOOTER, ARCHIVE, TITLE,
    *packs.RULES.values(),
)  # fmt: skip


def strip_column(  # noqa: PLR0913 (the last four are for callers that have them or ask for more)
    text: pa.Array,
    settings: BoilerplateSettings,
    *,
    titles: pa.Array | None = None,
    urls: pa.Array | None = None,
    extra_rules: tuple[LineRule, ...] = (),
    pack: bool = False,
) -> Stripped:
    """Remove the lines that a site put around each text of a column.

    Args:
        text: string column of n texts, lines parted by newlines; a null stays null.
        settings: Which rules are on.
        titles: string column of n titles, null where there is none.
        urls: string column of n addresses, null where there is none. On hosts of Blogger its strings that were not seen
            on a page count like those that were.
        extra_rules: Lines of the user's own files, see `parse_rule_file`.
        pack: Whether the lines are packed for those who look at them again.

    Returns:
        The texts and all that was removed. Each row is treated by itself, so the result does not depend on the batch.
    """
    table = rule_table(settings.disabled_rules, extra_rules)
    lines = split_lines(text)
    seq = sequence(lines, table)
    lines_found = pack_lines(seq, text) if pack else None
    if urls is not None:
        seq = _on_blogger(seq, urls, settings, extra_rules)
    gone, certain = _find_lines(seq, table, settings, None if titles is None else split_lines(titles))
    packed = find_pack_lines(seq, settings.packs) if settings.packs else {}
    packed = {entry: rule for entry, rule in packed.items() if rule not in settings.disabled_rules}
    gone, certain = {**packed, **gone}, certain | packed.keys()
    listed = np.array(sorted(entry for entry, rule in gone.items() if rule == SITE_SECTION), np.int64)
    for entry in listed[names_page(seq, listed, urls, titles)].tolist():
        del gone[entry]  # its own title in a list of titles
    result = cut(text, seq, gone, settings.max_removed_share, certain)
    if settings.lines.profiles:
        result.edits = apply_profiles(result, lines, settings.lines, settings.disabled_rules)
    if "wiki" in settings.packs and packs.WIKI not in settings.disabled_rules:
        result.text, result.marks = packs.remove_marks(result.text)
        for row, found in result.marks.items():
            result.findings.add(row, packs.WIKI, len(found))
    if settings.drop_pages:
        for row in pages.find_pages(lines, seq, table):
            result.filtered[int(row)] = pages.ERROR
    result.packed = lines_found
    return result


def strip_text(
    text: str,
    settings: BoilerplateSettings,
    *,
    title: str | None = None,
    url: str | None = None,
    extra_rules: tuple[LineRule, ...] = (),
) -> tuple[str, list[RemovedLine], list[Step]]:
    """Remove the lines that a site put around one text, and say which rule took what.

    Args:
        text: The text.
        settings: Which rules are on.
        title: Its title, if it is known from elsewhere.
        url: Its address, if it is known.
        extra_rules: Lines of the user's own files.

    Returns:
        The text without the lines, the lines, and one step for each rule that took some; the steps replay the removal.
    """
    titles = pa.array([title], pa.string())
    column = pa.array([text], pa.large_string())
    urls = pa.array([url], pa.string())
    result = strip_column(column, settings, titles=titles, urls=urls, extra_rules=extra_rules)
    steps: list[Step] = []
    before, rules = text, sorted({removed.rule for removed in result.removed})
    lines = split_lines(column)
    for k, rule in enumerate(rules):
        so_far = [removed for removed in result.removed if removed.rule in rules[: k + 1]]
        after = without(lines, 0, [removed.line for removed in so_far])
        taken = [removed.text.strip() for removed in result.removed if removed.rule == rule]
        steps.append(Step(rule, before, after, " | ".join(taken), len(taken)))
        before = after
    for step in explain_edits(before, result.edits):
        steps.append(step)
        before = step.after
    if result.marks:
        marks = result.marks[0]
        steps.append(Step(packs.WIKI, before, result.text[0].as_py(), " ".join(map(str.strip, marks)), len(marks)))
    return result.text[0].as_py(), result.removed, steps


def _find_lines(
    seq: Sequence, table: RuleTable, settings: BoilerplateSettings, titles: Lines | None
) -> tuple[dict[int, str], frozenset[int]]:
    """Return the entries of `seq` that are removed, each with its rule, and those of blocks that can be nothing else.

    What is removed may bring other lines to the end of a document, so rows that lost some are looked at again.
    """
    gone: _Gone = {}
    certain: set[int] = set()
    off = frozenset([*settings.disabled_rules, *([] if settings.title_repeat else [TITLE])])
    left, place, marks = seq, np.arange(len(seq.line)), count_marks(seq.lines)
    for _ in range(_ROUNDS):
        found, sure = _find_once(_View(left, table, titles, marks), off)
        if not found:
            break
        certain.update(place[sorted(sure & found.keys())].tolist())
        entries = np.fromiter(found, np.int64, len(found))
        gone |= zip(place[entries].tolist(), found.values(), strict=True)
        again = np.isin(left.row, left.row[entries])
        again[entries] = False
        left, place = left.subset(again), place[again]
    return gone, frozenset(certain)


class _View(NamedTuple):
    """What finders look at: the lines that are left, the rules, the titles, and how many marks each line holds."""

    seq: Sequence
    table: RuleTable
    titles: Lines | None
    marks: Int64s


_Gone = dict[int, str]
"""Entries that are removed, with the rule of each."""

_FINDERS: Final[tuple[Callable[[_View, _Gone], _Gone], ...]] = (
    lambda view, gone: find_joined(view.seq.lines, view.seq, view.table, gone),
    lambda view, gone: find_teasers(view.seq, view.table, gone),
    lambda view, gone: find_slot_lines(view.seq, gone),
    lambda view, gone: find_menu_lines(view.seq, view.marks, view.table, gone),
    lambda view, gone: find_site_menus(view.seq, gone),
    lambda view, gone: find_sections(view.seq, gone),
    lambda view, gone: find_archives(view.seq, gone),
    lambda view, gone: find_repeated_titles(view.seq, view.titles, gone),
)
"""What finds lines after the blocks are found, in order: each is told what was removed before it."""


def _find_once(view: _View, off: frozenset[str]) -> tuple[_Gone, set[int]]:
    blocks = find_blocks(view.seq)
    gone = {entry: rule for entry, rule in blocks.gone.items() if rule not in off}
    certain = set(blocks.certain)
    for find in _FINDERS:
        found = {entry: rule for entry, rule in find(view, gone).items() if rule not in off}
        certain.update(entry for entry, rule in found.items() if rule in {JOINED, ARCHIVE})
        gone |= found
    return gone, certain


def _on_blogger(
    seq: Sequence, urls: pa.Array, settings: BoilerplateSettings, extra_rules: tuple[LineRule, ...]
) -> Sequence:
    """Match the lines of pages on Blogger's hosts with another table."""
    rows = matches(urls, _BLOGGER_HOST)
    if not rows.any():
        return seq
    table = rule_table(settings.disabled_rules, extra_rules, "blogger")
    theirs = np.flatnonzero(rows.astype(bool)[seq.row])
    bits = seq.bits.copy()
    bits[theirs] = table.match(seq.key[theirs])
    return replace(seq, bits=bits)
