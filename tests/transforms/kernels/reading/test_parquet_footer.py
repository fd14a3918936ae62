"""The footer of a Parquet file, decoded and judged without Arrow."""

import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusmill.transforms.kernels.reading.parquet_footer import (
    PAGE_HEADER_BYTES,
    FooterError,
    decode_struct,
    dictionary_page,
    longest_value,
    why_implausible,
)
from tests.transforms.reading.parquet_rows import TEXTS


def footer_of(data: bytes) -> bytes:
    length = int.from_bytes(data[-8:-4], "little")
    return data[-8 - length : -8]


@pytest.mark.parametrize("options", [{}, {"version": "1.0", "use_dictionary": False}, {"data_page_version": "2.0"}])
def test_sound_footers_are_plausible(path: Path, options: dict[str, Any]) -> None:
    table = pa.table(
        {
            "text": TEXTS,
            "l": [[1, 2], None],
            "s": [{"x": 1, "y": {"z": ["q"]}}, None],
            "m": pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int32())),
            "d": pa.array(["u", None]).dictionary_encode(),
            "n": pa.nulls(2),
        }
    )
    pq.write_table(table, path, row_group_size=1, **options)
    data = path.read_bytes()
    assert why_implausible(footer_of(data), len(data)).problem == ""
    pq.write_table(table.slice(0, 0), path, **options)
    data = path.read_bytes()
    assert why_implausible(footer_of(data), len(data)).problem == ""


def test_footers_with_any_byte_changed_are_judged_or_read(path: Path) -> None:
    """Whatever is there, the judgement ends, and in words."""
    pq.write_table(pa.table({"text": TEXTS, "s": [{"x": 1}, None]}), path)
    data = path.read_bytes()
    footer, chance = footer_of(data), random.Random(4)
    for _ in range(2000):
        at = chance.randrange(len(footer))
        changed = footer[:at] + bytes([chance.randrange(256)]) + footer[at + 1 :]
        found = why_implausible(changed[: chance.choice([at, len(footer)])], len(data))
        assert isinstance(found.problem, str)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "in.parquet"


def varint(value: int) -> bytes:
    found = b""
    while value > 127:
        found += bytes([value & 127 | 128])
        value >>= 7
    return found + bytes([value])


@given(fields=st.dictionaries(st.integers(1, 15), st.integers(-(2**40), 2**40) | st.binary(max_size=20), max_size=8))
def test_a_struct_is_decoded_field_by_field(fields: dict[int, int | bytes]) -> None:
    data, before = b"", 0
    for number in sorted(fields):
        value = fields[number]
        kind, body = (
            (6, varint((value << 1) ^ (value >> 63))) if isinstance(value, int) else (8, varint(len(value)) + value)
        )
        data += bytes([(number - before) << 4 | kind]) + body
        before = number
    assert decode_struct(b"x" + data + b"\0rest", 1) == (fields, 1 + len(data) + 1)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "ends in the middle"),
        (b"\x15", "ends in the middle"),
        (b"\x18\x05ab", "a string is longer"),
        (b"\x19\xf5\xff\xff\x03", "a list is longer"),
        (b"\x15" + b"\xff" * 20, "too many digits"),
        (b"\x1c" * 40, "nested too deep"),
        (b"\x1d\0", "unknown type 13"),
    ],
)
def test_bytes_that_are_no_struct_are_told(data: bytes, message: str) -> None:
    with pytest.raises(FooterError, match=message):
        decode_struct(data)


def test_a_footer_that_contradicts_the_file_or_itself_is_told(path: Path) -> None:
    pq.write_table(pa.table({"text": ["a", "b"], "n": [1, 2]}), path)
    data = path.read_bytes()
    footer = footer_of(data)
    assert why_implausible(footer, len(data)).problem == ""
    assert "lies outside of the file" in why_implausible(footer, 40).problem
    assert why_implausible(footer + b"x", len(data)).problem == "1 bytes of the footer are no part of it"
    assert why_implausible(b"\0", len(data)).problem == "it has no schema"
    renamed = footer.replace(b"\x18\x01n", b"\x18\x01m", 1)  # in the schema only
    assert renamed != footer
    found = why_implausible(renamed, len(data))
    assert (found.certain, "is not what the schema says" in found.problem) == (True, True)


@given(values=st.lists(st.binary(max_size=9), max_size=6), more=st.integers(0, 3))
def test_the_longest_value_of_a_dictionary_is_found(values: list[bytes], more: int) -> None:
    page = b"".join(len(value).to_bytes(4, "little") + value for value in values)
    assert longest_value(page, len(values) + more) == max(map(len, values), default=0)


def test_the_header_of_a_dictionary_is_read_and_nothing_else_is_one(path: Path) -> None:
    pq.write_table(pa.table({"text": ["one", "two", "one"] * 5}), path, compression="none")
    data = path.read_bytes()
    column = pq.read_metadata(path).row_group(0).column(0)
    page = dictionary_page(data[column.dictionary_page_offset :][:PAGE_HEADER_BYTES])
    assert page is not None
    assert (page.values, page.expanded, page.stored) == (2, 14, 14)
    body = data[column.dictionary_page_offset + page.start :][: page.stored]
    assert longest_value(body, page.values) == 3
    assert dictionary_page(data[column.data_page_offset :][:PAGE_HEADER_BYTES]) is None
    assert dictionary_page(b"no page") is None
    assert dictionary_page(b"") is None
