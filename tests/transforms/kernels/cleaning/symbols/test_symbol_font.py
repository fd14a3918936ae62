import pytest

from corpusmill.transforms.kernels.cleaning.symbols.symbol_font import symbol_font

APPLY = symbol_font().apply


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("n \uf03d 35 and p \uf03c 0.05", "n = 35 and p < 0.05"),
        ("(a \uf02b b) \uf0b4 3\nTotal \uf03d sum of rows", "(a + b) × 3\nTotal = sum of rows"),
        ("\uf0b7 first point\n\uf0a7\tsecond", "• first point\n▪\tsecond"),
    ],
)
def test_operators_and_bullets_become_the_characters_they_show(text: str, after: str) -> None:
    (change,) = APPLY(text)
    assert change.text == after


@pytest.mark.parametrize("text", ["Follow us \uf099 Twitter \uf03d Video", "Cart 3 \uf03d 5", "word \uf03d"])
def test_icons_are_no_operators(text: str) -> None:
    assert list(APPLY(text)) == []
