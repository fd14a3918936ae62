"""Sets of code points, and their spelling as character classes for Python's `re` and for RE2.

Properties come from the `regex` package, whose Unicode is newer than the interpreter's and the same on every Python;
they are spelled out as code points, so that a rule and its proof (which another engine runs) mean the same set.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain

import numpy as np
import regex

CodePoints = frozenset[int]

_SURROGATES = range(0xD800, 0xE000)
_PLANES_IN_USE = (range(0xD800), range(0xE000, 0x34000), range(0xE0000, 0xE1000))
"""Planes 0 to 3 and the special-purpose plane; the rest is unassigned or for private use."""

_ROW = 0x100
_OTHER_BLOCKS = (range(0x400, 0x2000), range(0x2C00, 0xD800), range(0xE000, 0x20000), range(0xE0000, 0xE1000))
"""All in use but Latin, its marks and Greek (U+0000-03FF), punctuation, symbols (U+2000-2BFF), and rare ideographs."""

PRIVATE_USE = frozenset((*range(0xE000, 0xF900), *range(0xF0000, 0xFFFFE), *range(0x100000, 0x10FFFE)))


@cache
def _characters_in_use() -> str:
    codes = np.concatenate([np.arange(plane.start, plane.stop, dtype="<u4") for plane in _PLANES_IN_USE])
    return codes.tobytes().decode("utf-32-le")


@cache
def having(expression: str) -> CodePoints:
    r"""Return the code points in use that match a class of the `regex` package, e.g. `[\p{L}--\p{Latin}]`."""
    text = _characters_in_use()
    spans = (run.span() for run in regex.compile(f"(?V1){expression}+").finditer(text))
    return frozenset(chain.from_iterable(_code_points(text, start, end) for start, end in spans))


def _code_points(text: str, start: int, end: int) -> Iterable[int]:
    """The code points of a part of the characters in use; most parts are ranges."""
    first, last = ord(text[start]), ord(text[end - 1])
    return range(first, last + 1) if last - first == end - 1 - start else map(ord, text[start:end])


def points(*items: str | range | Iterable[int]) -> CodePoints:
    """Return the union of strings (their characters), ranges and other iterables of code points."""
    return frozenset(point for item in items for point in (map(ord, item) if isinstance(item, str) else item))


def _ranges(members: CodePoints) -> Iterator[tuple[int, int]]:
    ordered = np.sort(np.fromiter(members, np.int64, len(members)))
    breaks = np.flatnonzero(np.diff(ordered) != 1)
    starts, ends = np.append(ordered[:1], ordered[breaks + 1]), np.append(ordered[breaks], ordered[-1:])
    return zip(starts.tolist(), ends.tolist(), strict=True)


def _inside(members: CodePoints, spell: str) -> str:
    if not members:
        raise ValueError("An empty set of code points has no character class; leave the alternative out.")
    one = spell.format
    return "".join(one(a) if a == b else f"{one(a)}-{one(b)}" for a, b in _ranges(members))


def python_class(members: CodePoints) -> str:
    """Return the inside of a `[...]` for Python's `re`."""
    return _inside(members, "\\U{:08x}")


def re2_class(members: CodePoints) -> str:
    """Return the inside of a `[...]` for RE2, the engine of Arrow's `match_substring_regex`."""
    return _inside(members - frozenset(_SURROGATES), "\\x{{{:x}}}")


def outline_class(members: CodePoints) -> str:
    """Return the inside of a `[...]` for RE2 that holds at least the members, in few ranges.

    It is exact in the blocks that Western text is made of; elsewhere it holds every row of 256 characters that has a
    member, so that it finds much text of other scripts, which must be looked at closely.
    """
    rows = (range(start, start + _ROW) for block in _OTHER_BLOCKS for start in range(block.start, block.stop, _ROW))
    return re2_class(members.union(*(row for row in rows if not members.isdisjoint(row))))


def coarse_class(members: CodePoints, most: int = 4) -> str:
    """Return the inside of a `[...]` for Python's `re` that holds at least the members and is searched fast.

    `re` finds characters of the Basic Multilingual Plane through a table, but tries the ranges beyond it one by one:
    of those, the closest are joined until `most` are left.
    """
    low = frozenset(point for point in members if point < 0x10000)
    high = list(_ranges(members - low))
    while len(high) > most:
        nearest = min(range(len(high) - 1), key=lambda index: high[index + 1][0] - high[index][1])
        high[nearest : nearest + 2] = [(high[nearest][0], high[nearest + 1][1])]
    return python_class(low.union(*(range(start, end + 1) for start, end in high)))
