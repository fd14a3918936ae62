"""Lines that only decorate: rows of stars, triangles, double rules.

A line is removed when it holds nothing but ornament. Ratings, table frames, sparklines, drawings of several lines,
Markdown rules, heading underlines and everything in ASCII alone stay.
"""

from __future__ import annotations

import re

from corpusmill.transforms.kernels.boilerplate.lines.code_lines import code_lines
from corpusmill.transforms.kernels.cleaning.rules import Rule, counting_rule
from corpusmill.transforms.kernels.cleaning.whitespace import BLANKS, LINE_ENDS
from corpusmill.transforms.kernels.unicode.charsets import points, python_class, re2_class

STARS = points("★☆✦✧✩✪✫✬✭✮✯✰⋆✶✷✸✹✺✱✲✳✴✵❋✻✼✽❃❂")
ORNAMENTS = STARS | points("◆◇◈◊❖■□▪▫●○◉◎◌◍▲△▼▽▶►▷▸▹◀◄◁◂◃▬▭▰▱❀✿❁✾❈❉❊❇▤▥▦▧▨▩✤✥✢✣❧☙❦❥⁂⁎⁑⁕※➖➰〰♢♡๑۞۩╳✠")
HORIZONTALS = points("─━═┄┅┈┉╌╍╴╶╸╺╼╾")
"""Box-drawing lines without a corner or junction: a frame of a table has those, or a neighbour that has."""
BOX = points(range(0x2500, 0x2580)) - HORIZONTALS - points("╳")
DASHES = points("‐‑‒–—―﹏﹋＝－～〜∼⁓﹌")
"""Rules only in long runs: two of them are punctuation. Low lines are missing: they are blanks of forms."""
COMPANIONS = points("*.:~-=_+^'`<>|/\\()•·‧∙・･｡。°˚…＊＋,;゜ﾟ☾☽✨")
"""May be in an ornament line, but do not make one."""

STRONG = ORNAMENTS | HORIZONTALS | DASHES
PATTERN_SYMBOLS = "=~*_-"
"""ASCII symbols that make patterns. Of one kind they are rules and underlines of Markdown; carets point in code."""

LONGEST_RATING = 10
LONGEST_PLAIN_RATING = 5
"""Of stars of one kind; with two kinds (★★★☆☆) the scale is seen."""
LONG_RUN = 6
LONGEST_BLOCK = 2
"""More lines of symbols, one below the other, are a drawing."""
LONGEST_PERIOD = 4
MIN_PATTERN = 8
_RATING = re.compile(r"[★✭✮✯⭐]*[⯨✬☆✩⭐]*|[●◉]*[○◌]*|[■▰]*[□▱]*|[♥❤]*[♡]*|[◆]*[◇♢]*")
_ONLY = re.compile(f"[{python_class(STRONG | COMPANIONS | points(BLANKS))}]+")
_PRESENT = re.compile(f"[{python_class(STRONG)}]")
_ORNAMENT = re.compile(f"[{python_class(ORNAMENTS)}]")
_RULE = re.compile(f"[{python_class(HORIZONTALS | DASHES)}]")
_BOX = re.compile(f"[{python_class(BOX)}]")
_BLANK = re.compile(f"[{BLANKS}]+")
_LETTER = re.compile(r"\w")
_PATTERN = re.compile(f"[{PATTERN_SYMBOLS}]+")
_MIXED = re.compile("=[~*_-]|~[=*_-]|\\*[=~_-]|_[=~*-]|-[=~*_]")
_ASCII_ONLY = re.compile(r"[*.:~=_+^#<>oO -]{6,}")
_SENTENCE_ENDS = ".!?…。！？”»\"'’:;"


def _is_rating(symbols: str) -> bool:
    """Return whether ornaments without spaces read as so many of so many: ★★★★☆, ★★★."""
    if not _RATING.fullmatch(symbols):
        return False
    length, kinds = len(symbols), len(set(symbols))
    if kinds > 1:
        return length <= LONGEST_RATING
    return symbols[0] in "★☆⭐" and length <= LONGEST_PLAIN_RATING


def _is_pattern(symbols: str) -> bool:
    """Return whether ASCII symbols repeat a short pattern of several kinds, as `-=-=-=-=` does."""
    period = next((n for n in range(2, LONGEST_PERIOD + 1) if symbols[n:] == symbols[:-n]), 0)
    return period > 0 and len(symbols) >= MIN_PATTERN and len(set(symbols)) > 1


