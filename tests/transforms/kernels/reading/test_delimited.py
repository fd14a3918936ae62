"""CSV and TSV: the same rows however the bytes are cut; what is no row is said, and costs only itself."""

import csv
import io
import itertools
import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.reading.delimited import MAX_COLUMNS, Delimited, column_names, next_row
from corpusmill.transforms.kernels.reading.settings import MAX_BATCH_ROWS, InputSettings

DEFAULT = InputSettings()
NAMES = ("id", "text", "note")


def read(
    data: bytes,
    *,
    delimiter: bytes = b",",
    names: Any = NAMES,
    given: InputSettings = DEFAULT,
    cuts: Iterable[int] = (),
) -> list[dict[str, Any]]:
    """Read whole lines in blocks that end at `cuts`; return what was found."""
    reader = Delimited("in.csv", given, delimiter, names)
    bounds = [0, *cuts, len(data)]
    pieces = [rows for a, b in itertools.pairwise(bounds) for rows in reader.read(data[a:b], a)]
    pieces += list(reader.finish())
    found = []
    for rows in pieces:
        for row in range(len(rows)):
            why = rows.rejected.get(row)
            note = json.loads(rows.metadata[row] or b"{}")
            found.append(
                {
                    "offset": rows.offsets[row],
                    "id": rows.ids[row],
                    "text": rows.texts[row],
                    "note": note.get("note"),
                    "reason": why.reason if why else None,
                    "error": why.error if why else None,
                    "encoding": rows.encodings.get(row, "utf-8"),
                    "findings": rows.findings.get(row, ()),
                }
            )
    return found


def brief(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(row["id"], row["text"], row["note"], row["reason"]) for row in rows]


def test_quoted_fields_hold_delimiters_line_ends_and_doubled_quotes() -> None:
    data = b'a,"One, two.","x"\r\nb,"First line.\nSecond ""line"".",\r\nc,plain,"y"'
    rows = read(data)
    assert brief(rows) == [
        ("a", "One, two.", "x", None),
        ("b", 'First line.\nSecond "line".', None, None),
        ("c", "plain", "y", None),
    ]
    assert [row["offset"] for row in rows] == [0, data.index(b"b,"), data.index(b"c,")]
    assert not any(row["findings"] for row in rows)


FIELDS = st.text(alphabet='ab",;\n\r\té ', max_size=8)


@settings(deadline=None)
@given(st.lists(st.tuples(FIELDS, FIELDS, FIELDS), max_size=8), st.sampled_from([",", "\t", ";"]), st.data())
def test_what_a_csv_writer_writes_is_read_back_however_it_is_cut(
    table: list[tuple[str, str, str]], delimiter: str, data: st.DataObject
) -> None:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(table)
    content = stream.getvalue().encode()
    ends = [position + 1 for position, byte in enumerate(content) if byte == ord("\n")]
    cuts = sorted(data.draw(st.sets(st.sampled_from(ends)))) if ends else []
    rows = read(content, delimiter=delimiter.encode(), cuts=cuts)
    assert [(row["text"], row["note"]) for row in rows] == [(text, note or None) for _, text, note in table]
    assert [row["id"] for row in rows] == [
        name or f"in.csv@{row['offset']}" for (name, _, _), row in zip(table, rows, strict=True)
    ]
    assert all(row["reason"] is None for row in rows)


LINES = st.lists(st.text(alphabet='a",é', max_size=9), max_size=10)


@settings(deadline=None)
@given(LINES, st.data())
def test_any_lines_give_the_same_rows_however_they_are_cut_and_none_is_lost(
    lines: list[str], data: st.DataObject
) -> None:
    content = "".join(line + "\n" for line in lines).encode()
    ends = [position + 1 for position, byte in enumerate(content) if byte == ord("\n")]
    cuts = sorted(data.draw(st.sets(st.sampled_from(ends)))) if ends else []
    whole = read(content, cuts=())
    assert read(content, cuts=cuts) == whole
    offsets = [row["offset"] for row in whole]
    assert offsets == sorted(set(offsets))
    if '"' not in "".join(lines):
        assert len(whole) == sum(line != "" for line in lines)


@pytest.mark.parametrize(
    ("row", "error"),
    [
        (b"a,b", "the row has 2 fields, the file 3 columns"),
        (b"a,b,c,d", "the row has 4 fields, the file 3 columns"),
        (b'a,"b" c,d,e', "a field begins with a quote"),
        (b'a,"never ends', "a field begins with a quote"),
    ],
)
def test_a_bad_row_costs_itself_only_and_is_explained(row: bytes, error: str) -> None:
    rows = read(b"1,one,x\n" + row + b"\n2,two,y\n")
    assert [(found["id"], found["reason"]) for found in rows] == [
        ("1", None),
        ("in.csv@8", "read.bad-row"),
        ("2", None),
    ]
    assert rows[1]["error"].startswith(error)
    assert ";" in rows[1]["error"], "the remedy"


