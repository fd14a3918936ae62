"""JSON: lines, lists, records over several lines, in any encoding."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.reading.splits import JSONL, TEXT, Part
from tests.transforms.reading.rows_read import brief, jsonl, read, read_file


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_lines_in_wide_encodings_are_read_and_named(tmp_path: Path, codec: str) -> None:
    text = '{"id": "a", "text": "schön 💥"}\n{"id": "b", "text": "漢字"}'
    (tmp_path / "in.jsonl").write_bytes(text.encode(codec))
    rows = read_file(tmp_path / "in.jsonl")
    assert [(row["id"], row["text"]) for row in rows] == [("a", "schön 💥"), ("b", "漢字")]
    assert {row["encoding"][:6] for row in rows} == {"utf-8" if codec == "utf-8-sig" else codec[:6]}


def test_what_does_not_fit_a_wide_encoding_is_replaced(tmp_path: Path) -> None:
    text = '{"id": "a", "text": "lone \ud800 here"}\n{"id": "b", "text": "x"}\n'
    (tmp_path / "in.jsonl").write_bytes(
        "\ufeff".encode("utf-16-le") + text.encode("utf-16-le", "surrogatepass") + b"\x41"
    )
    rows = read_file(tmp_path / "in.jsonl")
    assert [row["text"] for row in rows] == ["lone \ufffd here", "x", None]
    assert rows[0]["repairs"] == [{"rule": "read.lone-surrogate", "count": 1}]
    wrong = "\ufeff{".encode("utf-32-le") + b"\x00\x00\x11\x00" + '}\n{"text": "t"}'.encode("utf-32-le")
    (tmp_path / "in.jsonl").write_bytes(wrong)
    assert [row["text"] for row in read_file(tmp_path / "in.jsonl")] == [None, "t"]


def test_a_json_list_is_read_as_records(tmp_path: Path) -> None:
    path = tmp_path / "in.json"
    path.write_text(json.dumps([{"id": "a", "text": "x"}, {"text": "y"}], indent=2))
    assert brief(read_file(path)) == [("a", None), (f"{path}#1", None)]
    path.write_bytes(b"[1, 2]\n" + jsonl("a"))
    assert brief(read_file(path)) == [(f"{path}@0", "read.not-an-object"), ("a", None)]


def test_objects_over_many_lines_are_read_one_behind_the_other(tmp_path: Path) -> None:
    records = [{"id": name, "text": f"{name} }} {{", "n": {"m": [{}, {"k": 1}]}} for name in "abc"]
    path = tmp_path / "in.json"
    path.write_text("\n".join(json.dumps(record, indent=2) for record in records) + "\n")
    assert [(row["id"], row["text"]) for row in read_file(path)] == [(r["id"], r["text"]) for r in records]
    unnamed = json.dumps({"text": "x"}, indent=1) + "\r\n" + json.dumps({"text": "y"}, indent=1)
    path.write_text(unnamed)
    second = unnamed.index("{", 1)
    assert brief(read_file(path)) == [(f"{path}@0", None), (f"{path}@{second}", None)]


def test_objects_over_many_lines_need_not_fit_into_the_memory_of_one_document(tmp_path: Path) -> None:
    path = tmp_path / "in.json"
    path.write_text("".join(json.dumps({"id": str(k), "text": "t" * 100}, indent=1) + "\n" for k in range(5000)))
    rows = read_file(path, JSONL, InputSettings(max_document_bytes=2048, batch_bytes=1024))
    assert [row["id"] for row in rows] == [str(k) for k in range(5000)]


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le"])
@pytest.mark.parametrize("begin", ["", "\n ", "\ufeff"])
def test_json_of_every_shape_may_be_wide(tmp_path: Path, codec: str, begin: str) -> None:
    records = [{"id": "ж", "text": "ветер"}, {"id": "b", "text": "💥"}]
    path = tmp_path / "in.json"
    for shape in (
        json.dumps(records, ensure_ascii=False),
        "\n".join(json.dumps(r, ensure_ascii=False, indent=1) for r in records),
        "\n".join(json.dumps(r, ensure_ascii=False) for r in records),
    ):
        path.write_bytes((begin + shape).encode(codec))
        rows = read_file(path)
        assert [(r["id"], r["text"], r["encoding"]) for r in rows] == [(r["id"], r["text"], codec) for r in records]


@pytest.mark.parametrize("codec", ["cp1251", "shift_jis", "iso2022_jp", "cp500", "utf-16"])
def test_the_encoding_can_be_stated(tmp_path: Path, codec: str) -> None:
    text = {"cp1251": "нос", "shift_jis": "表示", "iso2022_jp": "表示", "cp500": "façade", "utf-16": "nez"}[codec]
    given = InputSettings(encoding=codec)
    (tmp_path / "in.txt").write_bytes(text.encode(codec))
    (row,) = read_file(tmp_path / "in.txt", TEXT, given)
    assert row["text"] == text
    lines = "".join(json.dumps({"id": name, "text": text}, ensure_ascii=False) + "\n" for name in "ab")
    (tmp_path / "in.jsonl").write_bytes(lines.encode(codec))
    assert [(r["id"], r["text"]) for r in read_file(tmp_path / "in.jsonl", JSONL, given)] == [("a", text), ("b", text)]
    (tmp_path / "in.json").write_bytes(json.dumps([{"id": "c", "text": text}], ensure_ascii=False).encode(codec))
    assert [r["text"] for r in read_file(tmp_path / "in.json", JSONL, given)] == [text]


def test_ranges_of_lines_in_a_stated_encoding_name_the_same_records(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(
        "".join(json.dumps({"text": f"нос {k}"}, ensure_ascii=False) + "\n" for k in range(50)).encode("cp1251")
    )
    given = InputSettings(encoding="cp1251")
    size = path.stat().st_size
    parts = [Part(str(path), JSONL, 0, 300), Part(str(path), JSONL, 300, 301), Part(str(path), JSONL, 301, None)]
    whole = read_file(path, JSONL, given)
    assert [(r["id"], r["text"]) for r in read(parts, given)] == [(r["id"], r["text"]) for r in whole]
    assert (len(whole), size > 301) == (50, True)


@pytest.mark.parametrize("name", ["windows-1225", "utf8x"])
def test_an_unknown_encoding_is_refused_with_the_nearest(name: str) -> None:
    with pytest.raises(ValidationError, match=f"{name}.*did you mean"):
        InputSettings(encoding=name)
