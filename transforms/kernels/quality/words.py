"""Words of whole columns of text, as the quality rules count them.

A word is a maximal run of letters and digits with the marks on them; an apostrophe between letters begins a new one
("it" + "'s"). Single signs inside do not end it: `. & @ _` between letters or digits ("example.com"; a point before a
capital behind a small letter does), `, : /` between digits ("12:30"), a hyphen between a digit and a letter
("20-year"). In scripts written without spaces each letter with its marks is a word. What else is visible stands for
itself, a run of one ASCII character as one ("..."): such words of punctuation alone count where a paper's rule counts
them. Case counts.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Bools, Int64s, UInt8s, UInt64s
from corpusmill.transforms.kernels.duplicates.token_scan import PAD, decode_characters
from corpusmill.transforms.kernels.duplicates.tokens import hash_spans, text_buffers
from corpusmill.transforms.kernels.quality.characters import (
    BLANK,
    IS_LETTER,
    IS_PUNCTUATION,
    KIND_BITS,
    MARK,
    SINGLE,
    SYMBOL,
    WORD,
    character_table,
)

_APOSTROPHE = ord("'")
_CURLY = np.frombuffer("\N{RIGHT SINGLE QUOTATION MARK}".encode(), np.uint8)


class Words(NamedTuple):
    """The words of n texts, text after text.

    Attributes:
        hashes: uint64[t], equal for equal words.
        offsets: int64[n + 1], the words of text i are `hashes[offsets[i]:offsets[i + 1]]`.
        lengths: int64[t], characters of each.
        is_word: bool[t], whether it holds a character that is not punctuation.
        has_letter: bool[t], whether it holds a letter.
        is_single: bool[t], whether it is one letter of a script that is written without spaces.
    """

    hashes: UInt64s
    offsets: Int64s
    lengths: Int64s
    is_word: Bools
    has_letter: Bools
    is_single: Bools

    def per_text(self, values: npt.NDArray[np.generic]) -> Int64s:
        """Return int64[n], the sum over each text of a value of each word."""
        found = np.zeros(len(self.offsets) - 1, np.int64)
        filled = np.flatnonzero(np.diff(self.offsets))
        if filled.size:
            plain = values.view(np.uint8) if values.dtype == bool else values
            found[filled] = np.add.reduceat(plain, self.offsets[:-1][filled], dtype=np.int64)
        return found

    @property
    def text_of(self) -> Int64s:
        """int64[t], the text of each word."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    @property
    def running_lengths(self) -> Int64s:
        """int64[t + 1], characters of all words before each."""
        ends = np.zeros(len(self.lengths) + 1, np.int64)
        np.cumsum(self.lengths, out=ends[1:])
        return ends


def find_words(text: pa.Array) -> Words:
    """Find the words of each text.

    Args:
        text: string or large_string; null rows have none. Working memory is about a hundred times its bytes, so hand
            over some hundred kilobytes at a time.
    """
    # A line feed behind each text keeps its last word apart from the first of the next.
    ended = pc.binary_join_element_wise(pc.fill_null(text, "") if text.null_count else text, "", "\n")
    buffer, bounds = text_buffers(ended)
    first = int(bounds[0])
    bounds = bounds - first
    size = int(bounds[-1])
    data = np.zeros(size + PAD, np.uint8)
    data[:size] = buffer[first : first + size]
    scan = _classify(data, size)
    edges = scan.kinds[1:size] != scan.kinds[: size - 1]
    edges[scan.begins - 1] = True
    cuts = np.concatenate([[0], np.flatnonzero(edges) + 1, [size]]) if size else np.zeros(1, np.int64)
    visible = np.flatnonzero(scan.kinds[cuts[:-1]])
    starts, ends = cuts[visible], cuts[visible + 1]
    kind = scan.kinds[starts]
    is_word = kind <= SINGLE
    symbols = np.flatnonzero(kind == SYMBOL)
    is_word[symbols] = ~scan.punctuation[starts[symbols]]
    return Words(
        hash_spans(data, starts, ends),
        np.searchsorted(starts, bounds),
        ends - starts - _continuations(scan, size, starts, ends),
        is_word,
        _have_letter(scan.letters, starts, ends, is_word),
        kind == SINGLE,
    )


