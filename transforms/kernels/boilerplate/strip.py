"""Boilerplate removal over a column of texts: what goes, and the texts without it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from transforms.kernels.boilerplate import pages
from transforms.kernels.boilerplate.blocks import BLOCK, LINE, TAUGHT, Sequence, find_blocks, sequence
from transforms.kernels.boilerplate.joined import JOINED, find_joined
from transforms.kernels.boilerplate.lines import Lines, split_lines
from transforms.kernels.boilerplate.rules import LineRule, RuleTable, rule_table
from transforms.kernels.boilerplate.settings import BoilerplateSettings
from transforms.kernels.boilerplate.title import TITLE, find_repeated_titles
from transforms.kernels.findings import Findings, Step

_BLOGGER_HOST = r"(?i)^https?://[^/]*\.blogspot\.[a-z.]+(?:[:/]|$)"
RULES = (BLOCK, LINE, TAUGHT, JOINED, TITLE)


class RemovedLine(NamedTuple):
    """A line that was taken out.

    Attributes:
        row: Row of the column.
        line: Index among the lines of the text as it came in, from 0.
        rule: Rule id.
        text: The line.
    """

    row: int
    line: int
    rule: str
    text: str


@dataclass
class Stripped:
    """What boilerplate removal did to a column.

    Attributes:
        text: The texts without the lines; those without hits are the same bytes as before.
        removed: The lines, ordered by row and line.
        findings: Number of lines by row and rule.
        filtered: Row -> reason, for documents that are nothing but boilerplate; their text stays as it was.
    """

    text: pa.Array
    removed: list[RemovedLine] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)
    filtered: dict[int, str] = field(default_factory=dict)


def strip_column(
    text: pa.Array,
    settings: BoilerplateSettings,
    *,
    titles: pa.Array | None = None,
    urls: pa.Array | None = None,
    extra_rules: tuple[LineRule, ...] = (),
) -> Stripped:
    """Remove the lines that a site put around each text of a column.

    Args:
        text: string column of n texts, lines parted by newlines; a null stays null.
        settings: Which rules are on.
        titles: string column of n titles, null where there is none.
        urls: string column of n addresses, null where there is none. On hosts of Blogger its strings that were not seen
            on a page count like those that were.
        extra_rules: Lines of the user's own files, see `parse_rule_file`.

    Returns:
        The texts and all that was removed. Each row is treated by itself, so the result does not depend on the batch.
    """
    table = rule_table(settings.disabled_rules, extra_rules)
    lines = split_lines(text)
    seq = sequence(lines, table)
    if urls is not None:
        seq = _on_blogger(seq, urls, rule_table(settings.disabled_rules, extra_rules, "blogger"))
    off = frozenset(settings.disabled_rules)
    gone = {entry: rule for entry, rule in find_blocks(lines, seq).items() if rule not in off}
    if JOINED not in off:
        gone |= find_joined(lines, seq, table, gone)
    if settings.title_repeat and TITLE not in off:
        keys = None if titles is None else _single_line_keys(titles)
        gone |= find_repeated_titles(lines, seq, keys, gone)
    result = cut(text, lines, seq, gone, settings.max_removed_share)
    if settings.drop_pages:
        for row in pages.find_pages(lines, seq, table):
            result.filtered[int(row)] = pages.ERROR
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
        after = _without(lines, 0, np.array([removed.line for removed in so_far]))
        taken = [removed.text.strip() for removed in result.removed if removed.rule == rule]
        steps.append(Step(rule, before, after, " | ".join(taken), len(taken)))
        before = after
    return result.text[0].as_py(), result.removed, steps


def _on_blogger(seq: Sequence, urls: pa.Array, table: RuleTable) -> Sequence:
    """Match the lines of pages on Blogger's hosts with another table."""
    rows = pc.fill_null(pc.match_substring_regex(urls, _BLOGGER_HOST), False).to_numpy(zero_copy_only=False)
    theirs = np.flatnonzero(rows.astype(bool)[seq.row])
    bits = seq.bits.copy()
    bits[theirs] = table.match(seq.key[theirs])
    return replace(seq, bits=bits)


def _single_line_keys(titles: pa.Array) -> npt.NDArray[np.uint64]:
    """Return the line key of each title, 0 for a missing one and one of several lines."""
    lines = split_lines(titles)
    keys = lines.key[lines.first[:-1]]
    keys[np.diff(lines.first) > 1] = 0
    return keys


def cut(text: pa.Array, lines: Lines, seq: Sequence, gone: dict[int, str], max_removed_share: float) -> Stripped:
    """Take lines out of the texts of a column, within the bounds that protect content.

    Args:
        text: The texts.
        lines: Their lines.
        seq: The lines that hold text.
        gone: Entries of `seq` to take out, with the rule of each.
        max_removed_share: Rows that would lose a larger share of their characters keep them all, unless
            nothing is left.
    """
    result = Stripped(text)
    if not gone:
        return result
    entries = np.array(sorted(gone), np.int64)
    row_of = seq.row[entries]
    rows, first = np.unique(row_of, return_index=True)
    removed_text = lines.texts(seq.line[entries])
    letters = np.add.reduceat(pc.utf8_length(removed_text).to_numpy(zero_copy_only=False), first)
    whole = pc.utf8_length(text.take(pa.array(rows))).to_numpy(zero_copy_only=False)
    counts = np.diff(np.append(first, len(entries)))
    nothing_left = counts == (seq.first[rows + 1] - seq.first[rows])
    too_much = (letters > max_removed_share * whole) & ~nothing_left
    texts: list[str] = []
    changed: list[int] = []
    for k, row in enumerate(rows.tolist()):
        if too_much[k]:
            continue
        part = slice(int(first[k]), int(first[k] + counts[k]))
        for entry, line_text in zip(entries[part].tolist(), removed_text[part].to_pylist(), strict=True):
            result.removed.append(RemovedLine(row, int(seq.line[entry] - lines.first[row]), gone[entry], line_text))
            result.findings.add(row, gone[entry])
        if nothing_left[k]:
            result.filtered[row] = pages.ONLY
            continue
        changed.append(row)
        texts.append(_without(lines, row, seq.line[entries[part]] - lines.first[row]))
    if changed:
        mask = np.zeros(len(text), bool)
        mask[changed] = True
        result.text = pc.replace_with_mask(text, pa.array(mask), pa.array(texts, text.type))
    return result


def _without(lines: Lines, row: int, removed: npt.NDArray[np.int64]) -> str:
    """Return the text of a row without some of its lines, and without the blank lines that would stand double."""
    base, stop = int(lines.first[row]), int(lines.first[row + 1])
    gone = np.zeros(stop - base, bool)
    gone[removed] = True
    blank = (lines.end - lines.start)[base:stop] == 0
    keep: list[int] = []
    hole = False  # lines were taken out since the last one that stays
    for k in range(stop - base):
        if gone[k]:
            hole = True
        elif hole and blank[k] and (not keep or blank[keep[-1]]):
            continue
        else:
            hole = hole and bool(blank[k])
            keep.append(k)
    return "\n".join(lines.text(base + k) for k in keep).rstrip()


__all__ = ["RULES", "RemovedLine", "RuleTable", "Stripped", "cut", "strip_column", "strip_text"]
