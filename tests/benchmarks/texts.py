"""Made-up text for the benchmarks: the same for the same seed, on every machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tests.sentences import SENTENCES

ONSETS = (*tuple("bcdfghjklmnprstvw"), "br", "ch", "cl", "dr", "fl", "gr", "pl", "qu", "sh", "st", "th", "tr")
VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "ee", "ou", "oa"]
CODAS = ["n", "r", "s", "t", "l", "d", "m", "nd", "st", "ng", "rt", "ck", "ll", "ss", "th"]
OTHER_SCRIPTS = (
    "абвгдежзиклмнопрстухчшыюя",
    "αβγδεζηθικλμνξοπρστυφχψω",
    "אבגדהוזחטיכלמנסעפצקרשת",
    "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "नमस्तेकखगघचछजझटठडढणतथदध",
    "天地玄黃宇宙洪荒日月盈昃辰宿列張寒來暑往秋收冬藏",
)
CODECS = ("cp1252", "cp1251", "iso8859-7", "cp1250", "latin-1", "koi8-r", "cp437", "mac-roman")
HOSTILE = {
    "ampersands": "&",
    "references": "&amp;",
    "combining marks": "\N{COMBINING ACUTE ACCENT}",
    "zero-width joiners": "\N{ZERO WIDTH JOINER}",
    "high letters": "é",
    "replacement characters": "\N{REPLACEMENT CHARACTER}",
    "first bytes": "Ã",
    "first bytes and blanks": "Ã ",
    "damage": "Ð¿Ñ€",
    "double damage": "Ãƒâ€š",
    "ambiguous damage": "γ\x81“",
    "lost bytes": "Ñ\N{REPLACEMENT CHARACTER} Ð",
    "C1 controls": "\x92",
    "emoji": "💥",
    "Han": "漢",
    "direction controls": "\N{RIGHT-TO-LEFT OVERRIDE}",
    "backspaces": "a\b",
    "exclamation marks": "!",
}
"""Units of text that repeated without end make code slow that looks back or ahead."""
BOILERPLATE = ("Get link", "Facebook", "X", "Pinterest", "Email", "Other Apps")


def vocabulary(rng: np.random.Generator, size: int = 20_000) -> np.ndarray:
    """Words of one to three syllables, the frequent ones short; shape (size,)."""
    syllables = [f"{a}{b}{c}" for a in ONSETS for b in VOWELS for c in CODAS]
    words = {"".join(rng.choice(syllables, 1 + min(2, k // 2000))) for k in range(size * 2)}
    return np.array(sorted(words, key=lambda word: (len(word), word))[:size])


def documents(megabytes: float, seed: int = 1, *, plain: bool = False) -> Iterator[dict[str, str]]:
    """Yield records of web-like text, about a tenth of them near-copies of an earlier one.

    Args:
        megabytes: UTF-8 text to make.
        seed: Of the generator.
        plain: ASCII only; else curly quotes in most documents, and another script in one of twenty.
    """
    rng = np.random.default_rng(seed)
    words = vocabulary(rng)
    weights = 1 / np.arange(1, len(words) + 1) ** 0.9
    weights /= weights.sum()
    size, number, earlier = 0.0, 0, [""]
    while size < megabytes * 1e6:
        if number % 10 == 9:
            parts = earlier[int(rng.integers(len(earlier)))].split(" ")
            for place in range(50, len(parts), 120):
                parts[place] = f"edit{place}"
            text = " ".join(parts)
        else:
            text = _article(rng, words, weights, plain=plain)
        earlier = [*earlier[-200:], text]
        host = f"site{number % 40}.example"
        yield {"id": f"d{number}", "url": f"https://{host}/{number}", "text": text}
        size += len(text.encode())
        number += 1


def _article(rng: np.random.Generator, words: np.ndarray, weights: np.ndarray, *, plain: bool) -> str:
    count = int(np.clip(rng.lognormal(5.6, 0.8), 30, 6000))
    chosen = rng.choice(words, count, p=weights)
    paragraphs, start = [str(" ".join(chosen[:6])).capitalize()], 6
    while start < count:
        end = start + int(rng.integers(25, 90))
        sentence = " ".join(chosen[start:end]).capitalize()
        if not plain and rng.random() < 0.5:
            sentence = f"“{sentence}” — it’s said"
        paragraphs.append(f"{sentence}.")
        start = end
    if not plain and rng.random() < 0.05:
        letters = OTHER_SCRIPTS[int(rng.integers(len(OTHER_SCRIPTS)))]
        paragraphs.append(" ".join("".join(rng.choice(list(letters), 5)) for _ in range(60)))
    if rng.random() < 0.2:
        paragraphs += BOILERPLATE
    return "\n".join(paragraphs)


def multilingual(megabytes: float, seed: int = 2) -> Iterator[str]:
    """Yield sound texts, each of one language: real words in random order, so that letters keep their company."""
    rng = np.random.default_rng(seed)
    words = [sentence.split(" ") for sentence in SENTENCES.values()]
    size, number = 0.0, 0
    while size < megabytes * 1e6:
        of_language = words[number % len(words)]
        text = "\n".join(" ".join(rng.choice(of_language, 30)) for _ in range(int(rng.integers(4, 30))))
        yield text
        size += len(text.encode())
        number += 1


def read_through(text: str, codec: str) -> str:
    """Return what a decoder makes of UTF-8 that shows windows-1252's characters, or controls, for a codec's gaps."""
    table = []
    for byte in range(256):
        char = bytes([byte]).decode(codec, "ignore")
        if not char or "\x80" <= char <= "\x9f":
            char = bytes([byte]).decode("cp1252", "ignore") or chr(byte)
        table.append(char)
    return "".join(table[byte] for byte in text.encode())


def write_corpus(folder: Path, megabytes: float) -> None:
    """Write documents as JSONL files of about 25 MB."""
    folder.mkdir(parents=True)
    stream, room, number = None, 0, 0
    for record in documents(megabytes):
        if room <= 0:
            if stream:
                stream.close()
            stream = (folder / f"docs-{number:04d}.jsonl").open("w", encoding="utf-8")
            room, number = 25_000_000, number + 1
        line = json.dumps(record, ensure_ascii=False)
        if stream is not None:
            stream.write(line + "\n")
        room -= len(line)
    if stream:
        stream.close()
