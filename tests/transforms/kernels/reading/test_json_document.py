import json

import pytest

from corpusmill.transforms.kernels.reading import json_document
from corpusmill.transforms.kernels.reading.json_document import document_to_rows
from corpusmill.transforms.kernels.reading.rows import Rows
from corpusmill.transforms.kernels.reading.settings import InputSettings

SETTINGS = InputSettings()
RECORDS = [{"id": f"d{n}", "text": f"Café number {n}.", "n": 2**70 + n} for n in range(5)]


def rows_of(data: bytes) -> list[Rows]:
    found = document_to_rows(data, "in.json", SETTINGS)
    assert found is not None
    return found


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_list_gives_a_row_for_each_record_with_its_place(codec: str) -> None:
    data = json.dumps(RECORDS, ensure_ascii=False).encode(codec)
    (rows,) = rows_of(data)
    assert (rows.ids, rows.offsets) == (["d0", "d1", "d2", "d3", "d4"], [0, 1, 2, 3, 4])
    assert rows.texts == [record["text"] for record in RECORDS]
    assert [json.loads(value or b"")["n"] for value in rows.metadata] == [record["n"] for record in RECORDS]
    assert bool(rows.encodings) == (codec == "utf-16")


def test_long_lists_come_in_several_pieces_that_go_on_counting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_document, "MAX_BATCH_ROWS", 2)
    pieces = rows_of(json.dumps(RECORDS).encode())
    assert [piece.offsets for piece in pieces] == [[0, 1], [2, 3], [4]]
    assert [name for piece in pieces for name in piece.ids] == [record["id"] for record in RECORDS]


def test_a_single_object_is_one_record_and_other_items_are_rejected_alone() -> None:
    (one,) = rows_of(b'{"id": "a", "text": "Rain."}')
    assert one.ids == ["a"]
    (mixed,) = rows_of(b'[{"id": "a", "text": "Rain."}, 7]')
    assert (mixed.texts, list(mixed.rejected)) == (["Rain.", None], [1])


def test_what_is_no_json_is_no_document() -> None:
    assert document_to_rows(b"[1, 2", "in.json", SETTINGS) is None


def test_half_characters_are_counted_once_for_the_file() -> None:
    (rows,) = rows_of(rb'[{"text": "a"}, {"text": "\ud83d"}]')
    assert rows.texts[1] == "\N{REPLACEMENT CHARACTER}"
    assert rows.findings == {0: (("read.lone-surrogate", 1),)}