class _Lines:
    """The lines of a text, and what can be told from one with its neighbours."""

    def __init__(self, text: str, least: int, any_ascii: bool) -> None:
        self.lines = text.split("\n")
        self._least = least
        self._any_ascii = any_ascii

    def _bare(self, index: int) -> str:
        return self.lines[index].strip(BLANKS) if 0 <= index < len(self.lines) else ""

    def _decorates(self, index: int) -> bool:
        """Return whether a line, by itself, is ornament."""
        line, bare = self.lines[index], self._bare(index)
        if line.startswith("  "):
            return False
        if _PATTERN.fullmatch(bare):
            return _is_pattern(bare)
        if not _ONLY.fullmatch(bare):
            return False
        symbols = _BLANK.sub("", bare)
        if len(symbols) < self._least:
            return False
        if _ORNAMENT.search(symbols):
            return not _is_rating(symbols)
        # Rules: long, of one kind, in one piece (several pieces head the columns of a table).
        return len(bare) >= LONG_RUN and len(set(bare)) == 1 and bool(_RULE.match(bare))

    def _divides(self, index: int) -> bool:
        """Return whether a rule is between two lines that belong together: a fraction, a head and its column."""
        above, below = self._bare(index - 1), self._bare(index + 1)
        if _ORNAMENT.search(self.lines[index]) or not above or not below:
            return False
        return above[-1] not in _SENTENCE_ENDS

    def _is_symbols(self, index: int) -> bool:
        bare = self._bare(index)
        return bool(bare) and not _LETTER.search(bare)

    def _drawn(self, index: int) -> bool:
        """Return whether a line is part of a drawing: beside a frame, or one of several lines of symbols."""
        if _BOX.search(self._bare(index - 1) + self._bare(index + 1)):
            return True
        first = last = index
        while index - first <= LONGEST_BLOCK and self._is_symbols(first - 1):
            first -= 1
        while last - index <= LONGEST_BLOCK and self._is_symbols(last + 1):
            last += 1
        return last - first >= LONGEST_BLOCK or not all(map(self._decorates, range(first, last + 1)))

    def _is_ascii_ornament(self, index: int) -> bool:
        bare = self._bare(index)
        if self.lines[index].startswith(" ") or not _ASCII_ONLY.fullmatch(bare):
            return False
        kinds = set(bare) - {" "}
        alone = not self._bare(index - 1) and not self._bare(index + 1)
        return alone and bool(kinds - {"o", "O"}) and kinds not in ({"-"}, {"*"}, {"_"})

    def separates(self, index: int) -> bool:
        """Return whether a line only parts what is above from what is below."""
        if not self.lines[index]:
            return False
        if self._any_ascii and self._is_ascii_ornament(index):
            return True
        return self._decorates(index) and not self._divides(index) and not self._drawn(index)


def separators(least: int, replacement: str, ascii_lines: bool) -> Rule:
    """Lines of ornament give way to `replacement` (an empty line makes a paragraph break)."""

    def apply(text: str) -> tuple[str, int]:
        if not ascii_lines and not _PRESENT.search(text) and not _MIXED.search(text):
            return text, 0
        look = _Lines(text, least, ascii_lines)
        code = code_lines(look.lines)
        gone = [index for index in range(len(look.lines)) if not code[index] and look.separates(index)]
        for index in gone:
            look.lines[index] = replacement
        return "\n".join(look.lines), len(gone)

    end, blanks = re2_class(points("\n" + LINE_ENDS)), re2_class(points(BLANKS))
    inside = re2_class(STRONG | COMPANIONS | points(BLANKS))
    mixed = "|".join(f"{re.escape(one)}[{PATTERN_SYMBOLS.replace(one, '')}]" for one in PATTERN_SYMBOLS)
    ornament = f"[{inside}]*[{re2_class(STRONG)}][{inside}]*"
    pattern = f"[{blanks}]*[{PATTERN_SYMBOLS}]*(?:{mixed})[{PATTERN_SYMBOLS}]*[{blanks}]*"
    proof = rf"(?:\A|[{end}])(?:{ornament}|{pattern})(?:[{end}]|\z)"
    if ascii_lines:
        proof += rf"|(?:\A|[{end}])[{blanks}]*{_ASCII_ONLY.pattern}[{blanks}]*(?:[{end}]|\z)"
    return counting_rule(
        "symbols.drop-separator", apply, "A row of ornaments only parts paragraphs.", proof=(proof,), ascii=True
    )
