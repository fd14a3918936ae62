"""The similarity that may remove a document: it rests on the words, not on their hashes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Float64s, Int64s, UInt64s
from corpusmill.transforms.kernels.duplicates.operators import equal_operators, find_operators, with_operators
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.duplicates.shingles import SET_BITS, Shingles, shingle_hashes, shingle_sets
from corpusmill.transforms.kernels.duplicates.similarity import exact_similarity, set_similarity
from corpusmill.transforms.kernels.duplicates.spelling import HashedWords, hashed_words, hashes_tell_words_apart
from corpusmill.transforms.kernels.duplicates.tokens import spelled_tokens

CHECKED_BYTES = 4 << 20
"""Text of which the words are compared at a time; they take some ten times their memory."""


def verified_similarity(
    left: pa.Array, right: pa.Array, pairs_left: Int64s, pairs_right: Int64s, settings: DedupSettings
) -> Float64s:
    """Return float64[p], the similarity of each pair, made sure of by the words themselves where it would remove.

    `exact_similarity` compares hashes, and who wants to can find words that share one. So of all pairs at or above the
    threshold it is checked that equal hashes are of equal words and shingles; where they do not, by chance or by
    design, the similarity is computed from the words.

    Args:
        left: string or large_string, texts of one side.
        right: Texts of the other side; may be the same array.
        pairs_left: int64[p], row in `left` of each pair.
        pairs_right: int64[p], row in `right` of each pair.
        settings: Settings of the duplicate stage.

    Returns:
        Exact at and above the threshold; below it up to collisions of hashes.
    """
    if _volume(left, right, pairs_left, pairs_right) <= CHECKED_BYTES:
        return _by_one_scan(_Pairs.of(left, right, pairs_left, pairs_right), settings)
    similarity = exact_similarity(left, right, pairs_left, pairs_right, settings)
    near = np.flatnonzero(similarity >= settings.threshold)
    if not len(near):
        return similarity
    for own in _chunks(left, right, pairs_left[near], pairs_right[near]):
        chunk = near[own]
        pairs = _Pairs.of(left, right, pairs_left[chunk], pairs_right[chunk])
        words = hashed_words(pairs.texts)
        if not shingles_tell_apart(words, settings.shingle_size):
            similarity[chunk] = _by_words(pairs, settings)
    return similarity


class _Pairs(NamedTuple):
    """Pairs of texts.

    Attributes:
        texts: large_string or string, the texts of both sides, each row of a side once.
        left: int64[p], row in `texts` of the left one of each pair.
        right: int64[p], row in `texts` of the right one.
    """

    texts: pa.Array
    left: Int64s
    right: Int64s

    @classmethod
    def of(cls, left: pa.Array, right: pa.Array, pairs_left: Int64s, pairs_right: Int64s) -> _Pairs:
        """Gather the texts of some pairs of rows."""
        if left is right:
            rows, places = np.unique(np.concatenate((pairs_left, pairs_right)), return_inverse=True)
            return cls(left.take(pa.array(rows)), *np.split(places, 2))
        rows, places = np.unique(pairs_left, return_inverse=True)
        others, other_places = np.unique(pairs_right, return_inverse=True)
        texts = pa.concat_arrays([left.take(pa.array(rows)), right.take(pa.array(others)).cast(left.type)])
        return cls(texts, places, other_places + len(rows))

    def some(self, which: Int64s) -> _Pairs:
        """Return some of the pairs."""
        return _Pairs.of(self.texts, self.texts, self.left[which], self.right[which])


def _by_one_scan(pairs: _Pairs, settings: DedupSettings) -> Float64s:
    """Return the verified similarity of pairs whose texts are scanned once for both, the hashes and the words."""
    words = hashed_words(pairs.texts)
    shingles = shingle_hashes(words.tokens, settings.shingle_size)
    sets = shingle_sets(shingles)
    similarity = set_similarity(sets, sets, pairs.left, pairs.right, settings)
    near = np.flatnonzero(similarity >= settings.threshold)
    if len(near) and not shingles_tell_apart(words, settings.shingle_size, shingles):
        own = pairs.some(near)
        if not shingles_tell_apart(hashed_words(own.texts), settings.shingle_size):
            similarity[near] = _by_words(own, settings)
    return similarity


def operator_similarity(
    left: pa.Array, right: pa.Array, pairs_left: Int64s, pairs_right: Int64s, settings: DedupSettings
) -> Float64s:
    """Return float64[p], the similarity of each pair with its operators as words; 1 where these are equal.

    Args:
        left: Texts of one side.
        right: Texts of the other side.
        pairs_left: int64[p], row in `left` of each pair; all are at or above the threshold by their words.
        pairs_right: int64[p], row in `right` of each pair.
        settings: Settings of the duplicate stage.
    """
    rows, where = np.unique(pairs_left, return_inverse=True)
    others, other_where = np.unique(pairs_right, return_inverse=True)
    left, right = left.take(pa.array(rows)), right.take(pa.array(others))
    found, other_found = find_operators(left), find_operators(right)
    differ = np.flatnonzero(~equal_operators(found, other_found, where, other_where))
    result = np.ones(len(where), np.float64)
    if len(differ):
        spelled = with_operators(left, found), with_operators(right, other_found)
        result[differ] = verified_similarity(*spelled, where[differ], other_where[differ], settings)
    return result


def _volume(left: pa.Array, right: pa.Array, pairs_left: Int64s, pairs_right: Int64s) -> int:
    """Return the bytes of the distinct texts of some pairs."""
    sizes, others = (pc.fill_null(pc.binary_length(text), 0).to_numpy() for text in (left, right))
    if left is right:
        return int(sizes[np.unique(np.concatenate((pairs_left, pairs_right)))].sum())
    return int(sizes[np.unique(pairs_left)].sum()) + int(others[np.unique(pairs_right)].sum())


def _chunks(left: pa.Array, right: pa.Array, pairs_left: Int64s, pairs_right: Int64s) -> Iterator[Int64s]:
    """Cut pairs, given as rows, into runs whose distinct texts have a bounded size."""
    sizes, others = (pc.fill_null(pc.binary_length(text), 0).to_numpy().tolist() for text in (left, right))
    if sum(sizes) + (0 if left is right else sum(others)) <= CHECKED_BYTES:
        yield np.arange(len(pairs_left))
        return
    begin, volume = 0, 0
    seen: set[tuple[int, int]] = set()
    for place, (a, b) in enumerate(zip(pairs_left.tolist(), pairs_right.tolist(), strict=True)):
        added = {(0, a): sizes[a], (1, b): others[b]}
        volume += sum(size for key, size in added.items() if key not in seen)
        if volume > CHECKED_BYTES and place > begin:
            yield np.arange(begin, place)
            begin, volume = place, sum(added.values())
            seen.clear()
        seen.update(added)
    yield np.arange(begin, len(pairs_left))


def shingles_tell_apart(words: HashedWords, size: int, shingles: Shingles | None = None) -> bool:
    """Return whether no two different shingles of any rows share a hash of a set (see `shingles.shingle_sets`).

    Args:
        words: The tokens of the rows.
        size: Tokens in a shingle. Rows with fewer, but not none, are not looked at: the answer is then no.
        shingles: Those of the rows, where they are at hand.
    """
    hashes, offsets = words.tokens
    counts = np.diff(offsets)
    if ((counts > 0) & (counts < size)).any() or not hashes_tell_words_apart(words):
        return False
    shingles = shingle_hashes(words.tokens, size) if shingles is None else shingles
    keys = shingles.hashes >> np.uint64(64 - SET_BITS)
    first_token = np.repeat(offsets[:-1] - shingles.offsets[:-1], np.diff(shingles.offsets))
    first_token += np.arange(len(keys))
    place, earlier = _repeats(keys)
    a, b = first_token[place], first_token[earlier]
    if (hashes[a] != hashes[b]).any():
        return False
    # Where the next shingle repeats the one after the same earlier one, it vouches for the rest of this one.
    alone = np.ones(len(a), bool)
    alone[:-1] = (a[1:] != a[:-1] + 1) | (b[1:] != b[:-1] + 1)
    a, b = a[alone], b[alone]
    return all(bool((hashes[a + step] == hashes[b + step]).all()) for step in range(1, size))


def _repeats(keys: UInt64s) -> tuple[Int64s, Int64s]:
    """Return the places of keys that stood before, ascending, and where each stood last.

    Keys and places are packed into one word and sorted, which is several times as fast as sorting places by keys. What
    the keys lose by that makes some few seem equal that are not; their words will differ.
    """
    bits = np.uint64(max(1, len(keys)).bit_length())
    packed = keys << np.uint64(64 - SET_BITS)
    packed >>= bits
    packed <<= bits
    packed |= np.arange(len(keys), dtype=np.uint64)
    packed.sort()
    same = np.flatnonzero((packed[1:] ^ packed[:-1]) >> bits == 0)
    places = (packed & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)
    last = np.full(len(keys), -1, np.int64)
    last[places[same + 1]] = places[same]
    found = np.flatnonzero(last >= 0)
    return found, last[found]


def _by_words(pairs: _Pairs, settings: DedupSettings) -> Float64s:
    """The similarity of pairs from sets of tuples of words."""
    spelled = spelled_tokens(pairs.texts)
    sets = [_word_shingles(spelled.words_of(row), settings.shingle_size) for row in range(len(pairs.texts))]
    found = np.zeros(len(pairs.left), np.float64)
    for place, (a, b) in enumerate(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)):
        shared = len(sets[a] & sets[b])
        small, large = sorted((len(sets[a]), len(sets[b])))
        whole = small + large - shared if settings.similarity == "jaccard" else small
        found[place] = shared / whole if whole else 0.0
    return found


def _word_shingles(words: list[bytes], size: int) -> set[tuple[bytes, ...]]:
    if not words:
        return set()
    return {tuple(words[k : k + size]) for k in range(max(1, len(words) - size + 1))}
