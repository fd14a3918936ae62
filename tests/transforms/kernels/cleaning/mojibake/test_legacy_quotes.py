"""Quotes and dashes of GB 2312 and Mac Roman in English texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.cleaning.mojibake.legacy_quotes import restore, traces
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search import lattice


@pytest.mark.parametrize(
    ("damaged", "sound", "count", "codec"),
    [
        ("the node¡¯s parent", "the node’s parent", 1, "gb2312"),
        ("¡°yes¡±, she said ¡ª and left", "“yes”, she said — and left", 3, "gb2312"),
        ("ItÕs here, they donÕt mind", "It’s here, they don’t mind", 2, "mac-roman"),
        ("ItÕs ÒfineÓ", "It’s “fine”", 3, "mac-roman"),
    ],
)
def test_signs_of_english_texts_come_back(damaged: str, sound: str, count: int, codec: str) -> None:
    assert restore(damaged) == (sound, count, codec)


@pytest.mark.parametrize(
    "sound",
    [
        "",
        "¡Qué día! ¡Así!",
        "¡®! está aquí",  # Spanish letters speak against it
        "the node¡¯s parent, ¡hola",  # and so does a mark that opens a sentence
        "Õunapuu on siin, Õs",  # Estonian
        "IRMÕS E AVIÕES",
        "ÒfineÓ",  # no apostrophe proves it
        "cafésÕs",
    ],
)
def test_other_texts_stay(sound: str) -> None:
    assert restore(sound) == (sound, 0, "")


@given(text=st.text(st.sampled_from("ab sd¡®¯°±ªÕÒÓé '."), max_size=16))
def test_a_text_without_a_trace_is_left_alone_and_twice_equals_once(text: str) -> None:
    once, count, _ = restore(text)
    assert (count > 0) == (once != text)
    assert restore(once)[0] == once
    codes, _ = lattice.join([text])
    assert len(traces(codes)) or not count


def test_hostile_texts_are_survived() -> None:
    for unit in ("Ò", "¡®", "aÕs", "Òa "):
        text = unit * 20_000
        assert len(restore(text)[0]) <= len(text)
