"""The reverse mistake: a document in a legacy encoding that was read as Latin-1 or windows-1252.

`Ïðèâåò` is `Привет` in windows-1251. There is no UTF-8 structure to prove it, only plausibility, so this judges whole
documents and asks for much: the text as it is must be odd, the best reading far more plausible, and what it gives
must be words (`words.py`), or letters that keep company in some language where there were none.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections import Counter
from typing import NamedTuple

import numpy as np

from corpusmill.transforms.kernels.cleaning.mojibake.codecs import CP1252
from corpusmill.transforms.kernels.cleaning.mojibake.language_model import languages
from corpusmill.transforms.kernels.cleaning.mojibake.language_model.model import MODEL, UNITS
from corpusmill.transforms.kernels.cleaning.mojibake.language_model.words import (
    MIN_WORD_SHARE,
    WORD,
    lists_of,
    script_of,
    weights,
)
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search import lattice
from corpusmill.transforms.kernels.unicode.charsets import points

SINGLE = (
    *("cp1251", "koi8-r", "koi8-u", "iso8859-5", "cp866", "mac-cyrillic", "cp855"),
    *("cp1253", "iso8859-7", "cp737", "cp1255", "iso8859-8", "cp1256", "iso8859-6", "cp874"),
    *("cp1250", "iso8859-2", "cp852", "mac-latin2", "cp1257", "iso8859-13", "cp775", "cp1254", "cp1258"),
    *("cp437", "cp850", "mac-roman"),
)
MULTI = ("cp932", "euc_jp", "gbk", "big5", "cp949")
RARE = {"cp855": 20, "cp737": 10, "mac-latin2": 10, "cp775": 20, "iso8859-13": 4, "koi8-u": 4}
"""Bits of extra evidence asked of encodings that few documents are in."""
MULTI_BITS = 10
"""Extra evidence asked of an East Asian encoding: it makes words of two characters out of anything."""
KANA_IS_FOREIGN, KANA_BITS = ("gbk", "big5", "cp949"), 4
"""Encodings of China, Taiwan and Korea hold kana too; the price of each one in them."""
MIN_BESIDE = 0.5
"""Share of the telling characters that must be beside a letter."""
MIN_HIGH, MIN_DISTINCT = 6, 2
"""Characters above ASCII that a document must hold, and different ones, if there is no C1 control among them."""
MIN_SHARE = 0.95
"""Share of them that windows-1252 must be able to encode."""
BAR_BITS, BAR_BITS_EACH = 12.0, 0.25
"""Bits to gain: so many, and so many for each character above ASCII."""
SAMPLE = 20_000
"""Characters that are judged; the rest of a long document follows their verdict."""
_SOUND_CODES = tuple(map(ord, "‘’“”–—…„‚«»\u00a0€™®©°²³·•£§½¼¾±×µ"))
"""Signs that sound text has anyway: they do not count as evidence."""
ODD_BITS, ODD_BITS_EACH = 20.0, 0.25
"""What the letters beyond ASCII of a text must lack in company (see `languages.oddity`) if nothing else is odd: so many
bits, and so many for each letter that votes."""
SPARSE = 50
"""Rows of three letters beyond ASCII are usual in some languages (Icelandic): one to so many letters."""
FEW_ODD = 2
"""Signs within words, or rows of three letters beyond ASCII, that make a text odd."""
MAX_MIXED = 0.05
"""Share of the words that may mix Latin letters with those of another script."""
MIN_KNOWN_SHARE = 0.15
"""Share of the words of another script that its lists must hold: languages related to theirs share so many."""
FEW_KNOWN, MIN_KNOWN, MORE_LETTERS = 3, 1 / 3, 12
"""Words beyond ASCII that must be listed, their share, and by how many letters they exceed those known before."""
NO_COMPANY_BITS, COMPANY_BITS = 40.0, 20.0
"""What letters must lack in company before a reading and may lack after it, where no list tells."""
MAX_PAIRS, MIN_PAIRS = 1000, 0.04
"""Pairs of neighbours looked at where words have no spaces between them, and the share that must be words."""
MAX_WORDS = 400
"""Words looked at."""
UNSEGMENTED_LETTERS = frozenset(["Han", "Hiragana", "Katakana", "Hangul", "Thai"])
"""Scripts in which Latin words touch others."""
_LOST = 0xFFFF
_SHOW_CONTROLS = {b: CP1252[b] for b in range(0x80, 0xA0) if CP1252[b] != "\N{REPLACEMENT CHARACTER}"}
_UNUSED = 0
"""Stands for a byte without a character in a table of code points."""


class LegacyReading(NamedTuple):
    """The document as it was meant, its encoding, bits gained, and whether words or letters prove it."""

    text: str
    codec: str
    bits: float
    proven: bool


TELLING = points(range(0x80, 0x100), CP1252[0x80:0xA0]) - points(_SOUND_CODES, "\N{REPLACEMENT CHARACTER}")
"""Characters beyond ASCII that windows-1252 can encode and that are no everyday signs."""
WITHIN = points("‚„…“”•™")
"""Everyday signs that sound text does not have within words: `pr‚sident`."""
_TELLING, _QUOTES = np.zeros((2, _LOST + 1), dtype=bool)
_TELLING[sorted(TELLING)] = True
_QUOTES[sorted(WITHIN)] = True
_IS_LETTER = np.array([chr(c).isalpha() and c < 0x250 for c in range(_LOST + 1)])


@functools.cache
def _bytes() -> np.ndarray:
    """Code point (BMP) -> the byte it was read from, or `_LOST`."""
    table = np.full(0x10000, _LOST, dtype=np.uint16)
    table[:256] = np.arange(256)
    for byte in range(0x80, 0xA0):
        if CP1252[byte] != "\N{REPLACEMENT CHARACTER}":
            table[ord(CP1252[byte])] = byte
    return table


@functools.cache
def _table(codec: str) -> np.ndarray:
    """Byte -> code point in a single-byte encoding."""
    table = np.full(256, _UNUSED, dtype=np.int64)
    for byte in range(256):
        char = bytes([byte]).decode(codec, "ignore")
        if char and not "\x80" <= char <= "\x9f":
            table[byte] = ord(char)
    return table


def likely(codes: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Which texts have the numbers of characters that `repair` asks for; False proves that it returns None.

    They must also look odd: controls, signs within words, three letters beyond ASCII in a row, or letters that keep no
    company in any language.

    Args:
        codes: uint32 code points of some texts.
        starts: int64, where each text starts.
    """
    count = len(starts)
    high = np.flatnonzero(codes > 0x7F)
    row = np.repeat(np.arange(count), np.diff(np.append(np.searchsorted(high, starts), len(high))))
    known = _bytes()[np.minimum(codes[high], _LOST)] != _LOST
    total = np.bincount(row, minlength=count)
    encodable = np.bincount(row[known], minlength=count)
    result: np.ndarray = (encodable >= MIN_HIGH) & (encodable >= MIN_SHARE * total)
    if not result.any():
        return result
    # most texts of other scripts are out by now, so only the others are looked at closely
    some = known & result[row]
    high, row = high[some], row[some]
    char = np.minimum(codes[high], _LOST)
    before, after = _IS_LETTER[np.minimum(codes[high - 1], _LOST)], _IS_LETTER[np.minimum(codes[high + 1], _LOST)]
    letter = _IS_LETTER[char]
    inside = ~letter & before & after & (_TELLING[char] | _QUOTES[char])
    telling = _TELLING[char] | inside
    result &= np.bincount(row[telling], minlength=count) >= MIN_HIGH
    if not result.any():
        return result
    some = telling & result[row]
    high, row, char, letter, inside = high[some], row[some], codes[high[some]], letter[some], inside[some]
    row_of_three = letter[2:] & letter[1:-1] & letter[:-2] & (high[2:] - high[:-2] == 2)
    odd = np.bincount(row[char < 0xA0], minlength=count) > 0
    odd |= np.bincount(row[inside], minlength=count) >= FEW_ODD
    total = np.bincount(row, minlength=count)
    odd |= np.bincount(row[2:][row_of_three], minlength=count) >= FEW_ODD + total // SPARSE
    votes = np.minimum(total, languages.MAX_LETTERS)
    odd |= languages.oddity(char, row, count) >= ODD_BITS + ODD_BITS_EACH * votes
    return result & odd


