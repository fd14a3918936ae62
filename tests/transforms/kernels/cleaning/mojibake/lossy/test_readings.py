"""The readings of a damaged piece: the cheapest of all that its options allow."""

from __future__ import annotations

import itertools

import pytest

from corpusmill.transforms.kernels.cleaning.mojibake.language_model.model import MODEL, UNITS
from corpusmill.transforms.kernels.cleaning.mojibake.lossy.readings import (
    MAX_READINGS,
    PATH_BITS,
    Option,
    candidates,
    likely_script,
)

CYRILLIC = "абвгдежзиклмнопр"


def of(chars: str, price: int = 0, *, lost: bool = True) -> tuple[Option, ...]:
    return tuple(Option(ord(char), 1, price + k, lost) for k, char in enumerate(chars))


@pytest.mark.parametrize("chars", ["аб", CYRILLIC])
def test_the_readings_are_the_cheapest_of_all(chars: str) -> None:
    options = [of("к", lost=False), of(chars), of("т", lost=False), of(chars)]
    priced = []
    for some in itertools.product(*options):
        text = "".join(chr(option.char) for option in some)
        steps = MODEL.step(ord(" "), some[0].char) + sum(
            MODEL.step(a.char, b.char) for a, b in itertools.pairwise(some)
        )
        priced.append((steps + sum(option.price for option in some), text))
    least = min(priced)[0]
    wanted = sorted(price for price, _ in priced if price <= least + PATH_BITS * UNITS)[:MAX_READINGS]
    found = candidates(" ", options)
    prices = {text: price for price, text in priced}
    assert [prices[reading.text] for reading in found.paths] == wanted
    assert all(reading.guessed == (1, 3) for reading in found.paths)
    assert found.script == likely_script(" ", options) == "Cyrillic"


def test_losses_and_signs_are_priced_apart_from_letters() -> None:
    found = candidates("a", [of("б", 16), of("!", 8, lost=False)])
    assert found.words == [["б"]]
    assert found.losses == [(16 + 8 + MODEL.step(ord("б"), ord("!"))) / UNITS]


@pytest.mark.parametrize(("before", "cheaper"), [("2", 6), ("년", 0), (" ", 0)])
def test_behind_a_figure_a_korean_counter_is_likelier_than_other_words(before: str, cheaper: int) -> None:
    counter, other = (candidates(before, [of(word, lost=False)]) for word in "판팝")
    apart = [candidates(" ", [of(word, lost=False)]).losses[0] for word in "판팝"]
    assert counter.losses[0] == apart[0] - cheaper
    assert other.losses[0] == apart[1]
