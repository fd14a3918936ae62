"""Opening Parquet files, and how their columns are read."""

import tracemalloc
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.reading.parquet_files import (
    BAD_PARQUET,
    LARGE_PAGE,
    check_footer,
    check_memory,
    how_to_read,
    open_parquet,
)
from corpusmill.transforms.reading.streams import ReadError
from tests.transforms.reading.parquet_rows import TEXTS, long_texts, read, reasons


def test_a_footer_that_ends_the_process_is_found_out_in_another_one(path: Path) -> None:
    """A column that may be null by its statistics and may not by its schema: Arrow calls std::terminate."""
    pq.write_table(pa.table({"text": TEXTS, "a": ["x", None]}), path)
    sound = path.read_bytes()
    harmful = sound.replace(b"\x25\x02\x18\x01a", b"\x25\x00\x18\x01a")
    assert harmful != sound
    path.write_bytes(harmful)
    rows = read(path)
    assert reasons(rows) == ["read.bad-parquet"]
    assert "reading it ends the process that does" in rows[0]["error"]


def test_long_texts_in_one_row_group_are_not_read_as_a_dictionary(path: Path) -> None:
    """Arrow gives the whole dictionary with every batch: time and memory grew with the square of the row group."""
    texts = [f"{number} " + "the quay was wet " * 3000 for number in range(300)]
    pq.write_table(pa.table({"text": texts}), path)
    settings = InputSettings(batch_bytes=1 << 20)
    file = open_parquet(str(path))
    how = how_to_read(file, str(path), 0, 300 * len(texts[0]), settings)
    file.close(force=True)
    assert how.as_dictionaries == ()
    assert 10 <= how.rows <= 30
    assert [row["text"] for row in read(path, batch_bytes=1 << 20)] == texts


def test_a_text_that_is_stored_once_and_stands_for_many_is_read_as_a_dictionary(path: Path) -> None:
    text = "the ferry crosses the river " * 40_000
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 1000, pa.int32()), pa.array([text]))
    pq.write_table(pa.table({"text": column}), path)
    file = open_parquet(str(path))
    how = how_to_read(file, str(path), 0, path.stat().st_size, InputSettings())
    file.close(force=True)
    assert how.as_dictionaries == ("text",)


def test_python_has_no_copy_of_a_page(path: Path) -> None:
    """Arrow copies what a Python stream has read, so local files it reads itself."""
    size = sum(map(len, long_texts(path, compression="none", use_dictionary=False)))
    with open_parquet(str(path)) as file:
        tracemalloc.start()
        try:
            next(iter(file.iter_batches(1, [0], use_threads=False)))
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert most < size // 10


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "in.parquet"


@pytest.mark.parametrize("data", [b"", b"PAR1", b"no Parquet at all", b"PAR1" + bytes(40) + b"PAR1"])
def test_what_is_no_parquet_file_is_told_with_a_remedy(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with pytest.raises(ReadError, match=r"(?s)this is no sound Parquet file.*write or fetch it again") as told:
        open_parquet(str(path))
    assert told.value.reason == BAD_PARQUET


def test_bytes_of_a_footer_that_are_no_part_of_it_are_told(path: Path) -> None:
    pq.write_table(pa.table({"text": TEXTS}), path)
    with open_parquet(str(path)) as file:
        check_footer(file, str(path))
    data = path.read_bytes()
    length = int.from_bytes(data[-8:-4], "little")
    path.write_bytes(data[:-8] + bytes(5) + (length + 5).to_bytes(4, "little") + b"PAR1")
    with pq.ParquetFile(path) as file, pytest.raises(ReadError, match=r"5 of its .* bytes make no sense"):
        check_footer(file, str(path))


def test_the_memory_of_the_columns_that_are_read_is_limited(path: Path) -> None:
    pq.write_table(pa.table({"text": TEXTS, "html": ["x" * 100_000] * 2}), path, use_dictionary=False)
    settings = InputSettings(max_page_bytes=50_000)
    with open_parquet(str(path)) as file:
        check_memory(file, str(path), 0, ["text"], settings)
        with pytest.raises(ReadError, match="for column 'html', more than max_page_bytes = 50,000") as told:
            check_memory(file, str(path), 0, None, settings)
    assert told.value.reason == LARGE_PAGE
