"""Sets of code points are spelled alike for every engine that searches them."""

import re
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.cleaning.no_op_proofs import matches
from corpusmill.transforms.kernels.unicode.charsets import coarse_class, having, points, python_class, re2_class

POINTS = st.integers(0, 0x10FFFF).filter(lambda point: not 0xD800 <= point < 0xE000)
RANGES = st.tuples(POINTS, st.integers(1, 40)).map(lambda pair: range(pair[0], min(pair[0] + pair[1], 0x110000)))
SETS = st.lists(RANGES | st.sampled_from(["-", "]", "^", "\\", "[", "a-z"]), min_size=1, max_size=12).map(
    lambda p: points(*p)
)


@settings(deadline=None, max_examples=100)
@given(members=SETS, others=st.sets(POINTS, max_size=20))
def test_both_engines_find_the_members_and_nothing_else(members: Any, others: set[int]) -> None:
    probes = sorted(others | {near for point in members for near in (point - 1, point, point + 1)})
    probes = [point for point in probes if 0 <= point < 0x110000 and not 0xD800 <= point < 0xE000]
    found = matches(pa.array(map(chr, probes), pa.string()), f"[{re2_class(members)}]").tolist()
    pattern = re.compile(f"[{python_class(members)}]")
    assert found == [point in members for point in probes] == [bool(pattern.search(chr(point))) for point in probes]


@settings(deadline=None, max_examples=100)
@given(members=SETS, most=st.integers(1, 4))
def test_a_coarse_class_holds_all_members_and_is_exact_below_the_astral_planes(members: Any, most: int) -> None:
    pattern = re.compile(f"[{coarse_class(members, most)}]")
    assert all(pattern.search(chr(point)) for point in members)
    near = {point + step for point in members if point < 0x10000 for step in (-1, 1)} - members
    assert not any(pattern.search(chr(point)) for point in near if 0 <= point < 0xD800 or 0xE000 <= point < 0x10000)


def test_an_empty_set_has_no_class() -> None:
    with pytest.raises(ValueError, match="empty set"):
        python_class(frozenset())


def test_properties_come_from_a_unicode_newer_than_the_oldest_python() -> None:
    assert ord("é") in having(r"\p{Latin}")
    assert 0x1FAE9 in having(r"\p{Extended_Pictographic}")  # assigned in Unicode 16
    assert not having(r"[\p{Latin}&&\p{Greek}]")
