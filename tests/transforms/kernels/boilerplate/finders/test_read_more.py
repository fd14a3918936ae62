"""Lines that send the reader on, and lines of a text that begin like them."""

import pytest

from corpusmill.transforms.kernels.boilerplate.finders.read_more import SLOT, TEASER, find_slot_lines, find_teasers
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import rule_table
from tests.transforms.kernels.boilerplate.sequences import sequence_of, texts_of
from tests.transforms.kernels.boilerplate.test_strip import OTHER, PROSE


def slot_lines(lines: list[str], taken: tuple[int, ...] = ()) -> list[str]:
    seq = sequence_of(lines)
    found = find_slot_lines(seq, dict.fromkeys(taken, "boilerplate.site-line"))
    assert set(found.values()) <= {SLOT}
    return texts_of(seq, found)


@pytest.mark.parametrize(
    "line", ["Read more: The gulls of the north", "Photo: Anna Quist", "Lesen Sie auch: Warum die Möwen bleiben"]
)
def test_a_line_between_paragraphs_that_sends_the_reader_on_or_names_someone_goes(line: str) -> None:
    assert slot_lines([PROSE, line, OTHER]) == [line]
    assert slot_lines([PROSE, line, OTHER], taken=(1,)) == []


@pytest.mark.parametrize(
    "line",
    [
        "Read more: he said this to nobody at all.",  # a sentence
        "Read more: in the summer",  # begins in lower case
        "“Read more: The gulls of the north”",  # speech
        "Read more: Quist (1961)",  # a reference
        "Photo: a wet street",  # no name
        "Photo:",
    ],
)
def test_what_the_text_itself_says_stays(line: str) -> None:
    assert slot_lines([PROSE, line, OTHER]) == []


@pytest.mark.parametrize(
    "lines",
    [
        ["Year: 1961", "Photo: Anna Quist", "Place: Norhaven"],  # a form
        ["First line", "Read more: The gulls of the north", "Last line"],  # a list
        [PROSE, "These stood on the wall:", "Photo: Anna Quist", OTHER],
    ],
)
def test_fields_of_forms_and_entries_of_lists_stay(lines: list[str]) -> None:
    assert slot_lines(lines) == []


def test_words_that_file_a_text_go_after_it_only() -> None:
    assert slot_lines([PROSE, OTHER, "Filed under: Boats, Ropes"]) == ["Filed under: Boats, Ropes"]
    assert slot_lines(["Filed under: Boats, Ropes", PROSE, OTHER]) == []


def teasers(lines: list[str], taken: tuple[int, ...] = ()) -> list[str]:
    seq = sequence_of(lines)
    found = find_teasers(seq, rule_table(), dict.fromkeys(taken, "boilerplate.site-line"))
    assert set(found.values()) <= {TEASER}
    return texts_of(seq, found)


def test_a_heading_goes_with_the_titles_under_it() -> None:
    titles = ["Warum die Möwen bleiben", "Nine ropes for nine boats", "What the harbour master said"]
    assert teasers([PROSE, "Lesen Sie auch", *titles, OTHER]) == ["Lesen Sie auch", *titles]
    assert teasers([PROSE, "Lesen Sie auch", titles[0]]) == ["Lesen Sie auch", titles[0]]
    assert teasers([PROSE, "Lesen Sie auch", titles[0], OTHER], taken=(1,)) == [titles[0]]


@pytest.mark.parametrize(
    "lines",
    [
        ["Lesen Sie auch", "Warum die Möwen bleiben", PROSE],  # before the text
        [PROSE, "Lesen Sie auch", OTHER],  # no title
        [PROSE, "Lesen Sie auch", "Warum die Möwen bleiben.", OTHER],  # a sentence
        [PROSE, "Lesen Sie auch", *["Nine ropes for nine boats"] * 4, OTHER],  # too many
        [PROSE, "An der Tür stand:", "Lesen Sie auch", "Warum die Möwen bleiben", OTHER],
        [PROSE, "Lesen Sie auch", "Ropes", OTHER],  # one word
    ],
)
def test_a_heading_of_the_texts_own_stays(lines: list[str]) -> None:
    assert teasers(lines) == []
