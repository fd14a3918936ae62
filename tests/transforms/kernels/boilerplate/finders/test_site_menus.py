"""Menus of several lines, and lists of a text's own."""

import pytest

from corpusmill.transforms.kernels.boilerplate.finders.menus import MENU
from corpusmill.transforms.kernels.boilerplate.finders.site_menus import find_site_menus
from tests.transforms.kernels.boilerplate.sequences import sequence_of, texts_of
from tests.transforms.kernels.boilerplate.test_strip import OTHER, PROSE


def menus(lines: list[str], taken: tuple[int, ...] = ()) -> list[str]:
    seq = sequence_of(lines)
    found = find_site_menus(seq, dict.fromkeys(taken, "boilerplate.site-line"))
    assert set(found.values()) <= {MENU}
    return texts_of(seq, found)


LINKS = ["* [Home](/)", "* [Boats for hire](/boats)", "* [The chapel](/chapel)"]
CONTENTS = ["On this page", "[How it began](#begin)", "[What he said](#said)", "[The end](#end)"]


def test_lists_of_links_outside_the_text_go() -> None:
    assert menus([*LINKS, PROSE, OTHER]) == LINKS
    assert menus([PROSE, OTHER, *LINKS]) == LINKS
    assert menus([*LINKS, PROSE], taken=(0,)) == LINKS[1:]


def test_links_of_images_are_links() -> None:
    images = ["[![Home](home.png)](/)", "[![Boats for hire](boat.png)](/boats)", "[![The chapel](chapel.png)](/chapel)"]
    assert menus([*images, PROSE, OTHER]) == images
    assert menus([PROSE, *images, OTHER]) == []


def test_the_list_of_a_pages_own_sections_goes_with_its_heading() -> None:
    assert menus([PROSE, *CONTENTS, OTHER]) == CONTENTS
    assert menus([PROSE, *CONTENTS[1:], OTHER]) == []


@pytest.mark.parametrize(
    "lines",
    [
        [PROSE, *LINKS, OTHER],  # in the text
        ["# Places", *LINKS, PROSE],  # under a heading
        ["These are worth a look:", *LINKS, PROSE],
        [LINKS[1], LINKS[2], LINKS[1], PROSE],  # no word of a site
        [*LINKS[:2], PROSE],  # too few
        [],
    ],
)
def test_lists_of_the_texts_own_stay(lines: list[str]) -> None:
    assert menus(lines) == []


def test_a_menu_at_the_top_reaches_to_the_last_word_of_a_site() -> None:
    menu = ["Home", "Boats for hire", "The chapel", "Contact us"]
    assert menus(["Our village", *menu, "The boats of spring", PROSE]) == menu
    assert menus(["He rowed out.", *menu, PROSE]) == []  # the text has begun
    assert menus([*menu[:2], menu[3], PROSE]) == []
    assert menus(["Home", "Boats.", "The chapel", "Contact us", PROSE]) == []
    assert menus([*menu]) == []  # a page without a text


def test_a_layout_in_a_table_is_a_menu_and_a_table_is_none() -> None:
    rows = ["| Home |", "| Boats |", "| Contact us |", "| About us |", "| Log in |", "| Sitemap |"]
    assert menus([PROSE, *rows, OTHER]) == rows
    assert menus([PROSE, "## Words of the web", *rows, OTHER]) == []
    assert menus([f"| {word} |" for word in "red green blue white black grey".split()] + [PROSE]) == []
    assert menus([f"{row} 3 |" for row in rows] + [PROSE]) == []
