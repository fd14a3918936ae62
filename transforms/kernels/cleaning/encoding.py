"""Encoding repair as one of the rules of normalization."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import replace

from corpusmill.transforms.kernels.cleaning.mojibake import RepairSettings, c1, candidate_rows, legacy_quotes, reverse
from corpusmill.transforms.kernels.cleaning.mojibake.repair import GROUP, repair_texts
from corpusmill.transforms.kernels.cleaning.mojibake.repair_stages import MOJIBAKE, SUSPECT, Repaired
from corpusmill.transforms.kernels.cleaning.rules import Change, Rule
from corpusmill.transforms.kernels.unicode.charsets import re2_class

PROOF = r"[^\x00-\x7f][^\x00-\x7f]|[ÂÃÅÎÐÙ](?:[ ?\x1a]|\z)|â[\"',?\x1a~<>-]|[\x{2e80}-\x{ffff}\x{20000}-\x{3ffff}]"
"""A sequence of UTF-8 shows as two characters or more above U+007F, unless its second byte is lost (`Ã `, `Ã?`, `Ã` at
the end), or straightened (`â"`), or an East Asian encoding made one character of two bytes. Western text with
typographic quotes has none."""

_LETTER = r"[A-Za-z\x{c0}-\x{24f}]"
_TELLING = "[" + re2_class(reverse.TELLING) + "]"
_INSIDE = _LETTER + "[" + re2_class(reverse.WITHIN) + "]" + _LETTER
REVERSE_PROOF = rf"{PROOF}|{legacy_quotes.TRACE}|(?s:(?:(?:{_TELLING}|{_INSIDE}).*){{{reverse.MIN_HIGH}}})"
"""A legacy document read as Latin-1 has at least so many characters that say so."""


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count} runs"


def _changes(text: str, outcome: Repaired) -> list[Change]:
    changes = [
        Change(repair.rule, repair.text, repair.runs, f"{repair.codec}, {_runs(repair.runs)}, {repair.bits:.0f} bits")
        for repair in outcome.repairs
    ]
    if outcome.suspects:
        changes.append(Change(SUSPECT, changes[-1].text if changes else text, outcome.suspects))
    return changes


@functools.lru_cache(maxsize=4)
def _outcome(text: str, settings: RepairSettings) -> Repaired:
    """Repair one text; several rules ask for it in turn, and the next pass begins with it."""
    return repair_texts([text], settings)[0]


def repair_rules(settings: RepairSettings) -> list[Rule]:
    """Return the rule that repairs wrongly decoded text; its changes carry the ids of what was done."""

    def apply(text: str) -> list[Change]:
        return _changes(text, _outcome(text, settings))

    def apply_all(texts: Sequence[str]) -> list[list[Change]]:
        made: list[list[Change]] = []
        start = size = 0
        for stop, text in enumerate([*texts, ""], 1):
            size += len(text)
            if size > GROUP or stop > len(texts):
                group = texts[start:stop]
                outcomes = repair_texts(group, settings) if len(group) != 1 else [_outcome(group[0], settings)]
                made += map(_changes, group, outcomes)
                start, size = stop, 0
        return made

    return [
        Rule(
            MOJIBAKE,
            apply,
            "UTF-8 read through another codec is undone where what comes out is far more plausible.",
            proof=(REVERSE_PROOF if settings.reverse else PROOF,),
            suspects=lambda column: candidate_rows(column, settings),
            apply_all=apply_all,
            costly=True,
        )
    ]


_C1 = re.compile("[\x80-\x9f]")
EVIDENCE = re.compile("[\x80-\x9f\xa0\xad]")
"""Characters that are bytes of damaged text as often as they are what they seem."""


def sparing_evidence(rule: Rule, settings: RepairSettings) -> Rule:
    """Return a rule that leaves a text alone in which it would remove what is evidence of damage not yet repaired.

    Args:
        rule: A rule that runs after the repair.
        settings: What may be repaired; nothing is spared where nothing is.
    """
    if not (settings.wide or settings.reverse):
        return rule

    def apply(text: str) -> list[Change]:
        changes = list(rule.apply(text))
        if changes and not text.isascii():
            before = len(EVIDENCE.findall(text))
            if before and len(EVIDENCE.findall(changes[-1].text)) < before and suspect(text, settings):
                return []
        return changes

    return replace(rule, apply=apply)


def suspect(text: str, settings: RepairSettings) -> bool:
    """Return whether a text shows damage that is left alone: suspect runs, or C1 controls of unknown encoding."""
    return _outcome(text, settings).suspects > 0 or (c1.decide(text) == "" and _C1.search(text) is not None)
