"""Cutting a column of texts into windows that fit the processor's caches."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_WINDOW_BYTES = 1 << 20
"""Bytes of text in a window, if no single text is longer: working arrays take many times as much."""


def windows(text: pa.Array) -> Iterator[pa.Array]:
    """Yield a column of texts in slices of whole texts, in order."""
    sizes = np.cumsum(pc.fill_null(pc.binary_length(text), 0).to_numpy().astype(np.int64))
    start = base = 0
    while start < len(text):
        end = max(int(np.searchsorted(sizes, base + _WINDOW_BYTES, side="right")), start + 1)
        yield text.slice(start, end - start)
        start, base = end, int(sizes[end - 1])
