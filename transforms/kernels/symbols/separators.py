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
ORNAMENTS = STARS | points("◆◇◈◊❖■□▪▫●○◉◎◌◍▲△▼▽▶►▷▸▹◀◄◁◂◃▬▭▰▱❀✿❁✾❈❉❊❇✤✥✢✣❧☙❦❥⁂⁎⁑⁕※➖➰〰♦♢♥♡❤❣҉๑۞۩╳☸✠✡⚜")
HORIZONTALS = points("─━═┄┅┈┉╌╍╴╶╸╺╼╾")
"""Box-drawing lines without a corner or junction: a frame of a table has those, or a neighbour that has."""
BOX = points(range(0x2500, 0x2580)) - HORIZONTALS - points("╳")
DASHES = points("‐‑‒–—―‾¯ˉ＿￣﹏﹋﹍﹉‗＝－～〜∼≈∽≋⁓﹌﹎﹊")
"""Lines only in long runs: two of them are punctuation."""
COMPANIONS = points("*.:~-=_+^'`<>|/\\()•·‧∙・･｡。°˚…＊＋,;゜ﾟ☾☽✨\N{VARIATION SELECTOR-15}\N{VARIATION SELECTOR-16}")
"""May stand in an ornament line, but do not make one."""

LONGEST_RATING = 10
LONG_RUN = 6
_RATING = re.compile(r"[★✭✮✯⭐]*[⯨✬☆✩⭐]*|[●◉]*[○◌]*|[■▰]*[□▱]*|[♥❤]\ufe0f?[♥❤\ufe0f]*[♡]*|[◆♦]*[◇♢]*")
_RATING_ROWS = (5, LONGEST_RATING)


def _is_rating(symbols: str) -> bool:
    """Tell whether ornaments without blanks read as so many of so many: ★★★★☆, ★★★."""
    if not _RATING.fullmatch(symbols):
        return False
    full, kinds = len(symbols.replace("\ufe0f", "")), len(set(symbols) - {"\ufe0f"})
    if kinds > 1:
        return full <= LONGEST_RATING
    return symbols[0] in "★☆⭐" and full <= _RATING_ROWS[0]


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

    def drawn(lines: list[str], index: int) -> bool:
        """Tell whether a line stands among others without letters (a drawing) or beside a frame."""
        before = (index - 1 >= 0 and lines[index - 1]) or ""
        after = (index + 1 < len(lines) and lines[index + 1]) or ""
        if box.search(before) or box.search(after):
            return True
        return any(near.strip(BLANKS) and not letters.search(near) for near in (before, after))

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
