"""What rules report: how often each changed which row, and the steps that explain one text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Step:
    """One change of one text by one rule; a list of steps replays the cleaning.

    Attributes:
        rule: Stable rule id, e.g. `encoding.repair-mojibake`.
        before: The whole text before the rule.
        after: The whole text after it.
        detail: Evidence in words, e.g. `iso8859-7, 3 runs, 61 bits`; empty where there is nothing to say.
        count: How many places were changed.
    """

    rule: str
    before: str
    after: str
    detail: str = ""
    count: int = 1


Finding = tuple[int, str, int]
"""(row, rule id, count): so many places of the row were changed (or flagged) by the rule."""


@dataclass
class Findings:
    """Sparse counts (row, rule id) -> n for one batch; most rows of a batch have none.

    Adding the same (row, rule) twice adds the counts.
    """

    _counts: dict[tuple[int, str], int] = field(default_factory=dict)

    def add(self, row: int, rule: str, count: int = 1) -> None:
        """Count `count` hits of `rule` in `row`."""
        key = (row, rule)
        self._counts[key] = self._counts.get(key, 0) + count

    def __iter__(self) -> Iterator[Finding]:
        """Findings ordered by row, then rule id."""
        for row, rule in sorted(self._counts):
            yield row, rule, self._counts[row, rule]

    def __len__(self) -> int:
        return len(self._counts)

    def by_rule(self) -> dict[str, int]:
        """Total count of each rule, ordered by rule id."""
        totals: dict[str, int] = {}
        for _, rule, count in self:
            totals[rule] = totals.get(rule, 0) + count
        return dict(sorted(totals.items()))
