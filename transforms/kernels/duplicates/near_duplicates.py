"""The whole duplicate stage on one column in memory: what the pipeline does in parts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from corpusmill.transforms.kernels.arrays import Int64s
from corpusmill.transforms.kernels.duplicates.candidates import candidate_pairs, distinct_pairs
from corpusmill.transforms.kernels.duplicates.cover import Cover, greedy_cover
from corpusmill.transforms.kernels.duplicates.document_keys import document_keys
from corpusmill.transforms.kernels.duplicates.groups import expand_groups, resolve_groups
from corpusmill.transforms.kernels.duplicates.keep_order import STAYS
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.duplicates.verified import operator_similarity, verified_similarity
from corpusmill.transforms.kernels.duplicates.within import (
    band_keys_within,
    group_keys_within,
    same_values,
    value_keys,
)


def find_duplicates(
    text: pa.Array,
    settings: DedupSettings,
    priority: Int64s | None = None,
    within: pa.Array | None = None,
) -> Cover:
    """Return which rows are removed, and for which kept row each.

    Args:
        text: string or large_string; null rows take no part.
        settings: Settings of the duplicate stage.
        priority: int64[n] from `keep.priorities`, least first; without it the first row of a family stays.
        within: n values; rows are duplicates only of rows with an equal value, or of all without it.

    Returns:
        Row numbers as document keys, and exact similarities.

    Example:
        >>> lines = ["one two three four five six", "ONE two three four five, six!", "something else"]
        >>> find_duplicates(pa.array(lines), DedupSettings()).removed.tolist()
        [1]
    """
    keys = document_keys(text, settings)
    values = None if within is None else value_keys(within)
    groups, bands = keys.group_key, keys.band_keys
    if values is not None:
        groups, bands = group_keys_within(groups, values), band_keys_within(bands, values)
    doc = np.flatnonzero(keys.valid).astype(np.uint64)
    rank = np.zeros(len(text), dtype=np.int64) if priority is None else priority
    representative, chosen = resolve_groups(groups[keys.valid], doc, rank[keys.valid])
    single = doc[representative & keys.near[keys.valid]]
    pairs = [candidate_pairs(bands[single, band], single, settings, rank[single]) for band in range(bands.shape[1])]
    a, b = distinct_pairs(np.concatenate([pair[0] for pair in pairs]), np.concatenate([pair[1] for pair in pairs]))
    if values is not None:
        same = same_values(values[a.astype(np.int64)], values[b.astype(np.int64)])
        a, b = a[same], b[same]
    similarity = verified_similarity(text, text, a.astype(np.int64), b.astype(np.int64), settings)
    similar = similarity >= settings.threshold
    near = np.flatnonzero(similar)
    rows = a[near].astype(np.int64), b[near].astype(np.int64)
    similar[near] = operator_similarity(text, text, *rows, settings) >= settings.threshold
    similar &= (rank[a] != STAYS) | (rank[b] != STAYS)
    a, b, similarity = a[similar], b[similar], similarity[similar]
    cover = greedy_cover(a, b, similarity, rank[a], rank[b])
    goes = rank[keys.valid] != STAYS
    return expand_groups(doc[goes], chosen[goes], cover)
