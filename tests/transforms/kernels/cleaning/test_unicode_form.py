"""NFC: the proof on a column misses nothing, and no run of marks is long enough to cost quadratic time."""

import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.cleaning.no_op_proofs import matches
from corpusmill.transforms.kernels.cleaning.normalize import NormalizeSettings, normalize_text
from corpusmill.transforms.kernels.cleaning.unicode_form import MAX_NONSTARTERS, form_rules
from corpusmill.transforms.kernels.unicode.charsets import having

SAFE, COMPOSE = form_rules("NFC")
MOVING = [chr(point) for point in sorted(having(r"[\P{NFC_Quick_Check=Yes}\P{Canonical_Combining_Class=0}]"))]
BASES = [*list("aeiouAEIOUyzσωиѝ가각각कন்ཀかは \n"), "̸", "̈́", "Å", "ά", "क़", "丽"]


def _missed(texts: list[str]) -> list[str]:
    column = pa.array(texts, pa.string())
    found = matches(column, COMPOSE.proof[0]) & matches(column, COMPOSE.proof[1])
    return [
        text for text, hit in zip(texts, found, strict=True) if not hit and not unicodedata.is_normalized("NFC", text)
    ]


def test_the_proof_misses_no_single_character() -> None:
    assert not _missed([chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000])


def test_the_proof_misses_no_mark_behind_any_base() -> None:
    assert not _missed([base + mark for base in BASES for mark in MOVING])


@settings(deadline=None, max_examples=20)
@given(texts=st.lists(st.lists(st.sampled_from(MOVING + BASES * 40), max_size=6).map("".join), max_size=300))
def test_the_proof_misses_no_order_of_marks(texts: list[str]) -> None:
    assert not _missed(texts)


@settings(deadline=None, max_examples=100)
@given(text=st.lists(st.sampled_from(MOVING + BASES * 40), max_size=6).map("".join))
def test_composing_is_what_the_library_does(text: str) -> None:
    changes = list(COMPOSE.apply(text))
    assert (changes[0].text if changes else text) == unicodedata.normalize("NFC", text)


def test_long_runs_of_marks_are_cut_before_they_are_put_in_order() -> None:
    text = "a" + "\u0323\u0301" * 40
    (change,) = SAFE.apply(text)
    assert change.text == text[: 1 + MAX_NONSTARTERS]
    assert change.count == 1


@pytest.mark.parametrize(("form", "expected"), [("NFC", "caf\u00e9"), ("none", "cafe\u0301")])
def test_the_form_can_be_chosen(form: str, expected: str) -> None:
    assert normalize_text("cafe\u0301", NormalizeSettings(unicode_form=form))[0] == expected
