"""The script that most letters of a text belong to."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.language.scripts import scripts_of
from tests.sentences import SENTENCES

SCRIPTS = {
    "Russian": "Cyrl",
    "Ukrainian": "Cyrl",
    "Greek": "Grek",
    "Hebrew": "Hebr",
    "Arabic": "Arab",
    "Hindi": "Deva",
    "Thai": "Thai",
    "Chinese": "Hani",
    "Japanese": "Jpan",
    "Korean": "Kore",
    "Georgian": "Geor",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_the_script_of_a_text_is_that_of_its_letters(language: str) -> None:
    assert scripts_of(pa.array([SENTENCES[language]])).to_pylist() == [SCRIPTS.get(language, "Latn")]


def test_scripts_of_a_column_are_those_of_each_row() -> None:
    column = pa.array([None, "", "12 + 3 🔥", *SENTENCES.values(), "Ж and more Latin"])
    expected = [None, None, None, *(SCRIPTS.get(name, "Latn") for name in SENTENCES), "Latn"]
    assert scripts_of(column).to_pylist() == expected
    assert scripts_of(column.slice(3, 2)).to_pylist() == expected[3:5]


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("漢字", "Hani"),
        ("漢字かな", "Jpan"),
        ("カタカナ", "Kana"),
        ("漢" * 100 + "の", "Hani"),  # one kana in a hundred letters is no Japanese
        ("한국어 漢字", "Kore"),
        ("русский текст with Latin", "Cyrl"),
        ("٣٤٥ 12", None),
        ("💥!", None),
        ("\U00020000\U00020001", "Hani"),  # ideographs of another plane
        ("\U000e0041", None),
    ],
)
def test_mixed_and_strange_texts(text: str, script: str | None) -> None:
    assert scripts_of(pa.array([text])).to_pylist() == [script]


@given(texts=st.lists(st.none() | st.text(st.sampled_from("abяжひ漢한!1 "), max_size=12), max_size=6))
def test_the_script_is_that_of_most_letters(texts: list[str | None]) -> None:
    found = scripts_of(pa.array(texts, pa.string())).to_pylist()
    assert len(found) == len(texts)
    for text, script in zip(texts, found, strict=True):
        plain = text or ""
        latin, cyrillic = (sum(char in letters for char in plain) for letters in ("ab", "яж"))
        rest = sum(char in "ひ漢한" for char in plain)
        assert (script is None) == (latin + cyrillic + rest == 0)
        if latin > cyrillic + rest:
            assert script == "Latn"
        if cyrillic > latin + rest:
            assert script == "Cyrl"
