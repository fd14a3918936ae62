from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusmill.transforms.kernels.writing.partitions import PartitionError
from corpusmill.transforms.kernels.writing.settings import OutputSettings
from corpusmill.transforms.writing import partitioned_writer
from corpusmill.transforms.writing.partitioned_writer import PartitionedWriter
from corpusmill.transforms.writing.shard_writer import ShardWriter

SCHEMA = pa.schema([("id", pa.string()), ("text", pa.string())])
NAME = "part-00000-of-00001.parquet"


def _writer(out: Path, most: int = 9) -> PartitionedWriter:
    state = str(out / "_state")

    def opened(name: str) -> ShardWriter:
        return ShardWriter(str(out / "corpus" / name), state, SCHEMA, OutputSettings(), {})

    return PartitionedWriter(NAME, SCHEMA, state, most, opened)


def _write(out: Path, kinds: list[str], step: int, most: int = 9) -> PartitionedWriter:
    rows = pa.table({"id": [f"d{n}" for n in range(len(kinds))], "text": [f"é{n}" for n in range(len(kinds))]}, SCHEMA)
    folders = pa.array([f"kind={kind}" for kind in kinds], pa.string())
    with _writer(out, most) as writer:
        writer.keep = True
        for start in range(0, len(kinds), step):
            writer.write(rows.slice(start, step), folders.slice(start, step))
    return writer


def test_each_folder_has_its_rows_in_order_however_they_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = [*"abacabbaca"]
    whole = _write(tmp_path / "whole", kinds, len(kinds))
    monkeypatch.setattr(partitioned_writer, "_SORTED_BYTES", 1)
    parts = _write(tmp_path / "parts", kinds, 3)
    assert whole.checksums == parts.checksums
    assert sorted(whole.checksums) == [f"kind={kind}/{NAME}" for kind in "abc"]
    assert (whole.rows, whole.text_bytes) == (len(kinds), 3 * len(kinds))
    for kind in "abc":
        found = pq.ParquetFile(tmp_path / "parts" / "corpus" / f"kind={kind}" / NAME).read()
        assert found["id"].to_pylist() == [f"d{n}" for n, own in enumerate(kinds) if own == kind]
        assert found.column_names == SCHEMA.names


def test_no_rows_make_one_file_outside_of_folders_if_it_is_kept(tmp_path: Path) -> None:
    writer = _write(tmp_path, [], 1)
    assert [*writer.checksums] == [NAME]
    assert [path.name for path in (tmp_path / "corpus").iterdir()] == [NAME]


def test_more_folders_than_allowed_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PartitionError, match=r"more than 2 of the values of the column 'kind' \(output.max_partitions"):
        _write(tmp_path, [*"abc"], 1, most=2)
    assert not (tmp_path / "corpus").exists()
