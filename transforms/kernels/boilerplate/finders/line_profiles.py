"""The line rules of C4 and RefinedWeb as profiles: lines that published corpora were made without, one rule at a time.

They know nothing of a site; they go by how a line looks. So they take out titles, lists, verses and code too, and are
off by default. What they find is what the scores of the presets of these names count (`kernels/quality/line_rules.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Bools, Int64s
from corpusmill.transforms.kernels.boilerplate.cutting import Edit, RemovedLine, Stripped, without
from corpusmill.transforms.kernels.boilerplate.finders import pages
from corpusmill.transforms.kernels.boilerplate.lines.lines import Lines as TextLines
from corpusmill.transforms.kernels.boilerplate.profile_settings import LineProfileSettings
from corpusmill.transforms.kernels.findings import Step
from corpusmill.transforms.kernels.quality.evaluate import without_spaces
from corpusmill.transforms.kernels.quality.line_rules import (
    CITATION,
    EDITS,
    c4_rules,
    edited_lines,
    refinedweb_rules,
    removed_words,
)
from corpusmill.transforms.kernels.quality.lines import Lines
from corpusmill.transforms.kernels.quality.settings import C4Settings
from corpusmill.transforms.kernels.quality.windows import LONGEST_BYTES, windows

C4: Final = {
    "long_word": "boilerplate.c4-long-word",
    "end_mark": "boilerplate.c4-end-mark",
    "few_words": "boilerplate.c4-few-words",
    "javascript": "boilerplate.c4-javascript",
    "policy": "boilerplate.c4-policy",
}
CITATIONS: Final = "boilerplate.c4-citation-mark"
REFINEDWEB: Final = {
    "capitals": "boilerplate.refinedweb-capitals",
    "digits": "boilerplate.refinedweb-digits",
    "counter": "boilerplate.refinedweb-counter",
    "one_word": "boilerplate.refinedweb-one-word",
}
CUTS: Final = {
    "cart": "boilerplate.refinedweb-cart",
    "read-more": "boilerplate.refinedweb-read-more",
    "sign-in": "boilerplate.refinedweb-sign-in",
}
SHARE: Final = "filter.refinedweb-removed-words"
RULES: Final = (*C4.values(), CITATIONS, *REFINEDWEB.values(), *CUTS.values(), SHARE)

_NEEDS_WORDS = frozenset({C4["few_words"], REFINEDWEB["one_word"]})
"""Rules that say nothing about scripts without spaces between words."""


@dataclass
class ProfileMatches:
    """What profiles find in a column.

    Attributes:
        gone: Row -> {which of its lines with text: rule id}.
        edits: Row -> what is cut out of lines that stay, rule after rule.
        dropped: Rows of which too many words are removed.
        filled: Row -> its lines with text, for the rows of `gone`.
    """

    gone: dict[int, dict[int, str]] = field(default_factory=dict)
    edits: dict[int, list[Edit]] = field(default_factory=dict)
    dropped: set[int] = field(default_factory=set)
    filled: dict[int, int] = field(default_factory=dict)


def find_lines(text: pa.Array, settings: LineProfileSettings, off: tuple[str, ...] = ()) -> ProfileMatches:
    """Find what profiles take out of each text of a column.

    Args:
        text: string column; nulls, and texts of more than 8 MiB, are not looked at.
        settings: Which profiles are on.
        off: Rules that are not.
    """
    found = ProfileMatches()
    first = 0
    sizes = pc.fill_null(pc.binary_length(text), 0)
    text = pc.if_else(pc.greater(sizes, LONGEST_BYTES), "", text)
    for window in windows(text.cast(pa.string())):
        _find(Lines(window), first, settings, frozenset(off), found)
        first += len(window)
    return found


def _find(lines: Lines, first: int, settings: LineProfileSettings, off: frozenset[str], found: ProfileMatches) -> None:
    wordless = without_spaces(lines.text)
    reason = np.full(len(lines.filled), None, object)
    edited: dict[str, Int64s] = {}

    def take(rule: str, mask: Bools) -> None:
        own = mask & lines.filled
        if rule in _NEEDS_WORDS:
            own &= ~wordless[lines.text_of]
        if rule not in off:
            reason[own & _open(reason)] = rule

    if "c4" in settings.profiles:
        c4 = c4_rules(lines, C4Settings(min_words_per_line=settings.min_words, require_end_mark=settings.end_mark))
        for name, rule in C4.items():
            take(rule, getattr(c4, name))
        edited[CITATIONS] = np.flatnonzero(c4.cited)
    if "refinedweb" in settings.profiles:
        rules = refinedweb_rules(lines)
        for name, rule in REFINEDWEB.items():
            take(rule, getattr(rules, name))
        edited |= {CUTS[name]: places for name, places, _ in edited_lines(lines, rules.gone)}
        if settings.max_removed_words is not None and SHARE not in off:
            share = lines.sum(removed_words(lines, rules.gone)) / np.maximum(lines.sum(lines.words), 1)
            over = np.flatnonzero((share > settings.max_removed_words) & ~wordless)
            found.dropped |= {first + row for row in over.tolist()}
    edits = _edit(lines, reason, {rule: places for rule, places in edited.items() if rule not in off})
    _gather(lines, first, reason, edits, found)


def _open(reason: npt.NDArray[np.object_]) -> Bools:
    """Return bool[m], the lines that no rule takes."""
    stays: Bools = reason == None  # noqa: E711  (compares an array of objects)
    return stays


def _edit(lines: Lines, reason: npt.NDArray[np.object_], edited: dict[str, Int64s]) -> dict[int, list[_Cut]]:
    """Cut out of lines that stay what the rules cut out, rule after rule; a line that becomes empty is removed."""
    wanted: dict[int, list[str]] = {}
    for rule, places in edited.items():
        for line in places[_open(reason)[places] & lines.filled[places]].tolist():
            wanted.setdefault(line, []).append(rule)
    found: dict[int, list[_Cut]] = {}
    for line, rules in sorted(wanted.items()):
        text = lines.lines[line].as_py()
        cuts = []
        for rule in rules:
            pieces = [match.group() for match in _PATTERNS[rule].finditer(text)]
            if pieces:
                text = _PATTERNS[rule].sub("", text)
                cuts.append(_Cut(rule, " ".join(piece.strip() for piece in pieces), len(pieces), text))
        if not text.strip():
            reason[line] = cuts[-1].rule
        elif cuts:
            found[line] = cuts
    return found


def _gather(
    lines: Lines, first: int, reason: npt.NDArray[np.object_], edits: dict[int, list[_Cut]], found: ProfileMatches
) -> None:
    """Note what goes by row, and by the place among the lines with text."""
    before = np.concatenate([[0], np.cumsum(lines.filled)])
    stay_before = np.concatenate([[0], np.cumsum(lines.filled & _open(reason))])
    for line in np.flatnonzero(~_open(reason)).tolist():
        row = int(lines.text_of[line])
        found.gone.setdefault(first + row, {})[int(before[line] - before[lines.bounds[row]])] = reason[line]
    for line, cuts in edits.items():
        row = int(lines.text_of[line])
        place = int(stay_before[line] - stay_before[lines.bounds[row]])
        found.edits.setdefault(first + row, []).extend(Edit(first + row, place, *cut) for cut in cuts)
    for row in range(len(lines.counts)):
        if first + row in found.gone or first + row in found.edits:
            found.filled[first + row] = int(before[lines.bounds[row + 1]] - before[lines.bounds[row]])


class _Cut(NamedTuple):
    rule: str
    taken: str
    pieces: int
    after: str


_PATTERNS: Final = {
    rule: re.compile(pattern, re.ASCII)
    for rule, pattern in {CITATIONS: CITATION, **{CUTS[name]: pattern for name, pattern in EDITS.items()}}.items()
}


def apply_profiles(
    result: Stripped, lines: TextLines, settings: LineProfileSettings, off: tuple[str, ...] = ()
) -> list[Edit]:
    """Take out of the texts of a result what profiles find in them, and return what was cut out of lines that stay.

    Args:
        result: What other rules have made of a column; it is changed.
        lines: The lines of the texts before any rule, so that each line that is removed is counted from there.
        settings: Which profiles are on.
        off: Rules that are not.
    """
    found = find_lines(pc.if_else(_is_in(len(result.text), result.filtered), None, result.text), settings, off)
    earlier: dict[int, set[int]] = {}
    for removed in result.removed:
        earlier.setdefault(removed.row, set()).add(removed.line)
    texts: dict[int, str] = {}
    edits: list[Edit] = []
    for row in sorted({*found.gone, *found.edits, *found.dropped}):
        start = int(lines.first[row])
        gone = found.gone.get(row, {})
        here = np.arange(start, int(lines.first[row + 1]))
        blank = pc.equal(pc.binary_length(pc.utf8_trim_whitespace(lines.texts(here))), 0).to_pylist()
        before = earlier.get(row, set())
        places = [line for line, empty in enumerate(blank) if not empty and line not in before]
        if len(places) != found.filled.get(row, len(places)):
            continue  # what other rules have left cannot be told from what they took: nothing more is removed
        for place, rule in gone.items():
            line = places[place]
            result.removed.append(RemovedLine(row, line, rule, lines.text(start + line)))
            result.findings.add(row, rule)
        if row in found.dropped:
            result.filtered[row] = SHARE
        elif len(gone) == len(places):
            result.filtered[row] = pages.ONLY
        else:
            all_gone = sorted(start + line for line in {*before, *(places[place] for place in gone)})
            text = without(lines, row, all_gone) if gone else result.text[row].as_py()
            texts[row] = _with_edits(text, found.edits.get(row, ()))
            edits += found.edits.get(row, ())
    result.removed.sort(key=lambda removed: (removed.row, removed.line))
    for edit in edits:
        result.findings.add(edit.row, edit.rule, edit.pieces)
    if texts:
        mask = _is_in(len(result.text), texts)
        result.text = pc.replace_with_mask(result.text, mask, pa.array(texts.values(), result.text.type))
    return edits


def _is_in(n: int, rows: Iterable[int]) -> pa.Array:
    mask = np.zeros(n, bool)
    mask[[*rows]] = True
    return pa.array(mask)


def _with_edits(text: str, edits: Iterable[Edit]) -> str:
    """Put the lines that something was cut out of in their places."""
    lines = text.split("\n")
    trimmed = pc.utf8_trim_whitespace(pa.array(lines, pa.string())).to_pylist()
    filled = [place for place, line in enumerate(trimmed) if line]
    for edit in edits:
        lines[filled[edit.line]] = edit.after
    return "\n".join(lines)


def explain_edits(text: str, edits: Iterable[Edit]) -> list[Step]:
    """Return a step for each rule that has cut something out of lines of one text; they replay it.

    Args:
        text: The text without the lines that are removed.
        edits: From `apply_profiles`.
    """
    steps = []
    by_rule: dict[str, list[Edit]] = {}
    for edit in edits:
        by_rule.setdefault(edit.rule, []).append(edit)
    for rule in (name for name in _PATTERNS if name in by_rule):
        own = by_rule[rule]
        after = _with_edits(text, own)
        steps.append(Step(rule, text, after, " | ".join(edit.taken for edit in own), sum(edit.pieces for edit in own)))
        text = after
    return steps
