"""What documents have in common with the items of benchmarks, and taking it out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Int64s
from corpusmill.transforms.kernels.decontamination.benchmark_index import BenchmarkIndex, run_hashes
from corpusmill.transforms.kernels.decontamination.settings import DecontaminateSettings
from corpusmill.transforms.kernels.duplicates.paragraphs import cut_paragraphs
from corpusmill.transforms.kernels.duplicates.shingles import shingle_hashes
from corpusmill.transforms.kernels.duplicates.tokens import SpelledTokens, spelled_tokens, token_hashes

OVERLAP = "decontaminate.overlap"
"""Rule id of documents and lines that are removed because they hold a part of a benchmark."""

MAX_OVERLAPS = 20
"""Items that are named for one document: those of which it holds most."""


@dataclass(frozen=True)
class Overlap:
    """What a document has in common with one item.

    Attributes:
        benchmark: Name of the benchmark.
        item: Name of the item.
        share: Share of the item's n-grams that the document holds.
        ngrams: How many these are.
        line: Line of the document in which the first of them begins, from 0.
        ngram: The words of it.
    """

    benchmark: str
    item: str
    share: float
    ngrams: int
    line: int
    ngram: str


@dataclass(frozen=True)
class Decontaminated:
    """A column of texts after decontamination.

    Attributes:
        text: string column; it differs where paragraphs were cut.
        overlaps: Row -> what it has in common with items, the largest share first, at most `MAX_OVERLAPS`.
        dropped: Rows of documents to be dropped, ascending.
        removed: (row, number of the line before, line) of lines that were cut.
    """

    text: pa.Array
    overlaps: dict[int, tuple[Overlap, ...]] = field(default_factory=dict)
    dropped: tuple[int, ...] = ()
    removed: tuple[tuple[int, int, str], ...] = ()


def decontaminate_column(text: pa.Array, index: BenchmarkIndex, settings: DecontaminateSettings) -> Decontaminated:
    """Find parts of benchmark items in texts, and cut their paragraphs or name the rows to be dropped.

    Each row is treated by itself, so the result does not depend on the batch.

    Args:
        text: string; nulls stay null.
        index: The items.
        settings: What to do.
    """
    overlaps: dict[int, tuple[Overlap, ...]] = {}
    dropped: list[int] = []
    removed: list[tuple[int, int, str]] = []
    changed: dict[int, str] = {}
    for found in _found(text, index, settings.min_share):
        row = found.row
        overlaps[row] = tuple(found.overlaps())
        cut = cut_paragraphs(found.text, found.paragraphs()) if settings.action == "cut" else None
        if cut is None:
            dropped.append(row)
            continue
        changed[row] = cut.text
        removed += [(row, number, line) for number, line in cut.removed]
    if changed:
        mask = np.zeros(len(text), bool)
        mask[list(changed)] = True
        text = pc.replace_with_mask(text, pa.array(mask), pa.array(list(changed.values()), text.type))
    return Decontaminated(text, overlaps, tuple(dropped), tuple(removed))


@dataclass(frozen=True)
class _Candidates:
    """Places of a text at which, by their hashes, n-grams of items begin.

    Attributes:
        place: int64[c], in words.
        length: int64[c], words in the n-gram.
        low: int64[c], its first entry in the index.
        high: int64[c], the entry after its last.
    """

    place: Int64s
    length: Int64s
    low: Int64s
    high: Int64s


def _candidates(text: pa.Array, index: BenchmarkIndex) -> Iterator[tuple[int, _Candidates]]:
    """Yield the rows in which an n-gram may be, and where; rows ascending."""
    tokens = token_hashes(text)
    shingles = shingle_hashes(tokens, index.anchor_words)
    at = index.anchored(shingles.hashes)
    if not at.size:
        return
    row = np.searchsorted(shingles.offsets, at, side="right") - 1
    start = tokens.offsets[row] + at - shingles.offsets[row]
    parts = []
    for length in index.lengths:
        fits = np.flatnonzero(start + length <= tokens.offsets[row + 1])
        hashes = run_hashes(tokens.hashes, start[fits], length)
        order = np.argsort(hashes)  # searches that are in order stay in the processor's cache
        low = np.searchsorted(index.grams, hashes[order])
        known = np.flatnonzero(low < len(index.grams))
        known = known[index.grams[low[known]] == hashes[order[known]]]
        high = np.searchsorted(index.grams, hashes[order[known]], side="right")
        own = fits[order[known]]
        parts.append((row[own], start[own] - tokens.offsets[row[own]], np.full(len(own), length), low[known], high))
    rows, *columns = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((columns[0], rows))
    rows, columns = rows[order], [column[order] for column in columns]
    for own in np.split(np.arange(len(rows)), np.flatnonzero(np.diff(rows)) + 1):
        if own.size:
            yield int(rows[own[0]]), _Candidates(*(column[own] for column in columns))


@dataclass
class _Found:
    """The n-grams of items that a text holds, by their words.

    Attributes:
        row: The row of the text.
        text: The text.
        index: The items.
        items: Item -> (place in the text, words, place in the item) of its n-grams in the order of the text; of items
            of which the text holds a large enough share.
        spelled: The words of some texts.
        spelled_row: The row of this text among these.
        line_ends: Words in the lines up to each line's end; no word goes over the end of a line.
    """

    row: int
    text: str
    index: BenchmarkIndex
    items: dict[int, list[tuple[int, int, int]]]
    spelled: SpelledTokens
    spelled_row: int
    line_ends: Int64s = field(default_factory=lambda: np.zeros(0, np.int64))

    def share(self, item: int) -> float:
        """Return the share of the item's n-grams that the text holds."""
        return len({first for _, _, first in self.items[item]}) / int(self.index.items["grams"][item].as_py())

    def overlaps(self) -> list[Overlap]:
        """Return what there is in common with each item, the largest share first, at most `MAX_OVERLAPS`."""
        ordered = sorted(self.items, key=lambda item: (-self.share(item), item))[:MAX_OVERLAPS]
        result = []
        for item in ordered:
            place, length, _ = self.items[item][0]
            result.append(
                Overlap(
                    self.index.items["benchmark"][item].as_py(),
                    self.index.items["name"][item].as_py(),
                    self.share(item),
                    len({first for _, _, first in self.items[item]}),
                    int(np.searchsorted(self.line_ends, place, side="right")),
                    b" ".join(self.spelled.run_of(self.spelled_row, place, length)).decode(),
                )
            )
        return result

    def paragraphs(self) -> list[tuple[int, int]]:
        """Return the lines of the paragraphs that hold a part of an item: first, and after the last; ascending."""
        lines = self.text.split("\n")
        touched = np.zeros(len(lines), bool)
        for runs in self.items.values():
            for place, length, _ in runs:
                first, last = np.searchsorted(self.line_ends, [place, place + length - 1], side="right")
                touched[first : last + 1] = True
        filled = np.array([bool(line.strip()) for line in lines])
        # Blocks of lines between blank ones; in a text without blank lines, each line.
        block = np.cumsum(~filled) if not filled.all() else np.arange(len(lines))
        goes = np.flatnonzero(np.isin(block, block[touched & filled]) & filled)
        runs_of_lines = np.split(goes, np.flatnonzero((np.diff(goes) > 1) | (np.diff(block[goes]) != 0)) + 1)
        return [(int(own[0]), int(own[-1]) + 1) for own in runs_of_lines if own.size]


