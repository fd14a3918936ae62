from pathlib import Path

import pyarrow as pa
import pytest

from corpusmill.transforms.batches import rows_to_batches
from corpusmill.transforms.kernels.columns import replace_column
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.kernels.schema import batch_position
from corpusmill.transforms.layout import SCORED
from corpusmill.transforms.staging.stage import (
    StagedFile,
    add_totals,
    count_batch,
    open_staged,
    read_staged,
    read_totals,
    restage,
    staged_batches,
    staged_splits,
    take_rows,
    write_staged,
)


def batch_of(*texts: str | None, split: int = 3) -> pa.RecordBatch:
    records = [{"id": str(number), "text": text} for number, text in enumerate(texts)]
    (batch,) = rows_to_batches(records, InputSettings(), split=split)
    return batch


def test_totals_are_what_the_rows_hold_and_add_up() -> None:
    batch = batch_of("A page.", None, "Straße")
    totals = count_batch(batch)
    assert (totals.rows, totals.decisions) == (3, {"kept": 2, "rejected": 1})
    assert (totals.chars_in, totals.text_bytes) == (13, 14)
    assert totals.reasons == {"read.no-text": 1}
    assert totals.rejections["read.no-text"].row == 1
    parts = [count_batch(batch.slice(0, 1)), count_batch(batch.slice(1))]
    assert add_totals(parts) == add_totals([totals])


def test_a_staged_file_is_read_back_with_its_totals(tmp_path: Path) -> None:
    state = str(tmp_path)
    batch = batch_of("A page.", None)
    staged = StagedFile(3, 0, True, len(batch))
    write_staged(batch, staged, count_batch(batch), state)
    assert open_staged(state, staged.name) == staged
    assert read_totals(state, staged) == count_batch(batch)
    assert read_staged(state, [staged]).to_pylist() == batch.to_pylist()
    assert read_staged(state, [staged, staged], ["id"])["id"].to_pylist() == ["0", "1"] * 2
    with pytest.raises(ValueError, match=r"'a\.parquet' is not the name of a staged file"):
        open_staged(state, "a.parquet")


def test_what_a_later_stage_makes_is_beside_what_it_was(tmp_path: Path) -> None:
    state = str(tmp_path)
    batch = batch_of("A page.")
    staged = StagedFile(3, 0, True, 1)
    write_staged(batch, staged, count_batch(batch), state)
    changed, totals = restage(replace_column(batch, "text", pa.array(["Another page."])), staged, SCORED, state)
    assert changed.path(state) != staged.path(state)
    assert totals.text_bytes == 13
    assert read_totals(state, changed) == totals
    (found,) = read_staged(state, [changed]).to_batches()
    assert found["text"].to_pylist() == ["Another page."]
    assert read_staged(state, [staged])["text"].to_pylist() == ["A page."]
    assert (batch_position(batch).index, changed.split, changed.last) == (0, 3, True)


def test_a_split_is_staged_when_every_batch_of_it_is(tmp_path: Path) -> None:
    state = str(tmp_path)
    for split, index, last in ((0, 0, False), (0, 1, True), (1, 0, False), (2, 1, True)):
        batch = batch_of("A page.", split=split)
        write_staged(batch, StagedFile(split, index, last, 1), count_batch(batch), state)
    names = staged_splits(state)
    assert list(names) == [0]
    assert [open_staged(state, name).batch for name in names[0]] == [0, 1]
    assert staged_batches(state) == {0: 2, 1: 1, 2: 1}


def test_rows_are_taken_from_any_chunks() -> None:
    column = pa.chunked_array([[1, 2], [3], []], pa.int64())
    assert take_rows(column, pa.array([2, 0]).to_numpy()).to_pylist() == [3, 1]
