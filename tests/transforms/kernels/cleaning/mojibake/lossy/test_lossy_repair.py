"""Lines with lost bytes: what is sure is written, what is not stays a gap."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.cleaning.mojibake.codecs import INDEX
from corpusmill.transforms.kernels.cleaning.mojibake.language_model.model import MODEL
from corpusmill.transforms.kernels.cleaning.mojibake.lossy.lossy_repair import close_brackets, recover
from corpusmill.transforms.kernels.cleaning.mojibake.lossy.lost_bytes import Reader
from corpusmill.transforms.kernels.cleaning.mojibake.lossy.readings import Option, pieces

PIECES = [
    *("Ã©", "Ã", "â€™", "â€", "â€�", "ï¿½", "Ð�", "Ð¸", "ðŸ˜", "ðŸ˜€", "Â", "\N{REPLACEMENT CHARACTER}", "’", "é"),
    *(" ", "?", "'", '"', "a", "word", " and so on ", "quele", "5", "—"),
]
LINES = st.lists(st.sampled_from(PIECES), max_size=9).map("".join)


def lay(line: str, reader: Reader) -> list[tuple[Option, ...]]:
    return [reader.options(line, at) for at in range(len(line))]


@settings(deadline=None)
@given(line=LINES, codec=st.sampled_from(["cp1252", "iso8859-7", "cp1251"]))
def test_every_reading_of_a_line_meets_the_ends_of_its_pieces(line: str, codec: str) -> None:
    options = lay(line, Reader(INDEX[codec], guess=True))
    ends = {end for piece in pieces(line, options) for end in (piece.start, piece.stop)}
    reachable = {0}
    for at in range(len(line)):
        if at in reachable:
            for option in options[at]:
                reachable.add(at + option.size)
                assert not any(at < end < at + option.size for end in ends)
    assert ends <= reachable


@settings(deadline=None)
@given(line=LINES, codec=st.sampled_from(["cp1252", "iso8859-7", "cp1251"]))
def test_what_is_read_once_is_read(line: str, codec: str) -> None:
    first = recover(line, line, INDEX[codec], guess=True)
    assert first == recover(line, line, INDEX[codec], guess=True)
    assert first.losses >= 0


def test_a_word_decides_where_characters_cannot() -> None:
    text = "Московское время: десять часов утра. Игорь и Рита читают новости города. Россия большая."
    damaged = text.encode().decode("cp1251", "replace").replace("\u00a0", " ")
    read = recover(damaged, damaged, INDEX["cp1251"], guess=True)
    assert read.text == text
    assert read.losses > 0
    assert not read.odd


def test_one_line_does_not_depend_on_where_another_is() -> None:
    first, second = "plain words here Ã©t", "Â� and then the rest"
    together = recover(f"{first}\n{second}", f"{first}\n{second}", INDEX["cp1252"], guess=True)
    other = recover(f"{second}\n{first}", f"{second}\n{first}", INDEX["cp1252"], guess=True)
    assert together.text.split("\n") == other.text.split("\n")[::-1]


def test_a_closing_bracket_is_found_where_one_gap_is_left_for_it() -> None:
    assert close_brackets("「窓�は", "「窓」は") == "「窓」は"
    assert close_brackets("「窓�は�", "「窓、は。") == "「窓�は�"
    assert close_brackets("「窓」は�", "「窓」は。") == "「窓」は�"
    assert close_brackets("窓�は", "窓」は") == "窓�は"


def test_one_step_of_the_model_costs_what_it_costs_among_many() -> None:
    rng = np.random.default_rng(3)
    before = np.concatenate([rng.integers(0, 0x500, 2000), rng.integers(0, 0x110000, 500)])
    after = np.concatenate([rng.integers(0, 0x500, 2000), rng.integers(0x2000, 0x3100, 500)])
    single = [MODEL.step(int(a), int(b)) for a, b in zip(before, after, strict=True)]
    assert MODEL.steps(before, after).tolist() == single
