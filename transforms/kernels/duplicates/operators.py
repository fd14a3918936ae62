"""Symbols that are as good as words: what an expression does, in code, formulas and amounts of money.

`x+1` and `x-1` have the same words, and are not the same. So operators count as tokens of their own where two documents
are compared once more before one of them is removed. Punctuation, quotes, dashes, bullets and lines drawn with signs
differ between copies of one text, so they are not operators:

- `+ = ^ ~ $`, arrows and mathematical operators, unless three or more of a kind are side by side (a drawn line), or
  they lead a line before a space (a bullet), or make a name (`C++`);
- `<` and `>` alike on both sides, or before `=`: not `<brackets>`, nor `>` that leads a line (a quotation);
- `-` (also as a minus sign or a dash) and `/` beside a digit;
- `*` with a space, or with a word or bracket, on both sides: not `*emphasis*`;
- `!` before `=`, or before a word that follows no other; `%` between words; `|` between words or doubled.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from corpusmill.transforms.kernels.arrays import Bools, Int64s, UInt8s
from corpusmill.transforms.kernels.duplicates.tokens import text_buffers

_PAD = 4
_MINUS = ord("-")


def _table(characters: bytes) -> Bools:
    found = np.zeros(256, bool)
    found[np.frombuffer(characters, np.uint8)] = True
    return found


_ALWAYS = _table(b"+=^~$")
_LEADING = _table(b"+*-=~")
_SUSPECT = _table(b"+<=>^~$-/*!%|\xc2\xc3\xe2")
_DIGIT = _table(b"0123456789")
_BY_DIGIT = _table(b"-/")
_LATIN = _table(b"\xa3\xac\xb1\x97\xb7")  # last bytes of the signs in Latin-1 that are operators
_DASH = _table(b"\x90\x91\x92\x93")  # last bytes of U+2010 to U+2013
_MATHS = 0x86, 0x8B  # second bytes of U+2190 to U+22FF
_WORD = _DIGIT | _table(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") | (np.arange(256) >= 0x80)
_OPENS, _CLOSES = _WORD | _table(b"(["), _WORD | _table(b")]")
_BEFORE_WORD = _table(b"!%")
_ENDS = _table(b";)]")
_SPACE = _table(b" \t")
_EXTENDS = _table(b"=-")
_BREAK = _table(b"\n\r\0")


class Operators(NamedTuple):
    """The operators of n rows.

    Attributes:
        codes: int64[o], their code points, row after row in order; dashes and minus signs as `-`.
        starts: int64[o], the byte within its row where each starts.
        sizes: int64[o], its bytes.
        offsets: int64[n + 1], the operators of row i are `codes[offsets[i]:offsets[i + 1]]`.
    """

    codes: Int64s
    starts: Int64s
    sizes: Int64s
    offsets: Int64s


def find_operators(text: pa.Array) -> Operators:
    """Find the operators of each row of `text`.

    Args:
        text: string or large_string; a null has none.
    """
    data, offsets = text_buffers(text)
    at = _suspects(data, int(offsets[0]), int(offsets[-1]))
    row = np.searchsorted(offsets, at, side="right") - 1
    around = _around(data, offsets, at, row)
    code, size = _codes(around)
    counts = _is_operator(code, around)
    at, row, code, size = at[counts], row[counts], code[counts], size[counts]
    found = np.zeros(len(text) + 1, np.int64)
    np.cumsum(np.bincount(row, minlength=len(text)), out=found[1:])
    return Operators(code, at - offsets[row], size, found)


def _suspects(data: UInt8s, first: int, end: int) -> Int64s:
    """The places between two that may hold an operator; the bytes beside most signs tell that they hold none."""
    at = np.flatnonzero(_SUSPECT[data[first:end]]) + first
    lead, before = data[at], data[np.maximum(at - 1, 0)]
    after, later = (data[np.minimum(at + step, len(data) - 1)] for step in (1, 2))
    maths = (after >= _MATHS[0]) & (after <= _MATHS[1])
    sign = maths | ((after == 0x80) & _DASH[later]) | (after == 0x82)
    may = np.select(
        [_BY_DIGIT[lead], _BEFORE_WORD[lead], lead == 0xC2, lead == 0xC3, lead == 0xE2],
        [_DIGIT[before] | _DIGIT[after], _OPENS[after] | (after == ord("=")), _LATIN[after], _LATIN[after], sign],
        default=True,
    )
    found: Int64s = at[may]
    return found


def _around(data: UInt8s, offsets: Int64s, at: Int64s, row: Int64s) -> dict[int, UInt8s]:
    """The bytes at some places and around them; 0 outside of the row."""
    around = {}
    for step in range(-2, _PAD + 1):
        place = at + step
        inside = (place >= offsets[row]) & (place < offsets[row + 1])
        around[step] = np.where(inside, data[np.where(inside, place, at)], 0).astype(np.uint8)
    return around


def _codes(around: dict[int, UInt8s]) -> tuple[Int64s, Int64s]:
    """The code point at each place and its bytes; 0 for characters that are never operators."""
    lead, second, third = (around[k].astype(np.int64) for k in range(3))
    two = (lead & 0x1F) << 6 | second & 0x3F
    three = (lead & 0x0F) << 12 | (second & 0x3F) << 6 | third & 0x3F
    code = np.where(lead < 0x80, lead, 0)
    signs = np.isin(two, [0xAC, 0xB1, 0xD7, 0xF7]) & np.isin(lead, [0xC2, 0xC3])  # not, plus-minus, times, divided by
    pounds = (lead == 0xC2) & (two == 0xA3)
    code = np.where(signs | pounds, two, code)
    maths = (lead == 0xE2) & (three >= 0x2190) & (three <= 0x22FF) | (lead == 0xE2) & (three == 0x20AC)
    code = np.where(maths, three, code)
    dashes = (lead == 0xE2) & ((three >= 0x2010) & (three <= 0x2013) | (three == 0x2212))
    code = np.where(dashes, _MINUS, code)
    size = np.where(lead < 0x80, 1, np.where(lead == 0xE2, 3, 2))
    return code, size


def _is_operator(code: Int64s, around: dict[int, UInt8s]) -> Bools:
    lead = around[0]
    size = np.where(lead < 0x80, 1, np.where(lead == 0xE2, 3, 2))
    before, earlier = around[-1], around[-2]
    after = np.choose(size - 1, [around[1], around[2], around[3]])
    later = np.choose(size - 1, [around[2], around[3], around[4]])
    plain = code < 0x80
    ascii_code = np.where(plain, code, 0)
    drawn = ((before == code) & (earlier == code)) | ((after == code) & (later == code))
    drawn |= (before == code) & (after == code)
    leads = _BREAK[before] | (_SPACE[before] & _BREAK[earlier])
    bullet = leads & _LEADING[ascii_code] & (_SPACE[after] | _BREAK[after])
    bullet |= leads & (code == ord(">"))
    spaced = _SPACE[before] & _SPACE[after]
    joined = _CLOSES[before] & _OPENS[after]
    between_words = _WORD[before] & _WORD[after]
    counts = (code > 0) & ~plain
    counts |= _ALWAYS[ascii_code] & (ascii_code > 0)
    counts |= np.isin(code, [_MINUS, ord("/")]) & (_DIGIT[before] | _DIGIT[after])
    doubled = (before == code) | (after == code)
    counts &= ~((code == ord("+")) & _is_name(code, around))
    counts |= (code == ord("*")) & (spaced | joined)
    counts |= np.isin(code, [ord("<"), ord(">")]) & (spaced | joined | doubled | _EXTENDS[after])
    counts |= (code == ord("!")) & ((after == ord("=")) | (_OPENS[after] & ~_CLOSES[before]))
    counts |= (code == ord("%")) & between_words
    counts |= (code == ord("|")) & (between_words | doubled)
    found: Bools = counts & ~drawn & ~bullet
    return found


def _is_name(code: Int64s, around: dict[int, UInt8s]) -> Bools:
    """Return whether each place is one of two equal signs that belong to the word before them, as in a name."""
    first = (around[1] == code) & _WORD[around[-1]] & ~_ENDS[around[2]]
    second = (around[-1] == code) & _WORD[around[-2]] & ~_ENDS[around[1]]
    found: Bools = first | second
    return found


def with_operators(text: pa.Array, operators: Operators) -> pa.Array:
    """Return the texts with a word in the place of each operator, so that words are compared with them among them.

    Args:
        text: The texts.
        operators: What `find_operators` found in them.
    """
    spelled = []
    for row, value in enumerate(text.to_pylist()):
        own = slice(int(operators.offsets[row]), int(operators.offsets[row + 1]))
        data = (value or "").encode()
        pieces, end = [], 0
        for code, start, size in zip(*(column[own].tolist() for column in operators[:3]), strict=True):
            pieces += [data[end:start], b" operator_%x " % code]
            end = start + size
        spelled.append(b"".join([*pieces, data[end:]]).decode())
    return pa.array(spelled, text.type)


def equal_operators(left: Operators, right: Operators, pairs_left: Int64s, pairs_right: Int64s) -> Bools:
    """Return bool[p], whether both rows of each pair have the same operators in the same order."""
    sizes = np.diff(left.offsets)[pairs_left]
    equal: Bools = sizes == np.diff(right.offsets)[pairs_right]
    own = np.flatnonzero(equal & (sizes > 0))
    step = 0
    while own.size:
        a = left.codes[left.offsets[pairs_left[own]] + step]
        b = right.codes[right.offsets[pairs_right[own]] + step]
        equal[own[a != b]] = False
        step += 1
        own = own[(a == b) & (sizes[own] > step)]
    return equal