def test_quotes_that_quote_nothing_are_text() -> None:
    data = b'1\t"Hello" she said\tx\n2\t"Well\ty\n3\tsize 5" disk\tz\n4\ta "b" c\tw\n'
    rows = read(data, delimiter=b"\t")
    assert brief(rows) == [
        ("1", '"Hello" she said', "x", None),
        ("2", '"Well', "y", None),
        ("3", 'size 5" disk', "z", None),
        ("4", 'a "b" c', "w", None),
    ]
    assert [row["findings"] for row in rows] == [
        (("read.stray-quotes", 2),),
        (("read.stray-quotes", 1),),
        (),
        (),
    ]


def test_blank_lines_are_no_rows_but_a_row_of_empty_fields_is_one() -> None:
    assert brief(read(b"\n \r\n1,one,\n\n,,\n")) == [("1", "one", None, None), ("in.csv@12", "", None, None)]


def test_rows_in_another_charset_are_detected_and_named() -> None:
    texts = ["Übermäßig süße Äpfel fielen über Nacht", "Die größte Höhle liegt südlich der Brücke"]
    rows = read("".join(f'{k},"{text}, ja",ü\n' for k, text in enumerate(texts)).encode("cp1252"))
    assert [row["text"] for row in rows] == [f"{text}, ja" for text in texts]
    assert all(row["encoding"] in ("cp1252", "iso8859-1", "iso8859-15") for row in rows)
    assert [row["note"] for row in rows] == ["ü", "ü"]


@pytest.mark.parametrize("cuts", [(), (503, 1003, 1503)])
def test_a_record_that_is_too_long_is_rejected_with_the_key_to_raise(cuts: tuple[int, ...]) -> None:
    small = InputSettings(max_document_bytes=1024, batch_bytes=1024)
    rows = read(b'1,"' + b"word\n" * 400 + b'",x\n2,two,y\n', given=small, cuts=cuts)
    assert rows[0]["reason"] == "read.bad-row"
    assert "max_document_bytes = 1,024" in rows[0]["error"]
    assert (len(rows), rows[-1]["id"]) == (402, "2")
    (row,) = read(b"1," + b"w" * 2000 + b",x\n", given=small)
    assert row["reason"] == "read.too-long"


def test_a_quote_without_end_does_not_swallow_what_follows() -> None:
    small = InputSettings(max_document_bytes=1024, batch_bytes=1024)
    lines = [f"{k},text number {k},x\n".encode() for k in range(500)]
    lines[3] = b'3,"an open quote,x,y\n'
    cuts = [sum(map(len, lines[: k + 1])) for k in range(0, 500, 40)]
    rows = read(b"".join(lines), given=small, cuts=cuts)
    assert [row["id"] for row in rows if row["reason"] is None] == [str(k) for k in range(500) if k != 3]
    assert [row["reason"] for row in rows if row["reason"]] == ["read.bad-row"]


def test_batches_are_bounded() -> None:
    reader = Delimited("in.csv", DEFAULT, b",", ["text"])
    pieces = [*reader.read(b"a\n" * (2 * MAX_BATCH_ROWS + 1), 0), *reader.finish()]
    assert max(map(len, pieces)) == MAX_BATCH_ROWS
    assert sum(map(len, pieces)) == 2 * MAX_BATCH_ROWS + 1


def test_typed_columns_are_kept() -> None:
    keeping = InputSettings(keep_columns={"year": "int64", "when": "date"})
    reader = Delimited("in.csv", keeping, b",", ["text", "year", "when"])
    rows = [*reader.read(b"a,2001,2024-05-01\nb,soon,\n", 0), *reader.finish()][0]
    assert [array.to_pylist()[:1] for array in rows.kept["year"]] == [[2001]]
    assert rows.kept["when"][0][1].as_py() is None
    assert json.loads(rows.metadata[1] or b"") == {"year": "soon"}


def test_a_row_is_found_in_linear_time() -> None:
    data = b'"' + b'""' * 200_000 + b'"\n'
    row = next_row(data, 0, b",", is_end=True)
    assert row is not None
    assert row.fields == [b'"' * 200_000]
    assert next_row(data[:-2], 0, b",", is_end=False) is None


@pytest.mark.parametrize("line", [b"," * 300_000, b'"",' * 300_000])
def test_a_line_of_delimiters_makes_no_more_fields_than_a_file_may_have(line: bytes) -> None:
    row = next_row(line, 0, b",", is_end=True)
    assert row is not None
    assert len(row.fields or []) <= MAX_COLUMNS + 1
    assert [found["reason"] for found in read(line + b"\n1,one,x\n")] == ["read.bad-row", None]


def test_names_are_different_and_never_empty() -> None:
    assert column_names(["a", "", "a", " b ", "a", "a_2"]) == ["a", "column_2", "a_2", "b", "a_3", "a_2_2"]
