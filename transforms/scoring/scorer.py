"""What is found out about a batch of documents: language, scores, the result of the user's functions, decisions."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.cleaning.filter import FilterSettings
from corpusmill.transforms.kernels.errors import UsageError
from corpusmill.transforms.kernels.language.scripts import scripts_of
from corpusmill.transforms.kernels.language.settings import LanguageSettings
from corpusmill.transforms.kernels.quality.conditions import Condition, OwnFunction, as_scores
from corpusmill.transforms.kernels.quality.evaluate import comparison, decide, score_texts
from corpusmill.transforms.kernels.quality.rules import score_fields
from corpusmill.transforms.kernels.quality.settings import QualitySettings
from corpusmill.transforms.kernels.reading.settings import OUTPUT_COLUMNS
from corpusmill.transforms.kernels.schema import DOCUMENT_FIELDS, FILTERED, KEPT, REJECTED
from corpusmill.transforms.kernels.writing.copies import COPIES_FIELDS
from corpusmill.transforms.scoring.detectors import Detect, identify, load_detector
from corpusmill.transforms.scoring.own import load_function, shown

LANGUAGE_FIELDS = (
    pa.field("language", pa.string()),
    pa.field("language_score", pa.float64()),
    pa.field("script", pa.string()),
)
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

_TAKEN = OUTPUT_COLUMNS | {own.name for own in (*LANGUAGE_FIELDS, *DECISION_FIELDS, *COPIES_FIELDS)} | {"title", "url"}
"""Names that a function's score cannot have."""
_OWN_COLUMNS = ("id", "source", "text", "title", "url", "metadata")


@dataclass(frozen=True)
class Scoring:
    """What is asked of each document after cleaning.

    Attributes:
        filter: Presets, conditions and functions.
        language: The detector, and which languages stay.
    """

    filter: FilterSettings = field(default_factory=FilterSettings)
    language: LanguageSettings = field(default_factory=LanguageSettings)

    @property
    def active(self) -> bool:
        """Whether anything is asked."""
        asked = ("presets", "columns", "functions", "languages")
        return any(getattr(self.filter, name) for name in asked) or self.language.enabled

    @property
    def language_fields(self) -> tuple[pa.Field, ...]:
        """The columns of languages."""
        return LANGUAGE_FIELDS if self.language.enabled else ()

    @property
    def fields(self) -> list[pa.Field]:
        """The columns of scores, those of languages first."""
        scores = {own.name: own for own in score_fields(self.widest)}
        functions = [pa.field(own.name, pa.float64()) for own in self.filter.own_functions]
        return [*self.language_fields, *scores.values(), *functions]

    @property
    def widest(self) -> QualitySettings:
        """Settings with every preset that any language uses."""
        presets = {*self.filter.presets}
        for code in self.filter.languages:
            presets |= {*self.filter.for_language(code).presets}
        return QualitySettings(presets=tuple(presets))

    @property
    def columns(self) -> frozenset[str]:
        """Names of the columns that outputs have for what is asked."""
        return frozenset((DETAIL, *(own.name for own in self.fields))) if self.active else frozenset()

    def check(self) -> None:
        """Look whether all that is asked can be done.

        Raises:
            UsageError: A package, a model, a module or a function is not there, or names clash.
        """
        names = [own.name for own in self.fields]
        for own in self.filter.own_functions:
            if names.count(own.name) > 1 or own.name in _TAKEN:
                raise UsageError(
                    f"filter.functions: {own.name!r} is the name of another column already; give the function another "
                    "name"
                )
        Scorer(self).prepare()


