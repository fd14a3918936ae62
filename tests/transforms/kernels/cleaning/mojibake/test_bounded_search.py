"""The search follows several results in short texts and the best one in long ones, and its work is bounded."""

from __future__ import annotations

import random
from collections.abc import Callable

import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.cleaning import normalize
from corpusmill.transforms.kernels.cleaning.mojibake import RepairSettings, repair_text
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search import lattice, proposals, search
from tests.sentences import SENTENCES
from tests.transforms.kernels.cleaning.mojibake.test_repair import read_as

SIZE = 60_000
MAX_TIMES = 36
"""How often the search may go through a long text in all, over all passes, rounds and readings that it follows."""
_C1 = [chr(c) for c in range(0x80, 0xA0)]
_LATIN = [chr(c) for c in range(0xC0, 0x100)]
_WINDOWS = list(bytes(range(0x80, 0x100)).decode("cp1252", "ignore"))
_LOSSY = [*"ÐÑÃâðÂ ?'\"�abcdeо€™œ", *map(chr, range(0xA0, 0xC0))]
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _lines(draw: Callable[[random.Random], str]) -> str:
    chance, lines, size = random.Random(5), [], 0
    while size < SIZE:
        lines.append(draw(chance))
        size += len(lines[-1]) + 1
    return "\n".join(lines)


def _of(alphabet: list[str]) -> str:
    return _lines(lambda chance: "".join(chance.choices(alphabet, k=chance.randint(20, 100))))


def _words_of(alphabet: list[str]) -> str:
    """Words in which three letters of ten are of an alphabet and the others ASCII."""

    def draw(chance: random.Random) -> str:
        chars = (chance.choice(alphabet if chance.random() < 0.3 else _LETTERS) for _ in range(60))
        return "".join(char + " " * (chance.random() < 0.2) for char in chars)

    return _lines(draw)


DISORDER = {
    "lines of C1 controls": lambda: _of([*_C1, *"      "]),
    "C1 controls and letters": lambda: _of([*_C1, *"abcdefgh   "]),
    "words of C1 controls": lambda: _words_of(_C1),
    "lines of Latin letters": lambda: _of([*_LATIN, *"        "]),
    "words of bytes": lambda: _words_of([chr(c) for c in range(0x80, 0x100)]),
    "words of windows-1252": lambda: _words_of(_WINDOWS),
    "sequences that lost bytes": lambda: _of(_LOSSY),
}


@pytest.mark.parametrize("made", DISORDER.values(), ids=DISORDER)
def test_a_long_text_in_disorder_is_searched_a_bounded_number_of_times(
    made: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at = 0

    def counted(batch: lattice.Batch, codecs: int) -> list[proposals.Scored]:
        nonlocal looked_at
        looked_at += len(batch.codes)
        return proposals.propose(batch, codecs)

    monkeypatch.setattr(search, "propose", counted)
    text, defaults = made(), normalize.NormalizeSettings()
    after, _ = normalize.normalize_text(text, defaults)
    assert 0 < looked_at <= MAX_TIMES * len(text)
    assert normalize.normalize_column(pa.array([text]), defaults)[0].to_pylist() == [after]


@pytest.mark.parametrize("codec", ["cp1252", "cp1251", "iso8859-2", "iso8859-7", "mac-roman", "cp866"])
@pytest.mark.parametrize("language", ["Polish", "Russian"])
@pytest.mark.parametrize("times", [1, 2])
def test_a_long_text_read_through_one_codec_comes_back(codec: str, language: str, times: int) -> None:
    words, chance = SENTENCES[language].split(" "), random.Random(codec)
    count = search.LONG // len(SENTENCES[language]) + 1
    lines = [" ".join(chance.sample(words, len(words))) for _ in range(count)]
    damaged: str | None = "\n".join(lines)
    for _ in range(times):
        damaged = damaged and read_as(damaged, codec, "control")
    assert damaged is not None
    assert len(damaged) > search.LONG
    assert repair_text(damaged, RepairSettings())[0] == "\n".join(lines)


def test_a_long_text_with_parts_of_different_origin_is_repaired_in_all_of_them() -> None:
    sound = "\n".join(" ".join(SENTENCES[name] for name in ("English", "French", "Russian")) for _ in range(120))
    parts = [read_as(SENTENCES[name], codec, "control") for name, codec in (("Greek", "cp1253"), ("Russian", "cp866"))]
    assert len(sound) > search.LONG
    damaged = "\n".join([sound, *map(str, parts)])
    assert repair_text(damaged, RepairSettings())[0] == "\n".join([sound, SENTENCES["Greek"], SENTENCES["Russian"]])
