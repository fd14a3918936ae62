"""What a text's own words say of its language."""

from __future__ import annotations

import pytest

from corpusmill.transforms.kernels.cleaning.mojibake.vocabulary import Vocabulary

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
