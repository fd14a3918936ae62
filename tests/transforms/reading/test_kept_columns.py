"""Kept columns: what is a time, what folders say, what is a list, and what is told of the rest."""

import datetime as dt
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.reading.read_split import read_marked, read_split
from corpusmill.transforms.reading.splits import JSONL, PARQUET, Part, Split
from corpusmill.transforms.staging.stage import add_totals, count_batch

NOON = dt.datetime(2024, 5, 6, 12, 0, tzinfo=dt.timezone.utc)
TEXT = "The gulls followed the plough."


def read(path: Path | str, kind: str, settings: InputSettings) -> list[dict[str, Any]]:
    split = Split(0, (Part(str(path), kind),))
    return [row for batch in read_split(split, settings) for row in batch.to_pylist()]


def jsonl(path: Path, values: Iterable[Any], name: str = "c") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps({"text": TEXT, name: value}) + "\n" for value in values))
    return path


@pytest.mark.parametrize(
    "value",
    [
        "2024-05-06T12:00:00Z",
        "2024-05-06 12:00:00",
        1714996800,
        1714996800.0,
        1714996800000,
        1714996800000000,
        1714996800000000000,
        "1714996800",
        "Mon, 06 May 2024 12:00:00 +0000",
        "Mon, 06 May 2024 14:00:00 +0200",
        "Mon, 06 May 2024 12:00:00 GMT",
        "6 May 2024 12:00:00 -0000",
    ],
)
def test_times_are_read_in_any_of_their_usual_forms(tmp_path: Path, value: float | str) -> None:
    settings = InputSettings(keep_columns={"c": "timestamp"})
    (row,) = read(jsonl(tmp_path / "a.jsonl", [value]), JSONL, settings)
    assert row["c"] == NOON
    pq.write_table(pa.table({"text": [TEXT], "c": [value]}), tmp_path / "a.parquet")
    (row,) = read(tmp_path / "a.parquet", PARQUET, settings)
    assert row["c"] == NOON


@pytest.mark.parametrize("value", ["yesterday", "", True, [1], "12", 1e300, "May", "99999999999999999999999"])
def test_what_is_no_time_stays_in_the_metadata(tmp_path: Path, value: float | list[int] | str) -> None:
    (row,) = read(jsonl(tmp_path / "a.jsonl", [value]), JSONL, InputSettings(keep_columns={"c": "timestamp"}))
    assert row["c"] is None
    assert json.loads(row["metadata"]) == {"c": value}


def test_folders_are_columns_where_the_records_say_nothing(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "year=2024" / "lang=pt%2DBR" / "a.jsonl", [None, "own"], "lang")
    settings = InputSettings(keep_columns={"year": "int64", "lang": "string"})
    rows = read(path, JSONL, settings)
    assert [(row["year"], row["lang"]) for row in rows] == [(2024, "pt-BR"), (2024, "own")]


def test_lists_stay_lists(tmp_path: Path) -> None:
    settings = InputSettings(keep_columns={"tags": "list<string>", "n": "list<int64>"})
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"text": TEXT, "tags": ["sea", None], "n": [1, 2]}) + "\n")
    pq.write_table(pa.table({"text": [TEXT], "tags": [["sea", None]], "n": [[1, 2]]}), tmp_path / "a.parquet")
    for row in (*read(path, JSONL, settings), *read(tmp_path / "a.parquet", PARQUET, settings)):
        assert (row["tags"], row["n"]) == (["sea", None], [1, 2])


def test_paths_with_dots_name_inner_fields(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"doc": {"body": TEXT, "meta": {"lang": "en"}}, "key": {"id": "a"}}) + "\n")
    settings = InputSettings(text_column="doc.body", id_column="key.id", keep_columns={"doc.meta.lang": "string"})
    (row,) = read(path, JSONL, settings)
    assert (row["id"], row["text"], row["doc.meta.lang"], row["metadata"]) == ("a", TEXT, "en", None)
    (row,) = read(path, JSONL, InputSettings())
    assert "--set input.text_column=doc.body" in row["error"]


def test_what_was_found_of_each_column_is_counted(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "a.jsonl", ["2024-05-06", "soon", None])
    split = Split(0, (Part(str(path), JSONL),))
    settings = InputSettings(keep_columns={"c": "date", "d": "string"})
    totals = add_totals(map(count_batch, read_marked(split, settings)))
    assert totals.columns == {"c": [1, 1, 1, '"soon"'], "d": [0, 3, 0, ""]}


def test_numbers_that_are_none_and_repeated_keys_have_one_rule(tmp_path: Path) -> None:
    """The last value of a key counts, whichever reader gets at it; NaN and Infinity are texts in all formats."""
    path = tmp_path / "a.jsonl"
    sound = '{"text": "A heron.", "n": 1, "n": 2}\n'
    odd = '{"text": "A heron.", "n": 1, "n": 2, "a": NaN, "b": -Infinity}\n'
    path.write_text(sound + odd)
    first, second = read(path, JSONL, InputSettings())
    assert json.loads(first["metadata"]) == {"n": 2}
    assert json.loads(second["metadata"]) == {"n": 2, "a": "NaN", "b": "-Infinity"}
    pq.write_table(pa.table({"text": [TEXT], "a": [float("nan")], "b": [float("-inf")]}), tmp_path / "a.parquet")
    (row,) = read(tmp_path / "a.parquet", PARQUET, InputSettings())
    assert json.loads(row["metadata"]) == {"a": "NaN", "b": "-Infinity"}
