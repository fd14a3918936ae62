"""Personal data in texts: e-mail and IP addresses, telephone numbers, payment cards, bank accounts.

Each kind is a rule with its own finder. What a finder is not sure of stays: a corpus is hurt by a version number that
became `<IP>` as a reader is by a number that stayed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, model_validator

from corpusmill.transforms.kernels.cleaning.no_op_proofs import suspects
from corpusmill.transforms.kernels.cleaning.personal_data.email_addresses import PROOF as EMAIL_PROOF
from corpusmill.transforms.kernels.cleaning.personal_data.email_addresses import find_emails
from corpusmill.transforms.kernels.cleaning.personal_data.ip_addresses import PROOF as IP_PROOF
from corpusmill.transforms.kernels.cleaning.personal_data.ip_addresses import find_ip_addresses
from corpusmill.transforms.kernels.cleaning.personal_data.payment import (
    CARD_PROOF,
    IBAN_PROOF,
    find_cards,
    find_ibans,
)
from corpusmill.transforms.kernels.cleaning.personal_data.phones import PROOFS as PHONE_PROOFS
from corpusmill.transforms.kernels.cleaning.personal_data.phones import find_phones
from corpusmill.transforms.kernels.cleaning.personal_data.spans import Span
from corpusmill.transforms.kernels.cleaning.rules import Change, Rule
from corpusmill.transforms.kernels.findings import Findings, Step
from corpusmill.transforms.kernels.settings import Settings

Kind = Literal["email", "ip", "phone", "card", "iban"]

PREFIX = "personal-data."
"""Rule ids are this and the kind."""

DROPPED = "the document is dropped (personal_data.drop)"

MAX_PASSES = 8
"""A replacement may make a new value with what is beside it; real text is settled after one pass."""


@dataclass(frozen=True)
class _Finder:
    """How a kind is found.

    Attributes:
        find: Text -> where its values are, in order.
        proof: RE2 patterns, each found wherever `find` finds something; from cheap to exact.
        why: One sentence of explanation.
    """

    find: Callable[[str], list[Span]]
    proof: tuple[str, ...]
    why: str


_FINDERS: dict[str, _Finder] = {
    "email": _Finder(find_emails, (EMAIL_PROOF,), "An e-mail address reaches a person."),
    "iban": _Finder(find_ibans, (IBAN_PROOF,), "An IBAN names a person's bank account."),
    "card": _Finder(find_cards, (CARD_PROOF,), "The number of a payment card is all that is needed to charge it."),
    "ip": _Finder(find_ip_addresses, (IP_PROOF,), "A public IP address leads to a subscriber."),
    "phone": _Finder(find_phones, PHONE_PROOFS, "A telephone number reaches a person."),
}
"""In the order in which they run: the ones with check digits before telephone numbers, which have none."""


class ReplacementSettings(Settings):
    """What replaces masked values."""

    email: str = Field("<EMAIL>", description="In the place of an e-mail address.")
    ip: str = Field("<IP>", description="In the place of an IP address.")
    phone: str = Field("<PHONE>", description="In the place of a telephone number.")
    card: str = Field("<CARD>", description="In the place of the number of a payment card.")
    iban: str = Field("<IBAN>", description="In the place of an IBAN.")


class PersonalDataSettings(Settings):
    """Which personal data is masked, and which drops the document."""

    mask: tuple[Kind, ...] = Field(
        (), description="Kinds of personal data that are replaced in texts: email, ip, phone, card, iban."
    )
    drop: tuple[Kind, ...] = Field((), description="Kinds of personal data for which the whole document is dropped.")
    replacements: ReplacementSettings = Field(
        default_factory=ReplacementSettings, description="The text that replaces a masked value."
    )

    @model_validator(mode="after")
    def _check_replacements(self) -> PersonalDataSettings:
        for kind, replacement in self.replacements.model_dump().items():
            if any(character in replacement for character in "\n\r") or not replacement.isprintable():
                raise ValueError(f"replacements.{kind}: {replacement!r} must be one line of printable characters")
            for other, finder in _FINDERS.items():
                found = [replacement[start:end] for start, end in finder.find(replacement)]
                if found and not (other == kind and found == [replacement]):
                    raise ValueError(
                        f"replacements.{kind}: {replacement!r} would itself be masked as {other}; use a placeholder "
                        f"such as <{kind.upper()}>"
                    )
        return self

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that are looked for, in the order in which they are."""
        return tuple(kind for kind in _FINDERS if kind in self.mask or kind in self.drop)


