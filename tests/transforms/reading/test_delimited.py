"""CSV and TSV files: headers, charsets, compression, ranges; what is wrong with a file or a row is a rejected row."""

import bz2
import csv
import gzip
import io
import itertools
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpusmill.inputs.plan import plan_splits
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.kernels.schema import document_schema
from corpusmill.transforms.reading.delimited import cut
from corpusmill.transforms.reading.read_split import read_split
from corpusmill.transforms.reading.splits import Part, Range, Split

DEFAULT = InputSettings()
TABLE = [("a", "Otters sleep holding hands.", "1"), ("b", "Ein Text, zwei\nZeilen: „so“.", "2"), ("c", 'Say "x".', "")]


def read(parts: Iterable[Part], given: InputSettings = DEFAULT) -> list[dict[str, Any]]:
    rows = []
    for batch in read_split(Split(0, tuple(parts)), given):
        batch.validate(full=True)
        assert batch.schema.equals(document_schema(given.kept_types()))
        rows += batch.to_pylist()
    for row in rows:
        assert (row["text"] is None) == (row["decision"] == "rejected") == bool(row["reason"]) == bool(row["error"])
    return rows


def read_bytes(
    folder: Path, data: bytes, kind: str = "csv", given: InputSettings = DEFAULT, name: str = "in"
) -> list[dict[str, Any]]:
    (folder / name).write_bytes(data)
    return read([Part(str(folder / name), kind)], given)


def written(delimiter: str = ",", header: tuple[str, ...] | None = ("id", "text", "rank"), table: Any = TABLE) -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows([*([header] if header else []), *table])
    return stream.getvalue()


def content(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    metadata = [json.loads(row["metadata"]) if row["metadata"] else {} for row in rows]
    return [(row["id"], row["text"], extra.get("rank", "")) for row, extra in zip(rows, metadata, strict=True)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("packed", [bytes, gzip.compress, bz2.compress])
def test_charsets_with_a_mark_and_compressed_files(tmp_path: Path, encoding: str, packed: Callable[..., Any]) -> None:
    rows = read_bytes(tmp_path, packed(written().encode(encoding)))
    assert content(rows) == TABLE
    assert {row["encoding"] for row in rows} <= {"utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"}
    assert (rows[0]["encoding"] == "utf-8") == encoding.startswith("utf-8")


def test_a_file_in_an_older_charset_is_read_header_and_all(tmp_path: Path) -> None:
    names = ("id", "Übersetzung", "text")
    table = [(str(k), "größer", f"Die Häuser der Straße {k} stehen schräg über dem Fluß.") for k in range(5)]
    rows = read_bytes(tmp_path, written(header=names, table=table).encode("cp1252"))
    assert [row["text"] for row in rows] == [text for _, _, text in table]
    assert json.loads(rows[0]["metadata"]) == {"Übersetzung": "größer"}


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("kind", ["csv", "tsv"])
def test_the_delimiter_is_the_one_that_gives_the_header_a_column_of_texts(
    tmp_path: Path, delimiter: str, kind: str
) -> None:
    assert content(read_bytes(tmp_path, written(delimiter).encode(), kind)) == TABLE


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_columns_may_be_named_by_the_configuration(tmp_path: Path, delimiter: str) -> None:
    given = InputSettings(csv_columns=["id", "text", "rank"])
    assert content(read_bytes(tmp_path, written(delimiter, header=None).encode(), given=given)) == TABLE


def test_ids_are_made_of_file_and_offset_where_there_are_none(tmp_path: Path) -> None:
    data = b"text\nfirst\nsecond\n"
    rows = read_bytes(tmp_path, data, name="in.csv")
    assert [(row["id"], row["offset"]) for row in rows] == [
        (f"{tmp_path}/in.csv@{offset}", offset) for offset in (5, 11)
    ]
    marked = read_bytes(tmp_path, b"\xef\xbb\xbf\r\n" + data)
    assert [row["offset"] for row in marked] == [10, 16]


@pytest.mark.parametrize(
    ("data", "reason", "remedy"),
    [
        (b"id,body\n1,x\n", "read.no-text", "(its first line: id, body); set text_column, or csv_columns"),
        (bytes(range(256)) * 20, "read.not-lines", "binary data"),
        (b"PK\x03\x04" + b"x" * 50, "read.not-lines", "unpack it"),
        (b'"never ends\n1,x\n', "read.no-text", "set text_column"),
        (b"id,text\n1,x\n2\n", "read.bad-row", "put fields that hold delimiters or line ends into quotes"),
    ],
)
def test_what_is_wrong_is_said_with_its_remedy(tmp_path: Path, data: bytes, reason: str, remedy: str) -> None:
    *_, row = read_bytes(tmp_path, data)
    assert row["reason"] == reason
    assert remedy in row["error"]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"id,text\n", b"\xef\xbb\xbf", b"id,text"])
