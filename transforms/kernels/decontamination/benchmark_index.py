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

from corpusmill.transforms.kernels.decontamination.settings import DecontaminateSettings
from corpusmill.transforms.kernels.duplicates.shingles import shingle_hashes
from corpusmill.transforms.kernels.duplicates.tokens import TokenHashes, spelled_tokens, token_hashes
from corpusmill.transforms.kernels.hashing import GOLDEN, UInt64, mix64

Index = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]
Cells = npt.NDArray[np.uint16]

ITEM_SCHEMA = pa.schema(
    [pa.field("benchmark", pa.string()), pa.field("name", pa.string()), pa.field("text", pa.large_string())]
)
"""An item: the benchmark's name, the item's id or number, its fields one behind the other."""

_BASE = np.uint64(0xA24BAED4963EE407)  # odd; the base of the polynomial over token hashes
_CELLS_PER_ANCHOR = 2
"""At least so many. Each anchor sets four bits of one, so that one other place in 250 or fewer looks like an anchor."""
_LEAST_CELLS = 1 << 12
_MOST_CELLS = 1 << 28
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
        item: int32[g], the item that each is of.
        place: int32[g], where in the item it begins, in words.
        anchors: uint16, a table of a power of two cells, in one of which each anchor has four bits set.
        items: The items (`ITEM_SCHEMA`), and `grams`, how many n-grams of each are in the index.
    """

    anchor_words: int
    lengths: tuple[int, ...]
    grams: UInt64
    item: Int32
    place: Int32
    anchors: Cells
    items: pa.Table

    def anchored(self, hashes: UInt64) -> Index:
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

    def words_of(self, item: int) -> list[bytes]:
        """Return the words of an item."""
        return spelled_tokens(self.items["text"].combine_chunks().slice(item, 1)).words_of(0)


def _bits_of(anchors: UInt64) -> Cells:
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


def run_hashes(hashes: UInt64, starts: Index, length: int) -> UInt64:
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


def _every_run_hash(hashes: UInt64, length: int) -> UInt64:
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
    """The n-grams of items.

    Attributes:
        hash: uint64[g].
        item: int32[g].
        place: int32[g].
        anchor: uint64[g].
    """

    hash: UInt64
    item: Int32
    place: Int32
    anchor: UInt64

    def take(self, rows: Index | npt.NDArray[np.bool_]) -> _Grams:
        return _Grams(self.hash[rows], self.item[rows], self.place[rows], self.anchor[rows])


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
    every, counts = _grams_of_items(items["text"].combine_chunks() if len(items) else _NO_TEXTS, settings)
    lengths = np.minimum(counts, settings.ngram_words)
    anchors = every.anchor
    every = _ordered(every)
    is_common = _in_many_items(every, settings.max_items)
    if common is not None and len(common):
        tokens = token_hashes(common)
        for length in _lengths_of(every, lengths):
            is_common |= np.isin(every.hash, _all_runs(tokens, length))
    grams = every
    if is_common.any():
        grams = every.take(~is_common)
        anchors = grams.anchor
    index = BenchmarkIndex(
        settings.min_words,
        _lengths_of(grams, lengths),
        grams.hash,
        grams.item,
        grams.place,
        _table_of(anchors),
        items.append_column("grams", pa.array(np.bincount(grams.item, minlength=len(items)).astype(np.int32))),
    )
    reports = list(_reports(index, counts, every, is_common, settings))
    return index, reports


def _grams_of_items(text: pa.Array, settings: DecontaminateSettings) -> tuple[_Grams, Index]:
    """The n-grams of items in the order of items and places, and the words of each item.

    Some items are done at a time: what is worked with stays in the processor's cache, and takes no new memory.
    """
    parts = [_grams_of(TokenHashes(np.zeros(0, np.uint64), np.zeros(1, np.int64)), 0, settings)]
    counts = [np.zeros(0, np.int64)]
    ends = np.cumsum(pc.fill_null(pc.binary_length(text), 0).to_numpy(zero_copy_only=False))
    begin = 0
    while begin < len(text):
        end = max(begin + 1, int(np.searchsorted(ends, ends[begin] + _BLOCK_BYTES)))
        tokens = token_hashes(text.slice(begin, end - begin))
        counts.append(np.diff(tokens.offsets))
        parts.append(_grams_of(tokens, begin, settings))
        begin = end
    columns = zip(*((part.hash, part.item, part.place, part.anchor) for part in parts), strict=True)
    return _Grams(*map(np.concatenate, columns)), np.concatenate(counts)


def _grams_of(tokens: TokenHashes, first_item: int, settings: DecontaminateSettings) -> _Grams:
    """The n-grams of some items: all of long ones, the whole of short ones, none of very short ones."""
    counts = np.diff(tokens.offsets)
    size = settings.ngram_words
    short = np.flatnonzero((counts >= settings.min_words) & (counts < size))
    per_item = np.maximum(counts - size + 1, 0)
    per_item[short] = 1
    begins = np.ones(len(tokens.hashes), bool)
    for step in range(size - 1):
        begins[tokens.offsets[1:][counts > step] - 1 - step] = False
    begins[tokens.offsets[short]] = True
    hashes = _every_run_hash(tokens.hashes, size)
    for words in np.unique(counts[short]).tolist():
        first = tokens.offsets[short[counts[short] == words]]
        hashes[first] = run_hashes(tokens.hashes, first, words)
    item = np.repeat(np.arange(first_item, first_item + len(counts), dtype=np.int32), per_item)
    place = np.flatnonzero(begins)
    place -= np.repeat(tokens.offsets[:-1], per_item)
    shingles = shingle_hashes(tokens, settings.min_words)
    anchors = shingles.hashes[np.repeat(shingles.offsets[:-1], per_item) + place]
    return _Grams(hashes[begins], item, place.astype(np.int32), anchors)


def _ordered(grams: _Grams) -> _Grams:
    """Each n-gram once an item, in the order of hash, item."""
    ordered = grams.take(stable_order(grams.hash))  # they come by item and place
    new = np.ones(len(ordered.hash), bool)
    new[1:] = (ordered.hash[1:] != ordered.hash[:-1]) | (ordered.item[1:] != ordered.item[:-1])
    return ordered if new.all() else ordered.take(new)


def _lengths_of(grams: _Grams, lengths: Index) -> tuple[int, ...]:
    """Which lengths n-grams have, by those of the n-grams of each item; ascending."""
    there = np.bincount(grams.item, minlength=len(lengths)) > 0
    return tuple(np.unique(lengths[there]).tolist())


def stable_order(hashes: UInt64) -> Index:
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


def _in_many_items(grams: _Grams, limit: int) -> npt.NDArray[np.bool_]:
    """Which n-grams more items have than `limit`; they are in the order of their hashes."""
    starts = np.flatnonzero(np.diff(grams.hash, prepend=~grams.hash[:1]) != 0)
    sizes = np.diff(np.append(starts, len(grams.hash)))
    return np.repeat(sizes > limit, sizes)


def _all_runs(tokens: TokenHashes, length: int) -> UInt64:
    starts = [np.arange(a, b - length + 1) for a, b in zip(tokens.offsets[:-1], tokens.offsets[1:], strict=True)]
    return run_hashes(tokens.hashes, np.concatenate([np.zeros(0, np.int64), *starts]), length)


def _table_of(anchors: UInt64) -> Cells:
    size = min(max(_LEAST_CELLS, 1 << (len(anchors) * _CELLS_PER_ANCHOR).bit_length()), _MOST_CELLS)
    table = np.zeros(size, np.uint16)
    places, bits = (anchors & np.uint64(size - 1)).view(np.int64), _bits_of(anchors)
    while places.size:
        table[places] |= bits  # of anchors with one cell, the last one's bits: the others have their turn
        left = np.flatnonzero(table[places] & bits != bits)
        places, bits = places[left], bits[left]
    return table


def _reports(
    index: BenchmarkIndex,
    counts: Index,
    every: _Grams,
    is_common: npt.NDArray[np.bool_],
    settings: DecontaminateSettings,
) -> Iterator[BenchmarkReport]:
    names = index.items["benchmark"].combine_chunks()
    grams = index.items["grams"].to_numpy()
    for name in pc.unique(names).to_pylist():
        own = pc.equal(names, name).to_numpy(zero_copy_only=False)
        short = own & (counts < settings.min_words)
        common = np.flatnonzero(is_common & own[every.item])
        distinct = common[np.unique(every.hash[common], return_index=True)[1]]
        shown = np.sort(distinct[np.lexsort((every.place[distinct], every.item[distinct]))][:_EXAMPLES])
        yield BenchmarkReport(
            name,
            int(own.sum()),
            int(short.sum()),
            int((own & ~short & (grams == 0)).sum()),
            int(grams[own].sum()),
            len(distinct),
            tuple(_spelled(index, every, place, settings.ngram_words) for place in shown.tolist()),
        )


def _spelled(index: BenchmarkIndex, grams: _Grams, row: int, size: int) -> str:
    first = int(grams.place[row])
    return b" ".join(index.words_of(int(grams.item[row]))[first : first + size]).decode()