def repair(text: str, *, is_likely: bool | None = None) -> LegacyReading | None:
    """Read a document in the encoding that makes it most plausible, if that is much more plausible than it is.

    A reading that is not proven is no ground for a repair; it says that the document is suspect.

    Args:
        text: The document.
        is_likely: What `likely` says of it, if that is known.
    """
    if not (likely(*lattice.join([text]))[0] if is_likely is None else is_likely):
        return None
    codes = lattice.as_codes(f" {text[:SAMPLE]} ")
    high = np.flatnonzero(codes > 0x7F)
    data = _bytes()[np.minimum(codes, _LOST)]
    signs = _IS_LETTER[np.minimum(codes[high - 1], _LOST)] & _IS_LETTER[np.minimum(codes[high + 1], _LOST)]
    telling = high[_TELLING[np.minimum(codes[high], _LOST)] | (_QUOTES[np.minimum(codes[high], _LOST)] & signs)]
    if len(telling) < MIN_HIGH or (data[high] != _LOST).mean() < MIN_SHARE:
        return None
    if len(np.unique(codes[telling])) < MIN_DISTINCT and not (codes[telling] < 0xA0).any():
        return None
    if _beside_letters(codes, telling) < MIN_BESIDE:
        return None
    bar = (BAR_BITS + BAR_BITS_EACH * len(telling)) * UNITS
    best = _best_single(codes, data, telling, high, bar)
    for codec in MULTI:
        read = _reread(text[:SAMPLE], codec)
        if read is None:
            continue
        foreign = sum("\u3041" <= c <= "\u30ff" for c in read) if codec in KANA_IS_FOREIGN else 0
        gain = MODEL.price(text[:SAMPLE]) - MODEL.price(read) - (MULTI_BITS + KANA_BITS * foreign) * UNITS
        if gain > bar and (best is None or gain > best[0]):
            best = gain, codec
    if best is None:
        return None
    whole = _reread(text, best[1])
    if whole is not None and best[1] == "cp932":
        whole = _LENGTHENED.sub("ー", whole)
    if whole is None or whole == text.translate(_SHOW_CONTROLS):
        return None
    return LegacyReading(whole, best[1], best[0] / UNITS, _proven(text[:SAMPLE], whole[:SAMPLE]))


