"""Repeated punctuation and drawn-out letters. Dot leaders, ellipses, code, globs and dashes are left alone."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable

from transforms.kernels.regions import code_lines
from transforms.kernels.rules import Rule, counted

KEPT = 3
LONGEST_ADDRESS = 256
"""Characters of a URL looked back at; what is longer is no address that anybody reads."""


def _hinted(text: str, hints: tuple[str, ...]) -> bool:
    return not hints or any(hint in text for hint in hints)


def _in_prose(
    text: str, hints: tuple[str, ...], trigger: re.Pattern[str], change: Callable[[str], tuple[str, int]]
) -> tuple[str, int]:
    """Apply `change` to the lines that hold `trigger` and are not code."""
    if not _hinted(text, hints):
        return text, 0
    lines = text.split("\n")
    code = code_lines(lines)
    total = 0
    for index, line in enumerate(lines):
        if not code[index] and _hinted(line, hints) and trigger.search(line):
            lines[index], count = change(line)
            total += count
    return ("\n".join(lines), total) if total else (text, 0)


def repeated_punctuation() -> Rule:
    """Four or more `!` or `?` become three; five or more dots after a word become three (four end a sentence)."""
    rule = "symbols.collapse-punctuation"
    trigger = re.compile(r"!{4}|\?{4}|！{4}|？{4}|[^\W\d_]\.{5}")
    # Not in a glob or pattern (file????.txt), an address, a negation (!!!!x is code), or quoted as itself.
    run = re.compile(
        r"(?<![!*\\$/`\"'])(?:!{4,}(?![!=\[(])|！{4,}(?!！))"
        r"|(?<![?*\\$/`\"'])(?:\?{4,}(?![?\w.*/+(\[-])|？{4,}(?!？))"
        r"|(?<=[^\W\d_])\.{5,}(?=$|[ \t]+[^\W\d_])"
    )
    code_span = re.compile(r"`[^`]*`")

    def in_address(line: str, position: int) -> bool:
        before = line[max(0, position - LONGEST_ADDRESS) : position]
        word = before.rsplit(None, 1)[-1:] if before[-1:].strip() else []
        return any("://" in part or "www." in part for part in word)

    def change(line: str) -> tuple[str, int]:
        spans = [match.span() for match in code_span.finditer(line)] if "`" in line else []
        starts = [start for start, _ in spans]
        count = 0

        def shorten(match: re.Match[str]) -> str:
            nonlocal count
            within = bisect_right(starts, match.start())
            if (within and spans[within - 1][1] > match.start()) or in_address(line, match.start()):
                return match.group()
            count += 1
            return match.group()[:KEPT]

        return run.sub(shorten, line), count

    return Rule(
        rule,
        counted(rule, lambda text: _in_prose(text, ("!!!!", "????", "！！！！", "？？？？", "....."), trigger, change)),
        "The tenth exclamation mark says no more than the third.",
        proof=(r"!{4}|\?{4}|\x{ff01}{4}|\x{ff1f}{4}|[A-Za-z\x{80}-\x{10ffff}]\.{5}",),
        ascii=True,
    )


def elongation() -> Rule:
    """Letters drawn out four times or more become three."""
    rule = "symbols.collapse-elongation"
    run = re.compile(r"([^\W\d_])\1{3,}")
    www = re.compile(r"w{4,}", re.IGNORECASE)

    def change(line: str) -> tuple[str, int]:
        return run.subn(lambda match: match.group() if www.fullmatch(match.group()) else match[1] * KEPT, line)

    return Rule(
        rule,
        counted(rule, lambda text: _in_prose(text, (), run, change)),
        "The configuration wants drawn-out words short.",
        proof=(r"[A-Za-z]{4}|[^\x00-\x7f]{4}",),
        ascii=True,
    )
