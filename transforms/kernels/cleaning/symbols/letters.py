"""Letters in disguise: mathematical and enclosed alphabets used as fonts, private-use icons, stacked marks."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import regex

from corpusmill.transforms.kernels.cleaning.rules import Rule, counting_rule
from corpusmill.transforms.kernels.cleaning.whitespace import BLANKS
from corpusmill.transforms.kernels.unicode.charsets import PRIVATE_USE, having, points, python_class, re2_class
from corpusmill.transforms.kernels.unicode.combining_marks import mark_pair, marks, outline_of_marks, shared_marks

APPLE_LOGO = "\uf8ff"

MATHEMATICAL = points(range(0x1D400, 0x1D7CC), range(0x1D7CE, 0x1D800), "ℊℋℌℍℎℐℑℒℓℕℙℚℛℜℝℤℨℬℭℯℰℱℳℴℹⅅⅆⅇⅈⅉ")
ENCLOSED = points(range(0x24B6, 0x24EA), range(0x1F130, 0x1F14A), range(0x1F150, 0x1F16A), range(0x1F170, 0x1F18A))
"""Circled Latin letters; squared, negative circled, negative squared capitals."""

_WITHOUT_DECOMPOSITION = {
    start + offset: chr(ord("A") + offset) for start in (0x1F150, 0x1F170) for offset in range(26)
}
_OPERATORS = r"=<>^_+\\{}|±×÷∑∏∫√∞∂∇∈∉⊂⊆∪∩≤≥≠≈≡→↦⇒⇔∀∃·⋅∘"
_MIN_WORD = 3
"""A word of three fancy letters makes its phrase fancy; one or two may be variables."""

MAX_MARKS = 3
"""More marks on one Latin, Greek or Cyrillic letter than any orthography or phonetic transcription uses."""
MAX_MARKS_ELSEWHERE = 16
"""Tibetan stacks and pointed, accented Hebrew stay far below."""


def fancy_letters() -> Rule:
    """Phrases in mathematical or enclosed letters become plain; formulas stay."""
    letters = MATHEMATICAL | ENCLOSED
    inside = python_class(letters)
    phrase = re.compile(rf"[{inside}]+(?:[ ,.!?'’&%:;-]{{1,3}}[{inside}]+)*")
    word = re.compile(f"[{inside}]{{{_MIN_WORD}}}")
    operator = re.compile(f"[{_OPERATORS}]")
    table = {point: _WITHOUT_DECOMPOSITION.get(point) or unicodedata.normalize("NFKC", chr(point)) for point in letters}

    def plain(line: str) -> tuple[str, int]:
        count = 0

        def fold(match: re.Match[str]) -> str:
            nonlocal count
            if not word.search(match.group()) or line[match.end() : match.end() + 1] in ("(", "["):
                return match.group()
            count += 1
            return match.group().translate(table)

        return phrase.sub(fold, line), count

    def apply(text: str) -> tuple[str, int]:
        if not word.search(text):
            return text, 0
        lines, total = text.split("\n"), 0
        for index, line in enumerate(lines):
            if word.search(line) and not operator.search(line):
                lines[index], count = plain(line)
                total += count
        return "\n".join(lines), total

    return counting_rule(
        "symbols.fold-fancy-letters",
        apply,
        "Words in mathematical letters are a font to their writer, and noise to whoever searches them.",
        among=letters,
        proof=(f"[{re2_class(letters)}]{{{_MIN_WORD}}}",),
    )


def private_use() -> Rule:
    """Icons of icon fonts: private-use characters alone between spaces, or at the start of a line."""
    private = PRIVATE_USE - points(APPLE_LOGO)
    inside, blank = python_class(private), BLANKS
    present = re.compile(f"[{inside}]")
    # Longer runs are words in a font of their own.
    alone = re.compile(rf"(?:^|(?<=[{blank}\n]))[{inside}]{{1,2}}(?:$|(?=\n)|[{blank}])")
    initial = re.compile(rf"(?:^|(?<=\n))[{inside}]{{1,2}}(?![{inside}])")
    visible = re.compile(r"\S")

    def apply(text: str) -> tuple[str, int]:
        found = len(present.findall(text))
        # A text written in a private alphabet: its letters are not icons.
        if found > 20 and found * 4 > len(visible.findall(text)):
            return text, 0
        text, some = alone.subn("", text)
        text, more = initial.subn("", text)
        return text, some + more

    return counting_rule(
        "symbols.strip-private-use", apply, "An icon font's glyph means nothing without the font.", among=private
    )


@cache
def _marks_inside() -> dict[int, int]:
    """Letters of Latin, Greek and Cyrillic that decompose -> number of marks in them."""
    letters = having(r"[\p{L}&&[\p{Latin}\p{Greek}\p{Cyrillic}]]")
    counts = ((point, len(unicodedata.normalize("NFD", chr(point))) - 1) for point in letters)
    return {point: count for point, count in counts if count}


def stacked_marks() -> Rule:
    """Zalgo: marks beyond `MAX_MARKS` on one letter are cut (elsewhere beyond `MAX_MARKS_ELSEWHERE`)."""
    inside, shared = _marks_inside(), python_class(shared_marks())
    run = re.compile(f"[{shared}][{shared}]*")
    stranger = regex.compile(r"(?V1)[\p{L}--[\p{Latin}\p{Greek}\p{Cyrillic}]]")
    any_mark = f"[{python_class(marks())}]"
    tall = re.compile(f"({any_mark}{any_mark}{{{MAX_MARKS_ELSEWHERE - 1}}}){any_mark}+")
    by_count = {n: points([p for p, count in inside.items() if count == n]) for n in set(inside.values())}
    limit = {chr(point): max(0, MAX_MARKS - count) for point, count in inside.items()}

    def apply(text: str) -> tuple[str, int]:
        count = 0

        def trim(match: re.Match[str]) -> str:
            nonlocal count
            before = match.string[match.start() - 1] if match.start() else ""
            most = limit.get(before, MAX_MARKS)
            if len(match.group()) <= most or stranger.match(before):
                return match.group()
            count += 1
            return match.group()[:most]

        text = run.sub(trim, text)
        text, more = tall.subn(r"\1", text)
        return text, count + more

    def stacked(below: int, base_class: str = "") -> str:
        return f"{base_class}[{re2_class(shared_marks())}]{{{MAX_MARKS - below + 1}}}"

    crowded = by_count.get(MAX_MARKS, frozenset())
    exact = [stacked(n, f"[{re2_class(members)}]") for n, members in sorted(by_count.items()) if n < MAX_MARKS]
    one_more = [f"[{re2_class(crowded)}][{re2_class(shared_marks())}]"] if crowded else []
    return counting_rule(
        "symbols.trim-zalgo",
        apply,
        "Marks stacked beyond any orthography are decoration.",
        among=marks(),
        proof=(
            "|".join([mark_pair(), *one_more]),
            "|".join([stacked(0), f"[{re2_class(marks())}]{{10}}", *exact, *one_more]),
        ),
        coarse=outline_of_marks(),
    )
