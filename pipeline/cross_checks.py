"""What the sections of a configuration have to agree on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from corpusmill.transforms.kernels.duplicates.keep_order import parse_keep
from corpusmill.transforms.kernels.errors import nearest_name
from corpusmill.transforms.kernels.quality.settings import PRESETS, QualitySettings
from corpusmill.transforms.kernels.writing.partitions import PARTITION_TYPES

if TYPE_CHECKING:
    from corpusmill.config import Config


def check_sections(config: Config) -> None:
    """Check that what one section asks for is there by the others.

    Raises:
        ValueError: It is not; the message names both keys and the remedy.
    """
    for check in (_check_keep_columns, _check_within, _check_partition, _check_copies, _check_tokens, _check_scoring):
        check(config)


def idle_settings(config: Config) -> list[str]:
    """Return a sentence for each section of a preset that has settings of its own while nothing switches it on."""
    found = []
    for preset in sorted({*PRESETS} - {*config.scoring.widest.presets}):
        section = preset.replace("-", "_")
        own, usual = (getattr(settings, section).model_dump() for settings in (config.filter, QualitySettings()))
        if keys := [f"filter.{section}.{key}" for key in own if own[key] != usual[key]]:
            found.append(f"{', '.join(keys)}: nothing is judged by this unless filter.presets names {preset}")
    return found


def _check_keep_columns(config: Config) -> None:
    policies = {"keep": config.dedup.keep, "by_url": config.dedup.by_url}
    for key, text in policies.items():
        policy = parse_keep(text or "first")
        if policy.column and policy.column not in config.input.keep_columns:
            kind = "timestamp" if policy.rule == "newest" else "double"
            raise ValueError(
                f"dedup.{key} looks at the column {policy.column!r}, which is not kept: "
                f"add it to input.keep_columns, such as {{{policy.column}: {kind}}}"
            )


def _columns_of_a_run(config: Config) -> list[str]:
    """Return the columns of texts that a run gives every document, so that they need not be kept from the input."""
    return [*(field.name for field in config.scoring.language_fields if pa.types.is_string(field.type)), "source"]


def _check_within(config: Config) -> None:
    column = config.dedup.within
    if column is None or column in _columns_of_a_run(config):
        return
    kind = config.input.keep_columns.get(column)
    if kind is None:
        raise ValueError(
            f"dedup.within looks at the column {column!r}, which is not kept: add it to input.keep_columns, such "
            f"as {{{column}: string}}{nearest_name(column, [*config.input.keep_columns, *_columns_of_a_run(config)])}"
        )
    if kind.startswith("list<"):
        raise ValueError(
            f"dedup.within looks at the column {column!r}, which holds lists ({kind}); name a column with "
            "one value a document"
        )


def _check_partition(config: Config) -> None:
    column = config.output.partition_by
    if column is None or column in _columns_of_a_run(config):
        return
    kind = config.input.keep_columns.get(column)
    if kind is None:
        languages = "" if config.language.enabled else " (`language` and `script` come with language.enabled=true)"
        raise ValueError(
            f"output.partition_by names the column {column!r}, which the corpus does not have: add it to "
            f"input.keep_columns, such as {{{column}: string}}{languages}"
            f"{nearest_name(column, [*config.input.keep_columns, *_columns_of_a_run(config)])}"
        )
    if kind not in PARTITION_TYPES:
        raise ValueError(
            f"output.partition_by names the column {column!r} of type {kind}, whose values name no folders; name one "
            f"of {', '.join(PARTITION_TYPES)}, or keep it as string"
        )


def _check_copies(config: Config) -> None:
    if not config.output.copies:
        return
    if not config.dedup.enabled:
        raise ValueError("output.copies counts what dedup removes, and dedup.enabled is false; set one of them")
    taken = [name for name in ("copies", "copies_by_source") if name in config.input.keep_columns]
    if taken:
        raise ValueError(f"output.copies adds a column {taken[0]!r}, which input.keep_columns has too")


def _check_tokens(config: Config) -> None:
    if config.output.tokenizer is not None and "tokens" in config.input.keep_columns:
        raise ValueError(
            "output.tokenizer adds a column 'tokens', which input.keep_columns has too: leave it out there (it stays "
            "in metadata), or set output.tokenizer=null"
        )


def _check_scoring(config: Config) -> None:
    if config.filter.languages and not config.language.enabled:
        raise ValueError("filter.languages needs the languages of documents: set language.enabled=true")
    for name in config.filter.columns:
        if name not in config.input.keep_columns:
            raise ValueError(
                f"filter.columns looks at the column {name!r}, which is not kept: add it to input.keep_columns, "
                f"such as {{{name}: double}}"
            )
    for own in config.scoring.language_fields:
        if own.name in config.input.keep_columns:
            raise ValueError(
                f"input.keep_columns names {own.name!r}, a column that language.enabled adds to the corpus: leave "
                "it out there (it stays in metadata), or set language.enabled=false"
            )
    for name in config.input.keep_columns:
        if name in config.scoring.columns:
            raise ValueError(
                f"input.keep_columns names {name!r}, a column that the scores of documents have: leave it out "
                "there (it stays in metadata)"
            )
