import pyarrow as pa

from corpusmill.transforms.batches import rows_to_batches
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.staging.kept_columns import columns_found, count_columns, field_names


def batch_of(*records: dict[str, object]) -> pa.RecordBatch:
    settings = InputSettings(keep_columns={"year": "int64"})
    (batch,) = rows_to_batches([{"text": "A page.", **record} for record in records], settings)
    return batch


def test_values_are_found_missing_or_unfit() -> None:
    batch = batch_of({"year": 2024}, {}, {"year": "soon"}, {"year": None, "area": 3}, {"year": "never"})
    assert columns_found(count_columns(batch)) == {"year": {"found": 1, "missing": 2, "unfit": 2, "example": '"never"'}}


def test_other_fields_are_named() -> None:
    batch = batch_of({"year": 2024, "area": "pier"}, {"year": "soon"})
    assert field_names(batch["metadata"]) == {"area", "year"}
    assert field_names(pa.array([None], pa.string())) == set()
