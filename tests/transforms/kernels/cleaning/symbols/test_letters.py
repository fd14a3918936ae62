import pytest

from corpusmill.transforms.kernels.cleaning.rules import Rule
from corpusmill.transforms.kernels.cleaning.symbols.letters import (
    MAX_MARKS,
    fancy_letters,
    private_use,
    stacked_marks,
)


def after(rule: Rule, text: str) -> str:
    changes = list(rule.apply(text))
    return changes[-1].text if changes else text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("𝐬𝐚𝐥𝐞 𝐨𝐟 𝐚 𝐥𝐢𝐟𝐞𝐭𝐢𝐦𝐞!", "sale of a lifetime!"),
        ("Ⓒⓞⓞⓛ 🅒🅞🅞🅛", "Cool COOL"),
        ("𝑎𝑏𝑐 = 𝐀", "𝑎𝑏𝑐 = 𝐀"),
        ("𝑠𝑖𝑛(𝑥)", "𝑠𝑖𝑛(𝑥)"),
        ("let 𝑥 be", "let 𝑥 be"),
    ],
)
def test_words_are_folded_and_formulas_stay(text: str, wanted: str) -> None:
    assert after(fancy_letters(), text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("\uf099 Follow \uf0e0 Mail", "Follow Mail"),
        ("word\uf099word", "word\uf099word"),
        ("from \uf8ff on", "from \uf8ff on"),
    ],
)
def test_icons_are_removed_where_they_stand_alone(text: str, wanted: str) -> None:
    assert after(private_use(), text) == wanted


def test_marks_beyond_any_orthography_are_trimmed() -> None:
    marks = "\u0316\u0317\u0318\u0319\u031c"
    assert after(stacked_marks(), f"q{marks}x") == f"q{marks[:MAX_MARKS]}x"
    assert after(stacked_marks(), f"q{marks[:MAX_MARKS]}x") == f"q{marks[:MAX_MARKS]}x"
    tibetan = "རྒྱལ་བསྒྲུབས"
    assert after(stacked_marks(), tibetan) == tibetan
