"""What scores decide: comparisons with limits, for documents that are being scored and for those scored before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Int64s
from corpusmill.transforms.kernels.columns import bools, one_array, with_columns
from corpusmill.transforms.kernels.errors import UsageError
from corpusmill.transforms.kernels.quality.conditions import Condition, OwnFunction
from corpusmill.transforms.kernels.quality.evaluate import comparison, decide
from corpusmill.transforms.kernels.quality.rules import RULES, score_fields
from corpusmill.transforms.kernels.quality.settings import QualitySettings
from corpusmill.transforms.kernels.schema import FILTERED, KEPT, REJECTED

if TYPE_CHECKING:
    from corpusmill.transforms.scoring.scorer import Scoring

DETAIL = "detail"
DECISION_FIELDS = (
    pa.field("scored", pa.bool_(), nullable=False),
    pa.field("decision", pa.string()),
    pa.field("reason", pa.string()),
    pa.field(DETAIL, pa.string()),
)
"""What scoring decides: whether a document was still kept, and what becomes of it; null where it stays. `detail` is the
score and the limit of one that is filtered, the error of one that is rejected."""

NOT_KEPT = "language.keep"
UNSURE = "language.min-score"
FAILED = "filter.function-failed"
OWN_COLUMN = "filter.columns."

_SCORE_RULE = "^({})".format(
    "|".join(
        [
            *(f"{re.escape(rule)}$" for rule in (NOT_KEPT, UNSURE, *(rule.id for rule in RULES))),
            re.escape(OWN_COLUMN),
            re.escape(OwnFunction.PREFIX),
        ]
    )
)


def is_score_rule(reasons: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Return bool[n], whether each rule id is of a rule that filters documents by their scores; false for null."""
    return pc.fill_null(pc.match_substring_regex(reasons, _SCORE_RULE), False)


class Verdict:
    """Decisions on the rows of a batch; the first one counts."""

    def __init__(self, n: int) -> None:
        self._decision: list[str | None] = [None] * n
        self._reason: list[str | None] = [None] * n
        self._detail: list[str | None] = [None] * n

    def is_open(self, row: int) -> bool:
        """Return whether nothing is decided about a row."""
        return self._decision[row] is None

    def filter(self, row: int, rule: str, detail: str) -> None:
        """Drop a document by a rule."""
        self._decide(row, FILTERED, rule, detail)

    def reject(self, row: int, error: str) -> None:
        """Reject a document on which a function raised."""
        self._decide(row, REJECTED, FAILED, error)

    def _decide(self, row: int, decision: str, rule: str, detail: str) -> None:
        if self._decision[row] is None:
            self._decision[row], self._reason[row], self._detail[row] = decision, rule, detail

    def columns(self) -> dict[str, pa.Array]:
        """Return the columns of `DECISION_FIELDS` but `scored`."""
        values = (self._decision, self._reason, self._detail)
        return {own.name: pa.array(column, own.type) for own, column in zip(DECISION_FIELDS[1:], values, strict=True)}


class Group(NamedTuple):
    """Rows for which the same settings are in force.

    Attributes:
        settings: Presets and limits.
        rows: int64[k], the rows, ascending.
    """

    settings: QualitySettings
    rows: Int64s


def groups(scoring: Scoring, languages: pa.Array | None, n: int) -> list[Group]:
    """Return the rows of a batch by the settings that are in force for their language."""
    if languages is None:
        return [Group(scoring.filter, np.arange(n))]
    own = {"eng", *scoring.filter.languages}
    codes = np.array([code if code in own else "" for code in languages.to_pylist()], object)
    return [
        Group(scoring.filter.for_language(code or None), np.flatnonzero(codes == code)) for code in sorted({*codes})
    ]


def judge_languages(scoring: Scoring, language: pa.Array, score: pa.Array, taken: pa.Array, verdict: Verdict) -> None:
    """Drop documents whose language is not certain, or not wanted.

    Args:
        scoring: What is asked.
        language: string[n], the language of each document.
        score: double[n], how sure that is.
        taken: bool[n], which documents are judged.
        verdict: Where the decisions are written.
    """
    settings = scoring.language
    own = {code: scoring.filter.for_language(code) for code in scoring.filter.languages}
    limits = {code: rules.min_language_score for code, rules in own.items() if rules.min_language_score is not None}
    highest = max([settings.min_score, *limits.values()])
    unsure = pc.fill_null(pc.less(score, highest), False).to_numpy(zero_copy_only=False)
    for row in np.flatnonzero(unsure).tolist():
        limit = limits.get(language[row].as_py(), settings.min_score)
        if score[row].as_py() < limit:
            verdict.filter(row, UNSURE, comparison(score[row].as_py(), "<", limit))
    if settings.keep:
        other = pc.invert(pc.is_in(language, pa.array(settings.keep, pa.string())))
        for row in np.flatnonzero(pc.and_(other, taken).to_numpy(zero_copy_only=False)).tolist():
            verdict.filter(row, NOT_KEPT, f"{language[row].as_py() or 'unknown'} not in {', '.join(settings.keep)}")


