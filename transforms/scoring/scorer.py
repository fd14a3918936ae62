"""What is found out about a batch of documents: language, scores, the result of the user's functions, decisions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.cleaning.filter import FilterSettings
from corpusmill.transforms.kernels.columns import one_array
from corpusmill.transforms.kernels.errors import UsageError
from corpusmill.transforms.kernels.language.scripts import scripts_of
from corpusmill.transforms.kernels.language.settings import LanguageSettings
from corpusmill.transforms.kernels.quality.conditions import OwnFunction, as_scores
from corpusmill.transforms.kernels.quality.evaluate import score_texts
from corpusmill.transforms.kernels.quality.rules import score_fields
from corpusmill.transforms.kernels.quality.settings import QualitySettings
from corpusmill.transforms.kernels.reading.settings import OUTPUT_COLUMNS
from corpusmill.transforms.kernels.schema import DOCUMENT_FIELDS, KEPT
from corpusmill.transforms.kernels.writing.copies import COPIES_FIELDS
from corpusmill.transforms.scoring.decisions import (
    DECISION_FIELDS,
    DETAIL,
    Verdict,
    groups,
    judge_columns,
    judge_function,
    judge_languages,
    judge_scores,
)
from corpusmill.transforms.scoring.detectors import Detect, identify, load_detector
from corpusmill.transforms.scoring.user_functions import load_function, shown

LANGUAGE_FIELDS = (
    pa.field("language", pa.string()),
    pa.field("language_score", pa.float64()),
    pa.field("script", pa.string()),
)
_TAKEN = (
    OUTPUT_COLUMNS
    | {own.name for own in (*LANGUAGE_FIELDS, *DECISION_FIELDS, *COPIES_FIELDS)}
    | {"title", "url", "tokens"}
)
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
        """Check that all that is asked can be done.

        Raises:
            UsageError: A package, a model, a module or a function is not there, or names clash.
        """
        names = [own.name for own in self.fields]
        for own in self.filter.own_functions:
            if names.count(own.name) > 1 or own.name in _TAKEN:
                raise UsageError(
                    f"filter.functions: {own.name!r} is already the name of another column; give the function another "
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
        verdict = Verdict(len(batch))
        languages = self._languages(text, found, verdict)
        self._presets(text, languages, found, verdict)
        judge_columns(self._scoring, batch, kept, verdict)
        self._own_functions(batch, kept, found, verdict)
        found |= {"scored": kept, **verdict.columns()}
        return pa.Table.from_arrays([found[name] for name in self._schema.names], schema=self._schema)

    def _languages(self, text: pa.Array, found: dict[str, pa.Array], verdict: Verdict) -> pa.Array | None:
        settings = self._scoring.language
        if not settings.enabled:
            return None
        language, score = identify(text, self._detect)
        found |= {"language": language, "language_score": score, "script": scripts_of(text)}
        judge_languages(self._scoring, language, score, text.is_valid(), verdict)
        return language

    def _presets(
        self, text: pa.Array, languages: pa.Array | None, found: dict[str, pa.Array], verdict: Verdict
    ) -> None:
        fields = score_fields(self._scoring.widest)
        n = len(text)
        if not fields or not n:
            found |= {own.name: pa.nulls(n, own.type) for own in fields}
            return
        parts: list[pa.Table] = []
        places: list[np.ndarray] = []
        for group in groups(self._scoring, languages, n):
            if not group.settings.presets:
                continue
            own_text = text if len(group.rows) == n else text.take(pa.array(group.rows))
            scores = score_texts(own_text, group.settings)
            judge_scores(scores, group, verdict)
            parts.append(scores)
            places.append(group.rows)
        at = np.full(n, -1, np.int64)  # a language may have no presets, or others than the rest
        if places:
            at[np.concatenate(places)] = np.arange(sum(map(len, places)))
        joined = pa.concat_tables([pa.schema(fields).empty_table(), *parts], promote_options="default")
        joined = joined.take(pa.array(at, mask=at < 0)).combine_chunks()
        found |= {own.name: one_array(joined[own.name]) for own in fields}

    def _own_functions(self, batch: pa.Table, kept: pa.Array, found: dict[str, pa.Array], verdict: Verdict) -> None:
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
            judge_function(own, column, verdict)

    @staticmethod
    def _called(
        own: OwnFunction, function: Callable[[pa.RecordBatch], object], documents: pa.RecordBatch
    ) -> list[tuple[int, float | Exception | None]]:
        """Call a function on a batch, or on each document by itself if it raises, to find the one that it is about."""

        def call(part: pa.RecordBatch) -> list[float | None] | Exception:
            try:
                values = function(part)
            except Exception as error:  # noqa: BLE001  (whatever the user's code raises)
                return error
            try:
                return list(as_scores(values, len(part)).to_pylist())
            except (ValueError, pa.ArrowException) as error:
                raise UsageError(f"filter.functions: {own.module}:{own.name} {error}") from None

        together = call(documents)
        if not isinstance(together, Exception):
            return list(enumerate(together))
        each = [call(documents.slice(place, 1)) for place in range(len(documents))]
        return [(place, found if isinstance(found, Exception) else found[0]) for place, found in enumerate(each)]


def kept_columns(names: list[str]) -> list[str]:
    """Return the typed columns that the configuration keeps, of all columns of a batch of documents."""
    return names[len(DOCUMENT_FIELDS) :]
