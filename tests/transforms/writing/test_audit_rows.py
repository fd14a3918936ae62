import pyarrow as pa

from corpusmill.transforms.batches import rows_to_batches
from corpusmill.transforms.duplicates.find import DUPLICATES_SCHEMA
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.writing.audit_rows import decided_rows

SAME = b"7" * 16
TEXTS = ["The ferry leaves at nine.", "The ferry leaves at nine.", "The ferry leaves at nine!", "Fog."]


def test_rows_have_their_decisions_their_place_and_what_was_counted() -> None:
    records = [{"id": name, "text": text} for name, text in zip("abcd", TEXTS, strict=True)]
    (batch,) = rows_to_batches(records, InputSettings())
    table = pa.Table.from_batches([batch])
    index = pa.table(
        {
            "text_hash": pa.array([SAME, SAME, b"8" * 16, b"9" * 16], pa.binary(16)),
            "capped": [False, False, False, True],
        }
    )
    values = {"row": [101, 102], "partner_id": ["a", "a"], "similarity": [1.0, 1.0], "partner_text": [SAME, SAME]}
    columns = {
        field.name: pa.array(values[field.name], field.type) if field.name in values else pa.nulls(2, field.type)
        for field in DUPLICATES_SCHEMA
    }
    duplicates = pa.table(columns, schema=DUPLICATES_SCHEMA)
    found = decided_rows(table, index, duplicates, 100, pa.array([4, 5, 6, 7]))
    assert found["decision"].to_pylist() == ["kept", "duplicate", "duplicate", "kept"]
    assert found["reason"].to_pylist() == [None, "dedup.exact", "dedup.near", None]
    assert found["partner_id"].to_pylist() == [None, "a", "a", None]
    assert found["source_row"].to_pylist() == [4, 5, 6, 7]
    assert found["chars_out"].to_pylist() == [25, 0, 0, 4]
    assert [bool(row) for row in found["repairs"].to_pylist()] == [False, False, False, True]
    later = decided_rows(table, index, duplicates, 103, pa.array([4, 5, 6, 7]))
    assert later["decision"].to_pylist() == ["kept"] * 4
