"""How a language spells: prices of words that no list holds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.cleaning.mojibake.language_model.spelling import BASE_BITS, Spelling, spelling_of
from corpusmill.transforms.kernels.cleaning.mojibake.language_model.words import lists_of

WORDS = ["вода", "водный", "водяной", "город", "городской", "пригород"]


def spelling(words: list[str] | None = None) -> Spelling:
    chosen = WORDS if words is None else words
    return Spelling(chosen, np.full(len(chosen), 10.0))


def test_a_word_spelled_like_those_of_the_list_is_cheaper_than_one_that_is_not() -> None:
    found = spelling().bits(["городная", "гкъоздная", "вода", "адов"])
    assert found[0] < found[1]
    assert found[2] < found[3]
    assert (found > 0).all()


@given(words=st.lists(st.text(st.sampled_from("вгодцй"), max_size=6), min_size=1, max_size=6))
def test_the_price_of_a_word_does_not_depend_on_the_others(words: list[str]) -> None:
    one = spelling()
    assert one.bits(words).tolist() == pytest.approx([float(one.bits([word])[0]) for word in words])


def test_letters_that_no_word_has_cost_what_a_strange_letter_costs() -> None:
    strange, known = spelling().bits(["ЖЖЖ", "вода"]) / 4
    assert strange > BASE_BITS > known


def test_a_frequent_word_counts_more() -> None:
    words = ["вода", "вина"]
    often = Spelling(words, np.array([2.0, 19.0])).bits(words)
    assert often[0] < often[1]
    equal = Spelling(words, np.array([25.0, 30.0])).bits(words)  # both so rare that they count once
    assert equal[0] == pytest.approx(equal[1])


def test_each_script_with_lists_has_a_spelling_for_its_languages() -> None:
    lists = lists_of("Greek")
    assert lists is not None
    one = spelling_of("Greek", 0)
    assert one is not None
    known, odd = one.bits(["θάλασσα", "θχλκσσγ"])
    assert known < odd
    assert spelling_of("Telugu", 0) is None
