"""Paragraphs that several documents share: finding them, choosing which copies to remove, taking them out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Bools, Int64s, UInt64s
from corpusmill.transforms.kernels.duplicates.document_keys import text_hashes
from corpusmill.transforms.kernels.duplicates.paragraph_settings import ParagraphSettings
from corpusmill.transforms.kernels.hashing import key_classes
from corpusmill.transforms.kernels.sorted_runs import starts_run

PARAGRAPH = "dedup.paragraph"
"""Rule id of lines that are removed because another document has their paragraph."""

_SLICE = 1 << 20
"""Paragraphs sorted at a time."""


class Paragraphs(NamedTuple):
    """Paragraphs of some texts, in order.

    Attributes:
        row: int64[p], the text.
        first_line: int64[p], number of its first line in the text.
        end_line: int64[p], the line after its last.
        key: uint64[p, 2], hash of the normalized text: equal for paragraphs that differ in case, spelling of
            characters (NFKC), spaces, line breaks and punctuation only.
    """

    row: Int64s
    first_line: Int64s
    end_line: Int64s
    key: UInt64s


def find_paragraphs(text: pa.Array, settings: ParagraphSettings) -> Paragraphs:
    """Find the paragraphs of texts that are long enough.

    A paragraph is the text between blank lines; in a text without blank lines, each line.

    Args:
        text: string; a null has no paragraphs.
        settings: The least length.
    """
    lines = pc.split_pattern(text, "\n")
    row = pc.list_parent_indices(lines).to_numpy()
    values = lines.flatten()
    number = np.arange(len(row)) - np.searchsorted(row, row)
    filled = np.flatnonzero(pc.not_equal(pc.utf8_trim_whitespace(values), "").to_numpy(zero_copy_only=False))
    has_blank = np.zeros(len(text), bool)
    blank = np.ones(len(row), bool)
    blank[filled] = False
    has_blank[row[blank]] = True
    starts = np.ones(len(filled), bool)
    starts[1:] = (filled[1:] != filled[:-1] + 1) | (row[filled[1:]] != row[filled[:-1]]) | ~has_blank[row[filled[1:]]]
    first = np.flatnonzero(starts)
    bounds = np.append(first, len(filled))
    blocks = pa.ListArray.from_arrays(pa.array(bounds, pa.int32()), values.take(pa.array(filled)))
    normal = _normalized(pc.binary_join(blocks, " "))
    long = np.flatnonzero(pc.greater_equal(pc.utf8_length(normal), settings.min_chars).to_numpy(zero_copy_only=False))
    begin, last = filled[first[long]], filled[bounds[1:][long] - 1]
    return Paragraphs(row[begin], number[begin], number[last] + 1, text_hashes(normal.take(pa.array(long))))


def _normalized(text: pa.Array) -> pa.Array:
    folded = pc.utf8_lower(pc.utf8_normalize(text, form="NFKC"))
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(folded, r"[^\p{L}\p{M}\p{N}]+", " "))


def repeated_paragraphs(key: UInt64s, document: UInt64s, settings: ParagraphSettings) -> Bools:
    """Choose the paragraphs that are removed: those that another document has as well.

    Args:
        key: uint64[p, 2], of all paragraphs in one part of the key space.
        document: uint64[p], document keys; the least is the first.
        settings: Which copies stay. Repetitions within one document are not copies.

    Returns:
        bool[p]; it does not depend on the order of the paragraphs.
    """
    goes = np.zeros(len(document), bool)
    if settings.keep == "every":
        return goes
    for rows in key_classes(key[:, 0], _SLICE):
        order = rows[np.lexsort((document[rows], key[rows, 1], key[rows, 0]))]
        keys, documents = key[order], document[order]
        starts = starts_run(keys)
        begin = np.flatnonzero(starts)
        if not begin.size:
            continue
        of = np.cumsum(starts) - 1
        other = documents != documents[begin][of]  # than the first document that has it
        goes[order] = other if settings.keep == "first" else np.logical_or.reduceat(other, begin)[of]
    return goes


class Cut(NamedTuple):
    """A text without some of its paragraphs.

    Attributes:
        text: What is left.
        removed: (number of the line before, line) of the lines that were removed.
    """

    text: str
    removed: list[tuple[int, str]]


def cut_paragraphs(text: str, spans: list[tuple[int, int]]) -> Cut | None:
    """Take paragraphs out of a text, and the blank lines behind them.

    Args:
        text: The text.
        spans: First line and the line after the last of each paragraph, ascending.

    Returns:
        None if nothing but blank lines would be left.
    """
    lines = text.split("\n")
    left: list[str] = []
    removed: list[tuple[int, str]] = []
    place = 0
    for first, end in [*spans, (len(lines), len(lines))]:
        left += lines[place:first]
        removed += [(number, lines[number]) for number in range(first, end)]
        place = end
        while removed and place < len(lines) and not lines[place].strip() and (not left or not left[-1].strip()):
            place += 1
    while removed and left and not left[-1].strip() and lines[-1].strip():
        left.pop()
    if not any(line.strip() for line in left):
        return None
    return Cut("\n".join(left), removed)
