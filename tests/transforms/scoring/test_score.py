"""Scoring as a transform of any pipeline."""

import apache_beam as beam
import pyarrow as pa
import pytest
from apache_beam.testing.test_pipeline import TestPipeline as Pipeline
from apache_beam.testing.util import assert_that, equal_to

from corpusmill.transforms.batches import RowsToBatches
from corpusmill.transforms.kernels.cleaning.filter import FilterSettings
from corpusmill.transforms.kernels.errors import UsageError
from corpusmill.transforms.kernels.schema import batch_position
from corpusmill.transforms.scoring.score import ScoreBatches
from corpusmill.transforms.scoring.scorer import Scoring
from tests.quality_texts import SENTENCES

GOOD = " ".join(SENTENCES["eng"])
ROWS = [{"id": "good", "text": GOOD}, {"id": "short", "text": "Too short."}]
PRESETS = ("gopher", "c4")


def _decisions(batch: pa.RecordBatch) -> list[tuple[str, str, str | None]]:
    batch_position(batch)  # the batch still says where it is
    return list(zip(*(batch[name].to_pylist() for name in ("id", "decision", "reason")), strict=True))


@pytest.mark.beam
def test_batches_of_any_pipeline_are_marked() -> None:
    expected = [("good", "kept", None), ("short", "filtered", "quality.gopher-min-words")]
    with Pipeline() as pipeline:
        found = (
            pipeline
            | beam.Create(ROWS)
            | RowsToBatches(splits=1)
            | ScoreBatches(Scoring(FilterSettings(presets=PRESETS)))
            | beam.FlatMap(_decisions)
        )
        assert_that(found, equal_to(expected))


def test_what_cannot_be_scored_is_said_on_construction() -> None:
    with pytest.raises(UsageError, match="cannot be imported"):
        ScoreBatches(Scoring(FilterSettings(functions=("no_such_module:score",))))
