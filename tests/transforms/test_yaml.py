import apache_beam as beam
import pytest
from apache_beam.testing.test_pipeline import TestPipeline as Pipeline
from apache_beam.testing.util import assert_that, equal_to
from pydantic import ValidationError

from corpusmill.transforms.kernels.errors import UsageError
from corpusmill.transforms.yaml import CleanDocuments
from tests.quality_texts import SENTENCES

ROWS = [{"id": "good", "text": " ".join(SENTENCES["eng"])}, {"id": "short", "text": "Too short."}]


@pytest.mark.beam
def test_presets_work_in_beam_yaml() -> None:
    with Pipeline() as pipeline:
        kept = pipeline | beam.Create(ROWS) | CleanDocuments(filter={"presets": ["gopher", "c4"]}, columns=("id",))
        assert_that(kept | beam.Map(lambda row: row.id), equal_to(["good"]))


@pytest.mark.beam
def test_mappings_are_the_sections_of_a_configuration() -> None:
    rows = [{"name": "a", "body": "Fish &amp; chips, ann@pier.example"}]
    with Pipeline() as pipeline:
        cleaned = (
            pipeline
            | beam.Create(rows)
            | CleanDocuments(
                input={"id_column": "name", "text_column": "body"},
                normalize={"entities": {"decode": False}},
                personal_data={"mask": ["email"]},
            )
        )
        assert_that(cleaned | beam.Map(lambda row: (row.id, row.text)), equal_to([("a", "Fish &amp; chips, <EMAIL>")]))


def test_what_cannot_be_done_here_is_said_on_construction() -> None:
    with pytest.raises(UsageError, match=r"filter\.word_lists is for corpusmill run"):
        CleanDocuments(filter={"word_lists": ["words.txt"]})


def test_unknown_keys_are_errors() -> None:
    with pytest.raises(ValidationError, match="enabeld"), Pipeline() as pipeline:
        _ = pipeline | beam.Create(ROWS) | CleanDocuments(boilerplate={"enabeld": False})
