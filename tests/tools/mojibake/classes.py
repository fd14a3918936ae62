"""Character classes for the plausibility model: script, case and kind, about 150 of them.

Only the training script runs this; its result ships inside `model.npz`, so that the classes do not depend on the
Unicode tables of the interpreter or of an installed package.
"""

from __future__ import annotations

import numpy as np
import regex

UNASSIGNED, PRIVATE = "unassigned", "private"
_SCRIPTS = """
Latin Greek Cyrillic Armenian Hebrew Arabic Syriac Thaana Nko Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu
Kannada Malayalam Sinhala Thai Lao Tibetan Myanmar Georgian Hangul Ethiopic Cherokee Canadian_Aboriginal Ogham Runic
Khmer Mongolian Hiragana Katakana Bopomofo Han Yi Tifinagh Vai Javanese Balinese Cham Tai_Le New_Tai_Lue
"""
SCRIPTS = tuple(_SCRIPTS.split())
LATIN_PARTS = ("basic", "supplement", "extended-a", "extended-b", "vietnamese", "rare")
_ASCII = {
    "space": " \t",
    "newline": "\n\r",
    "digit": "0123456789",
    "lower": "abcdefghijklmnopqrstuvwxyz",
    "upper": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "quote": "\"'",
    "stop": ".,;:!?",
    "open": "([{<",
    "close": ")]}>",
}
_SYMBOL_BLOCKS = (
    ("box", 0x2500, 0x259F),
    ("emoji", 0x1F300, 0x1FAFF),
    ("flag", 0x1F1E6, 0x1F1FF),
    ("dingbat", 0x2600, 0x27BF),
    ("arrow", 0x2190, 0x21FF),
    ("arrow-supplement", 0x1F800, 0x1F8FF),
    ("mathematics", 0x2200, 0x22FF),
    ("geometric", 0x25A0, 0x25FF),
    ("currency", 0x20A0, 0x20CF),
)
_KINDS = (
    ("open", r"[\p{Ps}\p{Pi}]"),
    ("close", r"[\p{Pe}\p{Pf}]"),
    ("dash", r"\p{Pd}"),
    ("mark", r"\p{P}"),
    ("number", r"\p{N}"),
)


def _common_han() -> frozenset[int]:
    """First levels of GB 2312, Big5 and JIS X 0208: the characters of ordinary text."""
    found: set[int] = set()
    for encoding, leads, trails in (
        ("gb2312", range(0xB0, 0xD8), range(0xA1, 0xFF)),
        ("big5", range(0xA4, 0xC7), (*range(0x40, 0x7F), *range(0xA1, 0xFF))),
        ("euc_jp", range(0xB0, 0xD0), range(0xA1, 0xFF)),
    ):
        for lead in leads:
            for trail in trails:
                found.update(map(ord, bytes([lead, trail]).decode(encoding, "ignore")))
    return frozenset(found)


def _common_hangul() -> frozenset[int]:
    """The 2,350 syllables of KS X 1001."""
    text = bytes(b for lead in range(0xB0, 0xC9) for trail in range(0xA1, 0xFF) for b in (lead, trail))
    return frozenset(map(ord, text.decode("euc_kr", "ignore")))


def _latin_part(code: int) -> str:
    for part, last in (("basic", 0x7F), ("supplement", 0xFF), ("extended-a", 0x17F), ("extended-b", 0x24F)):
        if code <= last:
            return part
    return "vietnamese" if 0x1EA0 <= code <= 0x1EF9 else "rare"


def _name(code: int, han: frozenset[int], hangul: frozenset[int], script_of: dict[int, str]) -> str:
    char = chr(code)
    for name, members in _ASCII.items():
        if char in members:
            return name
    if code < 0x20 or code == 0x7F:
        return "c0"
    if code < 0x80:
        return "ascii-symbol"
    if code < 0xA0:
        return "c1"
    if code == 0xA0:
        return "no-break-space"
    if code == 0xFFFD:
        return "replacement"
    if regex.match(r"\p{Cn}|\p{Cs}", char):
        return UNASSIGNED
    if regex.match(r"\p{Co}", char):
        return PRIVATE
    if 0xFE00 <= code <= 0xFE0F:
        return "variation-selector"
    if 0x1F3FB <= code <= 0x1F3FF:
        return "skin-tone"
    if code in (0x200C, 0x200D):
        return "joiner"
    if regex.match(r"\p{Cf}", char):
        return "format"
    if regex.match(r"\p{Z}", char):
        return "other-space"
    script = script_of.get(code)
    if regex.match(r"[\p{L}\p{M}\p{Nd}\p{Nl}]", char) and code not in (0xAA, 0xBA):
        if script is None:
            if regex.match(r"\p{M}", char):
                return "combining"
            return "mathematical-letter" if code >= 0x1D400 else "other-script"
        if script == "Han":
            return "Han-common" if code in han else "Han-rare" if 0x4E00 <= code <= 0x9FFF else "Han-extension"
        if script == "Hangul":
            if 0xAC00 <= code <= 0xD7A3:
                return "Hangul-common" if code in hangul else "Hangul-rare"
            return "Hangul-jamo"
        if script == "Katakana" and code >= 0xFF00:
            return "Katakana-half-width"
        kind = "upper" if regex.match(r"[\p{Lu}\p{Lt}]", char) else "letter" if regex.match(r"\p{L}", char) else "mark"
        if regex.match(r"\p{N}", char):
            kind = "digit"
        if script == "Latin":
            return f"Latin-{_latin_part(code)}-{'upper' if kind == 'upper' else 'letter'}"
        if script == "Greek" and code >= 0x1F00:
            script = "Greek-polytonic"
        elif script == "Cyrillic" and code > 0x45F:
            script = "Cyrillic-extended"
        elif script == "Arabic" and code >= 0xFB00:
            script = "Arabic-presentation"
        elif script == "Arabic" and code >= 0x06D6 and kind == "letter":
            script = "Arabic-extended"
        return f"{script}-{kind}"
    for name, start, stop in _SYMBOL_BLOCKS:
        if start <= code <= stop:
            return name
    area = "latin-1" if code < 0x100 else "general" if 0x2000 <= code < 0x2070 else "rest"
    if 0x3000 <= code < 0x3100 or 0xFE30 <= code < 0xFF70:
        area = "cjk"
    for kind, pattern in _KINDS:
        if regex.match(pattern, char):
            return f"{area}-{kind}"
    return f"{area}-symbol"


def class_table() -> tuple[tuple[str, ...], np.ndarray]:
    """Class names, and the class of every code point.

    Returns:
        Names (0 is unassigned, 1 private use) and a uint8 array of 0x110000 positions in them.
    """
    han, hangul = _common_han(), _common_hangul()
    everything = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x110000)]))
    script_of = {ord(m): s for s in SCRIPTS for m in regex.findall(rf"\p{{Script={s}}}", everything)}
    names = [UNASSIGNED] * 0x110000
    for code in (*range(0xD800), *range(0xE000, 0x110000)):
        names[code] = _name(code, han, hangul, script_of)
    kinds = (UNASSIGNED, PRIVATE, *sorted(set(names) - {UNASSIGNED, PRIVATE}))
    position = {name: i for i, name in enumerate(kinds)}
    return kinds, np.array([position[name] for name in names], dtype=np.uint8)
