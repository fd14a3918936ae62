"""Lines that begin with known words and a mark."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.boilerplate.lines.lines import split_lines
from corpusmill.transforms.kernels.boilerplate.matching.rule_files import built_in_rules
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import (
    NAME_SLOT,
    PATH_SLOT,
    TAIL_SLOT,
    TITLE_SLOT,
    rule_table,
)
from corpusmill.transforms.kernels.boilerplate.matching.slots import find_known_slots


def slots_of(*lines: str) -> list[int]:
    found: list[int] = find_known_slots(split_lines(pa.array(["\n".join(lines)])), rule_table()).tolist()
    return found


@pytest.mark.parametrize(
    ("line", "slot"),
    [
        ("Read more: The gulls of the north", TITLE_SLOT),
        ("READ MORE: The gulls of the north", TITLE_SLOT),
        ("Read more » The gulls of the north", TITLE_SLOT),
        (">>> Read more: The gulls of the north", TITLE_SLOT),
        ("[Read more](/a): The gulls of the north", TITLE_SLOT),
        ("Photo: Anna Quist", NAME_SLOT),
        ("Photo：Anna Quist", NAME_SLOT),
        ("Filed under: Boats", TAIL_SLOT),
        ("Home > Boats", PATH_SLOT),
        ("Read more:", 0),  # nothing changes in it
        ("Read more of the gulls", 0),
        ("The gulls: Read more", 0),
        ("We read more: that was all", 0),
        ("Read more" + " " * 70 + ": The gulls", 0),  # the mark is too far away
        ("Read more: " + "x" * 170, 0),  # a text
        ("", 0),
        (": > |", 0),
    ],
)
def test_what_changes_after_a_known_beginning(line: str, slot: int) -> None:
    assert slots_of(line) == [slot]


@given(
    order=st.permutations(["Read more: The gulls", "x: y", "Photo: Anna Quist", "", "漢字：字", "[Photo](/p): Anna"])
)
def test_a_slot_does_not_depend_on_the_lines_beside_it(order: list[str]) -> None:
    assert slots_of(*order) == [slots_of(line)[0] for line in order]


def test_hostile_lines_are_survived() -> None:
    assert slots_of(":" * 50_000, "Read more" + ":" * 50_000, "]([" * 5_000) == [0, 0, 0]


def test_without_rules_there_are_no_slots() -> None:
    disabled = rule_table(disabled=tuple(sorted({rule.platform for rule in built_in_rules()})))
    assert find_known_slots(split_lines(pa.array(["Photo: Anna Quist"])), disabled).tolist() == [0]
