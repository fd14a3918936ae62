import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusmill.reports.originals import read_original
from corpusmill.transforms.kernels.reading.settings import InputSettings
from tests.support import rows, run_corpus, write_jsonl

pytestmark = pytest.mark.beam

TEXTS = [f"Page {k}: caf\u00c3\u00a9 on the quay, number {k * k}.\n\nGet link" for k in range(40)]
RECORDS = [{"id": f"page/{k}", "text": text} for k, text in enumerate(TEXTS)]


def originals(tmp_path: Path) -> dict[str, str | None]:
    run_corpus(tmp_path / "in", tmp_path / "out", "dedup.enabled=false")
    return {row["id"]: read_original(row, InputSettings()) for row in rows(tmp_path / "out", "audit")}


WANTED = {record["id"]: record["text"] for record in RECORDS}


def test_a_record_of_json_lines_is_found_where_it_stands(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "in" / "pages.jsonl", RECORDS)
    assert originals(tmp_path) == WANTED


def test_a_record_of_a_compressed_file_is_found(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    data = "".join(json.dumps(record) + "\n" for record in RECORDS).encode()
    (tmp_path / "in" / "pages.jsonl.gz").write_bytes(gzip.compress(data))
    assert originals(tmp_path) == WANTED


def test_a_row_of_a_parquet_file_is_found_in_its_row_group(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    pq.write_table(pa.Table.from_pylist(RECORDS), tmp_path / "in" / "pages.parquet", row_group_size=7)
    assert originals(tmp_path) == WANTED


def test_a_source_that_is_gone_or_changed_gives_nothing(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "in" / "pages.jsonl", RECORDS)
    run_corpus(tmp_path / "in", tmp_path / "out", "dedup.enabled=false")
    (row, *_) = rows(tmp_path / "out", "audit")
    write_jsonl(path, [{"id": "page/0", "text": "another"}])
    assert read_original(row, InputSettings()) is None
    path.unlink()
    assert read_original(row, InputSettings()) is None
