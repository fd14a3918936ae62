"""Normalization of a text: the rules in their fixed order, on one text and on a column.

Order: character references, encoding repair, leftover C1 controls, other controls and line ends, symbols, white space,
NFC. Each later stage may lean on what the earlier ones guarantee; repair comes before everything that would destroy its
evidence. The whole order is repeated until nothing changes, so that cleaning twice equals cleaning once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from corpusmill.transforms.kernels.arrays import Bools
from corpusmill.transforms.kernels.cleaning.controls import ControlSettings, c1_rules, control_rules, surrogate_rules
from corpusmill.transforms.kernels.cleaning.encoding import repair_rules, sparing_evidence
from corpusmill.transforms.kernels.cleaning.entities import EntitySettings, entity_rules
from corpusmill.transforms.kernels.cleaning.escapes import EscapeSettings, escape_rules
from corpusmill.transforms.kernels.cleaning.mojibake import RepairSettings
from corpusmill.transforms.kernels.cleaning.no_op_proofs import suspects
from corpusmill.transforms.kernels.cleaning.rules import Change, Rule
from corpusmill.transforms.kernels.cleaning.symbols import SymbolSettings, symbol_rules
from corpusmill.transforms.kernels.cleaning.unicode_form import UnicodeForm, form_rules
from corpusmill.transforms.kernels.cleaning.whitespace import WhitespaceSettings, whitespace_rules
from corpusmill.transforms.kernels.findings import Findings, Step
from corpusmill.transforms.kernels.settings import Settings

MAX_PASSES = 8
"""Real text is settled after one pass; input made to unfold again and again stops here."""
LONG_TEXT, COSTLY_PASSES = 20_000, 2
"""Texts of more characters are shown to costly rules so many times: as they came, and as the other rules left them."""


class NormalizeSettings(Settings):
    """How texts are normalized."""

    enabled: bool = Field(default=True, description="Normalize texts; false leaves every text as it was read.")
    entities: EntitySettings = Field(default_factory=EntitySettings, description="Character references in plain text.")
    escapes: EscapeSettings = Field(default_factory=EscapeSettings, description="Escapes of mail and of programs.")
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
    later = (
        *control_rules(settings.controls),
        *symbol_rules(settings.symbols),
        *whitespace_rules(settings.whitespace),
        *form_rules(settings.unicode_form),
    )
    return (
        *surrogate_rules(),
        *escape_rules(settings.escapes),
        *entity_rules(settings.entities),
        *repair_rules(settings.repair),
        *c1_rules(settings.controls),
        *(sparing_evidence(rule, settings.repair) for rule in later),
    )


def _one_pass(
    texts: Sequence[str],
    rules: tuple[Rule, ...],
    suspected: Bools,
    note: Callable[[int, str, Change], None],
    number: int,
) -> list[str]:
    """Run the rules once, in order, on some texts; on each only the suspected ones, until a change voids the proofs.

    Args:
        texts: The texts.
        rules: The rules.
        suspected: Shape (texts, rules).
        note: Called with the index of a text, the text before, and the change, for every change in order.
        number: Passes before this one.

    Returns:
        The texts afterwards.
    """
    now = list(texts)
    proven = np.ones(len(now), dtype=np.bool_)
    for index, rule in enumerate(rules):
        concerned = suspected[:, index] | ~proven
        due = [row for row in np.flatnonzero(concerned).tolist() if rule.ascii or not now[row].isascii()]
        if rule.costly and number >= COSTLY_PASSES:
            due = [row for row in due if len(now[row]) <= LONG_TEXT]
        for row, changes in zip(due, rule.run([now[row] for row in due]), strict=True):
            before = now[row]
            for change in changes:
                note(row, now[row], change)
                now[row] = change.text
            if now[row] != before and not rule.inert:
                proven[row] = False
    return now


def normalize_text(text: str, settings: NormalizeSettings) -> tuple[str, list[Step]]:
    """Normalize one text.

    Returns:
        The text, and the steps that lead to it: each step's `before` is the last one's `after`.

    Example:
        >>> text, steps = normalize_text("Fish &amp; chips!!!!!! ", NormalizeSettings())
        >>> text
        'Fish & chips!!!'
        >>> [step.rule for step in steps]
        ['encoding.decode-entities', 'symbols.collapse-punctuation', 'whitespace.strip-line-ends']
    """
    rules = rules_of(settings)
    everything = np.ones((1, len(rules)), dtype=np.bool_)
    steps: list[Step] = []

    def note(_: int, before: str, change: Change) -> None:
        if change.text != before:
            steps.append(Step(change.rule, before, change.text, change.detail, change.count))

    for number in range(MAX_PASSES):
        before = text
        (text,) = _one_pass([text], rules, everything, note, number)
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
    others = [index for index, rule in enumerate(rules) if not rule.inert]
    findings = Findings()
    results: dict[int, str] = {}
    column, rows = text, np.arange(len(text), dtype=np.int64)
    for number in range(MAX_PASSES):
        suspected = suspects(column, rules)
        touched = np.flatnonzero(suspected.any(axis=1))
        rows, suspected = rows[touched], suspected[touched]
        texts = column.take(pa.array(touched)).to_pylist()
        places = rows.tolist()

        def note(index: int, before: str, change: Change, *, first: bool = number == 0, of: list[int] = places) -> None:
            # What is only flagged is counted once, in the first pass.
            if first or change.text != before:
                findings.add(of[index], change.rule, change.count)

        after = _one_pass(texts, rules, suspected, note, number)
        changed = [index for index, value in enumerate(after) if value != texts[index]]
        results.update((places[index], after[index]) for index in changed)
        # Inert rules void no proof and are settled after one pass, so texts that only they touched are done.
        again = [index for index in changed if suspected[index, others].any()]
        if not again:
            break
        rows = rows[again]
        column = pa.array([after[index] for index in again], text.type)
    return _replaced(text, results), findings


def _replaced(text: pa.StringArray, results: dict[int, str]) -> pa.StringArray:
    """Return the column with some rows replaced."""
    if not results:
        return text
    mask = np.zeros(len(text), dtype=np.bool_)
    mask[list(results)] = True
    return pc.replace_with_mask(text, pa.array(mask), pa.array([results[row] for row in sorted(results)], text.type))
