"""Lines of which a part changes from page to page: "By NAME", "Published DATE", "Read also: TITLE", lists of teasers.

Their form is learned as a slot: how they begin ("Published"), how they end ("Correspondent"), what precedes a
colon; and how many lines of a page's own are between two lines of the site ("More from the Herald", four titles,
"About us").
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Bools, Int64s, UInt64s
from corpusmill.transforms.kernels.boilerplate.lines.lines import pair_keys, split_lines
from corpusmill.transforms.kernels.boilerplate.matching.sequence import PROSE, SHORT, Sequence
from corpusmill.transforms.kernels.columns import matches

OPENING, ENDING, LABEL, TITLE_LABEL, GAP, BOND = 2, 3, 4, 5, 6, 7
"""Kinds of rows of statistics, beside lines and titles: first word, last word, what precedes a colon, the same
where titles of other pages follow it, a number of lines between two lines, a line that is always beside another."""

SLOT_LETTERS: Final = 100  # of a line with a slot, at most
GAP_LINES: Final = 12  # of a list of teasers, at most
_SENTENCE: Final = r"[.!?…。！？।؟][\"”»’')\]]*\s*$"
_FIGURES: Final = r"\d ?[%‰]|\d[.]\d.*\D\d+[.]\d"
_LABEL: Final = r"^(?P<part>[^:：]{2,48})[:：]\s*(?P<rest>\S.*)$"
_LABEL_WORDS: Final = 4
_WORD_LETTERS: Final = 2


class Slots(NamedTuple):
    """Parts of lines that may be the fixed part of a slot.

    Attributes:
        entry: int64, entry of the sequence; one may have several.
        kind: int8, `OPENING`, `ENDING` or `LABEL`.
        key: uint64, of the part, different for each kind.
        part: The part.
        rest: uint64, line key of what follows a label; 0 for other kinds.
    """

    entry: Int64s
    kind: npt.NDArray[np.int8]
    key: UInt64s
    part: pa.Array
    rest: UInt64s


def is_sentence(texts: pa.Array) -> Bools:
    """Return which lines end as sentences do."""
    return matches(texts, _SENTENCE)


def find_slots(seq: Sequence, entries: Int64s) -> Slots:
    """Return how some lines begin and end.

    Args:
        seq: Lines that hold text.
        entries: Which of them; those that are sentences, figures or too long have no slots.
    """
    entries = entries[seq.size[entries] <= SLOT_LETTERS]
    texts = seq.lines.texts(seq.line[entries])
    kept = ~(is_sentence(texts) | matches(texts, _FIGURES))
    entries, texts = entries[kept], texts.filter(pa.array(kept))
    words = pc.utf8_split_whitespace(texts)
    count = pc.list_value_length(words).to_numpy(zero_copy_only=False)
    several = np.flatnonzero(count > 1)
    words = words.take(pa.array(several))
    found = [_labels(entries, texts)]
    if len(several):
        for kind, place in ((OPENING, words.offsets[:-1]), (ENDING, pc.subtract(words.offsets[1:], 1))):
            found.append(_words(entries[several], words.values.take(place), kind))
    return _joined(found)


def find_labels(seq: Sequence, entries: Int64s) -> Slots:
    """Return what precedes a colon in some lines, and what follows it."""
    entries = entries[seq.size[entries] <= SLOT_LETTERS]
    return _labels(entries, seq.lines.texts(seq.line[entries]))


def _words(entries: Int64s, part: pa.Array, kind: int) -> Slots:
    """Return first or last words that are no numbers."""
    split = split_lines(part)
    kept = (split.size >= _WORD_LETTERS) & ~matches(part, r"\pN")
    key = pair_keys(np.full(int(kept.sum()), kind), split.key[kept])
    none = np.zeros(len(key), np.uint64)
    return Slots(entries[kept], np.full(len(key), kind, np.int8), key, part.filter(pa.array(kept)), none)


def _labels(entries: Int64s, texts: pa.Array) -> Slots:
    """Return what precedes and follows the first colon of some lines, where that is a few words."""
    colon = pc.or_(pc.match_substring(texts, ":"), pc.match_substring(texts, "："))
    entries, texts = entries[colon.to_numpy(zero_copy_only=False)], texts.filter(colon)
    found = pc.extract_regex(texts, _LABEL)
    part, rest = pc.struct_field(found, "part"), pc.struct_field(found, "rest")
    few = pc.less_equal(pc.list_value_length(pc.utf8_split_whitespace(part)), _LABEL_WORDS)
    kept = pc.fill_null(pc.and_(part.is_valid(), few), False)
    part, rest = part.filter(kept), rest.filter(kept)
    key = pair_keys(np.full(len(part), LABEL), split_lines(part).key)
    chosen = entries[kept.to_numpy(zero_copy_only=False)]
    return Slots(chosen, np.full(len(chosen), LABEL, np.int8), key, part, split_lines(rest).key)


def _joined(found: list[Slots]) -> Slots:
    return Slots(
        np.concatenate([part.entry for part in found]),
        np.concatenate([part.kind for part in found]),
        np.concatenate([part.key for part in found]),
        pa.concat_arrays([part.part for part in found]),
        np.concatenate([part.rest for part in found]),
    )


class Gaps(NamedTuple):
    """Runs of a page's own lines between two lines of its site that are next to each other otherwise.

    Attributes:
        first: int64, entry of the line of the site before each run.
        size: int64, lines in the run; 0 where there is none, -1 where it looks like text.
        pair: uint64, key of the two lines.
        key: uint64, key of the two lines and the count.
    """

    first: Int64s
    size: Int64s
    pair: UInt64s
    key: UInt64s


def find_gaps(seq: Sequence, site: Bools, text: Bools) -> Gaps:
    """Return what is between each two neighbouring lines of the site.

    Args:
        seq: Lines that hold text.
        site: bool, the lines after the text that are the site's, and which most of its pages have.
        text: bool, long lines, which no gap holds.
    """
    at = np.flatnonzero(site)
    low, high = at[:-1], at[1:]
    same = seq.row[low] == seq.row[high]
    low, high = low[same], high[same]
    count = high - low - 1
    inner = np.zeros(len(seq.row), bool)
    for first, last in zip(low[count > 0].tolist(), high[count > 0].tolist(), strict=True):
        if last - first - 1 <= GAP_LINES:
            inner[first + 1 : last] = True
    inside = np.flatnonzero(inner)
    spoken = text.copy()
    spoken[inside] |= seq.size[inside] >= PROSE
    long = inside[seq.size[inside] >= SHORT]
    spoken[long] |= is_sentence(seq.lines.texts(seq.line[long]))
    before = np.concatenate([[0], np.cumsum(spoken)])
    unlike = (before[high] - before[low + 1] > 0) | (count > GAP_LINES)
    count = np.where(unlike, -1, count)
    pair = pair_keys(np.full(len(low), GAP), pair_keys(seq.key[low].astype(np.uint64), seq.key[high]))
    return Gaps(low, count, pair, pair_keys(count + 1, pair))
