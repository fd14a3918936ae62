"""The scores of each published rule for a column of texts.

Every function takes lines and words that were found before, so that the arithmetic can be compared with that of other
programs on the same words. Shares are numbers from 0 to 1. A score is null where there is nothing to measure.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Int64s
from corpusmill.transforms.kernels.columns import bools, matches
from corpusmill.transforms.kernels.quality.characters import sentence_ends
from corpusmill.transforms.kernels.quality.lines import Lines, end_in, repeated_within
from corpusmill.transforms.kernels.quality.repeats import RepeatScan, duplicate_characters, top_characters
from corpusmill.transforms.kernels.quality.settings import FineWebSettings, GopherSettings
from corpusmill.transforms.kernels.quality.words import Words, word_hashes

Scores = dict[str, pa.Array]
"""Name of a score -> its values, one for each text."""

_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
_BULLET = "\N{BULLET}"

TOP_NGRAMS = (2, 3, 4)
DUPLICATE_NGRAMS = (5, 6, 7, 8, 9, 10)


def gopher_scores(lines: Lines, words: Words, settings: GopherSettings) -> Scores:
    """Score texts for Gopher's quality rules, with datatrove's arithmetic.

    Args:
        lines: Lines of the texts, every line end a line feed (`lines.with_plain_ends`).
        words: Their words.
        settings: The stop words.

    Source: arXiv 2112.11446, appendix A.1.1; datatrove 0.10.1, `GopherQualityFilter`.
    """
    sizes = np.diff(words.offsets)
    plain = words.per_text(words.is_word)
    hashes = _occurrences(lines.text, "#", "#")
    ellipses = _occurrences(lines.text, "...", r"\.\.\.") + _occurrences(lines.text, _ELLIPSIS, _ELLIPSIS)
    # A line feed at the end of a text begins no line.
    count = lines.counts - _ends_empty(lines)
    stripped = lines.stripped
    bullets = pc.or_(pc.starts_with(stripped, "-"), pc.starts_with(stripped, _BULLET))
    cut_off = pc.or_(pc.ends_with(stripped, "..."), pc.ends_with(stripped, _ELLIPSIS))
    return {
        "gopher_words": pa.array(plain),
        "gopher_mean_word_length": _share(words.per_text(words.lengths * words.is_word), plain),
        "gopher_hash_ratio": _share(hashes, sizes),
        "gopher_ellipsis_ratio": _share(ellipses, sizes),
        "gopher_bullet_lines": _share(lines.sum(bools(bullets)), count),
        "gopher_ellipsis_lines": _share(lines.sum(bools(cut_off)), count),
        "gopher_letter_words": _share(words.per_text(words.has_letter), sizes),
        "gopher_stop_words": pa.array(_different(words, settings.stop_words)),
    }


def repetition_scores(lines: Lines, words: Words) -> Scores:
    """Score texts for Gopher's repetition rules, with datatrove's arithmetic.

    Source: arXiv 2112.11446, table A1; datatrove 0.10.1, `GopherRepetitionFilter`.
    """
    characters = pc.utf8_length(lines.text).to_numpy().astype(np.int64)
    # Runs of line feeds end a line; what precedes the first and what follows the last is one, even if empty.
    edge = np.zeros(len(lines.lines), bool)
    has = lines.counts > 0
    edge[lines.bounds[:-1][has]] = True
    edge[lines.bounds[1:][has] - 1] = True
    counted = edge | (lines.characters > 0)
    again = lines.repeats & counted
    paragraphs = pc.split_pattern_regex(pc.utf8_trim_whitespace(lines.text), "\n\n+")
    bounds = paragraphs.offsets.to_numpy().astype(np.int64)
    own = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    parts = paragraphs.flatten()
    twice = repeated_within(parts, own)
    lengths = pc.utf8_length(parts).to_numpy()
    n = len(lines.text)
    scores = {
        "repetition_duplicate_lines": _share(lines.sum(again), lines.sum(counted)),
        "repetition_duplicate_paragraphs": _share(np.bincount(own[twice], minlength=n), np.diff(bounds)),
        "repetition_duplicate_line_characters": _share(lines.sum(lines.characters * again), characters),
        "repetition_duplicate_paragraph_characters": _share(
            np.bincount(own[twice], lengths[twice], minlength=n), characters
        ),
    }
    scan = RepeatScan(words)
    for size in TOP_NGRAMS:
        top = top_characters(scan, scan.next())
        scores[f"repetition_top_{size}_gram"] = _share(top, np.where(top < 0, 0, characters))
    for size in DUPLICATE_NGRAMS:
        scores[f"repetition_duplicate_{size}_grams"] = _share(duplicate_characters(scan, scan.next()), characters)
    return scores


def fineweb_scores(lines: Lines, words: Words, settings: FineWebSettings) -> Scores:
    """Score texts for FineWeb's rules, with datatrove's arithmetic.

    Args:
        lines: Lines of the texts, cut at line feeds alone.
        words: Their words.
        settings: What a short line is.

    Source: arXiv 2406.17557, section 3.6; datatrove 0.10.1, `FineWebQualityFilter`.
    """
    filled = lines.sum(lines.filled)
    ended = end_in(lines.lines, sentence_ends()) & lines.filled
    short = (lines.characters <= settings.short_line_characters) & lines.filled
    repeated = lines.sum(lines.characters * (lines.repeats & lines.filled))
    newlines = lines.counts - 1
    return {
        "fineweb_terminal_lines": _share(lines.sum(ended), filled),
        "fineweb_short_lines": _share(lines.sum(short), filled),
        "fineweb_repeated_characters": _share(repeated, lines.sum(lines.characters)),
        "fineweb_newlines_per_word": _share(newlines, np.diff(words.offsets)),
    }


def _different(words: Words, wanted: tuple[str, ...]) -> Int64s:
    """Return int64[n], how many different ones of some words are in each text."""
    known = word_hashes(tuple(sorted(set(wanted))))
    texts = len(words.offsets) - 1
    if not len(known) or not len(words.hashes):
        return np.zeros(texts, np.int64)
    # Few words share the last bits with one of the list; only these are looked up.
    bits = np.uint64(_FILTER_BITS - 1)
    maybe = np.zeros(_FILTER_BITS, bool)
    maybe[known & bits] = True
    places = np.flatnonzero(maybe[words.hashes & bits])
    at = np.searchsorted(known, words.hashes[places]).clip(max=len(known) - 1)
    hit = known[at] == words.hashes[places]
    places, at = places[hit], at[hit]
    text = np.searchsorted(words.offsets, places, side="right") - 1
    seen = np.zeros((texts, len(known)), bool)
    seen[text, at] = True
    counted: Int64s = np.count_nonzero(seen, axis=1).astype(np.int64)
    return counted


_FILTER_BITS = 1 << 16


def _occurrences(text: pa.Array, wanted: str, pattern: str) -> Int64s:
    """Return int64[n], how often a string is in each text."""
    found = np.zeros(len(text), np.int64)
    # The regular expression engine jumps from one first byte to the next; counting goes byte by byte.
    places = np.flatnonzero(matches(text, pattern))
    if places.size:
        found[places] = pc.count_substring(text.take(pa.array(places)), wanted).to_numpy()
    return found


def _ends_empty(lines: Lines) -> Int64s:
    """Return int64[n], 1 where the last line of a text is empty."""
    last = lines.bounds[1:] - 1
    found: Int64s = (lines.characters[last] == 0).astype(np.int64)
    return found


def _share(part: npt.NDArray[np.generic], whole: npt.NDArray[np.generic]) -> pa.Array:
    nothing = whole == 0
    return pa.array(part / np.where(nothing, 1, whole), pa.float64(), mask=nothing)