def _best_single(
    codes: np.ndarray, data: np.ndarray, telling: np.ndarray, high: np.ndarray, bar: float
) -> tuple[int, str] | None:
    """Return the single-byte encoding that makes a text most plausible, and the units that it gains beyond `bar`.

    Args:
        codes: Code points of the text.
        data: The byte that each was read from, or `_LOST`.
        telling: Where the characters are that tell.
        high: Where all characters above ASCII are.
        bar: Units to gain.
    """
    near, total = _Pairs.at(codes, data, _around(telling)), _Pairs.at(codes, data, _around(high))
    price_near, price_total = near.price(), total.price()
    kinds, place = np.unique(codes[high], return_inverse=True)
    bytes_of = _bytes()[np.minimum(kinds, _LOST)]
    best: tuple[int, str] | None = None
    for codec in SINGLE:
        table = _table(codec)
        letters = _decoded(table, kinds, bytes_of)
        if (letters == _UNUSED).any():
            continue
        extra = RARE.get(codec, 0) * UNITS
        if price_near - near.price(table) - extra <= 0:
            continue
        gain = price_total - total.price(table) - extra
        gain += languages.coherence(letters[place]) - languages.coherence(codes[high])
        if gain > bar and (best is None or gain > best[0]):
            best = gain, codec
    return best


def _proven(before: str, after: str) -> bool:
    """Return whether a reading is proven: by words of another script or of a list, or by the company of letters."""
    words = _beyond_ascii(after)[:MAX_WORDS]
    scripts = Counter(script_of(w) for w in words)
    script, count = max(sorted(scripts.items()), key=lambda item: item[1], default=("", 0))
    if not count:
        return False
    known = _known_words(words, script)
    if script != "Latin":
        mixed = sum(any(c.isascii() and c.isalpha() for c in w) for w in words)
        if script in UNSEGMENTED_LETTERS:
            return _holds_words(after, script)
        enough = known is None or (len(known) >= MIN_KNOWN_SHARE * count and sum(map(len, known)) >= MIN_HIGH)
        listed = enough or _finds_company(before, after)
        return mixed <= MAX_MIXED * len(words) and listed
    known = known or []
    letters = sum(map(len, known)) - sum(map(len, _known_words(_beyond_ascii(before)[:MAX_WORDS], script) or []))
    if len(known) >= FEW_KNOWN and len(known) >= MIN_KNOWN * len(words) and letters >= MORE_LETTERS:
        return True
    return _finds_company(before, after)