class Scorer:
    """Scores batches; holds the detector and the functions once they are loaded."""

    def __init__(self, scoring: Scoring) -> None:
        self._scoring = scoring
        self._schema = pa.schema([*DECISION_FIELDS, *scoring.fields])

    def prepare(self) -> None:
        """Load what is needed.

        Raises:
            UsageError: Something is not there.
        """
        _ = self._functions
        if self._scoring.language.enabled:
            _ = self._detect

    @cached_property
    def _detect(self) -> Detect:
        return load_detector(self._scoring.language)

    @cached_property
    def _functions(self) -> list[tuple[OwnFunction, Callable[[pa.RecordBatch], object]]]:
        return [(own, load_function(own)) for own in self._scoring.filter.own_functions]

    def columns(self, kept: list[str]) -> list[str]:
        """Return the columns of a batch of documents that are needed.

        Args:
            kept: The typed columns that the configuration keeps.
        """
        settings = self._scoring.filter
        if settings.functions:
            return [*_OWN_COLUMNS, "decision", *kept]
        return ["text", "url", "decision", *(name for name in kept if name in settings.columns)]

    def score(self, batch: pa.Table) -> pa.Table:
        """Score the documents that are still kept.

        Args:
            batch: Documents, n rows, with the columns that `columns` names.

        Returns:
            n rows: `DECISION_FIELDS` and `Scoring.fields`, null for documents that are not kept.
        """
        batch = batch.combine_chunks()
        kept = pc.equal(batch["decision"], KEPT).combine_chunks()
        text = pc.if_else(kept, batch["text"].combine_chunks(), None)
        found: dict[str, pa.Array] = {}
        verdict = _Verdict(len(batch))
        languages = self._languages(text, found, verdict)
        self._presets(text, languages, found, verdict)
        self._own_columns(batch, kept, verdict)
        self._own_functions(batch, kept, found, verdict)
        found |= {"scored": kept, **verdict.columns()}
        return pa.Table.from_arrays([found[name] for name in self._schema.names], schema=self._schema)

    def _languages(self, text: pa.Array, found: dict[str, pa.Array], verdict: _Verdict) -> pa.Array | None:
        settings = self._scoring.language
        if not settings.enabled:
            return None
        language, score = identify(text, self._detect)
        found |= {"language": language, "language_score": score, "script": scripts_of(text)}
        own = {code: self._scoring.filter.for_language(code) for code in self._scoring.filter.languages}
        limits = {code: rules.min_language_score for code, rules in own.items() if rules.min_language_score is not None}
        highest = max([settings.min_score, *limits.values()])
        unsure = pc.fill_null(pc.less(score, highest), False).to_numpy(zero_copy_only=False)
        for row in np.flatnonzero(unsure).tolist():
            limit = limits.get(language[row].as_py(), settings.min_score)
            if score[row].as_py() < limit:
                verdict.filter(row, UNSURE, comparison(score[row].as_py(), "<", limit))
        if settings.keep:
            other = pc.invert(pc.is_in(language, pa.array(settings.keep, pa.string())))
            for row in np.flatnonzero(pc.and_(other, text.is_valid()).to_numpy(zero_copy_only=False)).tolist():
                verdict.filter(row, NOT_KEPT, f"{language[row].as_py() or 'unknown'} not in {', '.join(settings.keep)}")
        return language

    def _presets(
        self, text: pa.Array, languages: pa.Array | None, found: dict[str, pa.Array], verdict: _Verdict
    ) -> None:
        fields = score_fields(self._scoring.widest)
        n = len(text)
        if not fields or not n:
            found |= {own.name: pa.nulls(n, own.type) for own in fields}
            return
        parts: list[pa.Table] = []
        places: list[np.ndarray] = []
        for settings, rows in self._groups(languages, n):
            scores = score_texts(text if len(rows) == n else text.take(pa.array(rows)), settings)
            decisions = decide(scores, settings)
            for row in np.flatnonzero(decisions.reason.is_valid().to_numpy(zero_copy_only=False)).tolist():
                verdict.filter(int(rows[row]), decisions.reason[row].as_py(), decisions.detail[row].as_py())
            parts.append(scores)
            places.append(rows)
        order = np.argsort(np.concatenate(places))
        joined = pa.concat_tables(parts, promote_options="default").take(pa.array(order)).combine_chunks()
        for own in fields:  # a language may have other presets than the rest
            known = own.name in joined.column_names
            found[own.name] = joined[own.name].combine_chunks() if known else pa.nulls(n, own.type)

    def _groups(self, languages: pa.Array | None, n: int) -> list[tuple[QualitySettings, np.ndarray]]:
        """Rows by the settings that are in force for their language."""
        if languages is None:
            return [(self._scoring.filter, np.arange(n))]
        own = {"eng", *self._scoring.filter.languages}
        codes = np.array([code if code in own else "" for code in languages.to_pylist()], object)
        return [
            (self._scoring.filter.for_language(code or None), np.flatnonzero(codes == code))
            for code in sorted({*codes})
        ]

    def _own_columns(self, batch: pa.Table, kept: pa.Array, verdict: _Verdict) -> None:
        for name, text in self._scoring.filter.columns.items():
            condition = Condition.parse(text)
            values = batch[name].combine_chunks()
            try:
                fails = condition.fails(values)
            except ValueError as error:
                raise UsageError(
                    f"filter.columns.{name}: {error}, or name another type of it in input.keep_columns"
                ) from None
            for row in np.flatnonzero(fails & kept.to_numpy(zero_copy_only=False)).tolist():
                verdict.filter(row, f"filter.columns.{name}", condition.describe(values[row].as_py()))

    def _own_functions(self, batch: pa.Table, kept: pa.Array, found: dict[str, pa.Array], verdict: _Verdict) -> None:
        if not self._functions:
            return
        rows = np.flatnonzero(kept.to_numpy(zero_copy_only=False))
        names = [name for name in batch.column_names if name != "decision"]
        for own, function in self._functions:
            left = rows[[verdict.is_open(row) for row in rows.tolist()]] if len(rows) else rows
            scores = np.full(len(batch), None, object)
            if len(left):
                (documents,) = batch.select(names).take(pa.array(left)).combine_chunks().to_batches()
                for place, score in self._called(own, function, documents):
                    if isinstance(score, Exception):
                        verdict.reject(int(left[place]), f"{own.module}:{own.name} raised {shown(score)}")
                    else:
                        scores[left[place]] = score
            column = pa.array(scores, pa.float64())
            found[own.name] = column
            if own.condition is not None:
                for row in np.flatnonzero(own.condition.fails(column)).tolist():
                    verdict.filter(row, own.rule, own.condition.describe(column[row].as_py()))

    @staticmethod
    def _called(
        own: OwnFunction, function: Callable[[pa.RecordBatch], object], documents: pa.RecordBatch
    ) -> list[tuple[int, float | Exception | None]]:
        """Call a function on a batch, or on each document by itself if it raises, to find the one that it is about."""

        def call(part: pa.RecordBatch) -> pa.Array:
            values = function(part)
            try:
                return as_scores(values, len(part))
            except (ValueError, pa.ArrowException) as error:
                raise UsageError(f"filter.functions: {own.module}:{own.name} {error}") from None

        with contextlib.suppress(Exception):  # told again below, of the document that it is about
            return list(enumerate(call(documents).to_pylist()))
        results: list[tuple[int, float | Exception | None]] = []
        for place in range(len(documents)):
            try:
                results.append((place, call(documents.slice(place, 1))[0].as_py()))
            except UsageError:
                raise
            except Exception as error:  # noqa: BLE001  (whatever the user's code raises)
                results.append((place, error))
        return results


class _Verdict:
    """Decisions on the rows of a batch; the first one counts."""

    def __init__(self, n: int) -> None:
        self._decision: list[str | None] = [None] * n
        self._reason: list[str | None] = [None] * n
        self._detail: list[str | None] = [None] * n

    def is_open(self, row: int) -> bool:
        return self._decision[row] is None

    def filter(self, row: int, rule: str, detail: str) -> None:
        self._decide(row, FILTERED, rule, detail)

    def reject(self, row: int, error: str) -> None:
        self._decide(row, REJECTED, FAILED, error)

    def _decide(self, row: int, decision: str, rule: str, detail: str) -> None:
        if self._decision[row] is None:
            self._decision[row], self._reason[row], self._detail[row] = decision, rule, detail

    def columns(self) -> dict[str, pa.Array]:
        values = (self._decision, self._reason, self._detail)
        return {own.name: pa.array(column, own.type) for own, column in zip(DECISION_FIELDS[1:], values, strict=True)}


def kept_columns(names: list[str]) -> list[str]:
    """Return the typed columns that the configuration keeps, of all columns of a batch of documents."""
    return names[len(DOCUMENT_FIELDS) :]
