"""Duplicates only within equal values of a column: keys that documents with different values do not share."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Bools, UInt64s
from corpusmill.transforms.kernels.hashing import digest128

_NULL = b"null"
_VALUE = b"value:"


def value_keys(column: pa.Array | pa.ChunkedArray) -> UInt64s:
    """Return uint64[n, 2], the 128-bit key of each value: equal for equal values, and for all nulls.

    Values are compared as text, so that a column that one corpus holds as numbers and another as strings can be used.

    Args:
        column: Any type but a nested one.

    Raises:
        TypeError: The column holds lists or structs.

    Example:
        >>> keys = value_keys(pa.array(["de", "en", None, "de", None]))
        >>> [(keys[0] == keys[row]).all().item() for row in range(5)], (keys[2] == keys[4]).all().item()
        ([True, False, False, True, False], True)
    """
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if pa.types.is_nested(column.type):
        raise TypeError(f"a column of type {column.type} does not have one value a document")
    if pa.types.is_floating(column.type):
        column = pc.add(column, pa.scalar(0.0, column.type))  # -0.0 becomes 0.0
    encoded = pc.cast(column, pa.large_string()).dictionary_encode()
    # The library hashes one message a call; distinct values are few.
    messages = (_VALUE + value.encode("utf-8", "surrogatepass") for value in encoded.dictionary.to_pylist())
    table = _words([digest128(message) for message in (*messages, _NULL)])
    places = pc.fill_null(encoded.indices, len(encoded.dictionary)).to_numpy(zero_copy_only=False)
    return np.asarray(table[places], dtype=np.uint64)


def group_keys_within(keys: UInt64s, values: UInt64s) -> UInt64s:
    """Return uint64[n, 2], 128-bit keys that are equal where both of two 128-bit keys are.

    They are a digest of both, as sums and the like would let somebody choose a value that makes up for another text.

    Args:
        keys: uint64[n, 2], keys of texts or of parts of them.
        values: uint64[n, 2], from `value_keys`.
    """
    both = np.ascontiguousarray(np.hstack([keys, values]), dtype="<u8").tobytes()
    return _words([digest128(both[start : start + 32]) for start in range(0, len(both), 32)])


def band_keys_within(keys: UInt64s, values: UInt64s) -> UInt64s:
    """Return uint64[n, bands], band keys that documents with different values share by chance only.

    A pair that does is no harm: whoever verifies it compares the values.

    Args:
        keys: uint64[n, bands].
        values: uint64[n, 2], from `value_keys`.
    """
    mixed: UInt64s = keys ^ values[:, :1]
    return mixed


def same_values(one: UInt64s, other: UInt64s) -> Bools:
    """Return bool[n], whether the values behind two times n keys of `value_keys` are equal."""
    equal: Bools = (one == other).all(axis=1)
    return equal


def _words(digests: list[bytes]) -> UInt64s:
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64).reshape(-1, 2)