class _Scan(NamedTuple):
    """What a look at all bytes of a window finds.

    Attributes:
        kinds: uint8[b], the kind of the character that each byte belongs to. A run of one kind is a word, unless:
        begins: places within that begin another word.
        letters: uint8[b], 1 where a letter begins.
        lead: places where characters beyond ASCII begin.
        length: their numbers of bytes.
        punctuation: bool[b], where such a character is punctuation; empty if there is none.
    """

    kinds: UInt8s
    begins: Int64s
    letters: UInt8s
    lead: Int64s
    length: UInt8s
    punctuation: Bools


def _continuations(scan: _Scan, size: int, starts: Int64s, ends: Int64s) -> Int64s:
    """Return int64[t], bytes of each word that do not begin a character."""
    if len(scan.lead) * _FEW < size:
        own = np.searchsorted(starts, scan.lead, side="right") - 1
        inside = own >= 0
        inside[inside] = scan.lead[inside] < ends[own[inside]]
        found: Int64s = np.bincount(own[inside], scan.length[inside] - 1, len(starts)).astype(np.int64)
        return found
    more = np.zeros(size + 1, np.int32)
    more[scan.lead + 1] = scan.length - np.uint8(1)
    np.cumsum(more, out=more)
    counted: Int64s = (more[ends] - more[starts]).astype(np.int64)
    return counted


_FEW = 16
"""Bytes for each character beyond ASCII from which these are looked up one by one."""
_DIGITS_LOOKED_AT = 24
"""Characters at the start of a word without a letter after which all are counted in one go."""


def _have_letter(letters: UInt8s, starts: Int64s, ends: Int64s, is_word: Bools) -> Bools:
    found: Bools = letters[starts] != 0
    left = np.flatnonzero(~found & is_word)
    for place in range(1, _DIGITS_LOOKED_AT):
        left = left[starts[left] + place < ends[left]]
        if not left.size:
            return found
        hit = letters[starts[left] + place] != 0
        found[left[hit]] = True
        left = left[~hit]
    sums = np.zeros(len(letters) + 1, np.int32)
    np.cumsum(letters, out=sums[1:])
    found[left] = sums[ends[left]] > sums[starts[left]]
    return found


def _classify(data: UInt8s, size: int) -> _Scan:
    kinds = np.frombuffer(bytearray(data[:size]).translate(_ASCII_KINDS), np.uint8)
    letters = np.frombuffer(bytearray(data[:size]).translate(_ASCII_LETTERS), np.uint8)
    lead = np.flatnonzero(data[:size] >= 0xC0)
    begins: list[Int64s] = []
    length: UInt8s = np.empty(0, np.uint8)
    punctuation: Bools = np.empty(0, bool)
    if lead.size:
        code_points, length = decode_characters(data, lead)
        properties = character_table()[code_points]
        kind: UInt8s = properties & np.uint8(KIND_BITS)
        letters[lead] = (properties & IS_LETTER) != 0
        punctuation = np.zeros(size, bool)
        punctuation[lead] = (properties & IS_PUNCTUATION) != 0
        is_mark = kind == MARK
        _fill(kinds, lead, length, kind)
        begins.append(lead[(kind == SINGLE) | (kind == SYMBOL)])
        if is_mark.any():
            _attach_marks(kinds, lead, length, is_mark)
    begins.append(_join_inner(data, size, kinds, letters))
    found = np.concatenate(begins)
    return _Scan(kinds, found[found > 0], letters, lead, length, punctuation)


def _fill(kinds: UInt8s, lead: Int64s, length: UInt8s, kind: UInt8s) -> None:
    for place in range(4):
        longer = slice(None) if place < 2 else length > place
        kinds[lead[longer] + place] = kind[longer]