def _finds_company(before: str, after: str) -> bool:
    """Return whether letters that keep no company, or controls that are no letters at all, become letters that do."""
    odd = sum("\x80" <= c <= "\x9f" for c in before) >= MIN_HIGH or languages.text_oddity(before) >= NO_COMPANY_BITS
    return odd and languages.text_oddity(after) <= COMPANY_BITS


def _holds_words(text: str, script: str) -> bool:
    """Return whether pairs of characters of a script without spaces are often words of its lists; true without one."""
    lists = lists_of(script)
    if lists is None:
        return True
    runs = [run for run in _beyond_ascii(text)[:MAX_WORDS] if len(run) > 1]
    pairs = [a + b for run in runs for a, b in itertools.pairwise(run)][:MAX_PAIRS]
    return sum(lists.place(pair) >= 0 for pair in pairs) >= MIN_PAIRS * max(1, len(pairs))


def _beyond_ascii(text: str) -> list[str]:
    return [w for w in WORD.findall(text) if not w.isascii()]


def _known_words(words: list[str], script: str) -> list[str] | None:
    """Those of some words that the list of their language holds; None without a list."""
    lists = lists_of(script)
    if lists is None:
        return None
    words = [w for w in words if len(w) > 1]
    weight = weights(lists.costs(words))
    rows = [lists.place(w) for w in words]
    return [w for w, row in zip(words, rows, strict=True) if row >= 0 and lists.share(row, weight) > MIN_WORD_SHARE]


def _beside_letters(codes: np.ndarray, at: np.ndarray) -> float:
    """Share of some characters that are beside a letter, an ASCII one or another one above ASCII."""
    ascii_letter = ((codes | 0x20) >= ord("a")) & ((codes | 0x20) <= ord("z"))
    letter = ascii_letter | ((codes > 0x7F) & ~np.isin(codes, _SOUND_CODES))
    return float((letter[at - 1] | letter[at + 1]).mean())


def _around(high: np.ndarray) -> np.ndarray:
    """Where the pairs begin that have one of these characters in them."""
    return np.unique(np.concatenate([high - 1, high]))


def _decoded(table: np.ndarray, codes: np.ndarray, data: np.ndarray) -> np.ndarray:
    """Code points of some characters as an encoding reads their bytes; those without a byte stay."""
    known = data != _LOST
    return np.where(known, table[np.where(known, data, 0)], codes)


class _Pairs(NamedTuple):
    """Different pairs of neighbours: code points and bytes of the first and the second characters, and how many."""

    codes: np.ndarray
    data: np.ndarray
    next_codes: np.ndarray
    next_data: np.ndarray
    counts: np.ndarray

    @classmethod
    def at(cls, codes: np.ndarray, data: np.ndarray, places: np.ndarray) -> _Pairs:
        """The pairs that begin at some places."""
        pair = codes[places].astype(np.uint64) << np.uint64(32) | codes[places + 1]
        _, first, counts = np.unique(pair, return_index=True, return_counts=True)
        once = places[first]
        return cls(codes[once], data[once], codes[once + 1], data[once + 1], counts)

    def price(self, table: np.ndarray | None = None) -> int:
        """What the pairs cost as they are, or as an encoding reads them."""
        if table is None:
            return int(MODEL.steps(self.codes, self.next_codes) @ self.counts)
        first = _decoded(table, self.codes, self.data)
        return int(MODEL.steps(first, _decoded(table, self.next_codes, self.next_data)) @ self.counts)


def _reread(text: str, codec: str) -> str | None:
    codes = lattice.as_codes(text)
    data = _bytes()[np.minimum(codes, _LOST)]
    known = data != _LOST
    if codec in SINGLE:
        new = _table(codec)[np.where(known, data, 0)]
        return lattice.as_text(np.where(known & (new != _UNUSED), new, codes))
    try:
        return data.astype(np.uint8).tobytes().decode(codec) if known.all() else None
    except UnicodeDecodeError:
        return None


_LENGTHENED = re.compile(r"(?<=[\u30a1-\u30fa])\[(?![^\[\]\n]{0,100}\])")
"""ー is 81 5B in Shift-JIS; where 81, which windows-1252 lacks, was dropped, a bracket is left that nothing closes."""
