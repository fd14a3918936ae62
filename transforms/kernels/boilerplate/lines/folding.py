"""What counts of a line when lines are compared: its letters and numbers, without case, accents and width."""

from __future__ import annotations

import re
import unicodedata
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import regex

from corpusmill.transforms.kernels.arrays import UInt8s

_NEWLINE = 10
_WORD = regex.compile(r"[\p{L}\p{N}\p{Mn}\p{Mc}]")
_DIGITS = regex.compile(r"[0-9]+")
_ACCENT = regex.compile(r"[\u0300-\u036F\uFE00-\uFE0F]")

_UNCHANGED_PAGES = (range(0x4E, 0x9F), range(0xAC, 0xD7))
"""Pages of 256 code points that are all ideographs or syllables of Hangul: each is a letter that folds to itself."""

_Code = TypeVar("_Code", np.uint8, np.uint32)


class _FoldTable:
    """What each code point folds to, filled in a page of 256 code points at a time as texts ask for them."""

    def __init__(self) -> None:
        self._done = np.zeros(0x1100, bool)
        self.first = np.zeros(0x110000, np.uint32)  # first code point of the folded form; 0 where there is none
        self.several = np.zeros(0x110000, bool)
        self.several_forms: dict[int, str] = {}  # folded forms of several code points
        self.ensure(np.zeros(1, np.uint32))
        self.first[_NEWLINE] = _NEWLINE  # stays, to part the lines

    def ensure(self, codes: npt.NDArray[np.uint32]) -> None:
        """Fill in the pages of these code points."""
        for page in np.flatnonzero(np.bincount(codes >> 8, minlength=1)):
            if not self._done[page]:
                if any(page in pages for pages in _UNCHANGED_PAGES):
                    self.first[page << 8 : (page + 1) << 8] = np.arange(page << 8, (page + 1) << 8)
                    self._done[page] = True
                    continue
                for code in range(page << 8, (page + 1) << 8):
                    folded = "" if 0xD800 <= code < 0xE000 else fold_char(chr(code))
                    if folded:
                        self.first[code] = ord(folded[0])
                    if len(folded) > 1:
                        self.several_forms[code] = folded
                        self.several[code] = True
                self._done[page] = True


def fold_char(char: str) -> str:
    """Return the letters and numbers that a character counts as: none, one or several."""
    spread = _ACCENT.sub("", unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold()))
    kept = _WORD.findall(unicodedata.normalize("NFKC", spread))
    return "".join(str(unicodedata.digit(c)) if unicodedata.digit(c, -1) >= 0 else c for c in kept)


def fold_line(line: str) -> str:
    """Return a line as its folded letters and numbers, each run of digits as one 0.

    The plain statement of what the keys of `split_lines` stand for.

    Example:
        >>> fold_line("12 Comments: Ça va ?")
        '0commentscava'
    """
    if line.isascii():
        kept = line.encode().translate(_ASCII, _NOT_IN_WORDS)
        return (_ZEROS.sub(b"0", kept) if b"00" in kept else kept).decode()
    folded: str = _DIGITS.sub("0", line.translate(_FOLDED))
    return folded


class _Folded(dict[int, str]):
    """Folded form of code points, for `str.translate`."""

    def __missing__(self, code: int) -> str:
        self[code] = fold_char(chr(code))
        return self[code]


_FOLDED = _Folded()
_FOLD = _FoldTable()
_NOT_KEPT = bytes(code for code in range(0x80) if code != _NEWLINE and not fold_char(chr(code)))
_NOT_IN_WORDS = _NOT_KEPT + b"\n"
_ZEROS = re.compile(b"0+")
_ASCII = bytes(48 if 48 <= code <= 57 else ord(chr(code).lower()) if code < 0x80 else 0 for code in range(0x100))


def fold_bytes(lines: bytes) -> UInt8s | npt.NDArray[np.uint32]:
    """Return the folded code points of lines that end in newlines, and the newlines.

    Args:
        lines: UTF-8.

    Returns:
        uint8 where the lines are ASCII, else uint32.
    """
    if lines.isascii():
        return _one_zero(np.frombuffer(lines.translate(_ASCII, _NOT_KEPT), np.uint8))
    return _fold(np.frombuffer(lines.decode().encode("utf-32-le"), np.uint32))


def _fold(codes: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Return the folded form of code points, with the newlines among them."""
    _FOLD.ensure(codes)
    folded = _expand(codes)
    folded = folded[folded != 0]
    folded[(folded >= 48) & (folded <= 57)] = 48
    return _one_zero(folded)


def _one_zero(folded: npt.NDArray[_Code]) -> npt.NDArray[_Code]:
    """Return folded letters with each run of zeros as one."""
    zeros = np.flatnonzero(folded == 48)
    repeated = zeros[1:][zeros[1:] - zeros[:-1] == 1]
    if not len(repeated):
        return folded
    kept = np.ones(len(folded), bool)
    kept[repeated] = False
    return np.compress(kept, folded)


def _expand(codes: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Return the folded form of each code point, 0 where one does not count."""
    folded: npt.NDArray[np.uint32] = _FOLD.first[codes]
    several = np.flatnonzero(_FOLD.several[codes])
    if not len(several):
        return folded
    counts = np.ones(len(codes), np.int64)
    kinds, which = np.unique(codes[several], return_inverse=True)
    forms = [_FOLD.several_forms[int(code)] for code in kinds]
    counts[several] = np.array([len(form) for form in forms])[which]
    places = np.cumsum(counts) - counts
    out = np.repeat(folded, counts)
    for k, form in enumerate(forms):
        at = places[several[which == k]]
        for n, char in enumerate(form):
            out[at + n] = ord(char)
    return out
