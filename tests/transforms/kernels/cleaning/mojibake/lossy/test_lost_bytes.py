"""What a damaged sequence may stand for."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.cleaning.mojibake.codecs import INDEX
from corpusmill.transforms.kernels.cleaning.mojibake.lossy.lost_bytes import Reader, decode_sequences
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search import lattice

TRAIL = st.integers(0x80, 0xBF)


@settings(deadline=None)
@given(first=st.integers(0xC2, 0xF4), trails=st.lists(st.tuples(TRAIL, TRAIL, TRAIL), min_size=1, max_size=40))
def test_sequences_decode_as_those_of_the_lattice(first: int, trails: list[tuple[int, int, int]]) -> None:
    size = lattice.sequence_length(first)
    columns = [np.array([trail[k] if k < size - 1 else 0 for trail in trails], dtype=np.uint8) for k in range(3)]
    wanted = lattice.characters(
        np.full(len(trails), first, dtype=np.uint8), columns, np.full(len(trails), size, dtype=np.int64)
    )
    assert decode_sequences(first, [trail[: size - 1] for trail in trails]) == wanted.tolist()


def test_an_intact_sequence_has_one_reading() -> None:
    (option,) = Reader(INDEX["cp1252"], guess=True).options("Ã©t", 0)
    assert (chr(option.char), option.size, option.lost) == ("é", 2, False)


def test_a_lost_byte_is_any_that_the_codec_lacks() -> None:
    found = Reader(INDEX["cp1252"], guess=True).options("Ð\N{REPLACEMENT CHARACTER} ", 0)
    assert {chr(option.char) for option in found if option.lost} >= set("АЍЏАН") - {"А", "Н"}
