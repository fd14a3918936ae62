"""JSON lines to rows: nothing lost, whatever the line holds."""

import json
import math
from codecs import BOM_UTF8
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import orjson
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from corpusmill.transforms.kernels.reading.json_cuts import split_lines, split_records
from corpusmill.transforms.kernels.reading.json_document import document_to_rows
from corpusmill.transforms.kernels.reading.json_lines import MAX_BAD_LINES, JsonLines
from corpusmill.transforms.kernels.reading.json_numbers import _tokens, dump
from corpusmill.transforms.kernels.reading.rows import Rows
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.kernels.schema import document_schema

DEFAULT = InputSettings()

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
)
VALUES = st.recursive(
    SCALARS, lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=4), x, max_size=3), max_leaves=5
)
RECORDS = st.dictionaries(
    st.sampled_from(["id", "text", "title", "url", "n", "tags"]) | st.text(max_size=4), VALUES, max_size=6
)


def read(data: str | bytes, settings: InputSettings = DEFAULT, cuts: Iterable[int] = ()) -> pa.RecordBatch:
    """Read lines in the blocks that the cuts (indices of lines) make, as one batch."""
    if isinstance(data, str):
        lines = [line.encode() for line in data.splitlines(keepends=True)]
    else:
        lines = data.split(b"\n")
        lines = [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    reader = JsonLines("in.jsonl", settings)
    rows = Rows()
    offset = 0
    bounds = [0, *sorted(set(cuts)), len(lines)]
    for begin, end in pairwise(bounds):
        block = b"".join(lines[begin:end])
        if block:
            for piece in reader.read(block, offset):
                rows.extend(piece)
        offset += len(block)
    rows.extend(reader.finish())
    batch = rows.to_batch(0, 0, settings.kept_types())
    batch.validate(full=True)
    assert batch.schema == document_schema(settings.kept_types())
    return batch


def one(line: str | bytes, settings: InputSettings = DEFAULT) -> dict[str, Any]:
    """Read one line; return its row as a dict."""
    found: list[dict[str, Any]] = read(line if isinstance(line, bytes) else line.encode(), settings).to_pylist()
    assert len(found) == 1
    return found[0]


@settings(deadline=None, max_examples=60)
@given(st.lists(RECORDS, max_size=12), st.data())
def test_every_record_is_one_row_and_nothing_of_it_is_lost(records: list[Any], data: st.DataObject) -> None:
    text = "".join(json.dumps(record, ensure_ascii=data.draw(st.booleans())) + "\n" for record in records)
    rows = read(text.encode()).to_pylist()
    assert len(rows) == len(records)
    for record, row in zip(records, rows, strict=True):
        if isinstance(record.get("text"), str):
            assert (row["decision"], row["text"], row["reason"]) == ("kept", record["text"], None)
            assert row["chars_in"] == len(record["text"])
            rest = dict(record)
            del rest["text"]
            name = rest.pop("id", None)
            if isinstance(name, str) and name:
                assert row["id"] == name
            elif type(name) in (int, float):
                assert json.loads(row["id"]) == name
            else:
                assert row["id"] == f"in.jsonl@{row['offset']}"
                if name not in (None, ""):
                    rest["id"] = name
            assert json.loads(row["metadata"] or "{}") == rest
            assert row["title"] == (rest.get("title") if isinstance(rest.get("title"), str) else None)
        else:
            assert (row["decision"], row["text"], row["chars_in"]) == ("rejected", None, 0)
            assert row["reason"] == ("read.no-text" if record.get("text") is None else "read.text-not-a-string")
            assert row["error"]
            assert row["excerpt"]


ODD_LINES = st.sampled_from(
    [
        b"",
        b"   ",
        BOM_UTF8 + b" ",
        b"{",
        b"no json",
        b"[1]",
        b"null",
        b'"x"',
        b"7",
        b'{"text":"a"}',
        b'{"id":"i","text":"caf\xe9 cr\xe8me"}',
        b'{"id":"i","text":"\\ud800"}',
        b'{"id":"i","text":"a\x00b"}',
        b'{"id":NaN,"text":"a"}',
        b'{"id":"r","text":"\xc3\xa9"}\r',
        b"\xff\xfe\x00",
        b'\xef\xbb\xbf{"id":"bom","text":"x"}',
        b'{"text":' + b"[" * 2000 + b"]" * 2000 + b"}",
    ]
) | st.binary(max_size=12).filter(lambda line: b"\n" not in line)


@settings(deadline=None, max_examples=150)
@given(st.lists(ODD_LINES, max_size=30), st.lists(st.integers(0, 30), max_size=5))
def test_every_line_that_is_not_blank_is_one_row_however_the_lines_are_cut(lines: list[Any], cuts: list[int]) -> None:
    data = b"\n".join(lines)
    whole = read(data)
    assert whole.num_rows == sum(1 for line in lines if line.removeprefix(BOM_UTF8).strip(b" \t\r\x0b\x0c"))
    count = len(data.split(b"\n")) - (not data.endswith(b"\n") and not data)
    assert read(data, cuts=[cut for cut in cuts if cut < count]).equals(whole)
    for row in whole.to_pylist():
        assert (row["text"] is None) == (row["decision"] == "rejected") == (row["error"] is not None)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from([b"", b" ", b"\t\r", b"a", b"bc", b"long " * 20]), max_size=40), st.booleans())
