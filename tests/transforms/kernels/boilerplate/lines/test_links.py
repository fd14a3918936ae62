"""Links of Markdown as a reader sees them."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.boilerplate.lines.lines import split_lines
from corpusmill.transforms.kernels.boilerplate.lines.links import (
    FRAGMENT,
    MAX_BYTES,
    ONLY,
    SOME,
    linked_lines,
    visible_text,
)


@pytest.mark.parametrize(
    ("line", "seen", "kind"),
    [
        ("[Share](https://a.example/?u=x)", "Share", ONLY),
        ('* [Home](/) | [About](/about "us")', "* Home | About", ONLY),
        ("1. [Home](/)", "1. Home", ONLY),
        ("[To the top](#top)", "To the top", FRAGMENT),
        ("[![logo](a.png)](/home)", "logo", ONLY),  # an image is the text of a link
        ("[![logo](a.png) Home](/) | [![](b.png)](/b)", "logo Home | ", ONLY),
        ("[![to the top](up.png)](#top)", "to the top", FRAGMENT),
        ("Our [![logo](a.png)](/home) hangs in the hall.", "Our logo hangs in the hall.", SOME),
        ("[One](#a) [Two](#b)", "One Two", ONLY),
        ("See [the tables](/t_(1961)) of that year.", "See the tables of that year.", SOME),
        ("f[k](x) = 3", "fk = 3", SOME),
        ("[a]( b)", "[a]( b)", 0),
        ("[not a link] (at all)", "[not a link] (at all)", 0),
        ("[open](never closed", "[open](never closed", 0),
        ("", "", 0),
    ],
)
def test_what_a_reader_sees(line: str, seen: str, kind: int) -> None:
    texts, kinds = visible_text(pa.array([line], pa.large_string()))
    assert texts.to_pylist() == [seen]
    assert kinds.tolist() == [kind]


@given(lines=st.lists(st.text(alphabet="ab[]()!x", max_size=12), max_size=6))
def test_the_lines_that_may_hold_links_are_those_with_the_two_signs(lines: list[str]) -> None:
    data = np.frombuffer("".join(line + "\n" for line in lines).encode(), np.uint8)
    sizes = np.array([len(line) + 1 for line in lines], np.int64)
    start = np.cumsum(sizes) - sizes
    found = linked_lines(data, start, start + sizes - 1)
    assert found.tolist() == [k for k, line in enumerate(lines) if "](" in line]


def test_very_long_lines_are_not_looked_at() -> None:
    lines = [f"[a](/{'x' * (size - 6)})" for size in (MAX_BYTES, MAX_BYTES + 1)]
    assert [len(line) for line in lines] == [MAX_BYTES, MAX_BYTES + 1]
    split = split_lines(pa.array(["\n".join(lines)]))
    assert split.linked.tolist() == [0]


@pytest.mark.parametrize("unit", ["[", "](", "[a](", "![", "[x](y", "[a](b)"])
def test_hostile_lines_are_survived(unit: str) -> None:
    line = unit * 20_000
    texts, _ = visible_text(pa.array([line], pa.large_string()))
    assert len(texts[0].as_py()) <= len(line)
