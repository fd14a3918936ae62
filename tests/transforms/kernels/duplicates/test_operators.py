"""Two documents are not the same because their words are."""

import numpy as np
import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.duplicates.near_duplicates import find_duplicates
from corpusmill.transforms.kernels.duplicates.operators import find_operators
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings

LOOP = (
    "def tide(hours):\n    level = 3\n    for hour in hours:\n        level = level {0} hour\n    return level {1} 2\n"
)

DIFFERENT = [
    ("x+1", "x-1"),
    ("x + 1", "x - 1"),
    ("$x > 0$", "$x < 0$"),
    ("a*b", "a+b"),
    ("a ≤ b", "a ≥ b"),
    ("depth == limit", "depth != limit"),
    ("price: $5", "price: €5"),
    ("if (ready) go", "if (!ready) go"),
    ("A → B", "A ← B"),
    ("a <= b", "a >= b"),
    ("a<b", "a>b"),
    ("a << 2", "a >> 2"),
    ("for (i = 0; i < n; i++) step", "for (i = 0; i < n; i--) step"),
    (
        "Show that for every real number x with x > 0 the sum is finite.",
        "Show that for every real number x with x < 0 the sum is finite.",
    ),
    (LOOP.format("+", "*"), LOOP.format("-", "/")),
]

SAME = [
    ("Well-known boats", "Well known boats"),
    ("The mast, the keel and the oar.", "The mast – the keel, and the oar!"),
    ("- milk\n- bread\n- two lemons and a fish", "* milk\n* bread\n* two lemons and a fish"),
    ("+ milk\n+ bread", "- milk\n- bread"),
    ("A *very* old **boat** of hers", "A very old boat of hers"),
    ("Open 1990-1995 and after", "Open 1990–1995 and after"),
    ("a − 1", "a - 1"),
    ("Notice\n=======\nNo swimming here", "Notice\n-------\nNo swimming here"),
    ("> he said that the boat was late", "he said that the boat was late"),
    ("“Come in!” she said", '"Come in" she said'),
    ("Tides and/or winds", "Tides and or winds"),
    ("x+1", "x + 1"),
    ("The bank of <Old Quay> lends", "The bank of Old Quay lends"),
    ("A compiler of C++, which is old", "A compiler of C, which is old"),
    ("News | The Quay", "News - The Quay"),
]


def _removed(one: str, other: str) -> list[int]:
    found: list[int] = find_duplicates(pa.array([one, other]), DedupSettings()).removed.tolist()
    return found


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_texts_that_differ_in_an_operator_both_stay(one: str, other: str) -> None:
    assert _removed(one, other) == []
    assert _removed(one, one.upper()) == [1]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_copies_that_differ_in_punctuation_are_one_text(one: str, other: str) -> None:
    assert _removed(one, other) == [1]


def test_one_operator_in_a_long_text_counts_as_one_word_does() -> None:
    story = " ".join(f"sentence {k} about the harbour and the sea" for k in range(40))
    cover = find_duplicates(pa.array([f"{story} x > 0", f"{story} x < 0"]), DedupSettings())
    assert cover.removed.tolist() == [1]
    assert cover.similarity.tolist() == [1.0]


def test_operators_are_found_in_slices_and_beside_the_bounds_of_rows() -> None:
    column = pa.array(["nothing", "$", None, "a+", "-1", "é≤é", "1-"]).slice(1)
    found = find_operators(column)
    assert found.offsets.tolist() == [0, 1, 1, 2, 3, 4, 5]
    assert [chr(code) for code in found.codes.tolist()] == ["$", "+", "-", "≤", "-"]
    assert found.starts.tolist() == [0, 1, 0, 2, 1]
    assert np.diff(find_operators(pa.array([], pa.string())).offsets).tolist() == []
