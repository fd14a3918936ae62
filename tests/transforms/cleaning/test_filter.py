import pyarrow as pa

from corpusmill.transforms.batches import rows_to_batches
from corpusmill.transforms.cleaning.filter import filter_batch
from corpusmill.transforms.kernels.cleaning.filter import LengthSettings
from corpusmill.transforms.kernels.columns import replace_column
from corpusmill.transforms.kernels.reading.settings import InputSettings


def batch_of(*texts: str) -> pa.RecordBatch:
    records = [{"id": str(number), "text": text} for number, text in enumerate(texts)]
    (batch,) = rows_to_batches(records, InputSettings())
    return batch


def test_rows_that_a_rule_drops_stay_with_their_reason() -> None:
    batch = batch_of("A page of words.", " ", "Short")
    found = filter_batch(batch, LengthSettings(min_chars=10))
    assert found["decision"].to_pylist() == ["kept", "filtered", "filtered"]
    assert found["reason"].to_pylist() == [None, "filter.empty", "filter.too-short"]
    assert found["text"].equals(batch["text"])


def test_what_is_decided_already_stays_as_it_is() -> None:
    batch = batch_of(" ")
    for name, value in (("decision", "filtered"), ("reason", "boilerplate.page")):
        batch = replace_column(batch, name, pa.array([value]))
    assert filter_batch(batch, LengthSettings()).equals(batch)
