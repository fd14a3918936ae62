"""Everyday signs that lost a byte, and signs of sound text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.cleaning.mojibake import punctuation
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search import lattice


@pytest.mark.parametrize(
    "sound",
    [
        "“It’s — fine”, he said… 1990–2000 → “ok”™",
        "Il répondit : « câ-t-il ? » château",
        "в “Киеве” здравЂе",
        "α/β € 5, β€-blockers",
        "鈥 is a rare character; 你好？",
        "pâte, pâté? âge, â.",
    ],
)
def test_signs_of_sound_text_stay(sound: str) -> None:
    assert punctuation.restore(sound) == (sound, 0, "")


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["â", "€", "”", '"', "?", "™", " ", "a", "œ", "вЂ", "鈥", "¤", "ï¸"]), max_size=8).map(
        "".join
    )
)
def test_restoring_signs_never_makes_a_gap_and_settles(text: str) -> None:
    once, count, _ = punctuation.restore(text)
    assert once.count("�") <= text.count("�")
    assert (count > 0) == (once != text)


@pytest.mark.parametrize(
    ("damaged", "sound"),
    [
        ('nothing â€" nobody', "nothing — nobody"),
        ("the â€œlast dayâ€ of summer", "the â€œlast day” of summer"),
        ('PowerHouseâ"¢ is here, CareBoxâ"¢ too', "PowerHouse™ is here, CareBox™ too"),
        ("it鈥檚 here", "it’s here"),
        ("â€œAS ISâ€?, she said", "â€œAS IS”, she said"),
    ],
)
def test_signs_that_lost_a_byte_come_back_by_their_place(damaged: str, sound: str) -> None:
    got, count, codec = punctuation.restore(damaged)
    assert got == sound
    assert count > 0
    assert codec


def test_signs_that_a_text_speaks_of_stay() -> None:
    text = 'Write “â€"” and not “—” there.'
    assert punctuation.restore(text) == (text, 0, "")


@given(
    st.text(st.sampled_from("â€ï¸вЂβāž鈥檚 a\"',?\x1a™~<>-œ”"), max_size=12),
    st.text(st.sampled_from("ab é漢"), max_size=4),
)
def test_a_text_without_a_trace_is_left_alone(text: str, before: str) -> None:
    codes, _ = lattice.join([before + text])
    if not len(punctuation.traces(codes)):
        assert punctuation.restore(before + text) == (before + text, 0, "")


@pytest.mark.parametrize("unit", ["â€", "â€?", "鈥", "вЂ", 'â"¢', "ï¸"])
def test_hostile_texts_are_survived(unit: str) -> None:
    text = unit * 5_000
    got, count, _ = punctuation.restore(text)
    assert (count > 0) == (got != text)
