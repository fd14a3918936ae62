"""Parquet files of the output: their bytes depend on the rows alone."""

from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpusmill.transforms import sealed
from corpusmill.transforms.kernels.writing.settings import OutputSettings
from corpusmill.transforms.writing.shard_writer import (
    AUDIT_SCHEMA,
    KEYS,
    ShardWriter,
    audit_schema,
    corpus_schema,
    index_schema,
    removed_schema,
    scores_schema,
)

SCHEMA = corpus_schema({"year": pa.int64()})
METADATA = {"corpusmill.version": "1", "a": "b"}


def rows_of(n: int) -> pa.Table:
    return pa.Table.from_pylist(
        [{"id": f"d{k}", "text": "é" * (k % 40), "source": "in", "metadata": None, "year": k} for k in range(n)], SCHEMA
    )


def written(
    folder: Path, table: pa.Table, cuts: list[int], *, group: int = 1 << 20, metadata: dict[str, str] | None = None
) -> Path:
    path = folder / "part.parquet"
    settings_ = OutputSettings(row_group_size=group)
    with ShardWriter(str(path), str(folder / "_state"), SCHEMA, settings_, metadata or METADATA) as writer:
        bounds = [0, *sorted(cuts), len(table)]
        for start, end in pairwise(bounds):
            writer.write(table.slice(start, end - start))
    assert writer.rows == len(table)
    assert writer.text_bytes == sum(len(text.encode()) for text in table["text"].to_pylist())
    assert writer.written == path.exists()
    if writer.written:
        assert writer.checksum == sealed.checksum_of(str(path))
    return path


@given(n=st.integers(1, 60), cuts=st.lists(st.integers(0, 60), max_size=5))
@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_neither_the_cuts_nor_the_order_of_metadata_show_in_the_bytes(
    tmp_path_factory: pytest.TempPathFactory, n: int, cuts: list[int]
) -> None:
    one, other = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("other")
    table, group = rows_of(n), 1024
    whole = written(one, table, [], group=group).read_bytes()
    cut = [place for place in cuts if place <= n]
    assert written(other, table, cut, group=group, metadata=dict(reversed(METADATA.items()))).read_bytes() == whole


def test_row_groups_reach_their_size_and_hold_the_rows_in_order(tmp_path: Path) -> None:
    table = rows_of(300)
    path = written(tmp_path, table, [], group=1024)
    assert pq.read_table(path).equals(table)
    with pq.ParquetFile(path) as file:
        sizes = [
            sum(len(text.encode()) for text in file.read_row_group(k, ["text"])["text"].to_pylist())
            for k in range(file.num_row_groups)
        ]
        assert len(sizes) > 3
        assert all(1024 <= size < 1024 + 80 for size in sizes[:-1])
        assert file.schema_arrow.metadata[b"a"] == b"b"


def test_without_a_row_there_is_no_file_unless_readers_need_one(tmp_path: Path) -> None:
    assert not written(tmp_path, rows_of(0), []).exists()
    path = tmp_path / "kept.parquet"
    with ShardWriter(str(path), str(tmp_path / "_state"), SCHEMA, OutputSettings(), {}) as writer:
        writer.keep = True
    assert writer.written
    assert pq.read_table(path).equals(rows_of(0))
    assert pq.read_metadata(path).num_row_groups == 0


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("before", [0, 200])
def test_what_fails_leaves_no_file(tmp_path: Path, before: int) -> None:
    path = tmp_path / "part.parquet"
    settings_ = OutputSettings(row_group_size=1024)

    def fail() -> None:
        with ShardWriter(str(path), str(tmp_path / "_state"), SCHEMA, settings_, {}) as writer:
            writer.write(rows_of(before))  # of many rows, groups are on their way
            writer.write(rows_of(3).drop_columns(["text"]))

    with pytest.raises(KeyError):
        fail()
    assert not path.exists()
    assert not list((tmp_path / "_state").rglob("*.parquet*"))


def test_columns_come_where_they_are_asked_for() -> None:
    assert audit_schema() == AUDIT_SCHEMA
    full = audit_schema(overlaps=True, scored=True, partitioned=True).names
    assert [name for name in full if name not in AUDIT_SCHEMA.names] == ["detail", "partition", "overlaps"]
    assert full.index("detail") == full.index("reason") + 1
    assert corpus_schema({}, copies=True).names[:5] == ["id", "text", "source", "metadata", "copies"]
    assert corpus_schema({"year": pa.int64()}, [pa.field("language", pa.string())]).names[-2:] == ["year", "language"]
    assert scores_schema([pa.field("grade", pa.float64())]).names == ["id", "grade"]
    assert index_schema(3).field("band_keys").type == pa.binary(24)
    assert removed_schema(SCHEMA, 0) == SCHEMA
    assert [field.name for field in removed_schema(SCHEMA, 3).field(KEYS).type] == index_schema(3).names[1:]
