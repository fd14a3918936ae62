import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.boilerplate.finders.menus import count_marks, is_menu_line, may_be_menus
from corpusmill.transforms.kernels.boilerplate.lines.folding import fold_line
from corpusmill.transforms.kernels.boilerplate.lines.lines import split_lines
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import rule_table
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


_PIECES = [
    "Home",
    "About us",
    "Contact",
    "Privacy Policy",
    "Kontakt",
    "Boats",
    "12 May",
    "[Contact](/c)",
    "ü",
    "",
    "\\",
]
_MARKS = [" | ", "|", "\\|", " · ", " • ", " » ", "›", " - "]


@given(st.lists(st.lists(st.sampled_from(_PIECES + _MARKS), max_size=9).map("".join), min_size=1, max_size=12))
def test_what_is_not_looked_at_is_no_menu(texts: list[str]) -> None:
    lines, table = split_lines(pa.array(["\n".join(texts)])), rule_table()
    chosen = np.flatnonzero(lines.key != 0)
    looked_at = may_be_menus(lines, chosen, count_marks(lines)[chosen], table)
    for line, likely in zip(chosen.tolist(), looked_at.tolist(), strict=True):
        for in_table in (False, True):
            for in_text in (False, True):
                menu = is_menu_line(lines.visible(line), table, in_table=in_table, in_text=in_text)
                assert likely or not menu, lines.text(line)


def test_rows_of_a_table_are_not_looked_at() -> None:
    lines = split_lines(
        pa.array(["| Ann | Fulmar | 1961 |\nHome | Boats | Contact\n| FAQ \\| Ropes |\n| [a](b) | [c](d) |"])
    )
    looked_at = may_be_menus(lines, np.arange(4), count_marks(lines)[:4], rule_table())
    assert looked_at.tolist() == [False, True, True, True]


def test_folding_what_is_folded_changes_nothing() -> None:
    assert [form for form in rule_table().forms if fold_line(form) != form] == []
