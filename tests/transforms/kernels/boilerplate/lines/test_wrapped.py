import textwrap

import numpy as np
import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.boilerplate.lines.lines import split_lines
from corpusmill.transforms.kernels.boilerplate.lines.wrapped import wrapped_lines
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import rule_table
from corpusmill.transforms.kernels.boilerplate.matching.sequence import PROSE, sequence
from tests.sites import Writer

PARAGRAPHS = [Writer(f"paragraph {k}").paragraph(3) for k in range(4)]
VERSES = ["the cat", "a dog of theirs", "she", "the hen and her brood", "our cow", "nobody", "the whole house", "he"]


def wrapped(text: str) -> list[str]:
    lines = split_lines(pa.array([text]))
    return [lines.text(int(line)) for line in np.flatnonzero(wrapped_lines(lines))]


@pytest.mark.parametrize("width", [60, 72, 80, 100])
def test_all_lines_of_wrapped_paragraphs_are_found_and_nothing_around_them(width: int) -> None:
    parts = [textwrap.wrap(paragraph, width) for paragraph in PARAGRAPHS]
    body = "\n\n".join("\n".join(part) for part in parts)
    text = f"Skip to content\nThe weir\n\n{body}\n\nAdvertisement\n\nPrivacy policy"
    assert wrapped(text) == [line for part in parts for line in part]


@pytest.mark.parametrize(
    "text",
    [
        "\n\n".join(PARAGRAPHS),
        "\n".join(f"and {who} went down to the river by the mill again tonight" for who in VERSES * 3),
        "\n".join(f"- {who}: a point of a list that fills most of its line, but not all" for who in VERSES),
        "\n".join(f"{k}. a point of a list that fills most of its line, but not all" for k in range(10, 20)),
        "",
        "one line",
    ],
)
def test_paragraphs_verse_and_lists_are_not_wrapped_text(text: str) -> None:
    assert wrapped(text) == []


def test_a_line_of_a_wrapped_paragraph_is_text_and_matches_nothing() -> None:
    lines = [*textwrap.wrap(PARAGRAPHS[0], 72), *textwrap.wrap(PARAGRAPHS[1], 72)]
    seq = sequence(split_lines(pa.array(["\n".join([*lines, "", "Privacy policy"])])), rule_table())
    assert (seq.size[: len(lines)] >= PROSE).all()
    assert not seq.key[: len(lines)].any()
    assert seq.bits[-1]


def test_each_row_is_treated_by_itself() -> None:
    text = "\n".join(textwrap.wrap(" ".join(PARAGRAPHS), 70))
    column = pa.array([text, "short\nlines", None, text, PARAGRAPHS[0]])
    whole = wrapped_lines(split_lines(column)).tolist()
    assert whole == [
        found for k in range(len(column)) for found in wrapped_lines(split_lines(column[k : k + 1])).tolist()
    ]
