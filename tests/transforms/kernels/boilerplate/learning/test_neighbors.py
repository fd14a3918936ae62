import numpy as np
import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.boilerplate.learning.neighbors import find_learned
from corpusmill.transforms.kernels.boilerplate.lines.lines import split_lines
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import rule_table
from corpusmill.transforms.kernels.boilerplate.matching.sequence import sequence
from corpusmill.transforms.kernels.boilerplate.settings import LearnedSettings

PROSE = [
    "The ferry had been late every morning that week, and by Thursday nobody on the quay looked at the clock.",
    "It was the pump again, they said, the one that had been mended twice since the spring and never held.",
    "My aunt kept her seat on the bollard and read the paper from back to front, as she has always done.",
    "When the boat did come it carried nine people, a dog, and the new bell for the chapel in a wooden crate.",
]
SITE = ["Our village", "Boats for hire", "Timetable", "The chapel", "Lost and found", "Tide tables", "The pilot"]


def gone(lines: list[str], learned: list[str], of_most: bool = False, **change: float) -> list[str]:
    split = split_lines(pa.array(["\n".join(lines)]))
    seq = sequence(split, rule_table())
    texts = [split.text(int(line)) for line in seq.line]
    known = np.array([text in learned for text in texts])
    settings = LearnedSettings().model_copy(update=change)
    found = find_learned(split, seq, known, known & of_most, settings)
    return [texts[entry] for entry in found]


def test_after_the_last_paragraph_few_neighbours_are_enough() -> None:
    strangers = ["A walk", "on the ice"]
    lines = [*PROSE, *SITE[:3], *strangers]
    assert gone(lines, SITE) == SITE[:3]
    assert gone(lines, SITE, min_neighbour_share_tail=0.5) == []


def test_before_the_first_paragraph_more_are_wanted() -> None:
    lines = [*SITE, "A", "B", "C", "D", *PROSE]
    assert gone(lines, SITE) == SITE
    assert gone(lines, SITE, min_neighbour_share_head=0.9) == []


def test_between_two_paragraphs_a_line_stays_unless_it_stands_in_a_long_block() -> None:
    assert gone([*PROSE, *SITE[:4], *PROSE], SITE) == []
    assert gone([*PROSE, *SITE, *PROSE, *PROSE], SITE) == []
    block = SITE * 2
    assert gone([*PROSE, *block, *PROSE, *PROSE], SITE, min_neighbour_share=0.5) == block


@pytest.mark.parametrize("line", ["by Ann Tide on June 29, 2012", "24 July 2012", "What the people of the island said"])
def test_author_date_and_summary_just_before_the_text_stay(line: str) -> None:
    lines = [*SITE, line, *PROSE]
    assert line not in gone(lines, [*SITE, line])
    assert line not in gone(lines, [*SITE, line], of_most=False)


def test_what_most_pages_of_a_host_have_goes_there_too() -> None:
    line = "Subscribe to our evening letter"
    lines = [*SITE, line, PROSE[0]]
    assert line not in gone(lines, [*SITE, line])
    assert line in gone(lines, [*SITE, line], of_most=True)


def test_figures_and_numbers_beside_numbers_stay() -> None:
    lines = [*PROSE, *SITE, "12", "14", "7.5 %", "3 of 4", *SITE, "9", *SITE]
    found = gone(lines, [*SITE, "12", "14", "7.5 %", "9"])
    assert set(SITE) <= set(found)
    assert not {"12", "14", "7.5 %"} & set(found)


def test_too_few_lines_say_nothing() -> None:
    assert gone([SITE[0], PROSE[0], SITE[1], SITE[2]], SITE) == []
