"""An index of the n-grams of benchmarks, as large as the benchmarks and no larger.

An n-gram is known by a hash of its words, and first by a hash of its first few words, its anchor: one hash at each
place of a document, and a look at a table of bits, tell for nearly all places that no item can begin there.
What is reported rests on the words themselves, which the index holds as the texts of the items.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Bools, Int64s, UInt64s
from corpusmill.transforms.kernels.decontamination.settings import DecontaminateSettings
from corpusmill.transforms.kernels.duplicates.shingles import shingle_hashes
from corpusmill.transforms.kernels.duplicates.tokens import (
    SpelledTokens,
    TokenHashes,
    spelled_tokens,
    token_hashes,
)
from corpusmill.transforms.kernels.hashing import GOLDEN, mix64

Int32 = npt.NDArray[np.int32]
Cells = npt.NDArray[np.uint16]

ITEM_SCHEMA = pa.schema(
    [pa.field("benchmark", pa.string()), pa.field("name", pa.string()), pa.field("text", pa.large_string())]
)
"""An item: the benchmark's name, the item's id or number, its fields one behind the other."""

_BASE = np.uint64(0xA24BAED4963EE407)  # odd; the base of the polynomial over token hashes
_CELLS_PER_ANCHOR = 2
"""At least so many. Each anchor sets four bits of one, so that one other place in 250 or fewer looks like an anchor."""
_MIN_CELLS = 1 << 12
_MAX_CELLS = 1 << 28
_BLOCK = 1 << 16
_BLOCK_BYTES = 1 << 19
_FOUR_BITS = np.resize(
    np.array([sum(1 << bit for bit in four) for four in combinations(range(16), 4)], np.uint16), 2048
)
_TOP_BITS = np.uint64(53)  # the first 11 bits of a hash choose among these, the last ones the cell
_EXAMPLES = 10
_NO_TEXTS = pa.array([], pa.large_string())


@dataclass(frozen=True)
class BenchmarkIndex:
    """The n-grams of all items.

    Attributes:
        anchor_words: Words in an anchor.
        lengths: Words in an n-gram: `ngram_words`, and the lengths of items that are looked for whole; ascending.
        grams: uint64[g], hashes of n-grams, ascending.
        number: int32[g], the number of each among the n-grams of all items, in their order.
        first: int64[items], the number of the first n-gram of each item.
        anchors: uint16, a table of a power of two cells, in one of which each anchor has four bits set.
        items: The items (`ITEM_SCHEMA`), and `grams`, how many n-grams of each are in the index; one chunk.
    """

    anchor_words: int
    lengths: tuple[int, ...]
    grams: UInt64s
    number: Int32
    first: Int64s
    anchors: Cells
    items: pa.Table

    def anchored(self, hashes: UInt64s) -> Int64s:
        """Return the places of hashes that may be anchors; those that it leaves out are none."""
        mask = np.uint64(len(self.anchors) - 1)
        found = [np.zeros(0, np.int64)]
        for begin in range(0, len(hashes), _BLOCK):
            block = hashes[begin : begin + _BLOCK]
            there = self.anchors[(block & mask).view(np.int64)]
            own = np.flatnonzero(there)  # hardly any: what follows looks at these alone
            bits = _bits_of(block[own])
            found.append(own[there[own] & bits == bits] + begin)
        return np.concatenate(found)

    def items_of(self, entries: Int64s) -> tuple[Int64s, Int64s]:
        """Return the items that n-grams are of, and where in these they begin, in words."""
        return _items_of(self.number[entries], self.first)

    def spelled(self, items: Int64s) -> SpelledTokens:
        """Return the words of items."""
        return spelled_tokens(self.items["text"].chunk(0).take(pa.array(items)))


def _items_of(numbers: Int32, first: Int64s) -> tuple[Int64s, Int64s]:
    item = np.searchsorted(first, numbers, side="right") - 1  # an item without n-grams begins where the next one does
    return item, numbers - first[item]


def _bits_of(anchors: UInt64s) -> Cells:
    """Return the four bits of each anchor."""
    bits: Cells = _FOUR_BITS[(anchors >> _TOP_BITS).view(np.int64)]
    return bits


@dataclass(frozen=True)
class BenchmarkReport:
    """What of a benchmark is looked for.

    Attributes:
        benchmark: Its name.
        items: Items that it has.
        short: Items with too few words, set aside.
        common: Items of which every n-gram is set aside as common.
        ngrams: n-grams that are looked for.
        common_ngrams: n-grams that are set aside as common.
        examples: Some of these, in words.
    """

    benchmark: str
    items: int
    short: int
    common: int
    ngrams: int
    common_ngrams: int
    examples: tuple[str, ...]


def run_hashes(hashes: UInt64s, starts: Int64s, length: int) -> UInt64s:
    """Hash runs of tokens.

    Args:
        hashes: uint64, the hashes of tokens.
        starts: int64[r], where the runs begin; none goes beyond the end.
        length: Tokens in a run; runs of different lengths have different hashes.

    Returns:
        uint64[r].
    """
    result = np.full(len(starts), length, np.uint64) * GOLDEN
    for step in range(length):
        result *= _BASE
        result += hashes[starts + step]
    return mix64(result)


def _every_run_hash(hashes: UInt64s, length: int) -> UInt64s:
    """Return uint64[len(hashes)], `run_hashes` of the run at each place, whatever where it goes beyond its text."""
    result = np.full(len(hashes), length, np.uint64) * GOLDEN
    for begin in range(0, len(hashes) - length + 1, _BLOCK):
        block = result[begin : min(begin + _BLOCK, len(hashes) - length + 1)]
        for step in range(begin, begin + length):
            block *= _BASE
            block += hashes[step : step + len(block)]
        mix64(block)
    return result


@dataclass(frozen=True)
class _Grams:
    """The n-grams of items in the order of items and places.

    Attributes:
        hash: uint64[g].
        anchor: uint64[g].
        counts: int64[items], n-grams of each item.
        words: int64[items], words of each item.
    """

    hash: UInt64s
    anchor: UInt64s
    counts: Int64s
    words: Int64s


def build_index(
    items: pa.Table, settings: DecontaminateSettings, common: pa.Array | None = None
) -> tuple[BenchmarkIndex, list[BenchmarkReport]]:
    """Index the n-grams of items.

    Args:
        items: `ITEM_SCHEMA`.
        settings: Lengths and limits.
        common: Texts whose n-grams are set aside.

    Returns:
        The index, and what of each benchmark is in it, in the order of the benchmarks.
    """
    items = items.combine_chunks()  # once, not where an item is looked at
    grams = _grams_of_items(items["text"].chunk(0) if len(items) else _NO_TEXTS, settings)
    lengths = np.minimum(grams.words, settings.ngram_words)
    first = np.cumsum(grams.counts) - grams.counts
    ordered, number, repeats = _ordered(grams.hash, first)
    is_common = _in_many_items(ordered, settings.max_items)
    if common is not None and len(common):
        tokens = token_hashes(common)
        for length in _lengths_of(grams.counts, lengths):
            is_common |= np.isin(ordered, _all_runs(tokens, length))
    set_aside = number[is_common]
    anchors, counts = grams.anchor, grams.counts
    for gone in (repeats, set_aside):
        counts = counts - np.bincount(_items_of(gone, first)[0], minlength=len(items))
    if len(set_aside):
        ordered, number = ordered[~is_common], number[~is_common]
        anchors = anchors[number]
    index = BenchmarkIndex(
        settings.min_words,
        _lengths_of(counts, lengths),
        ordered,
        number,
        first,
        _table_of(anchors),
        items.append_column("grams", pa.array(counts.astype(np.int32))),
    )
    return index, list(_reports(index, grams, set_aside, settings))


def _grams_of_items(text: pa.Array, settings: DecontaminateSettings) -> _Grams:
    """The n-grams of items.

    Some items are done at a time: what is worked with stays in the processor's cache, and takes no new memory.
    """
    parts = [_grams_of(TokenHashes(np.zeros(0, np.uint64), np.zeros(1, np.int64)), settings)]
    ends = np.cumsum(pc.fill_null(pc.binary_length(text), 0).to_numpy(zero_copy_only=False))
    begin = 0
    while begin < len(text):
        end = max(begin + 1, int(np.searchsorted(ends, ends[begin] + _BLOCK_BYTES)))
        parts.append(_grams_of(token_hashes(text.slice(begin, end - begin)), settings))
        begin = end
    columns = zip(*((part.hash, part.anchor, part.counts, part.words) for part in parts), strict=True)
    return _Grams(*map(np.concatenate, columns))


def _grams_of(tokens: TokenHashes, settings: DecontaminateSettings) -> _Grams:
    """The n-grams of some items: all of long ones, the whole of short ones, none of very short ones."""
    words = np.diff(tokens.offsets)
    size = settings.ngram_words
    short = np.flatnonzero((words >= settings.min_words) & (words < size))
    counts = np.maximum(words - size + 1, 0)
    counts[short] = 1
    begins = np.ones(len(tokens.hashes), bool)
    for step in range(size - 1):
        begins[tokens.offsets[1:][words > step] - 1 - step] = False
    begins[tokens.offsets[short]] = True
    hashes = _every_run_hash(tokens.hashes, size)
    for length in np.unique(words[short]).tolist():
        first = tokens.offsets[short[words[short] == length]]
        hashes[first] = run_hashes(tokens.hashes, first, length)
    shingles = shingle_hashes(tokens, settings.min_words)
    anchors = np.flatnonzero(begins)
    anchors += np.repeat(shingles.offsets[:-1] - tokens.offsets[:-1], counts)
    return _Grams(hashes[begins], shingles.hashes[anchors], counts, words)


def _ordered(hashes: UInt64s, first: Int64s) -> tuple[UInt64s, Int32, Int32]:
    """Return hashes in order and the numbers of their n-grams, each once an item; then those that are left out."""
    number = stable_order(hashes).astype(np.int32)  # n-grams come by item and place
    ordered = hashes[number]
    again = np.flatnonzero(ordered[1:] == ordered[:-1]) + 1
    again = again[_items_of(number[again], first)[0] == _items_of(number[again - 1], first)[0]]
    if not again.size:
        return ordered, number, number[again]
    return np.delete(ordered, again), np.delete(number, again), number[again]


def _lengths_of(counts: Int64s, lengths: Int64s) -> tuple[int, ...]:
    """Which lengths n-grams have, by their number in each item and those of its n-grams; ascending."""
    return tuple(np.unique(lengths[counts > 0]).tolist())


def stable_order(hashes: UInt64s) -> Int64s:
    """Return `np.argsort(hashes, kind="stable")` in half of its time.

    The first bits of the hashes are sorted with the places in their last bits; then the few in which these are equal.
    """
    bits = np.uint64(len(hashes).bit_length())
    low = (np.uint64(1) << bits) - np.uint64(1)
    keys = hashes & ~low
    keys |= np.arange(len(hashes), dtype=np.uint64)
    keys.sort()
    order = (keys & low).view(np.int64)
    keys &= ~low
    alike = keys[1:] == keys[:-1]
    tied = np.flatnonzero(np.append(alike, False) | np.append(np.zeros(1, bool), alike)[: len(keys)])
    if tied.size:
        rows = order[tied]
        order[tied] = rows[np.argsort(hashes[rows], kind="stable")]
    return order


def _in_many_items(ordered: UInt64s, limit: int) -> Bools:
    """Which n-grams more items have than `limit`, by their hashes in order."""
    common = np.zeros(len(ordered), bool)
    first = np.flatnonzero(ordered[limit:] == ordered[:-limit])  # as many further on, there is the same one still
    for step in range(limit + 1):
        common[first + step] = True
    return common


def _all_runs(tokens: TokenHashes, length: int) -> UInt64s:
    starts = [np.arange(a, b - length + 1) for a, b in zip(tokens.offsets[:-1], tokens.offsets[1:], strict=True)]
    return run_hashes(tokens.hashes, np.concatenate([np.zeros(0, np.int64), *starts]), length)


def _table_of(anchors: UInt64s) -> Cells:
    size = min(max(_MIN_CELLS, 1 << (len(anchors) * _CELLS_PER_ANCHOR).bit_length()), _MAX_CELLS)
    table = np.zeros(size, np.uint16)
    places, bits = (anchors & np.uint64(size - 1)).view(np.int64), _bits_of(anchors)
    while places.size:
        table[places] |= bits  # of anchors with one cell, the last one's bits: the others have their turn
        left = np.flatnonzero(table[places] & bits != bits)
        places, bits = places[left], bits[left]
    return table


def _reports(
    index: BenchmarkIndex, grams: _Grams, set_aside: Int32, settings: DecontaminateSettings
) -> Iterator[BenchmarkReport]:
    names = index.items["benchmark"].combine_chunks()
    looked_for = index.items["grams"].to_numpy()
    items, _ = _items_of(set_aside, index.first)
    for name in pc.unique(names).to_pylist():
        own = pc.equal(names, name).to_numpy(zero_copy_only=False)
        short = own & (grams.words < settings.min_words)
        common = set_aside[own[items]]
        distinct = common[np.unique(grams.hash[common], return_index=True)[1]]
        yield BenchmarkReport(
            name,
            int(own.sum()),
            int(short.sum()),
            int((own & ~short & (looked_for == 0)).sum()),
            int(looked_for[own].sum()),
            len(distinct),
            tuple(_spelled(index, np.sort(distinct)[:_EXAMPLES], settings.ngram_words)),
        )


def _spelled(index: BenchmarkIndex, numbers: Int32, size: int) -> Iterator[str]:
    items, places = _items_of(numbers, index.first)
    spelled = index.spelled(items)
    for row, place in enumerate(places.tolist()):
        yield b" ".join(spelled.run_of(row, place, size)).decode()
