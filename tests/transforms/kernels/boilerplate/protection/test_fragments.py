import numpy as np
import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.boilerplate.lines.lines import split_lines
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import rule_table
from corpusmill.transforms.kernels.boilerplate.matching.sequence import sequence
from corpusmill.transforms.kernels.boilerplate.protection.fragments import between_paragraphs, in_sentences

PROSE = "The ferry had been late every morning that week, and by Thursday nobody on the quay looked at the clock."


def joined(lines: list[str]) -> list[str]:
    split = split_lines(pa.array(["\n".join(lines)]))
    found = in_sentences(split, np.arange(len(split)))
    return [line for line, is_joined in zip(lines, found, strict=True) if is_joined]


@pytest.mark.parametrize(
    "lines",
    [
        ["The full timetable can be found", "here", "."],
        ["We took the boat (", "the green one", ") and rowed out"],
        ["It was mended twice in the spring by the old harbour pilot,", "who never spoke of it"],
        ["她说", "，船来了"],
        ["He called it", ": the quiet boat"],
    ],
)
def test_parts_of_a_sentence_are_joined(lines: list[str]) -> None:
    assert joined(lines) == lines


@pytest.mark.parametrize(
    "lines",
    [
        ["Our village", "Boats for hire", "Timetable"],
        ["home", "about", "contact"],
        ["Boats,", "Ropes,", "Nets"],
        ["We took the boat", "", ", and rowed out"],
    ],
)
def test_entries_of_a_menu_are_not(lines: list[str]) -> None:
    assert joined(lines) == []


def test_a_sentence_does_not_go_on_in_another_document() -> None:
    split = split_lines(pa.array(["We took the boat (", "the green one", ") and rowed out"]))
    assert not in_sentences(split, np.arange(3)).any()


def test_a_few_lines_between_two_paragraphs_are_part_of_the_text() -> None:
    def between(lines: list[str]) -> list[str]:
        seq = sequence(split_lines(pa.array(["\n".join(lines)])), rule_table())
        found = between_paragraphs(seq, np.arange(len(seq.line)))
        return [lines[k] for k in np.flatnonzero(found) if lines[k] != PROSE]

    short = [f"Line {word}" for word in ("one", "two", "three", "four", "five", "six", "seven")]
    assert between([PROSE, *short[:6], PROSE]) == short[:6]
    assert between([PROSE, *short, PROSE]) == []
    assert between([PROSE, *short[:2]]) == []
    assert between([*short[:2], PROSE]) == []
    assert between(short) == []
