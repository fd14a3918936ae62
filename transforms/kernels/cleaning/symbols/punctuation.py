"""Repeated punctuation and drawn-out letters. Dot leaders, ellipses, code, globs and dashes are left alone."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable

from corpusmill.transforms.kernels.boilerplate.lines.code_lines import code_lines
from corpusmill.transforms.kernels.cleaning.rules import Rule, counting_rule

MARKS_KEPT = 3
LONGEST_ADDRESS = 256
"""Characters of a URL looked back at; what is longer is no address that anybody reads."""


def _in_prose(text: str, hints: tuple[str, ...], change: Callable[[str], tuple[str, int]]) -> tuple[str, int]:
    """Apply `change` to the lines that hold one of the hints and are not code."""
    if not any(hint in text for hint in hints):
        return text, 0
    lines = text.split("\n")
    code = code_lines(lines)
    total = 0
    for index, line in enumerate(lines):
        if not code[index] and any(hint in line for hint in hints):
            lines[index], count = change(line)
            total += count
    return ("\n".join(lines), total) if total else (text, 0)


def _in_address(line: str, position: int) -> bool:
    """Return whether the blank-separated word before a position begins a URL."""
    before = line[max(0, position - LONGEST_ADDRESS) : position]
    word = before.rsplit(None, 1)[-1] if before[-1:].strip() else ""
    return "://" in word or "www." in word


def _is_emphasis(run: str, line: str, start: int, end: int) -> bool:
    """Return whether a run of one mark is a writer's emphasis, not part of a pattern, of code, or quoted as itself."""
    before, after = line[start - 1 : start], line[end : end + 1]
    if run[0] == ".":
        rest = line[end : end + 32].lstrip(" \t")
        ends = end == len(line) or (after in " \t" and rest[:1].isalpha())
        return before.isalpha() and ends
    if before and before in "*\\$/`\"'":
        return False
    if run[0] == "!":
        return not (after and after in "=[(")  # negations of code
    if run[0] == "?":
        # After a word; alone, as many marks may stand for as many lost or secret letters.
        if not before or before.isspace() or before in "([{":
            return not after and line[: max(0, start - 1)][-1:].isalnum()
        return not (after and (after.isalnum() or after in "_.*/+([-"))  # globs, optional groups
    return True


def repeated_punctuation(least: int) -> Rule:
    """Runs of `least` or more of one mark become three; dots only after a word."""
    marks = "!?！？."
    hints = tuple(mark * least for mark in marks)
    runs = re.compile("|".join(f"{re.escape(mark) * least}{re.escape(mark)}*" for mark in marks))
    code_span = re.compile(r"`[^`]*`")

    def change(line: str) -> tuple[str, int]:
        spans = [match.span() for match in code_span.finditer(line)] if "`" in line else []
        starts = [start for start, _ in spans]
        count = 0

        def shorten(match: re.Match[str]) -> str:
            nonlocal count
            run, (start, end) = match.group(), match.span()
            within = bisect_right(starts, start)
            in_code = within and spans[within - 1][1] > start
            if in_code or not _is_emphasis(run, line, start, end) or _in_address(line, start):
                return run
            count += 1
            return run[:MARKS_KEPT]

        return runs.sub(shorten, line), count

    return counting_rule(
        "symbols.collapse-punctuation",
        lambda text: _in_prose(text, hints, change),
        "The tenth exclamation mark says no more than the third.",
        proof=(rf"!{{{least}}}|\?{{{least}}}|！{{{least}}}|？{{{least}}}|[A-Za-z\x{{80}}-\x{{10ffff}}]\.{{{least}}}",),
        ascii=True,
    )


def elongation() -> Rule:
    """Letters drawn out four times or more become three."""
    run = re.compile(r"([^\W\d_])\1{3,}")
    www = re.compile(r"w{4,}", re.IGNORECASE)

    def change(line: str) -> tuple[str, int]:
        return run.subn(lambda match: match.group() if www.fullmatch(match.group()) else match[1] * MARKS_KEPT, line)

    return counting_rule(
        "symbols.collapse-elongation",
        lambda text: _in_prose(text, ("",), change),
        "The configuration wants drawn-out words short.",
        proof=(r"[A-Za-z]{4}|[^\x00-\x7f]{4}",),
        ascii=True,
    )
