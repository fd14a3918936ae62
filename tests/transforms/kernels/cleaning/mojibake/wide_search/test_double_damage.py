"""Text damaged twice by one codec."""

import numpy as np
import pytest

from corpusmill.transforms.kernels.cleaning.mojibake.codecs import INDEX
from corpusmill.transforms.kernels.cleaning.mojibake.repair import repair_text
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search import lattice
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search.double_damage import undo_twice
from tests.sentences import SENTENCES
from tests.transforms.kernels.cleaning.mojibake.test_repair import SETTINGS, fixed, read_as


@pytest.mark.parametrize("codec", ["latin-1", "cp1252", "cp1250", "cp1251", "cp1253", "cp437", "mac-roman", "cp866"])
def test_text_damaged_twice_comes_back(codec: str) -> None:
    for text in SENTENCES.values():
        once = read_as(text, codec, "cp1252" if codec != "latin-1" else "control")
        assert once is not None
        twice = read_as(once, codec, "cp1252" if codec != "latin-1" else "control")
        assert twice is not None
        got, repairs, _ = repair_text(twice, SETTINGS)
        assert got == text
        assert repairs[-1].rule in ("encoding.repair-double", "encoding.repair-lossy", "encoding.ftfy-fix-encoding")


def test_both_layers_of_ambiguous_double_damage_are_undone_together() -> None:
    text = SENTENCES["Russian"]
    once = read_as(text, "iso8859-7", "cp1252")
    assert once is not None
    twice = read_as(once, "iso8859-7", "cp1252")
    assert twice is not None
    assert fixed(twice) == text


def undone(text: str, codec: str) -> str | None:
    """Undo two layers of damage by a codec, without the search around it."""
    batch = lattice.lay_out([lattice.as_codes(text)])
    at, mask = lattice.find(batch.numbers)
    mine = at[mask >> np.uint64(INDEX[codec]) & np.uint64(1) != 0]
    found = lattice.read(batch.numbers, INDEX[codec], mine, np.zeros(len(mine), dtype=bool))
    both = undo_twice(batch, 0, INDEX[codec], found)
    return None if both is None else lattice.as_text(both[0])


@pytest.mark.parametrize("codec", ["iso8859-15", "iso8859-7", "iso8859-2"])
@pytest.mark.parametrize("text", ["Сегодня утром мы пошли гулять в парк.", "Σήμερα το πρωί πήγαμε μια βόλτα."])
def test_both_layers_are_undone_and_one_alone_is_not(text: str, codec: str) -> None:
    once = read_as(text, codec, "cp1252")
    assert once is not None
    twice = read_as(once, codec, "cp1252")
    assert twice is not None
    assert undone(twice, codec) == text
    assert undone(once, codec) is None
