"""Lines of a text that are code by their layout: fenced or indented."""

from __future__ import annotations

import re
from collections.abc import Sequence

_FENCE = re.compile(r" {0,3}(```+|~~~)(?!~)")
_INDENTED = ("    ", "\t")


def code_lines(lines: Sequence[str]) -> list[bool]:
    """Return for each line whether it is indented by four spaces or a tab, or is in a Markdown fence.

    A fence that is never closed reaches to the end of the text, as in CommonMark (section 4.5).
    """
    inside = ""
    code = []
    for line in lines:
        fence = _FENCE.match(line) if "``" in line or "~~~" in line else None
        if inside:
            code.append(True)
            if fence and fence[1].startswith(inside) and not line[fence.end() :].strip():
                inside = ""
        elif fence and "`" not in line[fence.end() :]:
            inside = fence[1]
            code.append(True)
        else:
            code.append(line.startswith(_INDENTED))
    return code