def test_lines_are_cut_at_line_feeds_only(lines: list[Any], final: bool) -> None:
    block = b"\n".join(lines) + (b"\n" if final else b"")
    found, starts = split_lines(block, 100)
    ink = [(line, start) for line, start in zip(found, starts, strict=True) if line.strip()]
    expected, offset = [], 100
    for line in block.split(b"\n"):
        if line.strip():
            expected.append((line, offset))
        offset += len(line) + 1
    assert ink == expected


def test_integers_beyond_64_bits_and_infinite_numbers_are_kept_exactly() -> None:
    row = one(
        '{"id": 123456789012345678901234567890, "text": "t", "n": -98765432109876543210, "l": [1e999, {"x": 2e16}]}'
    )
    assert row["id"] == "123456789012345678901234567890"
    assert json.loads(row["metadata"]) == {"n": -98765432109876543210, "l": ["1e999", {"x": 2e16}]}
    for number in (-(2**63) - 1, 2**64, 10**18 + 1, -(10**18) - 1, 10**99 + 1, 10**100 + 1):
        assert json.loads(one(f'{{"id":{number},"text":"t","n":{number}}}')["metadata"]) == {"n": number}
        assert one(f'{{"id":{number},"text":"t","n":{number}}}')["id"] == str(number)
    assert json.loads(one('{"id":"a","text":"t","n":12345678901234567890123}')["metadata"]) == {
        "n": 12345678901234567890123
    }


@pytest.mark.parametrize("depth", [100, 300, 480, 520, 900, 1020])
def test_deep_metadata_is_kept_and_never_breaks_the_reading(depth: int) -> None:
    deep = "[" * depth + "7" + "]" * depth
    row = one(f'{{"text":"t","x":{deep}}}')
    assert row["metadata"] == f'{{"x":{deep}}}'
    large = "[" * depth + str(2**70) + "]" * depth
    row = one(f'{{"text":"t","x":{large}}}')
    assert (row["metadata"] == f'{{"x":{large}}}') == (depth < 500)
    assert row["metadata"].count("[") == depth
    row = one(f'{{"text":"t","n":NaN,"x":{deep}}}')
    assert row["reason"] == (None if depth < 500 else "read.too-deep")


@settings(deadline=None, max_examples=100)
@given(VALUES)
def test_json_written_without_recursion_reads_back(value: Any) -> None:
    assert json.loads("".join(_tokens(value))) == value
    assert json.loads(dump([value, 2**80])) == [value, 2**80]


