"""Conditions and functions of the user's own are read and applied."""

import numpy as np
import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.quality.conditions import Condition, OwnFunction, as_scores


@pytest.mark.parametrize(
    ("text", "values", "fails"),
    [
        (">= 3", [2, 3, None], [True, False, False]),
        ("<0.5", [0.4, 0.5, float("nan")], [False, True, True]),
        ("!= spam", ["spam", "ham", None], [True, False, False]),
        ("== true", ["true", "no"], [False, True]),
        ("> 0", [True, False], [False, True]),
    ],
)
def test_what_does_not_hold_fails_and_null_never_does(text: str, values: list[object], fails: list[bool]) -> None:
    assert Condition.parse(text).fails(pa.array(values)).tolist() == fails


@pytest.mark.parametrize("text", ["3", "=> 3", ">=", "", "> spam"])
def test_what_is_no_condition_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="give"):
        Condition.parse(text)


@pytest.mark.parametrize(("text", "values"), [(">= 3", ["a"]), ("== spam", [1])])
def test_values_of_another_type_are_an_error(text: str, values: list[int] | list[str]) -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        Condition.parse(text).fails(pa.array(values))


def test_functions_are_taken_apart() -> None:
    assert OwnFunction.parse("pkg.mod:score") == OwnFunction("pkg.mod", "score", None)
    own = OwnFunction.parse("mod:score >= 0.5")
    assert (own.condition, own.rule) == (Condition(">=", 0.5), "filter.functions.mod:score")
    with pytest.raises(ValueError, match="'score' names no function"):
        OwnFunction.parse("score")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([1, None, 2.5], [1.0, None, 2.5]),
        (np.array([0.5, np.nan, np.inf]), [0.5, None, None]),
        (pa.array([True, False, None]), [1.0, 0.0, None]),
        (pa.chunked_array([[1], [2, 3]]), [1.0, 2.0, 3.0]),
    ],
)
def test_results_of_functions_become_numbers(given: object, expected: list[float | None]) -> None:
    assert as_scores(given, 3).to_pylist() == expected


def test_results_that_are_not_one_number_for_each_document_are_errors() -> None:
    with pytest.raises(ValueError, match="gives 1 values for 2 documents"):
        as_scores([1], 2)
    with pytest.raises(ValueError, match="values of type string"):
        as_scores(["a"], 1)
    for other, kind in ((None, "NoneType"), (3, "int"), ((one for one in "ab"), "generator"), ([2**70, 1], "list")):
        with pytest.raises(ValueError, match=f"gives a {kind} that is no column of numbers; it must give one for each"):
            as_scores(other, 2)
