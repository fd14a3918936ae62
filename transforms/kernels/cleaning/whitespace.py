r"""White space: spaces at the ends of lines, runs of blank lines, blank lines around the text.

Indentation, tabs, runs of spaces inside a line and no-break spaces are left as they are: code, verse, tables and French
typography need them.
"""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field

from corpusmill.transforms.kernels.cleaning.rules import Rule, counting_rule
from corpusmill.transforms.kernels.settings import Settings
from corpusmill.transforms.kernels.unicode.charsets import points, re2_class

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
BLANKS = (
    " \t\N{NO-BREAK SPACE}\N{OGHAM SPACE MARK}\N{EN QUAD}\N{EM QUAD}\N{EN SPACE}\N{EM SPACE}\N{THREE-PER-EM SPACE}"
    "\N{FOUR-PER-EM SPACE}\N{SIX-PER-EM SPACE}\N{FIGURE SPACE}\N{PUNCTUATION SPACE}\N{THIN SPACE}\N{HAIR SPACE}"
    "\N{NARROW NO-BREAK SPACE}\N{MEDIUM MATHEMATICAL SPACE}\N{IDEOGRAPHIC SPACE}"
)
"""Characters that show as nothing but space within a line."""

LINE_ENDS = "\r\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}\v\f"
"""Line ends that the controls stage turns into LF; proofs about lines take them for line ends already."""


class WhitespaceSettings(Settings):
    """What is done about white space."""

    strip_line_ends: bool = Field(default=True, description="Remove white space of any kind at the ends of lines.")
    max_blank_lines: int = Field(
        default=1, ge=-1, description="Longest run of blank lines that is kept between paragraphs; -1 keeps all."
    )
    trim: bool = Field(default=True, description="Remove blank lines before and after the text; indentation stays.")
    inner_blanks: Literal["keep", "collapse"] = Field(
        default="keep",
        description="Runs of spaces inside a line, which may align a table or code: keep, or collapse to one space.",
    )
    no_break_space: Literal["keep", "space"] = Field(
        default="keep", description="No-break spaces: keep them, or turn them into ordinary spaces."
    )


def strip_line_ends(text: str) -> tuple[str, int]:
    """Remove trailing white space of every line; return the text and the number of lines changed."""
    if text.isascii() and not (" \n" in text or "\t\n" in text or text.endswith((" ", "\t"))):
        return text, 0
    lines = text.split("\n")
    stripped = [line.rstrip(BLANKS) for line in lines]
    after = "\n".join(stripped)
    if len(after) == len(text):
        return text, 0
    return after, sum(len(a) != len(b) for a, b in zip(lines, stripped, strict=True))


def collapse_blank_lines(text: str, most: int) -> tuple[str, int]:
    """Shorten runs of more than `most` empty lines to `most`; return the text and the number of runs shortened."""
    if "\n" * (most + 2) not in text:
        return text, 0
    return re.subn(rf"\n{{{most + 2},}}", "\n" * (most + 1), text)


def trim(text: str) -> tuple[str, int]:
    """Remove blank lines at both ends; return the text and the number of ends changed."""
    head = len(text) - len(text.lstrip(BLANKS + "\n"))
    start = text.rfind("\n", 0, head) + 1
    end = text.find("\n", max(start, len(text.rstrip(BLANKS + "\n"))))
    return text[start : end if end >= 0 else None], (start > 0) + (end >= 0)


def whitespace_rules(settings: WhitespaceSettings) -> list[Rule]:
    """Return the rules that the settings ask for, in order."""
    blank, end = re2_class(points(BLANKS)), re2_class(points("\n" + LINE_ENDS))
    rules = []
    if settings.no_break_space == "space":
        rules.append(
            counting_rule(
                "whitespace.no-break-space",
                lambda text: (text.replace(NO_BREAK_SPACE, " "), text.count(NO_BREAK_SPACE)),
                "No-break spaces are wanted as ordinary spaces.",
                proof=(f"[{re2_class(points(NO_BREAK_SPACE))}]",),
            )
        )
    if settings.inner_blanks == "collapse":
        inner = re.compile(rf"(?<=[^\n{BLANKS}])(?:[{BLANKS}]{{2,}}|\t)(?=[^\n{BLANKS}])")
        rules.append(
            counting_rule(
                "whitespace.collapse-blanks",
                lambda text: inner.subn(" ", text),
                "Runs of spaces inside a line are layout.",
                proof=(rf"[{blank}][{blank}]|\t",),
                ascii=True,
            )
        )
    if settings.strip_line_ends:
        rules.append(
            counting_rule(
                "whitespace.strip-line-ends",
                strip_line_ends,
                "Blanks at the end of a line are invisible.",
                proof=(rf"[{blank}](?:[{end}]|\z)",),
                ascii=True,
                inert=True,
            )
        )
    if settings.max_blank_lines >= 0:
        most = settings.max_blank_lines
        rules.append(
            counting_rule(
                "whitespace.collapse-blank-lines",
                lambda text: collapse_blank_lines(text, most),
                "One gap between paragraphs says as much as ten.",
                proof=(rf"[{end}](?:[{blank}]*[{end}]){{{most + 1}}}",),
                ascii=True,
                inert=True,
            )
        )
    if settings.trim:
        rules.append(
            counting_rule(
                "whitespace.trim",
                trim,
                "Blank lines around a text belong to the page.",
                proof=(rf"\A[{blank}]*[{end}]|[{end}][{blank}]*\z",),
                ascii=True,
                inert=True,
            )
        )
    return rules
