"""What a text's own words say of its language."""

from __future__ import annotations

import pytest

from corpusmill.transforms.kernels.cleaning.mojibake.language_model.vocabulary import Vocabulary

RUSSIAN = "это был очень хороший день когда мы все вместе были дома и никто не знал что будет после этого утра".split()


def test_a_text_trusts_the_lists_of_its_own_language() -> None:
    vocabulary = Vocabulary(RUSSIAN)
    assert vocabulary.trusts("Cyrillic")
    assert vocabulary.may_decide("Cyrillic")


def test_words_that_no_list_holds_are_not_judged_by_it() -> None:
    assert not Vocabulary(["ъыьэ", "щъщъщ", "жжыъ"] * 8).may_decide("Cyrillic")


@pytest.mark.parametrize("script", ["Han", "Thai", "Telugu"])
def test_no_word_decides_where_there_are_no_blanks_or_no_list(script: str) -> None:
    assert not Vocabulary([]).may_decide(script)


def test_signs_need_no_words() -> None:
    assert Vocabulary([]).may_decide("")


def test_a_word_of_the_list_is_cheaper_than_one_that_is_none() -> None:
    vocabulary = Vocabulary(RUSSIAN)
    vocabulary.judge(["Город", "Гкрод", "plain"])
    assert vocabulary.bits("Город") < vocabulary.bits("Гкрод")
    assert vocabulary.knows("Город")
    assert not vocabulary.knows("Гкрод")
    assert vocabulary.bits("plain") == 8.0


def test_a_capital_behind_small_letters_is_dear_and_one_before_them_is_not() -> None:
    vocabulary = Vocabulary(RUSSIAN)
    vocabulary.judge(["Город", "город", "ГОРОД", "гоРод"])
    assert vocabulary.bits("Город") == vocabulary.bits("город") == vocabulary.bits("ГОРОД")
    assert vocabulary.bits("гоРод") > vocabulary.bits("город") + 5


ARABIC = "كان هذا يوما جميلا وكنا نحن في البيت ولم نعرف ما الذي سيكون بعد ذلك في المدينة الكبيرة".split()


def test_a_vowel_mark_that_the_text_never_uses_is_dear() -> None:
    plain, voweled = Vocabulary(ARABIC), Vocabulary([*ARABIC, "كِتاب"])
    for vocabulary in (plain, voweled):
        vocabulary.judge(["لِبيت"])
    assert plain.bits("لِبيت") > voweled.bits("لِبيت") + 5


def test_a_fathatan_stands_beside_an_alef() -> None:
    vocabulary = Vocabulary(ARABIC)
    vocabulary.judge(["جميلاً", "جًميلا"])
    assert vocabulary.bits("جميلاً") + 10 < vocabulary.bits("جًميلا")


def test_a_prefix_before_a_known_stem_makes_a_word() -> None:
    vocabulary = Vocabulary(RUSSIAN)
    assert vocabulary.derives("Сконфигурированное")
    assert not vocabulary.derives("эконфигурированное")
    assert not vocabulary.derives("сабвгдежзик")
    vocabulary.judge(["сконфигурированное", "эконфигурированное"])
    assert vocabulary.bits("сконфигурированное") + 3 < vocabulary.bits("эконфигурированное")
