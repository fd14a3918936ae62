"""Texts made here, of kinds that people report: damaged ones, sound ones, and those still read wrongly."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.cleaning.normalize import NormalizeSettings, normalize_column, normalize_text
from tests.support import ROOT

CASES = json.loads((ROOT / "tests" / "cases" / "encoding.json").read_text(encoding="utf-8"))
SETTINGS = NormalizeSettings.model_validate({"symbols": {"enabled": False}})


def parameters() -> list[object]:
    return [
        pytest.param(
            case,
            id=case["id"],
            marks=[pytest.mark.xfail(strict=True, reason=case["known_failure"])] if "known_failure" in case else [],
        )
        for case in CASES
    ]


@pytest.mark.parametrize("case", parameters())
def test_a_text_comes_out_as_it_was_meant(case: dict[str, Any]) -> None:
    assert normalize_text(case["text"], SETTINGS)[0] in case["right"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_cleaning_twice_equals_once(case: dict[str, Any]) -> None:
    once = normalize_text(case["text"], SETTINGS)[0]
    assert normalize_text(once, SETTINGS)[0] == once


def test_the_column_path_equals_the_plain_path() -> None:
    texts = [case["text"] for case in CASES]
    column, _ = normalize_column(pa.array(texts, pa.large_string()), SETTINGS)
    assert column.to_pylist() == [normalize_text(text, SETTINGS)[0] for text in texts]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_steps_lead_to_the_result(case: dict[str, Any]) -> None:
    after, steps = normalize_text(case["text"], SETTINGS)
    assert [step.before for step in steps] == [case["text"], *(step.after for step in steps)][: len(steps)]
    assert after == (steps[-1].after if steps else case["text"])
