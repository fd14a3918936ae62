"""Write `transforms/kernels/boilerplate/finders/month_names.json` from the names of months in CLDR.

Source: Unicode CLDR as the package Babel 2.19 (not installed with this one) hands it out, under the Unicode License v3.
How the data file was made:

    pip install babel
    python -m tests.tools.month_names transforms/kernels/boilerplate/finders/month_names.json
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

from corpusmill.transforms.kernels.boilerplate.lines.folding import fold_line

LANGUAGES = (
    "af ar az be bg bn ca cs cy da de el en es et eu fa fi fr ga gl he hi hr hu hy id is it ka kk km lo lt lv mk ms my "
    "nb nl nn pl pt ro ru sk sl sq sr sv sw ta te th tl tr uk ur uz"
).split()
"""Languages whose months have names; in the others they are numbers."""

SOURCE = "Unicode CLDR (Unicode License v3), by way of Babel 2.19; made by tests/tools/month_names.py"


def names_of(months: dict[str, dict[str, dict[int, str]]]) -> list[list[str]]:
    """Return for each month its names, those that are equal when folded once.

    Args:
        months: Context (`format`, `stand-alone`) -> width -> number of the month -> name.
    """
    names: list[list[str]] = [[] for _ in range(12)]
    for context in ("stand-alone", "format"):
        for width in ("wide", "abbreviated"):
            for number, name in months[context][width].items():
                folded = fold_line(name)
                known = [fold_line(other) for other in names[number - 1]]
                if folded and folded not in known and not any(char.isdigit() for char in folded):
                    names[number - 1].append(name)
    return names


def main(path: str) -> None:
    """Write the file."""
    locale: Any = importlib.import_module("babel").Locale
    languages = {code: names_of(locale.parse(code).months) for code in LANGUAGES}
    lines = ",\n".join(
        f'  "{code}": {json.dumps(names, ensure_ascii=False)}' for code, names in languages.items() if all(names)
    )
    text = f'{{\n "source": {json.dumps(SOURCE)},\n "languages": {{\n{lines}\n }}\n}}\n'
    Path(path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
