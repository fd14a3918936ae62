import pytest

from corpusmill.transforms.kernels.reading import json_cuts
from corpusmill.transforms.kernels.reading.json_cuts import holds_several, split_lines, split_records


def test_lines_know_where_they_start() -> None:
    block = b'{"text": "a first line"}\n{"text": "a second line"}\n{"text": "without an end"}'
    lines, starts = split_lines(block, 100)
    assert lines == block.split(b"\n")
    assert [block[start - 100 :][: len(line)] for line, start in zip(lines, starts, strict=True)] == lines


def test_short_blank_lines_are_left_out() -> None:
    assert split_lines(b"\n\n {}\n\t\r\n[]", 7) == ([b" {}", b"[]"], [9, 16])
    assert split_lines(b"\n" * 50, 0) == ([], [])


def test_objects_of_one_line_are_cut_with_their_places() -> None:
    line = '{"a": "é"} {"b": {}}\t{"c": "} {"}'.encode()
    assert holds_several(line)
    pieces, begins = split_records(line)
    assert pieces == ['{"a": "é"}'.encode(), b'{"b": {}}', b'{"c": "} {"}']
    assert [line[begin:][: len(piece)] for piece, begin in zip(pieces, begins, strict=True)] == pieces


def test_what_cannot_be_read_is_the_last_piece() -> None:
    assert split_records(b'{"a": 1} {"b": {"c": 2}') == ([b'{"a": 1}', b'{"b": {"c": 2}'], [0, 9])
    assert split_records(b'{"a": 1} 7 {"b": 2}') == ([b'{"a": 1}', b'7 {"b": 2}'], [0, 9])


def test_a_line_of_too_many_objects_stays_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_cuts, "MAX_OBJECTS", 3)
    assert split_records(b"{} {} {}")[0] == [b"{}"] * 3
    assert split_records(b"{} {} {} {}") == ([b"{} {} {} {}"], [0])
