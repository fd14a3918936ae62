"""Spacing accents beside the letters they belong on, as PDF extraction leaves them: `pr´elev´ee`, `fu¨r`, `S˜ao`.

Programs that set type draw accent and letter apart, all accents of a document before or all behind their letters. The
accents are put on the letters only if every one in the text can be, and if one of them is where nothing but an
accent can be. Apostrophes typed as `´` (`l´eau`, `k´anka`, `o´zbek`), quotes (`¨word¨`) and figures stay.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from corpusmill.transforms.kernels.boilerplate.lines.code_lines import code_lines
from corpusmill.transforms.kernels.cleaning.rules import Rule, counting_rule

_COMBINING = {
    "´": "\N{COMBINING ACUTE ACCENT}",
    "¨": "\N{COMBINING DIAERESIS}",
    "ˆ": "\N{COMBINING CIRCUMFLEX ACCENT}",
    "˜": "\N{COMBINING TILDE}",
    "¸": "\N{COMBINING CEDILLA}",
    "ˇ": "\N{COMBINING CARON}",
    "˚": "\N{COMBINING RING ABOVE}",
    "˝": "\N{COMBINING DOUBLE ACUTE ACCENT}",
}
_ACUTE = "´"
_NEVER_ELIDED = "fgjmvz"
"""Consonants before which `´` is no apostrophe: not among the endings that French and Italian elide, nor the ejectives
of Quechua and the Mayan languages."""
_MARK = re.compile(f"[{''.join(_COMBINING)}]")
_DOTLESS = {"ı": "i", "ȷ": "j"}


class _Place(NamedTuple):
    """One accent: where it is, the letters around it, where the following one is."""

    start: int
    before: str
    after: str
    after_at: int


def _composed(letter: str, mark: str) -> str:
    """Return the letter with the accent, or nothing if there is no such letter."""
    made = unicodedata.normalize("NFC", _DOTLESS.get(letter, letter) + _COMBINING[mark])
    return made if letter.isalpha() and len(made) == 1 else ""


def _places(text: str, mark: str) -> list[_Place]:
    found = []
    for match in re.finditer(mark, text):
        start = match.start()
        after_at = start + 1 + (text[start + 1 : start + 2] == "\n")
        found.append(_Place(start, text[start - 1 : start] if start else "", text[after_at : after_at + 1], after_at))
    return found


def _stands_before(mark: str, place: _Place, text: str) -> bool:
    """Return whether an accent inside of a word can belong to nothing but the letter behind it."""
    if not (place.before.isalpha() and _composed(place.after, mark)) or not place.after.islower():
        return False
    if mark == _ACUTE:
        longer = text[max(0, place.start - 2) : place.start]
        return place.after in _DOTLESS or (place.before in _NEVER_ELIDED and len(longer) > 1 and longer.isalpha())
    return not _composed(place.before, mark)


def _stands_behind(mark: str, place: _Place) -> bool:
    """Return whether an accent inside of a word can belong to nothing but the letter before it."""
    inside = place.after.isalpha() and place.after_at == place.start + 1
    return inside and bool(_composed(place.before, mark)) and not _composed(place.after, mark) and mark != _ACUTE


def _put_on_letters(text: str) -> tuple[str, int]:
    lines = text.split("\n")
    if any(_MARK.search(line) for line, code in zip(lines, code_lines(lines), strict=True) if code):
        return text, 0
    kinds = {mark: _places(text, mark) for mark in sorted(set(_MARK.findall(text)))}
    fits_before = all(_composed(p.after, mark) for mark, places in kinds.items() for p in places)
    fits_behind = all(
        _composed(p.before, mark) and p.after_at == p.start + 1 for mark, places in kinds.items() for p in places
    )
    if fits_before and any(_stands_before(mark, p, text) for mark, places in kinds.items() for p in places):
        return _rewritten(text, kinds, before=True)
    if fits_behind and any(_stands_behind(mark, p) for mark, places in kinds.items() for p in places):
        return _rewritten(text, kinds, before=False)
    return text, 0


def _rewritten(text: str, kinds: dict[str, list[_Place]], *, before: bool) -> tuple[str, int]:
    places = sorted((place.start, mark, place) for mark, places in kinds.items() for place in places)
    pieces, position = [], 0
    for start, mark, place in places:
        if before:
            pieces += [text[position:start], _composed(place.after, mark)]
            position = place.after_at + 1
        else:
            pieces += [text[position : start - 1], _composed(place.before, mark)]
            position = start + 1
    return "".join([*pieces, text[position:]]), len(places)


def spacing_accents() -> Rule:
    """Accents beside their letters are put on them."""
    return counting_rule(
        "symbols.put-accents-on-letters",
        _put_on_letters,
        "Typesetting programs draw accent and letter apart; the text has one letter.",
        among=frozenset(map(ord, _COMBINING)),
        proof=("[´¨ˆ˜¸ˇ˚˝]",),
    )
