"""Lines, their words, and what line rules take out, against plain Python."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.quality.lines import Lines, end_in, with_plain_ends

TEXT = st.text(alphabet=st.sampled_from("ab.?! \n\t\r\x0b\u00a0\u2028\u3000\x85éЖ"), max_size=40)


@given(st.lists(TEXT, min_size=1, max_size=4))
def test_lines_and_their_words_are_those_of_python(found: list[str]) -> None:
    lines = Lines(with_plain_ends(pa.array(found)))
    for row, text in enumerate(found):
        own = lines.lines.to_pylist()[lines.bounds[row] : lines.bounds[row + 1]]
        assert (own[:-1] if own[-1] == "" else own) == text.splitlines()
    assert lines.words.tolist() == [len(line.split()) for line in lines.lines.to_pylist()]
    assert end_in(lines.lines, (".", "é")).tolist() == [line.endswith((".", "é")) for line in lines.lines.to_pylist()]


def test_repetitions_count_within_a_text_only() -> None:
    lines = Lines(pa.array(["a\nb\na", "a\nb"]))
    assert lines.repeats.tolist() == [False, False, True, False, False]
    assert lines.sum(np.ones(5)).tolist() == [3, 2]
