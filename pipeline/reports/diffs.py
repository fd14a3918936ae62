"""Two versions of a text as lines to look at: what changed, where, and little else."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.text import Text

from corpusmill.reports.visible import visible

REMOVED, ADDED, SAME, SKIPPED = "-", "+", " ", "…"
"""Marks of a line: in the first text only, in the second only, in both, and lines left out."""

_AROUND_CHARS = 40
"""Characters shown before and behind a change within a line."""
_CHANGE_CHARS = 240
"""Characters shown of a change; its middle is left out if it is longer."""
_COMPARED_LINES = 2_000
"""Blocks of more lines than this are not compared line by line, which takes time by the square of them."""
_NARROWEST = 20
"""Columns that a text gets at least."""
_STYLES = {REMOVED: "red", ADDED: "green", SAME: "dim", SKIPPED: "dim"}


@dataclass(frozen=True)
class Line:
    """One line of a diff.

    Attributes:
        mark: `REMOVED`, `ADDED`, `SAME` or `SKIPPED`.
        number: Of the line in its text, from 1; 0 where there is none.
        text: The line, or the part of it that changed; controls are written as code points.
        note: What else is to be said of the line.
    """

    mark: str
    number: int
    text: str
    note: str = ""


def diff_texts(before: str, after: str, limit: int) -> list[Line]:
    """Return the lines that differ between two texts, of long lines the part that does.

    Args:
        before: The first text.
        after: The second one.
        limit: How many lines are returned at most; one more says how many changes there are besides.
    """
    found = list(_changed_lines(before.split("\n"), after.split("\n")))
    if len(found) <= limit:
        return found
    left = len(found) - limit
    return [*found[:limit], Line(SKIPPED, 0, f"and {left:,} more changed line{'s' if left != 1 else ''}")]


def _changed_lines(before: Sequence[str], after: Sequence[str]) -> Iterator[Line]:
    first = _common(before, after)
    last = _common(before[first:][::-1], after[first:][::-1])
    left, right = before[first : len(before) - last], after[first : len(after) - last]
    blocks: Sequence[tuple[str, int, int, int, int]] = [("replace", 0, len(left), 0, len(right))]
    if max(len(left), len(right)) <= _COMPARED_LINES:
        blocks = difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    for kind, start, end, other, until in blocks:
        if kind == "equal":
            continue
        old, new = left[start:end], right[other:until]
        for k in range(max(len(old), len(new))):
            pair = (old[k] if k < len(old) else None, new[k] if k < len(new) else None)
            shown = excerpts(*pair)
            if pair[0] is not None:
                yield Line(REMOVED, first + start + k + 1, shown[0])
            if pair[1] is not None:
                yield Line(ADDED, first + other + k + 1, shown[1])


def _common(left: Sequence[str], right: Sequence[str]) -> int:
    """Return how many items two sequences have in common at their beginning."""
    return next((k for k, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))


def excerpts(before: str | None, after: str | None) -> tuple[str, str]:
    """Return the parts of two versions of a line that differ, with a little around them.

    Example:
        >>> excerpts("a" * 60 + "x" + "b" * 60, "a" * 60 + "yy" + "b" * 60)[1] == "…" + "a" * 40 + "yy" + "b" * 40 + "…"
        True
    """
    if before is None or after is None:
        return _shortened(before or ""), _shortened(after or "")
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    start = max(0, head - _AROUND_CHARS) if head > _AROUND_CHARS + 1 else 0
    behind = min(tail, _AROUND_CHARS) if tail > _AROUND_CHARS + 1 else tail
    return _part(before, start, len(before) - tail + behind), _part(after, start, len(after) - tail + behind)


def _part(line: str, start: int, end: int) -> str:
    shown = _shortened(line[start:end])
    return f"{'…' if start else ''}{shown}{'…' if end < len(line) else ''}"


def _shortened(line: str) -> str:
    half = _CHANGE_CHARS // 2 + _AROUND_CHARS
    return visible(line if len(line) <= 2 * half + 1 else f"{line[:half]}…{line[-half:]}")


def lines_in_place(text: str, removed: Sequence[tuple[int, str, str]], limit: int) -> list[Line]:
    """Return the lines that were taken out of a text, each between the lines that stay beside it.

    Args:
        text: The text before they were taken out; "" if it is not known.
        removed: (index of the line from 0, rule id, the line), ascending.
        limit: How many removed lines are shown at most.
    """
    lines = text.split("\n") if text else []
    gone = {line: (rule, taken) for line, rule, taken in removed[:limit]}
    beside = {near for line in gone if line < len(lines) for near in _neighbors(line, lines)} - set(gone)
    found: list[Line] = []
    last = -1
    for line in sorted({*gone, *beside}):
        if any(map(str.strip, lines[last + 1 : line])) and found:
            found.append(Line(SKIPPED, 0, ""))
        last = line
        if line in gone:
            rule, taken = gone[line]
            found.append(Line(REMOVED, line + 1, _shortened(taken), rule))
        else:
            found.append(Line(SAME, line + 1, _shortened(lines[line])))
    if len(removed) > limit:
        found.append(Line(SKIPPED, 0, f"and {len(removed) - limit:,} more"))
    return found


def _neighbors(line: int, lines: Sequence[str]) -> Iterator[int]:
    """Yield the nearest lines above and below that are not blank."""
    for way in (range(line - 1, -1, -1), range(line + 1, len(lines))):
        yield from itertools.islice((near for near in way if lines[near].strip()), 1)


def draw(lines: Sequence[Line], indent: int, width: int | None = None) -> Text:
    """Draw lines of a diff with their numbers.

    Args:
        lines: The lines.
        indent: Columns before the numbers.
        width: Columns of the terminal, at which lines are wrapped behind their mark; None leaves them whole.
    """
    digits = max((len(str(line.number)) for line in lines), default=1)
    drawn = Text()
    for line in lines:
        number = str(line.number) if line.number else ""
        lead = f"{'':{indent}}{number:>{digits}} {line.mark} "
        body = Text(line.text, style=_STYLES[line.mark])
        if line.note:
            body.append(f"  {line.note}", style="dim not bold")
        drawn.append(lead, style=_STYLES[line.mark])
        drawn.append(hanging(body, len(lead), width))
        drawn.append("\n")
    return drawn


def hanging(text: Text, indent: int, width: int | None) -> Text:
    """Wrap a text so that what follows its first line is below it.

    Args:
        text: The text, one line.
        indent: Columns that are before it already.
        width: Columns of the terminal; None leaves the line whole.
    """
    if width is None or text.cell_len <= width - indent:
        return text
    from rich.console import Console  # noqa: PLC0415

    parts = list(text.wrap(Console(width=width), max(width - indent, _NARROWEST)))
    for part in parts:
        part.rstrip()
    return Text("\n" + " " * indent).join(parts)
