"""Reading the items of benchmarks."""

import csv
import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusmill.config import ConfigError, load_config
from corpusmill.inputs.benchmarks import load_benchmarks
from tests.support import write_jsonl

QUESTION = "At what time does the ferry reach the other bank if it leaves at nine and waits ten minutes for the post?"


def test_items_are_read_from_every_format(tmp_path: Path) -> None:
    folder = tmp_path / "evals"
    write_jsonl(folder / "lines.jsonl", [{"question": QUESTION}])
    (folder / "packed.jsonl.gz").write_bytes(gzip.compress(json.dumps({"question": QUESTION}).encode()))
    (folder / "list.json").write_text(json.dumps([{"question": QUESTION, "answer": {"text": ["so", "it is"]}}]))
    pq.write_table(pa.table({"question": [QUESTION], "label": [3]}), folder / "columns.parquet")
    with open(folder / "table.csv", "w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([["id", "question"], ["7", QUESTION]])
    (folder / "tabs.tsv").write_text(f"id\tquestion\n8\t{QUESTION}\n", encoding="utf-8")
    found = load_benchmarks(load_config(None, [f"decontaminate.files=['{folder}']"]))
    assert found is not None
    assert [(report.benchmark, report.items) for report in found.reports] == [
        (name, 1) for name in ("columns", "lines", "list", "packed", "table", "tabs")
    ]
    texts = found.index.items["text"].to_pylist()
    assert texts == [QUESTION, QUESTION, f"{QUESTION}\nso\nit is", QUESTION, QUESTION, QUESTION]
    assert found.index.items["name"].to_pylist() == ["#1", "#1", "#1", "#1", "7", "8"]


def test_items_are_cleaned_as_documents_are(tmp_path: Path) -> None:
    benchmark = write_jsonl(tmp_path / "b.jsonl", [{"text": "Fish &amp; chips from ann@harbour.org"}])
    sets = [f"decontaminate.files=['{benchmark}']", "personal_data.mask=[email]"]
    found = load_benchmarks(load_config(None, sets))
    assert found is not None
    assert found.index.items["text"].to_pylist() == ["Fish & chips from <EMAIL>"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", '{"statement": "x"}\n', r"none of the fields text, question, .*; its items have statement\. Name"),
        ("a.jsonl", '{"text": "x"\n', "line 1, is not JSON"),
        ("a.jsonl", "[1]\n", "is not an object"),
        ("a.jsonl", "", "it holds no items"),
        ("a.parquet", "no", "is not a Parquet file"),
        ("a.txt", "text", "name of neither JSONL, Parquet, CSV nor TSV"),
    ],
)
def test_a_benchmark_that_cannot_be_read_is_named_with_the_remedy(
    tmp_path: Path, name: str, content: str, message: str
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(ConfigError, match=f"(?s)decontaminate.files: .*{message}"):
        load_benchmarks(load_config(None, [f"decontaminate.files=['{tmp_path / name}']"]))


def test_a_benchmark_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"decontaminate.files: .*nowhere\.jsonl' does not exist"):
        load_benchmarks(load_config(None, [f"decontaminate.files=['{tmp_path / 'nowhere.jsonl'}']"]))


def test_the_digest_follows_what_the_files_hold(tmp_path: Path) -> None:
    config = load_config(None, [f"decontaminate.files=['{tmp_path / 'b.jsonl'}']"])
    digests = set()
    for text in (QUESTION, QUESTION, f"{QUESTION} Or later?"):
        write_jsonl(tmp_path / "b.jsonl", [{"question": text}])
        found = load_benchmarks(config)
        assert found is not None
        digests.add(found.digest)
    assert len(digests) == 2
    assert load_benchmarks(load_config(None)) is None
