import pytest

from corpusmill.transforms.kernels.cleaning.symbols.accents import spacing_accents

APPLY = spacing_accents().apply


@pytest.mark.parametrize(
    ("text", "after", "count"),
    [
        ("Les cong´es pr´elev´es", "Les congés prélevés", 3),
        ("fu¨r die gro¨ßten", "für die größten", 2),
        ("Matem´\natica", "Matemática", 1),
        ("Mart´ın", "Martín", 1),
    ],
)
def test_accents_are_put_on_their_letters(text: str, after: str, count: int) -> None:
    (change,) = APPLY(text)
    assert (change.text, change.count) == (after, count)


@pytest.mark.parametrize(
    "text",
    ["C´est l´eau", "K´anka, t´anta", "¨entre comillas¨", "20˚C", "Les cong´es, and ´ alone", "```\npr´elev´e\n```"],
)
def test_all_stay_where_one_can_be_something_else(text: str) -> None:
    assert list(APPLY(text)) == []
