"""When is small evidence believed? Ordered gates on what a few runs of one codec show together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import ftfy
import numpy as np
from ftfy.badness import is_bad

from corpusmill.transforms.kernels.cleaning.mojibake.codecs import CODECS, Codec
from corpusmill.transforms.kernels.cleaning.mojibake.language_model.model import MODEL, UNITS
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search.evidence import (
    FTFY_CONFIG,
    LATIN,
    SAMPLE,
    TYPOGRAPHIC,
    CodecEvidence,
    harms,
    scripts,
    touches_letter,
)

SIGN_BITS = 18
"""Asked of a lone emoji or typographic sign."""
GLUED_BITS = 18
"""Asked of a run that no orthography has: a Latin letter beside a foreign one."""
BOXED_BITS = 35
"""Asked of the best run where a letter is beside line-drawing characters: some people draw with them."""
STRIKING_BITS = 37
"""What the best run of sound text hardly ever gains."""
SURE_BITS = 60
"""Asked where ftfy sees nothing wrong with the line."""
LONG = 6
"""Bytes: sound text of the usual codecs that decodes by chance is shorter."""
LINE = 200
"""Characters around a run that ftfy is shown."""
PAIR = 2
"""Bytes of the shortest sequence."""
PICTURES = ("emoji", "dingbat", "variation-selector", "joiner", "flag", "skin-tone")
_PICTURES = frozenset(i for i, name in enumerate(MODEL.names) if name in PICTURES)
_ODD = frozenset(i for i, name in enumerate(MODEL.names) if name in ("box", "c1"))
COMMON = frozenset(TYPOGRAPHIC + "„‚‹›¿¡•€™→✓❤★©®\ufeff")


def _glued(codes: np.ndarray, start: int, end: int, *, also_signs: bool) -> bool:
    """A Latin letter beside a foreign letter (or a box or control character): no orthography has that."""
    around = [int(codes[i]) for i in (start - 1, end) if 0 <= i < len(codes)]
    if LATIN not in scripts(np.array(around, dtype=np.int64)):
        return False
    inside = codes[start:end]
    if scripts(inside) - {LATIN}:
        return True
    return also_signs and not _ODD.isdisjoint(MODEL.classes[inside].tolist())


def _ftfy_agrees(text: str, start: int, end: int) -> bool:
    first, last = _line(text, start, end)
    line = text[max(first, start - LINE) : min(last, end + LINE)]
    return ftfy.fix_encoding(line, FTFY_CONFIG) != line


def _line(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the line (or lines) around a part of a text start and end."""
    first, last = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    return first, last if last >= 0 else len(text)


def _unpairs(text: str, start: int, end: int) -> bool:
    """Return whether a part of a line is one half of a pair of quotation marks there."""
    first, last = _line(text, start, end)
    return harms(text[first:last], text[first:start] + text[end:last])


def _long(gains: dict[str, int]) -> bool:
    """Return whether some run is so long and gains so much that no sound text was ever seen to hold one like it."""
    return any(len(run) >= LONG and gain >= SURE_BITS * UNITS for run, gain in gains.items())


@dataclass(frozen=True)
class _Evidence:
    """Small evidence for one codec in one text, as the gates look at it.

    Attributes:
        text: The text.
        codes: Its code points.
        found: What the codec explains.
    """

    text: str
    codes: np.ndarray
    found: CodecEvidence

    @cached_property
    def codec(self) -> Codec:
        """The codec."""
        return CODECS[self.found.codec]

    @cached_property
    def runs(self) -> list[tuple[int, int]]:
        """Where the first runs start and end."""
        return list(zip(self.found.run_start[:SAMPLE].tolist(), self.found.run_end[:SAMPLE].tolist(), strict=True))

    @cached_property
    def gains(self) -> dict[str, int]:
        """Different runs, and the most units that each gains."""
        gains: dict[str, int] = {}
        for (a, b), gain in zip(self.runs, self.found.gain[:SAMPLE].tolist(), strict=True):
            gains[self.text[a:b]] = max(gain, gains.get(self.text[a:b], 0))
        return gains

    @cached_property
    def size(self) -> int:
        """Bytes of the different runs."""
        return sum(map(len, self.gains))

    @cached_property
    def bits(self) -> float:
        """Bits that they gain together."""
        return sum(self.gains.values()) / UNITS

    @cached_property
    def best(self) -> float:
        """Bits that the best of them gains."""
        return max(self.gains.values()) / UNITS

    @cached_property
    def is_bad(self) -> bool:
        """Whether ftfy finds a run odd, or cannot tell."""
        return not self.codec.latin or any(is_bad(self.text[max(0, a - 2) : b + 2]) for a, b in self.runs)

    @cached_property
    def decoded(self) -> np.ndarray:
        """What the runs decode to."""
        start = self.found.start
        decoded: np.ndarray = self.found.char[(start >= self.runs[0][0]) & (start < self.runs[-1][1])]
        return decoded

    @cached_property
    def brought(self) -> set[int]:
        """Scripts of what they decode to."""
        return scripts(self.decoded)

    @cached_property
    def present(self) -> set[int]:
        """Scripts of the rest of the text."""
        keep = np.ones(len(self.codes), dtype=bool)
        for a, b in self.runs:
            keep[a:b] = False
        return scripts(self.codes[keep])

    def is_glued(self, *, also_signs: bool) -> bool:
        """Return whether a run is one that no orthography has, see `_glued`."""
        return any(_glued(self.codes, a, b, also_signs=also_signs) for a, b in self.runs)


