"""Proofs on columns: what they clear, no rule would change."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.cleaning.no_op_proofs import FEW_BYTES, TINY_BYTES, joint_pattern, matches, suspects
from corpusmill.transforms.kernels.cleaning.normalize import NormalizeSettings, rules_of
from corpusmill.transforms.kernels.cleaning.rules import Rule
from corpusmill.transforms.kernels.unicode.charsets import outline_class, points

RULES = rules_of(NormalizeSettings())
NOISE = ["plain words ", "\u0301\u0301\u0301\u0301", "😀" * 7, "&amp;", "a\u00ad", "☆☆☆\n", "ﬁ", "\u200b", "e\u0301"]
NOISE += ["!" * 9, "Москва ", "नमस्ते ", "中文 ", "\u0958", "“fine” — it’s ", "\u2126", "a\x80b", "\ufffd", "\U0001d4d7 "]


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.coarse], ids=lambda rule: rule.id)
@settings(deadline=None)
@given(texts=st.lists(st.one_of(st.text(), st.lists(st.sampled_from(NOISE)).map("".join)), max_size=20))
def test_an_outline_is_found_wherever_the_proof_is(rule: Rule, texts: list[str]) -> None:
    column = pa.array([text.encode("utf-8", "replace").decode() for text in texts], pa.string())
    assert not (matches(column, rule.proof[0]) & ~matches(column, rule.coarse)).any()


@pytest.mark.parametrize("size", [TINY_BYTES // 2, FEW_BYTES // 2, 2 * FEW_BYTES])
def test_what_is_cleared_is_what_no_rule_changes(size: int) -> None:
    filler = "A sentence that is in order. "
    texts = [filler * (size // len(filler) // len(NOISE)) + noise + " end" for noise in NOISE]
    table = suspects(pa.array(texts, pa.string()), RULES)
    for text, row in zip(texts, table, strict=True):
        for rule, suspected in zip(RULES, row.tolist(), strict=True):
            if not suspected and (rule.ascii or not text.isascii()):
                assert all(change.text == text for change in rule.apply(text)), rule.id


def test_an_outline_is_exact_in_western_text_and_holds_whole_rows_elsewhere() -> None:
    pattern = f"[{outline_class(points('é—', [0x0591]))}]"
    column = pa.array(["é", "è", "—", "–", "\u0591", "\u05d0", "\u0410"])
    assert matches(column, pattern).tolist() == [True, False, True, False, True, True, False]


def test_outlines_are_short() -> None:
    others = tuple(rule.coarse or rule.proof[0] for rule in RULES if rule.suspects is None)
    assert len(joint_pattern(others)) < 8000
    assert np.array([len(rule.coarse) for rule in RULES]).max() < 1500