@dataclass(frozen=True)
class Masked:
    """A column of texts without personal data.

    Attributes:
        text: string column.
        findings: How many values of which kind each row held.
        dropped: Row -> rule id, for rows whose document is to be dropped.
    """

    text: pa.Array
    findings: Findings = field(default_factory=Findings)
    dropped: dict[int, str] = field(default_factory=dict)


def masking_rules(settings: PersonalDataSettings) -> tuple[Rule, ...]:
    """Return the rules that the settings ask for, in their fixed order; none where nothing is looked for."""
    replacements = settings.replacements.model_dump()
    return _rules(tuple((kind, replacements[kind]) for kind in settings.kinds))


@lru_cache(maxsize=64)
def _rules(asked: tuple[tuple[str, str], ...]) -> tuple[Rule, ...]:
    def rule(kind: str, replacement: str) -> Rule:
        finder = _FINDERS[kind]

        def apply(text: str) -> list[Change]:
            found = [span for span in finder.find(text) if text[slice(*span)] != replacement]
            if not found:
                return []
            parts, last = [], 0
            for start, end in found:
                parts += [text[last:start], replacement]
                last = end
            return [Change(PREFIX + kind, "".join([*parts, text[last:]]), len(found))]

        return Rule(PREFIX + kind, apply, finder.why, proof=finder.proof, ascii=True)

    return tuple(rule(kind, replacement) for kind, replacement in asked)


def mask_text(text: str, settings: PersonalDataSettings) -> tuple[str, list[Step]]:
    """Replace the personal data of one text, also where its document is to be dropped.

    Returns:
        The text, and the steps that lead to it; the detail of a step says so where the document is dropped.

    Example:
        >>> mask_text("Write to ann@mail.example.", PersonalDataSettings(mask=("email",)))[0]
        'Write to <EMAIL>.'
    """
    return _mask(text, masking_rules(settings), settings)


def _mask(text: str, first: Sequence[Rule], settings: PersonalDataSettings) -> tuple[str, list[Step]]:
    """Mask a text, in the first pass by some rules, until nothing changes."""
    steps: list[Step] = []
    rules = first
    for _ in range(MAX_PASSES):
        before = text
        for rule in rules:
            for change in rule.apply(text):
                detail = DROPPED if change.rule.removeprefix(PREFIX) in settings.drop else ""
                steps.append(Step(change.rule, text, change.text, detail, change.count))
                text = change.text
                rules = masking_rules(settings)
        if text == before:
            break
    return text, steps


def mask_column(text: pa.StringArray, settings: PersonalDataSettings) -> Masked:
    """Replace the personal data of a column, row by row as `mask_text` does; nulls stay null.

    One scan of the column proves most texts to hold none; they never become Python strings.
    """
    rules = masking_rules(settings)
    if not rules:
        return Masked(text)
    table = suspects(text, rules)
    rows = np.flatnonzero(table.any(axis=1))
    masked = Masked(text)
    results: dict[int, str] = {}
    for row, value in zip(rows.tolist(), text.take(pa.array(rows)).to_pylist(), strict=True):
        after, steps = _mask(value, [rules[index] for index in np.flatnonzero(table[row])], settings)
        for step in steps:
            masked.findings.add(row, step.rule, step.count)
            if step.detail:
                masked.dropped.setdefault(row, step.rule)
        if after != value:
            results[row] = after
    if not results:
        return masked
    changed = np.zeros(len(text), dtype=np.bool_)
    changed[list(results)] = True
    values = pa.array([results[row] for row in sorted(results)], text.type)
    return Masked(pc.replace_with_mask(text, pa.array(changed), values), masked.findings, masked.dropped)