def test_text_that_is_not_a_number_is_not_taken_for_a_string() -> None:
    assert one('{"id": "a", "text": NaN}')["reason"] == "read.text-not-a-string"
    assert json.loads(one('{"id": "a", "text": "t", "x": NaN}')["metadata"]) == {"x": "NaN"}


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.sampled_from([r"\ud800", r"\udc80", r"\ud83d\udca5", r"\\", r"\\ud800", r"\n", "x", r"\u00e9"]), max_size=8
    )
)
def test_escapes_without_partner_become_replacement_characters(parts: list[str]) -> None:
    line = f'{{"id":"a","text":"{"".join(parts)}"}}'
    expected = json.loads(line)["text"].encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    row = one(line)
    lone = json.loads(line)["text"].encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    count = sum(0xD800 <= ord(c) < 0xE000 for c in lone)
    assert len(row["text"]) == len(lone)
    assert row["text"].count("\ufffd") == count
    assert row["repairs"] == ([{"rule": "read.lone-surrogate", "count": count}] if count else None)
    assert row["text"].replace("\ufffd", "") == expected.replace("\ufffd", "")


def test_raw_control_characters_are_read_and_reported() -> None:
    row = one(b'{"id": "n", "text": "a\x00b\tc"}')
    assert row["text"] == "a\x00b\tc"
    assert row["repairs"] == [{"rule": "read.raw-controls", "count": 2}]


def test_another_charset_is_named() -> None:
    line = '{"id": "ru", "text": "Старый фонарь светил всю ночь, и никто не знал, кто его зажигает по вечерам."}'
    row = one(line.encode("cp1251"))
    assert (row["encoding"], row["text"][:13]) == ("cp1251", "Старый фонарь")


@pytest.mark.parametrize(
    ("line", "reason", "hint"),
    [
        ("{'id': 'a', 'text': 'b'}", "read.bad-json", "Python"),
        ('{"id": "a", "text": "cut', "read.bad-json", "cut off"),
        ('{"text": "a"}"text": "b"}', "read.bad-json", "two records"),
        ('{"text": "a"}, ', "read.bad-json", "take the comma off its end"),
        ("<html>", "read.bad-json", "begins with {"),
        ("[1, 2]", "read.not-an-object", "a list"),
        ('{"text": ' + "[" * 5000, "read.too-deep", "flatten"),
        ('{"body": "b"}', "read.no-text", "body"),
        ('{"text": false}', "read.text-not-a-string", "true or false"),
    ],
)
def test_a_rejection_says_what_is_wrong_and_what_helps(line: str, reason: str, hint: str) -> None:
    row = one(line)
    assert row["reason"] == reason
    assert hint in row["error"]
    assert row["excerpt"].startswith(line[:20])


def test_longer_lines_than_allowed_are_rejected_by_their_length() -> None:
    few = InputSettings(max_document_bytes=1024)
    fits = json.dumps({"text": "a" * 1000})
    row = one(json.dumps({"text": "a" * 2000}), few)
    assert (row["reason"], one(fits, few)["decision"]) == ("read.too-long", "kept")
    assert "2,012" in row["error"]
    assert len(row["excerpt"]) == 200


def test_a_long_run_of_bad_lines_is_one_row_up_to_the_next_record() -> None:
    good = b'{"id":"%d","text":"t"}\n'
    data = (
        good % 1
        + b"}\n" * (MAX_BAD_LINES + 500)
        + b"\n{\n[2]\n"
        + good % 2
        + b"}\n"
        + good % 3
        + b"x\n" * (MAX_BAD_LINES + 1)
    )
    rows = read(data).to_pylist()
    assert len(rows) == 3 + MAX_BAD_LINES + 1 + 1 + MAX_BAD_LINES + 1
    shared = rows[MAX_BAD_LINES + 1]
    assert shared["offset"] == len(good % 1) + 2 * MAX_BAD_LINES
    assert "501 more" in shared["error"]
    assert [row["id"] for row in rows if row["decision"] == "kept"] == ["1", "2", "3"]
    assert [row["offset"] for row in rows] == sorted(row["offset"] for row in rows)
    count = data.count(b"\n")
    assert read(data, cuts=range(0, count, 97)).to_pylist() == rows


