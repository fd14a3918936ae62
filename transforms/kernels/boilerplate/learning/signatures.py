"""Which documents are independent of each other: a minimum hash that near-duplicates share."""

from __future__ import annotations

import numpy as np

from corpusmill.transforms.kernels.arrays import Int64s, UInt8s, UInt64s
from corpusmill.transforms.kernels.boilerplate.lines.lines import Lines
from corpusmill.transforms.kernels.boilerplate.matching.sequence import PROSE
from corpusmill.transforms.kernels.hashing import mix64

_OPENING = 32  # bytes of a sentence, about five words


def signatures_of(lines: Lines) -> UInt64s:
    """Return for each text the least hash of how the sentences of its long lines begin, of all lines if none is long.

    Near-duplicates mostly have the same value; other documents do not, even if they share all of a site's short lines.
    """
    rows = len(lines.first) - 1
    length = lines.end - lines.start
    long = length >= PROSE
    none = np.bincount(lines.row[long], minlength=rows) == 0
    chosen = np.flatnonzero((long | none[lines.row]) & (length > 0))
    data = np.append(lines.data, np.zeros(_OPENING, np.uint8))
    # A row of short lines counts as one text, so that its menu does not stand for it.
    stop = np.where(none, lines.end[lines.first[1:] - 1], 0) if rows else np.zeros(0, np.int64)
    stops = np.maximum(lines.end, stop[lines.row])
    begins = np.diff(lines.row[chosen], prepend=-1) != 0
    chosen = chosen[(stops[chosen] - lines.start[chosen] >= _OPENING) | begins]
    starts, line = lines.start[chosen], chosen
    sentences = _sentences(data)
    of = np.searchsorted(lines.end, sentences)
    inside = long[of] & (stops[of] - sentences >= _OPENING)
    starts = np.concatenate([starts, sentences[inside]])
    line = np.concatenate([line, of[inside]])
    hashes = _hash_openings(data, starts, stops[line] - starts)
    signatures = np.full(rows, np.iinfo(np.uint64).max, np.uint64)
    np.minimum.at(signatures, lines.row[line], hashes)
    signatures[np.bincount(lines.row[chosen], minlength=rows) == 0] = 0
    return signatures


_STOPS = b".!?"
_SPACE = 0x20


def _sentences(data: UInt8s) -> Int64s:
    """Return where sentences may begin within lines: after a stop and a space, or an ideographic full stop."""
    stop = (data[:-2] == _STOPS[0]) | (data[:-2] == _STOPS[1]) | (data[:-2] == _STOPS[2])
    at = np.flatnonzero(stop & (data[1:-1] == _SPACE))
    wide = np.flatnonzero(data[:-3] == 0xE3)
    starts = np.concatenate([at + 2, wide[(data[wide + 1] == 0x80) & (data[wide + 2] == 0x82)] + 3])
    return starts[starts < len(data) - _OPENING]


def _hash_openings(data: UInt8s, starts: Int64s, lengths: Int64s) -> UInt64s:
    """Return a hash of the first `_OPENING` bytes from each start, or of as many as there are."""
    words = np.ndarray((len(data) - 7,), "<u8", data, strides=(1,))
    hashes = np.zeros(len(starts), np.uint64)
    for offset in range(0, _OPENING, 8):
        left = np.clip(lengths - offset, 0, 8).astype(np.uint64)
        mask = np.where(left == 8, ~np.uint64(0), (np.uint64(1) << (left * np.uint64(8))) - np.uint64(1))
        hashes += words[starts + offset] & mask
        mix64(hashes)
    return hashes
