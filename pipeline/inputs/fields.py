"""Guessing the fields of the text and of the address where the configuration does not name them."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.config import Config
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.kernels.schema import REJECTED, document_schema
from corpusmill.transforms.reading.read_split import read_split
from corpusmill.transforms.reading.splits import TEXT, UNKNOWN, Part, Split

TEXT_NAMES = (
    "content", "contents", "body", "raw_content", "full_text", "fulltext", "article", "article_text", "maintext",
    "main_text", "page_content", "document", "passage",
)  # fmt: skip
"""Fields that hold the text in collections that have none named `text`; the first that holds texts is it."""
URL_NAMES = ("uri", "link", "source_url", "page_url", "permalink")
"""Fields that hold the address where none is named `url`, if their values are addresses."""

_FILES = 4
_HEAD_BYTES = 1 << 16
_HEAD_RECORDS = 64


def guess_fields(splits: Sequence[Split], config: Config) -> tuple[Config, dict[str, str]]:
    """Return a configuration that names the fields of the text and of the address, where the data tell them.

    The beginnings of a few files are looked at. What the configuration names is never changed, nor is anything if a
    record has the usual field.

    Args:
        splits: The plan.
        config: The configuration.

    Returns:
        The configuration, and what was guessed: key of `input` -> field.
    """
    settings, parts = config.input, _parts(splits)
    guessed: dict[str, str] = {}
    heads = [_head(part, settings) for part in parts]
    if "text_column" not in settings.model_fields_set and heads and not any(map(_texts, heads)):
        for name in _candidates(TEXT_NAMES, settings):
            named = settings.model_copy(update={"text_column": name})
            tried = [_head(part, named) for part in parts]
            if all(2 * len(_texts(head)) > head.num_rows for head in tried):
                settings, heads = named, tried
                guessed["text_column"] = name
                break
    texts = [head.filter(pc.not_equal(head["decision"], REJECTED)) for head in heads]
    if "url_column" not in settings.model_fields_set and all(head["url"].null_count == len(head) for head in texts):
        records = [json.loads(text) for head in texts for text in head["metadata"].drop_null().to_pylist()]
        for name in _candidates(URL_NAMES, settings):
            values = [record[name] for record in records if name in record]
            if values and all(isinstance(value, str) and value.startswith(_ADDRESSES) for value in values):
                settings = settings.model_copy(update={"url_column": name})
                guessed["url_column"] = name
                break
    return (config.model_copy(update={"input": settings}), guessed) if guessed else (config, {})


_ADDRESSES = ("http://", "https://")


def _candidates(names: Iterable[str], settings: InputSettings) -> Iterator[str]:
    """Names that do not serve for something else."""
    own = (settings.id_column, settings.text_column, settings.title_column, settings.url_column)
    return (name for name in names if name not in {*own, *settings.keep_columns})


def _parts(splits: Sequence[Split]) -> list[Part]:
    """A few files of records with fields, evenly spaced."""
    found = [part for split in splits for part in split.parts if part.format not in (TEXT, UNKNOWN)]
    places = np.unique(np.linspace(0, len(found) - 1, _FILES).astype(int)).tolist() if found else []
    return [found[place] for place in places]


def _head(part: Part, settings: InputSettings) -> pa.RecordBatch:
    """The first records of a file, as documents."""
    update = {"batch_bytes": min(settings.batch_bytes, _HEAD_BYTES), "metadata": "json"}
    settings = settings.model_copy(update=update)
    batches = cast(Generator[pa.RecordBatch, None, None], read_split(Split(0, (part,)), settings))
    with contextlib.closing(batches):
        for batch in batches:
            return batch.slice(0, _HEAD_RECORDS)
    return pa.RecordBatch.from_pylist([], schema=document_schema(settings.kept_types()))


def _texts(head: pa.RecordBatch) -> pa.Array:
    """The texts of the records that could be read."""
    return head["text"].filter(pc.not_equal(head["decision"], REJECTED))
