"""Fenced blocks of code: which lines are in one."""

from __future__ import annotations

import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.boilerplate.lines.fences import in_fences
from corpusmill.transforms.kernels.boilerplate.lines.lines import split_lines


@pytest.mark.parametrize(
    ("text", "closed", "to_end"),
    [
        ("a\n```\nb\n```\nc", "01110", "01110"),
        ("a\n   ~~~ sh\nb\n~~~\nc", "01110", "01110"),
        ("a\n    ```\nb\n```\nc", "00000", "00011"),
        ("```\na\n```\nb\n```\nc", "111000", "111011"),
        ("``\na", "00", "00"),
        ("~~~", "0", "1"),
        ("", "0", "0"),
    ],
)
def test_lines_between_two_fences_are_code(text: str, closed: str, to_end: str) -> None:
    lines = split_lines(pa.array([text]))
    assert "".join(map(str, in_fences(lines, to_end=False).astype(int))) == closed
    assert "".join(map(str, in_fences(lines, to_end=True).astype(int))) == to_end


def test_a_fence_holds_nothing_of_the_next_text() -> None:
    lines = split_lines(pa.array(["```\na", "b\n```", "```\nc\n```"]))
    assert in_fences(lines, to_end=False).tolist() == [False] * 4 + [True] * 3
    assert in_fences(lines, to_end=True).tolist() == [True, True, False, True, True, True, True]


def test_no_lines_stand_in_no_block() -> None:
    assert in_fences(split_lines(pa.array([], pa.string())), to_end=True).tolist() == []
