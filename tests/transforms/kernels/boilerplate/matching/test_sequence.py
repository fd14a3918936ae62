"""The lines that hold text, and what is beside what."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.boilerplate.lines.lines import split_lines
from corpusmill.transforms.kernels.boilerplate.matching.sequence import announced, hidden_letters, wide_letters
from tests.transforms.kernels.boilerplate.sequences import sequence_of, texts_of
from tests.transforms.kernels.boilerplate.test_strip import OTHER, PROSE


def test_blank_lines_and_lines_of_symbols_are_no_entries() -> None:
    seq = sequence_of(["Share", "", "* * *", PROSE], [], ["Home"])
    assert texts_of(seq, range(len(seq.line))) == ["Share", PROSE, "Home"]
    assert seq.row.tolist() == [0, 0, 2]
    assert seq.first.tolist() == [0, 2, 2, 3]
    assert seq.offset(np.array([0, 1, 2])).tolist() == [0, 1, 0]
    assert (seq.bits != 0).tolist() == [True, False, True]


def test_long_lines_are_those_that_match_nothing() -> None:
    seq = sequence_of(["Home", PROSE, "Share", OTHER, "Reply"], ["Home"], [OTHER])
    first, last = seq.long_lines
    assert first.tolist() == [1, -1, 6]
    assert last.tolist() == [3, -1, 6]


@pytest.mark.parametrize(
    "line",
    [
        "    Share",  # code
        "\tShare",
        "Share?",  # speech
        "“Share”",
        "Share.",
    ],
)
def test_code_and_speech_match_nothing(line: str) -> None:
    assert sequence_of([PROSE, line, PROSE]).bits.tolist() == [0, 0, 0]
    assert sequence_of([PROSE, "Share", PROSE]).bits[1] != 0


def test_lines_in_fences_of_code_match_nothing() -> None:
    seq = sequence_of(["```", "Share", "```", "Share"])
    assert [bool(bits) for bits in seq.bits[-2:]] == [False, True]


def test_paragraphs_are_opened_by_blank_lines() -> None:
    seq = sequence_of(["a line", "Share", "", "Home", "* *", "b line"], ["c line"])
    assert texts_of(seq, np.flatnonzero(seq.opens)) == ["a line", "Home", "c line"]
    assert texts_of(seq, np.flatnonzero(seq.mixed)) == ["a line", "Share", "Home", "b line"]
    one, other = np.array([1, 3]), np.array([2, 2])
    assert seq.parted(one, other).tolist() == [True, False]
    apart = sequence_of(["Share", "", "Home"])
    assert not apart.parted(np.array([0]), np.array([1])).any()  # every line is a paragraph: it says nothing


@given(data=st.data())
def test_a_subset_is_the_sequence_without_some_entries(data: st.DataObject) -> None:
    lines = st.lists(st.sampled_from(["Share", PROSE, "", "Home", "12"]), max_size=6)
    seq = sequence_of(*data.draw(st.lists(lines, min_size=1, max_size=4)))
    kept = np.array(data.draw(st.lists(st.booleans(), min_size=len(seq.line), max_size=len(seq.line))), bool)
    some = seq.subset(kept)
    assert some.line.tolist() == seq.line[kept].tolist()
    assert some.bits.tolist() == seq.bits[kept].tolist()
    assert len(some.first) == len(seq.first)
    for row in range(len(seq.first) - 1):
        assert (some.row[some.first[row] : some.first[row + 1]] == row).all()
    assert some.first[-1] == len(some.line)


def test_a_wide_letter_says_as_much_as_two() -> None:
    texts = ["abc", "漢字", "한국", "кот", "かな漢", ""]
    wide = wide_letters(split_lines(pa.array(["\n".join(texts)])))
    assert wide.tolist() == [0, 2, 2, 0, 3, 0]
    assert wide_letters(split_lines(pa.array([], pa.string()))).tolist() == []


def test_addresses_of_links_are_letters_that_nobody_sees() -> None:
    lines = split_lines(pa.array(["[Share](/a)\nplain\n漢 [x](/y)"]))
    assert hidden_letters(lines).tolist() == [len("[](/a)"), 0, len("[](/y)")]


def test_an_announced_line_stands_after_a_colon() -> None:
    seq = sequence_of(["These are the entries:", "Share", "次のとおり：", "Home"], ["Share"])
    assert [announced(seq, entry) for entry in range(5)] == [False, True, False, True, False]
    assert not announced(sequence_of(["A colon:"], ["Share"]), 1)
