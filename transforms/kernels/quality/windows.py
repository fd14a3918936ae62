"""Cutting a column of texts into windows that fit the processor's caches."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_WINDOW_BYTES = 1 << 20
"""Bytes of text in a window, if no single text is longer: working arrays take many times as much."""

LONGEST_BYTES = 8 << 20
"""Bytes of a text that are looked at, so that memory stays bounded: more than a million words."""


def windows(text: pa.Array) -> Iterator[pa.Array]:
    """Yield a column of texts in slices of whole texts, in order; of a text beyond `LONGEST_BYTES` its beginning."""
    sizes = np.cumsum(pc.fill_null(pc.binary_length(text), 0).to_numpy().astype(np.int64))
    start = base = 0
    while start < len(text):
        end = max(int(np.searchsorted(sizes, base + _WINDOW_BYTES, side="right")), start + 1)
        part = text.slice(start, end - start)
        yield _beginning(part) if int(sizes[end - 1]) - base > LONGEST_BYTES else part
        start, base = end, int(sizes[end - 1])


def _beginning(text: pa.Array) -> pa.Array:
    """Cut a column of one long text."""
    data = text[0].as_py().encode("utf-8")[:LONGEST_BYTES]
    return pa.array([data.decode("utf-8", "ignore")], text.type)
