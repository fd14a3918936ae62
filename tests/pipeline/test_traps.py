"""Texts that make patterns search again and again: the time of cleaning and comparing them grows as their length does.

The growth is measured, not the time: four times the text, and at most seven times the CPU time; what grows with the
square of the length takes sixteen times.
"""

import time
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import corpusmill
from corpusmill.transforms.kernels.duplicates.document_keys import document_keys
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.kernels.duplicates.shared_lines import shared_lines
from corpusmill.transforms.kernels.duplicates.verified import operator_similarity, verified_similarity

SHORT = 12_000
TIMES = 4
MAX_TIMES = 7.0
MIN_S = 0.002
"""CPU seconds below which nothing is concluded: the clock and the start of each call weigh too much."""

UNITS = {
    "one letter": "a",
    "blanks before a letter": " " * 60 + "a",
    "blank lines": " \n",
    "tabs": "\t",
    "exclamation marks": "!",
    "dots": ". ",
    "hyphens": "- ",
    "brackets that open": "([{",
    "links that open": "[a](",
    "images that open": "![",
    "wiki links": "[[a|",
    "citations": "[1]",
    "quoted lines": "> ",
    "deep quotes": ">>>> ",
    "senders": "On a wrote:\n",
    "headers": "Subject: a\nTo: b\n",
    "signatures": "-- \n",
    "references cut off": "&#x",
    "references in references": "&amp;amp;amp;",
    "escapes": "\\u00",
    "quoted-printable": "=C3",
    "terminal escapes": "\x1b[31",
    "overstrikes": "_\x08a",
    "accents": "e\u0301",
    "marks": "\u0323\u0301\u0327",
    "spacing accents": "´e",
    "virama": "क्",
    "jamo": "\u1100\u1161\u11a8",
    "mojibake starters": "Ã",
    "quotes of mojibake": "â€",
    "nested mojibake": "Ãƒ",
    "replacement characters": "â\ufffd\ufffd",
    "digits and commas": "1,",
    "numbers on lines": "1\n",
    "times": "12:",
    "pages": "Page 1 of 2\n",
    "emoji joiners": "👨\u200d",
    "half flags": "🇫",
    "keycaps": "1\ufe0f\u20e3",
    "shortcodes that open": ":fire",
    "tags that open": "<a",
    "comments that open": "<!--",
    "attributes": '<a href="',
    "sections": "<![CDATA[",
    "one word": "word ",
    "words that shout": "WORD ",
    "one word a line": "word\n",
    "addresses": "http://a.",
    "mail addresses": "a@",
    "paths": "/a",
    "bullets": "* a\n",
    "tables": "| a | b |\n",
    "ornaments": "~*~\n",
    "a menu in one line": "Home About Contact Login Register ",
    "a menu": "Home\nAbout\nContact\n",
    "share buttons": "Share\nFacebook\nTwitter\n",
    "share buttons run together": "ShareFacebookTwitterPinterest",
    "read on": "Read more: a\n",
    "credits": "Photo: a\n",
    "consent": "We use cookies. Accept all\n",
    "formulas": "$x > 0$ ",
    "code": "x = y[i] + z(j, k);\n",
}


def _drawn(alphabet: str, size: int) -> str:
    """Characters of an alphabet in an order that repeats only after very many: what no pattern can skip."""
    state, chars = 1, []
    for _ in range(size):
        state = state * 1103515245 + 12345 & 0x7FFFFFFF
        chars.append(alphabet[(state >> 8) % len(alphabet)])
    return "".join(chars)


_SOUNDS = [first + second for first in "бвгдзклмнпрстч" for second in "аеиоуыя"]
_LATIN = "".join(map(chr, range(0xC0, 0x100)))
_WINDOWS = bytes(range(0x80, 0x100)).decode("cp1252", "ignore")
_C1 = "".join(map(chr, range(0x80, 0xA0)))


def _lossy(size: int) -> str:
    """Lines of made-up words, damaged and then robbed of bytes, all of them different."""
    numbers = _drawn("".join(map(chr, range(len(_SOUNDS) + 30))), size // 4)
    text = "".join(_SOUNDS[ord(char)] if ord(char) < len(_SOUNDS) else " " for char in numbers)
    lines = "\n".join(text[i : i + 80] for i in range(0, len(text), 80))
    return lines.encode().decode("cp1252", "replace")[:size]


DISORDER = {
    "letters of Latin-1": lambda size: _drawn(_LATIN + " " * 8 + "\n", size),
    "characters of windows-1252": lambda size: _drawn(_WINDOWS + " " * 8, size),
    "C1 controls in words": lambda size: _drawn(_C1 + "abcdefgh   ", size),
    "lost bytes": _lossy,
}


def _seconds(work: Any, text: str) -> float:
    """The least of some measurements: what else the machine does can only add to one."""
    best = float("inf")
    for _ in range(2):
        start = time.process_time()
        work(text)
        best = min(best, time.process_time() - start)
    return best


def _compare(text: str) -> None:
    settings = DedupSettings()
    document_keys(pa.array([text]), settings)
    pair = pa.array([text]), pa.array([f"{text} other words"]), np.zeros(1, np.int64), np.zeros(1, np.int64)
    verified_similarity(*pair, settings)
    operator_similarity(*pair, settings)
    shared_lines([text, text])


def _growth(work: Any, unit: str) -> float:
    """How many times the time of a short text a long one takes, for one unit without end."""
    return _times(work, *(unit * (size // len(unit)) for size in (SHORT, TIMES * SHORT)))


def _times(work: Any, short: str, long: str) -> float:
    """How many times the time of a short text a long one takes, at the least of some tries."""
    work(short[: SHORT // 8])
    least = float("inf")
    for _ in range(3):  # a machine that does much else: again
        least = min(least, _seconds(work, long) / max(_seconds(work, short), MIN_S))
        if least < MAX_TIMES:
            break
    return least


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_cleaning_takes_time_in_proportion_to_the_text(unit: Any) -> None:
    assert _growth(corpusmill.clean, unit) < MAX_TIMES


@pytest.mark.parametrize("drawn", DISORDER.values(), ids=DISORDER)
def test_cleaning_disorder_takes_time_in_proportion_to_the_text(drawn: Any) -> None:
    assert _times(corpusmill.clean, drawn(SHORT // 2), drawn(TIMES * SHORT // 2)) < MAX_TIMES


COMPARED = ["one letter", "blank lines", "marks", "digits and commas", "times", "tags that open", "formulas", "code"]


@pytest.mark.parametrize("name", COMPARED)
def test_comparing_takes_time_in_proportion_to_the_text(name: Any) -> None:
    assert _growth(_compare, UNITS[name]) < MAX_TIMES


def test_what_grows_with_the_square_of_the_text_is_found() -> None:
    assert _growth(lambda text: [text.count("b", start) for start in range(0, len(text), 4)], "a") > MAX_TIMES