def test_generated_ids_are_unique_places() -> None:
    rows = read(
        b'{"text":"a"}\n{"id":null,"text":"b"}\n{"id":"","text":"c"}\n{"id":["x"],"text":"d"}\n{"id":true,"text":"e"}'
    ).to_pylist()
    assert [row["id"] for row in rows] == [f"in.jsonl@{row['offset']}" for row in rows]
    assert len({row["id"] for row in rows}) == 5
    assert [row["metadata"] for row in rows] == [None, None, None, '{"id":["x"]}', '{"id":true}']


KEPT = InputSettings(
    keep_columns={"s": "string", "n": "int64", "f": "double", "b": "bool", "t": "timestamp", "d": "date"}
)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                name: SCALARS
                | st.sampled_from(
                    ["7", "1e3", "true", "2020-02-29", "2020-02-29T12:00:00", "2020-02-29T12:00:00+02:00", [1], 3.0]
                )
                for name in "snfbtd"
            },
        ),
        min_size=1,
        max_size=6,
    )
)
def test_typed_columns_do_not_depend_on_the_other_rows_and_lose_nothing(records: list[Any]) -> None:
    lines = [
        orjson.dumps({"id": "a", "text": "t", **r})
        if all(not isinstance(v, int) or abs(v) < 2**63 for v in r.values())
        else json.dumps({"id": "a", "text": "t", **r}).encode()
        for r in records
    ]
    together = read(b"\n".join(lines), KEPT)
    alone = pa.Table.from_batches([read(line, KEPT) for line in lines])
    for name in (*"snfbtd", "metadata"):
        assert together[name].to_pylist() == alone[name].to_pylist()
    for record, row in zip(records, together.to_pylist(), strict=True):
        left = json.loads(row["metadata"] or "{}")
        for name, value in record.items():
            if value is not None:
                assert (row[name] is None) == (name in left)
                if row[name] is None:
                    assert left[name] == value
    numbers = together["n"].to_pylist()
    assert all(n is None or float(r["n"]) == n or int(r["n"]) == n for n, r in zip(numbers, records, strict=True))


def test_values_are_converted_to_the_type_of_their_column() -> None:
    row = one('{"text":"t","s":5,"n":"7","f":1,"b":"True","t":"2020-02-29T12:00:00+02:00","d":"2020-02-29"}', KEPT)
    assert (row["s"], row["n"], row["f"], row["b"], row["metadata"]) == ("5", 7, 1.0, True, None)
    assert row["t"].isoformat() == "2020-02-29T10:00:00+00:00"
    assert row["d"].isoformat() == "2020-02-29"


def test_title_and_url_may_be_kept_and_then_leave_the_metadata() -> None:
    keeping = InputSettings(keep_columns={"url": "string"})
    row = one('{"text":"t","url":"http://a","title":"T"}', keeping)
    assert (row["url"], row["title"], row["metadata"]) == ("http://a", "T", '{"title":"T"}')
    assert keeping.kept_types() == {}


