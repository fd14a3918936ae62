"""Canonical composition (NFC) of the texts that a proof on the column could not clear.

`unicodedata` composes: Arrow's `utf8_normalize` (seen in 25) takes Hangul syllables apart and misses compositions. Its
tables are those of the Python (Unicode 13 in 3.10, 15.1 in 3.13); for characters assigned by Unicode 13 all agree.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from corpusmill.transforms.kernels.cleaning.rules import Rule, counting_rule
from corpusmill.transforms.kernels.unicode.charsets import coarse_class, having, outline_class, python_class, re2_class
from corpusmill.transforms.kernels.unicode.combining_marks import mark_pair, nonstarters, outline_of_marks

UnicodeForm = Literal["NFC", "none"]

MAX_NONSTARTERS = 30
"""UAX #15, section 13 (Stream-Safe Text Format). Sorting marks takes quadratic time in the length of their run."""


def form_rules(form: UnicodeForm) -> list[Rule]:
    """Return the rules that bring a text into the form."""
    if form == "none":
        return []
    moving = nonstarters()
    suspicious = having(r"\P{NFC_Quick_Check=Yes}")
    move, perhaps = f"[{python_class(moving)}]", f"[{coarse_class(moving)}]"
    stretch = re.compile(f"({move}{move}{{{MAX_NONSTARTERS - 1}}}){move}+")
    perhaps_stretch = re.compile(f"{perhaps}{perhaps}{{{MAX_NONSTARTERS}}}")

    def cut(text: str) -> tuple[str, int]:
        return stretch.subn(r"\1", text) if perhaps_stretch.search(text) else (text, 0)

    def normalize(text: str) -> tuple[str, int]:
        after = unicodedata.normalize("NFC", text)
        return after, int(after != text)

    safe, composed = "unicode.stream-safe", "unicode.compose"
    return [
        counting_rule(
            safe,
            cut,
            "More than thirty marks in a row cannot be put in order in linear time (UAX #15, Stream-Safe Text).",
            among=moving,
            proof=(mark_pair(), f"[{re2_class(moving)}]{{{MAX_NONSTARTERS + 1}}}"),
            coarse=outline_of_marks(),
        ),
        counting_rule(
            composed,
            normalize,
            "One spelling for each accented letter.",
            among=suspicious | moving,
            proof=(
                f"[{re2_class(suspicious)}]|{mark_pair()}",
                f"[{re2_class(suspicious)}]|[{re2_class(moving)}][{re2_class(moving)}]",
            ),
            coarse=f"[{outline_class(suspicious)}]|{outline_of_marks()}",
        ),
    ]
