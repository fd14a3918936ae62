"""Whole words where hashes are not enough: keys that nobody can forge, and a check that each hash is of one word.

The hash of a token of up to eight bytes is a bijection of its bytes, so that two such tokens never share it. Longer
tokens, and shingles, can be made to collide by whoever wants to: their hashes are invertible. What removes a document
must therefore rest on the words.
"""

from __future__ import annotations

import hashlib
import struct
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from corpusmill.transforms.kernels.arrays import Int64s, UInt8s, UInt64s
from corpusmill.transforms.kernels.duplicates.token_scan import PAD
from corpusmill.transforms.kernels.duplicates.tokens import TokenHashes, join_hashes, scan_windows

WORD_BYTES = 8
_HEAD = struct.Struct("<qq")
_MASKS = np.array([(1 << 8 * n) - 1 for n in range(9)], dtype=np.uint64)


class LongTokens(NamedTuple):
    """The tokens of more than eight bytes, spelled.

    Attributes:
        tokens: int64[l], their places among all tokens, ascending.
        lengths: int64[l], their bytes.
        words: uint64[w], the bytes of one after the other, each filled up with zeros to whole words.
        offsets: int64[l + 1], the words of long token i are `words[offsets[i]:offsets[i + 1]]`.
    """

    tokens: Int64s
    lengths: Int64s
    words: UInt64s
    offsets: Int64s


class HashedWords(NamedTuple):
    """The tokens of n rows: what is needed to tell them apart for certain.

    Attributes:
        tokens: Hashes of all.
        long: Those that their hashes do not tell apart.
    """

    tokens: TokenHashes
    long: LongTokens


def hashed_words(text: pa.Array) -> HashedWords:
    """Return the tokens of each row of `text`.

    Args:
        text: string or large_string; null rows have no tokens.
    """
    windows: list[tuple[slice, UInt64s, Int64s]] = []
    found = [_long_tokens(np.zeros(PAD, np.uint8), _NONE, _NONE)]
    before = 0
    for rows, scanned in scan_windows(text):
        own = _long_tokens(scanned.data, scanned.starts, scanned.ends)
        found.append(own._replace(tokens=own.tokens + before))
        windows.append((rows, scanned.hashes, scanned.counts))
        before += len(scanned.hashes)
    tokens, lengths, words = (np.concatenate(column) for column in list(zip(*found, strict=True))[:3])
    return HashedWords(join_hashes(len(text), windows), LongTokens(tokens, lengths, words, _word_offsets(lengths)))


_NONE: Int64s = np.empty(0, np.int64)


def _word_offsets(lengths: Int64s) -> Int64s:
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(-(-lengths // WORD_BYTES), out=offsets[1:])
    return offsets


def _long_tokens(data: UInt8s, starts: Int64s, ends: Int64s) -> LongTokens:
    lengths = ends - starts
    tokens = np.flatnonzero(lengths > WORD_BYTES)
    lengths, starts = lengths[tokens], starts[tokens]
    offsets = _word_offsets(lengths)
    words = np.empty(int(offsets[-1]), np.uint64)
    source = np.ndarray((len(data) - WORD_BYTES + 1,), dtype="<u8", buffer=data, strides=(1,))
    own = np.arange(len(tokens))
    step = 0
    while own.size:
        left = lengths[own] - step * WORD_BYTES
        values = source[starts[own] + step * WORD_BYTES].astype(np.uint64, copy=False)
        words[offsets[own] + step] = values & _MASKS[np.minimum(left, WORD_BYTES)]
        own = own[left > WORD_BYTES]
        step += 1
        if own.size and step >= _COMMON_STEPS:  # longer than any word of a language: one by one
            for token in own.tolist():
                first, end = int(offsets[token]) + step, int(offsets[token + 1])
                begin = int(starts[token]) + step * WORD_BYTES
                rest = data[begin : int(starts[token] + lengths[token])].tobytes()
                words[first:end] = np.frombuffer(rest.ljust((end - first) * WORD_BYTES, b"\0"), "<u8")
            break
    return LongTokens(tokens, lengths, words, offsets)


_COMMON_STEPS = 16


def word_keys(words: HashedWords) -> UInt64s:
    """Return uint64[n, 2], a 128-bit key of the words of each row in their order: the start of a SHA-256 digest.

    Equal keys mean equal words. Rows without words have the key of the empty sequence.

    Args:
        words: The tokens of n rows.
    """
    tokens, found = words
    bounds = np.searchsorted(found.tokens, tokens.offsets)
    hashes = tokens.hashes.astype("<u8", copy=False).view(np.uint8).data
    row = np.repeat(np.arange(len(tokens.offsets) - 1), np.diff(bounds))
    places = np.stack((found.tokens - tokens.offsets[row], found.lengths), axis=1).astype("<i8")
    marks = np.ascontiguousarray(places).ravel().view(np.uint8).data
    spelled = found.words.astype("<u8", copy=False).view(np.uint8).data
    ends = (tokens.offsets * 8).tolist()
    mark_ends = (bounds * 16).tolist()
    word_ends = (found.offsets[bounds] * 8).tolist()
    digests = []
    for k in range(len(ends) - 1):
        digest = hashlib.sha256(_HEAD.pack(ends[k + 1] - ends[k], mark_ends[k + 1] - mark_ends[k]))
        digest.update(hashes[ends[k] : ends[k + 1]])
        if mark_ends[k + 1] > mark_ends[k]:
            digest.update(marks[mark_ends[k] : mark_ends[k + 1]])
            digest.update(spelled[word_ends[k] : word_ends[k + 1]])
        digests.append(digest.digest()[:16])
    return np.frombuffer(bytearray(b"".join(digests)), "<u8").astype(np.uint64, copy=False).reshape(-1, 2)


def hashes_tell_words_apart(words: HashedWords) -> bool:
    """Return whether no two different tokens of any rows share a hash."""
    tokens, found = words
    if not len(found.tokens):
        return True
    hashes = tokens.hashes[found.tokens]
    order = np.argsort(hashes, kind="stable")
    same = np.flatnonzero(hashes[order[1:]] == hashes[order[:-1]])
    a, b = order[same], order[same + 1]
    if (found.lengths[a] != found.lengths[b]).any():
        return False
    step, more = 0, np.diff(found.offsets)[a]
    while a.size:
        if (found.words[found.offsets[a] + step] != found.words[found.offsets[b] + step]).any():
            return False
        step += 1
        longer = more > step
        a, b, more = a[longer], b[longer], more[longer]
    # A short token may share the hash of a long one: a bitmap leaves few to look up.
    taken = np.zeros(1 << _BITMAP_BITS, bool)
    taken[hashes & _BITMAP] = True
    suspect = taken[tokens.hashes & _BITMAP]
    suspect[found.tokens] = False
    return not np.isin(tokens.hashes[suspect], hashes).any()


_BITMAP_BITS = 20
_BITMAP = np.uint64((1 << _BITMAP_BITS) - 1)
