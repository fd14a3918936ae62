"""Search for the reading of damaged texts: a small beam over codecs, for many texts at once.

Each round lays the open texts out as one batch, asks every codec what it would explain, applies the best few that pass
the gates, and goes on with the results, so that text damaged twice is undone twice. Of all ends the cheapest wins: bits
of the text plus prior bits of the codecs used. Nothing depends on which texts share a batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from corpusmill.transforms.kernels.cleaning.mojibake import gates
from corpusmill.transforms.kernels.cleaning.mojibake.codecs import CODECS
from corpusmill.transforms.kernels.cleaning.mojibake.language_model import languages
from corpusmill.transforms.kernels.cleaning.mojibake.language_model.model import UNITS
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search import evidence, lattice
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search.double_damage import undo_twice
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search.evidence import CodecEvidence
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search.lattice import Batch, Sequences
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search.proposals import Scored, found_in, propose
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search.small_evidence import believable

WIDTHS = (3, 2, 1, 1, 1)
"""Different results followed in each round."""
BROKEN_OFF = 2
"""A codec is not considered if another one goes on reading where it breaks off, so many times."""
SPOKEN_RUNS = 8
"""A text with more damaged runs than so many does not only talk about damage."""
LONG = 20_000
"""Characters of a text in which the evidence is large: one result is followed in each round, the best."""
MAX_CODECS = 4
"""A text passed through few programs: a long one that is read through so many codecs by turns is in disorder."""
TRIED = 6
"""Proposals looked at for them: several codecs often give the same result."""


class Applied(NamedTuple):
    """One step of a reading: the text after it and what it rests on.

    Attributes:
        codes: Code points of the text.
        codecs: Positions in `CODECS` of all codecs tried that give this text, the most likely first.
        runs: Rewritten runs.
        bits: Plausibility gained, less the codec's prior.
        layers: Layers of damage undone.
        evidence: Distinct bytes of evidence.
        again: It rests on what an earlier step decoded: a further layer.
        unsure: Positions of code points that may be other letters.
    """

    codes: np.ndarray
    codecs: tuple[int, ...]
    runs: int
    bits: float
    layers: int
    evidence: int
    again: bool = False
    unsure: tuple[int, ...] = ()


@dataclass
class SearchResult:
    """An end of the search.

    Attributes:
        codes: Code points of the text.
        steps: What led to them.
        prior: Units of all codecs used.
        cost: Units of the text and the prior.
        suspects: Runs that no gate let through.
        decoded: bool for each code point: a step made it.
    """

    codes: np.ndarray
    steps: list[Applied] = field(default_factory=list)
    prior: int = 0
    cost: int = 0
    suspects: int = 0
    decoded: np.ndarray | None = None


class _Child(NamedTuple):
    """A text with layers undone, what was found, how many, all codecs that give the same, distinct bytes, doubts."""

    codes: np.ndarray
    found: CodecEvidence
    layers: int
    codecs: list[int]
    evidence: int
    unsure: tuple[int, ...] = ()


def _ambiguous(batch: Batch, row: int, scored: Scored) -> Sequences | None:
    """A codec's sequences in one text, if any of them is ambiguous."""
    found = scored.runs.open
    a, b = np.searchsorted(found.start, [batch.starts[row], batch.ends[row]])
    c, d = np.searchsorted(found.doubtful, [a, b])
    if c == d:
        return None
    return Sequences(found.start[a:b], found.length[a:b], found.char[a:b], found.doubtful[c:d] - a, found.options[c:d])


def _in_company(batch: Batch, row: int, found: CodecEvidence, sequences: Sequences) -> CodecEvidence:
    """The same reading with ambiguous characters decided anew, the other letters of the text taken into account."""
    at = found.start + batch.starts[row]
    sure = ~np.isin(at, sequences.start[sequences.doubtful])
    keep = np.ones(int(batch.ends[row] - batch.starts[row]), dtype=bool)
    for k in range(lattice.LONGEST):
        keep[found.start[found.length > k] + k] = False
    sound = batch.codes[batch.starts[row] : batch.ends[row]][keep]
    extra = languages.company(np.concatenate([sound, found.char[sure]]), sequences.options)
    char = lattice.resolve(batch.codes, sequences, extra)
    char = languages.settle(batch.codes, sequences, sound, char)
    return found._replace(char=char[np.searchsorted(sequences.start, at)])


