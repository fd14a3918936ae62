"""What lines spell, as hashes: equal where the folded lines are, in whatever block and place they are."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.boilerplate.lines.folded_lines import (
    AFFIX_LETTERS,
    LONG_AFFIX_LETTERS,
    MAX_KEY_BYTES,
    FoldedLines,
    fold_lines,
)
from corpusmill.transforms.kernels.boilerplate.lines.folding import fold_line


def folded(lines: list[str]) -> FoldedLines:
    data = "".join(line + "\n" for line in lines).encode()
    sizes = np.array([len(line.encode()) + 1 for line in lines], np.int64)
    start = np.cumsum(sizes) - sizes
    return fold_lines(np.frombuffer(data, np.uint8), start, start + sizes - 1)


LINES = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=40), max_size=8)


@given(lines=LINES)
@settings(deadline=None, max_examples=100)
def test_hashes_are_equal_exactly_where_the_folded_lines_are(lines: list[str]) -> None:
    found = folded(lines)
    plain = [fold_line(line) for line in lines if "](" not in line]
    rows = [k for k, line in enumerate(lines) if "](" not in line]
    assert found.size[rows].tolist() == [len(text) for text in plain]
    for (a, one), (b, other) in product(zip(rows, plain, strict=True), repeat=2):
        assert (found.key[a] == found.key[b]) == (one == other)
        if min(len(one), len(other)) >= AFFIX_LETTERS:
            assert (found.head[a] == found.head[b]) == (one[:AFFIX_LETTERS] == other[:AFFIX_LETTERS])
            assert (found.tail[a] == found.tail[b]) == (one[-AFFIX_LETTERS:] == other[-AFFIX_LETTERS:])
        if min(len(one), len(other)) >= LONG_AFFIX_LETTERS:
            assert (found.long_head[a] == found.long_head[b]) == (
                one[:LONG_AFFIX_LETTERS] == other[:LONG_AFFIX_LETTERS]
            )
            assert (found.long_tail[a] == found.long_tail[b]) == (
                one[-LONG_AFFIX_LETTERS:] == other[-LONG_AFFIX_LETTERS:]
            )


@pytest.mark.parametrize("text", ["", "* 💥 *", "---"])
def test_a_line_without_letters_has_no_key(text: str) -> None:
    found = folded(["A quay", text])
    assert [found.key[1], found.head[1], found.tail[1], found.size[1]] == [0, 0, 0, 0]
    assert found.key[0] != 0


def test_short_lines_have_no_head_and_no_tail_and_long_lines_no_key() -> None:
    found = folded(["abc", "abcd", "abcdefgh", "x" * MAX_KEY_BYTES, "x" * (MAX_KEY_BYTES + 1)])
    assert (found.head != 0).tolist() == (found.tail != 0).tolist() == [False, True, True, True, False]
    assert (found.long_head != 0).tolist() == [False, False, True, True, False]
    assert (found.key != 0).tolist() == [True, True, True, True, False]
    assert found.size.tolist() == [3, 4, 8, MAX_KEY_BYTES, -1]


def test_a_line_with_a_link_is_what_a_reader_sees_of_it() -> None:
    found = folded(["[Share](https://a.example/?u=x)", "Share", "f[k](x)", "Share]("])
    assert found.key[0] == found.key[1]
    assert found.key[3] == found.key[1]
    assert found.linked.tolist() == [0, 2]
    assert found.seen.to_pylist() == ["Share", "fk"]
    assert found.size[:3].tolist() == [5, 5, 2]


def test_a_long_address_does_not_make_a_long_line() -> None:
    found = folded([f"[Share](https://a.example/{'x' * 3000})", "Share", f"[{'y' * 300}](/)"])
    assert found.key[0] == found.key[1] != 0
    assert found.size.tolist() == [5, 5, -1]


def test_what_blocks_are_hashed_together_does_not_show() -> None:
    lines = [f"Line {'abcdefghij'[k % 10] * (k % 90)} “quoted” {k % 7}" for k in range(3000)]
    whole = folded(lines)
    for k in (0, 1, 1499, 2999):
        assert whole.key[k] == folded([lines[k]]).key[0]
    assert folded([]).key.tolist() == []