def test_a_file_without_rows_gives_none(tmp_path: Path, data: bytes) -> None:
    assert [row for row in read_bytes(tmp_path, data) if row["reason"] != "read.no-text"] == []


def test_a_damaged_archive_gives_what_comes_before_and_says_so(tmp_path: Path) -> None:
    rows = read_bytes(tmp_path, gzip.compress(b"text\n" + b"a sound row\n" * 10)[:-9])
    assert [row["reason"] for row in rows][-1] == "read.truncated"
    assert {row["text"] for row in rows[:-1]} == {"a sound row"}


LINES = st.lists(st.sampled_from(["", "1,one", "2,två", "bad", "3,,", "4," + "x" * 30]), max_size=12)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LINES, st.booleans(), st.data())
def test_byte_ranges_read_every_row_once_and_in_order(
    tmp_path: Path, lines: list[Any], final: bool, data: st.DataObject
) -> None:
    encoded = ("id,text\n" + "\n".join(lines) + ("\n" if final else "")).encode()
    path = tmp_path / "in.csv"
    path.write_bytes(encoded)
    whole = read([Part(str(path), "csv")])
    bounds = [0, *sorted(data.draw(st.sets(st.integers(1, len(encoded) - 1), max_size=6))), None]
    parts = [Part(str(path), "csv", start or 0, end) for start, end in itertools.pairwise(bounds)]
    found = [row for part in parts for row in read([part])]
    number = {"split": None, "row": None}
    assert [{**row, **number} for row in found] == [{**row, **number} for row in whole]


@pytest.mark.parametrize("kind", ["csv", "tsv"])
def test_a_large_file_without_quotes_is_cut_and_one_with_quotes_is_not(tmp_path: Path, kind: str) -> None:
    small = InputSettings(split_bytes=1024)
    path = tmp_path / f"in.{kind}"
    delimiter = "," if kind == "csv" else "\t"
    path.write_text(f"id{delimiter}text\n" + f"1{delimiter}some words\n" * 300, encoding="utf-8")
    plan = plan_splits([str(path)], small)
    assert len(plan.splits) == -(-path.stat().st_size // 1024) > 3
    assert sum(len(read(split.parts, small)) for split in plan.splits) == 300
    with path.open("a", encoding="utf-8") as stream:
        stream.write(f'2{delimiter}"two\nlines"\n')
    (split,) = plan_splits([str(path)], small).splits
    assert len(read(split.parts, small)) == 301


def test_what_has_no_plain_lines_is_not_cut(tmp_path: Path) -> None:
    small = InputSettings(split_bytes=1024)
    path = tmp_path / "in.csv"
    for data in (gzip.compress(b"text\n"), "text\n".encode("utf-16"), bytes(2000)):
        path.write_bytes(data)
        assert cut(str(path), 5000, small) == []
    path.write_bytes(b"text\n" * 400)
    assert cut(str(path), 2000, small) == [Range(0, 1000, 1000), Range(1000, None, 1000)]
    assert cut("gs://bucket/in.csv", 5000, small) == []
