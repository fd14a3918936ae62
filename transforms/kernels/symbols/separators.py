"""Lines that only decorate: rows of stars, triangles, double rules.

A line goes when it holds nothing but ornament. Ratings, table frames, sparklines, drawings of several lines, Markdown
rules, heading underlines and everything in ASCII alone stay.
"""

from __future__ import annotations

import re

from transforms.kernels.charsets import points, python_class, re2_class
from transforms.kernels.regions import code_lines
from transforms.kernels.rules import Rule, counted
from transforms.kernels.whitespace import BLANKS, LINE_ENDS

STARS = points("★☆✦✧✩✪✫✬✭✮✯✰⋆✶✷✸✹✺✱✲✳✴✵❋✻✼✽❃❂")
ORNAMENTS = STARS | points("◆◇◈◊❖■□▪▫●○◉◎◌◍▲△▼▽▶►▷▸▹◀◄◁◂◃▬▭▰▱❀✿❁✾❈❉❊❇✤✥✢✣❧☙❦❥⁂⁎⁑⁕※➖➰〰♢♡๑۞۩╳✠")
HORIZONTALS = points("─━═┄┅┈┉╌╍╴╶╸╺╼╾")
"""Box-drawing lines without a corner or junction: a frame of a table has those, or a neighbour that has."""
BOX = points(range(0x2500, 0x2580)) - HORIZONTALS - points("╳")
DASHES = points("‐‑‒–—―﹏﹋＝－～〜∼⁓﹌")
"""Rules only in long runs: two of them are punctuation. Low lines are missing: they are blanks of forms."""
COMPANIONS = points("*.:~-=_+^'`<>|/\\()•·‧∙・･｡。°˚…＊＋,;゜ﾟ☾☽✨")
"""May stand in an ornament line, but do not make one."""

LONGEST_RATING = 10
LONGEST_PLAIN_RATING = 5
"""Of stars of one kind; with two kinds (★★★☆☆) the scale is seen."""
LONG_RUN = 6
LONGEST_BLOCK = 2
"""More lines of symbols, one below the other, are a drawing."""
_RATING = re.compile(r"[★✭✮✯⭐]*[⯨✬☆✩⭐]*|[●◉]*[○◌]*|[■▰]*[□▱]*|[♥❤]*[♡]*|[◆]*[◇♢]*")


def _is_rating(symbols: str) -> bool:
    """Tell whether ornaments without blanks read as so many of so many: ★★★★☆, ★★★."""
    if not _RATING.fullmatch(symbols):
        return False
    length, kinds = len(symbols), len(set(symbols))
    if kinds > 1:
        return length <= LONGEST_RATING
    return symbols[0] in "★☆⭐" and length <= LONGEST_PLAIN_RATING


def separators(least: int, replacement: str, ascii_lines: bool) -> Rule:
    """Lines of ornament give way to `replacement` (an empty line makes a paragraph break)."""
    rule = "symbols.drop-separator"
    everything = ORNAMENTS | HORIZONTALS | DASHES | COMPANIONS | points(BLANKS)
    strong = ORNAMENTS | HORIZONTALS | DASHES
    only = re.compile(f"[{python_class(everything)}]+")
    ornament = re.compile(f"[{python_class(ORNAMENTS)}]")
    line_drawing = re.compile(f"[{python_class(HORIZONTALS | DASHES)}]")
    box = re.compile(f"[{python_class(BOX)}]")
    letters = re.compile(r"\w")
    ascii_only = re.compile(r"[*.:~\-=_+^#<>oO ]{6,}")
    present = re.compile(f"[{python_class(strong)}]")

    def decorates(line: str) -> bool:
        bare = line.strip(BLANKS)
        if line.startswith("  ") or not only.fullmatch(bare):
            return False
        symbols = re.sub(rf"[{BLANKS}]+", "", bare)
        if len(symbols) < least:
            return False
        if ornament.search(symbols):
            return not _is_rating(symbols)
        # Rules of dashes: long, of one kind, in one piece (several pieces head the columns of a table).
        return (
            len(symbols) >= LONG_RUN
            and len(set(symbols)) == 1
            and bool(line_drawing.match(symbols))
            and symbols == bare
        )

    def decorates_in_ascii(lines: list[str], index: int) -> bool:
        line = lines[index].rstrip(BLANKS)
        around = lines[max(0, index - 1) : index] + lines[index + 1 : index + 2]
        if not ascii_only.fullmatch(line) or any(near.strip(BLANKS) for near in around):
            return False
        kinds = set(line) - {" "}
        return bool(kinds - {"o", "O"}) and kinds not in ({"-"}, {"*"}, {"_"})

    def symbols_only(lines: list[str], index: int) -> bool:
        return 0 <= index < len(lines) and bool(lines[index].strip(BLANKS)) and not letters.search(lines[index])

    def drawn(lines: list[str], index: int) -> bool:
        """Tell whether a line is part of a drawing: beside a frame, or one of several lines of symbols."""
        if any(box.search(near) for near in (*lines[max(0, index - 1) : index], *lines[index + 1 : index + 2])):
            return True
        first = last = index
        while index - first <= LONGEST_BLOCK and symbols_only(lines, first - 1):
            first -= 1
        while last - index <= LONGEST_BLOCK and symbols_only(lines, last + 1):
            last += 1
        block = lines[first : last + 1]
        return len(block) > LONGEST_BLOCK or not all(map(decorates, block))

    def apply(text: str) -> tuple[str, int]:
        if not ascii_lines and not present.search(text):
            return text, 0
        lines = text.split("\n")
        code = code_lines(lines)
        gone = [
            index
            for index, line in enumerate(lines)
            if not code[index]
            and (
                (present.search(line) and decorates(line) and not drawn(lines, index))
                or (ascii_lines and line and decorates_in_ascii(lines, index))
            )
        ]
        for index in gone:
            lines[index] = replacement
        return "\n".join(lines), len(gone)

    end, inside = re2_class(points("\n" + LINE_ENDS)), re2_class(everything)
    proof = rf"(?:\A|[{end}])[{inside}]*[{re2_class(strong)}][{inside}]*(?:[{end}]|\z)"
    if ascii_lines:
        proof += rf"|(?:\A|[{end}])[*.:~\-=_+^#<>oO ]{{6,}}[{re2_class(points(BLANKS))}]*(?:[{end}]|\z)"
    return Rule(
        rule, counted(rule, apply), "A row of ornaments only parts paragraphs.", proof=(proof,), ascii=ascii_lines
    )
