"""The word lists: what they hold, whose language a text is in, how a language spells."""

from __future__ import annotations

import importlib.resources

import pytest

from corpusmill.transforms.kernels.cleaning.mojibake.language_model.spelling import spelling_of
from corpusmill.transforms.kernels.cleaning.mojibake.language_model.words import (
    MIN_WORD_SHARE,
    UNSEGMENTED,
    WORD,
    lists_of,
    script_of,
    weights,
)
from tests.tools.mojibake.words import in_cyrillic


@pytest.mark.parametrize(
    ("script", "language", "words"),
    [
        ("Latin", "pl", ["więc", "żeby", "mógł"]),
        ("Latin", "tr", ["için", "değil", "güzel"]),
        ("Cyrillic", "uk", ["їх", "більше", "який"]),
        ("Cyrillic", "sr", ["више", "ћe".replace("e", "е"), "међу"]),
        ("Greek", "el", ["και", "είναι", "όταν"]),
    ],
)
def test_the_words_of_a_text_tell_its_language(script: str, language: str, words: list[str]) -> None:
    lists = lists_of(script)
    assert lists is not None
    weight = weights(lists.costs(words))
    assert lists.languages[int(weight.argmax())] == language
    assert weight.sum() == pytest.approx(1)
    assert all(lists.share(lists.place(word), weight) > MIN_WORD_SHARE for word in words)


@pytest.mark.parametrize("word", ["港", "ひらがな", "カタカナ", "ท่าเรือ", "ທ່າເຮືອ", "កំពង់ផែ", "ဆိပ်ကမ်း", "གྲུ་ཁ"])
def test_scripts_without_spaces_are_named_as_the_model_names_them(word: str) -> None:
    assert script_of(word) in UNSEGMENTED


def test_words_are_found_whatever_their_case_and_others_are_not() -> None:
    lists = lists_of("Cyrillic")
    assert lists is not None
    assert lists.place("Московское") == lists.place("московское") >= 0
    assert lists.place("носковское") == -1
    assert lists_of("Cherokee") is None


def test_a_word_is_its_letters_and_marks() -> None:
    assert WORD.findall("l’été, हिन्दी 2x и\u0306 ‘ok’") == ["l", "été", "हिन्दी", "x", "и\u0306", "ok"]
    assert [script_of(word) for word in ("été", "plain", "и", "x日", "5")] == ["Latin", "Latin", "Cyrillic", "Han", ""]


def test_a_word_that_is_spelled_like_its_language_is_cheaper() -> None:
    lists = lists_of("Cyrillic")
    assert lists is not None
    russian = spelling_of("Cyrillic", lists.languages.index("ru"))
    assert russian is not None
    good, bad, end = russian.bits(["охранялись", "охранѡлись", "охраняли"]).tolist()
    assert good + 20 < bad
    assert russian.bits(["охранялись", "охраняли"]).tolist() == [good, end]
    assert spelling_of("Cherokee", 0) is None


def test_serbian_is_spelled_in_either_alphabet() -> None:
    assert [in_cyrillic(word) for word in ("ljubav", "njegov", "džep", "već", "xerox")] == [
        "љубав", "његов", "џеп", "већ", "",
    ]  # fmt: skip


def test_the_lists_name_their_source_and_licence() -> None:
    notice = (
        importlib.resources.files("corpusmill.transforms.kernels.cleaning.mojibake.language_model")
        .joinpath("words.NOTICE")
        .read_text("utf-8")
    )
    assert "wordfreq" in notice
    assert "https://creativecommons.org/licenses/by-sa/4.0/" in notice
