"""The pages of a column, told without Arrow: where they lie, and which of them is damaged."""

import io
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.reading.parquet_pages import (
    Chunk,
    UnknownPagesError,
    held_bytes,
    is_dictionary_damaged,
    list_pages,
    null_page,
    what_is_wrong,
)

ROWS = 500


def written(**options: Any) -> bytes:
    """Return a file of one column of long texts, whose pages hold a few rows each."""
    sink = io.BytesIO()
    table = pa.table({"text": [f"{row} the tide came in {row % 7}" for row in range(ROWS)]})
    kinds = {"use_dictionary": False, "compression": "snappy", "data_page_size": 700, "write_batch_size": 10, **options}
    pq.write_table(table, sink, **kinds)
    return sink.getvalue()


def chunk_of(data: bytes) -> Chunk:
    column = pq.read_metadata(io.BytesIO(data)).row_group(0).column(0)
    start = column.dictionary_page_offset or column.data_page_offset
    end = start + column.total_compressed_size
    return Chunk("text", start, end, column.compression, column.total_uncompressed_size, ROWS, False, True)


def reader(data: bytes) -> Callable[[int, int], bytes]:
    return lambda at, size: data[at : at + size]


@pytest.mark.parametrize(
    "options",
    [{}, {"data_page_version": "2.0"}, {"use_dictionary": True}, {"compression": "none"}, {"compression": "zstd"}],
    ids=str,
)
def test_the_pages_of_a_sound_column_follow_each_other_and_hold_all_rows(options: dict[str, Any]) -> None:
    data = written(**options)
    chunk = chunk_of(data)
    pages = list_pages(chunk, reader(data))
    assert len(pages) > 3
    assert sum(page.rows for page in pages) == ROWS
    assert [page.first_row for page in pages] == [sum(p.rows for p in pages[:k]) for k in range(len(pages))]
    assert all(a.start + a.size == b.start for a, b in pairwise(pages))
    assert pages[-1].start + pages[-1].size == chunk.end
    assert [what_is_wrong(chunk, page, reader(data)) for page in pages] == [""] * len(pages)
    assert is_dictionary_damaged(chunk, reader(data)) is False


@pytest.mark.parametrize(("options", "told"), [({}, "decompressed"), ({"write_page_checksum": True}, "checksum")])
def test_a_damaged_page_is_told_from_sound_ones(options: dict[str, Any], told: str) -> None:
    data = written(**options)
    chunk = chunk_of(data)
    pages = list_pages(chunk, reader(data))
    middle = pages[2]
    body = middle.start + middle.size // 2
    broken = data[:body] + b"\xff" * 20 + data[body + 20 :]
    wrong = [what_is_wrong(chunk, page, reader(broken)) for page in list_pages(chunk, reader(broken))]
    assert [bool(problem) for problem in wrong] == [k == 2 for k in range(len(pages))]
    assert told in wrong[2]


def test_where_a_header_is_damaged_all_up_to_the_next_sound_page_is_one_page() -> None:
    data = written()
    chunk = chunk_of(data)
    pages = list_pages(chunk, reader(data))
    broken = data[: pages[2].start] + b"\xff" * 4 + data[pages[2].start + 4 :]
    found = list_pages(chunk, reader(broken))
    assert found == pages
    assert "damaged" in what_is_wrong(chunk, found[2], reader(broken))
    with pytest.raises(UnknownPagesError):
        list_pages(chunk._replace(repeated=True), reader(broken))


def test_more_rows_than_the_column_has_are_told() -> None:
    data = written()
    with pytest.raises(UnknownPagesError, match="more than its 3 rows"):
        list_pages(chunk_of(data)._replace(rows=3), reader(data))


def test_what_reading_holds_is_the_dictionary_twice_and_the_largest_page() -> None:
    plain, dictionary = written(compression="none"), written(compression="none", use_dictionary=True)
    chunk = chunk_of(plain)
    largest = max(page.size for page in list_pages(chunk, reader(plain)))
    assert largest - 100 < held_bytes(chunk, reader(plain)) <= largest
    assert held_bytes(chunk_of(dictionary), reader(dictionary)) > 2 * len("0 the tide came in 0") * ROWS
    assert held_bytes(chunk, lambda *_: b"\xff" * 9) == 0


@given(rows=st.integers(0, 2**31 - 1), size=st.integers(0, 200), repeated=st.booleans())
def test_a_page_of_nulls_has_exactly_the_room_that_it_is_given(rows: int, size: int, repeated: bool) -> None:
    page = null_page(size, rows, repeated=repeated)
    assert page is None or len(page) == size
    assert (page is None) == (size < len(smallest(rows, repeated=repeated)))


def smallest(rows: int, *, repeated: bool) -> bytes:
    return next(page for size in range(300) if (page := null_page(size, rows, repeated=repeated)) is not None)


def test_arrow_reads_the_rows_around_a_page_that_nulls_stand_in_for() -> None:
    data = written(compression="none", write_page_checksum=False)
    chunk = chunk_of(data)
    pages = list_pages(chunk, reader(data))
    lost = pages[1]
    nulls = null_page(lost.size, lost.rows, repeated=False)
    assert nulls is not None
    patched = data[: lost.start] + nulls + data[lost.start + lost.size :]
    sound, found = (pq.read_table(io.BytesIO(file))["text"].to_pylist() for file in (data, patched))
    gone = range(lost.first_row, lost.first_row + lost.rows)
    assert found == [None if row in gone else text for row, text in enumerate(sound)]
