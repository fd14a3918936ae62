"""What the texts of a family share, and whether it is a frame around different texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.duplicates.shared_lines import shared_lines

LICENCE = [
    "Copyright 2031 the keepers of the harbour",
    "Permission is granted to copy these tables for any purpose, with or without a fee.",
    "The tables come without any warranty, express or implied, of being right.",
]
POEMS = [
    "The eel is asleep in its blue ceramic jar",
    "Seventeen bicycles rust behind the mill",
    "Fog eats the lighthouse from the top",
    "My uncle counts gulls on a rainy Sunday",
]


def test_a_header_over_different_texts_is_a_frame() -> None:
    found = shared_lines(["\n".join([*LICENCE, poem]) for poem in POEMS])
    assert found is not None
    assert list(found.lines) == LICENCE
    assert found.count == 3
    assert found.frame
    chars = sum(map(len, LICENCE))
    mean = chars * 4 / (chars * 4 + sum(map(len, POEMS)))
    assert found.share == round(mean, 3)


def test_versions_of_one_text_are_no_frame() -> None:
    texts = ["\n".join([*LICENCE, f"Tide table number {k} of the year for boats with sails"]) for k in range(4)]
    found = shared_lines(texts)
    assert found is not None
    assert found.count == 3
    assert not found.frame


def test_copies_share_all_and_are_no_frame() -> None:
    found = shared_lines(["\n".join(LICENCE)] * 3)
    assert found is not None
    assert (found.share, found.frame) == (1.0, False)


def test_blanks_rules_and_page_numbers_are_no_lines() -> None:
    assert shared_lines([f"{poem}\n\n---\n\n 7\n" for poem in POEMS]) is None
    assert shared_lines([f"  Get   the boat\n{poem}" for poem in POEMS]) == shared_lines(
        [f"Get the boat\n{poem}" for poem in POEMS]
    )


def test_long_lines_and_many_lines_are_shortened() -> None:
    many = [f"Line {k} of the very long list " + "x" * 300 for k in range(50)]
    found = shared_lines(["\n".join([*many, poem]) for poem in POEMS])
    assert found is not None
    assert found.count == 50
    assert len(found.lines) == 12
    assert {len(line) for line in found.lines} == {120}
    assert all(line.endswith("…") for line in found.lines)


@pytest.mark.parametrize("text", ["word " * 400_000, "a\n" * 1_000_000, "same line here\n" * 200_000])
def test_texts_of_any_length_are_looked_at_to_a_bound(text: str) -> None:
    found = shared_lines([text, text + "end"])
    assert found is None or found.count == 1


@given(st.lists(st.text("ab c\n", max_size=60), min_size=2, max_size=5))
def test_shared_lines_are_in_every_text(texts: list[str]) -> None:
    found = shared_lines(texts)
    named = [{" ".join(line.split()) for line in text.split("\n")} for text in texts]
    for line in found.lines if found else ():
        assert all(line in lines for lines in named)
