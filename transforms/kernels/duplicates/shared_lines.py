"""The lines that the texts of a family share, which show whether they are a frame around other texts."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import regex

MAX_TEXT_CHARS = 200_000
"""Characters of a text that are looked at."""
_LINES = 12
"""Shared lines that are named."""
_LINE_CHARS = 120
"""Characters of a shared line that are named."""
_MIN_LETTERS = 3
"""Letters and digits of a line that counts as one."""
_MAX_ALIKE = 0.5
"""Mean similarity of the words beside the shared lines up to which texts are about different things: versions of one
text differ in a word here and there, so that their changed lines are alike."""

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")


@dataclass(frozen=True)
class SharedLines:
    """What the texts of a family share, line by line.

    Attributes:
        lines: The first shared lines, in the order of the first text, shortened.
        count: Distinct shared lines.
        share: Their share of the characters of the texts, blank lines and indentation aside.
        frame: Whether each text has lines of its own beside them, whose words are unlike those of the others.
    """

    lines: tuple[str, ...]
    count: int
    share: float
    frame: bool


def shared_lines(texts: Sequence[str]) -> SharedLines | None:
    r"""Return the lines that all texts have, or None if there is none.

    The work is bounded: only the beginning of a long text is looked at.

    Args:
        texts: At least two texts of one family.

    Example:
        >>> pages = ["Copyright the harbour office\nAll rights reserved\n" + own for own in ("Eels", "Fog", "Nets")]
        >>> shared_lines(pages)
        SharedLines(lines=('Copyright the harbour office', 'All rights reserved'), count=2, share=0.928, frame=True)
    """
    of = [_lines(text) for text in texts]
    common = set(of[0]).intersection(*of[1:])
    if not common or len(texts) < 2:
        return None
    ordered = [line for line in dict.fromkeys(of[0]) if line in common]
    shared = sum(len(line) for lines in of for line in lines if line in common)
    rest = [[line for line in lines if line not in common] for lines in of]
    return SharedLines(
        lines=tuple(map(_short, ordered[:_LINES])),
        count=len(ordered),
        share=round(shared / sum(len(line) for lines in of for line in lines), 3),
        frame=all(rest) and _similarity(rest) <= _MAX_ALIKE,
    )


def _lines(text: str) -> list[str]:
    beginning = text[:MAX_TEXT_CHARS]
    if len(beginning) < len(text):
        beginning = beginning.rpartition("\n")[0] or beginning  # without the part of a line
    lines = (" ".join(line.split()) for line in beginning.split("\n"))
    return [line for line in lines if sum(map(len, _WORD.findall(line))) >= _MIN_LETTERS]


def _short(line: str) -> str:
    return line if len(line) <= _LINE_CHARS else line[: _LINE_CHARS - 1] + "…"


def _similarity(texts: Sequence[Sequence[str]]) -> float:
    """Mean Jaccard similarity of the sets of words of each two texts."""
    words = [{word.lower() for line in lines for word in _WORD.findall(line)} for lines in texts]
    pairs = list(itertools.combinations(words, 2))
    return sum(len(one & other) / len(one | other) for one, other in pairs) / len(pairs)
