"""Runs of one codec, and what decoding them gains."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.cleaning.mojibake.codecs import INDEX
from corpusmill.transforms.kernels.cleaning.mojibake.language_model.model import MODEL
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search import lattice
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search.runs import Runs, decode


def runs_of(text: str, codec: str) -> tuple[lattice.Batch, Runs]:
    batch = lattice.lay_out([lattice.as_codes(text)])
    at, mask = lattice.find(batch.numbers)
    mine = at[mask >> np.uint64(INDEX[codec]) & np.uint64(1) != 0]
    return batch, decode(batch, INDEX[codec], mine, np.zeros(len(mine), dtype=bool))


@given(parts=st.lists(st.sampled_from(["Ã©", "â‚¬", "ðŸ’¥", " ", "a", "é", "Ã", "€"]), max_size=9))
@settings(deadline=None)
def test_a_run_is_a_stretch_of_touching_sequences(parts: list[str]) -> None:
    batch, runs = runs_of("".join(parts), "cp1252")
    assert runs.run_of.tolist() == sorted(runs.run_of.tolist())
    for number, (start, end) in enumerate(zip(runs.run_start.tolist(), runs.run_end.tolist(), strict=True)):
        own = runs.run_of == number
        assert int(runs.length[own].sum()) == end - start
        shown = lattice.as_text(batch.codes[start:end])
        assert "".join(map(chr, runs.char[own].tolist())) == shown.encode("cp1252").decode()
    assert all(a < b for a, b in zip(runs.run_end.tolist(), runs.run_start.tolist()[1:], strict=False))


@pytest.mark.parametrize("damaged", ["Ã©", "dÃ©jÃ© vu", "Boom ðŸ’¥ðŸ’¥", "20â‚¬"])
def test_the_gain_is_the_price_that_decoding_saves(damaged: str) -> None:
    _, runs = runs_of(damaged, "cp1252")
    sound = damaged.encode("cp1252").decode()
    # pairs of ASCII characters are equal in both and so do not count
    assert int(runs.gain.sum()) == MODEL.price(damaged) - MODEL.price(sound)
    assert (runs.gain > 0).all()


def test_without_sequences_there_are_no_runs() -> None:
    for text in ("", "plain", "é è"):
        _, runs = runs_of(text, "cp1252")
        assert len(runs.start) == len(runs.run_start) == len(runs.gain) == 0
