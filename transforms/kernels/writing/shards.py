"""Cutting the surviving documents into shards of even size."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from corpusmill.transforms.kernels.arrays import Bools, Int64s

CHUNKS_PER_SHARD = 16
"""A shard is put together from pieces of a sixteenth of its size, so it misses its size by a sixteenth at most."""


class Chunk(NamedTuple):
    """A run of consecutive rows of one split.

    Attributes:
        split: Number of the split.
        start: First row.
        end: The row after the last.
        kept_rows: How many of the rows are kept.
        kept_bytes: UTF-8 bytes of their texts.
    """

    split: int
    start: int
    end: int
    kept_rows: int
    kept_bytes: int


@dataclass(frozen=True)
class Shard:
    """One output file of each kind.

    Attributes:
        index: Number of the shard, from 0.
        count: Number of shards of the run.
        chunks: The rows it holds, in input order.
    """

    index: int
    count: int
    chunks: tuple[Chunk, ...]


def cut_chunks(split: int, kept: Bools, sizes: Int64s, chunk_bytes: int) -> list[Chunk]:
    """Cut the rows of a split into chunks of about `chunk_bytes` of kept text.

    Args:
        split: Number of the split.
        kept: Whether each row is kept, shape (n,).
        sizes: UTF-8 bytes of each row's text, shape (n,).
        chunk_bytes: A chunk ends with the kept row that reaches this.

    Returns:
        Chunks that cover all n rows in order; each has a kept row, unless the split has none. Empty for n = 0.
    """
    n = len(kept)
    if n == 0:
        return []
    total = np.cumsum(np.where(kept, sizes, 0))
    rows = np.cumsum(kept)
    chunks: list[Chunk] = []
    start = done_bytes = done_rows = 0
    while start < n:
        end = min(int(np.searchsorted(total, done_bytes + chunk_bytes, side="left")) + 1, n)
        if rows[-1] == rows[end - 1]:
            end = n  # dropped rows behind the last kept one belong to its chunk
        chunks.append(Chunk(split, start, end, int(rows[end - 1]) - done_rows, int(total[end - 1]) - done_bytes))
        start, done_bytes, done_rows = end, int(total[end - 1]), int(rows[end - 1])
    return chunks


def plan_shards(chunks: Iterable[Chunk], shard_bytes: int) -> list[Shard]:
    """Put chunks together to shards of even size, in input order.

    Args:
        chunks: All chunks of the run, in any order.
        shard_bytes: Wanted UTF-8 bytes of text of a shard.

    Returns:
        Shards that cover all chunks. Each holds a kept document; only where nothing at all is kept, there is one
        shard without any.
    """
    ordered = sorted(chunks)
    total = sum(chunk.kept_bytes for chunk in ordered)
    rows_left = sum(chunk.kept_rows for chunk in ordered)
    count = max(1, -(-total // shard_bytes))
    target = total / count
    groups: list[list[Chunk]] = [[]]
    size = rows = 0
    for chunk in ordered:
        groups[-1].append(chunk)
        size += chunk.kept_bytes
        rows += chunk.kept_rows
        rows_left -= chunk.kept_rows
        # Half a chunk early is as good as half a chunk late.
        if rows and rows_left and len(groups) < count and size + chunk.kept_bytes / 2 >= target * len(groups):
            groups.append([])
            rows = 0
    return [Shard(index, len(groups), tuple(group)) for index, group in enumerate(groups)]
