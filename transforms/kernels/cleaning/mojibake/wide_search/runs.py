"""Runs of sequences of one codec: what each would gain in plausibility if it were decoded."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corpusmill.transforms.kernels.cleaning.mojibake.language_model.model import MODEL
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search.lattice import Batch, Sequences, read, resolve


class Runs(NamedTuple):
    """The sequences of one codec in a batch, and the runs they form.

    Attributes:
        start: int64 position of each sequence.
        length: int64, characters in it, 2 to 4.
        char: int64, the code point it decodes to.
        run_of: int64, the run it belongs to.
        run_start: int64 first position of each run.
        run_end: int64 end position (exclusive).
        gain: int64, units of plausibility that decoding the run gains.
        open: The sequences with all their readings.
    """

    start: np.ndarray
    length: np.ndarray
    char: np.ndarray
    run_of: np.ndarray
    run_start: np.ndarray
    run_end: np.ndarray
    gain: np.ndarray
    open: Sequences


def decode(batch: Batch, codec: int, at: np.ndarray, strict: np.ndarray) -> Runs:
    """Decode the sequences of `codec` that start at the positions `at`; see `read` for the arguments."""
    found = read(batch.numbers, codec, at, strict)
    return _runs(batch, found, resolve(batch.codes, found))


def _runs(batch: Batch, found: Sequences, char: np.ndarray) -> Runs:
    """Join touching sequences into runs and price them."""
    at, length = found.start, found.length
    end = at + length
    fresh = np.ones(len(at), dtype=bool)
    fresh[1:] = at[1:] != end[:-1]
    run_of = np.cumsum(fresh) - 1
    head = np.flatnonzero(fresh)
    run_start = at[head]
    tail = np.append(head[1:], len(at)) - 1 if len(head) else head
    run_end = end[tail]
    previous = np.where(fresh, batch.codes[at - 1], np.concatenate([[32], char[:-1]]) if len(char) else char)
    price = np.add.reduceat(MODEL.steps(previous, char), head) if len(head) else np.zeros(0, dtype=np.int64)
    price = price + MODEL.steps(char[tail], batch.codes[run_end])
    gain = batch.costs[run_end + 1] - batch.costs[run_start] - price
    return Runs(at, length, char, run_of, run_start, run_end, gain, found)
