"""Makes `mojibake/words.npz`: the most frequent words beyond ASCII of some forty languages, and how frequent each is.

Not used at run time. Source: the small word lists inside `wordfreq` 3.1.1 from PyPI by Robyn Speer, whose data may be
redistributed under CC BY-SA 4.0; `mojibake/words.NOTICE` says what that asks of you. To run it::
    pip download --no-deps wordfreq==3.1.1 && unzip wordfreq-*.whl -d SOURCES
    pip install msgpack
    python -m tests.tools.mojibake.words SOURCES/wordfreq/data words.npz
"""

from __future__ import annotations

import gzip
import math
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

from corpusmill.transforms.kernels.cleaning.mojibake.language_model.words import ABSENT, COST_UNITS, script_of

MAX_WORDS = 20_000
"""Words of one language, the most frequent first."""
FEW_WORDS = 100
"""A language with fewer words beyond ASCII is left out: losses in it are rare."""


_DIGRAPHS = {"lj": "љ", "nj": "њ", "dž": "џ"}
_SERBIAN = dict(zip("abvgdđežzijklmnoprstćufhcčš", "абвгдђежзијклмнопрстћуфхцчш", strict=True))


def in_cyrillic(word: str) -> str:
    """A Serbian word of the list of Serbo-Croatian (in Latin letters) in Cyrillic; empty if it has other letters."""
    for pair, letter in _DIGRAPHS.items():
        word = word.replace(pair, letter)
    letters = [_SERBIAN.get(c, c if c in "љњџ" else "") for c in word]
    return "".join(letters) if all(letters) else ""


def words_of(path: Path, spell: Callable[[str], str] = str) -> list[tuple[str, int]]:
    """Words beyond ASCII of one list, spelled another way, and their costs, the most frequent first."""
    import msgpack  # type: ignore[import-not-found]  # noqa: PLC0415 (only for making the table)

    with gzip.open(path) as stream:
        header, *groups = msgpack.load(stream, raw=False)
    if header.get("format") != "cB":
        raise ValueError(f"{path}: format {header!r} is not wordfreq's cB; use wordfreq 3.1.1")
    found = []
    for centibels, words in enumerate(groups):
        cost = min(ABSENT - 1, round(centibels / 100 * math.log2(10) * COST_UNITS))
        spelled = [spell(unicodedata.normalize("NFC", w)) for w in words]
        found += [(w, cost) for w in spelled if not w.isascii() and script_of(w)]
    return found[:MAX_WORDS]


def tables(folder: Path) -> dict[str, np.ndarray]:
    """The arrays of the table: for each language its words (UTF-8, joined by line ends, sorted) and their costs."""
    arrays: dict[str, np.ndarray] = {}
    names, scripts = [], []
    read: list[tuple[str, Path, Callable[[str], str]]] = [
        (path.name.removeprefix("small_").split(".")[0], path, str) for path in folder.glob("small_*.msgpack.gz")
    ]
    read.append(("sr", folder / "small_sh.msgpack.gz", in_cyrillic))
    for language, path, spell in sorted(read):
        cheapest: dict[str, int] = {}
        for word, cost in words_of(path, spell):
            cheapest.setdefault(word, cost)
        if len(cheapest) < FEW_WORDS:
            continue
        words = sorted(cheapest)
        script = Counter(script_of(w) for w in words).most_common(1)[0][0]
        words = [w for w in words if script_of(w) == script]
        names.append(language)
        scripts.append(script)
        arrays[f"words_{language}"] = np.frombuffer("\n".join(words).encode(), dtype=np.uint8)
        arrays[f"costs_{language}"] = np.array([cheapest[w] for w in words], dtype=np.uint8)
    return {"languages": np.array(names), "scripts": np.array(scripts), **arrays}


def main(folder: str, path: str) -> None:
    """Read the word lists in `folder` and write the table to `path`."""
    arrays = tables(Path(folder))
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]
    count = sum(len(arrays[name]) for name in arrays if name.startswith("costs_"))
    sys.stdout.write(f"{len(arrays['languages'])} languages, {count:,} words, {Path(path).stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
