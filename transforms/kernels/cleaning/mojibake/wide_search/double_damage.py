"""Text damaged twice by a codec that leaves gaps to windows-1252: both layers are read together.

In such a codec (ISO-8859-2, -7, -15 ...) a character may stand for two bytes. Undoing one layer first would have to
choose between results that are both gibberish; here the choice stays open until the second layer is undone and the
result can be judged as text.
"""

from __future__ import annotations

import numpy as np

from corpusmill.transforms.kernels.cleaning.mojibake.codecs import LAST, TABLES
from corpusmill.transforms.kernels.cleaning.mojibake.language_model import languages
from corpusmill.transforms.kernels.cleaning.mojibake.language_model.model import MODEL
from corpusmill.transforms.kernels.cleaning.mojibake.lossy.wordwise import settle_words
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search import lattice
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search.lattice import Batch, Sequences

CHOICES = 5
"""Bytes kept open for one character of the middle layer."""
MAX_CHOICES = 16
"""Readings kept of one sequence of the outer text, the most usual characters first."""
MIN_SHARE = 0.95
"""Share of the middle layer's sequences that must be characters of the codec for it to have been damaged twice."""


def _middle(found: Sequences, codec: int) -> tuple[np.ndarray, np.ndarray]:
    """What each sequence may be as a byte of the middle layer.

    Returns:
        First bytes, uint8 (sequences, 8), and later bytes, uint8 (sequences, CHOICES); 0 for none.
    """
    options = np.zeros((len(found.start), lattice.READINGS), dtype=np.int64)
    options[:, 0] = found.char
    options[found.doubtful] = found.options
    number = np.where(options > 0, TABLES.number[np.minimum(options, LAST)], 0)
    firsts = TABLES.first[codec][number]
    laters = np.sort(np.concatenate([TABLES.own[codec][number], TABLES.alias[codec][number]], axis=1), axis=1)[:, ::-1]
    laters[:, 1:][laters[:, 1:] == laters[:, :-1]] = 0
    return firsts, np.sort(laters, axis=1)[:, ::-1][:, :CHOICES]


def undo_twice(batch: Batch, row: int, codec: int, found: Sequences) -> tuple[np.ndarray, list[int]] | None:
    """Undo two layers of damage by one codec in one text.

    Args:
        batch: The texts.
        row: Which of them.
        codec: Position in `codecs.CODECS`.
        found: The codec's sequences in that text (positions of the batch).

    Returns:
        The code points of the text with both layers undone, and the positions of those that are not sure; None if the
        middle layer is not text of the codec.
    """
    base, stop = int(batch.starts[row]), int(batch.ends[row])
    codes = batch.codes[base:stop]
    outer = lattice.replace(codes, found.start - base, found.length, found.char)
    # where each sequence is in the middle text
    shift = np.cumsum(found.length - 1) - (found.length - 1)
    place = found.start - base - shift
    firsts, laters = _middle(found, codec)
    # characters that the first layer left alone may be bytes of the second as well (they were not: every byte above
    # 0x7F became a sequence), so only sequences take part
    first_of = np.zeros((len(outer) + lattice.PADDING, lattice.READINGS), dtype=np.uint8)
    later_of = np.zeros((len(outer) + lattice.PADDING, CHOICES), dtype=np.uint8)
    first_of[place], later_of[place] = firsts, laters
    usable = (firsts != 0).any(axis=1) | (laters != 0).any(axis=1)
    if usable.mean() < MIN_SHARE:
        return None
    is_later = (later_of != 0).any(axis=1)
    start, length, options = _inner(first_of, is_later, later_of)
    if len(start) == 0 or int(length.sum()) < MIN_SHARE * len(found.start):
        return None
    inner = lattice.lay_out([outer])
    sequences = Sequences(
        start + lattice.PADDING, length, options.max(axis=1), np.flatnonzero((options != 0).sum(axis=1) > 1), options
    )
    sequences = sequences._replace(options=options[sequences.doubtful])
    char = lattice.resolve(inner.codes, sequences)
    keep = np.ones(len(outer), dtype=bool)
    for k in range(lattice.LONGEST):
        keep[start[length > k] + k] = False
    char = languages.settle(inner.codes, sequences, outer[keep], char)
    done = lattice.replace(outer, start, length, char)
    doubtful = sequences.doubtful
    places = start[doubtful] - (np.cumsum(length - 1) - (length - 1))[doubtful]
    kinds = [sorted({int(c) for c in some if c}) for some in sequences.options]
    text, unsure = settle_words(lattice.as_text(done), places.tolist(), kinds)
    return lattice.as_codes(text), unsure


def _inner(
    first_of: np.ndarray, is_later: np.ndarray, later_of: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the sequences of the middle text, and what each may decode to.

    Returns:
        Starts, lengths, and int64 code points of shape (sequences, MAX_CHOICES), 0 for none.
    """
    starts, lengths, readings = [], [], []
    limit = len(first_of) - lattice.PADDING
    candidates = np.flatnonzero((first_of[:limit] != 0).any(axis=1)).tolist()
    reached = 0
    known: dict[bytes, list[int]] = {}
    for at in candidates:
        if at < reached:
            continue
        run = 1
        while run < 4 and is_later[at + run]:
            run += 1
        leads = sorted({int(b) for b in first_of[at] if b})
        fits = [b for b in leads if lattice.sequence_length(b) <= run]
        if not fits:
            continue
        # a first byte that uses up all the later bytes that follow is the likelier one
        exact = [b for b in fits if lattice.sequence_length(b) == run]
        size = lattice.sequence_length((exact or fits)[0])
        fits = [b for b in fits if lattice.sequence_length(b) == size]
        key = bytes(fits) + later_of[at + 1 : at + size].tobytes()
        chars = known.get(key)
        if chars is None:
            chars = known[key] = _readings(fits, later_of[at + 1 : at + size])
        if chars:
            starts.append(at)
            lengths.append(size)
            readings.append(chars)
            reached = at + size
    options = np.zeros((len(starts), MAX_CHOICES), dtype=np.int64)
    for i, chars in enumerate(readings):
        options[i, : len(chars)] = chars
    return np.array(starts, dtype=np.int64), np.array(lengths, dtype=np.int64), options


def _readings(leads: list[int], laters: np.ndarray) -> list[int]:
    """All characters that some first byte and some of the later bytes make, the cheapest first."""
    size = len(laters) + 1
    grids = np.meshgrid(np.array(leads, dtype=np.uint8), *[row[row != 0] for row in laters], indexing="ij")
    flat = [g.ravel() for g in grids]
    trails = [*flat[1:], *[np.zeros_like(flat[0])] * (4 - size)]
    chars = lattice.characters(flat[0], trails, np.full(len(flat[0]), size))
    chars = np.unique(chars[chars > 0])
    order = np.argsort(MODEL.steps(np.full(len(chars), 32), chars), kind="stable")
    return [int(c) for c in chars[order][:MAX_CHOICES]]
