"""Rules that drop a whole document after cleaning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, ValidationError, field_validator, model_validator

from corpusmill.transforms.kernels.language.names import by_single_language, single_language
from corpusmill.transforms.kernels.language.settings import check_code
from corpusmill.transforms.kernels.quality.conditions import Condition, OwnFunction
from corpusmill.transforms.kernels.quality.settings import STOP_WORDS, QualitySettings
from corpusmill.transforms.kernels.settings import Settings

EMPTY = "filter.empty"
TOO_SHORT = "filter.too-short"
TOO_LONG = "filter.too-long"

_VISIBLE = r"[^\s\p{Cc}\p{Cf}\p{Z}\x{FFFD}]"
"""A character that a reader sees: not white space, a control, a format character, or the mark of a lost character."""


class LengthSettings(Settings):
    """Limits of the length of a document."""

    min_chars: int = Field(0, ge=0, description="Drop documents with fewer characters than this (0 = off).")
    max_chars: int = Field(0, ge=0, description="Drop documents with more characters than this (0 = off).")


class LanguageRules(QualitySettings):
    """The rules for one language."""

    min_language_score: Annotated[float, Field(ge=0, le=1)] | None = Field(
        None, description="Drop documents of whose language the detector is less sure; null takes language.min_score."
    )


class FilterSettings(QualitySettings, LengthSettings):
    """Which documents are dropped after cleaning."""

    domain_lists: tuple[str, ...] = Field(
        (),
        description="Files of hosts, one a line, or a folder as UT1 has it: drop documents of these hosts and of those "
        "below them.",
    )
    url_lists: tuple[str, ...] = Field(
        (),
        description="Files of addresses, one a line: drop documents from these and from those that go on behind them.",
    )
    word_lists: tuple[str, ...] = Field(
        (), description="Files of words or phrases, one a line, as LDNOOBW has them: drop documents that hold one."
    )
    languages: dict[str, dict[str, object]] = Field(
        {},
        description="Settings of presets for single languages, by ISO 639-3, such as {deu: {gopher: {min_words: 40}}}; "
        "needs language.enabled.",
    )
    language_files: tuple[str, ...] = Field(
        (),
        description="Files of FineWeb-2 with settings for single languages, such as [configs/deu_Latn.yml]; what "
        "`languages` says overrides it.",
    )
    columns: dict[str, str] = Field(
        {},
        description="Drop documents by kept columns of the input: name, and what has to hold, such as "
        '{edu_score: ">= 3"}. A missing value drops nothing.',
    )
    functions: tuple[str, ...] = Field(
        (),
        description="Functions of your own that score a batch of documents, such as my_module:score, with what has to "
        "hold for a document to stay, such as my_module:score >= 0.5; without it they score only.",
    )

    @field_validator("languages")
    @classmethod
    def _name_languages(cls, languages: dict[str, dict[str, object]]) -> dict[str, dict[str, object]]:
        return by_single_language(languages)

    @field_validator("columns")
    @classmethod
    def _sort_columns(cls, columns: dict[str, str]) -> dict[str, str]:
        """Put the conditions in the order of their names: the order of keys says nothing in a configuration."""
        return dict(sorted(columns.items()))

    @model_validator(mode="after")
    def _check_own(self) -> FilterSettings:
        for code in self.languages:
            self.for_language(code)
        for name, condition in self.columns.items():
            try:
                Condition.parse(condition)
            except ValueError as error:
                raise ValueError(f"columns.{name}: {error}") from None
        names = [own.name for own in self.own_functions]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"functions: two of them are called {name!r}, which names their column; rename one")
        return self

    @property
    def own_functions(self) -> tuple[OwnFunction, ...]:
        """The functions of the user's own, taken apart."""
        return tuple(OwnFunction.parse(text) for text in self.functions)

    def for_language(self, code: str | None) -> LanguageRules:
        """Return the settings for documents in a language: its own where there are any, over the common ones.

        English stop words say nothing about another language: without a list of its own it is not judged by them.

        Args:
            code: ISO 639-3; None where the language is not known.

        Raises:
            ValueError: The settings for this language are not valid.
        """
        values = self.model_dump(include=set(QualitySettings.model_fields))
        own = self.languages.get(single_language(code or ""), {})
        if code is not None and own:
            check_code(code)
        gopher = own.get("gopher")
        given = isinstance(gopher, dict) and "stop_words" in gopher
        if code != "eng" and not given and self.gopher.stop_words == STOP_WORDS:
            values["gopher"]["min_stop_words"] = None
        try:
            return LanguageRules.model_validate(_merged(values, own))
        except ValidationError as error:
            problem = error.errors()[0]
            key = ".".join(["languages", str(code), *map(str, problem["loc"])])
            raise ValueError(f"{key}: {problem['msg'].removeprefix('Value error, ')}") from None


def _merged(values: dict[str, object], others: Mapping[str, object]) -> dict[str, object]:
    merged = dict(values)
    for key, value in others.items():
        known = merged.get(key)
        merged[key] = _merged(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return merged


def filter_column(text: pa.StringArray, settings: LengthSettings) -> pa.StringArray:
    """Return the rule id that drops each document, or null where it stays.

    Args:
        text: Cleaned texts, shape (n,); null rows are left alone.
        settings: The limits. A document without any visible character is always dropped.

    Returns:
        Shape (n,), type string.
    """
    length = pc.utf8_length(text)
    reason = pa.nulls(len(text), pa.string())
    if settings.max_chars:
        reason = pc.if_else(pc.fill_null(pc.greater(length, settings.max_chars), False), TOO_LONG, reason)
    if settings.min_chars:
        reason = pc.if_else(pc.fill_null(pc.less(length, settings.min_chars), False), TOO_SHORT, reason)
    visible = pc.match_substring_regex(text, _VISIBLE)
    return pc.if_else(pc.fill_null(pc.invert(visible), False), EMPTY, reason)
