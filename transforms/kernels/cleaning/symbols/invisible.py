"""Invisible characters: kept where a script needs them, removed where they are residue.

Sources: The Unicode Standard, chapters 9.2 (Arabic joiners), 12.1 (joiners of Indic scripts), 23.2 (layout controls),
23.4 (variation selectors); UAX #9 (bidirectional controls); UTS #51 (emoji sequences).
"""

from __future__ import annotations

import re
from functools import cache

from corpusmill.transforms.kernels.cleaning.rules import Rule, counting_rule
from corpusmill.transforms.kernels.cleaning.whitespace import BLANKS
from corpusmill.transforms.kernels.unicode.charsets import having, points, python_class, re2_class

ZERO_WIDTH_SPACE = "\N{ZERO WIDTH SPACE}"
NON_JOINER = "\N{ZERO WIDTH NON-JOINER}"
JOINER = "\N{ZERO WIDTH JOINER}"
SOFT_HYPHEN = "\N{SOFT HYPHEN}"
MARKS_OF_ORDER = "\N{ZERO WIDTH NO-BREAK SPACE}\N{WORD JOINER}"

SCRIPTS_WITHOUT_JOINERS = (
    "Latin Greek Cyrillic Armenian Georgian Cherokee Canadian_Aboriginal Ethiopic Coptic Gothic Runic Ogham Deseret "
    "Han Hiragana Katakana Hangul Bopomofo Yi Common Inherited"
)
SCRIPTS_WITH_INVISIBLE_SPACES = (
    "Thai Lao Khmer Myanmar Tibetan Tai_Le New_Tai_Lue Tai_Tham Tai_Viet Javanese Balinese Sundanese Buginese Cham "
    "Batak Rejang Makasar Lepcha Limbu Kayah_Li"
)
"""Written without spaces between words; U+200B marks where words end."""

OPENERS = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068"  # LRE RLE LRO RLO, LRI RLI FSI
POP_EMBEDDING, POP_ISOLATE = "\u202c", "\u2069"
DIRECTION_MARKS = "\u200e\u200f\u061c"  # LRM RLM ALM
BIDI = OPENERS + POP_EMBEDDING + POP_ISOLATE + DIRECTION_MARKS

VARIATION_SELECTORS_OF_EMOJI = "\N{VARIATION SELECTOR-15}\N{VARIATION SELECTOR-16}"
BLACK_FLAG = "\N{WAVING BLACK FLAG}"
CANCEL_TAG = "\N{CANCEL TAG}"
TAGS = points("\N{LANGUAGE TAG}", range(0xE0020, 0xE0080))


def _of_scripts(names: str) -> str:
    return "".join(rf"\p{{Script={name}}}" for name in names.split())


@cache
def joining() -> frozenset[int]:
    """Letters and marks of scripts in which joiners choose the shape of letters."""
    return having(rf"[[\p{{L}}\p{{M}}]--[{_of_scripts(SCRIPTS_WITHOUT_JOINERS)}]]")


@cache
def spaceless() -> frozenset[int]:
    """Characters of scripts in which U+200B ends a word."""
    return having(f"[{_of_scripts(SCRIPTS_WITH_INVISIBLE_SPACES)}]")


@cache
def pictographs() -> frozenset[int]:
    """What a joiner may be before in an emoji sequence."""
    return having(r"[\p{Extended_Pictographic}\p{Emoji_Presentation}]")


@cache
def ends_of_pictographs() -> frozenset[int]:
    """What a joiner may be behind in an emoji sequence."""
    return pictographs() | points("\N{VARIATION SELECTOR-16}", range(0x1F3FB, 0x1F400), CANCEL_TAG)


def order_marks() -> Rule:
    """Byte order marks and word joiners inside a text."""
    found = re.compile(f"[{MARKS_OF_ORDER}]+")
    return counting_rule(
        "symbols.strip-order-marks",
        lambda text: found.subn("", text),
        "A byte order mark inside a text is left from joining files.",
        among=points(MARKS_OF_ORDER),
    )


def soft_hyphens() -> Rule:
    """Soft hyphens: a word is put together; where one stands for a visible hyphen it becomes one."""
    run = f"{SOFT_HYPHEN}+"
    wrapped = re.compile(rf"(?<=[^\W\d_]){run}[ \t]*\n[ \t]*(?=[^\W\d_])")
    visible = re.compile(rf"(?<=\d){run}(?=\d)|(?<![^\s]){run}(?=[{BLANKS}])")

    def apply(text: str) -> tuple[str, int]:
        count = 0

        def join(match: re.Match[str]) -> str:
            return "" if text_now[match.end()].islower() else "\n"

        text_now = text
        text, some = wrapped.subn(join, text)
        count += some
        text, some = visible.subn("-", text)
        count += some
        text, some = re.subn(run, "", text)
        return text, count + some

    return counting_rule(
        "symbols.soft-hyphen",
        apply,
        "A soft hyphen says where a word may be broken, which is layout.",
        among=points(SOFT_HYPHEN),
    )


