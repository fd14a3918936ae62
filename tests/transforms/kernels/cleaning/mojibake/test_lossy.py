"""Lines with lost bytes: reading them in windows is reading them whole, and costs no more than that."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.cleaning.mojibake.codecs import INDEX
from corpusmill.transforms.kernels.cleaning.mojibake.lossy import Reader
from corpusmill.transforms.kernels.cleaning.mojibake.model import MODEL

PIECES = [
    *("Ã©", "Ã", "â€™", "â€", "â€�", "ï¿½", "Ð�", "Ð¸", "ðŸ˜", "ðŸ˜€", "Â", "\N{REPLACEMENT CHARACTER}", "’", "é"),
    *(" ", "?", "'", '"', "a", "word", " and so on ", "quele", "5", "—"),
]
LINES = st.lists(st.sampled_from(PIECES), max_size=9).map("".join)


@settings(deadline=None)
@given(line=LINES, codec=st.sampled_from(["cp1252", "iso8859-7", "cp1251"]), guess=st.booleans())
def test_a_line_reads_the_same_in_windows_and_whole(line: str, codec: str, guess: bool) -> None:
    reader = Reader(INDEX[codec], guess=guess)
    assert reader.read(line) == reader.read_window(" ", line, "")


def test_the_windows_of_a_line_do_not_see_each_other() -> None:
    reader = Reader(INDEX["cp1252"], guess=True)
    first, second = "plain words here Ã©t", "Â� and then the restâ€"
    together = reader.read(first + " long way between " + second)
    alone = reader.read(first), reader.read(second)
    assert together[0] == alone[0][0] + " long way between " + alone[1][0]
    assert together[2] == alone[0][2] + alone[1][2]


def test_one_step_of_the_model_costs_what_it_costs_among_many() -> None:
    rng = np.random.default_rng(3)
    before = np.concatenate([rng.integers(0, 0x500, 2000), rng.integers(0, 0x110000, 500)])
    after = np.concatenate([rng.integers(0, 0x500, 2000), rng.integers(0x2000, 0x3100, 500)])
    single = [MODEL.step(int(a), int(b)) for a, b in zip(before, after, strict=True)]
    assert MODEL.steps(before, after).tolist() == single
