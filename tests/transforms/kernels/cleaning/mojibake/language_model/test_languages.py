"""Which letters keep company."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.cleaning.mojibake.language_model.languages import (
    coherence,
    company,
    oddity,
    text_oddity,
)
from tests.transforms.kernels.cleaning.mojibake.test_repair import fixed, read_as


def test_letters_that_are_all_ambiguous_decide_by_the_company_they_make_for_each_other() -> None:
    bakers = "Die Bäcker verkaufen süße Brötchen."
    damaged = read_as(bakers, "iso8859-15", "cp1252")
    assert damaged is not None
    assert fixed(damaged) == bakers
    tortoise = "Żółw siedział nad łąką."
    once = read_as(tortoise, "iso8859-2", "cp1252")
    twice = once and read_as(once, "iso8859-2", "cp1252")
    assert twice
    assert fixed(twice) == tortoise


def points_of(text: str) -> np.ndarray:
    return np.array([ord(char) for char in text], dtype=np.int64)


@pytest.mark.parametrize(
    ("letters", "fits", "strange"),
    [("ğıışçöü", "ş", "ž"), ("čřůěšýá", "ž", "ş"), ("éèàêç", "ù", "ő"), ("äöüß", "ü", "ů")],
)
def test_letters_of_a_language_keep_company(letters: str, fits: str, strange: str) -> None:
    extra = company(points_of(letters), points_of(fits + strange))
    assert extra[0] < extra[1]
    assert coherence(points_of(letters)) > 0


def test_without_letters_nothing_is_said() -> None:
    options = points_of("şž漢")
    assert company(points_of("abc 12"), options).tolist() == [0, 0, 0]
    assert company(points_of("ğış"), points_of("漢!"))[1] == 0
    assert coherence(points_of("")) == 0
    assert text_oddity("plain words") == text_oddity("") == 0


def test_letters_that_no_language_has_together_are_odd() -> None:
    sound, odd = "ąęłśżźćóńę" * 8, "ÏðøÕ£ñâåÿþõ" * 8
    assert text_oddity(sound) < text_oddity(odd)
    assert text_oddity(odd) > 20


@given(texts=st.lists(st.text(st.sampled_from("ğışčřéèαбÏðâåò"), max_size=30), min_size=1, max_size=4))
@settings(deadline=None)
def test_oddity_of_a_text_does_not_depend_on_the_others(texts: list[str]) -> None:
    row = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    found = oddity(points_of("".join(texts)), row, len(texts)).tolist()
    assert found == pytest.approx([text_oddity(text) for text in texts], abs=0.02)
