"""Lines are cut out within the bounds that protect content."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.boilerplate.cutting import cut, without
from corpusmill.transforms.kernels.boilerplate.lines.lines import split_lines
from corpusmill.transforms.kernels.boilerplate.strip import strip_column, strip_text
from tests.transforms.kernels.boilerplate.sequences import sequence_of, texts_of
from tests.transforms.kernels.boilerplate.test_strip import ARTICLE, DEFAULT, PROSE, strip_lines


def test_blank_lines_close_up_and_other_texts_keep_their_bytes() -> None:
    text = "\n\n".join(ARTICLE[:3]) + "\n\n\nGet link\n\nFacebook\nX\nPinterest\n\n" + "\n\n".join(ARTICLE[3:])
    assert strip_text(text, DEFAULT)[0] == "\n\n".join(ARTICLE[:3]) + "\n\n\n" + "\n\n".join(ARTICLE[3:])
    odd = " \n\n\n" + PROSE + " \t\n\n\n\nHome \n "
    assert strip_column(pa.array([odd, None]), DEFAULT).text.to_pylist() == [odd, None]


def test_no_more_than_the_allowed_share_goes_and_a_block_goes_whole_or_not_at_all() -> None:
    tail = ["Leave a Reply", "Your email address will not be published. Required fields are marked *", "Post Comment"]
    text = "\n".join(["Short note", "It rained all day, and so nobody came to the fair.", *tail])
    for share in (0.0, 0.2, 0.5):
        assert strip_text(text, DEFAULT.model_copy(update={"max_removed_share": share}))[0] == text
    parted = "\n".join([*ARTICLE[:2], "Skip to content", *ARTICLE[2:3], *tail])
    limited = DEFAULT.model_copy(update={"max_removed_share": 0.1})
    assert strip_text(parted, limited)[0] == "\n".join([*ARTICLE[:3], *tail])
    assert strip_text(text, DEFAULT.model_copy(update={"max_removed_share": 1.0}))[0].split("\n")[2:] == []


@pytest.mark.parametrize(
    "block",
    [
        ["Get link", "Facebook", "X", "Pinterest", "Email", "Other Apps"],
        ["Share", "Facebook", "Twitter"],
        ["Get link Facebook X Pinterest Email Other Apps"],
        ["Teilen", "Facebook", "Twitter", "E-Mail"],
        ["分享到：", "微信", "微博", "QQ空间", "豆瓣"],
    ],
)
def test_a_share_block_that_can_be_nothing_else_goes_whole_whatever_its_share_is(block: list[str]) -> None:
    for note in ("Gulls over the harbour.", "It rained."):
        assert strip_lines([note, *block]) == [note]


@given(
    documents=st.lists(st.lists(st.sampled_from(["", "", "a", "b c", "漢字"]), max_size=9), min_size=1, max_size=4),
    data=st.data(),
)
def test_what_is_left_is_the_other_lines_in_order(documents: list[list[str]], data: st.DataObject) -> None:
    lines = split_lines(pa.array(["\n".join(own) for own in documents]))
    row = data.draw(st.integers(0, len(documents) - 1))
    own = "\n".join(documents[row]).split("\n")
    gone = sorted(data.draw(st.sets(st.integers(0, len(own) - 1))))
    left = without(lines, row, [int(lines.first[row]) + line for line in gone])
    assert [line for line in left.split("\n") if line] == [line for k, line in enumerate(own) if k not in gone and line]
    assert not left.startswith("\n") or not gone or own[0] == ""
    assert left == left.rstrip()


def test_lines_are_cut_reported_and_counted_by_row() -> None:
    texts = pa.array(["Share\n" + PROSE, PROSE, None, PROSE + "\n\nShare\nShare"], pa.string())
    seq = sequence_of(*(text.split("\n") for text in ("Share\n" + PROSE, PROSE, "", PROSE + "\n\nShare\nShare")))
    gone = {entry: "rule.one" for entry, line in enumerate(texts_of(seq, range(len(seq.line)))) if line == "Share"}
    result = cut(texts, seq, gone, 1.0)
    assert result.text.to_pylist() == [PROSE, PROSE, None, PROSE]
    assert result.removed == [(0, 0, "rule.one", "Share"), (3, 2, "rule.one", "Share"), (3, 3, "rule.one", "Share")]
    assert list(result.findings) == [(0, "rule.one", 1), (3, "rule.one", 2)]
    assert cut(texts, seq, {}, 1.0).text is texts


def test_a_text_of_which_nothing_would_be_left_is_filtered_and_stays_whole() -> None:
    seq = sequence_of(["Share", "Home"])
    result = cut(pa.array(["Share\nHome"]), seq, {0: "rule.one", 1: "rule.one"}, 0.0)
    assert result.filtered == {0: "filter.boilerplate-only"}
    assert result.text.to_pylist() == ["Share\nHome"]


def test_what_is_certain_goes_whatever_its_share_is() -> None:
    lines = ["Share", "It rained."]
    text, seq = pa.array(["\n".join(lines)]), sequence_of(lines)
    assert cut(text, seq, {0: "rule.one"}, 0.0).text.to_pylist() == ["\n".join(lines)]
    assert cut(text, seq, {0: "rule.one"}, 0.0, frozenset({0})).text.to_pylist() == ["It rained."]


def test_a_result_spreads_over_the_column_that_its_rows_are_of() -> None:
    column = pa.array(["Share\n" + PROSE, "b", None, "Share\nHome"], pa.string())
    rows = np.array([0, 3])
    seq = sequence_of(["Share", PROSE], ["Share", "Home"])
    small = cut(column.take(pa.array(rows)), seq, {0: "rule.one", 2: "rule.one", 3: "rule.one"}, 1.0)
    result = small.spread(column, rows)
    assert result.text.to_pylist() == [PROSE, "b", None, "Share\nHome"]
    assert [(line.row, line.line) for line in result.removed] == [(0, 0), (3, 0), (3, 1)]
    assert [row for row, _, _ in result.findings] == [0, 3]
    assert list(result.filtered) == [3]