def _is_of_signs(one: _Evidence) -> bool | None:
    """Emoji and typographic signs alone need little: people write them everywhere."""
    classes = MODEL.classes[one.decoded].tolist()
    if not all(k in _PICTURES or chr(c) in COMMON for k, c in zip(classes, one.decoded.tolist(), strict=True)):
        return None
    if one.size > PAIR:
        return one.bits >= SIGN_BITS
    return (one.is_glued(also_signs=True) and one.bits >= GLUED_BITS) or (one.is_bad and one.codec.core)


def _is_no_half_of_a_pair(one: _Evidence) -> bool | None:
    """Signs that are halves of pairs of quotation marks are what they seem."""
    return False if all(b - a == PAIR and _unpairs(one.text, a, b) for a, b in one.runs) else None


def _is_of_a_known_script(one: _Evidence) -> bool | None:
    """A script that the text does not hold elsewhere needs a long run."""
    foreign = one.present and one.brought - one.present - {LATIN}
    return False if foreign and not (one.codec.core and _long(one.gains)) else None


def _touches_a_word(one: _Evidence) -> bool | None:
    """Single characters that are beside no letter are signs."""
    alone = len(one.decoded) == len(one.runs) and not any(touches_letter(one.codes, a, b) for a, b in one.runs)
    return False if alone else None


def _is_glued_to_letters(one: _Evidence) -> bool | None:
    """A Latin letter beside a foreign one is damage."""
    return True if one.bits >= GLUED_BITS and one.is_glued(also_signs=False) else None


def _is_glued_to_boxes(one: _Evidence) -> bool | None:
    """A letter beside a box may be a drawing."""
    return one.best >= BOXED_BITS or one.bits >= SURE_BITS if one.is_glued(also_signs=True) else None


def _is_odd_to_ftfy(one: _Evidence) -> bool | None:
    """Where ftfy sees nothing wrong, only what sound text hardly ever gains will do."""
    return None if one.is_bad else one.best >= STRIKING_BITS or one.bits >= SURE_BITS


def _brings_no_script(one: _Evidence) -> bool | None:
    """Letters of another script than those of the text are no words of it."""
    return False if one.present and one.brought - one.present else None


def _is_more_than_a_pair(one: _Evidence) -> bool | None:
    """A single pair of letters of a living language must strike twice, or ftfy must agree."""
    if one.size != PAIR or not (one.codec.core and one.codec.latin):
        return None
    return (one.best >= STRIKING_BITS and len(one.runs) > 1) or _ftfy_agrees(one.text, *one.runs[0])


def _is_of_a_usual_kind(one: _Evidence) -> bool | None:
    """Two pairs, or one of a codec that is behind nearly all damage."""
    return one.size >= 2 * PAIR or (one.codec.core and one.size >= PAIR)


_GATES: Final[tuple[Callable[[_Evidence], bool | None], ...]] = (
    _is_of_signs,
    _is_no_half_of_a_pair,
    _is_of_a_known_script,
    _touches_a_word,
    _is_glued_to_letters,
    _is_glued_to_boxes,
    _is_odd_to_ftfy,
    _brings_no_script,
    _is_more_than_a_pair,
    _is_of_a_usual_kind,
)
"""Each decides or passes the evidence on (None); the last one always decides."""


def believable(text: str, codes: np.ndarray, found: CodecEvidence) -> bool:
    """Judge small evidence (under `SMALL` distinct bytes): is this a usual kind of damage?

    Large evidence needs no such judgement: it hardly ever decodes by chance.
    """
    one = _Evidence(text, codes, found)
    verdicts = (gate(one) for gate in _GATES)
    return next(verdict for verdict in verdicts if verdict is not None)
