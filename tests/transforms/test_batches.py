import collections
import datetime as dt
import json
import random
from typing import Any

import apache_beam as beam
import pyarrow as pa
import pytest
from apache_beam.testing.util import assert_that, equal_to
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.batches import (
    BatchesToRows,
    RowsToBatches,
    _group_to_batches,
    _key_by_split,
    batch_to_rows,
    rows_to_batches,
)
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.kernels.schema import BatchPosition, batch_position, document_schema

DEFAULT = InputSettings()
RECORDS = st.fixed_dictionaries(
    {},
    optional={"id": st.text(max_size=3) | st.integers(), "text": st.text(max_size=20) | st.none(), "x": st.integers()},
)


@settings(deadline=None, max_examples=60)
@given(st.lists(RECORDS, max_size=20), st.sampled_from([1024, 1 << 20]))
def test_every_row_becomes_one_document_in_order(records: list[Any], batch_bytes: Any) -> None:
    given_rows = [dict(record) for record in records]
    batches = list(rows_to_batches(given_rows, InputSettings(batch_bytes=batch_bytes), split=7))
    assert given_rows == records
    assert [batch_position(batch) for batch in batches] == [
        BatchPosition(7, k, last=k == len(batches) - 1) for k in range(len(batches))
    ]
    rows = [row for batch in batches for row in batch.to_pylist()]
    assert [(row["split"], row["row"]) for row in rows] == [(7, k) for k in range(len(records))]
    for record, row in zip(records, rows, strict=True):
        assert row["text"] == record.get("text")
        assert (row["decision"] == "rejected") == (record.get("text") is None)
        assert row["id"] == (str(record["id"]) if record.get("id", "") != "" else f"rows#{row['row']}")
        if row["text"] is not None and "x" in record:
            assert json.loads(row["metadata"]) == {"x": record["x"]}


def test_batches_stay_within_their_bounds() -> None:
    batches = list(rows_to_batches(({"text": "x" * 300} for _ in range(20)), InputSettings(batch_bytes=1024)))
    assert [batch.num_rows for batch in batches] == [3] * 6 + [2]
    assert all(batch.schema.equals(document_schema()) for batch in batches)


def test_rows_may_be_named_tuples_and_hold_what_json_does_not_know() -> None:
    page = collections.namedtuple("page", "id text when")
    (batch,) = rows_to_batches([page("a", "lone \ud800", dt.date(2020, 2, 29))], DEFAULT)
    (row,) = batch.to_pylist()
    assert (row["text"], row["metadata"]) == ("lone \N{REPLACEMENT CHARACTER}", '{"when":"2020-02-29"}')


def test_only_kept_documents_come_back_as_rows() -> None:
    (batch,) = rows_to_batches([{"id": "a", "text": "x"}, {"id": "b"}], DEFAULT)
    assert list(batch_to_rows(batch, ("id", "text"))) == [{"id": "a", "text": "x"}]


def test_too_few_splits_are_refused() -> None:
    with pytest.raises(ValueError, match="splits is 0"):
        RowsToBatches(splits=0)


@pytest.mark.beam
def test_document_keys_do_not_depend_on_the_order_of_the_rows() -> None:
    records = [{"id": f"d{k % 90}" if k % 10 else None, "text": f"text {k % 95}"} for k in range(200)]
    outcomes: list[Any] = []

    def keys(batch: pa.RecordBatch) -> list[tuple[Any, ...]]:
        return [tuple(row[name] for name in ("split", "row", "id", "text")) for row in batch.to_pylist()]

    for seed in (1, 2):
        random.Random(seed).shuffle(records)
        with beam.Pipeline(runner="BundleBasedDirectRunner") as pipeline:
            batches = pipeline | beam.Create(records) | RowsToBatches(splits=5)
            collected = batches | beam.FlatMap(keys) | beam.combiners.ToList() | beam.Map(sorted)
            if outcomes:
                assert_that(collected, equal_to([outcomes[0]]))
            else:
                expected = []
                by_split = collections.defaultdict(list)
                for record in records:
                    split, item = _key_by_split(record, 5)
                    by_split[split].append(item)
                for split, items in by_split.items():
                    for batch in _group_to_batches((split, items), DEFAULT):
                        expected += keys(batch)
                outcomes.append(sorted(expected))
                assert_that(collected, equal_to(outcomes))
    assert len({row[2] for row in outcomes[0] if row[2].startswith("rows-")}) == 20


@pytest.mark.beam
def test_rows_go_through_batches_and_come_back() -> None:
    rows = [beam.Row(id=f"d{k}", text=f"t{k}", url="u") for k in range(30)]
    with beam.Pipeline(runner="BundleBasedDirectRunner") as pipeline:
        back = pipeline | beam.Create(rows) | RowsToBatches(splits=4) | BatchesToRows(("id", "text", "url"))
        assert_that(back | beam.Map(tuple), equal_to([(f"d{k}", f"t{k}", "u") for k in range(30)]))