def _within(one: CodecEvidence, other: CodecEvidence) -> bool:
    """Return whether a codec reads nothing but what another one reads in the same way."""
    if len(one.start) > len(other.start):
        return False
    at = np.minimum(np.searchsorted(other.start, one.start), len(other.start) - 1)
    return bool((other.start[at] == one.start).all() and (other.char[at] == one.char).all())


def _continued(one: CodecEvidence, other: CodecEvidence) -> int:
    """How many sequences of a codec that reads all that another one reads touch the other's: stretches it breaks off.

    A stretch of damage was read through one codec, so the one that breaks it off is not the codec. It may well be the
    more plausible one where it reads at all, for the more bytes a character may stand for, the more one can choose.
    """
    place = np.minimum(np.searchsorted(other.start, one.start), len(other.start) - 1)
    if len(one.start) >= len(other.start) or not (other.start[place] == one.start).all():
        return 0
    if not (other.length[place] == one.length).all():
        return 0
    more = np.ones(len(other.start), dtype=bool)
    more[place] = False
    start, length = other.start[more], other.length[more]
    touching = np.isin(start, one.start + one.length) | np.isin(start + length, one.start)
    return int(touching.sum())


def _believed(
    text: str, codes: np.ndarray, numbers: np.ndarray, proposals: list[CodecEvidence]
) -> tuple[list[tuple[CodecEvidence, list[int], int]], int]:
    """Proposals for one text that pass the gates: each with all codecs that give the same, and its distinct bytes.

    Also the most runs of a proposal that passes none.
    """
    believed: dict[tuple[bytes, bytes], tuple[CodecEvidence, list[int], int]] = {}
    suspects = best = 0
    for found in proposals:
        if 2 * found.score < best:
            break
        key = (found.start.tobytes(), found.char.tobytes())
        known = believed.get(key)
        if known is not None:
            known[1].append(found.codec)
            continue
        distinct = evidence.distinct_bytes(text, found)
        if (
            evidence.coverage(codes, numbers, found) >= evidence.MIN_COVERAGE
            and (distinct >= evidence.SMALL or (gates.fills(codes, found) and believable(text, codes, found)))
            and not gates.drawn(codes, found)
            and not _spoken_of(text, found)
        ):
            believed[key] = found, [found.codec], distinct
            best = best or found.score
        else:
            suspects = max(suspects, len(found.run_start))
    return list(believed.values()), suspects


def _spoken_of(text: str, found: CodecEvidence) -> bool:
    """Return whether the text does not show the damage but talks about it, in all of the few places that there are."""
    runs = list(zip(found.run_start.tolist(), found.run_end.tolist(), strict=True))
    if len(runs) > SPOKEN_RUNS:
        return False
    decoded = (found.char[(found.start >= a) & (found.start < b)].tolist() for a, b in runs)
    return gates.spoken_of(text, [(*run, "".join(map(chr, chars))) for run, chars in zip(runs, decoded, strict=True)])


