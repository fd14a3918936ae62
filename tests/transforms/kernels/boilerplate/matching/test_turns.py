"""Known lines that take turns with lines of the text match nothing; menus and comments are no turns."""

import numpy as np
import pyarrow as pa

from corpusmill.transforms.kernels.boilerplate.lines.lines import split_lines
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import rule_table
from corpusmill.transforms.kernels.boilerplate.matching.sequence import Sequence, sequence
from corpusmill.transforms.kernels.boilerplate.matching.turns import is_name


def _sequence(*texts: str) -> Sequence:
    return sequence(split_lines(pa.array(texts, pa.large_string())), rule_table())


def test_turns_have_one_length_and_three_different_words() -> None:
    seq = _sequence(
        "Share\nof the bread,\nPrint\nof a shoe,\nReply\nto the rain,",
        "Share\nof the bread,\nShare\nof a shoe,\nShare\nof the rain,",
        "Share\nof the bread,\nPrint\nof a shoe,\nand of rain,\nReply\nto nobody,",
    )
    assert np.unique(seq.row[seq.bits != 0]).tolist() == [1, 2]


def test_names_of_pages_between_known_words_are_a_menu() -> None:
    assert np.count_nonzero(_sequence("Share\nBoats\nPrint\nRopes\nReply\nTides").bits) == 3
    assert not _sequence("Share\nANNA\nPrint\nof it\nReply\nANNA\nHome\nto me").bits.any()


def test_what_stands_under_every_comment_takes_no_turns() -> None:
    comments = "".join(
        f"3 May 2010\nGood point, I think\n{word}\n" for word in ("Reply", "Share", "Reply", "Like", "Reply")
    )
    seq = _sequence(comments)
    known = seq.lines.texts(seq.line[seq.bits != 0]).to_pylist()
    assert known.count("Reply") == 3


def test_names_begin_with_capitals_and_are_no_sentences() -> None:
    lines = split_lines(pa.array(["Boats and Ropes\nof the bread\nIt rains.\n12 %\nЛодки\nالقوارب"], pa.large_string()))
    assert [is_name(lines, line) for line in range(6)] == [True, False, False, False, True, False]