def zero_width() -> Rule:
    """Zero-width spaces and joiners, where no neighbour is of a script (or an emoji sequence) that uses them."""
    space, join, picture = (
        frozenset(map(chr, spaceless())),
        frozenset(map(chr, joining())),
        frozenset(map(chr, pictographs())),
    )
    behind = frozenset(map(chr, ends_of_pictographs()))
    doubled = re.compile(f"([{ZERO_WIDTH_SPACE}{NON_JOINER}{JOINER}])\\1+")
    one = re.compile(f"[{ZERO_WIDTH_SPACE}{NON_JOINER}{JOINER}]")

    def used(character: str, before: str, after: str) -> bool:
        if character == ZERO_WIDTH_SPACE:
            return before in space or after in space
        if before in join or after in join:
            return True
        return character == JOINER and before in behind and after in picture

    def apply(text: str) -> tuple[str, int]:
        count = 0

        def keep_used(match: re.Match[str]) -> str:
            nonlocal count
            start, end = match.span()
            if used(match.group(), match.string[start - 1 : start], match.string[end : end + 1]):
                return match.group()
            count += 1
            return ""

        text, some = doubled.subn(r"\1", text)
        text = one.sub(keep_used, text)
        return text, count + some

    return counting_rule(
        "symbols.strip-zero-width",
        apply,
        "Between letters of scripts that do not join, or without neighbours, such characters only hide in words.",
        among=points(ZERO_WIDTH_SPACE + NON_JOINER + JOINER),
        proof=(r"[\x{200b}-\x{200d}]", _zero_width_proof()),
    )


def _zero_width_proof() -> str:
    space, join, picture = re2_class(spaceless()), re2_class(joining()), re2_class(pictographs())
    behind = re2_class(ends_of_pictographs())
    zwsp, zwnj, zwj = r"\x{200b}", r"\x{200c}", r"\x{200d}"

    def stray(character: str, before: str, after: str) -> str:
        return rf"(?:\A|[^{before}]){character}(?:\z|[^{after}])"

    return "|".join(
        [
            rf"[{zwsp}{zwnj}{zwj}][{zwsp}{zwnj}{zwj}]",
            stray(zwsp, space, space),
            stray(zwnj, join, join),
            stray(zwj, join + behind, join),
            stray(zwj, join, join + picture),
        ]
    )


def bidi_controls(policy: str) -> Rule:
    """Direction controls: needless in a text without right-to-left letters; unpaired ones anywhere."""
    letters = having(r"[[\p{Bidi_Class=R}\p{Bidi_Class=AL}]--\p{Cf}]")
    right_to_left = re.compile(f"[{python_class(letters)}]")
    controls = re.compile(f"[{BIDI}]")
    scopes = re.compile(f"[{OPENERS}{POP_EMBEDDING}{POP_ISOLATE}]")

    def unpaired(line: str) -> str:
        drop: set[int] = set()
        open_scopes: list[tuple[int, str]] = []  # position, the control that closes it
        for match in scopes.finditer(line):
            control = match.group()
            if control in OPENERS:
                open_scopes.append((match.start(), POP_ISOLATE if control >= "\u2066" else POP_EMBEDDING))
            elif open_scopes and open_scopes[-1][1] == control:
                open_scopes.pop()
            else:
                drop.add(match.start())
        drop.update(position for position, _ in open_scopes)
        return "".join(c for i, c in enumerate(line) if i not in drop) if drop else line

    def apply(text: str) -> tuple[str, int]:
        if policy == "strip" or not right_to_left.search(text):
            return controls.subn("", text)
        # A paragraph ends every scope (UAX #9, X8).
        after = "\n".join(map(unpaired, text.split("\n")))
        return after, len(text) - len(after)

    return counting_rule(
        "symbols.strip-bidi",
        apply,
        "Without a right-to-left letter, or unpaired, they can only reorder what a reader sees.",
        among=points(BIDI),
    )


def variation_selectors() -> Rule:
    """Text and emoji presentation selectors behind a character that has no two presentations; stray tags."""
    emoji = having(r"\p{Emoji}")
    stray = re.compile(f"(?<![{python_class(emoji)}])[{VARIATION_SELECTORS_OF_EMOJI}]+")
    doubled = re.compile(f"([{VARIATION_SELECTORS_OF_EMOJI}])[{VARIATION_SELECTORS_OF_EMOJI}]+")

    def apply(text: str) -> tuple[str, int]:
        text, some = doubled.subn(r"\1", text)
        text, more = stray.subn("", text)
        return text, some + more

    return counting_rule(
        "symbols.strip-variation-selector",
        apply,
        "A selector without an emoji before it selects nothing.",
        among=points(VARIATION_SELECTORS_OF_EMOJI),
        proof=(r"[\x{fe0e}\x{fe0f}]", rf"(?:\A|[^{re2_class(emoji)}])[\x{{fe0e}}\x{{fe0f}}]"),
    )


def tags() -> Rule:
    """Tag characters outside flags of regions: invisible ASCII."""
    spelled = python_class(TAGS)
    found = re.compile(f"({BLACK_FLAG}[\U000e0030-\U000e0039\U000e0061-\U000e007a]{{3,6}}{CANCEL_TAG})|[{spelled}]+")

    def apply(text: str) -> tuple[str, int]:
        count = 0

        def keep(match: re.Match[str]) -> str:
            nonlocal count
            count += match[1] is None
            return match[1] or ""

        return found.sub(keep, text), count

    return counting_rule(
        "symbols.strip-tags",
        apply,
        "Tag characters spell flags of regions; elsewhere they hide text from the reader.",
        among=TAGS,
    )
