"""Ambiguous letters of a text that was damaged twice: words and places decide, and what nothing decides is a gap."""

from __future__ import annotations

from corpusmill.transforms.kernels.cleaning.mojibake.lossy import wordwise
from corpusmill.transforms.kernels.cleaning.mojibake.lossy.wordwise import settle_words

RUSSIAN = "Это был очень хороший день, когда мы все вместе были дома и никто не знал, что будет после этого утра. "


def ambiguous(text: str, letters: str) -> tuple[list[int], list[list[int]]]:
    """Places of some letters in a text, and all of them as what each may be."""
    places = [i for i, char in enumerate(text) if char in letters]
    return places, [sorted(map(ord, letters))] * len(places)


def test_a_sentence_begins_with_a_capital_and_few_other_words_do() -> None:
    text = RUSSIAN + "осень была теплая. И Облака были белые, а Осень длинная."
    right = RUSSIAN + "Осень была теплая. И облака были белые, а осень длинная."
    start = len(RUSSIAN)
    places = [start, right.index("облака"), right.rindex("осень")]
    assert settle_words(text, places, [[ord("О"), ord("о")]] * 3) == (right, [])


def test_a_word_that_both_letters_make_stays_where_little_is_in_doubt() -> None:
    text = f"{RUSSIAN}Там был дом."
    place = text.rindex("м.")
    assert settle_words(text, [place], [[ord("м"), ord("н")]])[1] == []


def test_where_much_is_in_doubt_together_only_the_surest_letters_are_written() -> None:
    doubts = [(0.3, [1]), (0.02, [2]), (0.4, [3, 4])]
    assert wordwise._unsure(doubts) == []
    assert wordwise._unsure([*doubts, (0.9, [5]), (0.05, [6])]) == [1, 3, 4, 5]
