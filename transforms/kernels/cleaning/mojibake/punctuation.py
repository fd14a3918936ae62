"""Everyday punctuation that lost a byte: `â€œAS ISâ€`, `nothing â€" nobody`, `PowerHouseâ"¢`, `1 â†' 2`, `鈥檚`.

All signs of common typography begin with byte E2. Where a codec shows that byte and the second one, what follows is one
of few signs, and people write some of them a hundred times as often as the others. So a small prior over signs and the
place of each decide; beginnings that sound text never holds (`â€`, `вЂ`) prove the codec by themselves.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

import numpy as np

from corpusmill.transforms.kernels.cleaning.mojibake import gates
from corpusmill.transforms.kernels.cleaning.mojibake.codecs import CP1252, NAMES

LOST = "\N{REPLACEMENT CHARACTER}"
JOINER = "\N{ZERO WIDTH JOINER}"
HEART = "❤"
"""The one of these signs whose second byte windows-1252 lacks."""
SELECTOR = "\N{VARIATION SELECTOR-16}"
"""Makes an emoji of the sign before it; the one of these signs that does not begin with E2."""
EN_DASH, EM_DASH = "–", "—"
_PRIOR = (
    (0, "’”“"),
    (1, "–—…"),
    (2, "‘"),
    (3, "•™→─❤" + JOINER + SELECTOR),
    (4, "€│├└✓←†"),
    (5, "┌┐┘┤┬┴┼═║╔╗╚╝✔●★☆‹›„‚⇒↓↑−≤≥≠≈■►▶" + "\N{HYPHEN}"),
    (6, "╠╣╦╩╬█▓▒░◆◇○□▪▫▲△▼▽◄♥♦♣♠♪✗✘✕✖❌✅⭐⚠☺☹☀☎⇐↔↑↗↘⇔∞√∑∂∫∆∏∈∅‰′″⁄‡※⁃№℃ℓ⅓⅔⅛☐☑♀♂"),
)
"""Bits by which a sign is rarer than the commonest ones, by classes: what English and European web text holds."""
BITS = {sign: bits for bits, signs in _PRIOR for sign in signs}
PLACE_BITS = 3
"""Added to a sign in a place where it hardly ever is."""
CLEAR_BITS = 1
"""The best sign must be so far ahead of the next one."""
LONG_EMOJI = 4
"""Bytes of an emoji."""
SURE_SIGNS = 2
"""Damaged signs that allow readings of which little is intact."""
COMMON_BITS = 3
"""Signs as common as this may have lost their second byte anywhere; rarer ones need others beside them."""
_STRAIGHT = {
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "‚": ",",
    "„": '"',
    "–": "-",
    "—": "-",
    "˜": "~",
    "‹": "<",
    "›": ">",
}
_FAMILIES = ("cp1252", "cp1251", "cp1253", "cp1257")
"""The most usual one of the codecs that show bytes E2 80 alike."""
_BY_LETTER = {"cp1250": re.compile("â€[śťžź]")}
"""Codecs of a family that are known by the later bytes that they alone show so."""


class _Spelling(NamedTuple):
    """What a damaged spelling may stand for, its bits, how many bytes are intact, and whether the other one is gone."""

    sign: str
    bits: int
    intact: int
    dropped: bool


def _show(byte: int, codec: str) -> str:
    """What a codec shows for a byte, windows-1252 in its gaps; a control where neither has a character."""
    char = bytes([byte]).decode(codec, "ignore")
    if char and not "\x80" <= char <= "\x9f":
        return char
    return CP1252[byte] if CP1252[byte] != LOST else chr(byte)


def _is_gap(byte: int, codec: str) -> bool:
    return not bytes([byte]).decode(codec, "ignore")


@functools.cache
def _spellings(codec: str) -> dict[str, list[_Spelling]]:
    """Damaged spelling -> the signs that it may stand for."""
    table: dict[str, list[_Spelling]] = {}

    def add(written: str, sign: str, intact: int, *, dropped: bool = False) -> None:
        table.setdefault(written, []).append(_Spelling(sign, BITS[sign], intact, dropped))

    for sign in BITS:
        if sign == SELECTOR and codec != "cp1252":
            continue
        first, second, third = (_show(byte, codec) for byte in sign.encode())
        if third in _STRAIGHT:
            add(first + second + _STRAIGHT[third], sign, 2)
        if _is_gap(sign.encode()[2], codec):
            for stand_in in ("?", LOST, "\x1a"):
                add(first + second + stand_in, sign, 2)
            if sign.encode()[1] == 0x80 or sign == SELECTOR:
                add(first + second, sign, 2, dropped=True)
        if sign == HEART and codec == "cp1252":
            for stand_in in ("?", LOST, "\x1a"):
                add(first + stand_in + third, sign, 2)
            add(first + third, sign, 2, dropped=True)
        if second in _STRAIGHT and first == "â":
            add(first + _STRAIGHT[second] + third, sign, 2)
            if third in _STRAIGHT:
                add(first + _STRAIGHT[second] + _STRAIGHT[third], sign, 1)
    return table


@functools.cache
def _beginnings() -> dict[str, str]:
    """What each family shows for bytes E2 80 -> the most usual codec of it."""
    return {_show(0xE2, name) + _show(0x80, name): name for name in _FAMILIES}


@functools.cache
def _pattern(codec: str) -> re.Pattern[str]:
    """Matches damaged spellings that a codec leaves, the longest first; a dropped byte only where none follows."""
    table = _spellings(codec)
    whole = sorted((w for w in table if not table[w][0].dropped), key=lambda w: (-len(w), w))
    beginning = _show(0xE2, codec) + _show(0x80, codec)
    alike = [name for name in NAMES if _show(0xE2, name) + _show(0x80, name) == beginning]
    later = "".join(
        sorted({_show(b, name) for b in range(0x80, 0xC0) for name in alike}) + [chr(b) for b in range(0x80, 0xA0)]
    )
    parts = [re.escape(w) for w in whole]
    selector = "".join(_show(byte, codec) for byte in SELECTOR.encode()[:2])
    for written in table:
        if written not in whole:
            alone = f"(?={selector})" if table[written][0].sign == HEART else f"(?![{re.escape(later)}])"
            parts.append(re.escape(written) + alone)
    return re.compile("|".join(parts))


_TRACE = re.compile(r"""â(?:[^\x00-\x7f]|["',?\x1a~<>-])|ï¸|вЂ|[βā]€|鈥""")
"""Beginnings of damaged signs: `â` before a sign or a straightened one, E2 80 in other codecs, 鈥 in GBK."""
_STRAIGHT_SIGNS = frozenset(map(ord, "\"',?\x1a-~<>"))
_LETTERS = "вβā"
_SECOND = {ord("ï"): ord("¸"), ord("в"): ord("Ђ"), ord("β"): ord("€"), ord("ā"): ord("€")}


def traces(codes: np.ndarray) -> np.ndarray:
    """Positions where a damaged sign may begin; a text without one is left alone by `restore`.

    Args:
        codes: uint32 code points, padded.
    """
    high = np.flatnonzero(codes[:-1] > 0x7F)
    char = codes[high]
    hits = [high[char == ord("鈥")]]
    first = high[char == ord("â")]
    following = codes[first + 1]
    hits.append(first[(following > 0x7F) | np.isin(following, list(_STRAIGHT_SIGNS))])
    for letter, second in _SECOND.items():
        first = high[char == letter]
        hits.append(first[codes[first + 1] == second])
    return np.concatenate(hits)


def _place_bits(sign: str, before: str, after: str) -> int:
    """What the place of a sign costs it."""
    closes = bool(before) and not before.isspace() and before not in "([{"
    opens = after.isalnum() or after in "([{$€£…—–-"
    if sign == "”":
        within = before.isalpha() and after.isalpha()
        return 2 * PLACE_BITS if within else 0 if closes and not after.isalnum() else PLACE_BITS
    if sign in "“‘":
        return 0 if opens and not closes else PLACE_BITS
    if sign == "’":
        return 0 if closes else PLACE_BITS
    if sign == "\N{HYPHEN}":
        return -2 if before.isalpha() and after.isalpha() else PLACE_BITS
    if sign == JOINER:
        return 4 * PLACE_BITS
    return 0


def _ends_in_emoji(text: str) -> bool:
    """Return whether a damaged text ends in bytes of an emoji: four from F0 on, or three from E2 or EF on."""
    return any(
        text[-size : 1 - size] in {_show(byte, codec) for codec in _FAMILIES}
        for size, byte in ((4, 0xF0), (3, 0xE2), (3, 0xEF))
    )


def _read(text: str, start: int, end: int, spellings: list[_Spelling]) -> str | None:
    """The sign that a damaged spelling stands for, or None where nothing is clear."""
    before, after = text[start - 1 : start], text[end : end + 1]
    # what follows is a sign as well, and its first byte no letter
    after = EM_DASH if _TRACE.match(text, end) else after
    joins = after > "\x7f" and _ends_in_emoji(text[:start][-LONG_EMOJI:])
    priced: dict[str, int] = {}
    for spelling in spellings:
        placed = -2 * PLACE_BITS if spelling.sign == JOINER and joins else _place_bits(spelling.sign, before, after)
        price = spelling.bits + placed
        priced[spelling.sign] = min(price, priced.get(spelling.sign, price))
    if EN_DASH in priced and EM_DASH in priced:
        # where their byte is gone only the place tells the dashes apart: before a number it is mostly an en dash
        following = text[end : end + 2].lstrip(" \u00a0")[:1]
        del priced[EM_DASH if following.isdigit() else EN_DASH]
    ranked = sorted((price, sign) for sign, price in priced.items())
    if len(ranked) > 1 and ranked[1][0] - ranked[0][0] < CLEAR_BITS:
        return None
    return ranked[0][1]


def _codec(text: str, codec: str) -> str:
    for other, letters in _BY_LETTER.items():
        if codec == "cp1252" and letters.search(text):
            return other
    return codec


@functools.cache
def _intact(codec: str) -> re.Pattern[str]:
    """Matches whole sequences that begin with bytes E2 80."""
    beginning = _show(0xE2, codec) + _show(0x80, codec)
    later = "".join(re.escape(_show(b, codec)) for b in range(0x90, 0xA7) if not _is_gap(b, codec))
    return re.compile(f"{beginning}[{later}]")


def _breaks_in(text: str, start: int, codec: str) -> bool:
    """Return whether a sequence is not complete at a place: what follows is part of deeper damage."""
    if text[start - 2 : start] == _show(0xC3, codec) + _show(0xA2, codec):
        return True
    for back in (1, 2, 3):
        char = text[start - back : start - back + 1] if start >= back else ""
        if char <= "\x7f":
            return False
        data = char.encode(codec, "ignore") or (char.encode("latin-1", "ignore") if char < "\xa0" else b"")
        if not data:
            return False
        if data[0] >= 0xC2:
            return 1 < back < (2 if data[0] < 0xE0 else 3 if data[0] < 0xF0 else 4)
    return False


def _ends_a_word(text: str, start: int) -> bool:
    """Return whether the first character of a spelling is a letter behind letters of its kind."""
    before = text[start - 1 : start]
    return text[start] in _LETTERS and before.isalpha() and (before > "\x7f" or text[start] == "ā")


def _restore(text: str, codec: str) -> tuple[str, int]:
    codec = _codec(text, codec)
    table, pattern = _spellings(codec), _pattern(codec)
    matches = list(pattern.finditer(text))
    dropping = any(table[m.group()][0].dropped for m in matches)
    sure = sum(
        table[m.group()][0].intact > 1 and (m.group()[1] > "\x7f" or table[m.group()][0].bits <= COMMON_BITS)
        for m in matches
    )
    # `вЂ` may be in sound text: a preposition or an ending, and a letter in another case
    proven = any(text[m.end() - 1 : m.end()] > "\x7f" for m in _intact(codec).finditer(text))
    alone = len(matches) < SURE_SIGNS
    out, last, count = [], 0, 0
    for match in matches:
        written, (start, end) = match.group(), match.span()
        spellings = table[written]
        if written[1] < "\x80" and min(s.bits for s in spellings) > COMMON_BITS and sure < SURE_SIGNS:
            continue
        if dropping and written[-1] == "?" and (bare := table.get(written[:-1])):
            # elsewhere in the text the byte is gone without a trace, so this is a question mark
            spellings, end = bare, end - 1
        if not proven and (_ends_a_word(text, start) or (written[0] in _LETTERS and spellings[0].dropped and alone)):
            continue
        if _breaks_in(text, start, codec):
            continue
        if sure < SURE_SIGNS and any(s.intact < 2 for s in spellings):
            continue
        sign = _read(text, start, end, spellings)
        if sign is None or gates.spoken_of(text, [(start, end, sign)]):
            continue
        out += [text[last:start], sign]
        last, count = end, count + 1
    return "".join([*out, text[last:]]), count


_EASTERN = re.compile("鈥(?:([\u3400-\u9fff])|\\?)")


def _restore_eastern(text: str) -> tuple[str, int]:
    """Read `鈥檚`, which is `’s` in GBK, and `鈥?`, which lost its third byte and the blank behind it."""
    opened = 0

    def sign(match: re.Match[str]) -> str:
        nonlocal opened
        if match[1]:
            try:
                read = match.group().encode("gb18030").decode()
            except UnicodeDecodeError:
                return match.group()
            if read[0] not in BITS or not read[1:].isascii():
                return match.group()
            opened += (read[0] == "“") - (read[0] == "”")
            return read
        before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        gap = " " if after.isalnum() else ""
        if not before or before.isspace():
            return EM_DASH + gap
        if opened > 0:
            opened -= 1
            return "”" + gap
        return "’" + gap

    after = _EASTERN.sub(sign, text)
    return after, len(_EASTERN.findall(text)) - len(_EASTERN.findall(after))


def restore(text: str) -> tuple[str, int, str]:
    """Restore the everyday signs of a text that lost their second or third byte.

    Args:
        text: Any text.

    Returns:
        The text, how many signs were restored, and the codec that showed them.

    Example:
        >>> restore('â€œAS ISâ€, nothing â€" nobody')[0]
        'â€œAS IS”, nothing — nobody'
    """
    count, used = 0, ""
    if not _TRACE.search(text):
        return text, count, used
    for beginning, codec in _beginnings().items():
        if beginning in text or (codec == "cp1252" and "â" in text):
            text, more = _restore(text, codec)
            count += more
            used = codec if more and not used else used
    if "鈥" in text:
        text, more = _restore_eastern(text)
        count += more
        used = "gb18030" if more and not used else used
    return text, count, used
