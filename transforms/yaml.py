"""Transforms for Beam YAML: rows in, rows out, settings as plain mappings.

Beam YAML hands each key of `config:` over as an argument and knows PCollections of rows only. Name these classes in a
`python` provider; see configs/beam-yaml/.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import apache_beam as beam

from corpusmill.transforms.batches import BatchesToRows, RowsToBatches
from corpusmill.transforms.cleaning.boilerplate import StripBoilerplate
from corpusmill.transforms.cleaning.filter import FilterDocuments
from corpusmill.transforms.cleaning.normalize import NormalizeText
from corpusmill.transforms.cleaning.personal_data import MaskPersonalData
from corpusmill.transforms.kernels.boilerplate import BoilerplateSettings
from corpusmill.transforms.kernels.cleaning.filter import FilterSettings
from corpusmill.transforms.kernels.cleaning.normalize import NormalizeSettings
from corpusmill.transforms.kernels.cleaning.personal_data import PersonalDataSettings
from corpusmill.transforms.kernels.errors import UsageError
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.scoring.score import ScoreBatches
from corpusmill.transforms.scoring.scorer import Scoring


@dataclass
class CleanDocuments(beam.PTransform):
    """Repair the text of documents, take boilerplate out and drop what is empty then.

    Input: rows with at least the text column, as `input` names it (`text`).
    Output: rows of `columns`, those documents that are kept.
    Guarantees: the result depends on the rows alone, not on their order or the engine. The text is shuffled once.

    Attributes:
        input: Keys of `input` of corpusmill's configuration: names of the columns.
        normalize: Keys of `normalize`.
        personal_data: Keys of `personal_data`.
        boilerplate: Keys of `boilerplate`.
        filter: Keys of `filter`; settings for single languages need a run of corpusmill.
        columns: Columns of the result.
        splits: How many parts the rows are spread over.

    Raises:
        pydantic.ValidationError: A mapping holds an unknown key or a value out of range.
    """

    input: Mapping[str, Any] = field(default_factory=dict)
    normalize: Mapping[str, Any] = field(default_factory=dict)
    personal_data: Mapping[str, Any] = field(default_factory=dict)
    boilerplate: Mapping[str, Any] = field(default_factory=dict)
    filter: Mapping[str, Any] = field(default_factory=dict)
    columns: Sequence[str] = ("id", "text")
    splits: int = 16

    def __post_init__(self) -> None:
        lists = [name for name in ("domain_lists", "url_lists", "word_lists") if self.filter.get(name)]
        if lists:
            raise UsageError(f"filter.{lists[0]} is for corpusmill run; in Beam YAML, filter by a step of your own")

    def expand(self, rows: beam.PCollection[Any]) -> beam.PCollection[beam.Row]:
        """Wire the transform."""
        settings = FilterSettings(**self.filter)
        return (
            rows
            | "ToBatches" >> RowsToBatches(InputSettings(**self.input), splits=self.splits)
            | "Normalize" >> NormalizeText(NormalizeSettings(**self.normalize))
            | "MaskPersonalData" >> MaskPersonalData(PersonalDataSettings(**self.personal_data))
            | "StripBoilerplate" >> StripBoilerplate(BoilerplateSettings(**self.boilerplate))
            | "Filter" >> FilterDocuments(settings)
            | "Score" >> ScoreBatches(Scoring(settings))
            | "ToRows" >> BatchesToRows(tuple(self.columns))
        )
