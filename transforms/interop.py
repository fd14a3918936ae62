"""Signatures as datasketch objects, for use with datasketch's own classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from corpusmill.transforms.kernels.duplicates.minhash import signatures
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.duplicates.shingles import shingle_hashes
from corpusmill.transforms.kernels.duplicates.tokens import token_hashes
from corpusmill.transforms.kernels.errors import UsageError

if TYPE_CHECKING:
    from datasketch import MinHash

_SCHEME = "affine32"


def to_datasketch(text: pa.Array, settings: DedupSettings | None = None) -> list[MinHash]:
    """Return the MinHash signature of each text as a `datasketch.MinHash`.

    Args:
        text: string column of n texts.
        settings: Shingle size, number of permutations and seed; the defaults without.

    Returns:
        n objects that work in `datasketch.MinHashLSH` and the like. Each equals a `datasketch.MinHash` of the same
        parameters that was updated with the 32-bit hashes of the text's shingles.

    Raises:
        UsageError: datasketch is not installed.

    Example:
        >>> one, other = to_datasketch(pa.array(["a b c d e f", "a b c d e g"]))
        >>> 0 <= one.jaccard(other) <= 1
        True
    """
    try:
        from datasketch import MinHash  # noqa: PLC0415  (needs SciPy, which nothing else here does)
    except ModuleNotFoundError as error:
        raise UsageError(f"{error}: pip install 'corpusmill[datasketch]'") from None
    chosen = settings or DedupSettings()
    values = signatures(
        shingle_hashes(token_hashes(text), chosen.shingle_size), num_perm=chosen.num_perm, seed=chosen.seed
    )
    return [
        MinHash(num_perm=chosen.num_perm, seed=chosen.seed, scheme=_SCHEME, hashvalues=row.copy()) for row in values
    ]
