"""What each codec explains in some texts: the runs that it would rewrite, and what they gain together."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corpusmill.transforms.kernels.cleaning.mojibake.codecs import CODECS
from corpusmill.transforms.kernels.cleaning.mojibake.language_model.model import UNITS
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search import lattice
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search.evidence import CodecEvidence
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search.lattice import Batch
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search.runs import Runs, decode

RUN_BITS = 3
"""A run must gain this much on its own, before what the rest of the document says is taken into account."""
SCORE_BITS = 10
"""All runs of a codec together must gain this much more than the codec's prior."""
TOP_BITS = 14
"""The best run must gain this much, or there must be three runs."""
WHOLE_SHARE = 0.75
"""A text is damaged as a whole if sequences of one codec make up so much of its non-ASCII characters."""
WORTH_SHARE = 0.8
"""In such a text a codec must explain this share of what the best one explains."""


class Scored(NamedTuple):
    """What a codec explains in the texts of a batch: the text of each run, whether it is kept, and a score by text."""

    codec: int
    runs: Runs
    row: np.ndarray
    keep: np.ndarray
    score: np.ndarray


def score_runs(batch: Batch, codec: int, runs: Runs) -> Scored:
    """Decide which runs of a codec would be rewritten, and what they gain, text by text."""
    rows = len(batch.starts)
    row = np.searchsorted(batch.starts, runs.run_start, side="right") - 1
    good = runs.gain > RUN_BITS * UNITS
    for_it = np.bincount(row[good], minlength=rows) + 0.5
    against = np.bincount(row[~good], minlength=rows) + 0.5
    odds = np.clip(np.round(np.log2(for_it / against) * UNITS), -3 * UNITS, 8 * UNITS).astype(np.int64)
    keep = runs.gain > (RUN_BITS * UNITS - odds)[row]
    keep &= np.bincount(row[good], minlength=rows)[row] > 0
    total = np.zeros(rows, dtype=np.int64)
    np.add.at(total, row[keep], runs.gain[keep])
    top = np.zeros(rows, dtype=np.int64)
    np.maximum.at(top, row[keep], runs.gain[keep])
    count = np.bincount(row[keep], minlength=rows)
    score = total - CODECS[codec].prior_bits * UNITS
    fine = (score > SCORE_BITS * UNITS) & ((top > TOP_BITS * UNITS) | (count >= 3))
    return Scored(codec, runs, row, keep, np.where(fine, score, 0))


def found_in(batch: Batch, scored: Scored, row: int) -> CodecEvidence:
    """What a codec explains in one text, positions relative to it."""
    a, b = np.searchsorted(scored.row, [row, row + 1])
    keep = scored.keep[a:b]
    runs, base = scored.runs, batch.starts[row]
    first, last = np.searchsorted(runs.run_of, [a, b])
    chosen = scored.keep[runs.run_of[first:last]]
    return CodecEvidence(
        scored.codec,
        int(scored.score[row]),
        runs.start[first:last][chosen] - base,
        runs.length[first:last][chosen],
        runs.char[first:last][chosen],
        runs.run_start[a:b][keep] - base,
        runs.run_end[a:b][keep] - base,
        runs.gain[a:b][keep],
        int((~keep).sum()),
    )


def _worth_asking(batch: Batch, row: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Which codecs to ask about which text: bool, shape (codecs, texts).

    Where some codec explains nearly a whole text, those that explain much less need not be asked.
    """
    rows = len(batch.starts)
    hits = np.stack(
        [np.bincount(row[mask >> np.uint64(i) & np.uint64(1) != 0], minlength=rows) for i in range(len(CODECS))]
    )
    high = np.zeros(len(batch.codes) + 1, dtype=np.int64)
    np.cumsum(batch.codes > 0x7F, out=high[1:])
    most = hits.max(axis=0)
    whole = most * 2 >= WHOLE_SHARE * (high[batch.ends] - high[batch.starts])
    worth: np.ndarray = (hits > 0) & (~whole | (hits >= WORTH_SHARE * most))
    return worth


def propose(batch: Batch, codecs: int) -> list[Scored]:
    """Ask every codec of the mask `codecs` what it explains in the texts of a batch."""
    at, mask = lattice.find(batch.numbers)
    mask = mask & np.uint64(codecs)
    if not len(at):
        return []
    row = np.searchsorted(batch.starts, at, side="right") - 1
    strict = lattice.has_controls(batch)[row]
    worth = _worth_asking(batch, row, mask)
    scored = []
    for codec in range(len(CODECS)):
        if not worth[codec].any():
            continue
        mine = (mask >> np.uint64(codec) & np.uint64(1) != 0) & worth[codec][row]
        runs = decode(batch, codec, at[mine], strict[mine])
        if len(runs.gain):
            result = score_runs(batch, codec, runs)
            if result.score.any():
                scored.append(result)
    return scored
