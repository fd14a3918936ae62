"""Normalization of a text: the rules in their fixed order, on one text and on a column.

Order: character references, encoding repair, leftover C1 controls, other controls and line ends, symbols, white space,
NFC. Each later stage may lean on what the earlier ones guarantee; repair comes before everything that would destroy its
evidence. The whole order is repeated until nothing changes, so that cleaning twice equals cleaning once.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from transforms.kernels.controls import ControlSettings, c1_rules, control_rules, surrogate_rules
from transforms.kernels.encoding import repair_rules
from transforms.kernels.entities import EntitySettings, entity_rules
from transforms.kernels.findings import Findings, Step
from transforms.kernels.mojibake import RepairSettings
from transforms.kernels.proofs import suspects
from transforms.kernels.rules import Change, Mask, Rule
from transforms.kernels.settings import Settings
from transforms.kernels.symbols import SymbolSettings, symbol_rules
from transforms.kernels.unicode_form import UnicodeForm, form_rules
from transforms.kernels.whitespace import WhitespaceSettings, whitespace_rules

MOST_PASSES = 8
"""Real text is settled after one pass; input made to unfold again and again stops here."""


class NormalizeSettings(Settings):
    """How texts are normalized."""

    enabled: bool = Field(default=True, description="Normalize texts; false leaves every text as it was read.")
    entities: EntitySettings = Field(default_factory=EntitySettings, description="Character references in plain text.")
    repair: RepairSettings = Field(default_factory=RepairSettings, description="Repair of wrongly decoded text.")
    controls: ControlSettings = Field(default_factory=ControlSettings, description="Control characters and line ends.")
    symbols: SymbolSettings = Field(
        default_factory=SymbolSettings, description="Emoji, invisible characters and other symbol noise."
    )
    whitespace: WhitespaceSettings = Field(default_factory=WhitespaceSettings, description="Blanks and blank lines.")
    unicode_form: UnicodeForm = Field(
        default="NFC", description="Unicode normalization form of the result; none keeps spellings."
    )


@lru_cache(maxsize=64)
def rules_of(settings: NormalizeSettings) -> tuple[Rule, ...]:
    """Return the rules that the settings ask for, in their fixed order."""
    if not settings.enabled:
        return ()
    return (
        *surrogate_rules(),
        *entity_rules(settings.entities),
        *repair_rules(settings.repair),
        *c1_rules(settings.controls),
        *control_rules(settings.controls),
        *symbol_rules(settings.symbols),
        *whitespace_rules(settings.whitespace),
        *form_rules(settings.unicode_form),
    )


def _one_pass(texts: Sequence[str], rules: tuple[Rule, ...], suspected: Mask) -> list[list[Change]]:
    """Run the rules once, in order, on some texts; on each only the suspected ones, until a change voids the proofs.

    Args:
        texts: The texts.
        rules: The rules.
        suspected: Shape (texts, rules).

    Returns:
        For each text its changes, in order.
    """
    now = list(texts)
    proven = np.ones(len(now), dtype=np.bool_)
    changes: list[list[Change]] = [[] for _ in now]
    for index, rule in enumerate(rules):
        concerned = suspected[:, index] | ~proven
        due = [row for row in np.flatnonzero(concerned).tolist() if rule.ascii or not now[row].isascii()]
        for row, made in zip(due, rule.run([now[row] for row in due]), strict=True):
            before = now[row]
            for change in made:
                changes[row].append(change)
                now[row] = change.text
            if now[row] != before and not rule.inert:
                proven[row] = False
    return changes


def normalize_text(text: str, settings: NormalizeSettings) -> tuple[str, list[Step]]:
    """Normalize one text.

    Returns:
        The text, and the steps that lead to it: each step's `before` is the last one's `after`.
    """
    rules = rules_of(settings)
    everything = np.ones((1, len(rules)), dtype=np.bool_)
    steps: list[Step] = []
    for _ in range(MOST_PASSES):
        before = text
        for change in _one_pass([text], rules, everything)[0]:
            if change.text != text:
                steps.append(Step(change.rule, text, change.text, change.detail, change.count))
                text = change.text
        if text == before:
            break
    return text, steps


def normalize_column(text: pa.StringArray, settings: NormalizeSettings) -> tuple[pa.StringArray, Findings]:
    """Normalize a column, row by row as `normalize_text` does; nulls stay null.

    Rows that the proofs clear never become Python strings.

    Returns:
        The column, and how often which rule changed (or flagged) which row.
    """
    rules = rules_of(settings)
    findings = Findings()
    results: dict[int, str] = {}
    settling = np.array([rule.inert for rule in rules], dtype=np.bool_)
    column, rows = text, np.arange(len(text), dtype=np.int64)
    for number in range(MOST_PASSES):
        suspected = suspects(column, rules)
        touched = np.flatnonzero(suspected.any(axis=1))
        texts = column.take(pa.array(touched)).to_pylist()
        # Inert rules void no proof and are settled after one pass, so texts that only they touched are done.
        unsettled = suspected[touched][:, ~settling].any(axis=1)
        changed: dict[int, str] = {}
        for row, again, before, changes in zip(
            rows[touched].tolist(),
            list(map(bool, unsettled)),
            texts,
            _one_pass(texts, rules, suspected[touched]),
            strict=True,
        ):
            value = before
            for change in changes:
                # What is only flagged is counted once, in the first pass.
                if change.text != value or number == 0:
                    findings.add(row, change.rule, change.count)
                value = change.text
            if value != before:
                results[row] = value
                if again:
                    changed[row] = value
        if not changed:
            break
        rows = np.fromiter(changed, dtype=np.int64, count=len(changed))
        column = pa.array(changed.values(), text.type)
    return _replaced(text, results), findings


def _replaced(text: pa.StringArray, results: dict[int, str]) -> pa.StringArray:
    """Return the column with some rows replaced."""
    if not results:
        return text
    mask = np.zeros(len(text), dtype=np.bool_)
    mask[list(results)] = True
    return pc.replace_with_mask(text, pa.array(mask), pa.array([results[row] for row in sorted(results)], text.type))
