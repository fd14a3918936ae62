"""What the configuration says about inputs: columns, formats, limits."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import pyarrow as pa
from pydantic import Field, field_validator, model_validator

from corpusmill.transforms.kernels.reading.encoding_names import AUTO, canonical_encoding
from corpusmill.transforms.kernels.schema import DOCUMENT_FIELDS
from corpusmill.transforms.kernels.settings import Settings, Size

ColumnType = Literal[
    "string", "int64", "double", "bool", "timestamp", "date", "list<string>", "list<int64>", "list<double>"
]

COLUMN_TYPES: Mapping[str, pa.DataType] = MappingProxyType(
    {
        "string": pa.string(),
        "int64": pa.int64(),
        "double": pa.float64(),
        "bool": pa.bool_(),
        "timestamp": pa.timestamp("us", tz="UTC"),
        "date": pa.date32(),
        "list<string>": pa.list_(pa.string()),
        "list<int64>": pa.list_(pa.int64()),
        "list<double>": pa.list_(pa.float64()),
    }
)
"""Arrow type of each name that `keep_columns` accepts."""

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB

MAX_BATCH_ROWS = 16384
"""Rows of a batch at most, however short the documents are."""

# `title` and `url` are columns of every batch too, but may be kept.
_MAY_BE_KEPT = frozenset(("title", "url"))

_OF_THE_AUDIT = frozenset(
    (
        "source_row url_host partner_id partner_source partner_offset partner_corpus similarity chars_out lines_removed"
    ).split()
)
OUTPUT_COLUMNS = (frozenset(field.name for field in DOCUMENT_FIELDS) | _OF_THE_AUDIT) - _MAY_BE_KEPT
"""Columns of a batch or of the audit that no other column may hide."""


class InputSettings(Settings):
    """How records are found in the input files."""

    id_column: str = Field(
        "id",
        min_length=1,
        description="Field or column that names a document; without it the name is made of file and position.",
    )
    text_column: str = Field("text", min_length=1, description="Field or column that holds the text.")
    title_column: str | None = Field(
        "title",
        description="Field or column that holds the title, for the rule that removes repeated titles; null for none.",
    )
    url_column: str | None = Field(
        "url", description="Field or column that holds the address, for rules that look at the host; null for none."
    )
    keep_columns: dict[str, ColumnType] = Field(
        default_factory=dict,
        description="Other columns that the corpus keeps: name, type (string, int64, double, bool, timestamp, date, "
        "list<string>, list<int64>, list<double>). A name may be a path, such as meta.lang, or the key of a folder "
        "such as year=2024. A timestamp may be ISO 8601, an epoch, or as in e-mail.",
    )
    metadata: Literal["json", "drop"] = Field(
        "json", description="What becomes of all other columns: one JSON object in the column `metadata`, or nothing."
    )
    format: str = Field("auto", description="Format of the input files; `auto` decides by their names.")
    csv_columns: list[str] = Field(
        default_factory=list,
        description="Names of the columns of CSV and TSV files without a header; empty: their first line has them.",
    )
    encoding: str = Field(
        AUTO,
        description="Encoding of text files and JSON, by any name that Python knows; `auto` finds it file by file. "
        "A byte order mark overrides it.",
    )
    split_bytes: Size = Field(
        32 * MIB,
        ge=KIB,
        le=4 * GIB,
        description="Bytes of input that one task reads; larger files are split, smaller ones grouped.",
    )
    batch_bytes: Size = Field(
        8 * MIB,
        ge=KIB,
        le=GIB,
        description="Bytes of text that a batch of documents holds at most, if no single one is longer.",
    )
    max_document_bytes: Size = Field(
        64 * MIB, ge=KIB, le=GIB, description="Longer records and text files are rejected."
    )
    max_page_bytes: Size = Field(
        GIB,
        ge=KIB,
        le=16 * GIB,
        description="A row group of a Parquet file is rejected if its largest pages hold more memory than this: a page "
        "cannot be read in parts, and one that is a dictionary takes its bytes twice.",
    )
    max_expansion: int = Field(
        1000,
        ge=1,
        description="A compressed or Parquet file that grows more than so many times, and past 1 GiB, is rejected from "
        "there on.",
    )
    max_rejected_share: float = Field(
        0.5,
        ge=0,
        le=1,
        description="A run ends, with exit code 3, before the long work if more than this share of the records cannot "
        "be read; 1 accepts any. Fewer than 20 such records are no reason, unless nothing can be read at all.",
    )

    @field_validator("keep_columns")
    @classmethod
    def _sort_columns(cls, columns: dict[str, ColumnType]) -> dict[str, ColumnType]:
        """Put the columns in the order of their names: the order of keys says nothing in a configuration."""
        return dict(sorted(columns.items()))

    @field_validator("encoding")
    @classmethod
    def _check_encoding(cls, name: str) -> str:
        return name if name == AUTO else canonical_encoding(name)

    @property
    def stated_encoding(self) -> str | None:
        """Python's name of the encoding that is stated; None where it is to be found."""
        return None if self.encoding == AUTO else self.encoding

    @model_validator(mode="after")
    def _check_columns(self) -> InputSettings:
        if self.id_column == self.text_column:
            raise ValueError(f"id_column and text_column are both {self.text_column!r}; name two different columns")
        for name, kind in self.keep_columns.items():
            own = {"title": self.title_column, "url": self.url_column}.get(name)
            if name in (self.id_column, self.text_column):
                raise ValueError(f"keep_columns names {name!r}, which is kept anyway as id or text; take it out")
            if name in OUTPUT_COLUMNS or (name in ("title", "url") and own != name):
                raise ValueError(
                    f"keep_columns names {name!r}, which is a column of the output already; "
                    "leave it out, its value is in the column `metadata`"
                )
            if own == name and kind != "string":
                raise ValueError(f"keep_columns.{name} is {kind!r}; the column {name} is text: use 'string'")
        return self

    def kept_types(self) -> dict[str, pa.DataType]:
        """Return name -> Arrow type of the kept columns that follow the fixed ones in a batch, by name.

        A kept `title` or `url` is not among them: these are fixed columns of every batch.
        """
        return {name: COLUMN_TYPES[kind] for name, kind in self.keep_columns.items() if name not in ("title", "url")}
