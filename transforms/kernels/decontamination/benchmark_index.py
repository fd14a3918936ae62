"""An index of the n-grams of benchmarks, as large as the benchmarks and no larger.

An n-gram is known by a hash of its words, and first by a hash of its first few words, its anchor: one hash at each
place of a document, and a bit or two looked up in a table, tell for nearly all places that no item can begin there.
What is reported rests on the words themselves, which the index holds as the texts of the items.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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

ITEM_SCHEMA = pa.schema(
    [pa.field("benchmark", pa.string()), pa.field("name", pa.string()), pa.field("text", pa.large_string())]
)
"""An item: the benchmark's name, the item's id or number, its fields one behind the other."""

_BASE = np.uint64(0xA24BAED4963EE407)  # odd; the base of the polynomial over token hashes
_BITS_PER_ANCHOR = 32
"""At least so many. Each anchor sets two, so that one other place in 256 or fewer looks like an anchor by chance."""
_LEAST_BITS = 1 << 16
_BLOCK = 1 << 16
_HALF = np.uint64(32)
_MOST_BITS = 1 << 32
_EXAMPLES = 10


@dataclass(frozen=True)
class BenchmarkIndex:
    """The n-grams of all items.

    Attributes:
        anchor_words: Words in an anchor.
        lengths: Words in an n-gram: `ngram_words`, and the lengths of items that are looked for whole; ascending.
        grams: uint64[g], hashes of n-grams, ascending.
        item: int32[g], the item that each is of.
        place: int32[g], where in the item it begins, in words.
        anchors: uint8, a table of bits, a power of two: set for the lower and for the upper half of each anchor's hash.
        items: The items (`ITEM_SCHEMA`), and `grams`, how many n-grams of each are in the index.
    """

    anchor_words: int
    lengths: tuple[int, ...]
    grams: UInt64
    item: Int32
    place: Int32
    anchors: npt.NDArray[np.uint8]
    items: pa.Table

    def anchored(self, hashes: UInt64) -> Index:
        """Return the places of hashes that may be anchors; those that it leaves out are none."""
        mask = np.uint64(len(self.anchors) * 8 - 1)
        found = [np.zeros(0, np.int64)]
        for begin in range(0, len(hashes), _BLOCK):
            block = hashes[begin : begin + _BLOCK]
            own = np.flatnonzero(_is_set(self.anchors, block & mask))
            found.append(own[_is_set(self.anchors, (block[own] >> _HALF) & mask) != 0] + begin)
        return np.concatenate(found)

    def words_of(self, item: int) -> list[bytes]:
        """Return the words of an item."""
        return spelled_tokens(self.items["text"].combine_chunks().slice(item, 1)).words_of(0)


def _is_set(table: npt.NDArray[np.uint8], bits: UInt64) -> npt.NDArray[np.uint8]:
    """Whether bits of a table are set: uint8, 0 or 1."""
    there: npt.NDArray[np.uint8] = table[(bits >> np.uint64(3)).view(np.int64)]
    there >>= (bits & np.uint64(7)).astype(np.uint8)
    there &= 1
    return there


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


@dataclass(frozen=True)
class _Grams:
    """The n-grams of items.

    Attributes:
        hash: uint64[g].
        anchor: uint64[g].
        item: int64[g].
        place: int64[g].
        length: int64[g], words of each.
    """

    hash: UInt64
    anchor: UInt64
    item: Index
    place: Index
    length: Index

    def take(self, rows: Index) -> _Grams:
        return _Grams(self.hash[rows], self.anchor[rows], self.item[rows], self.place[rows], self.length[rows])


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
    tokens = token_hashes(items["text"].combine_chunks() if len(items) else pa.array([], pa.large_string()))
    counts = np.diff(tokens.offsets)
    every = _first_of_each_item(_grams_of(tokens, settings))
    is_common = _in_many_items(every, settings.max_items)
    if common is not None and len(common):
        tokens = token_hashes(common)
        for length in np.flatnonzero(np.bincount(every.length)).tolist():
            is_common |= np.isin(every.hash, _all_runs(tokens, length))
    grams = every.take(np.flatnonzero(~is_common))
    index = BenchmarkIndex(
        settings.min_words,
        tuple(np.flatnonzero(np.bincount(grams.length)).tolist()),
        grams.hash,
        grams.item.astype(np.int32),
        grams.place.astype(np.int32),
        _bitmap(grams.anchor),
        items.append_column("grams", pa.array(np.bincount(grams.item, minlength=len(items)).astype(np.int32))),
    )
    reports = list(_reports(index, counts, every, is_common, settings))
    return index, reports


def _grams_of(tokens: TokenHashes, settings: DecontaminateSettings) -> _Grams:
    """The n-grams of items: all of long ones, the whole of short ones, none of very short ones."""
    counts = np.diff(tokens.offsets)
    size = settings.ngram_words
    starts = np.where(counts >= size, counts - size + 1, (counts >= settings.min_words).astype(np.int64))
    item = np.repeat(np.arange(len(counts)), starts)
    place = np.arange(len(item)) - np.repeat(np.cumsum(starts) - starts, starts)
    length = np.minimum(counts[item], size)
    first = tokens.offsets[item] + place
    hashes = np.empty(len(item), np.uint64)
    for words in np.flatnonzero(np.bincount(length)).tolist():
        own = np.flatnonzero(length == words)
        hashes[own] = run_hashes(tokens.hashes, first[own], words)
    anchors = shingle_hashes(tokens, settings.min_words)
    return _Grams(hashes, anchors.hashes[anchors.offsets[item] + place], item, place, length)


def _first_of_each_item(grams: _Grams) -> _Grams:
    """Each n-gram once an item, in the order of hash, item."""
    order = np.argsort(grams.hash, kind="stable")  # they come by item and place
    ordered = grams.take(order)
    new = np.ones(len(order), bool)
    new[1:] = (np.diff(ordered.hash) != 0) | (np.diff(ordered.item) != 0)
    return ordered.take(np.flatnonzero(new))


def _in_many_items(grams: _Grams, limit: int) -> npt.NDArray[np.bool_]:
    """Which n-grams more items have than `limit`; they are in the order of their hashes."""
    starts = np.flatnonzero(np.diff(grams.hash, prepend=~grams.hash[:1]) != 0)
    sizes = np.diff(np.append(starts, len(grams.hash)))
    return np.repeat(sizes > limit, sizes)


def _all_runs(tokens: TokenHashes, length: int) -> UInt64:
    starts = [np.arange(a, b - length + 1) for a, b in zip(tokens.offsets[:-1], tokens.offsets[1:], strict=True)]
    return run_hashes(tokens.hashes, np.concatenate([np.zeros(0, np.int64), *starts]), length)


def _bitmap(anchors: UInt64) -> npt.NDArray[np.uint8]:
    bits = min(max(_LEAST_BITS, 1 << (len(anchors) * _BITS_PER_ANCHOR).bit_length()), _MOST_BITS)
    table = np.zeros(bits >> 3, np.uint8)
    for half in (anchors, anchors >> _HALF):
        place = half & np.uint64(bits - 1)
        np.bitwise_or.at(
            table, (place >> np.uint64(3)).view(np.int64), np.uint8(1) << (place & np.uint64(7)).astype(np.uint8)
        )
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
            tuple(_spelled(index, every, place) for place in shown.tolist()),
        )


def _spelled(index: BenchmarkIndex, grams: _Grams, row: int) -> str:
    words = index.words_of(int(grams.item[row]))
    first = int(grams.place[row])
    return b" ".join(words[first : first + int(grams.length[row])]).decode()
