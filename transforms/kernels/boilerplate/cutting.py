"""Taking lines out of texts, within the bounds that protect content."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Bools, Int64s
from corpusmill.transforms.kernels.boilerplate.finders import packs, pages
from corpusmill.transforms.kernels.boilerplate.finders.packs import bar_before
from corpusmill.transforms.kernels.boilerplate.finders.sections import SITE_SECTION
from corpusmill.transforms.kernels.boilerplate.lines.lines import Lines
from corpusmill.transforms.kernels.boilerplate.matching.sequence import Sequence, hidden_letters, wide_letters
from corpusmill.transforms.kernels.findings import Findings

_SIGNED = {packs.RULES["mail"], packs.RULES["forum"]}


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


class Edit(NamedTuple):
    """What was cut out of a line that stays.

    Attributes:
        row: Row of the column.
        line: Which of the lines with text, of the text without the lines that are removed.
        rule: Rule id.
        taken: What was removed, one piece or several.
        pieces: How many pieces.
        after: The line without it.
    """

    row: int
    line: int
    rule: str
    taken: str
    pieces: int
    after: str


@dataclass
class Stripped:
    """What boilerplate removal did to a column.

    Attributes:
        text: The texts without the lines; those without hits are the same bytes as before.
        removed: The lines, ordered by row and line.
        findings: Number of lines by row and rule.
        filtered: Row -> reason, for documents that are nothing but boilerplate; their text stays as it was.
        marks: Row -> marks of wikis that were taken out of its lines.
        packed: The lines of the texts as they came in, if they were asked for, see `packed.pack_lines`.
        edits: What profiles have cut out of lines that stay.
    """

    text: pa.Array
    removed: list[RemovedLine] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)
    filtered: dict[int, str] = field(default_factory=dict)
    marks: dict[int, list[str]] = field(default_factory=dict)
    packed: pa.Array | None = None
    edits: list[Edit] = field(default_factory=list)

    def spread(self, text: pa.Array, rows: Int64s) -> Stripped:
        """Return the same for a longer column, of which these are some rows and the others stay as they are.

        Args:
            text: The column.
            rows: Its rows that this was done to, ascending.
        """
        number = rows.tolist()
        mask = np.zeros(len(text), bool)
        mask[rows] = True
        findings = Findings()
        for row, rule, count in self.findings:
            findings.add(number[row], rule, count)
        return Stripped(
            pc.replace_with_mask(text, pa.array(mask), self.text),
            [removed._replace(row=number[removed.row]) for removed in self.removed],
            findings,
            {number[row]: reason for row, reason in self.filtered.items()},
            {number[row]: marks for row, marks in self.marks.items()},
            edits=[edit._replace(row=number[edit.row]) for edit in self.edits],
        )


def cut(  # noqa: PLR0913, PLR0917 (what may be removed, and what was before)
    text: pa.Array,
    seq: Sequence,
    gone: dict[int, str],
    max_removed_share: float,
    certain: frozenset[int] | None = None,
    taken: Int64s | None = None,
    *,
    in_blocks: bool = True,
) -> Stripped:
    """Take lines out of the texts of a column, within the bounds that protect content.

    Args:
        text: The texts.
        seq: Their lines that hold text, as they were before `taken` was removed.
        gone: Entries of `seq` to take out, with the rule of each.
        max_removed_share: Largest share of a row's characters to take out. Where more is found, the longest lines or
            blocks stay, as they are the least certain; where nothing else is left, the row is filtered instead.
        certain: Entries that are removed whatever their share is.
        taken: Lines of `seq.lines` that were taken out before, in order, and that `text` does not hold.
        in_blocks: Lines that are adjacent are removed whole or not at all; else each by itself.
    """
    result, lines = Stripped(text), seq.lines
    if not gone:
        return result
    taken = np.zeros(0, np.int64) if taken is None else taken
    entries = np.array(sorted(gone), np.int64)
    rows, first, counts = np.unique(seq.row[entries], return_index=True, return_counts=True)
    earlier = np.bincount(seq.row[np.isin(seq.line, taken)], minlength=len(text))
    nothing_left = counts + earlier[rows] == seq.first[rows + 1] - seq.first[rows]
    bounds = np.searchsorted(taken, lines.first)
    certain = certain or frozenset()
    whole = _blocks(seq, entries, gone, certain) if in_blocks else np.arange(len(entries))
    sure = np.isin(entries, sorted(certain))
    within = _within_share(text, seq, entries, max_removed_share, whole, sure) | sure
    within |= np.repeat(nothing_left, counts)
    texts: list[str] = []
    changed: list[int] = []
    for k, row in enumerate(rows.tolist()):
        part = slice(int(first[k]), int(first[k] + counts[k]))
        where: list[int] = []
        for line, rule in _with_ornaments(seq, entries[part][within[part]].tolist(), gone):
            where.append(line)
            result.removed.append(RemovedLine(row, line - int(lines.first[row]), rule, lines.text(line)))
            result.findings.add(row, rule)
        if nothing_left[k]:
            result.filtered[row] = pages.ONLY
        elif where:
            changed.append(row)
            before = taken[bounds[row] : bounds[row + 1]].tolist()
            texts.append(without(lines, row, sorted({*where, *before})))
    if changed:
        mask = np.zeros(len(text), bool)
        mask[changed] = True
        result.text = pc.replace_with_mask(text, pa.array(mask), pa.array(texts, text.type))
    return result


def _with_ornaments(seq: Sequence, taken: list[int], gone: dict[int, str]) -> Iterator[tuple[int, str]]:
    """Yield the lines of a row that are removed and their rules, with the lines of symbols between two of them."""
    before = -2
    for entry in taken:
        line = int(seq.line[entry])
        if gone[entry] in _SIGNED and (bar := bar_before(seq, entry)) is not None:
            yield bar, gone[entry]
        elif entry == before + 1:
            for other in range(int(seq.line[before]) + 1, line):
                if seq.lines.end[other] > seq.lines.start[other] and not seq.lines.text(other).isspace():
                    yield other, gone[entry]
        yield line, gone[entry]
        before = entry


def _blocks(seq: Sequence, entries: Int64s, gone: dict[int, str], certain: frozenset[int]) -> Int64s:
    """Return for each of some entries the number of its block: what is adjacent and is certain, or is not.

    The lines under a heading of the site's own are no block: there may be hundreds of them, and each is its own.
    """
    sure = np.isin(entries, sorted(certain))
    listed = np.array([gone[entry] == SITE_SECTION for entry in entries.tolist()])
    parted = (np.diff(entries) != 1) | (np.diff(seq.row[entries]) != 0) | (sure[1:] != sure[:-1]) | listed[1:]
    numbers: Int64s = np.concatenate([[0], np.cumsum(parted | listed[:-1])])
    return numbers


def _within_share(  # noqa: PLR0913, PLR0917 (the entries, and what is known of each)
    text: pa.Array,
    seq: Sequence,
    entries: Int64s,
    max_removed_share: float,
    block: Int64s,
    sure: Bools,
) -> Bools:
    """Return which entries may be removed: in each row the shortest blocks, up to a share of its characters.

    Args:
        text: The texts.
        seq: Their lines that hold text.
        entries: Those to take out.
        max_removed_share: The share.
        block: The number of the block of each entry, from 0, in order.
        sure: Entries that are removed in any case and do not count.
    """
    more = wide_letters(seq.lines).astype(np.int64) - hidden_letters(seq.lines)
    size = pc.utf8_length(seq.lines.texts(seq.line[entries])).to_numpy(zero_copy_only=False).astype(np.int64)
    size += more[seq.line[entries]]
    size = np.bincount(block, np.where(sure, 0, size)).astype(np.int64)
    row = seq.row[entries[np.searchsorted(block, np.arange(len(size)))]]
    rows = np.unique(row)
    whole = np.zeros(len(text), np.int64)
    whole[rows] = pc.utf8_length(text.take(pa.array(rows))).to_numpy(zero_copy_only=False)
    whole += np.bincount(seq.lines.row, more, len(text)).astype(np.int64)
    order = np.lexsort((np.arange(len(size)), size, row))
    sums = np.cumsum(size[order])
    begin = np.searchsorted(row[order], rows)
    base = np.concatenate([[0], sums])[begin]
    so_far = sums - np.repeat(base, np.diff(np.append(begin, len(order))))
    within = np.zeros(len(size), bool)
    within[order] = so_far <= max_removed_share * whole[row[order]]
    chosen: Bools = within[block]
    return chosen


def without(lines: Lines, row: int, removed: list[int]) -> str:
    """Return the text of a row without some of its lines, and without the blank lines that would be double.

    Args:
        lines: The lines of the batch.
        row: The row.
        removed: Its lines to leave out, by index in the batch, in order.
    """
    start, end = lines.start, lines.end
    position, stop = int(lines.first[row]), int(lines.first[row + 1])
    pieces: list[bytes] = []
    after_blank = True  # nothing, or a blank line, is before the next piece
    for line in (*removed, stop):
        if line > position:
            pieces.append(lines.data[start[position] : end[line - 1]].tobytes())
            after_blank = bool(start[line - 1] == end[line - 1])
        position = line + 1
        while after_blank and position < stop and start[position] == end[position]:
            position += 1
    return b"\n".join(pieces).decode().rstrip()
