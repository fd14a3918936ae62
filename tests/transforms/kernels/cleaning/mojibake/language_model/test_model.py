"""The model of plausible text."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.cleaning.mojibake.language_model.model import MODEL, step


@given(st.text(max_size=30), st.text(max_size=30))
def test_the_model_charges_something_for_every_character(one: str, other: str) -> None:
    assert MODEL.price(one + other) > 0
    assert MODEL.price(one + " x " + other) > MODEL.price(one)


def test_the_model_finds_living_languages_more_plausible_than_their_damage() -> None:
    for text in ("привет, мир", "naïve café", "καλημέρα κόσμε", "こんにちは世界", "שלום עולם", "สวัสดีชาวโลก"):
        assert MODEL.price(text) < MODEL.price(text.encode().decode("latin-1"))


CODES = st.lists(st.integers(0, 0x10FFFF), min_size=1, max_size=20)


@given(before=CODES, after=CODES)
def test_a_single_step_costs_what_it_costs_in_an_array(before: list[int], after: list[int]) -> None:
    count = min(len(before), len(after))
    pairs = list(zip(before[:count], after[:count], strict=True))
    many = MODEL.steps(np.array(before[:count]), np.array(after[:count])).tolist()
    assert many == [MODEL.step(a, b) for a, b in pairs] == [step(a, b) for a, b in pairs]
    assert [MODEL.kind(code) for code in before] == MODEL.classes[before].tolist()


@given(text=st.text(max_size=30))
def test_the_price_of_a_text_is_that_of_its_steps_with_blanks_around_it(text: str) -> None:
    codes = [ord(char) for char in f" {text} "]
    assert MODEL.price(text) == sum(MODEL.step(a, b) for a, b in pairwise(codes))


def test_lone_surrogates_and_unassigned_characters_have_a_price() -> None:
    assert MODEL.price("\ud800") > MODEL.price("a")
    assert MODEL.classes[0x378] == 0  # unassigned
    assert MODEL.classes[0xE000] == 1  # private


@pytest.mark.parametrize(("char", "script"), [("я", "Cyrillic"), ("é", "Latin"), ("漢", "Han"), ("あ", "Hiragana")])
def test_letters_have_a_script_and_signs_have_none(char: str, script: str) -> None:
    assert MODEL.script_names[MODEL.script[MODEL.classes[ord(char)]]] == script
    assert MODEL.script[MODEL.classes[ord("!")]] == -1
