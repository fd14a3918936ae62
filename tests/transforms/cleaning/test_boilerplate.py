from typing import Any

import apache_beam as beam
import pyarrow as pa
import pytest
from apache_beam.testing.util import assert_that, equal_to

from corpusmill.transforms.batches import rows_to_batches
from corpusmill.transforms.cleaning.boilerplate import StripBoilerplate, strip_batch
from corpusmill.transforms.kernels.boilerplate import BoilerplateSettings, parse_rule_file
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.kernels.schema import REMOVED_LINES_TYPE

ARTICLE = """The boat in the yard
We left early, when the fog still hung over the quays and the first boats were coming in with their catch.
Nobody spoke much, and the coffee from the flask had gone cold by the time the sun was up over the wall.
Later we walked back through the old town.
In the evening he told me that he would sell the boat, and that he had known it for a year."""
ROWS: list[dict[str, Any]] = [
    {"id": "plain", "text": ARTICLE},
    {"id": "shared", "text": ARTICLE + "\nGet link\nFacebook\nX\nPinterest"},
    {"id": "missing", "text": None},
    {"id": "wall", "text": "Please enable JavaScript to continue."},
    {"id": "titled", "text": ARTICLE + "\nThe boat in the yard"},
]
SETTINGS = BoilerplateSettings()


def _batch() -> pa.RecordBatch:
    (batch,) = rows_to_batches(ROWS, InputSettings())
    return batch


def _with(batch: pa.RecordBatch, name: str, values: pa.Array) -> pa.RecordBatch:
    place = batch.schema.get_field_index(name)
    return batch.set_column(place, batch.schema.field(place), values)


def test_lines_go_and_are_on_record_and_pages_without_text_are_filtered() -> None:
    before = _batch()
    after = strip_batch(before, SETTINGS)
    assert after.schema.equals(before.schema, check_metadata=True)
    assert after["text"].to_pylist() == [ARTICLE, ARTICLE, None, ROWS[3]["text"], ARTICLE]
    assert after["decision"].to_pylist() == ["kept", "kept", before["decision"][2].as_py(), "filtered", "kept"]
    assert after["reason"][3].as_py() == "filter.error-page"
    lines = [
        [(entry["line"], entry["rule"], entry["text"]) for entry in row or ()]
        for row in after["removed_lines"].to_pylist()
    ]
    block = "boilerplate.share-block"
    assert lines == [
        [],
        [(5, block, "Get link"), (6, block, "Facebook"), (7, block, "X"), (8, block, "Pinterest")],
        [],
        [],
        [(5, "boilerplate.title-repeat", "The boat in the yard")],
    ]
    for name in set(before.schema.names) - {
        "text",
        "removed_lines",
        "unstripped",
        "packed_lines",
        "decision",
        "reason",
    }:
        assert after[name].equals(before[name])


def test_lines_removed_earlier_stay_on_record() -> None:
    earlier = [{"line": 0, "rule": "other.rule", "text": "x"}]
    batch = _with(_batch(), "removed_lines", pa.array([None, earlier, None, None, earlier], REMOVED_LINES_TYPE))
    after = strip_batch(batch, SETTINGS)["removed_lines"].to_pylist()
    assert [len(row or ()) for row in after] == [0, 5, 0, 0, 2]
    assert after[1][0] == earlier[0]


def test_rows_that_are_not_kept_stay_as_they_are() -> None:
    decisions = pa.array(["kept", "duplicate", "rejected", "duplicate", "filtered"])
    batch = _with(_batch(), "decision", decisions)
    after = strip_batch(batch, SETTINGS)
    assert after.drop_columns(["packed_lines"]).equals(batch.drop_columns(["packed_lines"]))


def test_a_stage_that_is_off_changes_nothing() -> None:
    batch = _batch()
    assert strip_batch(batch, BoilerplateSettings(enabled=False)).equals(batch)


def test_the_title_column_and_rules_of_the_user_are_used() -> None:
    content = {
        "platform": "mine",
        "source": "my own pages",
        "strings": {"bell": {"role": "share", "strength": "strong", "position": "any"}},
        "languages": {"en": {"bell": ["Ring the bell"]}},
    }
    batch = _with(
        _batch(), "text", pa.array([ARTICLE + "\nRing the bell", ARTICLE + "\nOf boats and yards", None, None, None])
    )
    batch = _with(batch, "title", pa.array([None, "Of boats and yards", None, None, None], pa.string()))
    after = strip_batch(batch, SETTINGS, tuple(parse_rule_file(content)))
    assert after["text"].to_pylist()[:2] == [ARTICLE, ARTICLE]


@pytest.mark.beam
def test_the_transform_counts_what_it_removes() -> None:
    with beam.Pipeline() as pipeline:
        batches = pipeline | beam.Create([_batch()]) | StripBoilerplate(SETTINGS)
        texts = batches | beam.FlatMap(lambda batch: batch["text"].to_pylist())
        assert_that(texts, equal_to(strip_batch(_batch(), SETTINGS)["text"].to_pylist()))
    counters = {
        result.key.metric.name: result.committed
        for result in pipeline.result.metrics().query(beam.metrics.MetricsFilter())["counters"]
        if result.key.metric.namespace.endswith("StripBoilerplate")
    }
    assert counters == {"boilerplate.share-block": 4, "boilerplate.title-repeat": 1, "filter.error-page": 1}


def test_what_is_cut_out_of_lines_is_counted_and_does_not_come_back() -> None:
    texts = [f"{ARTICLE}\n\nThe tower is old.[12] It leans.[edit]\n\nGet link\nFacebook\nX\nPinterest", ARTICLE]
    (batch,) = rows_to_batches([{"id": str(row), "text": text} for row, text in enumerate(texts)], InputSettings())
    settings = BoilerplateSettings.model_validate({"lines": {"profiles": ["c4"], "end_mark": False}})
    after = strip_batch(batch, settings)
    assert after["text"].to_pylist() == [f"{ARTICLE}\n\nThe tower is old. It leans.", ARTICLE]
    repairs = after["repairs"].to_pylist()
    assert repairs[0] == [{"rule": "boilerplate.c4-citation-mark", "count": 2}]
    assert not repairs[1]
    assert len(after["removed_lines"][0].as_py()) == 4
    assert after["unstripped"].to_pylist() == [None, None]  # learned lines are taken out of the text as it is now
    wiki = strip_batch(batch, BoilerplateSettings.model_validate({"packs": ["wiki"]}))
    assert wiki["unstripped"].to_pylist() == [None, None]
    assert strip_batch(batch, SETTINGS)["unstripped"].to_pylist() == [texts[0], None]
