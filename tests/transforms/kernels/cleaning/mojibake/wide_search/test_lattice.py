"""The vectorised search against plain enumeration."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.cleaning.mojibake.codecs import CP1252, INDEX, NAMES, TABLES, own_characters
from corpusmill.transforms.kernels.cleaning.mojibake.language_model.model import MODEL
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search import lattice
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search.runs import decode

CHARACTERS = st.sampled_from("ÃÂâ€™\x9d\x92\x81šŽŸœΠπΓ¥βŸ’Šđžа�Р° a漢😀├┼\u00a0")


def readings(codec: str, char: str) -> set[int]:
    """All bytes a character may stand for, told without the tables under test."""
    own = own_characters(codec)
    found = {0x80 + i for i, c in enumerate(own) if c == char}
    for byte in range(0x80, 0x100):
        gap = own[byte - 0x80] is None
        if gap and byte < 0xA0 and CP1252[byte] == char != "\N{REPLACEMENT CHARACTER}":  # what stands for no byte
            found.add(byte)
        if char == chr(byte) and ((gap and char not in own) or (codec == "cp1252" and byte < 0xA0)):
            found.add(byte)
    return found


def sequences_at(text: str, at: int, codec: str) -> set[tuple[int, str]]:
    """Every (length, character) that the text may hold at a position, by trying all bytes."""
    found = set()
    for length in (2, 3, 4):
        for data in itertools.product(*(readings(codec, c) for c in text[at : at + length])):
            if len(data) < length:
                continue
            try:
                char = bytes(data).decode()
            except UnicodeDecodeError:
                continue
            if len(char) == 1 and (MODEL.classes[ord(char)] > 1 or char == "\uf8ff"):
                found.add((length, char))
    return found


@settings(max_examples=60, deadline=None)
@given(st.text(CHARACTERS, min_size=2, max_size=10), st.sampled_from(NAMES))
def test_every_sequence_that_enumeration_finds_is_found_and_no_other(text: str, codec: str) -> None:
    codes, starts = lattice.join([text])
    at, mask = lattice.find(TABLES.number[np.minimum(codes, 0xFFFF)])
    number = INDEX[codec]
    mine = at[mask >> np.uint64(number) & np.uint64(1) != 0]
    batch = lattice.lay_out([lattice.as_codes(text)])
    runs = decode(batch, number, mine, np.zeros(len(mine), dtype=bool))
    got = {(int(s - starts[0]), int(n), chr(c)) for s, n, c in zip(runs.start, runs.length, runs.char, strict=True)}
    expected = {i: sequences_at(text, i, codec) for i in range(len(text))}
    assert all((n, c) in expected[i] for i, n, c in got)
    covered = {i for s, n, _ in got for i in range(s, s + n)}
    assert all(not found or i in covered or any(j in covered for j in range(i, i + 4)) for i, found in expected.items())


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("ÅÄ\u0160\u0161\u017d\u017e\u0152\u0153\u0178Ã¤ ab"), min_size=2, max_size=9))
def test_ambiguous_stretches_get_the_cheapest_of_all_readings(text: str) -> None:
    codec = INDEX["iso8859-15"]
    batch = lattice.lay_out([lattice.as_codes(text)])
    at, mask = lattice.find(batch.numbers)
    mine = at[mask >> np.uint64(codec) & np.uint64(1) != 0]
    sequences = lattice.read(batch.numbers, codec, mine, np.zeros(len(mine), dtype=bool))
    if not len(sequences.doubtful):
        return
    choices = [[int(c)] for c in sequences.char]
    for i, options in zip(sequences.doubtful.tolist(), sequences.options.tolist(), strict=True):
        choices[i] = sorted({c for c in options if c})

    def price(chars: tuple[int, ...]) -> int:
        new = lattice.replace(batch.codes, sequences.start, sequences.length, np.array(chars))
        return int(MODEL.steps(new[:-1], new[1:]).sum())

    best = min(map(price, itertools.product(*choices)))
    assert price(tuple(int(c) for c in lattice.resolve(batch.codes, sequences))) == best


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(CHARACTERS, max_size=12), min_size=1, max_size=4))
def test_prices_do_not_depend_on_the_company_in_a_batch(texts: list[str]) -> None:
    batch = lattice.lay_out([lattice.as_codes(t) for t in texts])
    for row, text in enumerate(texts):
        assert batch.text(row) == text
        assert batch.price(row) == lattice.lay_out([lattice.as_codes(text)]).price(0)