def test_metadata_can_be_dropped() -> None:
    assert one('{"text":"t","x":1}', InputSettings(metadata="drop"))["metadata"] is None


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"id_column": "text"}, "two different"),
        ({"keep_columns": {"source": "string"}}, "'source'"),
        ({"keep_columns": {"text": "string"}}, "kept anyway"),
        ({"keep_columns": {"url": "int64"}}, "use 'string'"),
        ({"keep_columns": {"title": "string"}, "title_column": "headline"}, "'title'"),
        ({"keep_columns": {"x": "float"}}, "int64"),
        ({"split_bytes": 3}, "1024"),
    ],
)
def test_settings_that_cannot_work_are_refused_with_the_reason(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        InputSettings(**values)


def test_a_json_list_and_a_record_over_many_lines_are_read_whole() -> None:
    records = [{"id": "a", "text": "x", "n": 2**70}, {"text": "y"}, 5]
    (rows,) = document_to_rows(json.dumps(records, indent=1).encode(), "in.json", DEFAULT) or []
    found = rows.to_batch(0, 0, {}).to_pylist()
    assert [(row["id"], row["text"], row["offset"]) for row in found] == [
        ("a", "x", 0),
        ("in.json#1", "y", 1),
        ("in.json#2", None, 2),
    ]
    assert json.loads(found[0]["metadata"]) == {"n": 2**70}
    (rows,) = document_to_rows(json.dumps({"id": "b", "text": "z"}, indent=2).encode(), "in.json", DEFAULT) or []
    assert rows.ids == ["b"]
    assert document_to_rows(b'[1]\n{"text":"a"}', "in.json", DEFAULT) is None


def test_floats_read_back_as_they_were() -> None:
    for value in (0.1, 1e-300, 123456.789, 2.0**52 + 0.5, 1e22, math.pi):
        assert json.loads(one(json.dumps({"text": "t", "x": value}))["metadata"])["x"] == value


def test_objects_one_behind_the_other_are_records_with_their_own_places() -> None:
    line = '{"id": "a", "text": "é } {"} {"text": "b"}{"text": "c"}\n{"text": "d"}\n'
    rows = read(line).to_pylist()
    assert [row["text"] for row in rows] == ["é } {", "b", "c", "d"]
    data = line.encode()
    places = [data.index(b'{"text": "%c"}' % name) for name in b"bcd"]
    assert [row["id"] for row in rows] == ["a", *(f"in.jsonl@{place}" for place in places)]


def test_what_is_broken_behind_a_record_is_a_row_of_its_own() -> None:
    rows = read('{"text": "a"} {"text": "b"} {"text": \n{"text": "d"}\n').to_pylist()
    assert [(row["text"], row["reason"]) for row in rows] == [
        ("a", None),
        ("b", None),
        (None, "read.bad-json"),
        ("d", None),
    ]


@given(st.lists(RECORDS, min_size=1, max_size=5), st.sampled_from(["", " ", "\t"]))
def test_pieces_of_a_line_are_its_records(records: list[Any], between: str) -> None:
    dumped = [json.dumps(record, ensure_ascii=False) for record in records]
    pieces, begins = split_records(between.join(dumped).encode())
    assert [piece.decode() for piece in pieces] == dumped
    whole = between.join(dumped).encode()
    assert all(whole.startswith(piece, begin) for begin, piece in zip(begins, pieces, strict=True))


@pytest.mark.parametrize("codec", ["cp1251", "shift_jis", "gb18030", "iso8859-15"])
def test_lines_in_a_stated_encoding_are_read_in_it(codec: str) -> None:
    texts = ["plain", {"cp1251": "нос", "shift_jis": "表示ソ", "gb18030": "一丁", "iso8859-15": "5 €"}[codec]]
    data = "".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts).encode(codec)
    reader = JsonLines("in.jsonl", DEFAULT, codec)
    (rows,) = reader.read(data, 0)
    assert rows.texts == texts
    assert rows.encodings == {1: codec}


def test_a_stated_encoding_that_a_line_does_not_fit_is_counted() -> None:
    (rows,) = JsonLines("in.jsonl", DEFAULT, "cp1252").read(b'{"text": "a\x81"}\n', 0)
    assert rows.texts == ["a\N{REPLACEMENT CHARACTER}"]
    assert rows.findings == {0: (("read.invalid-bytes", 1),)}


def test_a_single_line_of_two_records_among_lines_is_a_fault() -> None:
    rows = read('{"text": "a"}\n{"text": "b"}{"text": "c"}\n{"text": "d"}\n').to_pylist()
    assert [row["reason"] for row in rows] == [None, "read.bad-json", None]
    assert "two records" in rows[1]["error"]