def judge_scores(scores: pa.Table, group: Group, verdict: Verdict) -> None:
    """Drop documents by the limits of presets.

    Args:
        scores: The scores of the rows of `group`, in their order.
        group: Their settings.
        verdict: Where the decisions are written.
    """
    decisions = decide(scores, group.settings)
    for row in np.flatnonzero(bools(decisions.reason.is_valid())).tolist():
        verdict.filter(int(group.rows[row]), decisions.reason[row].as_py(), decisions.detail[row].as_py())


def judge_columns(scoring: Scoring, batch: pa.Table, taken: pa.Array, verdict: Verdict) -> None:
    """Drop documents by the user's conditions on kept columns.

    Args:
        scoring: What is asked.
        batch: n documents, with these columns.
        taken: bool[n], which documents are judged.
        verdict: Where the decisions are written.
    """
    for name, text in scoring.filter.columns.items():
        condition = Condition.parse(text)
        values = one_array(batch[name])
        try:
            fails = condition.fails(values)
        except ValueError as error:
            raise UsageError(
                f"filter.columns.{name}: {error}, or name another type of it in input.keep_columns"
            ) from None
        for row in np.flatnonzero(fails & taken.to_numpy(zero_copy_only=False)).tolist():
            verdict.filter(row, f"{OWN_COLUMN}{name}", condition.describe(values[row].as_py()))


def judge_function(own: OwnFunction, scores: pa.Array, verdict: Verdict) -> None:
    """Drop documents by what has to hold for the score of one of the user's functions."""
    if own.condition is not None:
        for row in np.flatnonzero(own.condition.fails(scores)).tolist():
            verdict.filter(row, own.rule, own.condition.describe(scores[row].as_py()))


def judge_again(rows: pa.Table, scored: pa.Array, scoring: Scoring) -> pa.Table:
    """Decide anew on documents whose scores are known, and take out the scores that the new settings do not ask for.

    Args:
        rows: n documents, with the columns of `scoring.fields` and those that conditions look at.
        scored: bool[n], which documents were scored; the others are left as they are.
        scoring: What is asked now. Every score of it is among the columns, computed with the same parameters.

    Returns:
        The rows with new `decision`, `reason`, `detail` and scores.
    """
    verdict = Verdict(len(rows))
    languages: pa.Array | None = None
    if scoring.language.enabled:
        languages = one_array(rows["language"])
        judge_languages(scoring, languages, one_array(rows["language_score"]), scored, verdict)
    names = [own.name for own in score_fields(scoring.widest)]
    scores = rows.select(names).combine_chunks()
    by_settings = groups(scoring, languages, len(rows)) if len(rows) else []
    for group in by_settings:
        judge_scores(scores.take(pa.array(group.rows)), group, verdict)
    changed = dict(_without_foreign(scores, by_settings))
    judge_columns(scoring, rows, scored, verdict)
    for own in scoring.filter.own_functions:
        is_open = pa.array([verdict.is_open(row) for row in range(len(rows))], pa.bool_())
        changed[own.name] = pc.if_else(is_open, one_array(rows[own.name]), None)
        judge_function(own, changed[own.name], verdict)
    found = verdict.columns()
    changed["decision"] = pc.if_else(scored, pc.coalesce(found["decision"], KEPT), one_array(rows["decision"]))
    changed |= {name: pc.if_else(scored, found[name], one_array(rows[name])) for name in ("reason", DETAIL)}
    return with_columns(rows, changed)


def _without_foreign(scores: pa.Table, by_settings: list[Group]) -> Iterator[tuple[str, pa.Array]]:
    """Yield the scores that a language's settings do not ask for while those of another one do."""
    asked = [{own.name for own in score_fields(group.settings)} for group in by_settings]
    for name in scores.column_names:
        if all(name in own for own in asked):
            continue
        stays = np.ones(len(scores), bool)
        for group, own in zip(by_settings, asked, strict=True):
            stays[group.rows] = name in own
        yield name, pc.if_else(pa.array(stays), one_array(scores[name]), None)
