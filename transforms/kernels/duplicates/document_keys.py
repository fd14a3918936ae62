"""The keys under which a document meets its duplicates."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from corpusmill.transforms.kernels.arrays import Bools, Int64s, UInt64s
from corpusmill.transforms.kernels.columns import bools
from corpusmill.transforms.kernels.duplicates.bands import band_keys
from corpusmill.transforms.kernels.duplicates.minhash import hashes32, minima, permutations
from corpusmill.transforms.kernels.duplicates.operators import Operators, find_operators
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.duplicates.shingles import Shingles, shingle_hashes
from corpusmill.transforms.kernels.duplicates.spelling import hashed_words, word_keys
from corpusmill.transforms.kernels.duplicates.tokens import text_buffers
from corpusmill.transforms.kernels.hashing import digest128

_NO_TOKENS_SALT = np.array([0x6E6F20746F6B656E, 0x732062757420746F], dtype=np.uint64)


@dataclass(frozen=True)
class DocumentKeys:
    """Keys of n documents.

    Attributes:
        valid: bool[n], false where the text is null; such rows have keys of zeros and take no part.
        tokens: int32[n], number of tokens.
        text_hash: uint64[n, 2], 128-bit hash of the text's UTF-8 bytes.
        group_key: uint64[n, 2], 128-bit key of the words in their order and the operators in theirs, or of the text if
            it has no words; nobody can make another text with the key of a given one. Equal keys mean similarity 1.
        band_keys: uint64[n, bands], one key a band.
        near: bool[n], true where the band keys are of use. Documents with fewer tokens than a shingle are similar to
            others wholly or not at all, which the group key tells; their band keys need not be shuffled.
        capped: bool[n], true where only the first `max_shingles` shingles entered the band keys (`dedup.capped`).
    """

    valid: Bools
    tokens: npt.NDArray[np.int32]
    text_hash: UInt64s
    group_key: UInt64s
    band_keys: UInt64s
    near: Bools
    capped: Bools


def document_keys(text: pa.Array, settings: DedupSettings) -> DocumentKeys:
    """Compute the keys of a column of texts.

    Args:
        text: string or large_string, nulls allowed.
        settings: Settings of the duplicate stage.
    """
    valid = bools(text.is_valid())
    words = hashed_words(text)
    counts = np.diff(words.tokens.offsets)
    group_key = _with_operators(word_keys(words), find_operators(text))
    shingles = shingle_hashes(words.tokens, settings.shingle_size)
    del words  # as large as the shingles
    text_hash = text_hashes(text)
    text_hash[~valid] = 0
    group_key[~valid] = 0
    no_tokens = (counts == 0) & valid
    group_key[no_tokens] = text_hash[no_tokens] ^ _NO_TOKENS_SALT
    near = counts >= settings.shingle_size
    hashes, offsets, capped = _for_signature(shingles, near, settings.max_shingles)
    banding = settings.banding
    used = banding.bands * banding.rows
    factors, summands = permutations(settings.num_perm, settings.seed)
    keys = np.zeros((len(text), banding.bands), dtype=np.uint64)
    keys[near] = band_keys(minima(hashes, offsets, factors[:used], summands[:used]), banding)
    return DocumentKeys(valid, counts.astype(np.int32), text_hash, group_key, keys, near, capped)


def _with_operators(keys: UInt64s, operators: Operators) -> UInt64s:
    """Keys of the words and the operators; those of texts without operators stay as they are."""
    rows = np.flatnonzero(np.diff(operators.offsets))
    if len(rows):
        codes, own = operators.codes.astype("<i8").tobytes(), keys[rows].astype("<u8").tobytes()
        begins, ends = (8 * operators.offsets[rows + step] for step in (0, 1))
        places = zip(range(0, 16 * len(rows), 16), begins.tolist(), ends.tolist(), strict=True)
        digests = b"".join([digest128(own[k : k + 16] + codes[a:b]) for k, a, b in places])
        keys[rows] = np.frombuffer(digests, "<u8").reshape(-1, 2)
    return keys


def text_hashes(text: pa.Array) -> UInt64s:
    """Return uint64[n, 2], the BLAKE2b digest (128 bits, as two little-endian integers) of each text's UTF-8 bytes."""
    data, offsets = text_buffers(text)
    view, ends = memoryview(data.data), offsets.tolist()
    # The library hashes one message a call.
    digests = b"".join([digest128(view[a:b]) for a, b in pairwise(ends)])
    return np.frombuffer(bytearray(digests), dtype="<u8").astype(np.uint64).reshape(-1, 2)


def _for_signature(shingles: Shingles, near: Bools, cap: int) -> tuple[npt.NDArray[np.uint32], Int64s, Bools]:
    """The 32-bit hashes of the documents in `near`, at most `cap` each, with offsets, and which were capped."""
    counts = np.diff(shingles.offsets)
    taken = np.where(near, np.minimum(counts, cap), 0)
    capped = near & (counts > cap)
    hashes = hashes32(shingles)
    if (taken != counts).any():
        # Alternate runs that stay and runs that are removed.
        runs = np.stack((taken, counts - taken), axis=1).ravel()
        hashes = hashes[np.repeat(np.tile(np.array([True, False]), len(counts)), runs)]
    offsets = np.zeros(int(near.sum()) + 1, dtype=np.int64)
    np.cumsum(taken[near], out=offsets[1:])
    return hashes, offsets, capped