def _attach_marks(kinds: UInt8s, lead: Int64s, length: UInt8s, is_mark: Bools) -> None:
    """Give marks the kind of the character that they are on."""
    marks = np.flatnonzero(is_mark)
    after_mark = np.zeros(len(marks), bool)
    after_mark[1:] = (np.diff(marks) == 1) & (lead[marks[:-1]] + length[marks[:-1]] == lead[marks[1:]])
    heads = np.flatnonzero(~after_mark)
    base = kinds[np.maximum(lead[marks[heads]] - 1, 0)]
    base[(lead[marks[heads]] == 0) | (base > SINGLE)] = BLANK  # a mark on nothing, or on a symbol, is no word
    kind = np.repeat(base, np.diff(np.append(heads, len(marks))))
    _fill(kinds, lead[marks], length[marks], kind)


def _join_inner(data: UInt8s, size: int, kinds: UInt8s, letters: UInt8s) -> Int64s:
    """Join what is inside words and numbers to them; return where words begin at an apostrophe."""
    # The first and the last byte have no neighbour on one side; the last is a line feed.
    straight: Int64s = np.flatnonzero(data[1 : max(size - 1, 1)] == _APOSTROPHE) + 1
    straight = straight[(kinds[straight - 1] == WORD) & _begins_word(straight + 1, kinds, letters)]
    kinds[straight] = WORD
    _join_signs(data, np.flatnonzero(_JOINS[data[1 : max(size - 1, 1)]]) + 1, kinds)
    curly = np.flatnonzero(data[: max(size - 2, 0)] == _CURLY[0])
    if not curly.size:
        return straight
    curly = curly[(data[curly + 1] == _CURLY[1]) & (data[curly + 2] == _CURLY[2]) & (curly > 0)]
    curly = curly[(kinds[curly - 1] == WORD) & _begins_word(np.minimum(curly + 3, size - 1), kinds, letters)]
    for place in range(3):
        kinds[curly + place] = WORD
    return np.concatenate([straight, curly])


def _join_signs(data: UInt8s, places: Int64s, kinds: UInt8s) -> None:
    """Make signs part of the words and numbers that they are in; none of them is the first or the last byte."""
    places = places[(kinds[places - 1] == WORD) & (kinds[places + 1] == WORD)]
    sign, before, after = _JOINS[data[places]], data[places - 1], data[places + 1]
    digit_before, digit_after = before - ord("0") < _DIGITS, after - ord("0") < _DIGITS
    new_sentence = (sign == _POINT) & (before - ord("a") < _ALPHABET) & (after - ord("A") < _ALPHABET)
    joins = ((sign <= _INSIDE) & ~new_sentence) | ((sign == _IN_NUMBERS) & digit_before & digit_after)
    joins |= (sign == _HYPHEN) & (digit_before != digit_after)
    kinds[places[joins]] = WORD


_DIGITS, _ALPHABET = 10, 26
_POINT, _INSIDE, _IN_NUMBERS, _HYPHEN = 1, 2, 3, 4
_JOINS = np.zeros(256, np.uint8)
"""How a sign joins what is on both sides of it; 0 for those that do not."""
for _signs, _how in ((".", _POINT), ("&@_", _INSIDE), (",:/", _IN_NUMBERS), ("-", _HYPHEN)):
    _JOINS[[ord(_sign) for _sign in _signs]] = _how


def _begins_word(places: Int64s, kinds: UInt8s, letters: UInt8s) -> Bools:
    found: Bools = (letters[places] != 0) & (kinds[places] == WORD)
    return found


def _ascii_kind(byte: int) -> int:
    character = chr(byte)
    if byte >= 0x80 or not character.isprintable() or character == " ":
        return BLANK
    # Punctuation is its own kind, so that a run of one mark is a word; the numbers are beyond those of the kinds.
    return WORD if character.isalnum() else byte


_ASCII_KINDS = bytes(map(_ascii_kind, range(256)))
_ASCII_LETTERS = bytes(int(byte < 0x80 and chr(byte).isalpha()) for byte in range(256))


def word_hash(word: str) -> np.uint64:
    """Return the hash that `Words` holds for a word."""
    data = np.frombuffer(word.encode() + bytes(PAD), np.uint8)
    return np.uint64(hash_spans(data, np.array([0]), np.array([len(data) - PAD]))[0])


@cache
def word_hashes(words: tuple[str, ...]) -> UInt64s:
    """Return the hashes of a list of words, ascending."""
    return np.sort(np.array([word_hash(word) for word in words], np.uint64))