def _found(text: pa.Array, index: BenchmarkIndex, min_share: float) -> list[_Found]:
    """Return what rows hold of items, by its words; the words of all these rows and items are spelled in one go."""
    candidates = dict(_candidates(text, index))
    if not candidates:
        return []
    spelled = spelled_tokens(text.take(pa.array(list(candidates))))
    entries = np.unique(np.concatenate([_ranges(own.low, own.high) for own in candidates.values()]))
    items, places = index.items_of(entries)
    known = np.unique(items)
    spelled_items = index.spelled(known)
    spelled_rows = np.searchsorted(known, items)
    result = []
    for at, (row, own) in enumerate(candidates.items()):
        found: dict[int, list[tuple[int, int, int]]] = {}
        columns = (own.place, own.length, np.searchsorted(entries, own.low), np.searchsorted(entries, own.high))
        for place, length, low, high in zip(*(column.tolist() for column in columns), strict=True):
            run = spelled.run_of(at, place, length)
            for entry in range(low, high):
                first = int(places[entry])
                if spelled_items.run_of(int(spelled_rows[entry]), first, length) == run:
                    found.setdefault(int(items[entry]), []).append((place, length, first))
        holds = _Found(row, text[row].as_py(), index, found, spelled, at)
        holds.items = {item: runs for item, runs in found.items() if holds.share(item) >= min_share}
        if holds.items:
            result.append(holds)
    _count_lines(result)
    return result


def _ranges(low: Int64s, high: Int64s) -> Int64s:
    sizes = high - low
    return np.repeat(high - np.cumsum(sizes), sizes) + np.arange(int(sizes.sum()))


def _count_lines(found: list[_Found]) -> None:
    """Count the words up to the ends of the lines of texts, all in one go."""
    lines = [one.text.split("\n") for one in found]
    words = token_hashes(pa.array([line for own in lines for line in own], pa.large_string())).offsets
    begin = 0
    for one, own in zip(found, lines, strict=True):
        one.line_ends = words[begin + 1 : begin + len(own) + 1] - words[begin]
        begin += len(own)
