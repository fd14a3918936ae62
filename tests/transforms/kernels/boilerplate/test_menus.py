import pytest

from tests.transforms.kernels.boilerplate.test_strip import ARTICLE, strip_lines


@pytest.mark.parametrize(
    "line",
    [
        "Home | About | Contact",
        "Home | The chapel | Ropes and tar",
        "Contact · Boats for hire · The pilot",
        "| Boats \\| Contact us \\| Privacy & Tides Policy |  |",
        "| FAQ \\| Ropes |",
        "Home > Boats > Sold",
        "Home » Boats » The green one",
        "Startseite › Boote › Verkauft",
        "Home / Boats / Sold",
        "Accueil :: Bateaux",
    ],
)
def test_menus_and_paths_go(line: str) -> None:
    assert strip_lines([ARTICLE[0], line, *ARTICLE[1:]]) == ARTICLE


@pytest.mark.parametrize(
    "lines",
    [
        ["Boats > Ropes > Knots"],
        ["Home > Boats are what he asked for."],
        ["Home-made bread"],
        ["Home 3 / 2 / 1"],
        ["| Name | Boat | Year |", "| Ann | Fulmar | 1961 |"],
        ["Name | Boat | Tonnes", "Ann | Fulmar | 3"],
        ["| P(A\\|B) | P(B\\|A) |"],
        ["Posted by Ann | 12 May | Comments (3)"],
        ["red | green | blue"],
    ],
)
def test_tables_sums_and_sentences_stay(lines: list[str]) -> None:
    whole = [*ARTICLE[:3], *lines, *ARTICLE[3:]]
    assert strip_lines(whole) == whole
