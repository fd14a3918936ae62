"""Lines learned from staged documents and taken out of them."""

from pathlib import Path
from typing import Any

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusmill.transforms.cleaning.learned_lines import ApplyLearned, ApplyLearnedInput, LearnBoilerplate, write_table
from corpusmill.transforms.kernels.boilerplate.learning.learn import TABLE_SCHEMA
from corpusmill.transforms.kernels.boilerplate.settings import BoilerplateSettings
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.layout import LEARNED, STAGED
from corpusmill.transforms.staging.stage import StagedSplit, read_staged
from tests.transforms.kernels.boilerplate.learning.test_learn import MENU, learn, lines_of, page
from tests.transforms.staged import run, stage

pytestmark = pytest.mark.beam

SETTINGS = BoilerplateSettings()
GIVEN = InputSettings(url_column="url", batch_bytes=3000)


def documents(count: int = 8) -> list[dict[str, Any]]:
    return [{"id": str(k), "url": f"http://a.example/{k}", "text": page(k, MENU)} for k in range(count)]


def learned(folder: Path, *splits: list[dict[str, Any]]) -> pa.Table:
    """Strip the documents by rules, stage and learn from them."""
    staged = stage(folder, *splits, given=GIVEN)
    made = run(
        folder / "learn",
        staged,
        lambda given: {"out": given | LearnBoilerplate(str(folder), SETTINGS)},
        tuple[int, StagedSplit],
    )
    (batch,) = made["out"]
    return pa.Table.from_batches([batch])


def test_what_is_learned_is_what_the_kernels_learn_whatever_the_splits(tmp_path: Path) -> None:
    whole = documents()
    one = learned(tmp_path / "one", whole)
    assert one.equals(learned(tmp_path / "many", whole[:3], [], whole[3:4], whole[4:]))
    assert one.schema == TABLE_SCHEMA
    plain = learn([row["text"] for row in whole], [row["url"] for row in whole])
    assert {row["sample"] for row in one.to_pylist() if row["kind"] == "line"} == lines_of(plain)
    assert lines_of(plain)


def test_nothing_is_learned_from_nothing(tmp_path: Path) -> None:
    without = [{key: value for key, value in row.items() if key != "url"} for row in documents()]
    for number, own in enumerate(([], without, documents(1))):
        assert learned(tmp_path / str(number), own).num_rows == 0


def applied(folder: Path, table: pa.RecordBatch, *splits: list[dict[str, Any]]) -> list[StagedSplit]:
    staged = stage(folder, *splits, given=GIVEN)

    def build(given: Any) -> dict[str, Any]:
        of_lines = given.pipeline | "Table" >> beam.Create([table], reshuffle=False)
        return {"out": ApplyLearnedInput(given, of_lines) | ApplyLearned(str(folder), SETTINGS)}

    made = run(folder / "apply", staged, build, tuple[int, StagedSplit])["out"]
    return [split for _, split in sorted(made, key=lambda element: int(element[0]))]


def test_lines_are_taken_out_of_the_documents_that_hold_them(tmp_path: Path) -> None:
    whole = documents()
    other = [{"id": "x", "url": "http://b.example/", "text": page(9, MENU)}]
    (table,) = learned(tmp_path / "learn", whole).to_batches()
    first, second = applied(tmp_path / "apply", table, whole, other)
    rows = read_staged(str(tmp_path / "apply"), first.files).to_pylist()
    for row, document in zip(rows, whole, strict=True):
        assert row["text"].split("\n")[:3] == document["text"].split("\n")[:3]
        assert not set(MENU[1:]) & set(row["text"].split("\n"))
        assert {removed["rule"] for removed in row["removed_lines"]} == {"boilerplate.learned-line"}
    assert first.totals.lines == {"boilerplate.learned-line": sum(len(row["removed_lines"]) for row in rows)}
    assert {file.folder for file in first.files} == {LEARNED}
    assert {file.folder for file in second.files} == {STAGED}  # nothing was found, so nothing was written
    assert read_staged(str(tmp_path / "apply"), second.files)["text"].to_pylist() == [other[0]["text"]]


def test_without_learned_lines_the_documents_stay_as_they_are(tmp_path: Path) -> None:
    nothing = pa.RecordBatch.from_pylist([], TABLE_SCHEMA)
    (split,) = applied(tmp_path, nothing, documents(2))
    assert {file.folder for file in split.files} == {STAGED}


@pytest.mark.parametrize("rows", [0, 3])
def test_a_table_is_written_for_a_person_to_edit(tmp_path: Path, rows: int) -> None:
    table = pa.Table.from_pylist([{"kind": "line", "sample": f"Line {k}"} for k in range(rows)], TABLE_SCHEMA)
    path = tmp_path / "lines.parquet"
    write_table(table, str(path), str(tmp_path / "_state"))
    assert pq.read_table(path).equals(table)
    assert pq.read_metadata(path).num_row_groups == (1 if rows else 0)
