import gzip
from pathlib import Path

import pytest

from corpusmill.transforms.kernels.reading.rows import Rows
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.reading.splits import TEXT, Part
from corpusmill.transforms.reading.text import cut, read


def rows_of(path: Path, **values: object) -> Rows:
    (rows,) = read(Part(str(path), TEXT), "page.txt", InputSettings.model_validate(values))
    return rows


def test_a_file_is_one_document_whatever_it_is_packed_in(tmp_path: Path) -> None:
    for data in ("Straße\n".encode(), gzip.compress("Straße\n".encode())):
        (tmp_path / "a").write_bytes(data)
        rows = rows_of(tmp_path / "a")
        assert (rows.ids, rows.texts, rows.encodings) == (["page.txt"], ["Straße\n"], {})
    (tmp_path / "a").write_bytes("Straße".encode("cp1252"))
    assert rows_of(tmp_path / "a", encoding="cp1252").encodings == {0: "cp1252"}
    assert cut(str(tmp_path / "a"), 10, InputSettings()) == []


@pytest.mark.parametrize(
    ("data", "reason", "remedy"),
    [
        (b"%PDF-1.7 ...", "read.bad-encoding", "this is a PDF document; extract its text first"),
        (bytes(range(256)) * 9, "read.bad-encoding", "--set input.encoding=NAME"),
        (b"x" * 5000, "read.too-long", "5,000"),
    ],
)
def test_what_is_no_text_is_rejected_with_the_remedy(tmp_path: Path, data: bytes, reason: str, remedy: str) -> None:
    (tmp_path / "a").write_bytes(data)
    rows = rows_of(tmp_path / "a", max_document_bytes=4096)
    assert rows.texts == [None]
    assert rows.rejected[0].reason == reason
    assert remedy in rows.rejected[0].error
