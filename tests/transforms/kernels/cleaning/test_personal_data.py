"""Personal data is found, what looks like it stays, and the laws of cleaning hold. All values are made up."""

from __future__ import annotations

import json
import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.cleaning.no_op_proofs import matches
from corpusmill.transforms.kernels.cleaning.normalize import NormalizeSettings, normalize_text
from corpusmill.transforms.kernels.cleaning.personal_data import (
    PersonalDataSettings,
    mask_column,
    mask_text,
    masking_rules,
)
from tests.support import ROOT

KINDS = ("email", "ip", "phone", "card", "iban")
ALL = PersonalDataSettings(mask=KINDS)
CASES = json.loads((ROOT / "tests" / "cases" / "personal_data.json").read_text(encoding="utf-8"))
MARK = re.compile("⟦([a-z]+):(.*?)⟧", re.DOTALL)
VALUES = [match[2] for case in CASES for match in MARK.finditer(case["text"])]
TEXTS = [MARK.sub(r"\2", case["text"]) for case in CASES]

PIECES = [
    *VALUES[::3],
    *("@", ".", ":", "/", "-", " ", "  ", "\n", "(", ")", "+", "#", ",", "0", "00", "1", "49", "4539", "2023", "٣"),
    *(
        "Tel",
        "phone",
        "version",
        "v",
        "order",
        "ssh ",
        "IP",
        "DE",
        "git@",
        "http://",
        "::",
        "2a02:",
        "é",
        "谢",
        "ſK",
        "x",
    ),
]
MIXED = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_what_is_marked_is_masked_and_nothing_else(case: dict[str, str]) -> None:
    text = MARK.sub(r"\2", case["text"])
    after, steps = mask_text(text, ALL)
    assert after == MARK.sub(lambda match: f"<{match[1].upper()}>", case["text"])
    counts: dict[str, int] = {}
    for match in MARK.finditer(case["text"]):
        rule = f"personal-data.{match[1]}"
        counts[rule] = counts.get(rule, 0) + 1
    assert {step.rule: step.count for step in steps} == counts


def test_the_cases_are_many_of_both_kinds() -> None:
    sound = [case for case in CASES if not MARK.search(case["text"])]
    assert len(CASES) >= 150
    assert len(sound) >= 75
    assert {match[1] for case in CASES for match in MARK.finditer(case["text"])} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_that_is_not_asked_for_stays(kind: str) -> None:
    others = PersonalDataSettings(mask=tuple(other for other in KINDS if other != kind))
    for text in TEXTS:
        assert all(step.rule != f"personal-data.{kind}" for step in mask_text(text, others)[1])


def test_nothing_is_asked_for_by_default() -> None:
    column = pa.array(TEXTS)
    masked = mask_column(column, PersonalDataSettings())
    assert masked.text is column
    assert not len(masked.findings)
    assert masking_rules(PersonalDataSettings()) == ()


def _laws(text: str, settings: PersonalDataSettings) -> None:
    after, steps = mask_text(text, settings)
    assert [step.before for step in steps] == [text, *(step.after for step in steps)][: len(steps)]
    assert after == (steps[-1].after if steps else text)
    assert mask_text(after, settings) == (after, [])
    # A proof that says no is right.
    for rule in masking_rules(settings):
        if list(rule.apply(text)):
            for proof in rule.proof:
                assert matches(pa.array([text]), proof)[0], rule.id


@given(MIXED)
def test_masking_replays_is_done_once_and_its_proofs_are_sound(text: str) -> None:
    _laws(text, ALL)


def test_the_laws_hold_on_the_cases_with_replacements_that_are_values_themselves() -> None:
    replacements = {"email": "email@example.com", "phone": "+1 202-555-0100", "ip": "0.0.0.0", "card": "", "iban": "X"}
    settings = PersonalDataSettings.model_validate({"mask": KINDS, "replacements": replacements})
    for text in TEXTS:
        _laws(text, ALL)
        _laws(text, settings)


@given(st.lists(st.none() | MIXED, max_size=6), st.integers(0, 6))
def test_the_column_path_is_the_plain_path_whatever_the_batch(texts: list[str | None], cut: int) -> None:
    whole = mask_column(pa.array(texts, pa.string()), ALL)
    assert whole.text.to_pylist() == [None if text is None else mask_text(text, ALL)[0] for text in texts]
    parts = [mask_column(pa.array(part, pa.string()), ALL) for part in (texts[:cut], texts[cut:])]
    assert whole.text.to_pylist() == [text for part in parts for text in part.text.to_pylist()]


def test_large_columns_are_proven_and_counted_by_row() -> None:
    texts = ["The ferry leaves at nine. " * 200] * 40
    texts[7] += VALUES[0]
    texts[31] += f"{VALUES[0]} and {VALUES[0]}"
    masked = mask_column(pa.array(texts), PersonalDataSettings(mask=("email",)))
    assert list(masked.findings) == [(7, "personal-data.email", 1), (31, "personal-data.email", 2)]
    changed = np.flatnonzero([a != b for a, b in zip(texts, masked.text.to_pylist(), strict=True)])
    assert changed.tolist() == [7, 31]


def test_a_document_to_be_dropped_is_named_and_masked_all_the_same() -> None:
    settings = PersonalDataSettings(mask=("email",), drop=("iban",))
    iban = "DE89 3704 0044 0532 0130 00"
    masked = mask_column(pa.array([f"Pay {iban}", "ann@harbour.org", "calm"]), settings)
    assert masked.dropped == {0: "personal-data.iban"}
    assert masked.text.to_pylist() == ["Pay <IBAN>", "<EMAIL>", "calm"]
    assert "dropped" in mask_text(f"Pay {iban}", settings)[1][0].detail


def test_masking_after_normalization_is_settled_at_once() -> None:
    both = [normalize_text(text, NormalizeSettings())[0] for text in TEXTS]
    masked = [mask_text(text, ALL)[0] for text in both]
    again = [mask_text(normalize_text(text, NormalizeSettings())[0], ALL)[0] for text in masked]
    assert again == masked


@pytest.mark.parametrize(
    ("replacements", "message"),
    [
        ({"email": "write to ann@harbour.org"}, "would itself be masked as email"),
        ({"ip": "email@example.com"}, "replacements.ip: .* masked as email"),
        ({"email": "a\nb"}, "one line of printable"),
        ({"mail": "x"}, "mail"),
    ],
)
def test_a_replacement_that_would_be_masked_again_is_refused(replacements: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        PersonalDataSettings.model_validate({"replacements": replacements})


@pytest.mark.parametrize("piece", ["a", "@", "a@b.", "1", "1 ", "+1", "(0", "4539", "DE89 ", "2a02:", "tel ", "9.9.9."])
def test_a_long_run_of_what_values_are_made_of_obeys_the_laws(piece: str) -> None:
    # Quadratic work on a text of this length would take hours.
    _laws(piece * (500_000 // len(piece) if piece == "a" else 50_000), PersonalDataSettings(mask=KINDS))
