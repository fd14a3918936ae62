from corpusmill.transforms.kernels.cleaning.symbols.arabic_forms import arabic_forms

APPLY = arabic_forms().apply
WORD = "\ufeb3\ufefc\ufee1"
"""Seen initial, lam with alef final, meem isolated: the word for peace, as a PDF shows it."""


def test_a_word_in_the_shapes_of_its_letters_becomes_the_letters() -> None:
    (change,) = APPLY(f"{WORD} world")
    assert change.text == "\u0633\u0644\u0627\u0645 world"


def test_shapes_that_do_not_join_and_signs_stay() -> None:
    for text in (WORD[::-1], "\ufe8f \ufe91 \ufe92 \ufe90", "\ufdfa", "plain"):
        assert list(APPLY(text)) == []
