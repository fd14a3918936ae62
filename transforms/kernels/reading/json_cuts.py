"""Where records of JSON begin and end: blocks to lines, lines that hold several objects to objects."""

from __future__ import annotations

import json
from itertools import accumulate
from operator import add

import numpy as np
import regex

MAX_OBJECTS = 1_000_000
"""Objects of one line: as many empty ones take 2 MB and, cut, a hundred."""
WHITE = b" \t\r\x0b\x0c"
"""What may be around a record on its line."""

# Blocks whose lines are shorter than this on average are searched for blank lines before anything is made of them.
_DENSE_LINE_BYTES = 16

_SEVERAL = regex.compile(rb"\}[ \t\r]*\{")
_NEXT = regex.compile(r"\ufeff?[ \t\r\x0b\x0c]*(?=\S)")


def holds_several(line: bytes) -> bool:
    """Return quickly whether a line may hold several objects."""
    return _SEVERAL.search(line) is not None


def split_lines(block: bytes, offset: int) -> tuple[list[bytes], list[int]]:
    """Cut a block at its line feeds.

    Returns:
        The lines without line feeds, and where each starts. Where lines are short, empty ones are left out.
    """
    lines = block.split(b"\n")
    if len(lines) * _DENSE_LINE_BYTES > len(block):
        return _dense_lines(block, offset)
    if not lines[-1]:
        lines.pop()
    # A line starts behind the bytes of all lines before it, and one line feed for each.
    starts = list(map(add, accumulate(map(len, lines), initial=offset), range(len(lines))))
    return lines, starts


def _dense_lines(block: bytes, offset: int) -> tuple[list[bytes], list[int]]:
    """Cut a block of short lines, without those that hold nothing but white space."""
    data = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(data == ord("\n"))
    if not len(ends) or ends[-1] != len(data) - 1:
        ends = np.append(ends, len(data))
    starts = np.concatenate(([0], ends[:-1] + 1))
    white = np.isin(np.arange(256), np.frombuffer(WHITE + b"\n", np.uint8))
    inked = np.concatenate(([0], np.cumsum(~white[data])))
    full = inked[ends] > inked[starts]
    starts, ends = starts[full], ends[full]
    bounds = zip(starts.tolist(), ends.tolist(), strict=True)
    return [block[start:end] for start, end in bounds], (starts + offset).tolist()


def split_records(line: bytes) -> tuple[list[bytes], list[int]]:
    """Cut a line that holds several JSON objects one behind the other.

    Returns:
        The objects and where each begins; what cannot be read is the last piece. All of them together are the line but
        for white space between them. A line of more than `MAX_OBJECTS` is left whole.
    """
    text = line.decode("utf-8", "surrogateescape")
    decoder = json.JSONDecoder(strict=False)
    pieces: list[bytes] = []
    begins: list[int] = []
    position = place = 0
    while begin := _NEXT.match(text, position):
        if len(pieces) == MAX_OBJECTS:
            return [line], [0]
        place += len(text[position : begin.end()].encode("utf-8", "surrogateescape"))
        position = begin.end()
        try:
            _, end = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            end = len(text)
        if text[position] != "{":
            end = len(text)
        piece = text[position:end].encode("utf-8", "surrogateescape")
        pieces.append(piece)
        begins.append(place)
        position, place = end, place + len(piece)
    return pieces, begins
