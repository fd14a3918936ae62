import pytest

from corpusmill.transforms.kernels.boilerplate import BoilerplateSettings, strip_text
from tests.transforms.kernels.boilerplate.test_strip import ARTICLE, strip_lines

TITLES = ["The gulls of the north", "Nine ropes and a bell", "Fog again"]


@pytest.mark.parametrize(
    "tail",
    [
        ["Related Posts", *TITLES],
        ["Letzte Beiträge", *TITLES],
        ["Son Yazılar", *TITLES],
        ["最近の投稿", *TITLES],
        ["Archives", "June 2012", "May 2012", "Categories", "Boats", "Ropes"],
        ["You may also like", *TITLES, "Most Popular", *TITLES],
        ["Blogroll", *TITLES, "Recent Comments", "Ann on Nine ropes and a bell"],
    ],
)
def test_a_list_of_the_sites_own_goes_with_its_heading(tail: list[str]) -> None:
    assert strip_lines([*ARTICLE, *tail]) == ARTICLE


@pytest.mark.parametrize(
    "tail",
    [
        ["These are the ones we kept:", "Related Posts", *TITLES],
        ["Categories", *TITLES],
        ["Related", "sort(1)", "See also", "uniq(1)"],
        ["Recent Posts", "The gulls of the north have come back.", "Nobody knows for how long they will stay."],
        ["Recent Posts", *TITLES, ARTICLE[3] + " " + ARTICLE[2]],
        ["Related Posts", *(f"{title} {k}" for title in TITLES for k in "abcdefgh")],
    ],
    ids=["announced", "one word", "manual", "sentences", "text after it", "long"],
)
def test_a_list_of_the_texts_own_stays(tail: list[str]) -> None:
    lines = [*ARTICLE, *tail]
    assert strip_lines(lines) == lines


def test_a_list_larger_than_the_text_stays() -> None:
    lines = [*ARTICLE[:2], "Recent Posts", *[f"Story of the {word} boat" for word in "red blue green old new".split()]]
    assert strip_lines(lines) == lines


def test_the_title_of_the_page_stays_in_a_list() -> None:
    text = "\n".join([*ARTICLE, "Recent Posts", "Nine ropes and a bell", "Fog again"])
    after = strip_text(text, BoilerplateSettings(), url="https://a.example/2012/nine-ropes-and-a-bell/")[0]
    assert after == "\n".join([*ARTICLE, "Nine ropes and a bell"])


@pytest.mark.parametrize(
    "tail",
    [
        ["© 2012 The Quay Letters"],
        ["Copyright (c) 1999-2012 Quay Media Ltd. All rights reserved.", "Imprint", "Made by Ann"],
        ["2012 © Quay Letters", "Site by Ann"],
        ["© Quay Letters. Tous droits réservés."],
        ["| Copyright © 2004 Quay Letters |"],
    ],
)
def test_a_copyright_notice_goes_with_the_few_lines_after_it(tail: list[str]) -> None:
    assert strip_lines([*ARTICLE, *tail]) == ARTICLE


@pytest.mark.parametrize(
    "tail",
    [
        ["License", "Copyright 2012 The authors of the chart"],
        ["Copyright 2012 The authors.", ARTICLE[1]],
        ["All rights reserved."],
        ["The copyright of the chart lay with her father."],
        ["Copyright 2012 The authors.", *"abcdefgh"],
    ],
    ids=["licence", "before text", "no year", "sentence", "table"],
)
def test_a_notice_that_belongs_to_the_text_stays(tail: list[str]) -> None:
    lines = [*ARTICLE, *tail]
    assert strip_lines(lines) == lines


def test_steps_in_short_sentences_under_a_box_are_of_the_text() -> None:
    steps = ["Untie the boat.", "Coil the rope twice.", "Row past the buoy.", "Wait for the tide.", "Tie it up again."]
    tail = ["You may also like", *TITLES[:2], "What it takes", "A rope", *steps, "Worth knowing", "Keep it dry."]
    lines = [*ARTICLE, *tail]
    assert [line for line in (*steps, "A rope", "Keep it dry.") if line not in strip_lines(lines)] == []