def _children(batch: Batch, row: int, ranked: list[tuple[int, Scored]], width: int) -> tuple[list[_Child], int]:
    """Apply the best proposals for one text; also count the suspect runs that no gate let through."""
    codes = batch.codes[batch.starts[row] : batch.ends[row]]
    numbers = batch.numbers[batch.starts[row] : batch.ends[row]]
    text = lattice.as_text(codes)
    out: list[_Child] = []
    believed, suspects = _believed(text, codes, numbers, [found_in(batch, scored, row) for _, scored in ranked[:TRIED]])
    scored_of = {scored.codec: scored for _, scored in ranked[:TRIED]}
    for found, alike, distinct in believed:
        if len(out) >= width:
            break
        if any(_within(found, child.found) for child in out):
            continue
        if any(_continued(found, other) >= BROKEN_OFF for other, _, _ in believed):
            continue
        ambiguous = _ambiguous(batch, row, scored_of[found.codec])
        if ambiguous is not None:
            found = _in_company(batch, row, found, ambiguous)  # noqa: PLW2901
        child = lattice.replace(codes, found.start, found.length, found.char)
        if distinct < evidence.SMALL and gates.makes_odd_words(text, lattice.as_text(child)):
            suspects = max(suspects, len(found.run_start))
            continue
        out.append(_Child(child, found, 1, alike, distinct))
        both = undo_twice(batch, row, found.codec, ambiguous) if ambiguous is not None else None
        if both is not None:
            out.append(_Child(both[0], found, 2, [found.codec], distinct, tuple(both[1])))
    return out, suspects


def _decoded(state: SearchResult, found: CodecEvidence) -> tuple[np.ndarray, bool]:
    """Which code points of the text after a step were made by some step, and whether it rests on such ones itself."""
    made = state.decoded if state.decoded is not None else np.zeros(len(state.codes), dtype=bool)
    inside = np.zeros(len(state.codes), dtype=bool)
    for k in range(lattice.LONGEST):
        inside[found.start[found.length > k] + k] = True
    again = 2 * int((inside & made).sum()) > int(inside.sum())
    inside[found.start] = False
    made = made.copy()
    made[found.start] = True
    return made[~inside], again


def solve(texts: Sequence[np.ndarray], codecs: int) -> list[SearchResult]:
    """Find the most plausible reading of each text.

    Args:
        texts: Code points of each text.
        codecs: Mask of the codecs allowed.

    Returns:
        For each text its best reading; without steps where nothing is believed to be damaged.
    """
    best: list[SearchResult | None] = [None] * len(texts)
    open_states = [(i, SearchResult(text)) for i, text in enumerate(texts)]
    for width in (*WIDTHS, 0):
        if not open_states:
            break
        batch = lattice.lay_out([state.codes for _, state in open_states])
        scored = propose(batch, codecs) if width else []
        following: list[tuple[int, SearchResult]] = []
        for row, (doc, state) in enumerate(open_states):
            ranked = sorted(
                ((int(s.score[row]), s) for s in scored if s.score[row] > 0), key=lambda pair: (-pair[0], pair[1].codec)
            )
            some = min(width, 1, MAX_CODECS - len(state.steps)) if len(state.codes) > LONG else width
            children, suspects = _children(batch, row, ranked, some) if ranked and some else ([], 0)
            for codes, found, layers, alike, distinct, unsure in children:
                bits = found.score / UNITS
                decoded, again = _decoded(state, found)
                step = Applied(codes, tuple(alike), len(found.run_start), bits, layers, distinct, again, unsure)
                prior = state.prior + layers * CODECS[found.codec].prior_bits * UNITS
                decoded = decoded if len(decoded) == len(codes) else np.ones(len(codes), dtype=bool)
                following.append((doc, SearchResult(codes, [*state.steps, step], prior, decoded=decoded)))
            if not children:
                state.cost = batch.price(row) + state.prior
                state.suspects = suspects
                known = best[doc]
                if known is None or state.cost < known.cost:
                    best[doc] = state
        open_states = following
    return [reading if reading is not None else SearchResult(text) for reading, text in zip(best, texts, strict=True)]


def apply_codec(codes: np.ndarray, codec: int) -> Applied | None:
    """Undo damage by a codec that is known from elsewhere in the same document.

    Args:
        codes: Code points of the text.
        codec: Position in `CODECS`.

    Returns:
        The step, or None if nothing in the text is more plausible when read so.
    """
    batch = lattice.lay_out([codes])
    scored = propose(batch, 1 << codec)
    if not scored:
        return None
    found = found_in(batch, scored[0], 0)
    new = lattice.replace(codes, found.start, found.length, found.char)
    return Applied(new, (codec,), len(found.run_start), found.score / UNITS, 1, 0)
