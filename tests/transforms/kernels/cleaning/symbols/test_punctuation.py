import pytest

from corpusmill.transforms.kernels.cleaning.rules import Rule
from corpusmill.transforms.kernels.cleaning.symbols.punctuation import elongation, repeated_punctuation


def after(rule: Rule, text: str) -> str:
    changes = list(rule.apply(text))
    return changes[-1].text if changes else text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("No!!!!!! Why???????", "No!!! Why???"),
        ("等等！！！！！！", "等等！！！"),
        ("so........ what", "so... what"),
        ("Five!!!!! stay", "Five!!!!! stay"),
    ],
)
def test_emphasis_is_shortened_from_the_least_length_on(text: str, wanted: str) -> None:
    assert after(repeated_punctuation(6), text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "ls img??????.png",
        "Contents ............ 3",
        "`!!!!!!` as such",
        "x = !!!!!!(y)",
        "https://example.org/find??????=1",
        "    indented!!!!!!!! code",
        "(born ??????, died 1802)",
    ],
)
def test_patterns_code_and_addresses_stay(text: str) -> None:
    framed = f"A plain line.\n\n{text}\n\nAnother."
    assert after(repeated_punctuation(6), framed) == framed


def test_drawn_out_letters_become_three() -> None:
    assert after(elongation(), "soooooo wwwww 11111 goood") == "sooo wwwww 11111 goood"
