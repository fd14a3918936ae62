from typing import Any

import apache_beam as beam
import pyarrow as pa
import pytest
from apache_beam.testing.util import assert_that, equal_to
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.batches import rows_to_batches
from corpusmill.transforms.cleaning.normalize import NormalizeText, normalize_batch
from corpusmill.transforms.counting import merge_repairs
from corpusmill.transforms.kernels.cleaning.normalize import NormalizeSettings
from corpusmill.transforms.kernels.findings import Findings
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.kernels.schema import REPAIRS_TYPE, batch_position, repairs_of

ROWS: list[dict[str, Any]] = [
    {"id": "plain", "text": "Nothing to do."},
    {"id": "noisy", "text": "What!!!!!! a\u200bday πŸ’₯πŸ’₯πŸ’₯ \r\n"},
    {"id": "missing", "text": None},
    {"id": "again", "text": "So!!!!!! so!!!!!!"},
]


def _batch() -> pa.RecordBatch:
    (batch,) = rows_to_batches(ROWS, InputSettings())
    return batch


def _with(batch: pa.RecordBatch, name: str, values: pa.Array) -> pa.RecordBatch:
    place = batch.schema.get_field_index(name)
    return batch.set_column(place, batch.schema.field(place), values)


def test_text_is_normalized_and_what_was_done_is_on_record() -> None:
    before = _batch()
    after = normalize_batch(before, NormalizeSettings())
    assert after.schema.equals(before.schema, check_metadata=True)
    assert batch_position(after) == batch_position(before)
    assert after["text"].to_pylist() == ["Nothing to do.", "What!!! aday 💥💥💥", None, "So!!! so!!!"]
    repairs = [{item["rule"]: item["count"] for item in entry or ()} for entry in after["repairs"].to_pylist()]
    assert repairs == [
        {},
        {
            "controls.line-ends": 1,
            "encoding.repair-mojibake": 1,
            "symbols.collapse-punctuation": 1,
            "symbols.strip-zero-width": 1,
            "whitespace.strip-line-ends": 1,
            "whitespace.trim": 1,
        },
        {},
        {"symbols.collapse-punctuation": 2},
    ]
    for name in set(before.schema.names) - {"text", "repairs"}:
        assert after[name].equals(before[name])


def test_rows_that_are_not_kept_stay_as_they_are() -> None:
    batch = _with(_batch(), "decision", pa.array(["kept", "filtered", "rejected", "kept"]))
    after = normalize_batch(batch, NormalizeSettings())
    assert after["text"].to_pylist()[1] == ROWS[1]["text"]
    assert not after["repairs"].to_pylist()[1]


@pytest.mark.beam
def test_the_transform_normalizes_batches_and_counts_by_rule() -> None:
    with beam.Pipeline() as pipeline:
        batches = pipeline | beam.Create([_batch()]) | NormalizeText()
        texts = batches | beam.FlatMap(lambda batch: batch["text"].to_pylist())
        assert_that(texts, equal_to(["Nothing to do.", "What!!! aday 💥💥💥", None, "So!!! so!!!"]))
    counters = {
        result.key.metric.name: result.committed
        for result in pipeline.result.metrics().query(beam.metrics.MetricsFilter())["counters"]
        if result.key.metric.namespace.endswith("NormalizeText")
    }
    assert counters["symbols.collapse-punctuation"] == 3
    assert counters["encoding.repair-mojibake"] == 1


counts = st.dictionaries(st.sampled_from(["a.x", "a.y", "b.z"]), st.integers(1, 9), max_size=3)


@settings(deadline=None, max_examples=100)
@given(rows=st.lists(st.tuples(st.none() | counts, counts), max_size=6))
def test_findings_are_added_to_the_repairs_of_their_rows(rows: list[tuple[Any, Any]]) -> None:
    findings = Findings()
    for row, (_, new) in enumerate(rows):
        for rule, count in new.items():
            findings.add(row, rule, count)
    old = pa.array([None if had is None else repairs_of(had) for had, _ in rows], REPAIRS_TYPE)
    merged = merge_repairs(old, findings)
    assert merged.type == REPAIRS_TYPE
    for had, new, got in zip((h for h, _ in rows), (n for _, n in rows), merged.to_pylist(), strict=True):
        if not new:
            assert got == (None if had is None else repairs_of(had))
        else:
            total = {rule: (had or {}).get(rule, 0) + new.get(rule, 0) for rule in {*(had or {}), *new}}
            assert got == repairs_of(total)
