import apache_beam as beam
import pyarrow as pa
import pytest
from apache_beam.testing.util import assert_that, equal_to

from corpusmill.transforms.batches import rows_to_batches
from corpusmill.transforms.cleaning.personal_data import MaskPersonalData, mask_batch
from corpusmill.transforms.kernels.cleaning.personal_data import PersonalDataSettings
from corpusmill.transforms.kernels.reading.settings import InputSettings

ROWS = [
    {"id": "plain", "text": "The ferry leaves at nine."},
    {"id": "mail", "text": "Write to ann@harbour.org or bo@harbour.org."},
    {"id": "missing", "text": None},
    {"id": "bank", "text": "ann@harbour.org pays to DE89 3704 0044 0532 0130 00"},
]
SETTINGS = PersonalDataSettings(mask=("email",), drop=("iban",))


def _batch() -> pa.RecordBatch:
    (batch,) = rows_to_batches(ROWS, InputSettings())
    return batch


def test_values_are_masked_and_counted_and_documents_dropped_by_rule() -> None:
    before = _batch()
    after = mask_batch(before, SETTINGS)
    assert after.schema.equals(before.schema, check_metadata=True)
    texts = ["The ferry leaves at nine.", "Write to <EMAIL> or <EMAIL>.", None, "<EMAIL> pays to <IBAN>"]
    assert after["text"].to_pylist() == texts
    assert after["decision"].to_pylist() == ["kept", "kept", before["decision"][2].as_py(), "filtered"]
    assert after["reason"].to_pylist() == [None, None, before["reason"][2].as_py(), "personal-data.iban"]
    assert [{found["rule"]: found["count"] for found in row or ()} for row in after["repairs"].to_pylist()] == [
        {},
        {"personal-data.email": 2},
        {},
        {"personal-data.email": 1, "personal-data.iban": 1},
    ]
    for name in set(before.schema.names) - {"text", "repairs", "decision", "reason"}:
        assert after[name].equals(before[name])


def test_a_batch_without_personal_data_comes_back_as_it_is() -> None:
    batch = _batch().slice(0, 1)
    assert mask_batch(batch, SETTINGS) is batch
    assert mask_batch(batch, PersonalDataSettings()) is batch


@pytest.mark.beam
def test_the_transform_masks_and_counts() -> None:
    with beam.Pipeline() as pipeline:
        batches = pipeline | beam.Create([_batch()]) | MaskPersonalData(SETTINGS)
        texts = batches | beam.FlatMap(lambda batch: batch["text"].to_pylist())
        assert_that(texts, equal_to(mask_batch(_batch(), SETTINGS)["text"].to_pylist()))
    counters = {
        result.key.metric.name: result.committed
        for result in pipeline.result.metrics().query()["counters"]
        if result.key.metric.namespace.endswith("MaskPersonalData")
    }
    assert counters == {"personal-data.email": 3, "personal-data.iban": 1, "documents dropped": 1}
